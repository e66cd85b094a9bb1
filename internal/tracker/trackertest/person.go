package trackertest

import (
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// can skips a test whose power the harness lacks.
func (s *suite) can(power string, has bool) {
	s.Helper()
	if !has {
		s.Skip("the harness has no person who can " + power)
	}
}

// personEdits: GitHub's web editor writes CRLF; nothing may turn it back by itself.
func personEdits(s *suite) {
	s.can("edit and label", s.Person.Edit != nil && s.Person.Label != nil)
	s.define("theirs", "ours")
	made := s.one("edited")
	body := strings.ReplaceAll("people's text\n"+made.Body+"\n- [x] done  \n", "\n", "\r\n")
	s.Person.Edit(made.Ref, body)
	s.Person.Label(made.Ref, "theirs")
	s.reopen()
	want := made
	want.Body, want.Labels = body, []string{"theirs"}
	s.everywhere(want)
	want.Title, want.Labels = "renamed", []string{"theirs", "ours"}
	s.want("answer", s.update(made.Ref, ticket.Patch{Title: "renamed", AddLabels: []string{"ours"}}), want)
	s.everywhere(want)
	if s.Person.Comment == nil {
		return
	}
	s.Person.Comment(made.Ref, "/approve\r\n\r\nlooks good")
	s.reopen()
	got := s.commentsOf(made.Ref)
	if len(got) != 1 || got[0].Body != "/approve\r\n\r\nlooks good" || got[0].Author.Login != s.Person.Login || got[0].Author.ID == s.repo.Writer.ID {
		s.Errorf("a person's comment is %+v", got)
	}
}

func personCloses(s *suite) {
	s.can("close", s.Person.Close != nil)
	made := s.one("closed by hand")
	s.Person.Close(made.Ref)
	s.reopen()
	made.State = ticket.Completed
	s.everywhere(made)
	made.State = ticket.Open
	s.want("answer", s.update(made.Ref, ticket.Patch{State: ticket.Open}), made)
	s.everywhere(made)
}

func personDeletes(s *suite) {
	s.can("delete", s.Person.Delete != nil)
	keep, last := s.one("kept"), s.one("deleted")
	s.Person.Delete(last.Ref)
	s.reopen()
	got, err := s.tracker.Get(s.ctx, []ticket.Ref{last.Ref, keep.Ref})
	if err != nil || len(got) != 2 || got[1].Err != nil {
		s.Fatalf("Get: %+v, %v", got, err)
	}
	s.wantKind("get of a deleted issue", got[0].Err, ticket.Gone)
	_, err = s.tracker.Update(s.ctx, last.Ref, ticket.Patch{Title: "x"})
	s.wantKind("update of a deleted issue", err, ticket.Gone)
	_, err = s.tracker.Comment(s.ctx, last.Ref, 0, "x")
	s.wantKind("comment on a deleted issue", err, ticket.Gone)
	if all := s.list(ticket.Query{}); len(all) != 1 {
		s.Errorf("the list has %v", refs(all))
	}
	if again := s.one("made anew"); again.Number <= last.Number {
		s.Errorf("number %d was used again", again.Number)
	}
}

// foreignIssues: what others wrote stays as it is, byte for byte.
func foreignIssues(s *suite) {
	s.can("open issues", s.Person.Open != nil)
	s.define("bug", "stage:build")
	ref := s.Person.Open("it crashes", "steps:\r\n1. open\r\n\r\n---\r\n", "bug")
	s.reopen()
	before := s.get(ref)
	if before.Author.Login != s.Person.Login || before.Author.ID == s.repo.Writer.ID || before.Author.ID == 0 {
		s.Errorf("the author is %+v, want %s", before.Author, s.Person.Login)
	}
	if before.Body != "steps:\r\n1. open\r\n\r\n---\r\n" || bag(before.Labels) != "bug" {
		s.Errorf("the issue is %+v", before)
	}
	ours := s.create(s.draft("ours"))[0]
	s.update(ours.Ref, ticket.Patch{Title: "ours, changed", AddLabels: []string{"stage:build"}, State: ticket.Completed})
	rename := ticket.Definition{Label: ticket.Label{Name: "stage:done", Color: "0e8a16"}, Rename: "stage:build"}
	if err := s.tracker.Define(s.ctx, rename); err != nil {
		s.Errorf("rename: %v", err)
	}
	s.reopen()
	after := s.get(ref)
	s.want("a foreign issue", after, before)
	if !after.UpdatedAt.Equal(before.UpdatedAt) {
		s.Errorf("a foreign issue was touched at %v", after.UpdatedAt)
	}
	if got := refs(s.list(ticket.Query{Author: s.repo.Writer.Login})); len(got) != 1 || got[0] != ours.Ref {
		s.Errorf("our own issues are %v, want %v", got, ours.Ref)
	}
}
