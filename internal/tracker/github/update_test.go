package github

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestUpdateEverything(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "stage:spec", "stage:build")
	for _, m := range []string{"CRM 2.4", "CRM 2.5"} {
		if err := f.Define(t.Context(), ticket.Definition{Milestone: ticket.Milestone{Title: m}}); err != nil {
			t.Fatal(err)
		}
	}
	parent, blocker, old := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-100")), f.made(f.draft("CRM-99"))
	d := f.draft("CRM-101/build/a")
	d.Labels, d.Assignees, d.Milestone = []string{"ticketfoundry", "stage:spec"}, []string{"ada"}, "CRM 2.4"
	o := f.made(d)
	f.srv.As("ada").AddLabel(o.Number, "ours too")
	if _, err := f.Update(t.Context(), o.Ref, ticket.Patch{AddBlockedBy: []ticket.Ref{old.Ref}}); err != nil {
		t.Fatal(err)
	}
	f.tap.reset()
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{
		Title: "new title", Body: "new body", State: ticket.NotPlanned, Milestone: "CRM 2.5", Type: "Bug",
		AddLabels: []string{"stage:build"}, RemoveLabels: []string{"stage:spec", "never there"},
		AddAssignees: []string{"bob"}, RemoveAssignees: []string{"ada"},
		Parent: parent.Ref, AddBlockedBy: []ticket.Ref{blocker.Ref}, RemoveBlockedBy: []ticket.Ref{old.Ref},
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.Labels)
	if got.Title != "new title" || got.Body != "new body" || got.State != ticket.NotPlanned || got.Milestone != "CRM 2.5" || got.Type != "Bug" ||
		!slices.Equal(got.Labels, []string{"ours too", "stage:build", "ticketfoundry"}) || !slices.Equal(got.Assignees, []string{"bob"}) ||
		got.Parent != parent.Ref || got.Blocked != 1 {
		t.Errorf("got %+v", got)
	}
	there := f.issue(o.Number)
	if !slices.Equal(there.BlockedBy, []int{blocker.Number}) || there.Parent != parent.Number || there.StateReason != "not_planned" {
		t.Errorf("the server has %+v", there)
	}
	last := f.srv.Requests()[len(f.srv.Requests())-1]
	if last.Method != http.MethodPatch || !strings.Contains(last.Body, "new body") {
		t.Errorf("the body was not last: %s", last)
	}
	f.noViolations()
}

func TestUpdateSendsOnlyWhatChanges(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	o := f.made(f.draft("CRM-101"))
	f.tap.reset()
	for _, p := range []ticket.Patch{{Title: "t"}, {Body: "b"}, {State: ticket.Completed}, {State: ticket.Open}} {
		if _, err := f.Update(t.Context(), o.Ref, p); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.tap.count(nil); n != 4 || f.tap.count(isMethod(http.MethodPatch)) != 4 {
		t.Errorf("%d requests for 4 changes\n%s", n, f.tap.list())
	}
	if got := f.issue(o.Number); got.Title != "t" || got.Body != "b" || got.State != "open" || !slices.Equal(got.Labels, []string{"ticketfoundry"}) {
		t.Errorf("got %+v", got)
	}
}

func TestUpdateClearsMilestone(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	n := f.srv.As("ada").CreateMilestone("CRM 2.4")
	f.srv.As("ada").CloseMilestone(n)
	o := f.made(f.draft("CRM-101"))
	// The milestone is closed and came after the repository was read.
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{Milestone: "CRM 2.4"})
	if err != nil || got.Milestone != "CRM 2.4" {
		t.Fatalf("%v, %q", err, got.Milestone)
	}
	if got, err = f.Update(t.Context(), o.Ref, ticket.Patch{ClearMilestone: true}); err != nil || got.Milestone != "" {
		t.Errorf("%v, %q", err, got.Milestone)
	}
	if _, err = f.Update(t.Context(), o.Ref, ticket.Patch{Milestone: "CRM 9"}); ticket.KindOf(err) != ticket.Rejected {
		t.Errorf("unknown milestone: %v", err)
	}
}

// Removing a?b must not remove a.
func TestUpdateEscapesLabels(t *testing.T) {
	for _, name := range []string{"a?b", "a#b", "a/b", "a%b", "a b", "a:b", "ä", "a%20b"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{})
			f.define("a", name)
			d := f.draft("CRM-101")
			d.Labels = []string{"a", name}
			o := f.made(d)
			got, err := f.Update(t.Context(), o.Ref, ticket.Patch{RemoveLabels: []string{name}})
			if err != nil || !slices.Equal(got.Labels, []string{"a"}) {
				t.Errorf("%v, left %q", err, got.Labels)
			}
			if got, err = f.Update(t.Context(), o.Ref, ticket.Patch{AddLabels: []string{name}}); err != nil || len(got.Labels) != 2 {
				t.Errorf("%v, then %q", err, got.Labels)
			}
			if err := f.Define(t.Context(), ticket.Definition{Label: ticket.Label{Name: name, Color: "ffffff"}}); err != nil {
				t.Error(err)
			}
			for _, l := range f.srv.Labels() {
				if l.Name == "a" && l.Colour != "1d76db" || l.Name == name && l.Colour != "ffffff" {
					t.Errorf("label %+v", l)
				}
			}
		})
	}
}

func TestUpdateOfGoneIssues(t *testing.T) {
	for name, leave := range map[string]func(fakegithub.Person, int){
		"deleted":     fakegithub.Person.DeleteIssue,
		"transferred": fakegithub.Person.TransferIssue,
		"converted":   fakegithub.Person.ConvertToDiscussion,
	} {
		for what, p := range map[string]ticket.Patch{
			"title": {Title: "x"}, "add label": {AddLabels: []string{"ticketfoundry"}}, "remove label": {RemoveLabels: []string{"ticketfoundry"}},
			"assign": {AddAssignees: []string{"ada"}}, "unassign": {RemoveAssignees: []string{"ada"}}, "close": {State: ticket.Completed},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				f := newFixture(t, setup{})
				f.define("ticketfoundry")
				o := f.made(f.draft("CRM-101"))
				leave(f.srv.As("ada"), o.Number)
				_, err := f.Update(t.Context(), o.Ref, p)
				if ticket.KindOf(err) != ticket.Gone {
					t.Errorf("got %v", err)
				}
				f.noToken(err)
			})
		}
		t.Run(name+"/read", func(t *testing.T) {
			f := newFixture(t, setup{})
			f.define("ticketfoundry")
			o := f.made(f.draft("CRM-101"))
			leave(f.srv.As("ada"), o.Number)
			got, err := f.Get(t.Context(), []ticket.Ref{o.Ref})
			if err != nil || ticket.KindOf(got[0].Err) != ticket.Gone {
				t.Fatalf("%+v, %v", got, err)
			}
			if name == "transferred" && !strings.Contains(got[0].Err.Error(), "/issues/401") {
				t.Errorf("the new address is not in %q", got[0].Err)
			}
			if _, err := f.Comments(t.Context(), o.Ref); ticket.KindOf(err) != ticket.Gone {
				t.Errorf("comments: %v", err)
			}
		})
	}
}

func TestUpdateParentOnlyIfNone(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	first, second := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-102"))
	o := f.made(f.draft("CRM-101/build/a"))
	f.srv.As("ada").SetParent(o.Number, second.Number)
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{Parent: first.Ref})
	if err != nil || got.Parent != second.Ref {
		t.Errorf("%v, parent %q, want %q kept", err, got.Parent, second.Ref)
	}
}

func TestUpdateMeetsOthersAtOneParent(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	parent, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-101/build/a"))
	times := 0
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if slices.Contains(r.Ops, "addSubIssue") {
			if times++; times < 3 {
				return fakegithub.FailMutation("addSubIssue", "Priority has already been taken")
			}
		}
		return nil
	})
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{Parent: parent.Ref})
	if err != nil || got.Parent != parent.Ref || times != 3 {
		t.Errorf("%v, parent %q after %d tries", err, got.Parent, times)
	}
}

// A part that is refused does not keep the rest from being done.
func TestUpdateGoesOnAfterARefusal(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	o := f.made(f.draft("CRM-101"))
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{Title: "new", AddLabels: []string{strings.Repeat("x", 60)}, AddBlockedBy: []ticket.Ref{o.Ref}})
	if ticket.KindOf(err) != ticket.Rejected || got.Title != "new" {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestUpdateLostAnswers(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "x")
	o := f.made(f.draft("CRM-101"))
	once := func(method string) {
		done := false
		f.tap.after = func(c call, resp *http.Response) (*http.Response, error) {
			if c.method == method && !done {
				done = true
				return nil, errors.New("connection reset")
			}
			return resp, nil
		}
	}
	once(http.MethodPatch)
	if got, err := f.Update(t.Context(), o.Ref, ticket.Patch{Title: "second try"}); err != nil || got.Title != "second try" {
		t.Errorf("PATCH: %v", err)
	}
	once(http.MethodDelete)
	if got, err := f.Update(t.Context(), o.Ref, ticket.Patch{RemoveLabels: []string{"ticketfoundry"}}); err != nil || len(got.Labels) != 0 {
		t.Errorf("DELETE: %v, %q", err, got.Labels)
	}
	once(http.MethodPost)
	f.tap.reset()
	if _, err := f.Update(t.Context(), o.Ref, ticket.Patch{AddLabels: []string{"x"}, Title: "third"}); ticket.KindOf(err) != ticket.Unknown {
		t.Errorf("POST: %v", err)
	}
	if n := f.tap.count(isMethod(http.MethodPost)); n != 1 {
		t.Errorf("%d POST requests were sent", n)
	}
}

func TestUpdateWithoutRights(t *testing.T) {
	f := newFixture(t, setup{Role: "read"})
	n := f.srv.As("ada").OpenIssue("t", "b")
	_, err := f.Update(t.Context(), refOf(n), ticket.Patch{Title: "x"})
	if ticket.KindOf(err) != ticket.Unauthorised || !strings.Contains(err.Error(), "permissions: issues: write") {
		t.Errorf("got %v", err)
	}
}

func TestCloseAsDuplicateWhereUnknown(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	first, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-101"))
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if strings.Contains(r.Body, `"duplicate"`) {
			return fakegithub.Refuse(422, "Validation Failed: state_reason is not one of completed, not_planned")
		}
		return nil
	})
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{State: ticket.Duplicate, DuplicateOf: first.Ref})
	if err != nil || got.State != ticket.NotPlanned {
		t.Errorf("%v, %s", err, got.State)
	}
}

func TestDependenciesInGraphQLOnly(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	a, b := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-102"))
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if strings.Contains(r.Path, "/dependencies/") {
			return fakegithub.Refuse(404, "Not Found")
		}
		return nil
	})
	for range 2 {
		if got, err := f.Update(t.Context(), a.Ref, ticket.Patch{AddBlockedBy: []ticket.Ref{b.Ref}}); err != nil || got.Blocked != 1 {
			t.Errorf("%v, blocked by %d", err, got.Blocked)
		}
	}
	for range 2 {
		if got, err := f.Update(t.Context(), a.Ref, ticket.Patch{RemoveBlockedBy: []ticket.Ref{b.Ref}}); err != nil || got.Blocked != 0 {
			t.Errorf("%v, blocked by %d", err, got.Blocked)
		}
	}
}

// "Unavailable" promises that nothing was changed.
func TestUpdateDoneInPart(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "x")
	o := f.made(f.draft("CRM-101"))
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if r.Method == http.MethodGet {
			return fakegithub.Refuse(503, "down")
		}
		return nil
	})
	if _, err := f.Update(t.Context(), o.Ref, ticket.Patch{AddLabels: []string{"x"}}); ticket.KindOf(err) != ticket.Unknown {
		t.Errorf("after a label was added: %v", err)
	}
	if _, err := f.Update(t.Context(), o.Ref, ticket.Patch{}); ticket.KindOf(err) != ticket.Unavailable {
		t.Errorf("after nothing was written: %v", err)
	}
}

func TestAssignableBeyondTheFirstHundred(t *testing.T) {
	s := setup{Users: []world.User{{Login: "ada", ID: 101, Role: world.RoleAdmin}}}
	for i := range 150 {
		s.Users = append(s.Users, world.User{Login: fmt.Sprintf("user-%03d", i), ID: int64(1000 + i), Role: world.RoleWrite})
	}
	f := newFixture(t, s)
	f.define("ticketfoundry")
	d := f.draft("CRM-101")
	d.Assignees = []string{"user-149", "user-14", "User-000"}
	f.tap.reset()
	got := f.Create(t.Context(), []ticket.Draft{d})[0]
	slices.Sort(got.Ticket.Assignees)
	if got.Err != nil || !slices.Equal(got.Ticket.Assignees, []string{"user-000", "user-149"}) || !slices.Equal(got.Dropped, []string{"assignee user-14"}) {
		t.Errorf("%v, %q, dropped %q", got.Err, got.Ticket.Assignees, got.Dropped)
	}
	if n := f.tap.count(nil); n != 2 {
		t.Errorf("%d requests\n%s", n, f.tap.list())
	}
	f.made(d)
	if n := f.tap.count(nil); n != 3 {
		t.Errorf("asked again\n%s", f.tap.list())
	}
}
