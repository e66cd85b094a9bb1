package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// twins closes second issues with a ticket's key, each with a pointer to the one that stays.
func (e *engine) twins(ctx context.Context) {
	for part := range slices.Chunk(e.plan.Twins, batch) {
		var edits []edit
		var told []plan.Twin
		for _, t := range part {
			if !e.may(ctx, 2, len(edits)) {
				break
			}
			text := fmt.Sprintf("This is a second issue for `%s`. %s stays; this one is closed as its duplicate, with nothing deleted.", t.Key, t.Stays)
			if err := e.comment(ctx, "", t.Ref, text); err != nil {
				e.twin(ctx, t, err)
				continue
			}
			closing := ticket.Patch{State: ticket.Duplicate, DuplicateOf: t.Stays}
			base := t.Observed
			base.Ref = t.Ref
			told = append(told, t)
			edits = append(edits, edit{
				change: plan.Change{Key: t.Key}, patch: closing, base: base,
				again: func(now ticket.Observed) (ticket.Patch, error) {
					if now.State != ticket.Open {
						return ticket.Patch{}, nil
					}
					return closing, nil
				},
			})
		}
		e.spend(len(edits))
		answers := e.updateAll(ctx, edits)
		e.retry(ctx, edits, answers)
		for i, a := range answers {
			e.twin(ctx, told[i], a.Err)
		}
	}
}

// twin notes what became of one.
func (e *engine) twin(ctx context.Context, t plan.Twin, err error) {
	r := Result{Action: plan.Close, Key: t.Key, Ref: t.Ref, URL: t.Observed.URL, Title: t.Observed.Title, Status: Done}
	if err != nil {
		r.Status, r.Error = e.fail(ctx, err)
	}
	e.results[t.Ref] = r
	if e.o.Progress != nil {
		e.o.Progress(r)
	}
}
