package trackertest

import (
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func parents(s *suite) {
	if !s.repo.Features.SubIssues {
		s.Skip("this tracker has no sub-issues")
	}
	first, second, child := s.one("first parent"), s.one("second parent"), s.one("child")
	if got := s.update(child.Ref, ticket.Patch{Parent: first.Ref}); got.Parent != first.Ref {
		s.Errorf("parent is %q, want %q", got.Parent, first.Ref)
	}
	child.Parent = first.Ref
	s.everywhere(child)
	s.update(child.Ref, ticket.Patch{Parent: first.Ref})
	// Kept or refused, but never taken away from where people may have put it.
	if _, err := s.tracker.Update(s.ctx, child.Ref, ticket.Patch{Parent: second.Ref}); err != nil {
		s.wantKind("a second parent", err, ticket.Rejected)
	}
	s.everywhere(child)
	if a, b := s.listed(first.Ref).Children, s.listed(second.Ref).Children; a != 1 || b != 0 {
		s.Errorf("the parents list %d and %d children, want 1 and 0", a, b)
	}
}

func dependencies(s *suite) {
	if !s.repo.Features.Dependencies {
		s.Skip("this tracker has no dependencies")
	}
	a, b, c := s.one("a"), s.one("b"), s.one("c")
	check := func(what string, want ...ticket.Ref) {
		s.Helper()
		s.reopen()
		if got := s.listed(c.Ref).Blocked; got != len(want) {
			s.Errorf("%s: the list says blocked by %d, want %d", what, got, len(want))
		}
		if got := s.update(c.Ref, ticket.Patch{Title: what}); got.Title != what {
			s.Errorf("%s: title is %q", what, got.Title)
		}
		if got := s.listed(a.Ref).Blocked; got != 0 {
			s.Errorf("%s: the blocking ticket is blocked by %d", what, got)
		}
	}
	check("none")
	s.update(c.Ref, ticket.Patch{AddBlockedBy: []ticket.Ref{a.Ref}})
	check("one", a.Ref)
	s.update(c.Ref, ticket.Patch{AddBlockedBy: []ticket.Ref{a.Ref, b.Ref}})
	check("two, one of them twice", a.Ref, b.Ref)
	s.update(c.Ref, ticket.Patch{RemoveBlockedBy: []ticket.Ref{a.Ref}})
	check("one removed", b.Ref)
	s.update(c.Ref, ticket.Patch{AddBlockedBy: []ticket.Ref{a.Ref}, RemoveBlockedBy: []ticket.Ref{b.Ref}})
	check("exchanged", a.Ref)
	s.update(c.Ref, ticket.Patch{RemoveBlockedBy: []ticket.Ref{a.Ref}})
	check("all removed")
}

func (s *suite) label(name string) (ticket.Label, int) {
	s.Helper()
	s.reopen()
	var found []ticket.Label
	for _, l := range s.repo.Labels {
		if l.Name == name {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		return ticket.Label{}, 0
	}
	found[0].ID = "" // the tracker's own; see labelIDs
	return found[0], len(found)
}

func defineTwice(s *suite) {
	before := len(s.repo.Labels)
	l := ticket.Label{Name: "Stage:Build", Color: "1d76db", Description: "Being built"}
	for range 2 {
		if err := s.tracker.Define(s.ctx, ticket.Definition{Label: l}); err != nil {
			s.Fatalf("Define: %v", err)
		}
		if got, n := s.label("Stage:Build"); got != l || n != 1 {
			s.Errorf("defined as %+v, %d times", got, n)
		}
	}
	// Names are one whatever their case; the spelling that is there stays.
	again := ticket.Label{Name: "stage:build", Color: l.Color, Description: l.Description}
	if err := s.tracker.Define(s.ctx, ticket.Definition{Label: again}); err != nil {
		s.Errorf("Define in another case: %v", err)
	}
	if _, n := s.label("Stage:Build"); n != 1 || len(s.repo.Labels) != before+1 {
		s.Errorf("labels are %+v", s.repo.Labels)
	}
	for range 2 {
		s.defineMilestone("CRM 2.4", "2026-03-13")
	}
	s.defineMilestone("CRM 2.4", "2026-04-01")
	s.reopen()
	if m := s.repo.Milestones; len(m) != 1 || m[0].Title != "CRM 2.4" || m[0].Due != "2026-04-01" {
		s.Errorf("milestones are %+v", m)
	}
}

func renameLabel(s *suite) {
	s.define("old", "other")
	d := s.draft("labelled")
	d.Labels = []string{"old", "other"}
	made := s.create(d, s.draft("plain"))
	rename := ticket.Definition{Label: ticket.Label{Name: "new", Color: "0e8a16", Description: "renamed"}, Rename: "old"}
	if err := s.tracker.Define(s.ctx, rename); err != nil {
		s.Fatalf("Define: %v", err)
	}
	s.reopen()
	if got := s.get(made[0].Ref); bag(got.Labels) != "new, other" {
		s.Errorf("after renaming the ticket has %q", got.Labels)
	}
	if got := refs(s.list(ticket.Query{Label: "new"})); !slices.Equal(got, refs(made[:1])) {
		s.Errorf("the new name lists %v", got)
	}
	if got := refs(s.list(ticket.Query{Label: "old"})); len(got) > 0 {
		s.Errorf("the old name lists %v", got)
	}
	if _, n := s.label("old"); n != 0 {
		s.Errorf("the old label is still there")
	}
	if got, n := s.label("new"); n != 1 || got != rename.Label {
		s.Errorf("the label is %+v", got)
	}
}
