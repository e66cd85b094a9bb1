package trackertest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func (s *suite) events(ref ticket.Ref) []ticket.Event {
	s.Helper()
	got, err := s.tracker.Events(s.ctx, ref)
	if err != nil {
		s.Fatalf("Events %s: %v", ref, err)
	}
	return got
}

// told is the part of a log that decisions rest on: "labeled approved by ada".
func told(all []ticket.Event) []string {
	var out []string
	for _, e := range all {
		switch e.Kind {
		case "labeled", "unlabeled":
			out = append(out, fmt.Sprintf("%s %s by %s", e.Kind, e.Label, e.Actor.Login))
		case "closed", "reopened":
			out = append(out, fmt.Sprintf("%s by %s", e.Kind, e.Actor.Login))
		}
	}
	return out
}

func (s *suite) wantTold(what string, ref ticket.Ref, want ...string) {
	s.Helper()
	if got := told(s.events(ref)); !slices.Equal(got, want) {
		s.Errorf("%s: the log of %s says\n  %s\nwant\n  %s", what, ref, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// eventsNameWhoDidIt: each change is its doer's, in order, and what changes nothing leaves no line.
func eventsNameWhoDidIt(s *suite) {
	s.define("kept", "approved", "rejected")
	d := s.draft("with a history")
	d.Labels = []string{"kept"}
	made := s.create(d, s.draft("without one"))
	ref, m, us, they := made[0].Ref, s.Member, s.repo.Writer.Login, s.Member.Login
	want := []string{"labeled kept by " + us}
	step := func(what string, act func(), lines ...string) {
		s.Helper()
		act()
		s.reopen()
		want = append(want, lines...)
		s.wantTold(what, ref, want...)
	}
	step("created", func() {}, nil...)
	step("labelled", func() { m.Label(ref, "approved") }, "labeled approved by "+they)
	step("undone by us", func() { s.update(ref, ticket.Patch{RemoveLabels: []string{"approved"}}) }, "unlabeled approved by "+us)
	step("undone again", func() { s.update(ref, ticket.Patch{RemoveLabels: []string{"approved"}}) }, nil...)
	step("labelled by us", func() { s.update(ref, ticket.Patch{AddLabels: []string{"rejected"}}) }, "labeled rejected by "+us)
	step("labelled by us again", func() { s.update(ref, ticket.Patch{AddLabels: []string{"rejected", "kept"}}) }, nil...)
	step("unlabelled", func() { m.Unlabel(ref, "rejected") }, "unlabeled rejected by "+they)
	step("closed", func() { m.Close(ref) }, "closed by "+they)
	step("closed again", func() { s.update(ref, ticket.Patch{State: ticket.NotPlanned}) }, nil...)
	step("reopened by us", func() { s.update(ref, ticket.Patch{State: ticket.Open}) }, "reopened by "+us)
	step("closed by us", func() { s.update(ref, ticket.Patch{State: ticket.NotPlanned}) }, "closed by "+us)
	step("reopened", func() { m.Reopen(ref) }, "reopened by "+they)
	s.wantTold("another ticket", made[1].Ref)

	all := s.events(ref)
	if !slices.IsSortedFunc(all, func(a, b ticket.Event) int { return a.At.Compare(b.At) }) {
		s.Errorf("the log is not in order of time: %+v", all)
	}
	who, err := accountOf(s, they)
	if err != nil {
		s.Fatalf("the account of %s: %v", they, err)
	}
	for _, e := range all {
		if e.Actor.Login == they && e.Actor.ID != who || e.Actor.Login == us && e.Actor.ID != s.repo.Writer.ID || e.Actor.ID == 0 {
			s.Errorf("%s by %+v: the id is another one's", e.Kind, e.Actor)
		}
		if e.At.IsZero() || e.At.Before(made[0].CreatedAt) {
			s.Errorf("%s at %v", e.Kind, e.At)
		}
	}
}

// accountOf gives the id that comments show for a login.
func accountOf(s *suite, login string) (int64, error) {
	ref := s.one("of " + login).Ref
	id := s.Member.Comment(ref, "hello")
	s.reopen()
	c, err := s.tracker.CommentByID(s.ctx, id)
	if err == nil && c.Author.Login != login {
		err = fmt.Errorf("the comment is by %+v", c.Author)
	}
	return c.Author.ID, err
}

func eventsByID(s *suite) {
	s.define("approved", "other")
	a, b := s.one("a"), s.one("b")
	s.Member.Label(a.Ref, "approved")
	s.Member.Label(b.Ref, "other")
	s.Member.Close(a.Ref)
	s.reopen()
	seen := map[int64]bool{}
	for _, e := range slices.Concat(s.events(a.Ref), s.events(b.Ref)) {
		got, err := s.tracker.EventByID(s.ctx, e.ID)
		if err != nil || got.ID != e.ID || got.Kind != e.Kind || got.Label != e.Label || got.Actor != e.Actor || !got.At.Equal(e.At) {
			s.Errorf("event %d is %+v, %v, want %+v", e.ID, got, err, e)
		}
		if seen[e.ID] {
			s.Errorf("two events have the id %d", e.ID)
		}
		seen[e.ID] = true
	}
	if len(seen) < 3 {
		s.Errorf("%d events, want 3", len(seen))
	}
	for _, id := range []int64{0, 1, 7, 987654321987} {
		_, err := s.tracker.EventByID(s.ctx, id)
		s.wantKind(fmt.Sprintf("event %d", id), err, ticket.Gone)
	}
	_, err := s.tracker.Events(s.ctx, "#9999")
	s.wantKind("events of a ref that never was", err, ticket.Gone)
	if s.Person.Delete == nil {
		return
	}
	lost := s.events(b.Ref)[0].ID
	s.Person.Delete(b.Ref)
	s.reopen()
	_, err = s.tracker.Events(s.ctx, b.Ref)
	s.wantKind("events of a deleted issue", err, ticket.Gone)
	_, err = s.tracker.EventByID(s.ctx, lost)
	s.wantKind("an event of a deleted issue", err, ticket.Gone)
}

// eventPages needs more than a page of a hundred.
func eventPages(s *suite) {
	s.define("on and off")
	ref := s.one("busy").Ref
	var want []string
	for range 52 {
		s.Member.Label(ref, "on and off")
		s.Member.Unlabel(ref, "on and off")
		want = append(want, "labeled on and off by "+s.Member.Login, "unlabeled on and off by "+s.Member.Login)
	}
	s.reopen()
	s.wantTold("many", ref, want...)
}

func commentByID(s *suite) {
	ref := s.one("discussed").Ref
	m := s.Member
	kept, edited, deleted := m.Comment(ref, "kept"), m.Comment(ref, "/approve"), m.Comment(ref, "deleted")
	ours, err := s.tracker.Comment(s.ctx, ref, 0, "ours")
	if err != nil {
		s.Fatalf("Comment: %v", err)
	}
	m.EditComment(ref, edited, "/reject")
	m.DeleteComment(ref, deleted)
	s.reopen()
	for _, c := range []struct {
		id     int64
		body   string
		login  string
		edited bool
	}{
		{kept, "kept", m.Login, false}, {edited, "/reject", m.Login, true}, {ours.ID, "ours", s.repo.Writer.Login, false},
	} {
		got, err := s.tracker.CommentByID(s.ctx, c.id)
		if err != nil || got.ID != c.id || got.Body != c.body || got.Author.Login != c.login || got.Author.ID == 0 || got.Edited() != c.edited {
			s.Errorf("comment %d is %+v, %v, want %+v", c.id, got, err, c)
		}
		all := s.commentsOf(ref)
		if at := slices.IndexFunc(all, func(o ticket.Comment) bool { return o.ID == c.id }); at < 0 || all[at] != got {
			s.Errorf("by id it is %+v, in the list %+v", got, all)
		}
	}
	for _, id := range []int64{deleted, 7, 987654321987} {
		_, err := s.tracker.CommentByID(s.ctx, id)
		s.wantKind(fmt.Sprintf("comment %d", id), err, ticket.Gone)
	}
}

// countsAndTimes: how many comments there are, and since when it is closed, is told with the ticket.
func countsAndTimes(s *suite) {
	made := s.create(s.draft("counted"), s.draft("quiet"))
	ref, m := made[0].Ref, s.Member
	check := func(what string, comments int, closed bool) ticket.Observed {
		s.Helper()
		s.reopen()
		listed, got := s.listed(ref), s.get(ref)
		if listed.Comments != comments || got.Comments != comments {
			s.Errorf("%s: %d comments in the list and %d by ref, want %d", what, listed.Comments, got.Comments, comments)
		}
		if !listed.ClosedAt.Equal(got.ClosedAt) || got.ClosedAt.IsZero() == closed {
			s.Errorf("%s: closed at %v in the list and %v by ref", what, listed.ClosedAt, got.ClosedAt)
		}
		return got
	}
	check("new", 0, false)
	first := m.Comment(ref, "one")
	m.Comment(ref, "two")
	check("commented", 2, false)
	m.Close(ref)
	closed := check("closed", 2, true)
	m.DeleteComment(ref, first)
	s.update(ref, ticket.Patch{Title: "counted, and renamed"})
	if later := check("a comment deleted", 1, true); !later.ClosedAt.Equal(closed.ClosedAt) {
		s.Errorf("closed at %v, and after a rename at %v", closed.ClosedAt, later.ClosedAt)
	}
	m.Reopen(ref)
	check("reopened", 1, false)
	if got := s.update(ref, ticket.Patch{State: ticket.NotPlanned}); got.ClosedAt.IsZero() || got.Comments != 1 {
		s.Errorf("the answer to closing has %d comments and is closed at %v", got.Comments, got.ClosedAt)
	}
	again := check("closed again", 1, true)
	if !again.ClosedAt.After(closed.ClosedAt) {
		s.Errorf("closed again at %v, before at %v", again.ClosedAt, closed.ClosedAt)
	}
	if quiet := s.get(made[1].Ref); quiet.Comments != 0 || !quiet.ClosedAt.IsZero() {
		s.Errorf("another ticket has %d comments and is closed at %v", quiet.Comments, quiet.ClosedAt)
	}
}

func reactions(s *suite) {
	ref := s.one("reacted to").Ref
	id := s.Member.Comment(ref, "/approve")
	s.reopen()
	for _, reaction := range []string{"-1", "confused", "eyes", "eyes"} {
		if err := s.tracker.React(s.ctx, id, reaction); err != nil {
			s.Errorf("%s: %v", reaction, err)
		}
	}
	s.reopen()
	if got, err := s.tracker.CommentByID(s.ctx, id); err != nil || got.Edited() || got.Body != "/approve" || got.Disliked != 1 {
		s.Errorf("a reaction changed the comment to %+v, %v", got, err)
	}
	for reaction, want := range map[string]bool{"-1": true, "confused": true, "eyes": true, "heart": false} {
		if got, err := s.tracker.Reacted(s.ctx, id, reaction); err != nil || got != want {
			s.Errorf("reacted with %s: %v, %v, want %v", reaction, got, err, want)
		}
	}
	s.wantKind("no reaction at all", s.tracker.React(s.ctx, id, "shrug"), ticket.Rejected)
	s.wantKind("a reaction to no comment", s.tracker.React(s.ctx, 987654321987, "eyes"), ticket.Gone)
}

// labelIDs: a label that is renamed into another's name does not become it, and what was done
// with it before keeps the name it had then.
func labelIDs(s *suite) {
	s.define("approved", "plan")
	ids := s.labelIDs()
	if ids["approved"] == "" || ids["plan"] == "" || ids["approved"] == ids["plan"] {
		s.Fatalf("label ids are %q", ids)
	}
	ref := s.one("labelled").Ref
	s.Member.Label(ref, "plan")
	for _, step := range [][2]string{{"approved", "was approved"}, {"plan", "approved"}} {
		if err := s.tracker.Define(s.ctx, ticket.Definition{Rename: step[0], Label: ticket.Label{Name: step[1], Color: "0e8a16"}}); err != nil {
			s.Fatalf("rename %s: %v", step[0], err)
		}
	}
	for range 2 { // as this run knows it, and as the next one reads it
		after := s.labelIDs()
		if after["was approved"] != ids["approved"] || after["approved"] != ids["plan"] {
			s.Errorf("label ids were %q and are %q", ids, after)
		}
		s.reopen()
	}
	s.wantTold("renamed", ref, "labeled plan by "+s.Member.Login)
	if got := s.get(ref).Labels; !slices.Equal(got, []string{"approved"}) {
		s.Errorf("the labels are now %q", got)
	}
}

func (s *suite) labelIDs() map[string]string {
	s.Helper()
	repo, err := s.tracker.Repository(s.ctx)
	if err != nil {
		s.Fatalf("Repository: %v", err)
	}
	out := map[string]string{}
	for _, l := range repo.Labels {
		out[l.Name] = l.ID
	}
	return out
}
