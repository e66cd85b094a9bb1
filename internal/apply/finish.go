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
// record of what was done, last of all. What the record does not hold is done again. The first
// time it draws on the reserve, and is done even where the budget has ended for groups that
// are begun; again only within the budget.
func (e *engine) finish(ctx context.Context, groups []*plan.Group, again bool) {
	var due []*plan.Group
	for _, g := range groups {
		if c, ok := g.Head(); ok && e.ctx.Refs[c.Key] != "" && (e.stopped == "" || e.begun(g)) {
			due = append(due, g)
		}
	}
	for i := 0; i < len(due); i += batch {
		e.finishPart(ctx, due[i:min(i+batch, len(due))], due[i:], again)
	}
}

// finishPart writes some capability issues; coming are these and those that are next.
func (e *engine) finishPart(ctx context.Context, part, coming []*plan.Group, again bool) {
	if e.dead || e.ended(ctx) {
		return
	}
	var said []*plan.Group
	for _, g := range part {
		c, _ := g.Head()
		if err := errors.Join(e.notes(ctx, g, c), e.say(ctx, g, false)); err != nil {
			s, text := e.fail(ctx, err)
			e.note(c, s, text, nil)
			continue
		}
		g.Notes, g.Says = nil, nil // said
		said = append(said, g)
	}
	if e.dead || !e.refresh(ctx, said, coming) {
		return
	}
	var edits []edit
	var of []*plan.Group
	for _, g := range said {
		if d, ok := e.finishing(ctx, g, again); ok {
			edits, of = append(edits, d), append(of, g)
		}
	}
	for i, answer := range e.send(ctx, edits) {
		e.finished(ctx, of[i], edits[i], answer, again)
	}
}

// readAhead is how many issues are read at once where nobody can have begun to write on them.
const readAhead = 50

// refresh reads the capability issues of the groups again that were not read a moment ago, and
// with them those made in this run that come next.
func (e *engine) refresh(ctx context.Context, groups, coming []*plan.Group) bool {
	var stale []plan.Change
	for _, g := range groups {
		if c, _ := g.Head(); !e.isFresh(c.Key) {
			stale = append(stale, c)
		}
	}
	if len(stale) == 0 {
		return true
	}
	for _, g := range coming[min(len(coming), batch):] {
		if c, _ := g.Head(); e.made[c.Key] && len(stale) < readAhead && !e.isFresh(c.Key) {
			stale = append(stale, c)
		}
	}
	return e.reread(ctx, stale)
}

// finishing gives the edit that finishes a group; none where there is nothing to write.
func (e *engine) finishing(ctx context.Context, g *plan.Group, again bool) (edit, bool) {
	c, _ := g.Head()
	now, here := e.fresh[c.Key]
	if !here {
		e.note(c, Failed, gone(c), nil)
		return edit{}, false
	}
	patch, fields, err := e.capability(g, c, now)
	if err != nil {
		e.note(c, Failed, err.Error(), nil)
		return edit{}, false
	}
	if patch.Empty() {
		if c.Action != plan.Keep && !again {
			e.note(c, Done, "", nil)
		}
		return edit{}, false
	}
	if (again || !e.begun(g)) && !e.may(ctx, e.cost(patch), 0) {
		if again { // it was written, and has to be once more: not one fate, but two
			e.order = append(e.order, Result{Action: plan.Update, Key: c.Key, Ref: now.Ref, URL: now.URL, Title: c.Title, Path: c.Path, Status: Pending, Fields: fields})
		}
		return edit{}, false
	}
	e.spend(e.cost(patch))
	c.Fields = fields
	return edit{change: c, patch: patch, base: now, again: func(now ticket.Observed) (ticket.Patch, error) {
		patch, _, err := e.capability(g, c, now)
		return patch, err
	}}, true
}

// finished notes what became of a capability issue.
func (e *engine) finished(ctx context.Context, g *plan.Group, d edit, answer ticket.Created, again bool) {
	c := d.change
	if answer.Err != nil {
		s, text := e.fail(ctx, answer.Err)
		e.note(c, s, text, nil)
		return
	}
	if c.Desired.Key != "" {
		applied := g.Record(e.ctx, func(plan.Change) bool { return true }, e.posted, e.fresh)
		g.Changes[0].Prior, g.Changes[0].Known = applied.Tickets[""], true
	}
	if c.Action != plan.Keep && !again {
		e.note(c, Done, "", answer.Dropped)
	}
}

// begun tells whether anything of the group was carried out in this run, so that it must be
// recorded even where the budget has ended: the reserve is kept for that.
func (e *engine) begun(g *plan.Group) bool {
	return e.recorded[g.Capability] || slices.ContainsFunc(g.Changes, func(c plan.Change) bool {
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
	var stale []*plan.Group
	for _, g := range groups {
		c, ok := g.Head()
		if !ok || e.byKey[c.Key].Status != Done || c.Desired.Key == "" {
			continue
		}
		if patch, _, err := e.capability(g, c, e.fresh[c.Key]); err == nil && !patch.Empty() {
			stale = append(stale, g)
		}
	}
	if e.stopped == "" || len(stale) == 0 {
		e.finish(ctx, stale, true)
		return
	}
	for _, g := range stale {
		c, _ := g.Head()
		o := e.fresh[c.Key]
		e.order = append(e.order, Result{Action: plan.Update, Key: c.Key, Ref: o.Ref, URL: o.URL, Title: c.Title, Path: c.Path, Status: Pending})
	}
}
