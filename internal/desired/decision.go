package desired

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// decision says on an approval ticket what is decided on, since when it stands like this, who
// has approved it, and how to decide.
func (p page) decision() string {
	a, ok := p.Status.Approvals[p.t.Key]
	if !ok {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Decides on content %s, as it stands since %s.", markdown.Code(a.Hash), a.Since.UTC().Format("2 Jan 2006 15:04 MST"))
	if a.Stale {
		b.WriteString(" It was approved, and has changed since")
		if a.Before != nil {
			b.WriteString(": " + strings.Join(coded(pipeline.Changed(a.Before, a.Saw)), ", "))
		}
		b.WriteString(".")
	}
	if who := approvedNames(a); len(who) > 0 {
		fmt.Fprintf(&b, " Approved by %s.", strings.Join(who, ", "))
	}
	if missing := a.Needed - len(a.By); missing > 0 && a.Needed > 1 {
		fmt.Fprintf(&b, " %d more of %d approvals needed.", missing, a.Needed)
	}
	b.WriteString("\n\nTo approve, comment `/approve` or set the label `approved`.")
	if len(p.stage.RejectTo) > 0 {
		b.WriteString(" To reject, comment `/reject reason`")
		if len(p.stage.RejectTo) > 1 {
			b.WriteString(", with `to:STAGE` first to choose between " + strings.Join(coded(p.stage.RejectTo), " and "))
		}
		b.WriteString("; `tickets:key,key` names what is to be done again.")
	}
	if who := deciders(p.t.Approvers); who != "" {
		b.WriteString("\nWho decides: " + who + ".")
	}
	return b.String()
}

func approvedNames(a pipeline.Approval) []string {
	var out []string
	for _, e := range a.By {
		if who := markdown.Code(e.Who); !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	return out
}

func coded(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = markdown.Code(t)
	}
	return out
}

// deciders names those who may decide, in words.
func deciders(approvers []string) string {
	var out []string
	for _, a := range approvers {
		who := markdown.Code(strings.TrimPrefix(a, "@"))
		if role, ok := strings.CutPrefix(a, "role:"); ok {
			who = "role " + markdown.Code(role) + " or higher"
		}
		if !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	return strings.Join(out, ", ")
}

// rework says why a ticket was made to do something again.
func (p page) rework() string {
	e := p.t.Rework
	who := "It was sent back"
	if e.Who != "" {
		who = markdown.Code(e.Who) + " sent it back"
	}
	s := who + " from " + line(stageName(p.Config, e.From)) + " on " + fullDay(e.At.UTC()) + "."
	if e.Why != "" {
		s += "\n\n" + p.text(e.Why)
	}
	return s
}

// heldUp lists what keeps the capability in its stage.
func (p page) heldUp() string {
	var b strings.Builder
	for _, text := range p.Status.Blockers {
		within, rest, ok := strings.Cut(strings.TrimPrefix(text, "#"), " ")
		if strings.HasPrefix(text, "#") && ok {
			b.WriteString("- " + ticket.Mention(ticket.Key(p.c.ID+"/"+within)) + " " + markdown.Line(rest) + "\n")
			continue
		}
		b.WriteString("- " + markdown.Line(text) + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// stateMark shows how a ticket stands in front of its number.
func stateMark(t pipeline.Ticket) string {
	switch t.State {
	case ticket.Completed:
		return "✅ "
	case ticket.NotPlanned, ticket.Duplicate:
		return "🚫 "
	}
	return ""
}
