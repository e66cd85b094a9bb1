package local_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
)

// model is what the folder should hold, kept in memory in the plainest way.
type model struct {
	next     int
	tickets  map[int]*ticket.Observed
	comments map[int][]string
}

func (m *model) refs() []ticket.Ref {
	out := []ticket.Ref{"#0", "#77", ""}
	for _, n := range slices.Sorted(maps.Keys(m.tickets)) {
		out = append(out, m.tickets[n].Ref)
	}
	return out
}

func (m *model) of(ref ticket.Ref) *ticket.Observed {
	for _, o := range m.tickets {
		if o.Ref == ref {
			return o
		}
	}
	return nil
}

var (
	someLabels = []string{"a", "b", "stage:build", "Stage:Spec"}
	someLogins = []string{"octocat", "pia", "lena"}
	someTexts  = rapid.OneOf(rapid.StringMatching(`[^\x00]{1,30}`), rapid.SampledFrom([]string{"---\nx: y\n---\n", "a\r\n", "  "}))
	someTitles = rapid.StringMatching(`[!-~]([ -~]{0,20}[!-~])?`)
)

// TestModel does what comes to mind, over several runs, and compares with the model.
func TestModel(t *testing.T) {
	base := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		dir := filepath.Join(base, fmt.Sprint(runs))
		m := &machine{t: t, dir: dir, model: model{next: 1, tickets: map[int]*ticket.Observed{}, comments: map[int][]string{}}}
		m.tracker = open(t, dir)
		defer func() { _ = m.tracker.Close() }() // a failed check leaves it open
		rt.Repeat(map[string]func(*rapid.T){
			"create": m.create, "update": m.update, "link": m.link, "comment": m.comment,
			"rename": m.rename, "delete": m.delete, "reopen": m.reopen, "": m.check,
		})
	})
}

type machine struct {
	t       *testing.T
	dir     string
	tracker *local.Tracker
	model   model
}

func (m *machine) create(t *rapid.T) {
	drafts := make([]ticket.Draft, rapid.IntRange(1, 3).Draw(t, "drafts"))
	for i := range drafts {
		drafts[i] = ticket.Draft{
			Key: "CRM-1", Title: someTitles.Draw(t, "title"), Body: someTexts.Draw(t, "body"),
			Labels: rapid.SliceOfNDistinct(rapid.SampledFrom(someLabels), 0, 3, rapid.ID).Draw(t, "labels"),
			Parent: rapid.SampledFrom(m.model.refs()).Draw(t, "parent"),
		}
	}
	for i, got := range m.tracker.Create(m.t.Context(), drafts) {
		d := drafts[i]
		if d.Parent != "" && m.model.of(d.Parent) == nil {
			if ticket.KindOf(got.Err) != ticket.Rejected {
				t.Fatalf("parent %s that is not there: %v", d.Parent, got.Err)
			}
			continue
		}
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		if got.Ticket.Number < m.model.next {
			t.Fatalf("number %d was used already", got.Ticket.Number)
		}
		m.model.next = got.Ticket.Number + 1
		m.model.tickets[got.Ticket.Number] = &ticket.Observed{
			Ref: got.Ticket.Ref, Number: got.Ticket.Number, Title: d.Title, Body: d.Body, State: ticket.Open,
			Labels: d.Labels, Parent: d.Parent,
		}
	}
}

func (m *machine) update(t *rapid.T) {
	ref := rapid.SampledFrom(m.model.refs()).Draw(t, "ref")
	p := ticket.Patch{
		AddLabels:       rapid.SliceOfNDistinct(rapid.SampledFrom(someLabels), 0, 2, rapid.ID).Draw(t, "add"),
		RemoveLabels:    rapid.SliceOfNDistinct(rapid.SampledFrom(someLabels), 0, 2, rapid.ID).Draw(t, "remove"),
		AddAssignees:    rapid.SliceOfNDistinct(rapid.SampledFrom(someLogins), 0, 2, rapid.ID).Draw(t, "assign"),
		RemoveAssignees: rapid.SliceOfNDistinct(rapid.SampledFrom(someLogins), 0, 2, rapid.ID).Draw(t, "unassign"),
		State:           rapid.SampledFrom([]ticket.State{"", ticket.Open, ticket.Completed, ticket.NotPlanned}).Draw(t, "state"),
	}
	if rapid.Bool().Draw(t, "with text") {
		p.Title, p.Body = someTitles.Draw(t, "title"), someTexts.Draw(t, "body")
	}
	o := m.model.of(ref)
	_, err := m.tracker.Update(m.t.Context(), ref, p)
	if !m.answered(t, o, err) {
		return
	}
	if p.Title != "" {
		o.Title, o.Body = p.Title, p.Body
	}
	if p.State != "" && (p.State == ticket.Open || o.State == ticket.Open) {
		o.State = p.State
	}
	o.Labels = addRemove(o.Labels, p.AddLabels, p.RemoveLabels)
	o.Assignees = addRemove(o.Assignees, p.AddAssignees, p.RemoveAssignees)
}

// answered checks that a ticket that is not there is Gone, and tells whether it is there.
func (m *machine) answered(t *rapid.T, o *ticket.Observed, err error) bool {
	if o == nil && ticket.KindOf(err) != ticket.Gone {
		t.Fatalf("a ticket that is not there: %v", err)
	}
	if o != nil && err != nil {
		t.Fatal(err)
	}
	return o != nil
}

func addRemove(list, add, remove []string) []string {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	for _, s := range remove {
		delete(set, s)
	}
	for _, s := range add {
		set[s] = true
	}
	return slices.Collect(maps.Keys(set))
}

func (m *machine) link(t *rapid.T) {
	ref, to := rapid.SampledFrom(m.model.refs()).Draw(t, "ref"), rapid.SampledFrom(m.model.refs()).Draw(t, "to")
	o, other := m.model.of(ref), m.model.of(to)
	if rapid.Bool().Draw(t, "remove") {
		_, err := m.tracker.Update(m.t.Context(), ref, ticket.Patch{RemoveBlockedBy: []ticket.Ref{to}})
		if m.answered(t, o, err) {
			o.BlockedBy = slices.DeleteFunc(o.BlockedBy, func(r ticket.Ref) bool { return r == to })
		}
		return
	}
	_, err := m.tracker.Update(m.t.Context(), ref, ticket.Patch{AddBlockedBy: []ticket.Ref{to}})
	if o != nil && (other == nil || other == o) {
		if ticket.KindOf(err) != ticket.Rejected {
			t.Fatalf("%s blocked by %s: %v", ref, to, err)
		}
		return
	}
	if m.answered(t, o, err) && !slices.Contains(o.BlockedBy, to) {
		o.BlockedBy = append(o.BlockedBy, to)
	}
}

func (m *machine) comment(t *rapid.T) {
	ref := rapid.SampledFrom(m.model.refs()).Draw(t, "ref")
	o, body := m.model.of(ref), someTexts.Draw(t, "body")+"."
	if o != nil && len(m.model.comments[o.Number]) > 0 && rapid.Bool().Draw(t, "edit") {
		there, err := m.tracker.Comments(m.t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, len(there)-1).Draw(t, "which")
		if _, err := m.tracker.Comment(m.t.Context(), ref, there[at].ID, body); err != nil {
			t.Fatal(err)
		}
		m.model.comments[o.Number][at] = body
		return
	}
	_, err := m.tracker.Comment(m.t.Context(), ref, 0, body)
	if m.answered(t, o, err) {
		m.model.comments[o.Number] = append(m.model.comments[o.Number], body)
	}
}

// rename takes a label to another name and back.
func (m *machine) rename(t *rapid.T) {
	for _, step := range [][2]string{{"stage:build", "stage:elsewhere"}, {"stage:elsewhere", "stage:build"}} {
		err := m.tracker.Define(m.t.Context(), ticket.Definition{Rename: step[0], Label: ticket.Label{Name: step[1]}})
		if err != nil && ticket.KindOf(err) != ticket.Gone {
			t.Fatal(err)
		}
	}
}

// delete is a person who removes a ticket's file between two runs.
func (m *machine) delete(t *rapid.T) {
	o := m.model.of(rapid.SampledFrom(m.model.refs()).Draw(t, "ref"))
	if o == nil {
		t.Skip("nothing to delete")
	}
	if err := os.Remove(fileOf(m.t, m.dir, o.Ref)); err != nil {
		t.Fatal(err)
	}
	delete(m.model.tickets, o.Number)
	for _, other := range m.model.tickets {
		if other.Parent == o.Ref {
			other.Parent = ""
		}
		other.BlockedBy = slices.DeleteFunc(other.BlockedBy, func(r ticket.Ref) bool { return r == o.Ref })
	}
	m.reopen(t)
}

func (m *machine) reopen(t *rapid.T) {
	if err := m.tracker.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := local.Open(m.dir, options())
	if err != nil {
		t.Fatal(err)
	}
	m.tracker = again
}

func (m *machine) check(t *rapid.T) {
	all, err := m.tracker.List(m.t.Context(), ticket.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(m.model.tickets) {
		t.Fatalf("%d tickets, want %d", len(all), len(m.model.tickets))
	}
	for _, got := range all {
		want := m.model.tickets[got.Number]
		if want == nil {
			t.Fatalf("%s should not be there", got.Ref)
		}
		if shown(got) != shown(*want) {
			t.Fatalf("%s is\n%s\nwant\n%s", got.Ref, shown(got), shown(*want))
		}
		comments, err := m.tracker.Comments(m.t.Context(), got.Ref)
		if err != nil {
			t.Fatal(err)
		}
		var bodies []string
		for _, c := range comments {
			bodies = append(bodies, c.Body)
		}
		if !slices.Equal(bodies, m.model.comments[got.Number]) {
			t.Fatalf("%s has comments %q, want %q", got.Ref, bodies, m.model.comments[got.Number])
		}
	}
}

func shown(o ticket.Observed) string {
	return fmt.Sprintf("%d %q %q %s labels=%q assignees=%q parent=%s blocked=%v", o.Number, o.Title, o.Body, o.State,
		strings.Join(slices.Sorted(slices.Values(o.Labels)), ","), strings.Join(slices.Sorted(slices.Values(o.Assignees)), ","), o.Parent, o.BlockedBy)
}
