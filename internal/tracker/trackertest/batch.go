package trackertest

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// batcher skips the test where the tracker changes tickets one by one only.
func (s *suite) batcher() ticket.Batcher {
	s.Helper()
	b, ok := s.tracker.(ticket.Batcher)
	if !ok {
		s.Skip("this tracker has no batches")
	}
	return b
}

// updateAll must succeed for each edit.
func (s *suite) updateAll(edits ...ticket.Edit) []ticket.Created {
	s.Helper()
	answers := s.batcher().UpdateAll(s.ctx, edits)
	if len(answers) != len(edits) {
		s.Fatalf("UpdateAll gave %d answers to %d edits", len(answers), len(edits))
	}
	for i, a := range answers {
		if a.Err != nil {
			s.Fatalf("UpdateAll %s with %+v: %v", edits[i].Ref, edits[i].Patch, a.Err)
		}
	}
	return answers
}

// updateAllTogether changes all there is to change, alone and together, in one call.
func updateAllTogether(s *suite) {
	s.batcher()
	first, fields := s.subject()
	var drafts []ticket.Draft
	for i := range len(fields) + 13 {
		d := s.draft(fmt.Sprintf("ticket %d", i))
		d.Labels, d.Assignees, d.Milestone = []string{"kept", "removed"}, s.Logins[:1], "CRM 2.4"
		drafts = append(drafts, d)
	}
	want := append(s.create(drafts...), first)
	var edits []ticket.Edit
	for i := range want {
		p := fields[i%len(fields)].patch
		fields[i%len(fields)].apply(&want[i])
		if i == len(want)-1 {
			for k, f := range fields {
				if k != i%len(fields) {
					p = merge(p, f.patch)
					f.apply(&want[i])
				}
			}
		}
		edits = append(edits, ticket.Edit{Ref: want[i].Ref, Patch: p})
	}
	for i, a := range s.updateAll(edits...) {
		s.want(fmt.Sprintf("answer %d", i), a.Ticket, want[i])
	}
	s.reopen()
	for i, a := range s.updateAll(edits...) {
		s.want(fmt.Sprintf("answer %d of the next run", i), a.Ticket, want[i])
		s.want("get", s.get(want[i].Ref), want[i])
		s.want("list", s.listed(want[i].Ref), want[i])
	}
}

func updateAllRefusesAlone(s *suite) {
	b := s.batcher()
	s.define("kept")
	made := s.create(s.draft("first"), s.draft("second"), s.draft("last"))
	answers := b.UpdateAll(s.ctx, []ticket.Edit{
		{Ref: made[0].Ref, Patch: ticket.Patch{Title: "first, changed"}},
		{Ref: made[1].Ref, Patch: ticket.Patch{Title: strings.Repeat("x", 257)}},
		{Ref: "#9999", Patch: ticket.Patch{Title: "nothing"}},
		{Ref: "elsewhere", Patch: ticket.Patch{Title: "nothing"}},
		{Ref: made[1].Ref, Patch: ticket.Patch{Milestone: "CRM 99"}},
		{Ref: made[2].Ref, Patch: ticket.Patch{Title: "last, changed", AddLabels: []string{"kept"}}},
	})
	if len(answers) != 6 {
		s.Fatalf("%d answers to 6 edits", len(answers))
	}
	s.wantKind("a title of 257 characters", answers[1].Err, ticket.Rejected)
	s.wantKind("a ref that never was", answers[2].Err, ticket.Gone)
	s.wantKind("no ref", answers[3].Err, ticket.Rejected, ticket.Gone)
	s.wantKind("a milestone nobody defined", answers[4].Err, ticket.Rejected)
	for i, want := range map[int]string{0: "first, changed", 5: "last, changed"} {
		if answers[i].Err != nil || answers[i].Ticket.Title != want {
			s.Errorf("edit %d beside refused ones: %q, %v", i, answers[i].Ticket.Title, answers[i].Err)
		}
	}
	s.want("the refused one", s.get(made[1].Ref), made[1])
	if all := s.list(ticket.Query{}); len(all) != 3 {
		s.Errorf("the list has %v", refs(all))
	}
}

func updateAllNothing(s *suite) {
	if got := s.batcher().UpdateAll(s.ctx, nil); len(got) != 0 {
		s.Errorf("no edits gave %d answers", len(got))
	}
	made := s.one("left alone")
	got := s.updateAll(ticket.Edit{Ref: made.Ref})[0].Ticket
	s.want("answer", got, made)
	if !got.UpdatedAt.Equal(made.UpdatedAt) {
		s.Errorf("an empty patch moved the time from %v to %v", made.UpdatedAt, got.UpdatedAt)
	}
}

// updateAllLinks: a second parent is not taken unless it is said so.
func updateAllLinks(s *suite) {
	s.batcher()
	made := s.create(s.draft("parent"), s.draft("second"), s.draft("child"), s.draft("other child"), s.draft("blocked"))
	parent, second, child, other, blocked := made[0].Ref, made[1].Ref, made[2].Ref, made[3].Ref, made[4].Ref
	if s.repo.Features.SubIssues {
		s.updateAll(ticket.Edit{Ref: child, Patch: ticket.Patch{Parent: parent}}, ticket.Edit{Ref: other, Patch: ticket.Patch{Parent: parent}})
		s.reopen()
		got := s.updateAll(ticket.Edit{Ref: child, Patch: ticket.Patch{Parent: second}}, ticket.Edit{Ref: other, Patch: ticket.Patch{Parent: second, Reparent: true}})
		if got[0].Ticket.Parent != parent || got[1].Ticket.Parent != second {
			s.Errorf("the parents are %q and %q, want %q kept and %q taken", got[0].Ticket.Parent, got[1].Ticket.Parent, parent, second)
		}
		if got := s.update(child, ticket.Patch{Parent: second, Reparent: true}); got.Parent != second {
			s.Errorf("Update left it under %q, want %q", got.Parent, second)
		}
	}
	if !s.repo.Features.Dependencies {
		return
	}
	check := func(what string, p ticket.Patch, want int) {
		s.Helper()
		if got := s.updateAll(ticket.Edit{Ref: blocked, Patch: p})[0].Ticket; got.Blocked != want {
			s.Errorf("%s: blocked by %d, want %d", what, got.Blocked, want)
		}
		s.reopen()
		if got := s.listed(blocked).Blocked; got != want {
			s.Errorf("%s: the list says blocked by %d, want %d", what, got, want)
		}
	}
	check("one", ticket.Patch{AddBlockedBy: []ticket.Ref{parent}}, 1)
	check("two, one of them twice", ticket.Patch{AddBlockedBy: []ticket.Ref{parent, second}}, 2)
	check("exchanged", ticket.Patch{AddBlockedBy: []ticket.Ref{child}, RemoveBlockedBy: []ticket.Ref{second}}, 2)
	check("removed, one of them twice", ticket.Patch{RemoveBlockedBy: []ticket.Ref{second, child}}, 1)
}

func updateAllStates(s *suite) {
	s.batcher()
	original, made := s.one("original"), s.one("opened and closed")
	for _, state := range []ticket.State{ticket.Completed, ticket.NotPlanned, ticket.Duplicate} {
		p := ticket.Patch{State: state}
		if state == ticket.Duplicate {
			p.DuplicateOf = original.Ref
		}
		want := made
		want.State = s.update(s.one("like "+string(state)).Ref, p).State
		for _, what := range []string{"closed", "closed twice"} {
			s.want(what, s.updateAll(ticket.Edit{Ref: made.Ref, Patch: p})[0].Ticket, want)
		}
		s.want("get", s.get(made.Ref), want)
		for _, what := range []string{"reopened", "reopened twice"} {
			s.want(what, s.updateAll(ticket.Edit{Ref: made.Ref, Patch: ticket.Patch{State: ticket.Open}})[0].Ticket, made)
		}
	}
	s.want("the original", s.get(original.Ref), original)
}

// updateAllEqualsUpdate: twins end alike, one changed by Update and one by UpdateAll.
func updateAllEqualsUpdate(s *suite) {
	s.batcher()
	s.define("one", "two", "three")
	s.defineMilestone("CRM 2.4", "2026-03-13")
	s.reopen()
	const twins, enough = 3, 15
	checks, failed := 0, false
	rapid.Check(s.T, func(t *rapid.T) {
		if checks++; checks > enough && !failed { // trackers are slow; a failure is looked into all the same
			return
		}
		var drafts []ticket.Draft
		for i := range 3 + 2*twins {
			d := s.draft(fmt.Sprintf("ticket %d", i%twins))
			if i >= 3 {
				d.Labels, d.Assignees = []string{"one"}, s.Logins[:1]
			}
			drafts = append(drafts, d)
		}
		made := s.create(drafts...)
		others, alone, together := refs(made[:3]), refs(made[3:3+twins]), refs(made[3+twins:])
		var edits []ticket.Edit
		for i := range twins {
			edits = append(edits, ticket.Edit{Ref: together[i], Patch: s.anyPatch(t, others)})
		}
		var kinds []ticket.Kind
		for i, e := range edits {
			_, err := s.tracker.Update(s.ctx, alone[i], e.Patch)
			kinds = append(kinds, ticket.KindOf(err))
		}
		answers := s.batcher().UpdateAll(s.ctx, edits)
		for i, e := range edits {
			want, got := look(s.get(alone[i])), look(s.get(together[i]))
			if got != want || ticket.KindOf(answers[i].Err) != kinds[i] {
				failed = true
				t.Errorf("%+v\nUpdate:    %s (%q)\nUpdateAll: %s (%v)", e.Patch, want, kinds[i], got, answers[i].Err)
			}
			if said := look(answers[i].Ticket); answers[i].Err == nil && said != got {
				failed = true
				t.Errorf("%+v\nanswered: %s\nthere is: %s", e.Patch, said, got)
			}
		}
	})
}

// look is what a ticket shows, without what tells twins apart.
func look(o ticket.Observed) string {
	return fmt.Sprintf("%q %q %s labels %s assignees %s milestone %q type %q parent %s blocked by %d",
		o.Title, o.Body, o.State, bag(o.Labels), bag(o.Assignees), o.Milestone, o.Type, o.Parent, o.Blocked)
}

// anyPatch draws a patch, part of which a tracker may refuse.
func (s *suite) anyPatch(t *rapid.T, others []ticket.Ref) ticket.Patch {
	some := func(what string, from ...string) []string {
		return slices.DeleteFunc(slices.Clone(from), func(v string) bool { return rapid.IntRange(0, 3).Draw(t, what+" "+v[:min(9, len(v))]) > 0 })
	}
	one := func(what string, from ...string) string {
		return rapid.SampledFrom(append([]string{""}, from...)).Draw(t, what)
	}
	linked := func(what string) (out []ticket.Ref) {
		for _, v := range some(what, string(others[0]), string(others[1]), "#99999") {
			out = append(out, ticket.Ref(v))
		}
		return out
	}
	p := ticket.Patch{
		Title: one("title", "new title"), Body: one("body", "new body\n"), State: ticket.State(one("state", "open", "completed", "not_planned", "duplicate")),
		AddLabels: some("add label", "One", "two", "three", "nobody made this", strings.Repeat("x", 60)), RemoveLabels: some("remove label", "ONE", "two", "never there"),
		AddAssignees: some("assign", s.Logins[1], "nobody-knows"), RemoveAssignees: some("unassign", s.Logins[0], "nobody-knows"),
		Milestone: one("milestone", "CRM 2.4", "CRM 99"), ClearMilestone: rapid.Bool().Draw(t, "clear"),
		Type: one("type", append(slices.Clone(s.repo.IssueTypes), "Nonsense")...), Parent: ticket.Ref(one("parent", string(others[0]), string(others[2]), "#99999")),
		AddBlockedBy: linked("block"), RemoveBlockedBy: linked("unblock"),
	}
	p.Reparent = p.Parent != "" && rapid.Bool().Draw(t, "reparent")
	if p.State == ticket.Duplicate {
		p.DuplicateOf = others[0]
	}
	if p.State == "" { // title and state are one part in Update, and may be two in a batch
		p.Title = one("title", "new title", strings.Repeat("x", 257))
	}
	return p
}

// updateAllOverwritten: what a person saved between our read and our write comes back.
func updateAllOverwritten(s *suite) {
	s.can("edit", s.Person.Edit != nil)
	s.batcher()
	s.define("added")
	made := s.create(s.draft("edited meanwhile"), s.draft("edited twice"), s.draft("left alone"), s.draft("edited before"))
	theirs := func(i, n int) string { return fmt.Sprintf("a person's line %d\n%s", n, made[i].Body) }
	s.Person.Edit(made[3].Ref, theirs(3, 0))
	s.reopen()
	s.Person.Edit(made[0].Ref, theirs(0, 1))
	s.Person.Edit(made[1].Ref, theirs(1, 1))
	s.Person.Edit(made[1].Ref, theirs(1, 2))
	edit := func(i int, base, text string) ticket.Edit {
		return ticket.Edit{Ref: made[i].Ref, Base: base, Patch: ticket.Patch{Body: s.body(ticket.Make("CRM-101", "build", "x"), text)}}
	}
	edits := []ticket.Edit{edit(0, made[0].Body, "a"), edit(1, made[1].Body, "b"), edit(2, made[2].Body, "c"), edit(3, theirs(3, 0), "d")}
	edits[1].Patch.State, edits[1].Patch.AddLabels = ticket.NotPlanned, []string{"added"}
	check := func(what string, got []ticket.Created, want ...string) {
		s.Helper()
		for i, w := range want {
			if !s.History {
				w = ""
			}
			if o := got[i].Overwritten; o == "" && w != "" || !ticket.SameBody(o, w) {
				s.Errorf("%s, ticket %d: overwritten %q, want %q", what, i, o, w)
			}
		}
	}
	check("written", s.updateAll(edits...), theirs(0, 1), theirs(1, 2), "", "")
	for i := range edits {
		edits[i] = edit(i, edits[i].Patch.Body, fmt.Sprint("next ", i))
	}
	s.Person.Edit(made[2].Ref, strings.ReplaceAll(edits[2].Base, "\n", "\r\n")+"\r\n") // opened and saved, no more
	check("written again", s.updateAll(edits...), "", "", "", "")
	// A text that stood there before is no sign of anything.
	for i := range edits {
		edits[i] = ticket.Edit{Ref: edits[i].Ref, Base: edits[i].Patch.Body, Patch: ticket.Patch{Body: edits[i].Base}}
	}
	check("turned back", s.updateAll(edits...), "", "", "", "")
}

// boards: the issues labelled so come with the repository, the oldest first, open or not.
func boards(s *suite) {
	if len(s.repo.Boards) > 0 {
		s.Errorf("an empty repository has the boards %v", refs(s.repo.Boards))
	}
	s.define("board", "other")
	var drafts []ticket.Draft
	for i := range 13 {
		d := s.draft(fmt.Sprintf("board %d", i))
		d.Labels = []string{"board", "other"}
		if i == 1 {
			d.Labels = d.Labels[1:]
		}
		drafts = append(drafts, d)
	}
	made := s.create(drafts...)
	made[0] = s.update(made[0].Ref, ticket.Patch{State: ticket.Completed})
	s.reopen()
	want := slices.Delete(slices.Clone(made), 1, 2)[:10]
	if got := s.repo.Boards; !slices.Equal(refs(got), refs(want)) {
		s.Fatalf("the boards are %v, want %v", refs(got), refs(want))
	}
	for i, got := range s.repo.Boards {
		s.want("board", got, want[i])
	}
}
