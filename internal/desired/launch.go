package desired

import (
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// The parts of a ticket about what goes out: release, documentation, press and marketing.

func (p page) shipping() string {
	r := p.c.Release
	var out []string
	if r.Version != "" {
		out = append(out, "- Version: **"+line(p.c.Product()+" "+r.Version)+"**")
	}
	if r.TargetDate != "" {
		out = append(out, "- Target date: "+line(written(r.TargetDate)))
	}
	return paragraphs(strings.Join(out, "\n"), under("What customers are told", p.releaseNotes()))
}

// releaseNotes is the customers' text in a quote, so that it is clear where it begins and ends.
func (p page) releaseNotes() string {
	notes := p.text(p.c.Release.Notes)
	if notes == "" {
		return ""
	}
	return "> " + strings.ReplaceAll(strings.ReplaceAll(notes, "\n", "\n> "), "> \n", ">\n")
}

func (p page) pages() string {
	var out []string
	for _, d := range p.c.Release.Docs {
		s := d.Page
		if strings.HasPrefix(s, "http") {
			s = markdown.Link(shortURL(s), s)
		} else {
			s = line(s)
		}
		if d.Reason != "" {
			s += ": " + line(d.Reason)
		}
		out = append(out, "- [ ] "+s)
	}
	return strings.Join(out, "\n")
}

// embargo says the moment in words, in the zone the spec names and in UTC.
func (p page) embargo() string {
	t, err := time.Parse(time.RFC3339, p.c.Press.Embargo)
	if err != nil {
		return ""
	}
	utc := t.UTC()
	when := utc.Format("Monday 2 January 2006, 15:04") + " UTC"
	if _, offset := t.Zone(); offset != 0 {
		when += " (" + t.Format("Mon 2 Jan, 15:04 UTC-07:00") + " where the spec sets it)"
	}
	return "Nothing may be published before **" + when + "**."
}

func (p page) headline() string { return markdown.Line(p.c.Press.Headline) }

func (p page) narrative() string { return p.text(p.c.Press.Narrative) }

func (p page) restrictions() string { return p.text(p.c.Press.Restrictions) }

func (p page) contacts() string { return p.bullets(p.c.Press.Contacts) }

func (p page) pressSteps() string {
	last := "- [ ] Publish"
	if p.embargo() != "" {
		last += ", not before the embargo ends"
	}
	return "- [ ] Draft written\n- [ ] Draft approved\n" + last
}

func (p page) campaign() string {
	m := p.c.Marketing
	launch := ""
	if m.LaunchDate != "" {
		launch = "Launch: **" + line(written(m.LaunchDate)) + "**"
	}
	return paragraphs(line(m.Campaign), launch)
}

func (p page) message() string { return p.text(p.c.Marketing.Message) }

func (p page) channels() string { return p.tasks(p.c.Marketing.Channels) }
