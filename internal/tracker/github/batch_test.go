package github

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

func TestBatchSizes(t *testing.T) {
	b := newBatch(10)
	step := func(what string, do func(), times, want int) {
		t.Helper()
		for range times {
			do()
		}
		if got := b.now(); got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	step("good ones", b.went, 30, 10)
	step("lost", b.lost, 1, 5)
	step("lost again", b.lost, 1, 2)
	step("never none", b.lost, 5, 1)
	step("nine good ones", b.went, 9, 1)
	step("lost after nine", b.lost, 1, 1)
	step("nine more", b.went, 9, 1)
	step("ten", b.went, 1, 2)
	step("twenty", b.went, 10, 4)
	step("never more than it was", b.went, 30, 10)
}

// slow answers requests with more than most things as a server does that runs out of time.
func slow(most int, count func(fakegithub.Request) int) func(fakegithub.Request) *fakegithub.Fault {
	return func(r fakegithub.Request) *fakegithub.Fault {
		if n := count(r); n > most {
			if r.Write {
				return fakegithub.TimeoutAfter(most)
			}
			return fakegithub.HTML(502)
		}
		return nil
	}
}

func mutations(r fakegithub.Request) int {
	if !r.Write {
		return 0
	}
	return len(r.Ops)
}

func TestCreateOnASlowServer(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	f.srv.Fault(slow(4, mutations))
	for i, got := range f.Create(t.Context(), f.drafts(7)) {
		// What was cut off is not found, and is never sent again by guess.
		if want := ticket.Unknown; i >= 4 && ticket.KindOf(got.Err) != want || i < 4 && got.Err != nil {
			t.Errorf("%d: %v", i, got.Err)
		}
	}
	if n := f.sizes.creates.now(); n != 5 {
		t.Errorf("the next request carries %d", n)
	}
	f.srv.Fault(nil)
	f.tap.reset()
	drafts := f.drafts(18)
	for _, got := range f.Create(t.Context(), drafts[7:]) {
		if got.Err != nil {
			t.Error(got.Err)
		}
	}
	if n := f.tap.count(call.creates); n != 3 {
		t.Errorf("%d requests for 11 issues\n%s", n, f.tap.list())
	}
}

func TestUpdateAllOnASlowServer(t *testing.T) {
	f, edits := many(t, 40, setup{})
	f.srv.Fault(slow(6, mutations)) // three edits of two mutations each
	for i, got := range f.UpdateAll(t.Context(), edits) {
		if got.Err != nil || !f.done(edits[i]) {
			t.Errorf("%d: %v", i, got.Err)
		}
	}
	if n := f.sizes.edits.now(); n > 4 {
		t.Errorf("requests still carry %d", n)
	}
}

func TestGetOnASlowServer(t *testing.T) {
	f := newFixture(t, setup{})
	f.seedIssues(120, "ticketfoundry")
	var refs []ticket.Ref
	for n := range 120 {
		refs = append(refs, refOf(n+1))
	}
	f.srv.Fault(slow(15, func(r fakegithub.Request) int { return strings.Count(r.Body, "issue(number:") }))
	got, err := f.Get(t.Context(), refs)
	if err != nil || len(got) != 120 {
		t.Fatal(err)
	}
	for i, g := range got {
		if g.Err != nil || g.Ticket.Ref != refs[i] {
			t.Errorf("%d: %+v", i, g)
		}
	}
	// 50, 25 and 12 to find the size, then it holds (and is tried doubled after ten good ones).
	if n := f.tap.count(nil); n > 1+2+10+2 || f.sizes.reads.now() > 24 {
		t.Errorf("%d requests, the next carries %d\n%s", n, f.sizes.reads.now(), f.tap.list())
	}
	f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.HTML(502) })
	f.tap.reset()
	if _, err := f.Get(t.Context(), refs); ticket.KindOf(err) != ticket.Unavailable || f.tap.count(nil) > 12 {
		t.Errorf("%v after %d requests", err, f.tap.count(nil))
	}
}

// A question that the server answers with 200 and trouble of its own is asked again.
func TestQueriesAreAskedAgain(t *testing.T) {
	for times, want := range map[int]ticket.Kind{1: "", 4: "", 5: ticket.Unavailable} {
		f := newFixture(t, setup{})
		left := times
		f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
			if left--; left >= 0 {
				return fakegithub.WentWrong()
			}
			return nil
		})
		repo, err := f.Repository(t.Context())
		if ticket.KindOf(err) != want || (err == nil) != (repo.ID == "71") {
			t.Errorf("%d times: %v", times, err)
		}
		if n := f.tap.count(nil); n != min(times+1, 5) {
			t.Errorf("%d times: %d requests", times, n)
		}
	}
}

func TestServerTime(t *testing.T) {
	f := newFixture(t, setup{})
	if got := f.ServerTime(); !got.IsZero() {
		t.Errorf("before any answer it is %s", got)
	}
	if _, err := f.Repository(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := f.watch.time()
	for _, passed := range []time.Duration{0, 1500 * time.Millisecond, time.Hour} {
		if err := f.watch.sleep(t.Context(), passed); err != nil {
			t.Fatal(err)
		}
		at = at.Add(passed)
		if got := f.ServerTime(); got != at.Add(-time.Second).Truncate(time.Second) || got.After(f.srv.Now()) {
			t.Errorf("after %s it is %s, there %s", passed, got, f.srv.Now())
		}
	}
}

func TestBoardsOnOldServers(t *testing.T) {
	for name, features := range map[string]fakegithub.Features{
		"complete": {}, "old": {NoTypes: true, NoDependencies: true, NoSubIssues: true, NoDuplicates: true, NoEdits: true, NoMarks: true}, "REST only": {NoGraphQL: true},
	} {
		f := newFixture(t, setup{Features: features, Person: "ada"})
		f.srv.As("ada").OpenIssue("another", "")
		n := f.srv.As("ada").OpenIssue("Board", "all at a glance", "board")
		repo, err := f.Repository(t.Context())
		if err != nil || len(repo.Boards) != 1 {
			t.Errorf("%s: %v, %+v", name, err, repo.Boards)
			continue
		}
		if b := repo.Boards[0]; b.Number != n || b.Body != "all at a glance" || b.Author.Login != "ada" || b.Author.ID == 0 || b.State != ticket.Open || !slices.Equal(b.Labels, []string{"board"}) {
			t.Errorf("%s: %+v", name, b)
		}
		if h := f.known(n); h.node == "" || h.id == 0 {
			t.Errorf("%s: it cannot be addressed: %+v", name, h)
		}
	}
}
