package apply

import (
	"context"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// update changes, closes and reopens the tickets of the groups that pick chooses and that were
// not carried out yet. Each is read again, with its capability issue where that is written
// next, right before it is written.
func (e *engine) update(ctx context.Context, groups []*plan.Group, reserve int, pick func(plan.Change) bool) {
	var todo []plan.Change
	heads := map[ticket.Key]plan.Change{} // by the last ticket of their group
	for _, g := range groups {
		before := len(todo)
		for _, c := range g.Changes {
			_, done := e.byKey[c.Key]
			if !done && c.Action != plan.Keep && c.Action != plan.Create && !c.Key.IsCapability() && pick(c) {
				todo = append(todo, c)
			}
		}
		if c, ok := g.Head(); ok && len(todo) > before && e.ctx.Refs[c.Key] != "" {
			heads[todo[len(todo)-1].Key] = c
		}
	}
	for part := range slices.Chunk(todo, batch) {
		if !e.may(ctx, 1, reserve) {
			return
		}
		reading := slices.Clone(part)
		for _, c := range part {
			if head, ok := heads[c.Key]; ok && !e.isFresh(head.Key) {
				reading = append(reading, head)
			}
		}
		if !e.reread(ctx, reading) {
			return
		}
		e.updatePart(ctx, part, reserve)
	}
}

func (e *engine) updatePart(ctx context.Context, part []plan.Change, reserve int) {
	var edits []edit
	for _, c := range part {
		now, here := e.fresh[c.Key]
		if !here {
			e.note(c, Failed, gone(c), nil)
			continue
		}
		patch, fields := e.again(c, now)
		if patch.Empty() {
			e.note(c, Done, "", nil)
			continue
		}
		if !e.may(ctx, e.cost(patch), reserve) {
			break
		}
		e.spend(e.cost(patch))
		c.Fields = fields
		edits = append(edits, edit{change: c, patch: patch, base: now, again: func(now ticket.Observed) (ticket.Patch, error) {
			patch, _ := e.again(c, now)
			return patch, nil
		}})
	}
	for i, answer := range e.send(ctx, edits) {
		if answer.Err != nil {
			s, text := e.fail(ctx, answer.Err)
			e.note(edits[i].change, s, text, nil)
			continue
		}
		e.note(edits[i].change, Done, "", answer.Dropped)
	}
}

func gone(c plan.Change) string {
	return string(c.Ref) + " is gone since it was listed; the next run makes it anew"
}

// reread reads the tickets of the changes as they are now. An outage ends the run.
func (e *engine) reread(ctx context.Context, changes []plan.Change) bool {
	var refs []ticket.Ref
	for _, c := range changes {
		refs = append(refs, e.ctx.Refs[c.Key])
	}
	answers, err := e.r.Get(ctx, refs)
	if err != nil {
		e.fail(ctx, err)
		if e.stopped == "" {
			e.stopped = err.Error()
		}
		return false
	}
	for i, a := range answers {
		key := changes[i].Key
		before, had := e.fresh[key]
		if !had {
			before = changes[i].Observed
		}
		delete(e.fresh, key)
		if a.Err == nil {
			e.see(key, counted(a.Ticket, before))
		}
	}
	return true
}

// counted gives a ticket with the counts that only a list tells.
func counted(now, before ticket.Observed) ticket.Observed {
	now.Blocked = max(now.Blocked, before.Blocked)
	now.Children = max(now.Children, before.Children)
	return now
}

// see keeps a ticket as it is now.
func (e *engine) see(key ticket.Key, o ticket.Observed) {
	e.fresh[key], e.seen[key] = o, e.now()
}

// again compares a change with the ticket as it is now.
func (e *engine) again(c plan.Change, now ticket.Observed) (ticket.Patch, []plan.Field) {
	c.Observed = now
	if c.Desired.Key != "" {
		patch, fields := plan.Diff(c, e.ctx)
		patch.AddLabels = e.defined(patch.AddLabels)
		return patch, fields
	}
	if now.State != ticket.Open {
		return ticket.Patch{}, nil
	}
	return c.Patch, c.Fields
}

// defined leaves out the labels that this run could not make; the next run puts them on.
func (e *engine) defined(labels []string) []string {
	return slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return slices.Contains(e.undefined, l) })
}
