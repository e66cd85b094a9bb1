package trackertest

import (
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// field is one thing a patch can change, and what it does to a ticket.
type field struct {
	name  string
	patch ticket.Patch
	apply func(o *ticket.Observed)
}

// subject makes a ticket with something in every field, and every change to it.
func (s *suite) subject() (ticket.Observed, []field) {
	s.Helper()
	s.define("kept", "removed", "added")
	s.defineMilestone("CRM 2.4", "2026-03-13")
	s.defineMilestone("CRM 2.5", "")
	d := s.draft("before")
	d.Labels = []string{"kept", "removed"}
	d.Assignees = s.Logins[:1]
	d.Milestone = "CRM 2.4"
	made := s.create(d)[0]
	body := s.body(d.Key, "after")
	fields := []field{
		{"title", ticket.Patch{Title: "after"}, func(o *ticket.Observed) { o.Title = "after" }},
		{"body", ticket.Patch{Body: body}, func(o *ticket.Observed) { o.Body = body }},
		{"state", ticket.Patch{State: ticket.NotPlanned}, func(o *ticket.Observed) { o.State = ticket.NotPlanned }},
		{"add labels", ticket.Patch{AddLabels: []string{"added"}}, func(o *ticket.Observed) { o.Labels = append(o.Labels, "added") }},
		{"remove labels", ticket.Patch{RemoveLabels: []string{"removed"}}, func(o *ticket.Observed) {
			o.Labels = slices.DeleteFunc(o.Labels, func(l string) bool { return l == "removed" })
		}},
		{"add assignees", ticket.Patch{AddAssignees: s.Logins[1:2]}, func(o *ticket.Observed) { o.Assignees = append(o.Assignees, s.Logins[1]) }},
		{"remove assignees", ticket.Patch{RemoveAssignees: s.Logins[:1]}, func(o *ticket.Observed) {
			o.Assignees = slices.DeleteFunc(o.Assignees, func(l string) bool { return l == s.Logins[0] })
		}},
		{"milestone", ticket.Patch{Milestone: "CRM 2.5"}, func(o *ticket.Observed) { o.Milestone = "CRM 2.5" }},
	}
	if n := len(s.repo.IssueTypes); n > 0 {
		kind := s.repo.IssueTypes[n-1]
		fields = append(fields, field{"type", ticket.Patch{Type: kind}, func(o *ticket.Observed) { o.Type = kind }})
	}
	return made, fields
}

func patchEachFieldAlone(s *suite) {
	want, fields := s.subject()
	other := s.one("untouched")
	for _, f := range fields {
		got := s.update(want.Ref, f.patch)
		f.apply(&want)
		s.want("answer to "+f.name, got, want)
		s.want("get after "+f.name, s.get(want.Ref), want)
	}
	s.everywhere(want)
	s.want("another ticket", s.get(other.Ref), other)
}

func patchTogether(s *suite) {
	want, fields := s.subject()
	var p ticket.Patch
	for _, f := range fields {
		f.apply(&want)
		p = merge(p, f.patch)
	}
	s.want("answer", s.update(want.Ref, p), want)
	s.everywhere(want)
}

func merge(a, b ticket.Patch) ticket.Patch {
	a.Title += b.Title
	a.Body += b.Body
	a.State += b.State
	a.Milestone += b.Milestone
	a.Type += b.Type
	a.AddLabels = append(a.AddLabels, b.AddLabels...)
	a.RemoveLabels = append(a.RemoveLabels, b.RemoveLabels...)
	a.AddAssignees = append(a.AddAssignees, b.AddAssignees...)
	a.RemoveAssignees = append(a.RemoveAssignees, b.RemoveAssignees...)
	return a
}

func patchNothing(s *suite) {
	want, _ := s.subject()
	got := s.update(want.Ref, ticket.Patch{})
	s.want("answer", got, want)
	if !got.UpdatedAt.Equal(want.UpdatedAt) {
		s.Errorf("an empty patch moved the time from %v to %v", want.UpdatedAt, got.UpdatedAt)
	}
	s.everywhere(want)
}

// patchTwice repeats each change: a run cut short is repeated.
func patchTwice(s *suite) {
	want, fields := s.subject()
	for _, f := range fields {
		f.apply(&want)
		s.update(want.Ref, f.patch)
		s.want("answer to repeated "+f.name, s.update(want.Ref, f.patch), want)
	}
	s.everywhere(want)
}

func patchGone(s *suite) {
	for _, p := range []ticket.Patch{{Title: "x"}, {AddLabels: []string{"kept"}}, {State: ticket.Completed}} {
		_, err := s.tracker.Update(s.ctx, "#9999", p)
		s.wantKind("update of a ref that never was", err, ticket.Gone)
	}
	if got := s.list(ticket.Query{}); len(got) > 0 {
		s.Errorf("updating nothing made %v", refs(got))
	}
}

func labelsKeepOthers(s *suite) {
	s.define("mine", "theirs", "More", "a?b", "a#b", "a/b", "a%b", "a")
	d := s.draft("labelled")
	d.Labels = []string{"mine", "theirs", "a"}
	made := s.create(d)[0]
	steps := []struct {
		p    ticket.Patch
		want []string
	}{
		{ticket.Patch{AddLabels: []string{"More"}}, []string{"mine", "theirs", "a", "More"}},
		{ticket.Patch{AddLabels: []string{"more", "MINE"}}, []string{"mine", "theirs", "a", "More"}},
		{ticket.Patch{RemoveLabels: []string{"MINE"}}, []string{"theirs", "a", "More"}},
		{ticket.Patch{RemoveLabels: []string{"mine"}}, []string{"theirs", "a", "More"}},
		{ticket.Patch{AddLabels: []string{"mine"}, RemoveLabels: []string{"more"}}, []string{"theirs", "a", "mine"}},
		{ticket.Patch{AddLabels: []string{"a?b", "a#b", "a/b", "a%b"}}, []string{"theirs", "a", "mine", "a?b", "a#b", "a/b", "a%b"}},
		{ticket.Patch{RemoveLabels: []string{"a?b", "a#b", "a/b", "a%b"}}, []string{"theirs", "a", "mine"}},
	}
	for _, step := range steps {
		if got := s.update(made.Ref, step.p); bag(got.Labels) != bag(step.want) {
			s.Errorf("add %q, remove %q: %q, want %q", step.p.AddLabels, step.p.RemoveLabels, got.Labels, step.want)
		}
		if got := s.get(made.Ref); bag(got.Labels) != bag(step.want) {
			s.Errorf("get after add %q, remove %q: %q, want %q", step.p.AddLabels, step.p.RemoveLabels, got.Labels, step.want)
		}
	}
}

func assignees(s *suite) {
	made := s.one("assigned")
	for _, step := range []struct {
		p    ticket.Patch
		want []string
	}{
		{ticket.Patch{AddAssignees: s.Logins[:2]}, s.Logins[:2]},
		{ticket.Patch{AddAssignees: s.Logins[:1]}, s.Logins[:2]},
		{ticket.Patch{RemoveAssignees: s.Logins[:1]}, s.Logins[1:2]},
		{ticket.Patch{AddAssignees: s.Logins[:1], RemoveAssignees: s.Logins[1:2]}, s.Logins[:1]},
		{ticket.Patch{RemoveAssignees: s.Logins[:2]}, nil},
	} {
		s.update(made.Ref, step.p)
		if got := s.get(made.Ref); bag(got.Assignees) != bag(step.want) {
			s.Errorf("%+v: %q, want %q", step.p, got.Assignees, step.want)
		}
	}
}

func milestones(s *suite) {
	s.defineMilestone("CRM 2.4", "2026-03-13")
	s.reopen()
	at := slices.IndexFunc(s.repo.Milestones, func(m ticket.Milestone) bool { return m.Title == "CRM 2.4" })
	if at < 0 || s.repo.Milestones[at].Due != "2026-03-13" {
		s.Fatalf("milestones are %+v", s.repo.Milestones)
	}
	made := s.one("planned")
	want := made
	want.Milestone = "CRM 2.4"
	s.want("set", s.update(made.Ref, ticket.Patch{Milestone: "CRM 2.4"}), want)
	s.everywhere(want)
	s.want("cleared", s.update(made.Ref, ticket.Patch{ClearMilestone: true}), made)
	s.want("cleared twice", s.update(made.Ref, ticket.Patch{ClearMilestone: true}), made)
	s.everywhere(made)
	_, err := s.tracker.Update(s.ctx, made.Ref, ticket.Patch{Milestone: "CRM 99"})
	s.wantKind("a milestone nobody defined", err, ticket.Rejected)
}

func states(s *suite) {
	original, made := s.one("original"), s.one("opened and closed")
	for _, state := range []ticket.State{ticket.Completed, ticket.NotPlanned, ticket.Duplicate} {
		p := ticket.Patch{State: state}
		if state == ticket.Duplicate {
			p.DuplicateOf = original.Ref
		}
		want := made
		want.State = state
		s.want("closed", s.update(made.Ref, p), want)
		s.want("closed twice", s.update(made.Ref, p), want)
		s.everywhere(want)
		s.want("reopened", s.update(made.Ref, ticket.Patch{State: ticket.Open}), made)
		s.want("reopened twice", s.update(made.Ref, ticket.Patch{State: ticket.Open}), made)
		s.everywhere(made)
	}
	s.want("the original", s.get(original.Ref), original)
}
