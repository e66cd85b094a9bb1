package github

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tap stands between the tracker and the fake: it notes each request, and can lose or replace
// answers. It fails the test when a token goes where it must not.
type tap struct {
	t    testing.TB
	next http.RoundTripper
	host string
	// before can answer instead of the server; after can lose or replace the server's answer.
	before func(call) (*http.Response, error)
	after  func(call, *http.Response) (*http.Response, error)

	mu   sync.Mutex
	seen []call
}

type call struct {
	n      int // from 1
	method string
	path   string // with query
	body   string
}

func (c call) creates() bool {
	return strings.Contains(c.body, "createIssue(") || c.method == http.MethodPost && strings.HasSuffix(c.path, "/issues")
}

func (p *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	p.mu.Lock()
	c := call{len(p.seen) + 1, r.Method, r.URL.RequestURI(), string(body)}
	p.seen = append(p.seen, c)
	p.mu.Unlock()
	if r.URL.Host != p.host {
		p.t.Errorf("a request went to %s", r.URL.Host)
	}
	if p.before != nil {
		if resp, err := p.before(c); resp != nil || err != nil {
			return resp, err
		}
	}
	resp, err := p.next.RoundTrip(r)
	if err == nil && p.after != nil {
		return p.after(c, resp)
	}
	return resp, err
}

func (p *tap) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = nil
}

// count gives how many requests were sent for which want says true; all without one.
func (p *tap) count(want func(call) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, c := range p.seen {
		if want == nil || want(c) {
			n++
		}
	}
	return n
}

func (p *tap) list() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, c := range p.seen {
		fmt.Fprintf(&b, "%d %s %s %.200s\n", c.n, c.method, c.path, strings.Join(strings.Fields(c.body), " "))
	}
	return b.String()
}

func isMethod(methods ...string) func(call) bool {
	return func(c call) bool { return slices.Contains(methods, c.method) }
}

func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

// watch is a clock that only moves when somebody sleeps on it.
type watch struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (w *watch) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	w.slept = append(w.slept, d)
	return ctx.Err()
}

func (w *watch) total() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sum time.Duration
	for _, d := range w.slept {
		sum += d
	}
	return sum
}
