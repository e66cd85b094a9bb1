package github

import (
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// edit is one ticket.Edit of many on its way. It is cut into parts, each one mutation; how far it
// came is what its parts say.
type edit struct {
	ticket.Edit
	number  int
	parts   []*part
	alone   bool        // Update is to do what is left of it: it can name what the mutations cannot
	lost    bool        // the answer about a part was lost
	limited bool        // a limit refused a part
	within  int         // after a lost answer: with how many it is sent again at most; else 0
	refused error       // the first part that was refused
	seen    *graphIssue // the issue as its last part left it
	out     ticket.Created
	done    bool
}

// part is one mutation of an edit.
type part struct {
	mutation string
	input    map[string]any
	shows    string       // the field of its answer that is the issue
	patch    ticket.Patch // what it does
	tries    int
	done     bool
}

// finished gives an edit its answer.
func (e *edit) finish(o ticket.Observed, err error) {
	e.out.Ticket, e.out.Err, e.done = o, fail(err, "update "+string(e.Ref), ""), true
}

// stop ends an edit with a failure: once something was written, "unavailable, nothing was
// changed" is not true any more.
func (e *edit) stop(t *Tracker, err error) {
	c := change{t: t, wrote: len(e.open()) < len(e.parts)}
	e.out.Err, e.done = c.partly(err, "update "+string(e.Ref)), true
}

func (e *edit) open() []*part {
	var out []*part
	for _, p := range e.parts {
		if !p.done {
			out = append(out, p)
		}
	}
	return out
}

// rest is what is still to be done.
func (e *edit) rest() ticket.Patch {
	var out ticket.Patch
	for _, p := range e.open() {
		out = join(out, p.patch)
	}
	return out
}

// join adds up parts of one patch: no two of them set the same.
func join(a, b ticket.Patch) ticket.Patch {
	for _, text := range []struct{ to, from *string }{{&a.Title, &b.Title}, {&a.Body, &b.Body}, {&a.Milestone, &b.Milestone}, {&a.Type, &b.Type}} {
		*text.to += *text.from
	}
	a.State, a.DuplicateOf, a.Parent = a.State+b.State, a.DuplicateOf+b.DuplicateOf, a.Parent+b.Parent
	a.ClearMilestone, a.Reparent = a.ClearMilestone || b.ClearMilestone, a.Reparent || b.Reparent
	a.AddLabels = append(a.AddLabels, b.AddLabels...)
	a.RemoveLabels = append(a.RemoveLabels, b.RemoveLabels...)
	a.AddAssignees = append(a.AddAssignees, b.AddAssignees...)
	a.RemoveAssignees = append(a.RemoveAssignees, b.RemoveAssignees...)
	a.AddBlockedBy = append(a.AddBlockedBy, b.AddBlockedBy...)
	a.RemoveBlockedBy = append(a.RemoveBlockedBy, b.RemoveBlockedBy...)
	return a
}

// divide cuts an edit into mutations, in Update's order: what the body tells as applied is
// written after the rest, and the state last. It sends nothing. An edit that names something
// without a node id, or needs a mutation that the server lacks, is left to Update.
func (t *Tracker) divide(e *edit) {
	s := t.server()
	e.parts = nil
	self := t.known(e.number).node
	if e.alone = e.alone || !s.content || self == ""; e.alone {
		return
	}
	for _, cut := range []func(*edit, schema, string) bool{t.cutLabels, t.cutAssignees, t.cutParent, t.cutBlockers, t.cutContent, t.cutState} {
		if !cut(e, s, self) {
			e.alone = true
			// Update does the whole.
			e.parts = []*part{{patch: e.Patch}}
			return
		}
	}
}

func (e *edit) add(mutation, shows string, input map[string]any, patch ticket.Patch) {
	e.parts = append(e.parts, &part{mutation: mutation, shows: shows, input: input, patch: patch})
}

func (t *Tracker) cutLabels(e *edit, s schema, self string) bool {
	add, known := t.labelNodes(e.Patch.AddLabels)
	if len(add) != len(e.Patch.AddLabels) || !known {
		return false
	}
	remove, known := t.labelNodes(e.Patch.RemoveLabels)
	if !known || len(add)+len(remove) > 0 && !s.marks {
		return false
	}
	if len(add) > 0 {
		e.add("addLabelsToLabelable", "labelable", map[string]any{"labelableId": self, "labelIds": add}, ticket.Patch{AddLabels: e.Patch.AddLabels})
	}
	if len(remove) > 0 {
		e.add("removeLabelsFromLabelable", "labelable", map[string]any{"labelableId": self, "labelIds": remove}, ticket.Patch{RemoveLabels: e.Patch.RemoveLabels})
	}
	return true
}

// labelNodes gives the node ids of those labels that are there; known is false when that is not
// known of one of them.
func (t *Tracker) labelNodes(names []string) (ids []string, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range names {
		l, ok := t.labels[strings.ToLower(name)]
		switch _, absent := t.absent[strings.ToLower(name)]; {
		case ok && l.node != "":
			ids = append(ids, l.node)
		case !absent || ok:
			return nil, false
		}
	}
	return ids, true
}

// cutAssignees leaves out who cannot be assigned, as GitHub does.
func (t *Tracker) cutAssignees(e *edit, s schema, self string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	var add, remove, names []string
	for _, login := range e.Patch.AddAssignees {
		if id := t.people[strings.ToLower(login)]; id != "" {
			add, names = append(add, id), append(names, login)
		}
	}
	for _, login := range e.Patch.RemoveAssignees {
		id := t.people[strings.ToLower(login)]
		if id == "" {
			return false // who left may still be assigned
		}
		remove = append(remove, id)
	}
	if len(add)+len(remove) > 0 && !s.marks {
		return false
	}
	if len(add) > 0 {
		e.add("addAssigneesToAssignable", "assignable", map[string]any{"assignableId": self, "assigneeIds": add}, ticket.Patch{AddAssignees: names})
	}
	if len(remove) > 0 {
		e.add("removeAssigneesFromAssignable", "assignable", map[string]any{"assignableId": self, "assigneeIds": remove}, ticket.Patch{RemoveAssignees: e.Patch.RemoveAssignees})
	}
	return true
}

func (t *Tracker) cutParent(e *edit, s schema, self string) bool {
	if e.Patch.Parent == "" || !t.features().SubIssues {
		return true
	}
	parent := t.nodeOf(e.Patch.Parent)
	if parent == "" || !s.addSubIssue {
		return false
	}
	in := map[string]any{"issueId": parent, "subIssueId": self}
	if e.Patch.Reparent {
		in["replaceParent"] = true
	}
	e.add("addSubIssue", "subIssue", in, ticket.Patch{Parent: e.Patch.Parent, Reparent: e.Patch.Reparent})
	return true
}

func (t *Tracker) cutBlockers(e *edit, s schema, self string) bool {
	if !t.features().Dependencies {
		return true
	}
	for _, ref := range e.Patch.AddBlockedBy {
		other := t.nodeOf(ref)
		if other == "" || !s.addBlockedBy {
			return false
		}
		e.add("addBlockedBy", "issue", map[string]any{"issueId": self, "blockingIssueId": other}, ticket.Patch{AddBlockedBy: []ticket.Ref{ref}})
	}
	for _, ref := range e.Patch.RemoveBlockedBy {
		other := t.nodeOf(ref)
		if other == "" || !s.removeBlocked {
			return false
		}
		e.add("removeBlockedBy", "issue", map[string]any{"issueId": self, "blockingIssueId": other}, ticket.Patch{RemoveBlockedBy: []ticket.Ref{ref}})
	}
	return true
}

// nodeOf is the node id of an issue that is known; empty for another.
func (t *Tracker) nodeOf(ref ticket.Ref) string {
	n, err := numberOf(ref)
	if err != nil {
		return ""
	}
	return t.known(n).node
}

func (t *Tracker) cutContent(e *edit, s schema, self string) bool {
	p := e.Patch
	in := map[string]any{}
	if p.Title != "" {
		in["title"] = p.Title
	}
	if p.Body != "" {
		in["body"] = p.Body
	}
	if p.ClearMilestone {
		in["milestoneId"] = nil
	}
	t.mu.Lock()
	if p.Milestone != "" {
		in["milestoneId"] = t.miles[p.Milestone].node
	}
	if p.Type != "" && s.typeInUpdate {
		in["issueTypeId"] = t.types[strings.ToLower(p.Type)]
	}
	t.mu.Unlock()
	if in["milestoneId"] == "" || p.Type != "" && (in["issueTypeId"] == nil || in["issueTypeId"] == "") {
		return false
	}
	if len(in) == 0 {
		return true
	}
	in["id"] = self
	e.add("updateIssue", "issue", in, ticket.Patch{Title: p.Title, Body: p.Body, Milestone: p.Milestone, ClearMilestone: p.ClearMilestone, Type: p.Type})
	return true
}

func (t *Tracker) cutState(e *edit, s schema, self string) bool {
	p := e.Patch
	in := map[string]any{"issueId": self}
	patch := ticket.Patch{State: p.State, DuplicateOf: p.DuplicateOf}
	switch p.State {
	case "":
	case ticket.Open:
		e.add("reopenIssue", "issue", in, patch)
	case ticket.Duplicate:
		if !s.closeDuplicate {
			return false
		}
		if p.DuplicateOf != "" {
			of := t.nodeOf(p.DuplicateOf)
			if of == "" {
				return false
			}
			in["duplicateIssueId"] = of
		}
		fallthrough
	case ticket.Completed, ticket.NotPlanned:
		in["stateReason"] = strings.ToUpper(string(p.State))
		e.add("closeIssue", "issue", in, patch)
	default:
		return false
	}
	return true
}
