package run_test

import (
	"fmt"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// What has many pages is read whole, also while things move from page to page.
func TestEveryPageIsRead(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 99, 100, 101, 1000, 5001}
	if testing.Short() || !thorough {
		sizes = []int{0, 1, 99, 100, 101}
	}
	for _, n := range sizes {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, options(), nil).quick()
			mona := r.srv.As("mona")
			r.fill(n)
			busy := mona.OpenIssue("busy", "x")
			for i := range n {
				mona.Comment(busy, fmt.Sprint(i))
				if i%2 == 0 {
					mona.CloseIssue(busy)
				} else {
					mona.ReopenIssue(busy)
				}
			}
			tr, err := github.New(github.Options{Token: fakegithub.DefaultToken, Repository: "octo-org/crm", APIURL: r.api, GraphQLURL: r.gql,
				UserAgent: "test", Base: r.http, Clock: r.clock.Now, Sleep: r.clock.Sleep})
			if err != nil {
				t.Fatal(err)
			}
			for _, shifted := range []bool{false, true} {
				if shifted {
					r.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.DuplicatePage() })
				}
				r.readsAll(tr, n, busy)
			}
		})
	}
}

// fill makes so many issues and labels.
func (r *repo) fill(n int) {
	var s fakegithub.Seed
	s.Labels = append(s.Labels, fakegithub.Label{Name: "ticketfoundry", Colour: "ffffff"})
	for i := range n {
		s.Issues = append(s.Issues, fakegithub.SeedIssue{Author: fakegithub.BotLogin, Title: fmt.Sprint(i), Labels: []string{"ticketfoundry"}})
		s.Labels = append(s.Labels, fakegithub.Label{Name: fmt.Sprintf("label-%d", i), Colour: "ffffff"})
	}
	if err := r.srv.Seed(s); err != nil {
		r.t.Fatal(err)
	}
}

// readsAll fails unless n issues, labels, comments and events are read, each once.
func (r *repo) readsAll(tr *github.Tracker, n, busy int) {
	r.t.Helper()
	ctx, ref := r.t.Context(), ticket.Ref(fmt.Sprintf("#%d", busy))
	got := map[string]int{}
	count := func(what string, all int, err error) {
		if got[what] = all; err != nil {
			r.t.Errorf("%s: %v", what, err)
		}
	}
	repository, err := tr.Repository(ctx)
	count("labels", len(repository.Labels)-1, err)
	issues, err := tr.List(ctx, ticket.Query{Label: "ticketfoundry"})
	count("issues", distinct(issues, func(o ticket.Observed) int { return o.Number }), err)
	comments, err := tr.Comments(ctx, ref)
	count("comments", distinct(comments, func(c ticket.Comment) int64 { return c.ID }), err)
	events, err := tr.Events(ctx, ref)
	count("events", distinct(events, func(e ticket.Event) int64 { return e.ID }), err)
	for what, all := range got {
		if all != n && (what != "labels" || !repository.SomeLabels) {
			r.t.Errorf("%d %s, want %d", all, what, n)
		}
	}
}

// distinct counts entries with different names, and gives -1 if one is there twice.
func distinct[T any, K comparable](all []T, name func(T) K) int {
	seen := map[K]bool{}
	for _, x := range all {
		if seen[name(x)] {
			return -1
		}
		seen[name(x)] = true
	}
	return len(all)
}

// An issue that leaves the list between two of its pages takes another one's place along, which
// is then listed on neither: that one is not made again.
func TestIssuesThatMoveBetweenPages(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(r *repo, n int){
		"deleted":   func(r *repo, n int) { r.srv.As("octocat").DeleteIssue(n) },
		"unlabeled": func(r *repo, n int) { r.srv.As("octocat").RemoveLabel(n, "ticketfoundry") },
	} {
		for _, next := range []string{"2", "3"} {
			t.Run(name+" before page "+next, func(t *testing.T) {
				t.Parallel()
				r := newRepo(t, options(), specs(20, 9)).quick()
				foreign := make([]int, 3)
				r.srv.As("mona").CreateLabel("ticketfoundry", "ededed", "")
				for i := range foreign {
					foreign[i] = r.srv.As("mona").OpenIssue("Not ours", "x", "ticketfoundry")
				}
				r.inputs["MAX-WRITES"], r.inputs["WRITES-PER-HOUR"], r.inputs["MAX-MINUTES"] = "0", "10000", "300"
				r.must(r.push(), 0)
				want := len(r.srv.Issues())
				left := false
				r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
					if !left && q.Values().Get("page") == next {
						left = true
						leave(r, foreign[0])
					}
					return nil
				})
				r.commit(map[string]string{path("CRM-3"): spec("CRM-3", 9, "priority: p0\n")})
				r.must(r.event("schedule", map[string]any{}, nil), 0)
				r.srv.Fault(nil)
				if !left {
					t.Fatalf("the list has no page %s\n%s", next, r.srv.Summary())
				}
				if name == "deleted" {
					want--
				}
				if got := len(r.srv.Issues()); got != want {
					t.Errorf("%d issues, want %d", got, want)
				}
				if found := r.twice(); found != "" {
					t.Error(found)
				}
				r.steady()
			})
		}
	}
}
