package trackertest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// listPages needs at least three pages of a hundred.
func listPages(s *suite) {
	const many = 255
	s.define("paged", "odd")
	var drafts []ticket.Draft
	for i := range many {
		d := s.draft(fmt.Sprintf("page ticket %d", i))
		d.Labels = []string{"paged"}
		if i%2 == 1 {
			d.Labels = append(d.Labels, "odd")
		}
		drafts = append(drafts, d)
	}
	made := s.create(drafts...)
	s.update(made[0].Ref, ticket.Patch{State: ticket.NotPlanned})
	s.reopen()
	for _, q := range []ticket.Query{{}, {Label: "paged"}, {Author: s.repo.Writer.Login}} {
		got := s.list(q)
		if !slices.Equal(refs(got), refs(made)) {
			s.Errorf("%+v lists %d tickets, want all %d ascending, closed ones too", q, len(got), many)
		}
		if !slices.IsSortedFunc(got, func(a, b ticket.Observed) int { return cmp.Compare(a.Number, b.Number) }) {
			s.Errorf("%+v is not in ascending number", q)
		}
	}
	if got := len(s.list(ticket.Query{Label: "odd"})); got != many/2 {
		s.Errorf("label odd lists %d, want %d", got, many/2)
	}
}

func listByLabelAndAuthor(s *suite) {
	s.define("Stage:Build", "other")
	d := s.draft("with label")
	d.Labels = []string{"Stage:Build"}
	made := s.create(d, s.draft("without"))
	for _, spelling := range []string{"Stage:Build", "stage:build", "STAGE:BUILD"} {
		if got := s.list(ticket.Query{Label: spelling}); !slices.Equal(refs(got), refs(made[:1])) {
			s.Errorf("label %s lists %v, want %v", spelling, refs(got), refs(made[:1]))
		}
	}
	if got := s.list(ticket.Query{Label: "other"}); len(got) > 0 {
		s.Errorf("a label on no ticket lists %v", refs(got))
	}
	if got := s.list(ticket.Query{Label: "never defined"}); len(got) > 0 {
		s.Errorf("an unknown label lists %v", refs(got))
	}
	for _, login := range []string{s.repo.Writer.Login, strings.ToUpper(s.repo.Writer.Login)} {
		if got := s.list(ticket.Query{Author: login}); !slices.Equal(refs(got), refs(made)) {
			s.Errorf("author %s lists %v, want %v", login, refs(got), refs(made))
		}
	}
}

func getByRef(s *suite) {
	a, b := s.one("a"), s.one("b")
	asked := []ticket.Ref{b.Ref, "#9999", a.Ref, b.Ref}
	for range 2 {
		got, err := s.tracker.Get(s.ctx, asked)
		if err != nil || len(got) != len(asked) {
			s.Fatalf("Get %v: %d answers, %v", asked, len(got), err)
		}
		for i, want := range []string{"b", "", "a", "b"} {
			if got[i].Ticket.Title != want {
				s.Errorf("answer %d is %q, want %q", i, got[i].Ticket.Title, want)
			}
		}
		s.wantKind("a ref that never was", got[1].Err, ticket.Gone)
		s.reopen()
	}
	if got, err := s.tracker.Get(s.ctx, nil); err != nil || len(got) > 0 {
		s.Errorf("no refs: %d answers, %v", len(got), err)
	}
	_, err := s.tracker.Comments(s.ctx, "#9999")
	s.wantKind("comments of a ref that never was", err, ticket.Gone)
}

func (s *suite) commentsOf(ref ticket.Ref) []ticket.Comment {
	s.Helper()
	got, err := s.tracker.Comments(s.ctx, ref)
	if err != nil {
		s.Fatalf("Comments %s: %v", ref, err)
	}
	return got
}

func comments(s *suite) {
	one, other := s.one("with comments"), s.one("without")
	var ids []int64
	const many = 105 // more than a page
	for i := range many {
		c, err := s.tracker.Comment(s.ctx, one.Ref, 0, fmt.Sprintf("comment %d", i))
		if err != nil || c.ID == 0 || c.Author.ID != s.repo.Writer.ID || c.CreatedAt.IsZero() {
			s.Fatalf("comment %d: %+v, %v", i, c, err)
		}
		ids = append(ids, c.ID)
	}
	edited, err := s.tracker.Comment(s.ctx, one.Ref, ids[3], "edited\r\n")
	if err != nil || edited.ID != ids[3] || edited.Body != "edited\r\n" {
		s.Fatalf("edit: %+v, %v", edited, err)
	}
	for range 2 {
		got := s.commentsOf(one.Ref)
		if len(got) != many {
			s.Fatalf("%d comments, want %d", len(got), many)
		}
		for i, c := range got {
			want := fmt.Sprintf("comment %d", i)
			if i == 3 {
				want = "edited\r\n"
			}
			if c.ID != ids[i] || c.Body != want || c.Author.Login != s.repo.Writer.Login {
				s.Errorf("comment %d is %+v, want %q", i, c, want)
			}
		}
		if got := s.commentsOf(other.Ref); len(got) > 0 {
			s.Errorf("comments of another ticket: %+v", got)
		}
		s.reopen()
	}
	_, err = s.tracker.Comment(s.ctx, "#9999", 0, "x")
	s.wantKind("comment on a ref that never was", err, ticket.Gone)
	_, err = s.tracker.Comment(s.ctx, one.Ref, 987654321987, "x")
	s.wantKind("edit of a comment that never was", err, ticket.Gone)
	if got := s.get(one.Ref); got.Title != one.Title || got.Body != one.Body {
		s.Errorf("commenting changed the ticket")
	}
}
