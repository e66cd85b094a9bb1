package local_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/trackertest"
)

// ticking is a clock that moves by a second each time it is read.
func ticking() func() time.Time {
	var mu sync.Mutex
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Second)
		return now
	}
}

func options() local.Options {
	return local.Options{Clock: ticking(), Account: "ticketfoundry", Create: true, Wait: 20 * time.Millisecond}
}

func open(t testing.TB, dir string) *local.Tracker {
	t.Helper()
	return openWith(t, dir, options())
}

func openWith(t testing.TB, dir string, o local.Options) *local.Tracker {
	t.Helper()
	tr, err := local.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tr.Close() }) // closed by most tests before, in order to open it again
	return tr
}

func closeIt(t testing.TB, tr *local.Tracker) {
	t.Helper()
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, tr *local.Tracker, key ticket.Key, title, body string) ticket.Observed {
	t.Helper()
	got := tr.Create(t.Context(), []ticket.Draft{{Key: key, Title: title, Body: body}})
	if got[0].Err != nil {
		t.Fatal(got[0].Err)
	}
	return got[0].Ticket
}

func list(t testing.TB, tr *local.Tracker) []ticket.Observed {
	t.Helper()
	got, err := tr.List(t.Context(), ticket.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func read(t testing.TB, elem ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t testing.TB, text string, elem ...string) {
	t.Helper()
	name := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	trackertest.Run(t, func(t *testing.T) trackertest.Harness {
		dir := filepath.Join(t.TempDir(), "tickets")
		var last *local.Tracker
		o := options() // one clock for all runs
		return trackertest.Harness{
			Reopen: func() trackertest.Tracker {
				if last != nil {
					closeIt(t, last)
				}
				last = openWith(t, dir, o)
				return last
			},
			Logins:  []string{"octocat", "Pia"},
			History: true,
			Person:  editor(t, dir),
			Member:  member(t, dir, func() *local.Tracker { return last.As("max") }),
		}
	})
}

// editor is a person with a text editor: all they do is change files.
func editor(t *testing.T, dir string) trackertest.Person {
	file := func(ref ticket.Ref) string { return fileOf(t, dir, ref) }
	change := func(ref ticket.Ref, edit func(head, body string) string) {
		head, body, _ := strings.Cut(read(t, file(ref))[4:], "\n---\n")
		write(t, "---\n"+edit(head, body), file(ref))
	}
	return trackertest.Person{
		Login: "ada",
		Open: func(title, body string, labels ...string) ticket.Ref {
			head := fmt.Sprintf("---\ntitle: %s\nauthor: ada\nlabels: [%s]\n---\n", title, strings.Join(labels, ", "))
			write(t, head+body, dir, "tickets", "0500.md")
			return "#500"
		},
		Edit: func(ref ticket.Ref, body string) {
			change(ref, func(head, _ string) string { return head + "\n---\n" + body })
		},
		Close: func(ref ticket.Ref) {
			change(ref, func(head, body string) string {
				return strings.Replace(head, "state: open", "state: closed", 1) + "\n---\n" + body
			})
		},
		Label: func(ref ticket.Ref, name string) {
			change(ref, func(head, body string) string { return head + "\nlabels: [" + name + "]\n---\n" + body })
		},
		Comment: func(ref ticket.Ref, body string) {
			write(t, "---\nauthor: ada\n---\n"+body, dir, "comments", fmt.Sprintf("%04s", ref[1:]), "0001.md")
		},
		Delete: func(ref ticket.Ref) {
			if err := os.Remove(file(ref)); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func fileOf(t testing.TB, dir string, ref ticket.Ref) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "tickets", fmt.Sprintf("%04s*.md", ref[1:])))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has the files %v (%v)", ref, found, err)
	}
	return found[0]
}

// TestFilesReadWell pins the folder's format: it is people's to read and edit.
func TestFilesReadWell(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	for _, d := range []ticket.Definition{
		{Label: ticket.Label{Name: "stage:build", Color: "1d76db", Description: "Being built"}},
		{Milestone: ticket.Milestone{Title: "CRM 2.4", Due: "2026-03-13"}},
	} {
		if err := tr.Define(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	parent := create(t, tr, "CRM-101", "CRM-101: Lead scoring API", "the capability\n")
	got := tr.Create(t.Context(), []ticket.Draft{{
		Key: "CRM-101/build/scoring-endpoint", Title: "[Build] Scoring endpoint · Lead scoring API (CRM-101)",
		Body: "Due Fri 13 Mar\n\n---\n\n- [ ] tick\n", Labels: []string{"ticketfoundry", "stage:build"},
		Assignees: []string{"octocat"}, Milestone: "CRM 2.4", Type: "task", Parent: parent.Ref,
	}})
	if got[0].Err != nil {
		t.Fatal(got[0].Err)
	}
	third := create(t, tr, "", "1.10", "no key")
	if _, err := tr.Update(t.Context(), got[0].Ticket.Ref, ticket.Patch{State: ticket.Duplicate, DuplicateOf: parent.Ref, AddBlockedBy: []ticket.Ref{third.Ref}}); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Comment(t.Context(), got[0].Ticket.Ref, 0, "moved to build\n"); err != nil {
		t.Fatal(err)
	}
	closeIt(t, tr)
	var all bytes.Buffer
	for _, name := range []string{
		"repository.yml", "tickets/0001-crm-101.md", "tickets/0002-crm-101-build-scoring-endpoint.md",
		"tickets/0003.md", "comments/0002/0001.md", "events/0002.yml",
	} {
		fmt.Fprintf(&all, "-- %s --\n%s", name, strings.TrimSuffix(read(t, dir, name), "\n")+"\n")
	}
	golden(t, "testdata/folder.txt", all.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		write(t, got, name)
	}
	if want := read(t, name); got != want {
		t.Errorf("%s differs; run the test with -update and look at the difference. got:\n%s", name, got)
	}
}

func TestReadOnlyMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	o := options()
	o.Create = false
	tr, err := local.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	before, err := tr.Repository(t.Context())
	if err != nil || len(list(t, tr)) != 0 {
		t.Fatalf("a missing folder reads as %+v, %v", before, err)
	}
	got := tr.Create(t.Context(), []ticket.Draft{{Title: "x"}})
	_, updateErr := tr.Update(t.Context(), "#1", ticket.Patch{Title: "x"})
	_, commentErr := tr.Comment(t.Context(), "#1", 0, "x")
	defineErr := tr.Define(t.Context(), ticket.Definition{Label: ticket.Label{Name: "x"}})
	for _, err := range []error{got[0].Err, updateErr, commentErr, defineErr} {
		if ticket.KindOf(err) != ticket.Unauthorised {
			t.Errorf("a write gave %v, want kind unauthorised", err)
		}
	}
	closeIt(t, tr)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("reading made the folder: %v", err)
	}

	// What a preview showed must be what is written then: the id stands in every marker.
	writer := open(t, dir)
	after, err := writer.Repository(t.Context())
	if err != nil || after.ID != before.ID || after.Writer != before.Writer || after.ID != "local" {
		t.Errorf("the preview had %+v, the run has %+v, %v", before, after, err)
	}
	create(t, writer, "CRM-1", "t", "b")

	// A preview while a run writes sees whole files and leaves the lock alone.
	reader, err := local.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := list(t, reader); len(got) != 1 {
		t.Errorf("beside a writer %d tickets are read, want 1", len(got))
	}
	closeIt(t, reader)
}

func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	_, err := local.Open(dir, options())
	if ticket.KindOf(err) != ticket.Unavailable || !strings.Contains(err.Error(), "another run is writing") {
		t.Fatalf("a second writer got %v", err)
	}
	closeIt(t, first)
	closeIt(t, open(t, dir))
}

func TestRefusesOtherFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, "package main\n", dir, "main.go")
	_, err := local.Open(dir, options())
	if ticket.KindOf(err) != ticket.Rejected || !strings.Contains(err.Error(), "main.go") {
		t.Errorf("a folder with main.go gave %v", err)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != 1 {
		t.Errorf("it left %v behind", found)
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, "x", file)
	for _, makes := range []bool{true, false} {
		o := options()
		o.Create = makes
		if _, err := local.Open(file, o); ticket.KindOf(err) != ticket.Unavailable {
			t.Errorf("a file as folder gave %v", err)
		}
	}
	if _, err := local.Open(dir, local.Options{Create: true}); ticket.KindOf(err) != ticket.Rejected {
		t.Errorf("no clock and account gave %v", err)
	}
}

// TestLinksStayInside plants symlinks that lead out of the folder at every place that is written.
func TestLinksStayInside(t *testing.T) {
	for _, name := range []string{".lock", "README.md", "repository.yml", "tickets", "comments", "comments/0001", "tickets/0001-crm-1.md"} {
		t.Run(name, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			write(t, "precious", outside, "file")
			target := filepath.Join(outside, "file")
			if name == "tickets" || strings.HasPrefix(name, "comments") {
				target = outside
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			if tr, err := local.Open(dir, options()); err == nil {
				got := tr.Create(t.Context(), []ticket.Draft{{Key: "CRM-1", Title: "t", Body: "b"}})
				_, _ = tr.Comment(t.Context(), got[0].Ticket.Ref, 0, "c")
				closeIt(t, tr)
			}
			found, err := os.ReadDir(outside)
			if err != nil || len(found) != 1 || read(t, outside, "file") != "precious" {
				t.Errorf("outside are now %v, %v", found, err)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	o := create(t, tr, "CRM-1", "t", "b")
	updated, err := tr.Update(t.Context(), o.Ref, ticket.Patch{Title: "u"})
	if err != nil || !updated.UpdatedAt.After(o.UpdatedAt) || !updated.CreatedAt.Equal(o.CreatedAt) {
		t.Fatalf("updated from %+v to %+v, %v", o, updated, err)
	}
	closeIt(t, tr)
	edited := updated.UpdatedAt.Add(time.Hour)
	if err := os.Chtimes(fileOf(t, dir, o.Ref), edited, edited); err != nil {
		t.Fatal(err)
	}
	if got := list(t, open(t, dir))[0]; !got.UpdatedAt.Equal(edited) {
		t.Errorf("a file edited at %v reads as updated at %v", edited, got.UpdatedAt)
	}
}

func TestChildrenLimitAndCycles(t *testing.T) {
	tr := open(t, t.TempDir())
	parent := create(t, tr, "CRM-1", "parent", "")
	drafts := make([]ticket.Draft, 101)
	for i := range drafts {
		drafts[i] = ticket.Draft{Title: "child", Parent: parent.Ref}
	}
	got := tr.Create(t.Context(), drafts)
	if got[99].Ticket.Parent != parent.Ref || len(got[99].Dropped) > 0 {
		t.Errorf("child 100 is %+v", got[99])
	}
	last := got[100]
	if last.Err != nil || last.Ticket.Parent != "" || fmt.Sprint(last.Dropped) != "[parent #1]" {
		t.Errorf("child 101 is %+v", last)
	}
	for _, p := range []struct{ ref, parent ticket.Ref }{
		{last.Ticket.Ref, parent.Ref}, {parent.Ref, "#2"}, {parent.Ref, parent.Ref}, {parent.Ref, "#999"},
	} {
		if _, err := tr.Update(t.Context(), p.ref, ticket.Patch{Parent: p.parent}); ticket.KindOf(err) != ticket.Rejected {
			t.Errorf("parent %s of %s gave %v", p.parent, p.ref, err)
		}
	}
}

func TestAccounts(t *testing.T) {
	tr := open(t, t.TempDir())
	a, _ := tr.Account(t.Context(), "Ada")
	b, _ := tr.Account(t.Context(), "ada")
	bot, _ := tr.Account(t.Context(), "github-actions[bot]")
	nobody, _ := tr.Account(t.Context(), "")
	if a.ID == 0 || a.ID != b.ID || bot.ID == a.ID || !bot.Bot || a.Bot || nobody != (ticket.Account{}) {
		t.Errorf("accounts %+v %+v %+v %+v", a, b, bot, nobody)
	}
	if role, err := tr.Permission(t.Context(), "anyone"); role != "admin" || err != nil {
		t.Errorf("role %q, %v", role, err)
	}
}

// TestManyTickets: a run lists 1,100 tickets in well under a second; the bound is loose so
// that a busy machine does not fail it.
func TestManyTickets(t *testing.T) {
	dir := t.TempDir()
	closeIt(t, open(t, dir))
	body := strings.Repeat("A line of text in a body.\n", 100)
	for n := 1; n <= 1100; n++ {
		head := fmt.Sprintf("---\nnumber: %d\ntitle: ticket %d\nstate: open\nlabels: [ticketfoundry, \"capability:CRM-101\", \"stage:build\"]\nparent: %d\nauthor: ticketfoundry\ncreated: 2026-03-02T09:00:00Z\nupdated: 2026-03-02T09:00:00Z\n---\n", n, n, n/11)
		write(t, head+body, dir, "tickets", fmt.Sprintf("%04d.md", n))
	}
	tr := open(t, dir)
	start := time.Now()
	got := list(t, tr)
	if took := time.Since(start); len(got) != 1100 || took > 5*time.Second {
		t.Errorf("listed %d tickets in %v", len(got), took)
	} else {
		t.Logf("listed %d tickets in %v", len(got), took)
	}
}

var tempFile = regexp.MustCompile(`^\..*[0-9]$`)
