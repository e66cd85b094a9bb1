package plan

import (
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Record gives what to hide in the capability issue once the changes for which done holds are
// carried out. Changes that are not done keep what was recorded before, and with any of them
// the spec does not count as applied. posted is how many comments this run has written on
// each ticket: they need not be read again. written gives a ticket as this run wrote it; its
// time, the tracker's own, is when people could first see what it shows now.
func (g Group) Record(ctx Context, done func(Change) bool, posted map[ticket.Key]int, written map[ticket.Key]ticket.Observed) ticket.Applied {
	next := g.Next
	next.Comments += posted[ticket.Key(g.Capability)]
	next.Tickets = map[string]ticket.Touched{}
	next.Refs = g.named(ctx)
	for _, c := range g.Changes {
		if c.Action != Keep && !done(c) {
			next.Hash, next.Commit = g.Prior.Hash, g.Prior.Commit
			next.Gone, next.Notes = g.Prior.Gone, g.Prior.Notes
			if c.Known {
				next.Tickets[c.Key.Within()] = c.Prior
			}
			continue
		}
		if touched, ok := g.touched(c, ctx); ok {
			if !c.Key.IsCapability() {
				touched.Comments += posted[c.Key]
				if o, ok := written[c.Key]; ok && touched.Hash != "" && touched.HashShown == "" && !o.UpdatedAt.IsZero() {
					touched.HashShown = o.UpdatedAt.UTC().Format(time.RFC3339)
				}
			}
			next.Tickets[c.Key.Within()] = touched
		}
	}
	return next
}

func (g Group) touched(c Change, ctx Context) (ticket.Touched, bool) {
	ref := ctx.Refs[c.Key]
	if ref == "" {
		return ticket.Touched{}, false
	}
	if c.Desired.Key == "" { // unwanted or not due: what was applied last still is
		t := c.Prior
		if cached, ok := g.Cache[c.Key]; ok {
			t = cached
		}
		t.Ref = ref
		t.Closed = t.Closed || c.Desired.State == ticket.NotPlanned
		return t, true
	}
	t := g.Cache[c.Key]
	t.Ref, t.Closed, t.BlockedBy = ref, false, nil
	t.Assignees, t.Extra, t.Milestone = c.Desired.Assignees, c.Desired.Extra, c.Desired.Milestone
	for _, key := range c.Desired.BlockedBy {
		if blocker := ctx.Refs[key]; blocker != "" && ctx.Repository.Features.Dependencies {
			t.BlockedBy = append(t.BlockedBy, blocker)
		}
	}
	return t, true
}

// uncounted gives a state with what was looked at as it was recorded before.
func (g Group) uncounted(a ticket.Applied) ticket.Applied {
	a.Comments = g.Prior.Comments
	for within, t := range a.Tickets {
		was := g.Prior.Tickets[within]
		t.Comments, t.Seen = was.Comments, was.Seen
		a.Tickets[within] = t
	}
	return a
}

// named gives the refs of the other capabilities that the text of this one names: a run that
// looks at this capability alone needs them to write the same text.
func (g Group) named(ctx Context) map[string]ticket.Ref {
	var out map[string]ticket.Ref
	c, ok := g.Head()
	if !ok {
		return nil
	}
	for _, key := range ticket.Mentions(c.Desired.Block) {
		if ref := ctx.Refs[key]; ref != "" && key.IsCapability() && key != c.Key {
			if out == nil {
				out = map[string]ticket.Ref{}
			}
			out[string(key)] = ref
		}
	}
	return out
}

// Head gives the change of the capability issue itself.
func (g Group) Head() (Change, bool) {
	if len(g.Changes) > 0 && g.Changes[0].Key.IsCapability() {
		return g.Changes[0], true
	}
	return Change{}, false
}

// Block gives the block of the capability issue with the state hidden at its end. A capability
// whose spec is gone keeps the text that it has, as does one that is closed and stays so.
func Block(c Change, existing string, applied ticket.Applied) (string, error) {
	block := c.Desired.Block
	closed := c.Observed.State != "" && c.Observed.State != ticket.Open && c.Desired.State != ticket.Open
	if c.Desired.Key == "" || closed {
		block = ticket.WithoutState(ticket.ParseBody(existing).Block)
	}
	line, err := applied.Hide()
	if err != nil {
		return "", err
	}
	return strings.TrimRight(block, "\n") + "\n\n" + line, nil
}

// record plans the capability issue's own text, which lists the tickets and hides the state.
// With tickets still to be created it is certain to change; apply writes it last.
func (b *builder) record(g *Group) {
	c, ok := g.Head()
	if !ok || c.Action == Create {
		return
	}
	pending, still := false, true
	for i, other := range g.Changes {
		pending = pending || other.Action == Create
		still = still && (i == 0 || other.Action == Keep)
	}
	applied := g.Record(b.plan.Context, func(Change) bool { return true }, nil, nil)
	if g.Quiet && still {
		applied = g.uncounted(applied)
	}
	block, err := Block(c, c.Observed.Body, applied)
	if err != nil {
		return
	}
	merged := ticket.MergeBody(c.Observed.Body, b.plan.Context.Marker(c.Key), ticket.Resolve(block, b.plan.Context.Refs))
	c.Patch.Body = ""
	fields := c.Fields[:0:0]
	for _, f := range c.Fields {
		if f.Name != "body" {
			fields = append(fields, f)
		}
	}
	if pending || !ticket.SameBody(merged, c.Observed.Body) {
		c.Patch.Body = merged
		if is, will := size(c.Observed.Body), resized(c.Observed.Body, merged); is != will { // else only the hidden record differs
			fields = append(fields, Field{Name: "body", Before: is, After: will})
		}
		if c.Action == Keep {
			c.Action, c.Reason = Update, "its text or its record of the tickets differs"
		}
	} else if c.Action == Update && c.Patch.Empty() {
		c.Action, c.Reason = Keep, "as the spec says"
	}
	c.Fields = fields
	g.Changes[0] = c
}
