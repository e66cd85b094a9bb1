package apply

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// update changes, closes and reopens the tickets of the groups. Each is read again, in
// batches, right before it is written.
func (e *engine) update(ctx context.Context, groups []*plan.Group) {
	var todo []plan.Change
	for _, g := range groups {
		for _, c := range g.Changes {
			if c.Action != plan.Keep && c.Action != plan.Create && !c.Key.IsCapability() {
				todo = append(todo, c)
			}
		}
	}
	kept := reserve(groups)
	for part := range slices.Chunk(todo, batch) {
		if !e.may(ctx, cost(part[0].Patch), kept) || !e.reread(ctx, part) {
			return
		}
		for _, c := range part {
			e.updateOne(ctx, c, kept)
		}
	}
}

func (e *engine) updateOne(ctx context.Context, c plan.Change, reserve int) {
	now, here := e.fresh[c.Key]
	if !here {
		e.note(c, Failed, string(c.Ref)+" is gone since it was listed; the next run makes it anew", nil)
		return
	}
	patch, fields := e.again(c, now)
	if patch.Empty() {
		e.note(c, Done, "", nil)
		return
	}
	if !e.may(ctx, cost(patch), reserve) {
		return
	}
	c.Fields = fields
	e.writes += cost(patch)
	after, err := e.w.Update(ctx, c.Ref, patch)
	if err != nil {
		s, text := e.fail(err)
		e.note(c, s, text, nil)
		return
	}
	e.fresh[c.Key] = after
	e.note(c, Done, "", nil)
}

// reread reads the tickets of the changes as they are now. An outage ends the run.
func (e *engine) reread(ctx context.Context, changes []plan.Change) bool {
	var refs []ticket.Ref
	for _, c := range changes {
		refs = append(refs, e.ctx.Refs[c.Key])
	}
	answers, err := e.r.Get(ctx, refs)
	if err != nil {
		e.fail(err)
		if e.stopped == "" {
			e.stopped = err.Error()
		}
		return false
	}
	for i, a := range answers {
		delete(e.fresh, changes[i].Key)
		if a.Err == nil {
			o := a.Ticket
			o.Blocked = max(o.Blocked, changes[i].Observed.Blocked)
			o.Children = max(o.Children, changes[i].Observed.Children)
			e.fresh[changes[i].Key] = o
		}
	}
	return true
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

// cost is how many writes a patch is counted as.
func cost(p ticket.Patch) int {
	n := len(p.RemoveLabels) + len(p.AddBlockedBy) + len(p.RemoveBlockedBy)
	for _, b := range []bool{
		p.Title != "" || p.Body != "" || p.State != "" || p.Milestone != "" || p.ClearMilestone || p.Type != "",
		len(p.AddLabels) > 0, len(p.AddAssignees) > 0, len(p.RemoveAssignees) > 0, p.Parent != "",
	} {
		if b {
			n++
		}
	}
	return n
}

// twins closes second issues with a ticket's key, each with a pointer to the one that stays.
func (e *engine) twins(ctx context.Context) {
	for _, t := range e.plan.Twins {
		if !e.may(ctx, 2, 0) {
			return
		}
		r := Result{Action: plan.Close, Key: t.Key, Ref: t.Ref, URL: t.Observed.URL, Title: t.Observed.Title, Status: Done}
		text := fmt.Sprintf("This is a second issue for `%s`. %s stays; this one is closed as its duplicate, with nothing deleted.", t.Key, t.Stays)
		err := e.comment(ctx, "", t.Ref, text)
		if err == nil {
			e.writes++
			_, err = e.w.Update(ctx, t.Ref, ticket.Patch{State: ticket.Duplicate, DuplicateOf: t.Stays})
		}
		if err != nil {
			r.Status, r.Error = e.fail(err)
		}
		e.results[t.Ref] = r
		if e.o.Progress != nil {
			e.o.Progress(r)
		}
	}
}

// comment writes a comment unless one of ours with the same text is there: a run that was cut
// after commenting does not comment again.
func (e *engine) comment(ctx context.Context, key ticket.Key, ref ticket.Ref, text string) error {
	h := fnv.New64a()
	h.Write([]byte(text))
	return e.sayOne(ctx, plan.Say{Key: key, Text: text, Mark: fmt.Sprintf("%016x", h.Sum64())}, ref)
}
