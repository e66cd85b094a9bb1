package github

import (
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// historyFields is the fragment H: the newest forms of an issue's body.
const historyFields = "fragment H on Issue { userContentEdits(first: 4) { nodes { diff editor { login } } } }"

// editsOf is how the answer to an edit of the body asks for the history; empty where there is none
// to compare with.
func (t *Tracker) editsOf(e *edit) string {
	if e.Patch.Body == "" || e.Base == "" || !t.server().history {
		return ""
	}
	return " ...H"
}

// editedFields is the fragment F with the history, where the server shows it.
func (t *Tracker) editedFields() string {
	s := t.server()
	if !s.history {
		return s.issueFields()
	}
	fields := s.issueFields()
	return fields[:len(fields)-1] + " ...H\n}\n" + historyFields
}

// overwritten finds in a body's history, newest first, what our write replaced, and gives it if
// that is not what the write was made from: then somebody saved in between. A history that does
// not show our write yet, or does not reach back to what it replaced, tells nothing.
func overwritten(history []graphEdit, wrote, base string) (text, by string) {
	is := func(text string) func(graphEdit) bool {
		return func(g graphEdit) bool { return g.Diff != nil && ticket.SameBody(*g.Diff, text) }
	}
	if base == "" || ticket.SameBody(wrote, base) {
		return "", ""
	}
	ours := slices.IndexFunc(history, is(wrote))
	if ours < 0 || slices.ContainsFunc(history[:ours], is(base)) {
		return "", "" // the same text of an earlier write
	}
	for _, before := range history[ours+1:] {
		switch {
		case before.Diff == nil || is(base)(before):
			return "", ""
		case !is(wrote)(before): // sent twice, it may stand there twice
			return *before.Diff, before.Editor.Login
		}
	}
	return "", ""
}

// replaced fills in what a write replaced, and whether another run of this account had saved it.
func (t *Tracker) replaced(e *edit, history []graphEdit) {
	text, by := overwritten(history, e.Patch.Body, e.Base)
	e.out.Overwritten = text
	// GraphQL names an app without the "[bot]" that REST adds.
	own := strings.TrimSuffix(t.snapshot().Writer.Login, "[bot]")
	e.out.Own = text != "" && own != "" && strings.EqualFold(strings.TrimSuffix(by, "[bot]"), own)
}

// holds tells whether a ticket shows all that a patch asks for.
func (t *Tracker) holds(o ticket.Observed, p ticket.Patch) bool {
	has := func(list []string) func(string) bool {
		return func(want string) bool {
			return slices.ContainsFunc(list, func(h string) bool { return strings.EqualFold(h, want) })
		}
	}
	hasNot := func(list []string) func(string) bool {
		return func(want string) bool { return !has(list)(want) }
	}
	all := func(names []string, true func(string) bool) bool {
		return !slices.ContainsFunc(names, func(n string) bool { return !true(n) })
	}
	state := p.State == "" || p.State == ticket.Open && o.State == ticket.Open || p.State != ticket.Open && o.State != ticket.Open
	milestone := p.Milestone == "" && !p.ClearMilestone || strings.EqualFold(p.Milestone, o.Milestone)
	parent := p.Parent == "" || o.Parent == p.Parent || o.Parent != "" && !p.Reparent
	return state && milestone && parent && t.blockersHold(o, p) &&
		(p.Title == "" || p.Title == o.Title) && (p.Body == "" || ticket.SameBody(p.Body, o.Body)) &&
		(p.Type == "" || strings.EqualFold(p.Type, o.Type)) &&
		all(p.AddLabels, has(o.Labels)) && all(p.RemoveLabels, hasNot(o.Labels)) &&
		all(p.AddAssignees, has(o.Assignees)) && all(p.RemoveAssignees, hasNot(o.Assignees))
}

func (t *Tracker) blockersHold(o ticket.Observed, p ticket.Patch) bool {
	if len(p.AddBlockedBy)+len(p.RemoveBlockedBy) == 0 {
		return true
	}
	if !t.server().blockedBy || len(o.BlockedBy) < o.Blocked {
		return false // they are not all shown
	}
	return !slices.ContainsFunc(p.AddBlockedBy, func(r ticket.Ref) bool { return !slices.Contains(o.BlockedBy, r) }) &&
		!slices.ContainsFunc(p.RemoveBlockedBy, func(r ticket.Ref) bool { return slices.Contains(o.BlockedBy, r) })
}
