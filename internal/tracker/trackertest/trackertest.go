// Package trackertest owns the conformance suite that every tracker passes: what the rest of
// the program relies on, whichever system the tickets lie in. It knows no tracker; it refuses
// to look at anything but what ticket.Reader shows.
//
//	func TestConformance(t *testing.T) {
//		trackertest.Run(t, func(t *testing.T) trackertest.Harness {
//			dir := t.TempDir()
//			return trackertest.Harness{Reopen: func() trackertest.Tracker { return open(t, dir) }}
//		})
//	}
package trackertest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Tracker is what the suite tests.
type Tracker interface {
	ticket.Reader
	ticket.Writer
	ticket.Historian
}

// Harness is one tracker over an empty repository that no other test uses.
type Harness struct {
	// Reopen gives the tracker as the next run of the program sees it: nothing remembered.
	// Trackers given before are not used any more. The suite calls it first.
	Reopen func() Tracker
	// Logins are at least two that can be assigned.
	Logins []string
	// Person does what people do to issues without the program. Checks that need a power that
	// is nil are skipped.
	Person Person
	// History says that the tracker knows what an edit of many replaced.
	History bool
	// Member does what people do in a way that leaves their name in the log.
	Member Member
}

// Person acts on the repository as somebody who is not the tracker's own account, by other
// means than the tracker. Each func fails the test itself.
type Person struct {
	Login   string
	Open    func(title, body string, labels ...string) ticket.Ref
	Edit    func(ref ticket.Ref, body string) // replaces the whole body
	Close   func(ref ticket.Ref)              // as completed
	Label   func(ref ticket.Ref, name string) // adds an existing label
	Comment func(ref ticket.Ref, body string)
	Delete  func(ref ticket.Ref)
}

// Member acts on the repository as somebody who is neither the tracker's own account nor the
// Person. What is done shows in the log of the tracker that Reopen gives next.
type Member struct {
	Login         string
	Label         func(ref ticket.Ref, name string)
	Unlabel       func(ref ticket.Ref, name string)
	Close         func(ref ticket.Ref) // as completed
	Reopen        func(ref ticket.Ref)
	Comment       func(ref ticket.Ref, body string) int64
	EditComment   func(ref ticket.Ref, id int64, body string)
	DeleteComment func(ref ticket.Ref, id int64)
}

// Run runs the whole suite. fresh is called once for each test.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	tests := []struct {
		name string
		run  func(s *suite)
	}{
		{"EmptyRepository", emptyRepository},
		{"CreateAndReadBack", createAndReadBack},
		{"CreateKeepsOrder", createKeepsOrder},
		{"CreateRefusesAlone", createRefusesAlone},
		{"CreateNamesWhatIsDropped", createNamesWhatIsDropped},
		{"ListPages", listPages},
		{"ListByLabelAndAuthor", listByLabelAndAuthor},
		{"GetByRef", getByRef},
		{"HostileText", hostileText},
		{"Limits", limits},
		{"PatchEachFieldAlone", patchEachFieldAlone},
		{"PatchTogether", patchTogether},
		{"PatchNothing", patchNothing},
		{"PatchTwice", patchTwice},
		{"PatchGone", patchGone},
		{"LabelsKeepOthers", labelsKeepOthers},
		{"Assignees", assignees},
		{"Milestones", milestones},
		{"States", states},
		{"Parents", parents},
		{"Dependencies", dependencies},
		{"Comments", comments},
		{"DefineTwice", defineTwice},
		{"RenameLabel", renameLabel},
		{"PersonEdits", personEdits},
		{"PersonCloses", personCloses},
		{"PersonDeletes", personDeletes},
		{"ForeignIssues", foreignIssues},
		{"EventsNameWhoDidIt", eventsNameWhoDidIt},
		{"EventsByID", eventsByID},
		{"EventPages", eventPages},
		{"CommentByID", commentByID},
		{"CountsAndTimes", countsAndTimes},
		{"Reactions", reactions},
		{"LabelIDs", labelIDs},
		{"UpdateAllTogether", updateAllTogether},
		{"UpdateAllRefusesAlone", updateAllRefusesAlone},
		{"UpdateAllNothing", updateAllNothing},
		{"UpdateAllLinks", updateAllLinks},
		{"UpdateAllStates", updateAllStates},
		{"UpdateAllEqualsUpdate", updateAllEqualsUpdate},
		{"UpdateAllOverwritten", updateAllOverwritten},
		{"Boards", boards},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &suite{T: t, Harness: fresh(t), ctx: t.Context()}
			s.reopen()
			test.run(s)
		})
	}
}

// suite is one test over one harness.
type suite struct {
	*testing.T
	Harness
	ctx     context.Context
	tracker Tracker
	repo    ticket.Repository
}

func (s *suite) reopen() {
	s.Helper()
	s.tracker = s.Reopen()
	repo, err := s.tracker.Repository(s.ctx)
	if err != nil {
		s.Fatalf("Repository: %v", err)
	}
	s.repo = repo
}

// define makes labels that tests use.
func (s *suite) define(labels ...string) {
	s.Helper()
	for _, name := range labels {
		d := ticket.Definition{Label: ticket.Label{Name: name, Color: "1d76db", Description: "of the suite"}}
		if err := s.tracker.Define(s.ctx, d); err != nil {
			s.Fatalf("Define label %s: %v", name, err)
		}
	}
}

func (s *suite) defineMilestone(title, due string) {
	s.Helper()
	if err := s.tracker.Define(s.ctx, ticket.Definition{Milestone: ticket.Milestone{Title: title, Due: due}}); err != nil {
		s.Fatalf("Define milestone %s: %v", title, err)
	}
}

// create makes tickets that must succeed.
func (s *suite) create(drafts ...ticket.Draft) []ticket.Observed {
	s.Helper()
	answers := s.tracker.Create(s.ctx, drafts)
	if len(answers) != len(drafts) {
		s.Fatalf("Create gave %d answers to %d drafts", len(answers), len(drafts))
	}
	var out []ticket.Observed
	for i, a := range answers {
		if a.Err != nil || len(a.Dropped) > 0 {
			s.Fatalf("Create %q: error %v, dropped %q", drafts[i].Title, a.Err, a.Dropped)
		}
		out = append(out, a.Ticket)
	}
	return out
}

// one makes a ticket from a title.
func (s *suite) one(title string) ticket.Observed {
	s.Helper()
	return s.create(s.draft(title))[0]
}

// draft is a plain draft with a key of its own, marked as the program marks its bodies.
func (s *suite) draft(title string) ticket.Draft {
	key := ticket.Make("CRM-101", "build", slug(title))
	return ticket.Draft{Key: key, Title: title, Body: s.body(key, title)}
}

func (s *suite) body(key ticket.Key, text string) string {
	return ticket.NewBody(ticket.Marker{Repository: s.repo.ID, Key: key}, text)
}

func slug(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return s[:min(len(s), 63)]
}

// update must succeed.
func (s *suite) update(ref ticket.Ref, p ticket.Patch) ticket.Observed {
	s.Helper()
	got, err := s.tracker.Update(s.ctx, ref, p)
	if err != nil {
		s.Fatalf("Update %s with %+v: %v", ref, p, err)
	}
	return got
}

// get reads one ticket that must be there.
func (s *suite) get(ref ticket.Ref) ticket.Observed {
	s.Helper()
	got, err := s.tracker.Get(s.ctx, []ticket.Ref{ref})
	if err != nil || len(got) != 1 || got[0].Err != nil {
		s.Fatalf("Get %s: %+v, %v", ref, got, err)
	}
	return got[0].Ticket
}

func (s *suite) list(q ticket.Query) []ticket.Observed {
	s.Helper()
	got, err := s.tracker.List(s.ctx, q)
	if err != nil {
		s.Fatalf("List %+v: %v", q, err)
	}
	return got
}

// listed finds one ticket in the list of all of ours.
func (s *suite) listed(ref ticket.Ref) ticket.Observed {
	s.Helper()
	all := s.list(ticket.Query{})
	at := slices.IndexFunc(all, func(o ticket.Observed) bool { return o.Ref == ref })
	if at < 0 {
		s.Fatalf("%s is not in the list %v", ref, refs(all))
	}
	return all[at]
}

func refs(all []ticket.Observed) []ticket.Ref {
	out := make([]ticket.Ref, len(all))
	for i, o := range all {
		out[i] = o.Ref
	}
	return out
}

// want compares what a reader can rely on: fields, labels and people without order. Links are
// left to the tests of links, since lists do not carry them everywhere.
func (s *suite) want(where string, got, want ticket.Observed) {
	s.Helper()
	for _, f := range []struct{ name, got, want string }{
		{"ref", string(got.Ref), string(want.Ref)},
		{"title", got.Title, want.Title},
		{"body", got.Body, want.Body},
		{"state", string(got.State), string(want.State)},
		{"labels", bag(got.Labels), bag(want.Labels)},
		{"assignees", bag(got.Assignees), bag(want.Assignees)},
		{"milestone", got.Milestone, want.Milestone},
		{"type", got.Type, want.Type},
		{"author", got.Author.Login, want.Author.Login},
		{"parent", string(got.Parent), string(want.Parent)},
	} {
		if f.got != f.want {
			s.Errorf("%s: %s of %s is %s, want %s", where, f.name, want.Ref, short(f.got), short(f.want))
		}
	}
	if got.Number != want.Number || got.Author.ID != want.Author.ID {
		s.Errorf("%s: number %d by %d, want %d by %d", where, got.Number, got.Author.ID, want.Number, want.Author.ID)
	}
	if !got.CreatedAt.Equal(want.CreatedAt) {
		s.Errorf("%s: created at %v, want %v", where, got.CreatedAt, want.CreatedAt)
	}
}

// everywhere compares a ticket as get, the list and the next run show it.
func (s *suite) everywhere(want ticket.Observed) {
	s.Helper()
	s.want("get", s.get(want.Ref), want)
	s.want("list", s.listed(want.Ref), want)
	s.reopen()
	s.want("get in the next run", s.get(want.Ref), want)
	s.want("list in the next run", s.listed(want.Ref), want)
}

func bag(list []string) string { return strings.Join(slices.Sorted(slices.Values(list)), ", ") }

// short keeps a failure about a 60 KB body readable.
func short(s string) string {
	const most = 200
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return "“" + s + "”"
}

func (s *suite) wantKind(what string, err error, kinds ...ticket.Kind) {
	s.Helper()
	if !slices.Contains(kinds, ticket.KindOf(err)) {
		s.Errorf("%s: got %v (kind %q), want kind %q", what, err, ticket.KindOf(err), kinds)
	}
}
