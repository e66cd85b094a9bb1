package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLawsHoldUnderAnyActs does random things, sensible or not, and checks
// after each that the repository is one that GitHub could show.
func TestLawsHoldUnderAnyActs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := New(Repo{Owner: "octo-org", Name: "crm"}, nil)
		for login, role := range map[string]Role{"admin": RoleAdmin, "writer": RoleWrite, "reader": RoleRead} {
			w.AddUser(User{Login: login, Role: role})
		}
		for range rapid.IntRange(1, 40).Draw(rt, "acts") {
			before := w.Dump()
			if no := act(rt, w); no != nil && w.Dump() != before {
				rt.Fatalf("a refusal changed something: %v", no)
			}
			if broken := laws(w); broken != "" {
				rt.Fatal(broken)
			}
		}
	})
}

func act(rt *rapid.T, w *World) *Refusal {
	a := w.Person(rapid.SampledFrom([]string{"admin", "writer", "reader"}).Draw(rt, "who"))
	n, m := rapid.IntRange(1, 6).Draw(rt, "n"), rapid.IntRange(1, 6).Draw(rt, "m")
	label := rapid.SampledFrom([]string{"a", "A", "b", strings.Repeat("x", 51)}).Draw(rt, "label")
	var id int64
	if i := w.At(m); i != nil {
		id = i.ID
	}
	state := rapid.SampledFrom([]string{"open", "closed", "done"}).Draw(rt, "state")
	var no *Refusal
	switch rapid.IntRange(0, 11).Draw(rt, "act") {
	case 0, 1, 2:
		_, no = w.CreateIssue(a, IssueInput{Title: rapid.SampledFrom([]string{"t", ""}).Draw(rt, "title"), Labels: []string{label}, Assignees: []string{"writer"}, Parent: rapid.IntRange(0, 3).Draw(rt, "parent")})
	case 3:
		_, no = w.UpdateIssue(a, n, IssuePatch{State: &state, Labels: &[]string{label, "c"}})
	case 4:
		_, no = w.AddSubIssue(a, n, id, true)
	case 5:
		_, no = w.AddSubIssue(a, n, id, false)
	case 6:
		_, no = w.RemoveSubIssue(a, n, id)
	case 7:
		_, no = w.AddBlockedBy(a, n, id)
	case 8:
		no = w.Remove(a, n, rapid.SampledFrom([]string{"deleted", "transferred", "discussion"}).Draw(rt, "how"), "/x")
	case 9:
		_, no = w.UpdateLabel(a, "a", LabelPatch{Name: &label})
	case 10:
		no = w.DeleteLabel(a, label)
	case 11:
		_, no = w.CreateComment(a, n, label)
	}
	return no
}

// laws says which law is broken; empty if none.
func laws(w *World) string {
	var folded []string
	for _, l := range w.Labels {
		folded = append(folded, strings.ToLower(l.Name))
	}
	if slices.Sort(folded); len(slices.Compact(slices.Clone(folded))) != len(folded) {
		return fmt.Sprintf("label names are not unique: %q", folded)
	}
	for k, i := range w.Issues {
		if i.Number != k+1 {
			return "numbers have gaps"
		}
		if i.Gone != "" {
			continue
		}
		for _, c := range i.Children {
			if child := w.At(c); child.Parent != i.Number || child.Gone != "" {
				return fmt.Sprintf("#%d has child #%d, which has parent #%d", i.Number, c, child.Parent)
			}
		}
		if i.Parent != 0 && !slices.Contains(w.At(i.Parent).Children, i.Number) {
			return fmt.Sprintf("#%d isn't among its parent's children", i.Number)
		}
		if w.level(i) > MaxDepth {
			return "too deep, or a cycle"
		}
		for _, l := range i.Labels {
			if !slices.Contains(w.Labels, l) {
				return fmt.Sprintf("#%d carries the deleted label %q", i.Number, l.Name)
			}
		}
		if i.Closed != !i.ClosedAt.IsZero() || (i.Closed && i.StateReason == "") {
			return fmt.Sprintf("#%d is closed without time or reason", i.Number)
		}
		if was := i.AsOf(w.Now()); was == nil || was.Title != i.Title || was.Closed != i.Closed || len(was.Labels) != len(i.Labels) {
			return fmt.Sprintf("#%d as of now isn't as it is", i.Number)
		}
	}
	return ""
}

func TestDepthLimit(t *testing.T) {
	w := New(Repo{Owner: "octo-org", Name: "crm"}, nil)
	w.AddUser(User{Login: "admin", Role: RoleAdmin})
	a := w.Person("admin")
	for k := range MaxDepth {
		if _, no := w.CreateIssue(a, IssueInput{Title: "x", Parent: k}); no != nil {
			t.Fatal(no)
		}
	}
	if _, no := w.CreateIssue(a, IssueInput{Title: "x", Parent: MaxDepth}); no == nil || no.Status != 422 {
		t.Errorf("a ninth level: %v", no)
	}
	i, no := w.CreateIssue(a, IssueInput{Title: "x"})
	if no != nil {
		t.Fatal(no)
	}
	if _, no := w.AddSubIssue(a, i.Number, w.At(1).ID, false); no == nil || no.Status != 422 {
		t.Errorf("eight levels under another: %v", no)
	}
}

func TestRoles(t *testing.T) {
	for role, permission := range map[Role]string{RoleMaintain: "write", RoleTriage: "read", RoleAdmin: "admin", RoleNone: "none", "": "none"} {
		if got := role.Permission(); got != permission {
			t.Errorf("%s reads as %s, want %s", role, got, permission)
		}
	}
	if RoleTriage.AtLeast(RoleWrite) || !RoleMaintain.AtLeast(RoleTriage) || RoleNone.AtLeast(RoleRead) {
		t.Error("the order of roles is wrong")
	}
}
