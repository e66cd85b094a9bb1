package world

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// AddAssignees assigns people. Those who can't be assigned are left out without
// a word; more than ten in all are refused.
func (w *World) AddAssignees(a Actor, n int, logins []string) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	at := w.tick()
	w.setAssignees(a, i, slices.DeleteFunc(slices.Clone(logins), func(l string) bool { return !w.Assignable(l) }), at)
	w.touch(i, at)
	return i, nil
}

// RemoveAssignees takes people off; logins that aren't assigned are ignored.
func (w *World) RemoveAssignees(a Actor, n int, logins []string) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	at := w.tick()
	for _, u := range slices.Clone(i.Assignees) {
		if slices.ContainsFunc(logins, func(l string) bool { return strings.EqualFold(l, u.Login) }) {
			w.unassign(a, i, u, at)
		}
	}
	w.touch(i, at)
	return i, nil
}

func (w *World) setAssignees(a Actor, i *Issue, logins []string, at time.Time) {
	for _, login := range logins {
		u := w.User(login)
		if slices.Contains(i.Assignees, u) || len(i.Assignees) >= MaxAssignees {
			continue
		}
		i.Assignees = append(i.Assignees, u)
		w.event(a, i, at, Event{Kind: "assigned", Assignee: u})
	}
}

func (w *World) replaceAssignees(a Actor, i *Issue, logins []string, at time.Time) {
	for _, u := range slices.Clone(i.Assignees) {
		if !slices.ContainsFunc(logins, func(l string) bool { return strings.EqualFold(l, u.Login) }) {
			w.unassign(a, i, u, at)
		}
	}
	w.setAssignees(a, i, logins, at)
}

func (w *World) unassign(a Actor, i *Issue, u *User, at time.Time) {
	i.Assignees = slices.DeleteFunc(i.Assignees, func(x *User) bool { return x == u })
	w.event(a, i, at, Event{Kind: "unassigned", Assignee: u})
}

// MilestoneInput is a milestone to be made or, with nil fields left alone, changed.
type MilestoneInput struct {
	Title       *string
	Description *string
	State       *string // open or closed
	DueOn       *time.Time
	ClearDue    bool
}

// Milestone finds a milestone by number; nil if there is none.
func (w *World) Milestone(number int) *Milestone {
	for _, m := range w.Milestones {
		if m.Number == number {
			return m
		}
	}
	return nil
}

// CreateMilestone makes a milestone; titles are unique, those of closed ones included.
func (w *World) CreateMilestone(a Actor, in MilestoneInput) (*Milestone, *Refusal) {
	if r := w.labelWriter(a); r != nil {
		return nil, r
	}
	if in.Title == nil || strings.TrimSpace(*in.Title) == "" {
		return nil, Invalid("Milestone", "title", "missing_field", "")
	}
	if r := w.checkMilestone(nil, in); r != nil {
		return nil, r
	}
	at := w.tick()
	m := &Milestone{ID: w.id(), Number: len(w.Milestones) + 1, Creator: a.User, CreatedAt: at}
	m.NodeID = w.node("MI_", m.ID, m)
	w.Milestones = append(w.Milestones, m)
	m.apply(in, at)
	return m, nil
}

// UpdateMilestone changes a milestone.
func (w *World) UpdateMilestone(a Actor, number int, in MilestoneInput) (*Milestone, *Refusal) {
	if r := w.labelWriter(a); r != nil {
		return nil, r
	}
	m := w.Milestone(number)
	if m == nil {
		return nil, NotFound()
	}
	if r := w.checkMilestone(m, in); r != nil {
		return nil, r
	}
	m.apply(in, w.tick())
	return m, nil
}

func (w *World) checkMilestone(self *Milestone, in MilestoneInput) *Refusal {
	if in.State != nil && *in.State != "open" && *in.State != "closed" {
		return Invalid("Milestone", "state", "invalid", "")
	}
	for _, m := range w.Milestones {
		if in.Title != nil && m != self && m.Title == *in.Title {
			return Invalid("Milestone", "title", "already_exists", "")
		}
	}
	return nil
}

func (m *Milestone) apply(in MilestoneInput, at time.Time) {
	m.UpdatedAt = at
	if in.Title != nil {
		m.Title = *in.Title
	}
	if in.Description != nil {
		m.Description = *in.Description
	}
	if in.ClearDue {
		m.DueOn = time.Time{}
	}
	if in.DueOn != nil {
		m.DueOn = in.DueOn.UTC()
	}
	if in.State != nil && (*in.State == "closed") != m.Closed {
		m.Closed = !m.Closed
		m.ClosedAt = time.Time{}
		if m.Closed {
			m.ClosedAt = at
		}
	}
}

// CreateComment writes a comment on an issue or pull request.
func (w *World) CreateComment(a Actor, n int, body string) (*Comment, *Refusal) {
	i, r := w.Find(n)
	if r != nil {
		return nil, r
	}
	if r := w.writable(a); r != nil {
		return nil, r
	}
	// A person who can read may comment; a workflow's token needs its own permission.
	if !a.Role.AtLeast(RoleRead) || (a.App && !a.Role.AtLeast(RoleTriage)) {
		return nil, Forbidden(a, "issues=write; pull_requests=write")
	}
	if i.Locked && !a.Role.AtLeast(RoleTriage) {
		return nil, &Refusal{Status: 403, Message: "Unable to create comment because issue is locked."}
	}
	if strings.TrimSpace(body) == "" {
		return nil, Invalid("IssueComment", "body", "missing_field", "")
	}
	if r := checkBody("IssueComment", body); r != nil {
		return nil, r
	}
	at := w.tick()
	c := &Comment{ID: w.id(), Issue: n, Author: a.User, Body: body, CreatedAt: at, UpdatedAt: at}
	c.NodeID = w.node("IC_", c.ID, c)
	i.Comments = append(i.Comments, c)
	w.touch(i, at)
	return c, nil
}

// Comment finds a comment of a live issue by id; nil if there is none.
func (w *World) Comment(id int64) *Comment {
	for _, i := range w.Issues {
		if i.Gone != "" {
			continue
		}
		for _, c := range i.Comments {
			if c.ID == id {
				return c
			}
		}
	}
	return nil
}

func (w *World) commentOf(a Actor, id int64) (*Comment, *Refusal) {
	c := w.Comment(id)
	if c == nil {
		return nil, NotFound()
	}
	if r := w.writable(a); r != nil {
		return nil, r
	}
	own := c.Author.ID == a.User.ID && (!a.App || a.Role.AtLeast(RoleTriage))
	if !own && !a.Role.AtLeast(RoleWrite) {
		return nil, Forbidden(a, "issues=write; pull_requests=write")
	}
	return c, nil
}

// UpdateComment changes a comment's text: its author may, and who has push access.
func (w *World) UpdateComment(a Actor, id int64, body string) (*Comment, *Refusal) {
	c, r := w.commentOf(a, id)
	if r != nil {
		return nil, r
	}
	if strings.TrimSpace(body) == "" {
		return nil, Invalid("IssueComment", "body", "missing_field", "")
	}
	if r := checkBody("IssueComment", body); r != nil {
		return nil, r
	}
	at := w.tick()
	if body != c.Body {
		if len(c.Edits) == 0 {
			c.Edits = []Edit{{Editor: c.Author, At: c.CreatedAt, Body: c.Body}}
		}
		c.Edits = append(c.Edits, Edit{Editor: a.User, At: at, Body: body})
	}
	c.Body, c.UpdatedAt = body, at
	w.touch(w.At(c.Issue), at)
	return c, nil
}

// DeleteComment removes a comment.
func (w *World) DeleteComment(a Actor, id int64) *Refusal {
	c, r := w.commentOf(a, id)
	if r != nil {
		return r
	}
	at := w.tick()
	i := w.At(c.Issue)
	i.Comments = slices.DeleteFunc(i.Comments, func(x *Comment) bool { return x == c })
	delete(w.nodes, c.NodeID)
	w.event(a, i, at, Event{Kind: "comment_deleted"})
	w.touch(i, at)
	return nil
}

// React adds a reaction to an issue (comment 0) or a comment; the same again
// gives the old one back, with created false.
func (w *World) React(a Actor, issue int, comment int64, content string) (re Reaction, created bool, r *Refusal) {
	if !slices.Contains([]string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}, content) {
		return re, false, Invalid("Reaction", "content", "invalid", "")
	}
	if r := w.writable(a); r != nil {
		return re, false, r
	}
	if a.App && !a.Role.AtLeast(RoleTriage) {
		return re, false, Forbidden(a, "issues=write; pull_requests=write")
	}
	var list *[]Reaction
	if comment != 0 {
		c := w.Comment(comment)
		if c == nil {
			return re, false, NotFound()
		}
		list = &c.Reactions
	} else {
		i, r := w.Find(issue)
		if r != nil {
			return re, false, r
		}
		list = &i.Reactions
	}
	for _, old := range *list {
		if old.User == a.User && old.Content == content {
			return old, false, nil
		}
	}
	re = Reaction{ID: w.id(), User: a.User, Content: content, At: w.tick()}
	*list = append(*list, re)
	return re, true, nil
}

// Release is one release.
type Release struct {
	ID         int64
	Tag        string
	Target     string
	Name       string
	Body       string
	Draft      bool
	Prerelease bool
	Author     *User
	CreatedAt  time.Time
}

// SaveRelease makes a release, or changes the one with the id. It needs push access to contents.
func (w *World) SaveRelease(a Actor, in Release) (*Release, *Refusal) {
	if r := w.writable(a); r != nil {
		return nil, r
	}
	if !a.Role.AtLeast(RoleWrite) {
		return nil, Forbidden(a, "contents=write")
	}
	if in.Tag == "" {
		return nil, Invalid("Release", "tag_name", "missing_field", "")
	}
	if badTag(in.Tag) {
		return nil, Invalid("Release", "tag_name", "custom", "tag_name is not a valid tag")
	}
	if utf8.RuneCountInString(in.Body) > 125_000 {
		return nil, Invalid("Release", "body", "custom", "body is too long (maximum is 125000 characters)")
	}
	at := w.tick()
	for _, old := range w.Releases {
		if old.ID == in.ID {
			in.Author, in.CreatedAt = old.Author, old.CreatedAt
			*old = in
			return old, nil
		}
		if old.Tag == in.Tag && !old.Draft && !in.Draft {
			return nil, Invalid("Release", "tag_name", "already_exists", "")
		}
	}
	if in.ID != 0 {
		return nil, NotFound()
	}
	in.ID, in.Author, in.CreatedAt, in.Target = w.id(), a.User, at, cmp.Or(in.Target, w.Repo.DefaultBranch)
	w.Releases = append(w.Releases, &in)
	return &in, nil
}

// DeleteRelease deletes a release or draft.
func (w *World) DeleteRelease(a Actor, id int64) *Refusal {
	i := slices.IndexFunc(w.Releases, func(r *Release) bool { return r.ID == id })
	switch {
	case i < 0:
		return NotFound()
	case !a.Role.AtLeast(RoleWrite):
		return Forbidden(a, "contents=write")
	}
	w.Releases = slices.Delete(w.Releases, i, i+1)
	return nil
}

var tagFaults = regexp.MustCompile(`[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[/-]|[/.]$|(^|/)\.|\.lock($|/)`)

// badTag tells whether Git takes no tag of that name.
// https://git-scm.com/docs/git-check-ref-format
func badTag(name string) bool { return tagFaults.MatchString(name) }

// String names the issue for messages.
func (i *Issue) String() string { return fmt.Sprintf("#%d %s", i.Number, i.Title) }
