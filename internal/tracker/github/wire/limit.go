package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// The server books REST and GraphQL in separate buckets; secondary limits close both.
const (
	bucketREST    = "rest"
	bucketGraphQL = "graphql"
)

// plainWait is how long to stay away when the server does not say; it doubles each time.
const plainWait = time.Minute

// farAway is longer than anybody waits.
const farAway = 10 * 365 * 24 * time.Hour

// maxSkew is how far the server's clock may differ from ours for its Date to be believed.
const maxSkew = 15 * time.Minute

func bucketOf(t *Transport, req *http.Request) string {
	if req.URL.Path == t.o.GraphQLURL.Path {
		return bucketGraphQL
	}
	return bucketREST
}

var limitWords = []string{"rate limit", "was submitted too quickly", "abuse detection", "blocked from content creation"}

// LimitWords tells whether a message speaks of a limit.
func LimitWords(message string) bool {
	message = strings.ToLower(message)
	for _, w := range limitWords {
		if strings.Contains(message, w) {
			return true
		}
	}
	return false
}

// limited tells whether the answer is a refusal by a primary or secondary limit. GitHub uses
// 403 and 429 for both, and 200 with errors on GraphQL; a missing permission is a 403 as well.
func limited(resp *http.Response, body []byte) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		var said struct {
			Message string
			URL     string `json:"documentation_url"`
		}
		_ = json.Unmarshal(body, &said) // an unreadable body has no words; headers still count
		switch {
		case LimitWords(said.Message), strings.HasSuffix(said.URL, "secondary-rate-limits"), strings.HasSuffix(said.URL, "#abuse-rate-limits"):
			return true
		case strings.HasPrefix(said.Message, "Resource not accessible"):
			return false // the last request of the hour can be a forbidden one
		default:
			return resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-Ratelimit-Remaining") == "0"
		}
	case http.StatusOK:
		g, ok := graphQLErrors(body)
		return ok && g.empty() && g.limited()
	default:
		return false
	}
}

type graphQLAnswer struct {
	Data   map[string]json.RawMessage
	Errors []struct{ Type, Message string }
}

// graphQLErrors reads an answer that carries GraphQL errors.
func graphQLErrors(body []byte) (graphQLAnswer, bool) {
	var g graphQLAnswer
	if bytes.HasPrefix(body, []byte("[")) { // a list: to take it apart to the end costs as much as to use it
		return g, false
	}
	if err := json.Unmarshal(body, &g); err != nil || len(g.Errors) == 0 {
		return graphQLAnswer{}, false
	}
	return g, true
}

// empty tells whether nothing at all was answered, so that nothing was done.
func (g graphQLAnswer) empty() bool {
	for _, v := range g.Data {
		if string(v) != "null" {
			return false
		}
	}
	return true
}

func (g graphQLAnswer) limited() bool {
	for _, e := range g.Errors {
		if e.Type != "RATE_LIMITED" && !LimitWords(e.Message) {
			return false
		}
	}
	return true
}

// close notes until when the server wants to be left alone; n counts such answers to this request.
func (t *Transport) close(a answer, bucket string, n int) time.Time {
	now := t.o.Clock()
	wait := plainWait << (n - 1)
	both := true
	if d, ok := retryAfter(a.resp.Header, now); ok {
		wait = d
	} else if d, ok := untilReset(a.resp.Header, now); ok {
		wait, both = d, false
	}
	until := now.Add(wait)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shut(bucket, until)
	if both {
		t.shut(bucketREST, until)
		t.shut(bucketGraphQL, until)
	}
	return until
}

// StayAway notes that one item of a batch was refused by a secondary limit; n counts such
// refusals. The next request waits.
func (t *Transport) StayAway(n int) {
	until := t.o.Clock().Add(plainWait << (n - 1))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shut(bucketREST, until)
	t.shut(bucketGraphQL, until)
}

func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if s, err := strconv.Atoi(v); err == nil && s >= 0 {
		return within(time.Duration(min(s, int(farAway/time.Second))) * time.Second), true
	}
	if at, err := http.ParseTime(v); err == nil {
		return within(at.Sub(serverTime(h, now))), true
	}
	return 0, false
}

func untilReset(h http.Header, now time.Time) (time.Duration, bool) {
	if h.Get("X-Ratelimit-Remaining") != "0" {
		return 0, false
	}
	epoch, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	return within(min(time.Unix(epoch, 0).Sub(serverTime(h, now)), farAway) + time.Second), true
}

// within keeps a wait that the server names above nothing and below what adding to would
// overflow, which would make it no wait at all.
func within(d time.Duration) time.Duration { return min(max(d, time.Second), farAway) }

// serverTime is the time by the server's own clock, on which its reset times rest.
func serverTime(h http.Header, now time.Time) time.Time {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil || at.Sub(now).Abs() > maxSkew {
		return now
	}
	return at
}

// admit waits until no limit that is known forbids a request, or says RateLimited when that would
// take longer than what is left of MaxWait.
func (t *Transport) admit(ctx context.Context, bucket string) error {
	for {
		now := t.o.Clock()
		t.mu.Lock()
		until := t.closed[bucket]
		d := until.Sub(now)
		if d <= 0 {
			t.mu.Unlock()
			return nil
		}
		if t.waited+d > t.o.MaxWait {
			t.mu.Unlock()
			return &ticket.Error{Kind: ticket.RateLimited, Detail: "GitHub's rate limit is reached", Until: until, Next: "run again later: it goes on where it stopped"}
		}
		t.waited += d
		t.counts.Waited = t.waited
		t.mu.Unlock()
		if err := t.o.Sleep(ctx, d); err != nil {
			return stopped(err)
		}
	}
}

// pace waits for the next free slot and takes n of them.
func (t *Transport) pace(ctx context.Context, n int) error {
	now := t.o.Clock()
	each := time.Minute / time.Duration(t.o.PerMinute)
	t.mu.Lock()
	start := now
	if t.nextSlot.After(now) {
		start = t.nextSlot
	}
	t.nextSlot = start.Add(time.Duration(n) * each)
	t.mu.Unlock()
	if d := start.Sub(now); d > 0 {
		return t.o.Sleep(ctx, d)
	}
	return nil
}
