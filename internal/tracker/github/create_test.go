package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// draft is a ticket as the program would create it, with its marker.
func (f *fixture) draft(key ticket.Key) ticket.Draft {
	f.t.Helper()
	where, err := f.Repository(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return ticket.Draft{
		Key: key, Title: "Ticket " + string(key), Labels: []string{"ticketfoundry"},
		Body: ticket.NewBody(ticket.Marker{Repository: where.ID, Key: key}, "text"),
	}
}

func (f *fixture) drafts(n int) []ticket.Draft {
	out := make([]ticket.Draft, n)
	for i := range out {
		out[i] = f.draft(ticket.Make("CRM-101", "build", fmt.Sprintf("part-%d", i+1)))
	}
	return out
}

func (f *fixture) define(labels ...string) {
	f.t.Helper()
	for _, l := range labels {
		if err := f.Define(f.t.Context(), ticket.Definition{Label: ticket.Label{Name: l, Color: "1d76db", Description: "ours"}}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// made creates one issue that must succeed.
func (f *fixture) made(d ticket.Draft) ticket.Observed {
	f.t.Helper()
	got := f.Create(f.t.Context(), []ticket.Draft{d})[0]
	if got.Err != nil {
		f.t.Fatal(got.Err)
	}
	return got.Ticket
}

func TestCreateBatches(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "stage:build")
	if err := f.Define(t.Context(), ticket.Definition{Milestone: ticket.Milestone{Title: "CRM 2.4", Due: "2026-04-01"}}); err != nil {
		t.Fatal(err)
	}
	parent := f.made(f.draft("CRM-101"))
	f.tap.reset()
	drafts := f.drafts(23)
	for i := range drafts {
		drafts[i].Labels = append(drafts[i].Labels, "Stage:Build")
		drafts[i].Assignees = []string{"Ada"}
		drafts[i].Milestone = "CRM 2.4"
		drafts[i].Type = "Task"
		drafts[i].Parent = parent.Ref
	}
	for i, got := range f.Create(t.Context(), drafts) {
		if got.Err != nil || len(got.Dropped) > 0 {
			t.Fatalf("%s: %v, dropped %q", drafts[i].Key, got.Err, got.Dropped)
		}
		o := got.Ticket
		if o.Title != drafts[i].Title || !ticket.SameBody(o.Body, drafts[i].Body) || o.Parent != parent.Ref || o.State != ticket.Open ||
			o.Milestone != "CRM 2.4" || !slices.Equal(o.Assignees, []string{"ada"}) || o.Type != "Task" || o.ID == "" || o.URL == "" {
			t.Errorf("%s became %+v", drafts[i].Key, o)
		}
	}
	if n := f.tap.count(nil); n != 3 {
		t.Errorf("%d requests for 23 issues\n%s", n, f.tap.list())
	}
	if got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"}); err != nil || len(got) != 24 {
		t.Errorf("%d issues there (%v)", len(got), err)
	}
	f.noViolations()
}

// A lost answer must end in one issue, whatever happened on the way.
func TestCreateLostAnswer(t *testing.T) {
	lost := errors.New("connection reset by peer")
	tests := map[string]struct {
		apply    bool
		answer   func() (*http.Response, error)
		noGraph  bool
		wantKind ticket.Kind
		issues   int
	}{
		"applied, connection lost": {apply: true, answer: func() (*http.Response, error) { return nil, lost }, issues: 3},
		"applied, 502":             {apply: true, answer: func() (*http.Response, error) { return answer(502, "<html>Unicorn</html>"), nil }, issues: 3},
		"applied, cut JSON":        {apply: true, answer: func() (*http.Response, error) { return answer(200, `{"data":{"c0":{"iss`), nil }, issues: 3},
		"applied, empty":           {apply: true, answer: func() (*http.Response, error) { return answer(200, ``), nil }, issues: 3},
		"applied, went wrong": {apply: true, answer: func() (*http.Response, error) {
			return answer(200, `{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}`), nil
		}, issues: 3},
		"not applied, 500":            {answer: func() (*http.Response, error) { return answer(500, `{"message":"Server Error"}`), nil }, wantKind: ticket.Unknown},
		"not applied, lost":           {answer: func() (*http.Response, error) { return nil, lost }, wantKind: ticket.Unknown},
		"REST, applied, lost":         {noGraph: true, apply: true, answer: func() (*http.Response, error) { return nil, lost }, issues: 3},
		"REST, applied, 500":          {noGraph: true, apply: true, answer: func() (*http.Response, error) { return answer(500, `{"message":"Server Error"}`), nil }, issues: 3},
		"REST, not applied, 502 page": {noGraph: true, answer: func() (*http.Response, error) { return answer(502, "<html>"), nil }, wantKind: ticket.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{Features: fakegithub.Features{NoGraphQL: tt.noGraph}})
			f.define("ticketfoundry")
			f.tap.reset()
			if tt.apply {
				f.tap.after = func(c call, resp *http.Response) (*http.Response, error) {
					if !c.creates() {
						return resp, nil
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
					return tt.answer()
				}
			} else {
				f.tap.before = func(c call) (*http.Response, error) {
					if !c.creates() {
						return nil, nil
					}
					return tt.answer()
				}
			}
			before := f.watch.total()
			for _, got := range f.Create(t.Context(), f.drafts(3)) {
				if ticket.KindOf(got.Err) != tt.wantKind || (got.Err == nil) != (tt.wantKind == "") {
					t.Errorf("%v, want kind %q", got.Err, tt.wantKind)
				}
				if got.Err == nil && (got.Ticket.Ref == "" || len(got.Dropped) > 0) {
					t.Errorf("adopted %+v", got)
				}
			}
			wantSent := 1
			if tt.noGraph {
				wantSent = 3
			}
			if n := f.tap.count(call.creates); n != wantSent {
				t.Errorf("%d creations were sent, want %d\n%s", n, wantSent, f.tap.list())
			}
			if waited := f.watch.total() - before; tt.wantKind != "" && waited < time.Minute {
				t.Errorf("gave up after %s", waited)
			}
			f.tap.before, f.tap.after = nil, nil
			got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
			if err != nil || len(got) != tt.issues {
				t.Errorf("%d issues there (%v), want %d", len(got), err, tt.issues)
			}
		})
	}
}

// The list may lag: the issue shows up only after a while.
func TestCreateFoundLate(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	looked := 0
	f.tap.after = func(c call, resp *http.Response) (*http.Response, error) {
		switch {
		case c.creates():
			return nil, errors.New("timeout")
		case strings.Contains(c.path, "creator="):
			if looked++; looked < 4 {
				return answer(200, `[]`), nil
			}
		}
		return resp, nil
	}
	got := f.Create(t.Context(), f.drafts(1))[0]
	if got.Err != nil || got.Ticket.Number != 1 || looked != 4 || f.watch.total().Round(time.Second) != 17*time.Second {
		t.Errorf("%+v after %d looks and %s", got, looked, f.watch.total())
	}
}

func TestCreateItemsFailAlone(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	drafts := f.drafts(3)
	drafts[1].Title = strings.Repeat("x", 300)
	got := f.Create(t.Context(), drafts)
	if got[0].Err != nil || got[2].Err != nil {
		t.Errorf("others: %v, %v", got[0].Err, got[2].Err)
	}
	if ticket.KindOf(got[1].Err) != ticket.Rejected || !strings.Contains(got[1].Err.Error(), "CRM-101/build/part-2") {
		t.Errorf("got %v", got[1].Err)
	}
	if n := f.tap.count(call.creates); n != 1 {
		t.Errorf("%d creations were sent", n)
	}
}

func TestCreateItemsRefusedByLimit(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		return fakegithub.FailMutation("c1", "was submitted too quickly")
	})
	f.tap.reset()
	got := f.Create(t.Context(), f.drafts(2))
	if got[0].Err != nil {
		t.Fatalf("first: %v", got[0].Err)
	}
	// Sent again alone it is the batch's first, and goes through.
	if got[1].Err != nil || f.watch.total() < time.Minute || f.tap.count(call.creates) != 2 {
		t.Errorf("second: %v after %s\n%s", got[1].Err, f.watch.total(), f.tap.list())
	}
}

func TestCreateDrops(t *testing.T) {
	t.Run("not assignable, unknown label, gone parent", func(t *testing.T) {
		f := newFixture(t, setup{})
		f.define("ticketfoundry")
		d := f.draft("CRM-101/build/a")
		d.Assignees = []string{"ada", "stranger"}
		d.Labels = append(d.Labels, "never-defined")
		d.Milestone = "CRM 9"
		d.Parent = "#999"
		got := f.Create(t.Context(), []ticket.Draft{d})[0]
		want := []string{"assignee stranger", "label never-defined", "milestone CRM 9", "parent"}
		if got.Err != nil || !slices.Equal(got.Dropped, want) {
			t.Errorf("%v, dropped %q, want %q", got.Err, got.Dropped, want)
		}
	})
	t.Run("without push access", func(t *testing.T) {
		f := newFixture(t, setup{Role: "read"})
		d := f.draft("CRM-101/build/a")
		got := f.Create(t.Context(), []ticket.Draft{d})[0]
		if got.Err == nil && !slices.Equal(got.Dropped, []string{"label ticketfoundry"}) || got.Err != nil && ticket.KindOf(got.Err) != ticket.Unauthorised {
			t.Errorf("%v, dropped %q", got.Err, got.Dropped)
		}
	})
	t.Run("REST asks before it assigns", func(t *testing.T) {
		f := newFixture(t, setup{Features: fakegithub.Features{NoGraphQL: true}})
		f.define("ticketfoundry")
		d := f.draft("CRM-101/build/a")
		d.Assignees = []string{"ada", "stranger"}
		got := f.Create(t.Context(), []ticket.Draft{d})[0]
		if got.Err != nil || !slices.Equal(got.Dropped, []string{"assignee stranger"}) || !slices.Equal(got.Ticket.Assignees, []string{"ada"}) {
			t.Errorf("%v, %+v", got.Err, got)
		}
	})
}

func TestCreateUnderFullParent(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	parent := f.made(f.draft("CRM-101"))
	drafts := f.drafts(101)
	for i := range drafts {
		drafts[i].Parent = parent.Ref
	}
	for i, got := range f.Create(t.Context(), drafts) {
		want := []string(nil)
		if i == 100 {
			want = []string{"parent"}
		}
		if got.Err != nil || !slices.Equal(got.Dropped, want) {
			t.Errorf("%d: %v, dropped %q", i+1, got.Err, got.Dropped)
		}
	}
	if got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"}); err != nil || len(got) != 102 {
		t.Errorf("%d issues there (%v)", len(got), err)
	}
}

func TestCreateParentOnOldServers(t *testing.T) {
	for name, s := range map[string]struct {
		setup  setup
		parent bool
	}{
		"create takes no parent": {setup{Features: fakegithub.Features{NoParentInCreate: true}}, true},
		"REST only":              {setup{Features: fakegithub.Features{NoGraphQL: true}}, true},
		"no sub-issues":          {setup{Features: fakegithub.Features{NoSubIssues: true}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			// The feature shows on issues that are there already.
			f := newFixture(t, s.setup)
			f.define("ticketfoundry")
			f.made(f.draft("CRM-100"))
			f = f.again()
			parent := f.made(f.draft("CRM-101"))
			d := f.draft("CRM-101/build/a")
			d.Parent = parent.Ref
			got := f.Create(t.Context(), []ticket.Draft{d})[0]
			if got.Err != nil || (got.Ticket.Parent == parent.Ref) != s.parent || slices.Contains(got.Dropped, "parent") == s.parent {
				t.Fatalf("%v, parent %q, dropped %q", got.Err, got.Ticket.Parent, got.Dropped)
			}
			where, err := f.Repository(t.Context())
			if err != nil || where.Features.SubIssues != s.parent {
				t.Errorf("features %+v, %v", where.Features, err)
			}
			listed, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
			if err != nil || (listed[2].Parent == parent.Ref) != s.parent {
				t.Errorf("%v, %+v", err, listed)
			}
		})
	}
}

func TestCreateStopsAtALimit(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	f.tap.before = func(c call) (*http.Response, error) {
		if c.creates() {
			return answer(403, `{"message":"You have exceeded a secondary rate limit"}`, "Retry-After", "3600"), nil
		}
		return nil, nil
	}
	for _, got := range f.Create(t.Context(), f.drafts(25)) {
		var e *ticket.Error
		if !errors.As(got.Err, &e) || e.Kind != ticket.RateLimited || !e.Until.After(f.watch.time()) || e.Key == "" {
			t.Errorf("got %v", got.Err)
		}
	}
	if n := f.tap.count(call.creates); n != 1 {
		t.Errorf("%d creations were sent into the limit", n)
	}
}

func TestCreatePaces(t *testing.T) {
	f := newFixture(t, setup{PerMinute: 60})
	f.define("ticketfoundry")
	before := f.watch.total()
	for _, got := range f.Create(t.Context(), f.drafts(25)) {
		if got.Err != nil {
			t.Fatal(got.Err)
		}
	}
	// One label before (1 s), ten, ten; nothing is waited for after the last five.
	if got := f.watch.total() - before; got != 21*time.Second {
		t.Errorf("waited %s", got)
	}
	if got := f.Counts().Writes; got != 26 {
		t.Errorf("counted %d writes", got)
	}
}
