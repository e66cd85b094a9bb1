package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

const canary = "ghs_canaryTOKEN0123456789"

// script is a server that answers as told and notes what reached it.
type script struct {
	answers []step
	seen    []*http.Request
	bodies  []string
}

type step struct {
	status int
	body   string
	header map[string]string
	err    error
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.seen = append(s.seen, r)
	text, _ := io.ReadAll(r.Body)
	s.bodies = append(s.bodies, string(text))
	if len(s.seen) > len(s.answers) {
		return nil, fmt.Errorf("the script has no answer %d", len(s.seen))
	}
	a := s.answers[len(s.seen)-1]
	if a.err != nil {
		return nil, a.err
	}
	h := http.Header{}
	for k, v := range a.header {
		h.Set(k, v)
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

type clock struct {
	now   time.Time
	slept []time.Duration
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return ctx.Err()
}

func (c *clock) total() time.Duration {
	var sum time.Duration
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

func newTransport(t *testing.T, s *script, change func(*Options)) (*Transport, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	api, _ := url.Parse("https://api.example.com/api/v3")
	graphql, _ := url.Parse("https://api.example.com/api/graphql")
	o := Options{
		Token: canary, APIURL: api, GraphQLURL: graphql, UserAgent: "ticketfoundry/test", Base: s,
		Clock: func() time.Time { return c.now }, Sleep: c.sleep, Jitter: func() float64 { return 0.5 },
	}
	if change != nil {
		change(&o)
	}
	return New(o), c
}

// reply is what the client above the transport gets.
type reply struct {
	status int
	header http.Header
}

func send(t *testing.T, tr *Transport, method, address string, call Call) (reply, error) {
	t.Helper()
	var body io.Reader
	if method != http.MethodGet {
		body = strings.NewReader(`{"x":1}`)
	}
	req, err := http.NewRequestWithContext(With(t.Context(), call), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: tr, CheckRedirect: NoRedirect}
	resp, err := client.Do(req)
	if err != nil {
		if strings.Contains(err.Error(), canary) {
			t.Errorf("the token stands in the error %q", err)
		}
		return reply{}, err
	}
	return reply{resp.StatusCode, resp.Header}, resp.Body.Close()
}

const issueURL = "https://api.example.com/api/v3/repos/acme/crm/issues/7"

func TestRedirects(t *testing.T) {
	ok := step{status: 200, body: `{"number":7}`}
	to := func(status int, where string) step {
		return step{status: status, body: `{"message":"Moved"}`, header: map[string]string{"Location": where}}
	}
	const there = "https://api.example.com/api/v3/repositories/9/issues/7"
	tests := map[string]struct {
		method string
		first  step
		want   ticket.Kind // empty: followed
		sent   int
	}{
		"GET 301 same host":            {"GET", to(301, there), "", 2},
		"GET 302 same host":            {"GET", to(302, there), "", 2},
		"GET 307 same host":            {"GET", to(307, there), "", 2},
		"GET 308 relative":             {"GET", to(308, "/api/v3/repositories/9/issues/7"), "", 2},
		"GET 301 other host":           {"GET", to(301, "https://evil.example.net/x"), ticket.Unavailable, 1},
		"GET 302 other host":           {"GET", to(302, "https://evil.example.net/x"), ticket.Unavailable, 1},
		"GET 307 other port":           {"GET", to(307, "https://api.example.com:8443/x"), ticket.Unavailable, 1},
		"GET 302 downgrade":            {"GET", to(302, "http://api.example.com/x"), ticket.Unavailable, 1},
		"GET 302 look-alike host":      {"GET", to(302, "https://api.example.com.evil.net/x"), ticket.Unavailable, 1},
		"GET 302 user in address":      {"GET", to(302, "https://api.example.com@evil.net/x"), ticket.Unavailable, 1},
		"GET 301 without location":     {"GET", step{status: 301, body: `{}`}, ticket.Unavailable, 1},
		"GET 302 unreadable location":  {"GET", to(302, "https://%zz/"), ticket.Unavailable, 1},
		"PATCH 301":                    {"PATCH", to(301, there), ticket.Gone, 1},
		"PATCH 302 other host":         {"PATCH", to(302, "https://evil.example.net/x"), ticket.Gone, 1},
		"PATCH 307":                    {"PATCH", to(307, there), ticket.Gone, 1},
		"POST 301":                     {"POST", to(301, there), ticket.Gone, 1},
		"POST 303":                     {"POST", to(303, there), ticket.Gone, 1},
		"POST 308 other host":          {"POST", to(308, "https://evil.example.net/x"), ticket.Gone, 1},
		"DELETE 301":                   {"DELETE", to(301, there), ticket.Gone, 1},
		"DELETE 302 unreadable target": {"DELETE", to(302, "https://%zz/"), ticket.Gone, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []step{tt.first, ok}}
			tr, _ := newTransport(t, s, nil)
			_, err := send(t, tr, tt.method, issueURL, Call{})
			if got := ticket.KindOf(err); got != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("kind %q (%v), want %q", got, err, tt.want)
			}
			if len(s.seen) != tt.sent {
				t.Errorf("%d requests, want %d", len(s.seen), tt.sent)
			}
			for _, r := range s.seen {
				if r.URL.Host != "api.example.com" {
					t.Errorf("a request went to %s", r.URL.Host)
				}
			}
		})
	}
}

func TestRedirectLoopEnds(t *testing.T) {
	round := step{status: 302, body: `{}`, header: map[string]string{"Location": issueURL}}
	s := &script{answers: []step{round, round, round, round, round, round, round}}
	tr, _ := newTransport(t, s, nil)
	_, err := send(t, tr, "GET", issueURL, Call{})
	if ticket.KindOf(err) != ticket.Unavailable || len(s.seen) != maxHops+1 {
		t.Errorf("%v after %d requests", err, len(s.seen))
	}
}

func TestOtherHostIsRefused(t *testing.T) {
	s := &script{}
	tr, _ := newTransport(t, s, nil)
	for _, address := range []string{"https://evil.example.net/", "http://api.example.com/", "https://api.example.com:444/"} {
		if _, err := send(t, tr, "GET", address, Call{}); ticket.KindOf(err) != ticket.Rejected {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(s.seen) != 0 {
		t.Errorf("%d requests were sent", len(s.seen))
	}
}

func TestHeaders(t *testing.T) {
	s := &script{answers: []step{{status: 200, body: `{}`, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999", "Link": "<x>"}}}}
	tr, _ := newTransport(t, s, nil)
	resp, err := send(t, tr, "GET", issueURL, Call{})
	if err != nil {
		t.Fatal(err)
	}
	h := s.seen[0].Header
	if h.Get("Authorization") != "Bearer "+canary || h.Get("User-Agent") != "ticketfoundry/test" || h.Get("X-GitHub-Api-Version") != apiVersion {
		t.Errorf("headers %v", h)
	}
	if resp.header.Get("X-RateLimit-Remaining") != "" || resp.header.Get("Link") != "<x>" {
		t.Errorf("passed on %v", resp.header)
	}
}

func TestLimits(t *testing.T) {
	at := func(d time.Duration) string {
		return fmt.Sprint(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(d).Unix())
	}
	ok := step{status: 200, body: `{}`}
	const secondary = `{"message":"You have exceeded a secondary rate limit","documentation_url":"https://docs.github.com/rest/overview/rate-limits#secondary-rate-limits"}`
	tests := map[string]struct {
		first step
		want  ticket.Kind // empty: waited, then answered
		slept time.Duration
	}{
		"403 primary":                        {step{403, `{"message":"API rate limit exceeded"}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(90 * time.Second)}, nil}, "", 91 * time.Second},
		"429 primary":                        {step{429, `{"message":"API rate limit exceeded"}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(90 * time.Second)}, nil}, "", 91 * time.Second},
		"403 primary, reset passed":          {step{403, `{"message":"API rate limit exceeded"}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(-90 * time.Second)}, nil}, "", time.Second},
		"403 primary, too far":               {step{403, `{"message":"API rate limit exceeded"}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(time.Hour)}, nil}, ticket.RateLimited, 0},
		"403 secondary with Retry-After":     {step{403, secondary, map[string]string{"Retry-After": "30"}, nil}, "", 30 * time.Second},
		"429 secondary with Retry-After":     {step{429, secondary, map[string]string{"Retry-After": "30"}, nil}, "", 30 * time.Second},
		"429 secondary, Retry-After 0":       {step{429, secondary, map[string]string{"Retry-After": "0"}, nil}, "", time.Second},
		"403 secondary plain":                {step{403, secondary, nil, nil}, "", time.Minute},
		"429 without a word":                 {step{429, ``, nil, nil}, "", time.Minute},
		"403 content creation":               {step{403, `{"message":"You have been temporarily blocked from content creation"}`, nil, nil}, "", time.Minute},
		"403 only Retry-After":               {step{403, `{"message":"Slow down"}`, map[string]string{"Retry-After": "5"}, nil}, "", 5 * time.Second},
		"200 GraphQL too quickly":            {step{200, `{"data":null,"errors":[{"message":"createIssue was submitted too quickly"}]}`, nil, nil}, "", time.Minute},
		"200 GraphQL RATE_LIMITED":           {step{200, `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at(10 * time.Second)}, nil}, "", 11 * time.Second},
		"secondary, Retry-After over budget": {step{403, secondary, map[string]string{"Retry-After": "3600"}, nil}, ticket.RateLimited, 0},
	}
	for name, tt := range tests {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			t.Run(name+"/"+method, func(t *testing.T) {
				s := &script{answers: []step{tt.first, ok}}
				tr, c := newTransport(t, s, func(o *Options) { o.PerMinute = 1_000_000 })
				_, err := send(t, tr, method, issueURL, Call{})
				if got := ticket.KindOf(err); got != tt.want || (err == nil) != (tt.want == "") {
					t.Fatalf("kind %q (%v), want %q", got, err, tt.want)
				}
				if got := c.total().Round(time.Second); got != tt.slept {
					t.Errorf("slept %s, want %s", got, tt.slept)
				}
				var e *ticket.Error
				if errors.As(err, &e) && !e.Until.After(c.now) {
					t.Errorf("until %s is not in the future", e.Until)
				}
			})
		}
	}
}

func TestPermissionIsNoLimit(t *testing.T) {
	for name, s := range map[string]step{
		"plain":            {status: 403, body: `{"message":"Must have admin rights"}`},
		"last of the hour": {status: 403, body: `{"message":"Resource not accessible by integration"}`, header: map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: []step{s}}
			tr, c := newTransport(t, s, nil)
			resp, err := send(t, tr, "POST", issueURL, Call{})
			if err != nil || resp.status != 403 || len(c.slept) != 0 {
				t.Errorf("%v, slept %v", err, c.slept)
			}
		})
	}
}

func TestLimitKeepsAway(t *testing.T) {
	s := &script{answers: []step{{status: 429, header: map[string]string{"Retry-After": "3600"}}, {status: 200, body: "{}"}}}
	tr, c := newTransport(t, s, nil)
	for range 3 {
		if _, err := send(t, tr, "GET", issueURL, Call{}); ticket.KindOf(err) != ticket.RateLimited {
			t.Fatalf("%v", err)
		}
	}
	if len(s.seen) != 1 {
		t.Errorf("%d requests inside the forbidden time", len(s.seen))
	}
	c.now = c.now.Add(time.Hour)
	if _, err := send(t, tr, "GET", issueURL, Call{}); err != nil {
		t.Errorf("after the limit: %v", err)
	}
}

func TestPlainLimitDoublesWithinBudget(t *testing.T) {
	l := step{status: 429}
	s := &script{answers: []step{l, l, l, l, l, l}}
	tr, c := newTransport(t, s, func(o *Options) { o.MaxWait = time.Hour })
	_, err := send(t, tr, "GET", issueURL, Call{})
	want := "[1m0s 2m0s 4m0s 8m0s]"
	if ticket.KindOf(err) != ticket.RateLimited || fmt.Sprint(c.slept) != want || len(s.seen) != limitTries {
		t.Errorf("%v after %d requests, slept %v, want %s", err, len(s.seen), c.slept, want)
	}
	if tr.Counts().Waited != 15*time.Minute {
		t.Errorf("counted %s of waiting", tr.Counts().Waited)
	}
}

func TestReplay(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset")}
	ok := step{status: 200, body: `{}`}
	tests := []struct {
		name   string
		method string
		call   Call
		bad    step
		times  int
		sent   int
		want   ticket.Kind
	}{
		{"read mended", "GET", Call{}, step{status: 502, body: "<html>"}, 4, 5, ""},
		{"read given up", "GET", Call{}, step{status: 503}, 9, 5, ticket.Unavailable},
		{"read of a page", "GET", Call{}, step{status: 200, body: "<html>"}, 1, 2, ""},
		{"read of nothing", "GET", Call{}, step{status: 200}, 1, 2, ""},
		{"read cut", "GET", Call{}, step{status: 200, body: `{"a":`}, 9, 5, ticket.Unavailable},
		{"a proxy's not found", "GET", Call{}, step{status: 404, body: "<html>"}, 9, 5, ticket.Unavailable},
		{"read reset", "GET", Call{}, step{err: reset}, 9, 5, ticket.Unavailable},
		{"query", "POST", Call{Replay: Read}, step{status: 502}, 4, 5, ""},
		{"patch mended", "PATCH", Call{}, step{status: 502}, 1, 2, ""},
		{"patch given up", "PATCH", Call{}, step{status: 502}, 9, 2, ticket.Unknown},
		{"delete mended", "DELETE", Call{}, step{err: reset}, 1, 2, ""},
		{"post 500", "POST", Call{}, step{status: 500}, 1, 1, ticket.Unknown},
		{"post 502", "POST", Call{}, step{status: 502, body: "<html>"}, 1, 1, ticket.Unknown},
		{"post reset", "POST", Call{}, step{err: reset}, 1, 1, ticket.Unknown},
		{"post not connected", "POST", Call{}, step{err: dial}, 1, 1, ticket.Unavailable},
		{"post answered by a page", "POST", Call{}, step{status: 201, body: "<html>"}, 1, 1, ticket.Unknown},
		{"post answered by nothing", "POST", Call{}, step{status: 201}, 1, 1, ticket.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{}
			for range tt.times {
				s.answers = append(s.answers, tt.bad)
			}
			s.answers = append(s.answers, ok)
			tr, _ := newTransport(t, s, nil)
			_, err := send(t, tr, tt.method, issueURL, tt.call)
			if got := ticket.KindOf(err); got != tt.want || (err == nil) != (tt.want == "") {
				t.Errorf("kind %q (%v), want %q", got, err, tt.want)
			}
			if len(s.seen) != tt.sent || tr.Counts().Requests != tt.sent {
				t.Errorf("%d requests (%d counted), want %d", len(s.seen), tr.Counts().Requests, tt.sent)
			}
			for _, b := range s.bodies {
				if tt.method != "GET" && b != `{"x":1}` {
					t.Errorf("sent body %q", b)
				}
			}
		})
	}
}

func TestLongAnswerIsCut(t *testing.T) {
	s := &script{answers: []step{{status: 200, body: `"` + strings.Repeat("a", maxAnswer) + `"`}}}
	tr, _ := newTransport(t, s, nil)
	if _, err := send(t, tr, "POST", issueURL, Call{}); ticket.KindOf(err) != ticket.Unknown {
		t.Errorf("got %v", err)
	}
}

func TestPace(t *testing.T) {
	ok := step{status: 200, body: `{}`}
	s := &script{answers: []step{ok, ok, ok, ok, ok}}
	tr, c := newTransport(t, s, func(o *Options) { o.PerMinute = 30 })
	for _, call := range []Call{{}, {Writes: 10}, {}, {Replay: Read}} {
		if _, err := send(t, tr, "POST", issueURL, call); err != nil {
			t.Fatal(err)
		}
	}
	// The first goes at once, the batch 2 s later, what follows waits for its ten.
	if got := fmt.Sprint(c.slept); got != "[2s 20s]" {
		t.Errorf("slept %s", got)
	}
	if got := tr.Counts(); got.Writes != 12 || got.Requests != 4 {
		t.Errorf("counted %+v", got)
	}
}

func TestStoppedBeforeSending(t *testing.T) {
	s := &script{}
	tr, _ := newTransport(t, s, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", issueURL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if ticket.KindOf(err) != ticket.Unavailable || len(s.seen) != 0 {
		t.Errorf("%v after %d requests", err, len(s.seen))
	}
}

func TestRedact(t *testing.T) {
	s := &script{answers: []step{{err: errors.New("proxy said: Bearer " + canary)}, {status: 500, body: `{"message":"bad token ` + canary + `"}`}}}
	tr, _ := newTransport(t, s, nil)
	for range 2 {
		_, err := send(t, tr, "POST", issueURL, Call{}) // send itself looks for the token
		if err == nil || !strings.Contains(err.Error(), "***") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzGraphQLErrors(f *testing.F) {
	f.Add(`{"data":null,"errors":[{"type":"RATE_LIMITED","message":"x"}]}`)
	f.Add(`{"data":{"a":null},"errors":[{}]}`)
	f.Add(`{"errors":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		a := answer{resp: &http.Response{StatusCode: 200, Header: http.Header{}}, body: []byte(body)}
		limited(a.resp, a.body)
		if strings.Contains(a.words(), "\n") {
			t.Errorf("words of %q take several lines", body)
		}
	})
}
