package run_test

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// direct takes requests to a server in this process, without a network between: thousands of
// runs are to fit into a test.
type direct struct{ server http.Handler }

var errCut = errors.New("the connection was reset")

func (d direct) RoundTrip(q *http.Request) (answer *http.Response, err error) {
	if err := q.Context().Err(); err != nil {
		return nil, err
	}
	in := q.Clone(q.Context())
	in.RequestURI = q.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	defer func() {
		switch caught := recover(); caught {
		case nil:
		case http.ErrAbortHandler: // a fault of the server: it hangs up
			answer, err = nil, errCut
		default:
			panic(caught)
		}
	}()
	d.server.ServeHTTP(out, in)
	answer = out.Result()
	answer.Request = q
	return answer, nil
}

// quick lets the runs of a repository do without a network.
func (r *repo) quick() *repo {
	r.http = direct{r.srv.Handler()}
	return r
}

// sparse thins out the cuts before a request: the world then is as after the request before it.
const sparse = 5

// cutMode is the moment at which a run dies, seen from one of its requests.
type cutMode int

const (
	cutBefore cutMode = iota // the request is never sent
	cutLost                  // it takes effect, and nobody hears the answer
	cutAfter                 // the answer was heard
	cutModes
)

func (m cutMode) String() string { return [...]string{"before", "with the answer lost at", "after"}[m] }

// guillotine kills a run at its k-th request, from 0: from then on nothing that it does reaches
// the server.
type guillotine struct {
	to   http.RoundTripper
	k    int
	mode cutMode
	n    int // requests so far
}

func (g *guillotine) RoundTrip(q *http.Request) (*http.Response, error) {
	n := g.n
	g.n++
	switch {
	case n > g.k, n == g.k && g.mode == cutBefore:
		return nil, errCut
	case n == g.k && g.mode == cutLost:
		if answer, err := g.to.RoundTrip(q); err == nil {
			_ = answer.Body.Close()
		}
		return nil, errCut
	}
	return g.to.RoundTrip(q)
}

// cut runs for a push and kills the run at its k-th request. It tells whether the run got there.
func (r *repo) cut(k int, mode cutMode) bool {
	whole := r.http
	g := &guillotine{to: cmp.Or(whole, http.DefaultTransport), k: k, mode: mode}
	r.http = g
	r.push()
	r.http = whole
	return g.n > k
}

// counting counts the requests of a run.
func (r *repo) counting(run func()) int {
	before := len(r.srv.Requests())
	run()
	return len(r.srv.Requests()) - before
}

// tale is a repository whose next push has much to do, and how it came there.
type tale struct {
	name  string
	begin func(t testing.TB) *repo
}

// tales are a first push, and one after people decided, finished, wrote and the specs changed.
func tales() []tale {
	files := func() map[string]string {
		return map[string]string{
			configFile: "version: 1\npipeline: {allow_start_stage: true}\n",
			path("CRM-1"): wide("CRM-1", "Lead scoring", "start_stage: compliance\ndepends_on: [CRM-3]\nrelease: {version: \"2.4\", target_date: 2026-05-01, notes: Leads have scores.}\n"+
				"technology:\n  apis: [{key: endpoint, name: Scoring endpoint, acceptance: [It answers]}]\n  screens: [{key: card, name: Score card}]\n"),
			path("CRM-2"): wide("CRM-2", "Score badge", "start_stage: architecture\ntickets:\n  architecture:\n"+
				"    - {key: sketch, title: Sketch it, acceptance: [first, second]}\n    - {key: ask, title: Ask around}\n    - {key: drop, title: Drop this one}\n"),
			path("CRM-3"): spec("CRM-3", 4, ""),
		}
	}
	fresh := func(t testing.TB) *repo {
		h := newHub(t, files())
		h.srv.As("eve").OpenIssue("Something else", "See CRM-1.", "bug")
		return h.quick()
	}
	return []tale{
		{"first push", fresh},
		{"after people's work", func(t testing.TB) *repo {
			r := fresh(t)
			h := hub{r}
			r.must(r.push(), 0)
			r.clock.Advance(time.Minute)
			h.act("mia", "approved", "CRM-1/compliance/compliance-sign-off", "")
			h.act("mia", "comment", "CRM-1", "/waive CRM-3 we read the old table")
			h.act("eve", "close", "CRM-2/architecture/design", "")
			h.act("eve", "close", "CRM-2/architecture/sketch", "")
			h.act("eve", "drop", "CRM-2/architecture/ask", "")
			h.act("eve", "comment", "CRM-3/triage/triage", "/approve")
			h.act("rob", "comment", "CRM-3", "/hold for me")
			h.act("eve", "retitle", "CRM-3/triage/extra-1", "Mine")
			h.act("eve", "unlabel", "CRM-3/triage/extra-2", "stage:triage")
			n := h.found("CRM-3/triage/extra-3")
			r.srv.As("ada").EditBody(n, "Above.\n"+strings.Replace(r.srv.Issue(n).Body, "- [ ] first", "- [x] first", 1)+"\nBelow.")
			change := files()
			change[path("CRM-2")] = strings.Replace(change[path("CRM-2")], "    - {key: drop, title: Drop this one}\n", "    - {key: extra, title: One more}\n", 1)
			change[path("CRM-3")] = strings.Replace(spec("CRM-3", 5, ""), "title: Capability", "title: Better", 1)
			r.commit(change)
			r.clock.Advance(time.Minute)
			return r
		}},
	}
}

var (
	hourly   = regexp.MustCompile(`T\d\d:\d\d:\d\dZ|\d\d:\d\d UTC`)
	longID   = regexp.MustCompile(`\b\d{4,}\b`)
	ofIssue  = regexp.MustCompile(`(?m)^issue #\d+ `)
	mentions = regexp.MustCompile(`#\d+\b`)
	packed   = regexp.MustCompile(`ticketfoundry:record [A-Za-z0-9+/=]+`)
	// learned is what a run keeps of ids of labels as soon as it meets them and of when it wrote
	// a ticket itself, a note's hash over numbers of issues, and the index.
	learned = regexp.MustCompile(`,"hw":"[^"]*"|"dl":\{("[a-z]+":\{[^}]*\},?)+\},|ticketfoundry:note [0-9a-f]+|ticketfoundry:index [A-Za-z0-9+/=]+`)
)

// unfold shows what a record hides.
func unfold(hidden string) string {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(hidden, "ticketfoundry:record "))
	if err != nil {
		return hidden
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return hidden
	}
	return "ticketfoundry:record " + string(text)
}

// canonical is a dump without ids and times: issues are named and sorted by their keys.
func (r *repo) canonical() string {
	names := map[string]string{}
	for _, i := range r.srv.Issues() {
		names[fmt.Sprintf("#%d", i.Number)] = cmp.Or("{"+string(ticket.ParseBody(i.Body).Marker.Key)+"}", i.Title)
	}
	dump := learned.ReplaceAllString(packed.ReplaceAllStringFunc(r.srv.Dump(), unfold), "")
	dump = hourly.ReplaceAllString(dump, "TIME")
	var parts []string
	for at := 0; at < len(dump); {
		next := len(dump)
		if loc := ofIssue.FindStringIndex(dump[at+1:]); loc != nil {
			next = at + 1 + loc[0]
		}
		parts = append(parts, mentions.ReplaceAllStringFunc(longID.ReplaceAllString(dump[at:next], "ID"), func(n string) string { return cmp.Or(names[n], n) }))
		at = next
	}
	slices.Sort(parts)
	return strings.Join(parts, "")
}

// twice names a key that has two issues, or what the program said twice on one; empty for none.
func (r *repo) twice() string {
	keys := map[ticket.Key]bool{}
	for _, i := range r.srv.Issues() {
		if key := ticket.ParseBody(i.Body).Marker.Key; key != "" && i.Author == fakegithub.BotLogin {
			if keys[key] {
				return fmt.Sprintf("%s was made twice", key)
			}
			keys[key] = true
		}
		said := map[string]bool{}
		for _, c := range i.Comments {
			text := longID.ReplaceAllString(hourly.ReplaceAllString(c.Body, "TIME"), "ID")
			if c.Author == fakegithub.BotLogin && said[text] {
				return fmt.Sprintf("#%d is told twice: %s", i.Number, c.Body)
			}
			said[text] = true
		}
	}
	return ""
}
