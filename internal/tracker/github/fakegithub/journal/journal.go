// Package journal remembers each request that reached the fake and measures it
// against the limits GitHub publishes, so that a test can assert a budget and a
// failure can print what really happened.
//
// It judges and stores; it never answers a request. Safe for concurrent use.
//
//	if got := log.Violations(); len(got) > 0 { t.Errorf("limits broken: %v", got) }
package journal

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request as it came in, and what became of it.
type Request struct {
	Seq    int       `json:"seq"` // from 1
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"` // without the API prefix
	Query  string    `json:"query,omitempty"`
	Body   string    `json:"body,omitempty"`
	Login  string    `json:"login,omitempty"` // who asked, by its token
	// GraphQL is set for a GraphQL request; Ops are its top-level fields in order.
	GraphQL bool     `json:"graphql,omitempty"`
	Ops     []string `json:"ops,omitempty"`
	// Write is set for anything that could change something.
	Write bool `json:"write,omitempty"`
	// Creates names what it would create: issue, comment, label, milestone, reaction, release, link.
	Creates []string `json:"creates,omitempty"`
	Status  int      `json:"status"` // 0: the connection was dropped
	Fault   string   `json:"fault,omitempty"`
	// Errors are the types of GraphQL errors in the answer.
	Errors []string `json:"errors,omitempty"`
}

// Creations is how many pieces of content the request would make: issues,
// comments, labels, milestones, reactions and releases, not links.
func (r Request) Creations() int {
	n := 0
	for _, c := range r.Creates {
		if c != "link" {
			n++
		}
	}
	return n
}

// Values are the query parameters.
func (r Request) Values() url.Values {
	v, err := url.ParseQuery(r.Query)
	if err != nil {
		return url.Values{}
	}
	return v
}

// Kind names the request without its numbers and names: "GET issues", "mutation createIssue".
func (r Request) Kind() string {
	if r.GraphQL {
		word := "query"
		if r.Write {
			word = "mutation"
		}
		ops := slices.Compact(slices.Sorted(slices.Values(r.Ops)))
		return word + " " + strings.Join(ops, "+")
	}
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	if len(parts) == 3 && parts[0] == "repos" {
		return r.Method + " repository"
	}
	if len(parts) > 3 && parts[0] == "repos" {
		parts = parts[3:]
	} else if len(parts) > 2 && parts[0] == "repositories" {
		parts = parts[2:]
	}
	for k := range parts {
		if k > 0 && (strings.Trim(parts[k], "0123456789") == "" || parts[k-1] == "labels" || parts[k-1] == "collaborators") {
			parts[k] = "*"
		}
	}
	return r.Method + " " + strings.Join(parts, "/")
}

// String is the request in a line.
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%3d %s %d %s %s", r.Seq, r.At.Format("15:04:05"), r.Status, r.Method, r.Path)
	if r.Query != "" {
		b.WriteString("?" + r.Query)
	}
	if len(r.Ops) > 0 {
		b.WriteString(" " + counted(r.Ops))
	}
	if len(r.Creates) > 0 {
		b.WriteString(" creates " + counted(r.Creates))
	}
	if len(r.Errors) > 0 {
		b.WriteString(" errors " + counted(r.Errors))
	}
	if r.Fault != "" {
		b.WriteString(" fault: " + r.Fault)
	}
	return b.String()
}

func counted(list []string) string {
	n := map[string]int{}
	for _, s := range list {
		n[s]++
	}
	var out []string
	for _, s := range slices.Sorted(maps.Keys(n)) {
		if n[s] > 1 {
			s = fmt.Sprintf("%s×%d", s, n[s])
		}
		out = append(out, s)
	}
	return strings.Join(out, ",")
}

// Journal is the list of requests and the meter over them. The zero value is ready.
type Journal struct {
	mu       sync.Mutex
	seq      int
	requests []Request
	meter    meter
}

// Begin numbers a request and measures it. running is how many are being served with it.
func (j *Journal) Begin(r Request, running int) Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	r.Seq = j.seq
	j.meter.add(r, running)
	return r
}

// End stores a request with its outcome.
func (j *Journal) End(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests = append(j.requests, r)
}

// Requests are all requests so far, in the order they came.
func (j *Journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := slices.Clone(j.requests)
	slices.SortFunc(out, func(a, b Request) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

// Violations are the published limits that were broken, each with the request that broke it.
func (j *Journal) Violations() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.meter.violations)
}

// Blocked says until when the secondary limits forbid a request that has begun;
// zero if it may go.
func (j *Journal) Blocked(r Request) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.meter.blocked(r)
}

// Reset forgets the requests and the meter; numbering goes on.
func (j *Journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.requests, j.meter = nil, meter{}
}

// Summary counts requests by kind, most frequent first, one a line.
func Summary(requests []Request) string {
	n := map[string]int{}
	for _, r := range requests {
		n[r.Kind()]++
	}
	kinds := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	var b strings.Builder
	for _, k := range kinds {
		fmt.Fprintf(&b, "%4d %s\n", n[k], k)
	}
	return b.String()
}

// List prints the requests, one a line.
func List(requests []Request) string {
	var b strings.Builder
	for _, r := range requests {
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}
