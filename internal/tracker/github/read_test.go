package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestRepository(t *testing.T) {
	for name, s := range map[string]struct {
		setup    setup
		requests int
		writer   ticket.Account
		features ticket.Features
	}{
		"github.com":       {setup{}, 1, ticket.Account{ID: fakegithub.BotID, Login: fakegithub.BotLogin, Bot: true}, ticket.Features{SubIssues: true, Dependencies: true, Types: true, History: true}},
		"a person's token": {setup{Person: "ada"}, 1, ticket.Account{ID: 101, Login: "ada"}, ticket.Features{SubIssues: true, Dependencies: true, Types: true, History: true}},
		"Enterprise Server": {setup{Enterprise: true, Features: fakegithub.Features{NoTypes: true, NoDependencies: true}}, 2,
			ticket.Account{ID: fakegithub.BotID, Login: fakegithub.BotLogin, Bot: true}, ticket.Features{SubIssues: true, History: true}},
		"without anything": {setup{Features: fakegithub.Features{NoTypes: true, NoDependencies: true, NoSubIssues: true}}, 2,
			ticket.Account{ID: fakegithub.BotID, Login: fakegithub.BotLogin, Bot: true}, ticket.Features{History: true}},
		"REST only": {setup{Features: fakegithub.Features{NoGraphQL: true}, Trusted: []string{"github-actions[bot]"}}, 9,
			ticket.Account{ID: fakegithub.BotID, Login: fakegithub.BotLogin, Bot: true}, ticket.Features{}},
		"REST only, person": {setup{Features: fakegithub.Features{NoGraphQL: true}, Person: "ada"}, 8, ticket.Account{ID: 101, Login: "ada"}, ticket.Features{}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, s.setup)
			f.seed(fakegithub.Seed{Commits: []commits.Commit{{SHA: "c1"}}, Branches: map[string]string{"main": "c1"}})
			for range 2 {
				got, err := f.Repository(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got.Head != commits.SHA("c1") || got.ID != "71" || got.Name != "acme/crm" || got.DefaultBranch != "main" || !got.Public || got.Archived || got.Fork || got.IssuesOff {
					t.Errorf("got %+v", got)
				}
				if got.Writer != s.writer || got.Features != s.features {
					t.Errorf("writer %+v, features %+v", got.Writer, got.Features)
				}
				if s.features.Types && !slices.Equal(got.IssueTypes, []string{"Bug", "Task"}) {
					t.Errorf("types %q", got.IssueTypes)
				}
			}
			if n := f.tap.count(nil); n != s.requests {
				t.Errorf("%d requests, want %d\n%s", n, s.requests, f.tap.list())
			}
		})
	}
}

func TestRepositoryStates(t *testing.T) {
	f := newFixture(t, setup{Repo: world.Repo{Owner: "acme", Name: "crm", ID: 9, Private: true, Archived: true, IssuesOff: true, Fork: true, DefaultBranch: "trunk"}})
	got, err := f.Repository(t.Context())
	if err != nil || got.ID != "9" || got.Public || !got.Archived || !got.IssuesOff || !got.Fork {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRepositoryRefused(t *testing.T) {
	for name, s := range map[string]struct {
		change func(*Options)
		kind   ticket.Kind
	}{
		"bad token":     {func(o *Options) { o.Token = "ghs_other" }, ticket.Unauthorised},
		"no repository": {func(o *Options) { o.Repository = "acme/other" }, ticket.Gone},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{})
			s.change(&f.o)
			_, err := f.again().Repository(t.Context())
			if ticket.KindOf(err) != s.kind {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestManyLabelsAndMilestones(t *testing.T) {
	for _, noGraph := range []bool{false, true} {
		t.Run(fmt.Sprint("noGraphQL=", noGraph), func(t *testing.T) {
			f := newFixture(t, setup{Features: fakegithub.Features{NoGraphQL: noGraph}, Person: "ada"})
			for i := range 205 {
				f.define(fmt.Sprintf("l%03d", i))
			}
			for i := range 101 {
				if err := f.Define(t.Context(), ticket.Definition{Milestone: ticket.Milestone{Title: fmt.Sprintf("CRM %d", i), Due: "2026-04-01"}}); err != nil {
					t.Fatal(err)
				}
			}
			got, err := f.again().Repository(t.Context())
			if err != nil || len(got.Labels) < 205 || len(got.Milestones) != 101 {
				t.Fatalf("%d labels, %d milestones, %v", len(got.Labels), len(got.Milestones), err)
			}
			if m := got.Milestones[0]; m.Title != "CRM 0" || m.Due != "2026-04-01" {
				t.Errorf("%+v", m)
			}
			want := ticket.Label{Name: "l204", Color: "1d76db", Description: "ours"}
			if !slices.Contains(withoutIDs(got.Labels), want) {
				t.Errorf("%+v is not among the labels", want)
			}
		})
	}
}

func TestListPages(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 1000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			f := newFixture(t, setup{})
			f.seedIssues(n, "ticketfoundry")
			f.seedIssues(1, "other")
			if _, err := f.Repository(t.Context()); err != nil {
				t.Fatal(err)
			}
			for q, want := range map[ticket.Query]int{{Label: "ticketfoundry"}: n, {Author: "github-actions[bot]"}: n + 1, {Label: "none-has-it"}: 0} {
				f.tap.reset()
				got, err := f.List(t.Context(), q)
				if err != nil || len(got) != want {
					t.Fatalf("%+v: %d issues, want %d (%v)", q, len(got), want, err)
				}
				if !slices.IsSortedFunc(got, func(a, b ticket.Observed) int { return a.Number - b.Number }) {
					t.Errorf("%+v is not in order", q)
				}
				if pages := max(1, (want+99)/100); f.tap.count(nil) != pages {
					t.Errorf("%d requests, want %d\n%s", f.tap.count(nil), pages, f.tap.list())
				}
			}
		})
	}
}

func TestListIsNeverShort(t *testing.T) {
	for name, fault := range map[string]*fakegithub.Fault{
		"500":        fakegithub.Refuse(500, "Server Error"),
		"404":        fakegithub.Refuse(404, "Not Found"),
		"page":       fakegithub.HTML(200),
		"cut":        fakegithub.Truncate(500),
		"dropped":    fakegithub.Drop(),
		"other host": fakegithub.Redirect(302, "https://evil.example.net/issues"),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{})
			f.seedIssues(101, "ticketfoundry")
			f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
				if r.Method == http.MethodGet && r.Values().Get("page") == "2" {
					return fault
				}
				return nil
			})
			got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
			if err == nil || got != nil {
				t.Errorf("%d issues, %v", len(got), err)
			}
			f.noToken(err)
		})
	}
}

func TestListWithRepeatedEntries(t *testing.T) {
	f := newFixture(t, setup{})
	f.seedIssues(201, "ticketfoundry")
	f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.DuplicatePage() })
	got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, o := range got {
		if seen[o.Number] {
			t.Errorf("#%d is listed twice", o.Number)
		}
		seen[o.Number] = true
	}
}

func TestListRefusesCommas(t *testing.T) {
	f := newFixture(t, setup{})
	if _, err := f.List(t.Context(), ticket.Query{Label: "a,b"}); ticket.KindOf(err) != ticket.Rejected {
		t.Errorf("got %v", err)
	}
}

func TestGet(t *testing.T) {
	for _, noGraph := range []bool{false, true} {
		t.Run(fmt.Sprint("noGraphQL=", noGraph), func(t *testing.T) {
			f := newFixture(t, setup{Features: fakegithub.Features{NoGraphQL: noGraph}})
			f.define("ticketfoundry")
			f.Create(t.Context(), f.drafts(60))
			var refs []ticket.Ref
			for n := 60; n >= 1; n-- {
				refs = append(refs, refOf(n))
			}
			refs = append(refs, "#999", "#1")
			f.tap.reset()
			got, err := f.Get(t.Context(), refs)
			if err != nil || len(got) != 62 {
				t.Fatalf("%d answers, %v", len(got), err)
			}
			for i, c := range got {
				if refs[i] == "#999" {
					if ticket.KindOf(c.Err) != ticket.Gone {
						t.Errorf("#999: %v", c.Err)
					}
					continue
				}
				if c.Err != nil || c.Ticket.Ref != refs[i] || c.Ticket.Author.Login != fakegithub.BotLogin || c.Ticket.Author.ID != fakegithub.BotID || !c.Ticket.Author.Bot {
					t.Errorf("%s: %+v", refs[i], c)
				}
			}
			// Two queries and a look at the one that is not there.
			if n := f.tap.count(nil); !noGraph && n != 3 {
				t.Errorf("%d requests\n%s", n, f.tap.list())
			}
		})
	}
}

// Both APIs must give the same ticket, so that a list and a read never differ.
func TestListAndGetAgree(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "x")
	if err := f.Define(t.Context(), ticket.Definition{Milestone: ticket.Milestone{Title: "CRM 2.4", Due: "2026-04-01"}}); err != nil {
		t.Fatal(err)
	}
	parent := f.made(f.draft("CRM-101"))
	blocker := f.made(f.draft("CRM-101/build/a"))
	d := f.draft("CRM-101/build/b")
	d.Labels, d.Assignees, d.Milestone, d.Type, d.Parent = []string{"ticketfoundry", "x"}, []string{"ada", "bob"}, "CRM 2.4", "Bug", parent.Ref
	o := f.made(d)
	if _, err := f.Update(t.Context(), o.Ref, ticket.Patch{AddBlockedBy: []ticket.Ref{blocker.Ref}, State: ticket.Duplicate, DuplicateOf: blocker.Ref}); err != nil {
		t.Fatal(err)
	}
	next := f.again()
	listed, err := next.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.again().Get(t.Context(), []ticket.Ref{parent.Ref, blocker.Ref, o.Ref})
	if err != nil {
		t.Fatal(err)
	}
	if want := []ticket.Ref{blocker.Ref}; !slices.Equal(got[2].Ticket.BlockedBy, want) || got[2].Ticket.State != ticket.Duplicate {
		t.Errorf("blocked by %q, state %s", got[2].Ticket.BlockedBy, got[2].Ticket.State)
	}
	for i, l := range listed {
		g := got[i].Ticket
		g.BlockedBy = nil // the list tells only how many
		slices.Sort(l.Labels)
		slices.Sort(g.Labels)
		slices.Sort(l.Assignees)
		slices.Sort(g.Assignees)
		if a, b := fmt.Sprintf("%+v", l), fmt.Sprintf("%+v", g); a != b {
			t.Errorf("listed %s\nread   %s", a, b)
		}
	}
}

func TestUnreadableQueryIsAnError(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	f.Create(t.Context(), f.drafts(2))
	f.tap.before = func(c call) (*http.Response, error) {
		if strings.Contains(c.body, "i0: issue") {
			return answer(200, `{"data":{"repository":{"i0":null,"i1":null}},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded.","path":["repository","i0"]}]}`), nil
		}
		return nil, nil
	}
	if got, err := f.Get(t.Context(), []ticket.Ref{"#1", "#2"}); err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestRequestsOfAFreshRepository(t *testing.T) {
	// One capability with k due tickets: at most ⌈(k+1)/10⌉+6 requests besides labels.
	const k = 12
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	f = f.again()
	f.tap.reset()
	if _, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.List(t.Context(), ticket.Query{Author: fakegithub.BotLogin}); err != nil {
		t.Fatal(err)
	}
	parent := f.made(f.draft("CRM-101"))
	drafts := f.drafts(k)
	for i := range drafts {
		drafts[i].Parent = parent.Ref
	}
	f.Create(t.Context(), drafts)
	if n, most := f.tap.count(nil), (k+1+9)/10+6; n > most {
		t.Errorf("%d requests, at most %d\n%s", n, most, f.tap.list())
	}
}

func TestClockSkewAndLag(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	f.srv.SetListLag(30 * time.Second)
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if len(r.Creates) > 0 {
			return fakegithub.ApplyThenDrop()
		}
		return nil
	})
	got := f.Create(t.Context(), f.drafts(2))
	for _, c := range got {
		if c.Err != nil {
			t.Errorf("a list that lags 30 s: %v", c.Err)
		}
	}
	if n := f.tap.count(call.creates); n != 1 {
		t.Errorf("%d creations were sent", n)
	}
}

func TestRedirectsOfReads(t *testing.T) {
	tests := map[string]struct {
		to   string
		kind ticket.Kind
	}{
		"renamed repository": {"/repositories/71/issues/1", ""},
		"transferred":        {"/repositories/72/issues/1", ticket.Gone},
		"another issue":      {"/repositories/71/issues/2", ticket.Gone},
		"another number":     {"/repositories/71/issues/11", ticket.Gone},
		"other host":         {"https://evil.example.net/repos/acme/crm/issues/1", ticket.Unavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{Features: fakegithub.Features{NoGraphQL: true}})
			f.seedIssues(12, "ticketfoundry")
			if _, err := f.Repository(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
				if rest, ok := strings.CutPrefix(r.Path, "/repos/acme/crm/issues/1"); ok {
					return fakegithub.Redirect(301, tt.to+rest)
				}
				return nil
			})
			got, err := f.Get(t.Context(), []ticket.Ref{"#1"})
			if err == nil {
				err = got[0].Err
			}
			if ticket.KindOf(err) != tt.kind || tt.kind == "" && got[0].Ticket.Number != 1 {
				t.Errorf("read: %v", err)
			}
			if _, err := f.Comments(t.Context(), "#1"); ticket.KindOf(err) != tt.kind {
				t.Errorf("comments: %v", err)
			}
			if _, err := f.Update(t.Context(), "#1", ticket.Patch{Title: "x"}); ticket.KindOf(err) != ticket.Gone {
				t.Errorf("write: %v", err)
			}
			f.noToken(err)
		})
	}
}

// A token that may not see the organisation's issue types can still work.
func TestTypesAreNotNeeded(t *testing.T) {
	f := newFixture(t, setup{})
	f.tap.after = func(_ call, resp *http.Response) (*http.Response, error) {
		var a map[string]any
		err := json.NewDecoder(resp.Body).Decode(&a)
		_ = resp.Body.Close()
		if err != nil {
			return nil, err
		}
		a["data"].(map[string]any)["repository"].(map[string]any)["issueTypes"] = nil
		a["errors"] = []any{map[string]any{"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": []any{"repository", "issueTypes"}}}
		text, err := json.Marshal(a)
		return answer(200, string(text)), err
	}
	got, err := f.Repository(t.Context())
	if err != nil || got.Name != "acme/crm" || len(got.IssueTypes) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRequestsOfALargeRepository(t *testing.T) {
	f := newFixture(t, setup{})
	f.seedIssues(1101, "ticketfoundry") // 100 capabilities, 1,000 tickets, a board
	got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"})
	if n := f.tap.count(nil); err != nil || len(got) != 1101 || n > 13 {
		t.Errorf("%d requests for %d issues (%v)", n, len(got), err)
	}
}
