package apply

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// finish writes each group's capability issue: its text, which lists the tickets, and the
// record of what was done, last of all. What the record does not hold is done again.
func (e *engine) finish(ctx context.Context, groups []*plan.Group) {
	if e.dead {
		return
	}
	var stale []plan.Change
	for _, g := range groups {
		c, ok := g.Head()
		if ok && e.ctx.Refs[c.Key] != "" && e.fresh[c.Key].Ref == "" && (e.stopped == "" || e.begun(g)) {
			stale = append(stale, c)
		}
	}
	for part := range slices.Chunk(stale, batch) {
		if context.Cause(ctx) != nil || !e.reread(ctx, part) {
			return
		}
	}
	for _, g := range groups {
		e.finishOne(ctx, g, false)
	}
}

// finishOne writes one capability issue. The first time it draws on the reserve, and is done
// even where the budget has ended; again only within the budget.
func (e *engine) finishOne(ctx context.Context, g *plan.Group, again bool) {
	c, ok := g.Head()
	if !ok || e.dead || e.ctx.Refs[c.Key] == "" || !e.begun(g) && e.stopped != "" {
		return
	}
	now, here := e.fresh[c.Key]
	if !here {
		e.note(c, Failed, string(c.Ref)+" is gone since it was listed; the next run makes it anew", nil)
		return
	}
	if err := errors.Join(e.notes(ctx, g, c), e.say(ctx, g, false)); err != nil {
		s, text := e.fail(err)
		e.note(c, s, text, nil)
		return
	}
	g.Says = nil // said
	patch, fields, err := e.capability(g, c, now)
	if err != nil {
		e.note(c, Failed, err.Error(), nil)
		return
	}
	if patch.Empty() {
		if c.Action != plan.Keep && !again {
			e.note(c, Done, "", nil)
		}
		return
	}
	if context.Cause(ctx) != nil || (again || !e.begun(g)) && !e.may(ctx, cost(patch), 0) {
		if again { // it was written, and has to be once more: not one fate, but two
			e.order = append(e.order, Result{Action: plan.Update, Key: c.Key, Ref: now.Ref, URL: now.URL, Title: c.Title, Path: c.Path, Status: Pending, Fields: fields})
		}
		return
	}
	c.Fields = fields
	e.writes += cost(patch)
	after, err := e.w.Update(ctx, e.ctx.Refs[c.Key], patch)
	if err != nil {
		s, text := e.fail(err)
		e.note(c, s, text, nil)
		return
	}
	after.Blocked, after.Children = max(after.Blocked, now.Blocked+len(patch.AddBlockedBy)), max(after.Children, now.Children)
	e.fresh[c.Key] = after
	if c.Desired.Key != "" {
		applied := g.Record(e.ctx, func(plan.Change) bool { return true }, e.posted, e.fresh)
		g.Changes[0].Prior, g.Changes[0].Known = applied.Tickets[""], true
	}
	if c.Action != plan.Keep && !again {
		e.note(c, Done, "", nil)
	}
}

// reserve is how many writes it takes to finish the groups: what is begun must be recorded.
func reserve(groups []*plan.Group) int {
	n := 0
	for _, g := range groups {
		c, ok := g.Head()
		if !ok {
			continue
		}
		n += max(1, cost(c.Patch))
		if c.Action == plan.Create {
			n += len(c.Desired.BlockedBy)
		}
		if len(g.Notes) > 0 {
			n++
		}
	}
	return n
}

// begun tells whether anything of the group was carried out in this run, so that it must be
// recorded even where the budget has ended: the reserve is kept for that.
func (e *engine) begun(g *plan.Group) bool {
	return slices.ContainsFunc(g.Changes, func(c plan.Change) bool {
		return e.byKey[c.Key].Status == Done || c.Action == plan.Create && c.Key.IsCapability() && e.ctx.Refs[c.Key] != ""
	})
}

// capability gives the patch of a capability issue: its fields, and its text with the record.
func (e *engine) capability(g *plan.Group, c plan.Change, now ticket.Observed) (ticket.Patch, []plan.Field, error) {
	applied := g.Record(e.ctx, func(other plan.Change) bool {
		return other.Key == c.Key || e.byKey[other.Key].Status == Done
	}, e.posted, e.fresh)
	c.Observed = now
	block, err := plan.Block(c, now.Body, applied)
	if err != nil {
		return ticket.Patch{}, nil, err
	}
	if c.Desired.Key != "" {
		c.Desired.Block = block
	}
	patch, fields := e.again(c, now)
	patch.Body = "" // the one with the record of what was really done
	merged := ticket.MergeBody(now.Body, e.ctx.Marker(c.Key), ticket.Resolve(block, e.ctx.Refs))
	if !ticket.SameBody(merged, now.Body) {
		patch.Body = merged
	}
	return patch, fields, nil
}

// notes comments what was carried out; what was not is said by the run that does it.
func (e *engine) notes(ctx context.Context, g *plan.Group, c plan.Change) error {
	var lines []string
	for _, n := range g.Notes {
		i := slices.IndexFunc(g.Changes, func(c plan.Change) bool { return c.Key == n.Key })
		if i < 0 || g.Changes[i].Action == plan.Keep || e.byKey[n.Key].Status == Done {
			lines = append(lines, "- "+ticket.Resolve(n.Text, e.ctx.Refs))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return e.comment(ctx, c.Key, e.ctx.Refs[c.Key], strings.Join(lines, "\n"))
}

// relink writes capability issues again that name issues made after them: dependencies run
// across capabilities, and in waves not all are there yet.
func (e *engine) relink(ctx context.Context, groups []*plan.Group) {
	for _, g := range groups {
		if c, ok := g.Head(); ok && e.byKey[c.Key].Status == Done && c.Desired.Key != "" {
			g.Notes = nil // said already
			e.finishOne(ctx, g, true)
		}
	}
}
