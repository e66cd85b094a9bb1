package world

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// IssueInput is what a new issue is made of. Label names that don't exist are created.
type IssueInput struct {
	Title     string
	Body      *string // nil: null
	Labels    []string
	Assignees []string
	Milestone int    // number; 0 for none
	Type      string // name
	Parent    int    // number of the parent; 0 for none
	Form      bool   // written with an issue form, whose labels are put on whoever writes
}

// IssuePatch changes an issue; a nil field is left alone.
type IssuePatch struct {
	Title       *string
	Body        *string
	State       *string // open or closed
	StateReason *string
	DuplicateOf int
	Labels      *[]string // replaces all of them
	Assignees   *[]string // replaces all of them
	Milestone   *int      // 0 clears
	Type        *string   // "" clears
}

// CreateIssue makes an issue. Anybody who can read may; without push access
// labels, assignees, milestone and type are dropped without a word.
func (w *World) CreateIssue(a Actor, in IssueInput) (*Issue, *Refusal) {
	if r := w.mayCreate(a); r != nil {
		return nil, r
	}
	if r := checkText(in.Title, in.Body); r != nil {
		return nil, r
	}
	push := a.Role.AtLeast(RoleWrite)
	if !push {
		if !in.Form {
			in.Labels = nil
		}
		in.Assignees, in.Milestone, in.Type = nil, 0, ""
	}
	milestone, kind, r := w.checkRefs(in.Labels, in.Assignees, in.Milestone, in.Type)
	if r != nil {
		return nil, r
	}
	if in.Parent != 0 {
		if r := w.mayParent(a, in.Parent); r != nil {
			return nil, r
		}
	}
	at := w.tick()
	w.issueNo++
	i := &Issue{ID: w.id(), Number: w.issueNo, Author: a.User, Title: in.Title, BodyNull: in.Body == nil,
		Milestone: milestone, Type: kind, CreatedAt: at}
	if in.Body != nil {
		i.Body = *in.Body
	}
	i.NodeID = w.node("I_", i.ID, i)
	w.Issues = append(w.Issues, i)
	w.setLabels(a, i, in.Labels, at)
	w.setAssignees(a, i, in.Assignees, at)
	if milestone != nil {
		w.event(a, i, at, Event{Kind: "milestoned", Milestone: milestone.Title})
	}
	if in.Parent != 0 {
		w.link(a, w.At(in.Parent), i, at)
	}
	w.touch(i, at)
	return i, nil
}

// AddPull makes a pull request; it takes the next number, as an issue would.
func (w *World) AddPull(a Actor, title, body string, pr PullRequest) *Issue {
	at := w.tick()
	w.issueNo++
	if pr.HeadRepo == "" {
		pr.HeadRepo = w.Repo.FullName()
	}
	i := &Issue{ID: w.id(), Number: w.issueNo, Author: a.User, Title: title, Body: body, PR: &pr, CreatedAt: at}
	i.NodeID = w.node("PR_", i.ID, i)
	w.Issues = append(w.Issues, i)
	w.touch(i, at)
	return i
}

func (w *World) mayCreate(a Actor) *Refusal {
	if r := w.writable(a); r != nil {
		return r
	}
	if r := w.issuesOn(); r != nil {
		return r
	}
	if a.Role.AtLeast(RoleRead) && (!w.Repo.Private || !a.App || a.Role.AtLeast(RoleTriage)) {
		return nil
	}
	return Forbidden(a, "issues=write")
}

// checkText holds the limits of titles and bodies. GitHub speaks of characters;
// titles are counted in characters and bodies in bytes, so that a client that
// passes here passes under every reading.
func checkText(title string, body *string) *Refusal {
	if strings.TrimSpace(title) == "" {
		return Invalid("Issue", "title", "missing_field", "")
	}
	if utf8.RuneCountInString(title) > MaxTitle {
		return Invalid("Issue", "title", "custom", fmt.Sprintf("title is too long (maximum is %d characters)", MaxTitle))
	}
	if body != nil {
		return checkBody("Issue", *body)
	}
	return nil
}

func checkBody(resource, body string) *Refusal {
	if len(body) > MaxBody {
		return Invalid(resource, "body", "custom", fmt.Sprintf("body is too long (maximum is %d characters)", MaxBody))
	}
	return nil
}

// checkRefs looks up what an issue refers to, before anything is changed.
func (w *World) checkRefs(labels, assignees []string, milestone int, kind string) (*Milestone, *IssueType, *Refusal) {
	if r := checkLabelNames(labels); r != nil {
		return nil, nil, r
	}
	if len(assignees) > MaxAssignees {
		return nil, nil, Invalid("Issue", "assignees", "invalid", "")
	}
	for _, login := range assignees {
		if !w.Assignable(login) {
			r := Invalid("Issue", "assignees", "invalid", "")
			r.Errors[0].Value = login
			return nil, nil, r
		}
	}
	m := w.Milestone(milestone)
	if milestone != 0 && m == nil {
		r := Invalid("Issue", "milestone", "invalid", "")
		r.Errors[0].Value = milestone
		return nil, nil, r
	}
	t := w.Type(kind)
	if kind != "" && t == nil {
		return nil, nil, Invalid("Issue", "type", "invalid", fmt.Sprintf("%q is not an issue type of this organization", kind))
	}
	return m, t, nil
}

// Type finds an issue type by name, ignoring case; nil if there is none.
func (w *World) Type(name string) *IssueType {
	for _, t := range w.Types {
		if strings.EqualFold(t.Name, name) {
			return t
		}
	}
	return nil
}

// UpdateIssue changes an issue: its author may, and whoever has triage or
// better. Labels, assignees, milestone and type need push access, else they are
// dropped without a word. A state reason counts only when the state changes.
func (w *World) UpdateIssue(a Actor, n int, p IssuePatch) (*Issue, *Refusal) {
	i, r := w.changeable(a, n, RoleTriage)
	if r != nil {
		return nil, r
	}
	if r := w.checkPatch(i, p); r != nil {
		return nil, r
	}
	if !a.Role.AtLeast(RoleWrite) {
		p.Labels, p.Assignees, p.Milestone, p.Type = nil, nil, nil, nil
	}
	at := w.tick()
	if p.Title != nil && *p.Title != i.Title {
		w.event(a, i, at, Event{Kind: "renamed", From: i.Title, To: *p.Title})
		i.Title = *p.Title
	}
	if p.Body != nil && *p.Body != i.Body {
		if len(i.Edits) == 0 {
			i.Edits = []Edit{{Editor: i.Author, At: i.CreatedAt, Body: i.Body}}
		}
		i.Body, i.BodyNull = *p.Body, false
		i.Edits = append(i.Edits, Edit{Editor: a.User, At: at, Body: i.Body})
	}
	if p.Labels != nil {
		w.replaceLabels(a, i, *p.Labels, at)
	}
	if p.Assignees != nil {
		w.replaceAssignees(a, i, *p.Assignees, at)
	}
	if p.Milestone != nil {
		w.setMilestone(a, i, w.Milestone(*p.Milestone), at)
	}
	if p.Type != nil {
		i.Type = w.Type(*p.Type)
	}
	w.setState(a, i, p, at)
	w.touch(i, at)
	return i, nil
}

// changeable finds an issue that the actor may change: its own, or with the role any.
func (w *World) changeable(a Actor, n int, need Role) (*Issue, *Refusal) {
	i, r := w.Find(n)
	if r != nil {
		return nil, r
	}
	if r := w.writable(a); r != nil {
		return nil, r
	}
	own := i.Author.ID == a.User.ID && !a.App
	if !a.Role.AtLeast(need) && !own {
		return nil, Forbidden(a, "issues=write")
	}
	return i, nil
}

func (w *World) checkPatch(i *Issue, p IssuePatch) *Refusal {
	title := i.Title
	if p.Title != nil {
		title = *p.Title
	}
	if r := checkText(title, p.Body); r != nil {
		return r
	}
	if p.State != nil && *p.State != "open" && *p.State != "closed" {
		return Invalid("Issue", "state", "invalid", "")
	}
	if p.StateReason != nil && !slices.Contains([]string{"completed", "not_planned", "duplicate", "reopened"}, *p.StateReason) {
		return Invalid("Issue", "state_reason", "invalid", "")
	}
	var labels, assignees []string
	if p.Labels != nil {
		labels = *p.Labels
	}
	if p.Assignees != nil {
		assignees = *p.Assignees
	}
	milestone, kind := 0, ""
	if p.Milestone != nil {
		milestone = *p.Milestone
	}
	if p.Type != nil {
		kind = *p.Type
	}
	_, _, r := w.checkRefs(labels, assignees, milestone, kind)
	return r
}

func (w *World) setState(a Actor, i *Issue, p IssuePatch, at time.Time) {
	w.setStateBy(a, i, p, "", at)
}

// setStateBy is setState through a commit, if one is named.
func (w *World) setStateBy(a Actor, i *Issue, p IssuePatch, commit string, at time.Time) {
	if p.State == nil || (*p.State == "closed") == i.Closed {
		return
	}
	i.Closed = !i.Closed
	if !i.Closed {
		i.StateReason, i.DuplicateOf, i.ClosedBy, i.ClosedAt = "reopened", 0, nil, time.Time{}
		w.event(a, i, at, Event{Kind: "reopened"})
		return
	}
	i.StateReason, i.DuplicateOf, i.ClosedBy, i.ClosedAt = "completed", 0, a.User, at
	if p.StateReason != nil && *p.StateReason != "reopened" {
		i.StateReason = *p.StateReason
		if i.StateReason == "duplicate" {
			i.DuplicateOf = p.DuplicateOf
		}
	}
	w.event(a, i, at, Event{Kind: "closed", Reason: i.StateReason, Commit: commit})
}

func (w *World) setMilestone(a Actor, i *Issue, m *Milestone, at time.Time) {
	if m == i.Milestone {
		return
	}
	if i.Milestone != nil {
		w.event(a, i, at, Event{Kind: "demilestoned", Milestone: i.Milestone.Title})
	}
	if m != nil {
		w.event(a, i, at, Event{Kind: "milestoned", Milestone: m.Title})
	}
	i.Milestone = m
}

// Lock stops comments by those without triage; reason may be empty.
func (w *World) Lock(a Actor, n int, reason string) *Refusal {
	i, r := w.pushable(a, n)
	if r != nil {
		return r
	}
	if reason != "" && !slices.Contains([]string{"off-topic", "too heated", "resolved", "spam"}, reason) {
		return Unprocessable("Invalid lock_reason")
	}
	at := w.tick()
	i.Locked, i.LockReason = true, reason
	w.event(a, i, at, Event{Kind: "locked"})
	w.touch(i, at)
	return nil
}

// Unlock allows comments again.
func (w *World) Unlock(a Actor, n int) *Refusal {
	i, r := w.pushable(a, n)
	if r != nil {
		return r
	}
	at := w.tick()
	i.Locked, i.LockReason = false, ""
	w.event(a, i, at, Event{Kind: "unlocked"})
	w.touch(i, at)
	return nil
}

// pushable finds an issue on which the actor may do what needs push access, authorship aside.
func (w *World) pushable(a Actor, n int) (*Issue, *Refusal) {
	i, r := w.Find(n)
	if r != nil {
		return nil, r
	}
	if r := w.writable(a); r != nil {
		return nil, r
	}
	if !a.Role.AtLeast(RoleWrite) {
		return nil, Forbidden(a, "issues=write")
	}
	return i, nil
}

// Remove takes an issue away: how is deleted, transferred or discussion. Links
// to it go with it. movedTo is the new address of a transferred one.
func (w *World) Remove(a Actor, n int, how, movedTo string) *Refusal {
	i, r := w.pushable(a, n)
	if r != nil {
		return r
	}
	if how == "deleted" && !a.Role.AtLeast(RoleAdmin) {
		return Forbidden(a, "administration=write")
	}
	at := w.tick()
	i.Gone, i.GoneAt, i.MovedTo = how, at, movedTo
	w.derived.blocking = nil
	for _, other := range w.Issues {
		if other.Parent == n {
			other.Parent = 0
		}
		other.Children = slices.DeleteFunc(other.Children, func(c int) bool { return c == n })
		other.BlockedBy = slices.DeleteFunc(other.BlockedBy, func(c int) bool { return c == n })
	}
	w.touch(i, at)
	return nil
}
