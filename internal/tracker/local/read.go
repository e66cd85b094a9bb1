package local

import (
	"context"
	"errors"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// List gives the tickets that match, in ascending number. Labels and logins are compared
// without case; with both given, both must match.
func (t *Tracker) List(ctx context.Context, q ticket.Query) ([]ticket.Observed, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, asFailure(err, "list tickets")
	}
	all, err := t.load()
	if err != nil {
		return nil, asFailure(err, "list tickets")
	}
	children := family(all)
	var out []ticket.Observed
	var errs []error
	for _, n := range sortedNumbers(all) {
		h := all[n].Head
		if (q.Label == "" || record.HasFold(h.Labels, q.Label)) && (q.Author == "" || strings.EqualFold(h.Author, q.Author)) {
			o, err := t.observe(all[n], all, children)
			if o.UpdatedAt.Before(q.Since) {
				continue
			}
			out, errs = append(out, o), append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, asFailure(err, "list tickets")
	}
	return out, nil
}

// Get reads tickets by ref, in the order asked; one that is not there is Gone at its place.
func (t *Tracker) Get(ctx context.Context, refs []ticket.Ref) ([]ticket.Created, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, asFailure(err, "get tickets")
	}
	all, err := t.load()
	if err != nil {
		return nil, asFailure(err, "get tickets")
	}
	children := family(all)
	out := make([]ticket.Created, len(refs))
	for i, ref := range refs {
		if found := all[record.Number(ref)]; found != nil {
			if out[i].Ticket, err = t.observe(found, all, children); err != nil {
				return nil, asFailure(err, "get tickets")
			}
		} else {
			out[i].Err = gone("get", ref)
		}
	}
	return out, nil
}
