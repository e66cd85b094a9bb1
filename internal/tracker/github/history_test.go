package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// TestRoleIsNeverGuessedUpwards reads answers that a server could give: a name that an
// organisation chose counts for no more than the coarse permission beside it.
func TestRoleIsNeverGuessedUpwards(t *testing.T) {
	for _, c := range []struct{ answer, want string }{
		{`{"permission":"write","role_name":"maintain"}`, "maintain"},
		{`{"permission":"read","role_name":"triage"}`, "triage"},
		{`{"permission":"read","user":{"role_name":"triage"}}`, "triage"},
		{`{"permission":"read","role_name":"admin"}`, "read"},
		{`{"permission":"read","role_name":"admin","user":{"permissions":{"admin":true,"maintain":true,"push":true}}}`, "read"},
		{`{"permission":"write","role_name":"crew","user":{"permissions":{"maintain":true,"triage":true}}}`, "maintain"},
		{`{"permission":"write","role_name":"crew"}`, "write"},
		{`{"permission":"none","role_name":"crew","user":{"permissions":{"triage":true}}}`, "none"},
		{`{"permission":"admin","role_name":"crew"}`, "admin"},
		{`{"role_name":"admin"}`, ""},
		{`{"permission":"owner","role_name":"owner"}`, ""},
		{`{"permission":"Admin","role_name":"admin"}`, ""},
		{`{}`, ""},
	} {
		f := newFixture(t, setup{})
		if _, err := f.Repository(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.tap.before = func(call) (*http.Response, error) { return answer(200, c.answer), nil }
		got, err := f.Permission(t.Context(), "ada")
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s reads as %q, %v, want %q", c.answer, got, err, c.want)
		}
	}
}

func TestGhostsAreNobody(t *testing.T) {
	f := newFixture(t, setup{})
	bob := f.srv.As("bob")
	bob.CreateLabel("approved", "0e8a16", "")
	n := bob.OpenIssue("of a person who left", "x", "approved")
	id := bob.Comment(n, "/approve")
	f.srv.DeleteUser("bob")
	ref := refOf(n)
	events, err := f.Events(t.Context(), ref)
	if err != nil || len(events) != 1 || events[0].Actor != (ticket.Account{}) || events[0].Label != "approved" {
		t.Errorf("events are %+v, %v", events, err)
	}
	comment, err := f.CommentByID(t.Context(), id)
	if err != nil || comment.Author != (ticket.Account{}) {
		t.Errorf("the comment is %+v, %v", comment, err)
	}
	got, err := f.Get(t.Context(), []ticket.Ref{ref})
	if err != nil || got[0].Ticket.Author != (ticket.Account{}) {
		t.Errorf("got %+v, %v", got, err)
	}
	listed, err := f.List(t.Context(), ticket.Query{Label: "approved"})
	if err != nil || len(listed) != 1 || listed[0].Author != (ticket.Account{}) {
		t.Errorf("listed %+v, %v", listed, err)
	}
}

func TestEventsOfRenamedBotsAndCode(t *testing.T) {
	f := newFixture(t, setup{})
	f.srv.SetRole("stale[bot]", world.RoleTriage)
	ada, stale := f.srv.As("ada"), f.srv.As("stale[bot]")
	n := ada.OpenIssue("closed in all ways", "x")
	stale.CloseIssueAs(n, "not_planned")
	ada.ReopenIssue(n)
	f.srv.As("bob").CloseByCommit(n, "c1")
	f.srv.RenameUser("bob", "robert")
	events, err := f.Events(t.Context(), refOf(n))
	if err != nil || len(events) != 4 {
		t.Fatalf("events are %+v, %v", events, err)
	}
	if e := events[0]; e.Kind != "closed" || !e.Actor.Bot || e.Actor.Login != "stale[bot]" || e.Commit != "" {
		t.Errorf("by the bot: %+v", e)
	}
	if e := events[3]; e.Kind != "closed" || e.Actor.Login != "robert" || e.Actor.ID != 102 || e.Commit != commits.SHA("c1") {
		t.Errorf("by a commit: %+v", e)
	}
}

// TestHistoryThatMoved: what a transferred issue carried away does not count here any more.
func TestHistoryThatMoved(t *testing.T) {
	for _, person := range []string{"", "ada"} { // a workflow's token cannot follow, a person's can
		f := newFixture(t, setup{Person: person})
		ada := f.srv.As("ada")
		ada.CreateLabel("approved", "0e8a16", "")
		n := ada.OpenIssue("moves on", "x", "approved")
		id := ada.Comment(n, "/approve")
		before, err := f.Events(t.Context(), refOf(n))
		if err != nil || len(before) != 1 {
			t.Fatalf("%+v, %v", before, err)
		}
		ada.TransferIssue(n)
		_, eventsErr := f.Events(t.Context(), refOf(n))
		_, eventErr := f.EventByID(t.Context(), before[0].ID)
		_, commentErr := f.CommentByID(t.Context(), id)
		reactErr := f.React(t.Context(), id, "eyes")
		for what, err := range map[string]error{"events": eventsErr, "event": eventErr, "comment": commentErr, "reaction": reactErr} {
			if ticketKind(err) != ticket.Gone {
				t.Errorf("%s: %v, want kind gone", what, err)
			}
		}
	}
}

// TestHistoryFromElsewhere: an answer about another repository's issue is no answer.
func TestHistoryFromElsewhere(t *testing.T) {
	f := newFixture(t, setup{})
	if _, err := f.Repository(t.Context()); err != nil {
		t.Fatal(err)
	}
	elsewhere := `{"id":5,"event":"labeled","html_url":"https://github.com/acme/other/issues/3","issue_url":"https://api.github.com/repos/acme/other/issues/3",` +
		`"issue":{"number":3,"url":"https://api.github.com/repos/acme/other/issues/3"}}`
	f.tap.before = func(call) (*http.Response, error) { return answer(200, elsewhere), nil }
	if e, err := f.EventByID(t.Context(), 5); ticketKind(err) != ticket.Gone || e != (ticket.Event{}) {
		t.Errorf("event %+v, %v", e, err)
	}
	if c, err := f.CommentByID(t.Context(), 5); ticketKind(err) != ticket.Gone || c != (ticket.Comment{}) {
		t.Errorf("comment %+v, %v", c, err)
	}
	if _, err := f.EventByID(t.Context(), 6); ticketKind(err) != ticket.Unavailable {
		t.Errorf("another event's answer gave %v", err)
	}
	if _, err := f.CommentByID(t.Context(), 6); ticketKind(err) != ticket.Unavailable {
		t.Errorf("another comment's answer gave %v", err)
	}
	if _, err := f.Events(t.Context(), "#3"); ticketKind(err) != ticket.Unavailable {
		t.Errorf("events that are no list gave %v", err)
	}
}

// TestHistoryIsNeverShort: a log whose second page cannot be read is an error.
func TestHistoryIsNeverShort(t *testing.T) {
	f := newFixture(t, setup{})
	ada := f.srv.As("ada")
	n := ada.OpenIssue("busy", "x")
	for range 51 {
		ada.CloseIssue(n)
		ada.ReopenIssue(n)
	}
	f.tap.reset()
	if events, err := f.Events(t.Context(), refOf(n)); err != nil || len(events) != 102 {
		t.Errorf("%d events, %v", len(events), err)
	}
	f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.DuplicatePage() })
	if events, err := f.Events(t.Context(), refOf(n)); err != nil || len(events) != 102 {
		t.Errorf("with pages that overlap: %d events, %v", len(events), err)
	}
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if strings.Contains(r.Query, "page=2") {
			return fakegithub.Refuse(500, "x")
		}
		return nil
	})
	if events, err := f.Events(t.Context(), refOf(n)); ticketKind(err) != ticket.Unavailable || events != nil {
		t.Errorf("a page is missing: %d events, %v", len(events), err)
	}
}

// TestReactOnce: a reaction whose answer is lost is sent again, and there is one of it.
func TestReactOnce(t *testing.T) {
	f := newFixture(t, setup{})
	ada := f.srv.As("ada")
	n := ada.OpenIssue("x", "x")
	id := ada.Comment(n, "/approve")
	if _, err := f.Repository(t.Context()); err != nil {
		t.Fatal(err)
	}
	lost := 0
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if r.Method == http.MethodPost && lost == 0 {
			lost++
			return fakegithub.ApplyThenFail(502)
		}
		return nil
	})
	if err := f.React(t.Context(), id, "confused"); err != nil {
		t.Errorf("react: %v", err)
	}
	if got := f.issue(n).Comments[0].Reactions; fmt.Sprint(got) != "["+fakegithub.BotLogin+":confused]" {
		t.Errorf("reactions are %v", got)
	}
}

func TestEditedWithinTheLog(t *testing.T) {
	f := newFixture(t, setup{})
	ada := f.srv.As("ada")
	n := ada.OpenIssue("x", "x")
	id := ada.Comment(n, "/approve")
	f.watch.now = f.watch.now.Add(time.Minute)
	if c, err := f.CommentByID(t.Context(), id); err != nil || c.Edited() {
		t.Errorf("%+v, %v", c, err)
	}
	ada.EditComment(id, "/approve")
	if c, err := f.CommentByID(t.Context(), id); err != nil || !c.Edited() {
		t.Errorf("%+v, %v", c, err)
	}
}
