package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

func (c call) mutates() bool { return strings.Contains(c.body, `"query":"mutation`) }

// many gives a fixture with so many issues of its own, and an edit of title and body for each.
func many(t *testing.T, n int, s setup) (*fixture, []ticket.Edit) {
	t.Helper()
	f := newFixture(t, s)
	f.define("ticketfoundry", "new")
	var edits []ticket.Edit
	for i, made := range f.Create(t.Context(), f.drafts(n)) {
		if made.Err != nil {
			t.Fatal(made.Err)
		}
		edits = append(edits, ticket.Edit{Ref: made.Ticket.Ref, Base: made.Ticket.Body, Patch: ticket.Patch{
			Title: fmt.Sprint("changed ", i), Body: fmt.Sprintf("body %d\n", i), AddLabels: []string{"new"},
		}})
	}
	f.tap.reset()
	return f, edits
}

// done tells whether the server has what an edit asks for.
func (f *fixture) done(e ticket.Edit) bool {
	n, err := numberOf(e.Ref)
	if err != nil {
		f.t.Fatal(err)
	}
	i := f.srv.Issue(n)
	return i.Title == e.Patch.Title && i.Body == e.Patch.Body && slices.Contains(i.Labels, "new")
}

func TestUpdateAllInFewRequests(t *testing.T) {
	f, edits := many(t, 23, setup{})
	before := f.Counts().Writes
	for i, got := range f.UpdateAll(t.Context(), edits) {
		if got.Err != nil || got.Ticket.Title != edits[i].Patch.Title || got.Ticket.Body != edits[i].Patch.Body || got.Overwritten != "" || !f.done(edits[i]) {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if n := f.tap.count(nil); n != 3 {
		t.Errorf("%d requests for 23 issues\n%s", n, f.tap.list())
	}
	if n := f.Counts().Writes - before; n != 46 {
		t.Errorf("%d writes counted, want two for each edit", n)
	}
	f.noViolations()
}

// The body says what was applied, so it comes after all but the state; sets of people's labels
// and assignees are never replaced.
func TestUpdateAllOrder(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "old", "new")
	parent, blocker, past, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-100")), f.made(f.draft("CRM-99")), f.made(f.draft("CRM-98"))
	f.srv.As("ada").Assign(o.Number, "ada")
	if _, err := f.Update(t.Context(), o.Ref, ticket.Patch{AddLabels: []string{"old"}, AddBlockedBy: []ticket.Ref{past.Ref}}); err != nil {
		t.Fatal(err)
	}
	f.srv.As("ada").AddLabel(o.Number, "theirs")
	f.tap.reset()
	got := f.UpdateAll(t.Context(), []ticket.Edit{{Ref: o.Ref, Base: o.Body, Patch: ticket.Patch{
		Title: "t", Body: "b", Type: "Bug", State: ticket.Duplicate, DuplicateOf: past.Ref, AddLabels: []string{"new"}, RemoveLabels: []string{"old", "never there"},
		AddAssignees: []string{"bob", "stranger"}, RemoveAssignees: []string{"ada"}, Parent: parent.Ref, AddBlockedBy: []ticket.Ref{blocker.Ref}, RemoveBlockedBy: []ticket.Ref{past.Ref},
	}}})[0]
	if got.Err != nil || got.Ticket.Parent != parent.Ref || got.Ticket.Blocked != 1 || got.Ticket.Type != "Bug" || got.Ticket.State != ticket.Duplicate {
		t.Errorf("got %+v", got)
	}
	last := f.srv.Requests()[len(f.srv.Requests())-1]
	want := []string{"addLabelsToLabelable", "removeLabelsFromLabelable", "addAssigneesToAssignable", "removeAssigneesFromAssignable",
		"addSubIssue", "addBlockedBy", "removeBlockedBy", "updateIssue", "closeIssue"}
	if !slices.Equal(last.Ops, want) {
		t.Errorf("sent %q", last.Ops)
	}
	i := f.srv.Issue(o.Number)
	slices.Sort(i.Labels)
	if !slices.Equal(i.Labels, []string{"new", "theirs", "ticketfoundry"}) || !slices.Equal(i.Assignees, []string{"bob"}) || i.DuplicateOf != past.Number {
		t.Errorf("the server has %+v", i)
	}
}

// Whatever is lost on the way, each edit ends done.
func TestUpdateAllLostAnswers(t *testing.T) {
	for name, tt := range map[string]struct {
		fault    *fakegithub.Fault
		requests int // one lost, one to read again, and the rest in halves
	}{
		"timeout after 1 of 14":       {fakegithub.TimeoutAfter(1), 5},
		"timeout after 8":             {fakegithub.TimeoutAfter(8), 3},
		"timeout after 9, a half one": {fakegithub.TimeoutAfter(9), 3},
		"timeout after all":           {fakegithub.TimeoutAfter(14), 2},
		"cut after 5":                 {fakegithub.CutAfter(5), 4},
		"applied, connection lost":    {fakegithub.ApplyThenDrop(), 2},
		"connection lost":             {fakegithub.Drop(), 5},
		"page":                        {fakegithub.HTML(504), 5},
		"went wrong":                  {fakegithub.WentWrong(), 5},
		"truncated":                   {fakegithub.Truncate(100), 2},
	} {
		t.Run(name, func(t *testing.T) {
			f, edits := many(t, 7, setup{})
			once := true
			f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
				if !r.Write || !once {
					return nil
				}
				once = false
				return tt.fault
			})
			for i, got := range f.UpdateAll(t.Context(), edits) {
				if got.Err != nil || got.Ticket.Title != edits[i].Patch.Title || got.Overwritten != "" || !f.done(edits[i]) {
					t.Errorf("%d: %v, %+v", i, got.Err, got.Ticket)
				}
			}
			if n := f.tap.count(nil); n != tt.requests {
				t.Errorf("%d requests, want %d\n%s", n, tt.requests, f.tap.list())
			}
			if n := f.sizes.edits.now(); n != 5 {
				t.Errorf("the next request carries %d", n)
			}
		})
	}
}

func TestUpdateAllLostTwice(t *testing.T) {
	f, edits := many(t, 3, setup{})
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if r.Write {
			return fakegithub.Drop()
		}
		return nil
	})
	for _, got := range f.UpdateAll(t.Context(), edits) {
		if ticket.KindOf(got.Err) != ticket.Unknown {
			t.Errorf("got %v", got.Err)
		}
	}
	if n := f.tap.count(call.mutates); n != 4 { // all, and each by itself
		t.Errorf("%d requests with mutations\n%s", n, f.tap.list())
	}
}

// A person who saved while an answer was lost loses nothing either.
func TestUpdateAllLostAnswerAndOverwritten(t *testing.T) {
	for name, fault := range map[string]*fakegithub.Fault{"applied": fakegithub.TimeoutAfter(99), "not applied": fakegithub.Drop()} {
		t.Run(name, func(t *testing.T) {
			f, edits := many(t, 2, setup{})
			f.srv.As("ada").EditBody(2, "ada's")
			once := true
			f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
				if !r.Write || !once {
					return nil
				}
				once = false
				return fault
			})
			got := f.UpdateAll(t.Context(), edits)
			if got[0].Overwritten != "" || got[1].Overwritten != "ada's" || got[1].Err != nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestUpdateAllGoneAmongOthers(t *testing.T) {
	for name, leave := range map[string]func(fakegithub.Person, int){
		"deleted": fakegithub.Person.DeleteIssue, "transferred": fakegithub.Person.TransferIssue, "converted": fakegithub.Person.ConvertToDiscussion,
	} {
		t.Run(name, func(t *testing.T) {
			f, edits := many(t, 3, setup{})
			leave(f.srv.As("ada"), 2)
			got := f.UpdateAll(t.Context(), edits)
			if ticket.KindOf(got[1].Err) != ticket.Gone || got[0].Err != nil || got[2].Err != nil || !f.done(edits[0]) || !f.done(edits[2]) {
				t.Errorf("%v, %v, %v", got[0].Err, got[1].Err, got[2].Err)
			}
			if name == "transferred" && !strings.Contains(got[1].Err.Error(), "transferred") {
				t.Errorf("got %v", got[1].Err)
			}
		})
	}
}

// What stands behind a remembered id may be gone: Update finds its way.
func TestUpdateAllMeetsWhatIsGone(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry", "short-lived")
	parent, blocker, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-100")), f.made(f.draft("CRM-99"))
	f.srv.As("ada").DeleteLabel("short-lived")
	f.srv.As("ada").DeleteIssue(parent.Number)
	f.srv.As("ada").DeleteIssue(blocker.Number)
	got := f.UpdateAll(t.Context(), []ticket.Edit{
		{Ref: o.Ref, Patch: ticket.Patch{Title: "one", AddLabels: []string{"short-lived"}}},
		{Ref: o.Ref, Patch: ticket.Patch{Body: "two", Parent: parent.Ref}},
		{Ref: o.Ref, Patch: ticket.Patch{State: ticket.NotPlanned, AddBlockedBy: []ticket.Ref{blocker.Ref}}},
		{Ref: o.Ref, Patch: ticket.Patch{RemoveBlockedBy: []ticket.Ref{blocker.Ref}}},
	})
	if got[0].Err != nil || got[3].Err != nil {
		t.Errorf("%v, %v", got[0].Err, got[3].Err)
	}
	for _, i := range []int{1, 2} {
		if ticket.KindOf(got[i].Err) != ticket.Rejected || !strings.Contains(got[i].Err.Error(), "is gone") || got[i].Ticket.Ref != o.Ref {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
	if i := f.srv.Issue(o.Number); i.Title != "one" || i.Body != "two" || i.State != "closed" || !slices.Contains(i.Labels, "short-lived") {
		t.Errorf("the server has %+v", i)
	}
}

func TestUpdateAllPartsRefused(t *testing.T) {
	f, edits := many(t, 3, setup{})
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if r.Write {
			return fakegithub.FailMutation("e1_0", "a rule of the organisation")
		}
		return nil
	})
	got := f.UpdateAll(t.Context(), edits)
	if ticket.KindOf(got[1].Err) != ticket.Rejected || got[1].Ticket.Title != edits[1].Patch.Title || f.srv.Issue(2).Body != edits[1].Patch.Body {
		t.Errorf("%v, %+v", got[1].Err, got[1].Ticket)
	}
	if got[0].Err != nil || got[2].Err != nil || f.tap.count(nil) != 1 {
		t.Errorf("%v, %v\n%s", got[0].Err, got[2].Err, f.tap.list())
	}
}

func TestUpdateAllRefusedByLimit(t *testing.T) {
	f, edits := many(t, 2, setup{})
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		return fakegithub.FailMutation("e1_0", "was submitted too quickly")
	})
	waited := f.watch.total()
	got := f.UpdateAll(t.Context(), edits)
	// Sent again it is the batch's first, and goes through.
	if got[0].Err != nil || got[1].Err != nil || !f.done(edits[1]) || got[1].Ticket.Title != edits[1].Patch.Title {
		t.Errorf("%v, %+v", got[0].Err, got[1])
	}
	if f.watch.total()-waited < time.Minute || f.tap.count(call.mutates) != 2 {
		t.Errorf("after %s\n%s", f.watch.total()-waited, f.tap.list())
	}
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		return fakegithub.FailMutation("updateIssue", "was submitted too quickly")
	})
	f.o.MaxWait = time.Hour
	f = f.again()
	for i := range edits {
		edits[i].Patch.Title += ", again"
	}
	for _, got := range f.UpdateAll(t.Context(), edits) {
		if ticket.KindOf(got.Err) != ticket.RateLimited {
			t.Errorf("got %v", got.Err)
		}
	}
}

func TestUpdateAllMeetsOthersAtOneParent(t *testing.T) {
	for times, want := range map[int]ticket.Kind{2: "", 3: ticket.Rejected} {
		f := newFixture(t, setup{})
		f.define("ticketfoundry")
		parent, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-101/build/a"))
		met := 0
		f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
			if met++; met <= times && r.Write {
				return fakegithub.FailMutation("addSubIssue", "Priority has already been taken")
			}
			return nil
		})
		got := f.UpdateAll(t.Context(), []ticket.Edit{{Ref: o.Ref, Patch: ticket.Patch{Parent: parent.Ref, Title: "t"}}})[0]
		if ticket.KindOf(got.Err) != want || (got.Ticket.Parent == parent.Ref) != (want == "") || got.Ticket.Title != "t" {
			t.Errorf("met %d times: %v, %+v", times, got.Err, got.Ticket)
		}
	}
}

func TestUpdateAllStopsWhereAllWouldFail(t *testing.T) {
	t.Run("no right", func(t *testing.T) {
		f := newFixture(t, setup{Role: "read"})
		var edits []ticket.Edit
		for range 25 {
			edits = append(edits, ticket.Edit{Ref: refOf(f.srv.As("ada").OpenIssue("t", "b")), Patch: ticket.Patch{Title: "x"}})
		}
		for _, got := range f.UpdateAll(t.Context(), edits) {
			if ticket.KindOf(got.Err) != ticket.Unauthorised || !strings.Contains(got.Err.Error(), "permissions: issues: write") {
				t.Errorf("got %v", got.Err)
			}
		}
		if n := f.tap.count(call.mutates); n != 1 {
			t.Errorf("%d requests with mutations", n)
		}
	})
	t.Run("limit", func(t *testing.T) {
		f, edits := many(t, 25, setup{})
		f.tap.before = func(c call) (*http.Response, error) {
			if c.mutates() {
				return answer(403, `{"message":"You have exceeded a secondary rate limit"}`, "Retry-After", "3600"), nil
			}
			return nil, nil
		}
		for _, got := range f.UpdateAll(t.Context(), edits) {
			if ticket.KindOf(got.Err) != ticket.RateLimited {
				t.Errorf("got %v", got.Err)
			}
		}
		if n := f.tap.count(call.mutates); n != 1 {
			t.Errorf("%d requests were sent into the limit", n)
		}
	})
}

// A run that did not list the issues asks for their ids, many in a request.
func TestUpdateAllOfUnknownIssues(t *testing.T) {
	f, edits := many(t, 12, setup{})
	f = f.again()
	for i, got := range f.UpdateAll(t.Context(), edits) {
		if got.Err != nil || !f.done(edits[i]) {
			t.Errorf("%d: %v", i, got.Err)
		}
	}
	if n := f.tap.count(nil); n != 4 { // repository, ids, and two batches
		t.Errorf("%d requests\n%s", n, f.tap.list())
	}
}

func TestUpdateAllWithoutDuplicates(t *testing.T) {
	f := newFixture(t, setup{Features: fakegithub.Features{NoDuplicates: true}})
	f.define("ticketfoundry")
	first, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-101"))
	got := f.UpdateAll(t.Context(), []ticket.Edit{{Ref: o.Ref, Patch: ticket.Patch{State: ticket.Duplicate, DuplicateOf: first.Ref}}})[0]
	if got.Err != nil || got.Ticket.State != ticket.NotPlanned {
		t.Errorf("%v, %s", got.Err, got.Ticket.State)
	}
}

func TestUpdateParentThatIsGone(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	parent, o := f.made(f.draft("CRM-101")), f.made(f.draft("CRM-99"))
	f.srv.As("ada").DeleteIssue(parent.Number)
	// Gone would say that the ticket itself is, and have it made once more.
	got, err := f.Update(t.Context(), o.Ref, ticket.Patch{Parent: parent.Ref, Title: "t", AddBlockedBy: []ticket.Ref{parent.Ref}})
	if ticket.KindOf(err) != ticket.Rejected || got.Title != "t" {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestOverwritten(t *testing.T) {
	const null = "\x00"
	for name, tt := range map[string]struct {
		history []string // newest first
		want    string
	}{
		"nothing":                   {nil, ""},
		"ours on base":              {[]string{"ours", "base", "older"}, ""},
		"a person between":          {[]string{"ours", "theirs", "base"}, "theirs"},
		"the newer of two":          {[]string{"ours", "theirs 2", "theirs 1", "base"}, "theirs 2"},
		"and another after":         {[]string{"later", "ours", "theirs", "base"}, "theirs"},
		"line ends":                 {[]string{"ours\r\n", "base  \r\n"}, ""},
		"ours twice":                {[]string{"ours", "ours", "base"}, ""},
		"ours twice, one between":   {[]string{"ours", "theirs", "ours", "base"}, "theirs"},
		"not shown yet":             {[]string{"base", "older"}, ""},
		"not yet, the same of old":  {[]string{"base", "ours", "older"}, ""},
		"too short":                 {[]string{"4", "3", "2", "ours"}, ""},
		"no text of ours":           {[]string{null, "theirs", "base"}, ""},
		"no text of what it was on": {[]string{"ours", null, "base"}, ""},
	} {
		var history []graphEdit
		for _, text := range tt.history {
			if text == null {
				history = append(history, graphEdit{})
			} else {
				history = append(history, graphEdit{Diff: &text})
			}
		}
		if got, _ := overwritten(history, "ours", "base"); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	theirs := "theirs"
	if got, _ := overwritten([]graphEdit{{Diff: &theirs}, {Diff: new("other")}}, "theirs", "theirs"); got != "" {
		t.Errorf("a write that changes nothing: %q", got)
	}
	if got, _ := overwritten([]graphEdit{{Diff: &theirs}, {Diff: new("other")}}, "theirs", ""); got != "" {
		t.Errorf("no base: %q", got)
	}
}
