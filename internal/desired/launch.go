package desired

import (
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
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
	return quotation(p.text(p.c.Release.Notes))
}

func quotation(text string) string {
	if text == "" {
		return ""
	}
	return "> " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n> "), "> \n", ">\n")
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
	when := p.embargoWords()
	if when == "" {
		return ""
	}
	return "Nothing may be published before **" + when + "**."
}

// embargoWords says the moment in UTC, and as clocks show it where the config says people work,
// or else where the spec sets it.
func (b builder) embargoWords() string {
	t, err := time.Parse(time.RFC3339, b.c.Press.Embargo)
	if err != nil {
		return ""
	}
	clock := "15:04"
	if t.Second() != 0 {
		clock = "15:04:05"
	}
	when := t.UTC().Format("Monday 2 January 2006, "+clock) + " UTC"
	if zone := b.Config.Calendar.Zone(); zone != nil {
		if local := t.In(zone); local.Format(time.DateTime) != t.UTC().Format(time.DateTime) {
			when += " (" + local.Format("Mon 2 Jan, "+clock) + " in " + zone.String() + ")"
		}
		return when
	}
	if _, offset := t.Zone(); offset != 0 {
		when += " (" + t.Format("Mon 2 Jan, "+clock+" UTC-07:00") + " where the spec sets it)"
	}
	return when
}

func (p page) campaign() string {
	m := p.c.Marketing
	launch := ""
	if m.LaunchDate != "" {
		launch = "Launch: **" + line(written(m.LaunchDate)) + "**"
	}
	return paragraphs(line(m.Campaign), launch)
}

// mustBeReady lists the tickets that the stage waits for besides the decision itself, by name:
// all may be made in one go, before any has a number. How they stand is shown by the capability
// issue, so the text need not change when one is done.
func (p page) mustBeReady() string {
	var out []string
	for _, s := range p.Status.Steps {
		for _, t := range s.Tickets {
			if t.Due && !t.Approval && t.Stage == p.t.Stage && p.gates(t) {
				out = append(out, t.Title)
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return p.bullets(out) + "\n\nHow they stand is shown in " + ticket.Mention(p.key()) + "; what was closed as not planned was dropped."
}

// gates tells whether a ticket must be done before its stage is left.
func (p page) gates(t pipeline.Ticket) bool {
	switch when := t.Stock.Gates; when {
	case "":
		return true
	case "never":
		return false
	default:
		return pipeline.Has(p.c, when)
	}
}
