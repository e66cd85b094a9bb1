package github

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// looks is how long to wait before each look for something whose creation is uncertain. A
// request that timed out may still be applied, and lists lag behind: they span over a minute.
var looks = [...]time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second}

// lookBack is how much older than this run a found issue may be, since clocks differ.
const lookBack = 15 * time.Minute

// find looks for jobs whose outcome is unknown until all are found or the looks are used up.
// Found ones are adopted; the others stay unknown.
func (t *Tracker) find(ctx context.Context, jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	for _, wait := range looks {
		if wait > 0 {
			if err := t.sleep(ctx, wait); err != nil {
				break
			}
		}
		t.look(ctx, jobs)
		if len(open(jobs)) == 0 {
			return
		}
	}
	for _, j := range open(jobs) {
		j.refuse(&ticket.Error{
			Kind: ticket.Unknown, Detail: "the answer was lost, and the ticket was not found afterwards",
			Next: "the next run looks for it again before it makes it",
		})
	}
}

// look reads the token's own newest issues once and adopts those that carry a wanted key. A
// look that fails finds nothing.
func (t *Tracker) look(ctx context.Context, jobs []*job) {
	where := t.snapshot()
	values := url.Values{"state": {"all"}, "sort": {"created"}, "direction": {"desc"}, "per_page": {"100"}}
	if where.Writer.Login != "" {
		values.Set("creator", where.Writer.Login)
	}
	oldest := t.started.Add(-lookBack)
	found := map[ticket.Key]ticket.Observed{}
	for next := t.path("issues") + "?" + values.Encode(); next != ""; {
		var page []restIssue
		resp, err := t.rest(ctx, http.MethodGet, next, nil, &page)
		if err != nil {
			break
		}
		next, err = t.nextLink(resp.Header.Get("Link"))
		if err != nil {
			break
		}
		for _, i := range page {
			if i.CreatedAt.Before(oldest) {
				next = ""
				continue
			}
			m := ticket.ParseBody(i.Body).Marker
			if i.PullRequest != nil || m.Repository != where.ID || !t.here(i) {
				continue
			}
			if old, ok := found[m.Key]; !ok || i.Number < old.Number {
				found[m.Key] = t.observed(i)
			}
		}
	}
	for _, j := range open(jobs) {
		if o, ok := found[j.draft.Key]; ok {
			if full, err := t.filled(ctx, o); err == nil {
				o = full // without its links it is found all the same
			}
			j.succeed(o)
		}
	}
}
