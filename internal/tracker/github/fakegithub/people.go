package fakegithub

import (
	"fmt"
	"maps"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// Person acts in the repository through the web pages, beside the client under
// test: with its own role, unjournalled. What GitHub would refuse is a mistake
// of the test and panics.
type Person struct {
	srv   *Server
	login string
}

// As is the person with that login; an unknown one is made and can only read.
func (s *Server) As(login string) Person { return Person{srv: s, login: login} }

// SetRole gives the person a role in the repository.
func (s *Server) SetRole(login string, role world.Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.AddUser(world.User{Login: login, Role: role})
}

// RenameUser gives an account another login; its id stays, and the old login is free.
func (s *Server) RenameUser(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.world.RenameUser(from, to) {
		panic(fmt.Sprintf("fakegithub: %s can't be renamed to %s", from, to))
	}
	for value, t := range s.tokens {
		if strings.EqualFold(t.Login, from) {
			t.Login = to
			s.tokens[value] = t
		}
	}
}

// DeleteUser deletes an account and its tokens; what it did is the ghost's from then on.
func (s *Server) DeleteUser(login string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.world.DeleteUser(login) {
		panic(fmt.Sprintf("fakegithub: there is no %s to delete", login))
	}
	maps.DeleteFunc(s.tokens, func(_ string, t Token) bool { return strings.EqualFold(t.Login, login) })
}

// do runs one act under the lock.
func (p Person) do(what string, act func(w *world.World, a world.Actor) *world.Refusal) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	if no := act(p.srv.world, p.srv.world.Person(p.login)); no != nil {
		panic(fmt.Sprintf("fakegithub: %s can't %s: %v", p.login, what, no))
	}
}

func second[T any](_ T, no *world.Refusal) *world.Refusal { return no }

// OpenIssue opens an issue and returns its number.
func (p Person) OpenIssue(title, body string, labels ...string) int {
	var n int
	p.do("open an issue", func(w *world.World, a world.Actor) *world.Refusal {
		i, no := w.CreateIssue(a, world.IssueInput{Title: title, Body: &body, Labels: labels})
		if no == nil {
			n = i.Number
		}
		return no
	})
	return n
}

// OpenForm opens an issue with an issue form, whose labels are put on whatever the person may do.
func (p Person) OpenForm(title, body string, labels ...string) int {
	var n int
	p.do("open an issue", func(w *world.World, a world.Actor) *world.Refusal {
		i, no := w.CreateIssue(a, world.IssueInput{Title: title, Body: &body, Labels: labels, Form: true})
		if no == nil {
			n = i.Number
		}
		return no
	})
	return n
}

// SaveRelease makes a release, or changes the one with the id; Draft false publishes it. It
// returns the id.
func (p Person) SaveRelease(r world.Release) int64 {
	p.do("save a release", func(w *world.World, a world.Actor) *world.Refusal {
		saved, no := w.SaveRelease(a, r)
		if no == nil {
			r = *saved
		}
		return no
	})
	return r.ID
}

// DeleteRelease deletes a release or draft.
func (p Person) DeleteRelease(id int64) {
	p.do("delete a release", func(w *world.World, a world.Actor) *world.Refusal { return w.DeleteRelease(a, id) })
}

// CloseByCommit pushes a commit that says it fixes the issue.
func (p Person) CloseByCommit(n int, sha string) {
	p.do("close an issue by a commit", func(w *world.World, a world.Actor) *world.Refusal {
		return w.CloseByCommit(a, n, commits.SHA(sha))
	})
}

// MergePull merges a pull request and with it closes what its text says it fixes.
func (p Person) MergePull(n int, sha string) {
	p.do("merge a pull request", func(w *world.World, a world.Actor) *world.Refusal {
		return w.MergePull(a, n, commits.SHA(sha))
	})
}

// React adds a reaction to a comment.
func (p Person) React(comment int64, content string) {
	p.do("react", func(w *world.World, a world.Actor) *world.Refusal {
		_, _, no := w.React(a, 0, comment, content)
		return no
	})
}

// OpenPull opens a pull request and returns its number.
func (p Person) OpenPull(title, body string, pr world.PullRequest) int {
	var n int
	p.do("open a pull request", func(w *world.World, a world.Actor) *world.Refusal {
		pr.HeadSHA, pr.BaseSHA = w.Ref(pr.HeadSHA), w.Ref(pr.BaseSHA)
		if c, ok := w.Git.Get(pr.HeadSHA); ok {
			pr.HeadSHA = c.SHA
		}
		if c, ok := w.Git.Get(pr.BaseSHA); ok {
			pr.BaseSHA = c.SHA
		}
		n = w.AddPull(a, title, body, pr).Number
		return nil
	})
	return n
}

func (p Person) patch(what string, n int, patch world.IssuePatch) {
	p.do(what, func(w *world.World, a world.Actor) *world.Refusal { return second(w.UpdateIssue(a, n, patch)) })
}

// CloseIssue closes an issue as completed.
func (p Person) CloseIssue(n int) { p.CloseIssueAs(n, "completed") }

// CloseIssueAs closes an issue with a reason: completed, not_planned or duplicate.
func (p Person) CloseIssueAs(n int, reason string) {
	state := "closed"
	p.patch("close an issue", n, world.IssuePatch{State: &state, StateReason: &reason})
}

// ReopenIssue opens a closed issue again.
func (p Person) ReopenIssue(n int) {
	state := "open"
	p.patch("reopen an issue", n, world.IssuePatch{State: &state})
}

// EditTitle renames an issue.
func (p Person) EditTitle(n int, title string) {
	p.patch("rename an issue", n, world.IssuePatch{Title: &title})
}

// EditBody replaces an issue's text as the web editor does: lines end in CRLF.
func (p Person) EditBody(n int, body string) {
	body = web(body)
	p.patch("edit an issue", n, world.IssuePatch{Body: &body})
}

// web is a text as the web editor sends it.
func web(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// AddLabel puts a label on an issue.
func (p Person) AddLabel(n int, name string) {
	p.do("add a label", func(w *world.World, a world.Actor) *world.Refusal { return second(w.AddLabels(a, n, []string{name})) })
}

// RemoveLabel takes a label off an issue.
func (p Person) RemoveLabel(n int, name string) {
	p.do("remove a label", func(w *world.World, a world.Actor) *world.Refusal { return second(w.RemoveLabel(a, n, name)) })
}

// Comment writes a comment and returns its id.
func (p Person) Comment(n int, body string) int64 {
	var id int64
	p.do("comment", func(w *world.World, a world.Actor) *world.Refusal {
		c, no := w.CreateComment(a, n, web(body))
		if no == nil {
			id = c.ID
		}
		return no
	})
	return id
}

// EditComment replaces a comment's text.
func (p Person) EditComment(id int64, body string) {
	p.do("edit a comment", func(w *world.World, a world.Actor) *world.Refusal { return second(w.UpdateComment(a, id, web(body))) })
}

// DeleteComment removes a comment.
func (p Person) DeleteComment(id int64) {
	p.do("delete a comment", func(w *world.World, a world.Actor) *world.Refusal { return w.DeleteComment(a, id) })
}

// Assign assigns people to an issue.
func (p Person) Assign(n int, logins ...string) {
	p.do("assign", func(w *world.World, a world.Actor) *world.Refusal { return second(w.AddAssignees(a, n, logins)) })
}

// Unassign takes people off an issue.
func (p Person) Unassign(n int, logins ...string) {
	p.do("unassign", func(w *world.World, a world.Actor) *world.Refusal { return second(w.RemoveAssignees(a, n, logins)) })
}

// SetMilestone puts an issue into the milestone with that title, or into none when it is empty.
func (p Person) SetMilestone(n int, title string) {
	p.do("set a milestone", func(w *world.World, a world.Actor) *world.Refusal {
		number := 0
		for _, m := range w.Milestones {
			if m.Title == title {
				number = m.Number
			}
		}
		if title != "" && number == 0 {
			return world.NotFound()
		}
		return second(w.UpdateIssue(a, n, world.IssuePatch{Milestone: &number}))
	})
}

// SetParent moves an issue under another parent.
func (p Person) SetParent(child, parent int) {
	p.do("set a parent", func(w *world.World, a world.Actor) *world.Refusal {
		c, no := w.Find(child)
		if no != nil {
			return no
		}
		return second(w.AddSubIssue(a, parent, c.ID, true))
	})
}

// DeleteIssue deletes an issue; only an admin can.
func (p Person) DeleteIssue(n int) {
	p.do("delete an issue", func(w *world.World, a world.Actor) *world.Refusal { return w.Remove(a, n, "deleted", "") })
}

// TransferIssue moves an issue to another repository of the owner, where it gets another number.
func (p Person) TransferIssue(n int) {
	p.do("transfer an issue", func(w *world.World, a world.Actor) *world.Refusal {
		return w.Remove(a, n, "transferred", fmt.Sprintf("/repositories/%d/issues/%d", w.Repo.ID+1000, n+400))
	})
}

// ConvertToDiscussion turns an issue into a discussion; as an issue it is gone.
func (p Person) ConvertToDiscussion(n int) {
	p.do("convert an issue", func(w *world.World, a world.Actor) *world.Refusal { return w.Remove(a, n, "discussion", "") })
}

// Lock locks the conversation of an issue.
func (p Person) Lock(n int) {
	p.do("lock an issue", func(w *world.World, a world.Actor) *world.Refusal { return w.Lock(a, n, "resolved") })
}

// CreateLabel makes a label.
func (p Person) CreateLabel(name, colour, description string) {
	p.do("create a label", func(w *world.World, a world.Actor) *world.Refusal {
		return second(w.CreateLabel(a, world.LabelInput{Name: name, Colour: colour, Description: description}))
	})
}

// RenameLabel renames a label; issues keep it.
func (p Person) RenameLabel(from, to string) {
	p.do("rename a label", func(w *world.World, a world.Actor) *world.Refusal {
		return second(w.UpdateLabel(a, from, world.LabelPatch{Name: &to}))
	})
}

// DeleteLabel deletes a label, from all issues too.
func (p Person) DeleteLabel(name string) {
	p.do("delete a label", func(w *world.World, a world.Actor) *world.Refusal { return w.DeleteLabel(a, name) })
}

// CreateMilestone makes a milestone and returns its number.
func (p Person) CreateMilestone(title string) int {
	var n int
	p.do("create a milestone", func(w *world.World, a world.Actor) *world.Refusal {
		m, no := w.CreateMilestone(a, world.MilestoneInput{Title: &title})
		if no == nil {
			n = m.Number
		}
		return no
	})
	return n
}

// CloseMilestone closes the milestone with that number.
func (p Person) CloseMilestone(number int) {
	state := "closed"
	p.do("close a milestone", func(w *world.World, a world.Actor) *world.Refusal {
		return second(w.UpdateMilestone(a, number, world.MilestoneInput{State: &state}))
	})
}

// Archive makes the repository read-only, or writable again.
func (s *Server) Archive(on bool) { s.change(func(r *world.Repo) { r.Archived = on }) }

// DisableIssues switches the repository's issues off, or on again.
func (s *Server) DisableIssues(on bool) { s.change(func(r *world.Repo) { r.IssuesOff = on }) }

func (s *Server) change(f func(*world.Repo)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.world.Repo)
}

// Dump is the repository's state as text without ids and times, to compare end states.
func (s *Server) Dump() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Dump()
}
