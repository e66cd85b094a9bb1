package desired

import (
	"fmt"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Together is the release that a capability goes out with: all capabilities of its product and
// version. The zero value is for one without a version.
type Together struct {
	Late  []Late        // other capabilities that are not ready for it, by id
	Costs cogs.Overview // of all of them that are not cancelled
}

// Late is a capability that is meant for a release and does not make it as things stand.
type Late struct {
	ID    string
	Title string
	Why   string // "on hold", "cancelled"; empty for one that has not got there
}

// leftBehind lists the other capabilities of the version that are not ready for it. Where exactly
// they stand is shown by their own issues, so that not every step of theirs changes this text.
func (p page) leftBehind() string {
	var out []string
	for i, l := range p.Together.Late {
		if i == maxItem {
			out = append(out, fmt.Sprintf("- and %d more", len(p.Together.Late)-i))
			break
		}
		s := "- " + ticket.Mention(ticket.Key(l.ID)) + " " + line(l.Title) + " (" + markdown.Code(l.ID) + ")"
		if l.Why != "" {
			s += ": " + l.Why
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

// releaseCosts is what all capabilities of the version together cost to run.
func (p page) releaseCosts() string {
	o := p.Together.Costs
	if public(p.t) || o.Capabilities == 0 || o.Capabilities+o.Unknown < 2 {
		return "" // alone, its own costs say it
	}
	s := fmt.Sprintf("**%s/month** for the %d capabilities of %s with an estimate", o.Monthly, o.Capabilities, line(p.c.Product()+" "+p.c.Release.Version))
	if o.Capabilities == 1 {
		s = fmt.Sprintf("**%s/month** for the one capability of %s with an estimate", o.Monthly, line(p.c.Product()+" "+p.c.Release.Version))
	}
	if n := o.Unknown; n == 1 {
		s += "; one has none"
	} else if n > 1 {
		s += fmt.Sprintf("; %d have none", n)
	}
	var rows [][]string
	for _, k := range o.Kinds {
		rows = append(rows, []string{cell(strings.ReplaceAll(k.Name, "_", " ")), k.Monthly.String()})
	}
	s += "."
	if o.Billed.Capabilities > 0 {
		s += " Billed: " + o.Billed.String() + "."
	}
	if len(rows) < 2 {
		return s
	}
	return paragraphs(s, markdown.Table([]string{"Kind", "Monthly"}, rows, 1))
}
