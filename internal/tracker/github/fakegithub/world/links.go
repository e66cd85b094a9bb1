package world

import (
	"fmt"
	"slices"
	"time"
)

// mayParent refuses a parent that can't take one more child.
func (w *World) mayParent(a Actor, parent int) *Refusal {
	p, r := w.Find(parent)
	if r != nil {
		return r
	}
	if !a.Role.AtLeast(RoleTriage) {
		return Forbidden(a, "issues=write")
	}
	if len(p.Children) >= MaxSubIssues {
		return Unprocessable(fmt.Sprintf("Parent cannot have more than %d sub-issues", MaxSubIssues))
	}
	if w.level(p) >= MaxDepth {
		return Unprocessable(fmt.Sprintf("Parent cannot have more than %d layers of sub-issues", MaxDepth))
	}
	return nil
}

// level is 1 for an issue without parent.
func (w *World) level(i *Issue) int {
	n := 1
	for ; i.Parent != 0; i = w.At(i.Parent) {
		n++
	}
	return n
}

func (w *World) height(i *Issue) int {
	h := 0
	for _, c := range i.Children {
		h = max(h, w.height(w.At(c)))
	}
	return h + 1
}

// AddSubIssue puts the issue with database id child under parent. A child that
// has a parent is refused unless replace is set.
func (w *World) AddSubIssue(a Actor, parent int, child int64, replace bool) (*Issue, *Refusal) {
	p, r := w.labelable(a, parent)
	if r != nil {
		return nil, r
	}
	c := w.ByID(child)
	if c == nil || c.PR != nil {
		return nil, &Refusal{Status: 404, Message: "The provided sub-issue does not exist"}
	}
	if c.Parent == parent {
		return nil, Unprocessable("An error occurred while adding the sub-issue to the parent issue. Issue may not contain duplicate sub-issues")
	}
	if c.Parent != 0 && !replace {
		return nil, Unprocessable("An error occurred while adding the sub-issue to the parent issue. Sub issue may only have one parent")
	}
	if r := w.mayParent(a, parent); r != nil {
		return nil, r
	}
	for up := p; ; up = w.At(up.Parent) {
		if up == c {
			return nil, Unprocessable("An error occurred while adding the sub-issue to the parent issue. Sub issue may not be its own ancestor")
		}
		if up.Parent == 0 {
			break
		}
	}
	if w.level(p)+w.height(c) > MaxDepth {
		return nil, Unprocessable(fmt.Sprintf("Parent cannot have more than %d layers of sub-issues", MaxDepth))
	}
	at := w.tick()
	if c.Parent != 0 {
		w.unlink(a, w.At(c.Parent), c, at)
	}
	w.link(a, p, c, at)
	w.touch(c, at)
	return p, nil
}

func (w *World) link(a Actor, p, c *Issue, at time.Time) {
	c.Parent = p.Number
	p.Children = append(p.Children, c.Number)
	w.event(a, p, at, Event{Kind: "sub_issue_added"})
	w.event(a, c, at, Event{Kind: "parent_issue_added"})
	w.touch(p, at)
}

func (w *World) unlink(a Actor, p, c *Issue, at time.Time) {
	c.Parent = 0
	p.Children = slices.DeleteFunc(p.Children, func(n int) bool { return n == c.Number })
	w.event(a, p, at, Event{Kind: "sub_issue_removed"})
	w.event(a, c, at, Event{Kind: "parent_issue_removed"})
	w.touch(p, at)
}

// RemoveSubIssue takes the issue with database id child from under parent.
func (w *World) RemoveSubIssue(a Actor, parent int, child int64) (*Issue, *Refusal) {
	p, r := w.labelable(a, parent)
	if r != nil {
		return nil, r
	}
	c := w.ByID(child)
	if c == nil || c.Parent != parent {
		return nil, NotFound()
	}
	at := w.tick()
	w.unlink(a, p, c, at)
	w.touch(c, at)
	return p, nil
}

// AddBlockedBy says that the issue with database id blocker blocks issue n.
func (w *World) AddBlockedBy(a Actor, n int, blocker int64) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	b := w.ByID(blocker)
	switch {
	case b == nil || b.PR != nil:
		return nil, NotFound()
	case b == i:
		return nil, Unprocessable("An issue cannot be blocked by itself")
	case slices.Contains(i.BlockedBy, b.Number):
		return nil, Unprocessable("Validation failed: Target issue has already been taken")
	case slices.Contains(b.BlockedBy, n):
		return nil, Unprocessable("Validation failed: an issue cannot be blocked by an issue that it blocks")
	case len(i.BlockedBy) >= MaxDependencies || len(w.Blocking(b)) >= MaxDependencies:
		return nil, Unprocessable(fmt.Sprintf("An issue cannot have more than %d dependencies of one kind", MaxDependencies))
	}
	at := w.tick()
	i.BlockedBy = append(i.BlockedBy, b.Number)
	w.derived.blocking = nil
	w.event(a, i, at, Event{Kind: "blocked_by_added"})
	w.event(a, b, at, Event{Kind: "blocking_added"})
	w.touch(i, at)
	w.touch(b, at)
	return i, nil
}

// RemoveBlockedBy takes a dependency away.
func (w *World) RemoveBlockedBy(a Actor, n int, blocker int64) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	b := w.ByID(blocker)
	if b == nil || !slices.Contains(i.BlockedBy, b.Number) {
		return nil, NotFound()
	}
	at := w.tick()
	i.BlockedBy = slices.DeleteFunc(i.BlockedBy, func(x int) bool { return x == b.Number })
	w.derived.blocking = nil
	w.event(a, i, at, Event{Kind: "blocked_by_removed"})
	w.event(a, b, at, Event{Kind: "blocking_removed"})
	w.touch(i, at)
	w.touch(b, at)
	return i, nil
}

// OpenAmong counts the open ones of the numbered issues.
func (w *World) OpenAmong(numbers []int) int {
	n := 0
	for _, k := range numbers {
		if i := w.At(k); i != nil && !i.Closed {
			n++
		}
	}
	return n
}
