package wire

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

const (
	graphURL      = "https://api.example.com/api/graphql"
	secondaryBody = `{"message":"You have exceeded a secondary rate limit","documentation_url":"https://docs.github.com/rest/overview/rate-limits#secondary-rate-limits"}`
)

// watched is a script whose requests must not fall into the time that an answer forbade.
type watched struct {
	*script
	t    *testing.T
	c    *clock
	till time.Time // by our clock
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.c.now.Before(w.till) {
		w.t.Errorf("request %d came %s before it was allowed", len(w.seen)+1, w.till.Sub(w.c.now))
	}
	return w.script.RoundTrip(r)
}

// The server's clock may be ahead or behind: what it says is meant by its own.
func TestLimitsByTheServersClock(t *testing.T) {
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, skew := range []time.Duration{0, 10 * time.Minute, -10 * time.Minute} {
		server := begin.Add(skew)
		date := server.Format(http.TimeFormat)
		reset := fmt.Sprint(server.Add(40 * time.Second).Unix())
		for name, tt := range map[string]struct {
			address string
			first   step
			shut    time.Duration // nothing may be sent before
		}{
			"a date":                {issueURL, step{429, secondaryBody, map[string]string{"Date": date, "Retry-After": server.Add(40 * time.Second).Format(http.TimeFormat)}, nil}, 40 * time.Second},
			"a passed date":         {issueURL, step{403, secondaryBody, map[string]string{"Date": date, "Retry-After": server.Add(-time.Minute).Format(http.TimeFormat)}, nil}, time.Second},
			"seconds":               {issueURL, step{403, secondaryBody, map[string]string{"Date": date, "Retry-After": "40"}, nil}, 40 * time.Second},
			"a reset":               {issueURL, step{403, `{"message":"API rate limit exceeded"}`, map[string]string{"Date": date, "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, nil}, 40 * time.Second},
			"neither":               {issueURL, step{403, secondaryBody, map[string]string{"Date": date}, nil}, time.Minute},
			"a reset on a query":    {graphURL, step{200, `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`, map[string]string{"Date": date, "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, nil}, 40 * time.Second},
			"secondary on a query":  {graphURL, step{200, `{"data":null,"errors":[{"message":"was submitted too quickly"}]}`, map[string]string{"Date": date}, nil}, time.Minute},
			"the last one was good": {issueURL, step{200, `{}`, map[string]string{"Date": date, "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, nil}, 40 * time.Second},
		} {
			t.Run(fmt.Sprintf("%s, server %s ahead", name, skew), func(t *testing.T) {
				w := &watched{script: &script{answers: []step{tt.first, {status: 200, body: `{}`}, {status: 200, body: `{}`}}}, t: t}
				tr, c := newTransport(t, w.script, func(o *Options) { o.Base, o.PerMinute = w, 1_000_000 })
				w.c = c
				for i := range 2 {
					if _, err := send(t, tr, "POST", tt.address, Call{}); err != nil {
						t.Fatal(err)
					}
					if i == 0 && c.now.Sub(begin) > tt.shut+2*time.Second {
						t.Errorf("waited %s, and %s were said", c.now.Sub(begin), tt.shut)
					}
					w.till = begin.Add(tt.shut)
				}
				if len(w.seen) < 2 || c.now.Sub(begin) < tt.shut {
					t.Errorf("%d requests within %s", len(w.seen), c.now.Sub(begin))
				}
			})
		}
	}
}

// A longer limit that is known is not shortened by a later answer.
func TestShorterWordsDoNotOpen(t *testing.T) {
	tr, c := newTransport(t, &script{}, nil)
	tr.StayAway(3)
	tr.StayAway(1)
	if err := tr.admit(t.Context(), bucketREST); err != nil || c.total() != 4*time.Minute {
		t.Errorf("%v, waited %s", err, c.total())
	}
}

// Writes of one batch take as long as they would one by one.
func TestABatchTakesItsTime(t *testing.T) {
	ok := step{status: 200, body: `{}`}
	s := &script{answers: []step{ok, ok, ok, ok, ok, ok, ok}}
	tr, c := newTransport(t, s, nil)
	var at []time.Duration
	begin := c.now
	for range 7 {
		if _, err := send(t, tr, "POST", graphURL, Call{Replay: Once, Writes: 10}); err != nil {
			t.Fatal(err)
		}
		at = append(at, c.now.Sub(begin))
	}
	if got := fmt.Sprint(at); got != "[0s 10s 20s 30s 40s 50s 1m0s]" {
		t.Errorf("sent at %s", got)
	}
}

func TestSpare(t *testing.T) {
	quota := func(limit, remaining int, reset time.Duration) map[string]string {
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(reset)
		return map[string]string{"X-RateLimit-Limit": fmt.Sprint(limit), "X-RateLimit-Remaining": fmt.Sprint(remaining), "X-RateLimit-Reset": fmt.Sprint(at.Unix())}
	}
	s := &script{answers: []step{
		{status: 200, body: `{}`},
		{status: 200, body: `{}`, header: quota(5000, 4000, time.Hour)},
		{status: 200, body: `{}`, header: quota(500, 170, 30*time.Minute)},
		{status: 200, body: `{}`, header: quota(5000, 99, time.Hour)},
		{status: 200, body: `{}`, header: map[string]string{"X-RateLimit-Limit": "many"}},
		{status: 200, body: `{}`, header: quota(5000, 0, 400*time.Hour)},
	}}
	tr, c := newTransport(t, s, nil)
	for i, tt := range []struct {
		address string
		want    int
	}{{issueURL, -1}, {issueURL, 3900}, {graphURL, 120}, {issueURL, 0}, {issueURL, 0}, {issueURL, 0}} {
		if _, err := send(t, tr, "GET", tt.address, Call{}); err != nil {
			t.Fatal(err)
		}
		if got, _ := tr.Spare(); got != tt.want {
			t.Errorf("after %d answers: %d, want %d", i+1, got, tt.want)
		}
	}
	c.now = c.now.Add(61 * time.Minute)
	if got, _ := tr.Spare(); got != 450 {
		t.Errorf("when both are full again: %d", got)
	}
	if len(s.seen) != 6 {
		t.Errorf("%d requests", len(s.seen))
	}
}

func TestWritesFollowNoRedirect(t *testing.T) {
	for _, method := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			s := &script{answers: []step{{status: status, body: `{}`, header: map[string]string{"Location": "https://api.example.com/api/v3/elsewhere"}}}}
			tr, _ := newTransport(t, s, nil)
			if _, err := send(t, tr, method, issueURL, Call{}); ticket.KindOf(err) != ticket.Gone || len(s.seen) != 1 {
				t.Errorf("%s %d: %v after %d requests", method, status, err, len(s.seen))
			}
		}
	}
}

// An answer that unpacks to more than any real one is not unpacked.
func TestBombIsNotUnpacked(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	zeros := make([]byte, 1<<20)
	for range 20 {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	sent := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sent++
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}))
	defer srv.Close()
	api, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	tr := New(Options{APIURL: api, GraphQLURL: api.JoinPath("graphql"), Clock: time.Now, Sleep: func(context.Context, time.Duration) error { return nil }})
	for method, want := range map[string]ticket.Kind{"GET": ticket.Unavailable, "POST": ticket.Unknown} {
		sent = 0
		_, err := send(t, tr, method, srv.URL+"/x", Call{})
		if ticket.KindOf(err) != want || !strings.Contains(err.Error(), "longer than 10 MiB") || method == "POST" && sent != 1 {
			t.Errorf("%s: %v after %d requests", method, err, sent)
		}
	}
}
