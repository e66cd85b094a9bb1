package apply

import (
	"context"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// edit is one change of an issue that is there.
type edit struct {
	change plan.Change
	patch  ticket.Patch
	base   ticket.Observed                                 // what the patch was made from
	again  func(now ticket.Observed) (ticket.Patch, error) // the patch that is still needed
}

// How long what was read or written is taken to be as it was: a batch of ten takes ten seconds
// at the usual pace. On issues that were made a moment ago people have not begun to write.
const (
	freshFor    = 15 * time.Second
	newFreshFor = time.Minute
)

// isFresh tells whether a ticket need not be read again before it is written.
func (e *engine) isFresh(key ticket.Key) bool {
	if e.fresh[key].Ref == "" {
		return false
	}
	age := e.now().Sub(e.seen[key])
	return age <= freshFor || e.made[key] && age <= newFreshFor
}

// send carries out edits, in as few requests as the tracker can, and gives what became of each.
// An edit whose answer was lost is looked at, and sent once more if it was not done; what
// somebody saved at the same moment is put back.
func (e *engine) send(ctx context.Context, edits []edit) []ticket.Created {
	answers := e.updateAll(ctx, edits)
	e.retry(ctx, edits, answers)
	before := make([]ticket.Observed, len(edits))
	for i, d := range edits {
		before[i] = d.base
		before[i].Blocked += len(d.patch.AddBlockedBy)
	}
	e.restore(ctx, edits, answers)
	for i, a := range answers {
		if a.Err == nil {
			was := before[i]
			e.see(edits[i].change.Key, counted(a.Ticket, was))
		}
	}
	return answers
}

func (e *engine) updateAll(ctx context.Context, edits []edit) []ticket.Created {
	if len(edits) == 0 {
		return nil
	}
	list := make([]ticket.Edit, len(edits))
	for i, d := range edits {
		list[i] = ticket.Edit{Ref: d.base.Ref, Patch: d.patch, Base: d.base.Body}
	}
	if b, ok := e.w.(ticket.Batcher); ok {
		return b.UpdateAll(ctx, list)
	}
	out := make([]ticket.Created, len(list))
	for i, d := range list {
		out[i].Ticket, out[i].Err = e.w.Update(ctx, d.Ref, d.Patch)
		switch ticket.KindOf(out[i].Err) {
		case ticket.Unauthorised, ticket.RateLimited, ticket.Unavailable: // the others would meet it too
			for j := i + 1; j < len(out); j++ {
				out[j].Err = out[i].Err
			}
			return out
		}
	}
	return out
}

// retry looks at the edits whose answer was lost, and sends those once more that were not done.
func (e *engine) retry(ctx context.Context, edits []edit, answers []ticket.Created) {
	var lost []int
	var refs []ticket.Ref
	for i, a := range answers {
		if ticket.KindOf(a.Err) == ticket.Unknown {
			lost, refs = append(lost, i), append(refs, edits[i].base.Ref)
		}
	}
	if len(lost) == 0 || e.ended(ctx) {
		return
	}
	now, err := e.r.Get(ctx, refs)
	if err != nil {
		return
	}
	var todo []edit
	var at []int
	for n, i := range lost {
		if now[n].Err != nil {
			answers[i].Err = now[n].Err
			continue
		}
		is := counted(now[n].Ticket, edits[i].base)
		patch, err := edits[i].again(is)
		switch {
		case err != nil:
		case patch.Empty():
			answers[i] = ticket.Created{Ticket: is}
		case e.may(ctx, e.cost(patch), 0):
			e.spend(e.cost(patch))
			edits[i].patch, edits[i].base = patch, is
			todo, at = append(todo, edits[i]), append(at, i)
		}
	}
	for n, a := range e.updateAll(ctx, todo) {
		answers[at[n]] = a
	}
}

// restores is how often what people save at the same moment is put back into one issue.
const restores = 3

// restore merges what somebody saved between our reading and our writing back into the issue.
// It is done even where a budget is spent: nobody's text may be lost for it.
func (e *engine) restore(ctx context.Context, edits []edit, answers []ticket.Created) {
	for range restores {
		var todo []edit
		var at []int
		for i, a := range answers {
			if a.Err != nil || a.Overwritten == "" {
				continue
			}
			merged := ticket.Rejoin(edits[i].base.Body, edits[i].patch.Body, a.Overwritten, e.ctx.Marker(edits[i].change.Key), a.Own)
			if ticket.SameBody(merged, a.Ticket.Body) {
				answers[i].Overwritten = ""
				continue
			}
			again := edits[i]
			again.patch, again.base = ticket.Patch{Body: merged}, a.Ticket
			todo, at = append(todo, again), append(at, i)
		}
		if len(todo) == 0 {
			return
		}
		if e.ended(ctx) {
			break
		}
		e.spend(len(todo))
		for n, a := range e.updateAll(ctx, todo) {
			if a.Err == nil {
				a.Dropped = slices.Concat(answers[at[n]].Dropped, a.Dropped)
				answers[at[n]], edits[at[n]] = a, todo[n]
			}
		}
	}
	for i, a := range answers {
		if a.Err == nil && a.Overwritten != "" {
			answers[i].Err = &ticket.Error{
				Kind: ticket.Rejected, Act: "update", Key: edits[i].change.Key,
				Detail: "somebody saved " + string(edits[i].base.Ref) + " at the same moment, and their text could not be put back",
				Next:   "it is in the issue's edit history",
			}
		}
	}
}
