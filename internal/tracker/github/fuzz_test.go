package github

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/wire"
)

// foreign is a server that knows the repository and answers everything else as it likes.
type foreign struct {
	repository []byte // the answer to the first question of a run
	graph      string
	rest       string
	status     int // of REST answers
	link       string
	creates    int // things it was asked to create
	asked      int
}

func (s *foreign) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked++
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
	}
	s.creates += strings.Count(string(sent), ": createIssue(")
	answer := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r}
	switch body := []byte(s.graph); {
	case strings.Contains(string(sent), "viewer { login"):
		body = s.repository
		fallthrough
	case strings.HasSuffix(r.URL.Path, "/graphql"):
		answer.Body = io.NopCloser(bytes.NewReader(body))
	default:
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/issues") {
			s.creates++
		}
		answer.StatusCode = s.status
		answer.Header.Set("Link", s.link)
		answer.Body = io.NopCloser(strings.NewReader(s.rest))
	}
	return answer, nil
}

// foreignTo gives what makes a tracker on such a server.
func foreignTo(f *testing.F) func(t *testing.T, status uint16, rest, graph, link string) (*Tracker, *foreign) {
	real := newFixture(f, setup{})
	var repository []byte
	real.tap.after = func(c call, resp *http.Response) (*http.Response, error) {
		body, err := io.ReadAll(resp.Body)
		if strings.Contains(c.body, "viewer { login") {
			repository = body
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return resp, err
	}
	if _, err := real.Repository(f.Context()); err != nil || len(repository) == 0 {
		f.Fatalf("no answer about the repository: %v", err)
	}
	return func(t *testing.T, status uint16, rest, graph, link string) (*Tracker, *foreign) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		s := &foreign{repository: repository, graph: graph, rest: rest, status: int(status), link: link}
		w := &watch{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		tr, err := New(Options{Token: canary, Repository: "acme/crm", Base: s, Clock: w.time, Sleep: w.sleep, Jitter: func() float64 { return 0 }, PerMinute: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		return tr, s
	}
}

// fit fails the test for a failure that says too much, or nothing.
func fit(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	e, ok := errors.AsType[*ticket.Error](err)
	if !ok || e.Kind == "" || e.Act == "" {
		t.Fatalf("%T without a kind or an act: %v", err, err)
	}
	if strings.Contains(e.Error(), canary) || strings.ContainsAny(e.Error(), "\n\r") {
		t.Fatalf("not fit for a log: %q", e.Error())
	}
}

const (
	anIssue = `{"id":70,"node_id":"I_7","number":7,"title":"t","state":"open","created_at":"2026-03-02T08:59:00Z",
 "repository_url":"https://api.github.com/repos/acme/crm","html_url":"https://github.com/acme/crm/issues/7","labels":[{"name":"x"}],
 "user":{"login":"github-actions[bot]","id":41898282,"type":"Bot"},"body":"<!-- ticketfoundry:begin repo=1001 key=CRM-1/build/a -->\nx\n<!-- ticketfoundry:end -->","sub_issues_summary":{"total":1}}`
	aNode = `{"id":"I_7","number":7,"title":"t","url":"u","state":"OPEN","repository":{"nameWithOwner":"acme/crm"},"author":{"__typename":"Bot","login":"github-actions"}}`
)

// FuzzList: a list is whole, in order, each issue once and of this repository, or it is an
// error.
func FuzzList(f *testing.F) {
	make := foreignTo(f)
	for _, rest := range []string{
		"[]", "null", "{}", "[null]", "[" + anIssue + "]", "[" + anIssue + "," + anIssue + "]", `[{"number":-1}]`, `[{"number":8,"repository_url":"https://api.github.com/repos/acme/other"}]`,
		"[" + strings.Replace(anIssue, `"number":7`, `"number":6,"pull_request":{}`, 1) + "," + anIssue + "]", "[", `[{"number":1e99}]`, `[{"created_at":"yesterday"}]`,
	} {
		f.Add(uint16(200), rest, `{"data":{"repository":{"i0":`+aNode+`}}}`, "")
	}
	f.Add(uint16(200), "[]", "{}", `<https://api.github.com/repositories/1/issues?page=2>; rel="next"`)
	f.Add(uint16(200), "["+anIssue+"]", "{}", `<?page=2>; rel="next"`)
	f.Add(uint16(404), `{"message":"Not Found"}`, "{}", "")
	f.Fuzz(func(t *testing.T, status uint16, rest, graph, link string) {
		tr, s := make(t, status, rest, graph, link)
		got, err := tr.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
		fit(t, err)
		if err != nil && len(got) > 0 {
			t.Errorf("an error and %d issues", len(got))
		}
		last := 0
		for _, o := range got {
			if o.Number <= last || o.Ref != refOf(o.Number) || o.State == "" {
				t.Errorf("after #%d comes %+v", last, o)
			}
			last = o.Number
		}
		if s.asked > 30 {
			t.Errorf("%d requests", s.asked)
		}
	})
}

// FuzzGet: an answer is about the issue that was asked for, or it says why there is none.
func FuzzGet(f *testing.F) {
	make := foreignTo(f)
	for _, graph := range []string{
		`{"data":{"repository":{"i0":` + aNode + `,"i1":null}},"errors":[{"type":"NOT_FOUND","path":["repository","i1"],"message":"no"}]}`,
		`{"data":{"repository":{"i1":` + aNode + `}}}`, `{"data":{"repository":null}}`, `{"data":null}`, `{"data":{"repository":{"i0":{"number":7,"repository":{"nameWithOwner":"acme/other"}}}}}`,
		"{}", "[]", `{"errors":[{"message":"Something went wrong"}]}`, `{"data":{"repository":{"i0":` + aNode + `}},"errors":[{"type":"RATE_LIMITED","path":["repository"]}]}`,
	} {
		f.Add(uint16(200), anIssue, graph)
		f.Add(uint16(404), `{"message":"Not Found"}`, graph)
	}
	refs := []ticket.Ref{"#7", "#9"}
	f.Fuzz(func(t *testing.T, status uint16, rest, graph string) {
		tr, _ := make(t, status, rest, graph, "")
		got, err := tr.Get(t.Context(), refs)
		fit(t, err)
		if err != nil {
			return
		}
		if len(got) != len(refs) {
			t.Fatalf("%d answers", len(got))
		}
		for i, o := range got {
			fit(t, o.Err)
			if o.Err == nil && (o.Ticket.Ref != refs[i] || o.Ticket.Number == 0 || o.Ticket.State == "") {
				t.Errorf("asked for %s, got %+v", refs[i], o.Ticket)
			}
		}
	})
}

// FuzzCreate: each draft ends in a ticket or in a failure. Nothing is sent again unless a limit
// refused it, and what may have been done is never said to have failed.
func FuzzCreate(f *testing.F) {
	make := foreignTo(f)
	for _, graph := range []string{
		`{"data":{"c0":{"issue":` + aNode + `},"c1":{"issue":` + strings.ReplaceAll(aNode, "7", "8") + `}}}`,
		`{"data":{"c0":{"issue":` + aNode + `},"c1":null},"errors":[{"type":"UNPROCESSABLE","path":["c1"],"message":"Title can't be blank"}]}`,
		`{"data":{"c0":null,"c1":null},"errors":[{"message":"was submitted too quickly","path":["c0"]},{"message":"Something went wrong","path":["c1"]}]}`,
		`{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`, `{"data":{"c0":{"issue":null}}}`,
		"{}", "null", "[", `{"data":{"c0":{"issue":{"number":7}},"c1":{"issue":{"number":0}}}}`, `{"errors":[{"path":["c9"]}]}`, `{"data":{},"errors":[{"path":["c0","c1"],"type":"X"}]}`,
		`{"data":{"c0":null},"errors":[{"path":["c0"],"message":"Parent cannot have more than 100 sub-issues"}]}`,
	} {
		for _, rest := range []string{"[]", "[" + anIssue + "]", anIssue, `{"message":"Not Found"}`} {
			f.Add(uint16(200), rest, graph)
			f.Add(uint16(404), rest, graph)
		}
	}
	drafts := []ticket.Draft{
		{Key: "CRM-1/build/a", Title: "a", Body: "x"},
		{Key: "CRM-1/build/b", Title: "b", Body: "y", Labels: []string{"x"}, Assignees: []string{"ada"}},
	}
	f.Fuzz(func(t *testing.T, status uint16, rest, graph string) {
		tr, s := make(t, status, rest, graph, "")
		got := tr.Create(t.Context(), slices.Clone(drafts))
		if len(got) != len(drafts) {
			t.Fatalf("%d answers", len(got))
		}
		for _, c := range got {
			fit(t, c.Err)
			if c.Err == nil && (c.Ticket.Number <= 0 || c.Ticket.Ref != refOf(c.Ticket.Number)) {
				t.Errorf("made %+v", c.Ticket)
			}
			if e, ok := errors.AsType[*ticket.Error](c.Err); ok && e.Kind == ticket.Unavailable && s.creates > 0 && !strings.HasPrefix(e.Detail, "not sent: ") {
				t.Errorf("sent, and said to have changed nothing: %v", e)
			}
		}
		limited := wire.LimitWords(graph) || strings.Contains(graph, "RATE_LIMITED")
		full := parentFull(graph)
		if s.creates > len(drafts) && !limited && !full && !strings.ContainsRune(graph, '\\') {
			t.Errorf("%d drafts were sent %d times", len(drafts), s.creates)
		}
		if most := len(drafts) * (limitRounds + 1) * 5; s.creates > most {
			t.Errorf("%d drafts were sent %d times", len(drafts), s.creates)
		}
	})
}

// FuzzHistory: comments and events come back as they are, or there is an error; an answer about
// another issue is none.
func FuzzHistory(f *testing.F) {
	make := foreignTo(f)
	for _, rest := range []string{
		"[]", "null", "{}", "[null]", `[{"id":3,"event":"labeled","actor":{"login":"ada","id":101},"label":{"name":"approved"},"created_at":"2026-03-02T09:00:00Z"}]`,
		`[{"id":1,"event":"closed","actor":null,"commit_id":"abc"}]`, `{"id":9,"event":"closed","issue":{"number":7,"repository_url":"https://api.github.com/repos/acme/crm"}}`,
		`[{"id":5,"body":"/approve","user":{"login":"ghost","id":10137},"created_at":"2026-03-02T09:00:00Z","updated_at":"2026-03-02T09:00:00Z"}]`,
		`{"id":5,"body":"x","issue_url":"https://api.github.com/repos/acme/other/issues/1"}`, `[{"id":"x"}]`,
	} {
		f.Add(uint16(200), rest, "")
	}
	f.Fuzz(func(t *testing.T, status uint16, rest, link string) {
		tr, _ := make(t, status, rest, "{}", link)
		ctx := context.Background()
		comments, err := tr.Comments(ctx, "#7")
		fit(t, err)
		if err != nil && len(comments) > 0 {
			t.Errorf("an error and %d comments", len(comments))
		}
		events, err := tr.Events(ctx, "#7")
		fit(t, err)
		if err != nil && len(events) > 0 {
			t.Errorf("an error and %d events", len(events))
		}
		for _, e := range events {
			if e.Actor.Login == ghostLogin && e.Actor.ID == ghostID {
				t.Errorf("a deleted account acts: %+v", e)
			}
		}
		if c, err := tr.CommentByID(ctx, 5); err != nil {
			fit(t, err)
		} else if c.ID != 5 {
			t.Errorf("asked for comment 5, got %+v", c)
		}
		if e, err := tr.EventByID(ctx, 9); err != nil {
			fit(t, err)
		} else if e.ID != 9 {
			t.Errorf("asked for event 9, got %+v", e)
		}
		if role, err := tr.Permission(ctx, "ada"); err != nil {
			fit(t, err)
		} else if !slices.Contains([]string{"none", "read", "triage", "write", "maintain", "admin"}, role) {
			t.Errorf("ada holds %q", role)
		}
	})
}
