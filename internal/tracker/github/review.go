package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Review is what one person decided about a pull request last.
type Review struct {
	Author   ticket.Account
	Approved bool   // else changes were requested, or the decision was taken back
	Commit   string // what they looked at; empty if that is gone
}

// restReview is one review as GitHub lists it.
type restReview struct {
	ID          int64
	User        *restAccount
	State       string
	CommitID    string    `json:"commit_id"`
	SubmittedAt time.Time `json:"submitted_at"`
}

// Reviews gives the newest decision of each person about a pull request, the earliest of them
// first. A review that only comments decides nothing; those of deleted accounts are nobody's and
// left out.
func (t *Tracker) Reviews(ctx context.Context, number int) ([]Review, error) {
	all, err := pages[restReview](ctx, t, t.path("pulls", number, "reviews")+"?per_page=100")
	if err != nil {
		return nil, fail(pulls(err), fmt.Sprintf("read the reviews of pull request #%d", number), "")
	}
	slices.SortStableFunc(all, func(a, b restReview) int {
		return cmp.Or(a.SubmittedAt.Compare(b.SubmittedAt), cmp.Compare(a.ID, b.ID))
	})
	var out []Review
	for _, r := range all {
		if r.User == nil || r.User.account().ID == 0 {
			continue
		}
		switch r.State {
		case "APPROVED", "CHANGES_REQUESTED", "DISMISSED":
		default: // a comment, or one that is not submitted yet
			continue
		}
		who := r.User.account()
		out = slices.DeleteFunc(out, func(o Review) bool { return o.Author.ID == who.ID })
		out = append(out, Review{Author: who, Approved: r.State == "APPROVED", Commit: r.CommitID})
	}
	return out, nil
}

// pulls names the permission that reviews take. To a token that may not see them GitHub also says
// that there is no such place.
func pulls(err error) error {
	e, ok := errors.AsType[*ticket.Error](err)
	if !ok || e.Kind != ticket.Gone && (e.Kind != ticket.Unauthorised || !strings.Contains(e.Next, "permissions:")) {
		return err
	}
	named := *e
	named.Kind, named.Next = ticket.Unauthorised, "give the job `permissions: pull-requests: read`"
	return &named
}
