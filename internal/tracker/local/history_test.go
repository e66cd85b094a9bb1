package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/trackertest"
)

// member is a person who uses the commands: they write through the tracker under their own name.
func member(t *testing.T, dir string, as func() *local.Tracker) trackertest.Member {
	patch := func(ref ticket.Ref, p ticket.Patch) {
		t.Helper()
		if _, err := as().Update(t.Context(), ref, p); err != nil {
			t.Fatal(err)
		}
	}
	say := func(ref ticket.Ref, id int64, body string) int64 {
		t.Helper()
		c, err := as().Comment(t.Context(), ref, id, body)
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	return trackertest.Member{
		Login:       "max",
		Label:       func(ref ticket.Ref, name string) { patch(ref, ticket.Patch{AddLabels: []string{name}}) },
		Unlabel:     func(ref ticket.Ref, name string) { patch(ref, ticket.Patch{RemoveLabels: []string{name}}) },
		Close:       func(ref ticket.Ref) { patch(ref, ticket.Patch{State: ticket.Completed}) },
		Reopen:      func(ref ticket.Ref) { patch(ref, ticket.Patch{State: ticket.Open}) },
		Comment:     func(ref ticket.Ref, body string) int64 { return say(ref, 0, body) },
		EditComment: func(ref ticket.Ref, id int64, body string) { say(ref, id, body) },
		DeleteComment: func(ref ticket.Ref, id int64) {
			if err := os.Remove(filepath.Join(dir, "comments", fmt.Sprintf("%04s", ref[1:]), fmt.Sprintf("%04d.md", id%1_000_000))); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// kinds is a ticket's log in short: "labeled by ada".
func kinds(t *testing.T, tr *local.Tracker, ref ticket.Ref) string {
	t.Helper()
	events, err := tr.Events(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		out = append(out, strings.TrimSpace(e.Kind+" "+e.Label)+" by "+e.Actor.Login)
	}
	return strings.Join(out, "; ")
}

func patch(t *testing.T, tr *local.Tracker, ref ticket.Ref, p ticket.Patch) ticket.Observed {
	t.Helper()
	o, err := tr.Update(t.Context(), ref, p)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestViewsShareTheFolder: a person's view sees and writes the same tickets, under their name.
func TestViewsShareTheFolder(t *testing.T) {
	tr := open(t, t.TempDir())
	ada := tr.As("ada")
	o := create(t, ada, "CRM-1", "t", "b")
	if o.Author.Login != "ada" || len(list(t, tr)) != 1 {
		t.Errorf("%+v, listed %+v", o, list(t, tr))
	}
	patch(t, ada, o.Ref, ticket.Patch{AddLabels: []string{"approved"}, AddAssignees: []string{"pia"}, Title: "u"})
	patch(t, tr, o.Ref, ticket.Patch{RemoveLabels: []string{"approved"}, RemoveAssignees: []string{"pia"}})
	want := "renamed by ada; labeled approved by ada; assigned by ada; unlabeled approved by ticketfoundry; unassigned by ticketfoundry"
	if got := kinds(t, tr, o.Ref); got != want {
		t.Errorf("the log says\n%s\nwant\n%s", got, want)
	}
	c, err := ada.Comment(t.Context(), o.Ref, 0, "/approve")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.As("pia").Comment(t.Context(), o.Ref, c.ID, "/reject"); ticket.KindOf(err) != ticket.Unauthorised {
		t.Errorf("another person's edit gave %v", err)
	}
	for _, view := range []*local.Tracker{tr, ada} {
		if r, err := view.Repository(t.Context()); err != nil || r.Writer.Login != "ticketfoundry" {
			t.Errorf("the writer is %+v, %v", r.Writer, err)
		}
	}
	closeIt(t, ada)
	if _, err := tr.Update(t.Context(), o.Ref, ticket.Patch{Title: "x"}); ticket.KindOf(err) != ticket.Unauthorised {
		t.Errorf("a closed folder took a write: %v", err)
	}
}

// TestEditorsLeaveNoName: what is done in an editor has no event, and the times are the file's.
func TestEditorsLeaveNoName(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	o := create(t, tr, "CRM-1", "t", "b")
	closeIt(t, tr)
	edit := editor(t, dir)
	edit.Close(o.Ref)
	edit.Label(o.Ref, "approved")
	tr = open(t, dir)
	if got := kinds(t, tr, o.Ref); got != "" {
		t.Errorf("edits by hand are logged: %s", got)
	}
	byHand := list(t, tr)[0]
	if byHand.State != ticket.Completed || !byHand.ClosedAt.Equal(byHand.UpdatedAt) || byHand.ClosedAt.IsZero() {
		t.Errorf("closed by hand it is %+v", byHand)
	}
	// The moment stays when the program writes the file for another reason.
	if after := patch(t, tr, o.Ref, ticket.Patch{Title: "u"}); !after.ClosedAt.Equal(byHand.ClosedAt) {
		t.Errorf("closed at %v, then at %v", byHand.ClosedAt, after.ClosedAt)
	}
	patch(t, tr.As("ada"), o.Ref, ticket.Patch{State: ticket.Open})
	if got := kinds(t, tr, o.Ref); got != "renamed by ticketfoundry; reopened by ada" {
		t.Errorf("the log says %s", got)
	}
	closeIt(t, tr)
	if text := read(t, fileOf(t, dir, o.Ref)); strings.Contains(text, "closed:") {
		t.Errorf("an open ticket says when it was closed:\n%s", text)
	}
}

// TestLogIsOnlyAddedTo: lines that are there stay as they are, and ids go on.
func TestLogIsOnlyAddedTo(t *testing.T) {
	dir := t.TempDir()
	write(t, "# note\nevents:\n  - {id: 4, at: 2026-01-01T10:00:00Z, by: ada, did: labeled, label: old name}\n", dir, "events", "0001.yml")
	closeIt(t, open(t, filepath.Join(dir, "elsewhere"))) // only to have settings
	write(t, read(t, dir, "elsewhere", "repository.yml"), dir, "repository.yml")
	write(t, "---\ntitle: by hand\n---\n", dir, "tickets", "0001.md")
	tr := open(t, dir)
	patch(t, tr.As("pia"), "#1", ticket.Patch{AddLabels: []string{"approved"}})
	if got := kinds(t, tr, "#1"); got != "labeled old name by ada; labeled approved by pia" {
		t.Errorf("the log says %s", got)
	}
	events, err := tr.Events(t.Context(), "#1")
	if err != nil || events[0].ID != 1_000_004 || events[1].ID != 1_000_005 || events[0].At.Hour() != 10 {
		t.Errorf("%+v, %v", events, err)
	}
}

func TestDamagedLogIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"events:\n  - {id: 1, did: [}\n":                                  "events/0001.yml:2",
		"events:\n  - {id: 2, did: closed}\n  - {id: 1, did: reopened}\n": "event 1 stands after event 2",
		"events:\n  - {id: 1, done: closed}\n":                            "events/0001.yml:2",
	} {
		dir := t.TempDir()
		tr := open(t, dir)
		o := create(t, tr, "CRM-1", "t", "b")
		write(t, text, dir, "events", "0001.yml")
		_, eventsErr := tr.Events(t.Context(), o.Ref)
		_, updateErr := tr.Update(t.Context(), o.Ref, ticket.Patch{State: ticket.Completed})
		for _, err := range []error{eventsErr, updateErr} {
			if ticket.KindOf(err) != ticket.Unavailable || !strings.Contains(err.Error(), want) {
				t.Errorf("%q gave %v, want %q", text, err, want)
			}
		}
		if got := read(t, dir, "events", "0001.yml"); got != text {
			t.Errorf("the damaged log was written over: %s", got)
		}
		if got := list(t, tr)[0]; got.State != ticket.Open {
			t.Errorf("a change that cannot be logged was made: %+v", got)
		}
	}
}

// TestNoHistoryIsInherited: a number whose ticket is gone is not used again, even if the
// settings were put back to an older state.
func TestNoHistoryIsInherited(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	old := read(t, dir, "repository.yml")
	o := create(t, tr, "CRM-1", "t", "b")
	patch(t, tr.As("ada"), o.Ref, ticket.Patch{AddLabels: []string{"approved"}})
	closeIt(t, tr)
	if err := os.Remove(fileOf(t, dir, o.Ref)); err != nil {
		t.Fatal(err)
	}
	write(t, old, dir, "repository.yml")
	tr = open(t, dir)
	if again := create(t, tr, "CRM-2", "t", "b"); again.Ref == o.Ref || kinds(t, tr, again.Ref) != "" {
		t.Errorf("%s has the log %s", again.Ref, kinds(t, tr, again.Ref))
	}
}

// TestLabelsOfOlderFolders have ids as soon as they are read, and keep them.
func TestLabelsOfOlderFolders(t *testing.T) {
	dir := t.TempDir()
	head := "version: 1\nid: local\nname: local\nnext: 1\nissue_types: [Task]\nlabels:\n"
	write(t, head+"  - {name: a, color: ededed}\n  - {name: b, color: ededed, id: 7}\n  - {name: c, color: ededed}\n", dir, "repository.yml")
	ids := func(tr *local.Tracker) string {
		r, err := tr.Repository(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, l := range r.Labels {
			out = append(out, l.Name+"="+l.ID)
		}
		return strings.Join(out, " ")
	}
	tr := open(t, dir)
	before := ids(tr)
	if before != "a=8 b=7 c=9" {
		t.Errorf("ids are %s", before)
	}
	if err := tr.Define(t.Context(), ticket.Definition{Rename: "a", Label: ticket.Label{Name: "z"}}); err != nil {
		t.Fatal(err)
	}
	closeIt(t, tr)
	if after := ids(open(t, dir)); after != "z=8 b=7 c=9" {
		t.Errorf("ids are now %s", after)
	}
	other := t.TempDir()
	write(t, head+"  - {name: a, color: ededed, id: 1}\n  - {name: b, color: ededed, id: 1}\n", other, "repository.yml")
	tr = open(t, other)
	if _, err := tr.Repository(t.Context()); err == nil || !strings.Contains(err.Error(), `labels "a" and "b" have the same id 1`) {
		t.Errorf("one id twice gave %v", err)
	}
}

// TestReactionsLieInTheComment and leave its text and times alone.
func TestReactionsLieInTheComment(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	o := create(t, tr, "CRM-1", "t", "b")
	c, err := tr.As("ada").Comment(t.Context(), o.Ref, 0, "/approve\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := tr.React(t.Context(), c.ID, "confused"); err != nil {
			t.Fatal(err)
		}
	}
	if err := tr.As("pia").React(t.Context(), c.ID, "+1"); err != nil {
		t.Fatal(err)
	}
	text := read(t, dir, "comments", "0001", "0001.md")
	if !strings.Contains(text, "reactions: [confused by ticketfoundry, +1 by pia]\n") || !strings.HasSuffix(text, "\n---\n/approve\r\n") {
		t.Errorf("the file is now\n%s", text)
	}
	reader := options()
	reader.Create = false
	if err := openWith(t, dir, reader).React(t.Context(), c.ID, "eyes"); ticket.KindOf(err) != ticket.Unauthorised {
		t.Errorf("a reader may react: %v", err)
	}
}
