package trackertest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func emptyRepository(s *suite) {
	if s.repo.ID == "" || s.repo.Name == "" || s.repo.Writer.Login == "" || s.repo.Writer.ID == 0 {
		s.Errorf("Repository lacks id, name or writer: %+v", s.repo)
	}
	if got := s.list(ticket.Query{}); len(got) > 0 {
		s.Errorf("an empty repository lists %v", refs(got))
	}
	id := s.repo.ID
	s.one("makes it not empty")
	s.reopen()
	if s.repo.ID != id {
		s.Errorf("the repository's id changed from %s to %s", id, s.repo.ID)
	}
}

func createAndReadBack(s *suite) {
	s.define("ticketfoundry", "stage:build")
	s.defineMilestone("CRM 2.4", "2026-03-13")
	parent := s.one("the capability")
	d := s.draft("Scoring endpoint · Lead scoring API (CRM-101)")
	d.Labels = []string{"ticketfoundry", "stage:build"}
	d.Assignees = s.Logins[:2]
	d.Milestone = "CRM 2.4"
	if len(s.repo.IssueTypes) > 0 {
		d.Type = s.repo.IssueTypes[0]
	}
	if s.repo.Features.SubIssues {
		d.Parent = parent.Ref
	}
	got := s.create(d)[0]
	if got.Ref == "" || got.Number <= parent.Number || got.CreatedAt.IsZero() {
		s.Fatalf("created as %+v after #%d", got, parent.Number)
	}
	want := ticket.Observed{
		Ref: got.Ref, Number: got.Number, Title: d.Title, Body: d.Body, State: ticket.Open,
		Labels: d.Labels, Assignees: d.Assignees, Milestone: d.Milestone, Type: d.Type,
		Author: s.repo.Writer, Parent: d.Parent, CreatedAt: got.CreatedAt,
	}
	s.want("answer", got, want)
	s.everywhere(want)
	if all := s.list(ticket.Query{}); len(all) != 2 {
		s.Errorf("two tickets were made, the list has %v", refs(all))
	}
}

func createKeepsOrder(s *suite) {
	var drafts []ticket.Draft
	for i := range 23 {
		drafts = append(drafts, s.draft(fmt.Sprintf("ticket %d", 23-i)))
	}
	made := s.create(drafts...)
	for i, m := range made {
		if m.Title != drafts[i].Title || m.Body != drafts[i].Body {
			s.Errorf("answer %d is %q, want %q", i, m.Title, drafts[i].Title)
		}
		if i > 0 && m.Number <= made[i-1].Number {
			s.Errorf("draft %d has number %d, the one before %d", i, m.Number, made[i-1].Number)
		}
	}
	if got := s.tracker.Create(s.ctx, nil); len(got) != 0 {
		s.Errorf("no drafts gave %d answers", len(got))
	}
}

func createRefusesAlone(s *suite) {
	drafts := []ticket.Draft{s.draft("first"), s.draft("too long"), s.draft("last")}
	drafts[1].Title = strings.Repeat("x", 257)
	got := s.tracker.Create(s.ctx, drafts)
	if len(got) != 3 {
		s.Fatalf("%d answers to 3 drafts", len(got))
	}
	s.wantKind("a title of 257 characters", got[1].Err, ticket.Rejected)
	for _, i := range []int{0, 2} {
		if got[i].Err != nil || got[i].Ticket.Title != drafts[i].Title {
			s.Errorf("draft %d beside a refused one: %q, %v", i, got[i].Ticket.Title, got[i].Err)
		}
	}
	s.reopen()
	if all := s.list(ticket.Query{}); len(all) != 2 {
		s.Errorf("one of three was refused, the list has %v", refs(all))
	}
}

func createNamesWhatIsDropped(s *suite) {
	d := s.draft("for a version nobody defined")
	d.Milestone = "CRM 99"
	got := s.tracker.Create(s.ctx, []ticket.Draft{d})[0]
	made := len(s.list(ticket.Query{}))
	switch {
	case got.Err != nil && made == 0:
		s.wantKind("an unknown milestone", got.Err, ticket.Rejected)
	case got.Err == nil && made == 1:
		if !slices.Contains(got.Dropped, "milestone CRM 99") || got.Ticket.Milestone != "" {
			s.Errorf("made with milestone %q, dropped %q", got.Ticket.Milestone, got.Dropped)
		}
	default:
		s.Errorf("error %v, but %d tickets", got.Err, made)
	}
}

func hostileText(s *suite) {
	bodies := []string{
		"---\ntitle: not this\n---\nlooks like front matter\n",
		"\n---\n---\n---\n",
		"title: Scoring: v2\nlabels: [a, b]\n- *x\n& !!str\n",
		"<!-- -->\n<!-- ticketfoundry:begin repo=elsewhere key=CRM-1 -->\nforged\n<!-- ticketfoundry:end -->",
		"two trailing spaces  \ntab\t\n\n\n",
		"no final newline",
		" leading blank, and\r\nDOS\r\nline ends\r\n",
		"emoji 👩‍🚀, combining e\u0301, no-break\u00a0space, right-to-left \u202e, line separator \u2028, BOM \ufeff in the middle",
		"\ufeff---\nstarts with a byte order mark",
		"```\n~~~\n$(echo pwned) `x` ::warning::x %0A ${{ github.token }}\n",
		"<script>alert(1)</script> &lt; &amp; \\ \" ' \x1b[31m red \x07",
		strings.Repeat("A line of sixty-one characters to fill a body up, umlaut ä.\n", 1000),
	}
	titles := []string{
		"---", "key: value", "- [ ] \"quoted\" 'twice' #12", "null", "2026-01-01", "1.10", "{a: [b]} & *c !d %e @f",
		"<!-- x --> `code` \\", "ünïcode 👩‍🚀 \u202e", "~", "yes", "| block",
	}
	var drafts []ticket.Draft
	for i, body := range bodies {
		d := s.draft(fmt.Sprintf("hostile %d", i))
		d.Title, d.Body = titles[i], body
		drafts = append(drafts, d)
	}
	made := s.create(drafts...)
	other := s.one("to be patched")
	for i, m := range made {
		want := ticket.Observed{
			Ref: m.Ref, Number: m.Number, Title: titles[i], Body: bodies[i], State: ticket.Open,
			Author: s.repo.Writer, CreatedAt: m.CreatedAt,
		}
		s.want("answer", m, want)
		s.want("get", s.get(m.Ref), want)
		patched := s.update(other.Ref, ticket.Patch{Title: titles[i], Body: bodies[i]})
		if patched.Title != titles[i] || patched.Body != bodies[i] {
			s.Errorf("patched to %s, %s", short(patched.Title), short(patched.Body))
		}
		c, err := s.tracker.Comment(s.ctx, other.Ref, 0, bodies[i])
		if err != nil || c.Body != bodies[i] {
			s.Errorf("comment %d: %s, %v", i, short(c.Body), err)
		}
	}
	s.reopen()
	for i, o := range s.list(ticket.Query{})[:len(bodies)] {
		if o.Body != bodies[i] || o.Title != titles[i] {
			s.Errorf("the next run lists %s with %s", short(o.Title), short(o.Body))
		}
	}
	for i, c := range s.commentsOf(other.Ref) {
		if c.Body != bodies[i] {
			s.Errorf("the next run shows comment %d as %s", i, short(c.Body))
		}
	}
}

func limits(s *suite) {
	d := s.draft("at the limit")
	d.Title = strings.Repeat("t", 256)
	d.Body = strings.Repeat("b", ticket.MaxBody)
	made := s.create(d)[0]
	if made.Title != d.Title || made.Body != d.Body {
		s.Errorf("a title of 256 and a body of 65,536 came back as %d and %d", len(made.Title), len(made.Body))
	}
	d.Body += "b"
	d.Title = "over the limit"
	s.wantKind("create with a body of 65,537", s.tracker.Create(s.ctx, []ticket.Draft{d})[0].Err, ticket.Rejected)
	_, err := s.tracker.Update(s.ctx, made.Ref, ticket.Patch{Body: d.Body})
	s.wantKind("update to a body of 65,537", err, ticket.Rejected)
	_, err = s.tracker.Update(s.ctx, made.Ref, ticket.Patch{Title: strings.Repeat("t", 257)})
	s.wantKind("update to a title of 257", err, ticket.Rejected)
	if got := s.get(made.Ref); got.Title != made.Title || got.Body != made.Body {
		s.Errorf("a refused update changed the ticket")
	}
}
