package desired

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// ContextInput is what a pull request that names a capability should tell about it.
type ContextInput struct {
	File       *capability.File
	Config     *config.Config
	Repository ticket.Repository
	Stage      string            // where it stands; empty when unknown
	Since      time.Time         // when it got there; may be zero
	Issue      ticket.Ref        // the capability issue; empty while there is none
	Tickets    []ticket.Observed // its open tickets in build, in order
}

// Bounds of the context of one capability.
const (
	maxContext = 12_000 // bytes
	maxWork    = 20     // open tickets
)

// Context gives the context bundle of a capability for a code pull request, as Markdown below a
// heading of the third level: what it is, where it stands, where to look, what is open in build,
// and what must hold in the end.
func Context(in ContextInput) string {
	b := newBuilder(Input{File: in.File, Config: in.Config, Repository: in.Repository})
	p := page{builder: b, t: pipeline.NoTicket()}
	heading := "### " + markdown.Line(b.c.ID+": "+clip(b.c.Title, maxCell))
	rows := [][]string{}
	if in.Stage != "" {
		where := cell(stageName(in.Config, in.Stage))
		if !in.Since.IsZero() {
			where += ", since " + fullDay(in.Since.UTC())
		}
		rows = append(rows, []string{"Stage", where})
	}
	rows = append(rows, b.facts(true, true)...)
	issue := cmp.Or(string(in.Issue), "not made yet")
	parts := []string{heading, markdown.Table([]string{"Capability issue", issue}, rows), p.text(b.c.Summary),
		under("Open in "+line(stageName(in.Config, "build")), work(in.Tickets)), under("Acceptance criteria", p.acceptanceText())}
	if b.c.Status == "on_hold" || b.c.Status == "cancelled" {
		parts = slices.Insert(parts, 1, "> [!WARNING]\n> Its spec says "+markdown.Code("status: "+b.c.Status)+".")
	}
	text, short := markdown.Cut(paragraphs(parts...), maxContext)
	if short {
		text += "\n\n" + p.more()
	}
	return text
}

// work lists open tickets with who has them.
func work(tickets []ticket.Observed) string {
	var out []string
	for i, o := range tickets {
		if i == maxWork {
			out = append(out, fmt.Sprintf("- and %d more", len(tickets)-i))
			break
		}
		var who []string
		for _, a := range o.Assignees {
			who = append(who, markdown.Code(a))
		}
		l := "- " + string(o.Ref) + " " + line(o.Title)
		if len(who) > 0 {
			l += " (" + strings.Join(who, ", ") + ")"
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}
