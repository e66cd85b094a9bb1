package local

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// Update changes one ticket, in one write, and gives it as it is afterwards. A patch that
// changes nothing writes nothing. As on GitHub, the reason of a closed ticket stays as it is,
// and a second parent is not taken.
func (t *Tracker) Update(ctx context.Context, ref ticket.Ref, p ticket.Patch) (ticket.Observed, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, _, err := t.update(ctx, ref, p)
	return o, err
}

// UpdateAll is Update for each edit in turn. What a person typed into the file meanwhile, and
// the edit replaced, is in Overwritten.
func (t *Tracker) UpdateAll(ctx context.Context, edits []ticket.Edit) []ticket.Created {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]ticket.Created, len(edits))
	for i, e := range edits {
		o, replaced, err := t.update(ctx, e.Ref, e.Patch)
		out[i] = ticket.Created{Ticket: o, Err: err}
		if err == nil && e.Patch.Body != "" && e.Base != "" && !ticket.SameBody(replaced, e.Base) && !ticket.SameBody(replaced, e.Patch.Body) {
			out[i].Overwritten = replaced
		}
	}
	return out
}

// update also gives the body that was there before.
func (t *Tracker) update(ctx context.Context, ref ticket.Ref, p ticket.Patch) (ticket.Observed, string, error) {
	act := "update " + string(ref)
	if err := t.mayWrite(ctx, act); err != nil {
		return ticket.Observed{}, "", err
	}
	before, err := t.fresh("update", ref)
	if err != nil {
		return ticket.Observed{}, "", err
	}
	known, err := t.loadSettings()
	if err != nil {
		return ticket.Observed{}, "", asFailure(err, act)
	}
	t.issues[before.Head.Number] = before
	s, after := known.Clone(), before.Clone()
	if why := t.patch(after, p, s); why != "" {
		return ticket.Observed{}, "", failure(ticket.Rejected, act, why, "")
	}
	if after.Body != before.Body || !reflect.DeepEqual(after.Head, before.Head) {
		after.Head.Updated = t.now()
		if after.Head.State == ticket.Open {
			after.Head.Closed = time.Time{}
		} else if before.Head.State == ticket.Open {
			after.Head.Closed = after.Head.Updated
		}
		if len(s.Labels) != len(known.Labels) {
			err = t.saveSettings(s)
		}
		if err == nil {
			err = t.log(before.Head, after.Head)
		}
		if err == nil {
			err = t.save(after)
		}
		if err != nil {
			return ticket.Observed{}, "", asFailure(err, act)
		}
	}
	o, err := t.observe(after, t.issues, family(t.issues))
	return o, before.Body, asFailure(err, act)
}

// patch changes i, and tells why it cannot; i is then not to be used.
func (t *Tracker) patch(i *record.Issue, p ticket.Patch, s *record.Settings) string {
	for _, step := range []func() string{
		func() string { return patchText(i, p) },
		func() string { return patchNames(i, p, s) },
		func() string { return patchPlan(i, p, s) },
		func() string { return t.patchState(i, p) },
		func() string { return t.patchParent(i, p.Parent, p.Reparent) },
		func() string { return t.patchBlockers(i, p) },
	} {
		if why := step(); why != "" {
			return why
		}
	}
	return ""
}

func patchText(i *record.Issue, p ticket.Patch) string {
	if p.Title != "" {
		if why := record.BadLine(p.Title, record.MaxTitle); why != "" {
			return "title " + why
		}
		i.Head.Title = p.Title
	}
	if p.Body != "" {
		if why := record.BadText(p.Body); why != "" {
			return "body " + why
		}
		i.Body = p.Body
	}
	return ""
}

func patchNames(i *record.Issue, p ticket.Patch, s *record.Settings) string {
	if why := record.BadNames(p.AddLabels, p.AddAssignees); why != "" {
		return why
	}
	i.Head.Labels = change(i.Head.Labels, s.Adopt(p.AddLabels), p.RemoveLabels)
	i.Head.Assignees = change(i.Head.Assignees, p.AddAssignees, p.RemoveAssignees)
	return ""
}

// change adds and removes names without regard to case, keeping the others in their order.
func change(list, add, remove []string) []string {
	list = slices.DeleteFunc(list, func(s string) bool { return record.HasFold(remove, s) })
	for _, s := range add {
		if !record.HasFold(list, s) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return nil // as a file without the line is read
	}
	return list
}

// patchPlan sets milestone and type, which the folder must know.
func patchPlan(i *record.Issue, p ticket.Patch, s *record.Settings) string {
	switch {
	case p.ClearMilestone:
		i.Head.Milestone = ""
	case p.Milestone != "" && s.Milestone(p.Milestone) < 0:
		return fmt.Sprintf("milestone %q does not exist", p.Milestone)
	case p.Milestone != "":
		i.Head.Milestone = p.Milestone
	}
	if p.Type != "" {
		if i.Head.Type = s.IssueType(p.Type); i.Head.Type == "" {
			return fmt.Sprintf("issue type %q does not exist", p.Type)
		}
	}
	return ""
}

func (t *Tracker) patchState(i *record.Issue, p ticket.Patch) string {
	switch p.State {
	case "":
	case ticket.Open:
		i.Head.State, i.Head.DuplicateOf = ticket.Open, 0
	case ticket.Completed, ticket.NotPlanned, ticket.Duplicate:
		original := record.Number(p.DuplicateOf)
		if p.DuplicateOf != "" && (t.issues[original] == nil || original == i.Head.Number) {
			return fmt.Sprintf("duplicate of %s, which is no other ticket", p.DuplicateOf)
		}
		if i.Head.State != ticket.Open {
			return ""
		}
		i.Head.State = p.State
		if p.State == ticket.Duplicate {
			i.Head.DuplicateOf = original
		}
	default:
		return fmt.Sprintf("unknown state %q", p.State)
	}
	return ""
}

func (t *Tracker) patchParent(i *record.Issue, ref ticket.Ref, replace bool) string {
	if ref == "" || t.issues[i.Head.Parent] != nil && (!replace || record.RefTo(i.Head.Parent) == ref) {
		return ""
	}
	parent := record.Number(ref)
	if t.issues[parent] == nil {
		return fmt.Sprintf("parent %s does not exist", ref)
	}
	seen := map[int]bool{}
	for up := parent; up != 0 && t.issues[up] != nil && !seen[up]; up = t.issues[up].Head.Parent {
		if up == i.Head.Number {
			return fmt.Sprintf("parent %s is below this ticket", ref)
		}
		seen[up] = true
	}
	if family(t.issues)[parent] >= maxChildren {
		return fmt.Sprintf("parent %s cannot have more than %d sub-issues", ref, maxChildren)
	}
	i.Head.Parent = parent
	return ""
}

func (t *Tracker) patchBlockers(i *record.Issue, p ticket.Patch) string {
	for _, ref := range p.RemoveBlockedBy {
		gone := record.Number(ref)
		i.Head.BlockedBy = slices.DeleteFunc(i.Head.BlockedBy, func(n int) bool { return n == gone })
	}
	for _, ref := range p.AddBlockedBy {
		n := record.Number(ref)
		if t.issues[n] == nil || n == i.Head.Number {
			return fmt.Sprintf("blocked by %s, which is no other ticket", ref)
		}
		if !slices.Contains(i.Head.BlockedBy, n) {
			i.Head.BlockedBy = append(i.Head.BlockedBy, n)
		}
	}
	if len(i.Head.BlockedBy) == 0 {
		i.Head.BlockedBy = nil
	}
	return ""
}
