package github

import (
	"context"
	"net/http"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// change is one Update on its way: the first refusal is kept while the rest is still done.
type change struct {
	t       *Tracker
	number  int
	last    restIssue // newest answer that shows the whole issue
	fresh   bool      // nothing was written since last
	wrote   bool      // something was written
	refused error
}

// Update changes one issue and gives it as it is afterwards. Labels, assignees and links go
// first, one request each; title, body, milestone and state go last and together: the body
// holds what was last applied, so a run cut in between is done again by the next one. A part
// that GitHub refuses for good does not stop the others; the first such refusal is the error,
// and the ticket is given nevertheless.
func (t *Tracker) Update(ctx context.Context, ref ticket.Ref, p ticket.Patch) (ticket.Observed, error) {
	act := "update " + string(ref)
	n, err := numberOf(ref)
	if err != nil {
		return ticket.Observed{}, fail(err, act, "")
	}
	if _, err := t.Repository(ctx); err != nil {
		return ticket.Observed{}, err
	}
	c := &change{t: t, number: n}
	for _, step := range []func(context.Context, ticket.Patch) error{c.labels, c.assignees, c.parent, c.blocked, c.content} {
		err := step(ctx, p)
		if ticketKind(err) == ticket.Rejected {
			if c.refused == nil {
				c.refused = err
			}
			continue
		}
		if err != nil {
			return ticket.Observed{}, c.partly(err, act)
		}
	}
	if !c.fresh {
		c.last = restIssue{}
		if _, err := t.rest(ctx, http.MethodGet, t.path("issues", n), nil, &c.last); err != nil {
			return ticket.Observed{}, c.partly(err, act)
		}
	}
	o, err := t.checked(c.last, n)
	if err == nil {
		o, err = t.filled(ctx, o)
	}
	if err != nil {
		return ticket.Observed{}, c.partly(err, act)
	}
	return o, fail(c.refused, act, "")
}

// partly is the failure of an update: once something was written, "unavailable, nothing was
// changed" is not true any more.
func (c *change) partly(err error, act string) error {
	if c.wrote && ticketKind(err) == ticket.Unavailable {
		err = &ticket.Error{Kind: ticket.Unknown, Detail: "only a part was done: " + c.t.line(err.Error()), Next: "the next run does the rest"}
	}
	return fail(err, act, "")
}

// labels adds and removes single labels: sending the whole set would wipe those that people
// added meanwhile. A label that is not on the issue any more is removed already.
func (c *change) labels(ctx context.Context, p ticket.Patch) error {
	var refused error
	if len(p.AddLabels) > 0 {
		c.fresh = false
		_, err := c.t.rest(ctx, http.MethodPost, c.t.path("issues", c.number, "labels"), map[string]any{"labels": p.AddLabels}, nil)
		if err != nil && ticketKind(err) != ticket.Rejected {
			return fail(err, "add labels "+strings.Join(p.AddLabels, ", ")+" to "+string(refOf(c.number)), "")
		}
		refused, c.wrote = err, c.wrote || err == nil
	}
	for _, name := range p.RemoveLabels {
		c.fresh = false
		_, err := c.t.rest(ctx, http.MethodDelete, c.t.path("issues", c.number, "labels", name), nil, nil)
		if err != nil && (ticketKind(err) != ticket.Gone || !says(err, "not found", "label does not exist")) {
			return fail(err, "remove label "+name+" from "+string(refOf(c.number)), "")
		}
		c.wrote = true
	}
	return refused
}

func (c *change) assignees(ctx context.Context, p ticket.Patch) error {
	for _, part := range []struct {
		method string
		logins []string
	}{{http.MethodPost, p.AddAssignees}, {http.MethodDelete, p.RemoveAssignees}} {
		if len(part.logins) == 0 {
			continue
		}
		if err := c.issue(ctx, part.method, map[string]any{"assignees": part.logins}, "assignees"); err != nil {
			return err
		}
	}
	return nil
}

// issue sends a write whose answer shows the whole issue, and checks that it is ours: a write
// to an issue that has moved must not count as done.
func (c *change) issue(ctx context.Context, method string, body any, under ...any) error {
	var i restIssue
	c.fresh = false
	parts := append([]any{"issues", c.number}, under...)
	if _, err := c.t.rest(ctx, method, c.t.path(parts...), body, &i); err != nil {
		return err
	}
	if _, err := c.t.checked(i, c.number); err != nil {
		return err
	}
	c.last, c.fresh, c.wrote = i, true, true
	return nil
}

// parent links only an issue that has none, unless the patch says otherwise; GitHub itself
// refuses a second one. A parent that
// takes no more sub-issues is no failure: the ticket that is given has no parent.
func (c *change) parent(ctx context.Context, p ticket.Patch) error {
	if p.Parent == "" || !c.t.features().SubIssues {
		return nil
	}
	parent, err := numberOf(p.Parent)
	if err != nil {
		return err
	}
	c.fresh = false
	err = c.otherGone(ctx, c.t.link(ctx, parent, c.number, p.Reparent), "the parent "+string(p.Parent))
	if err != nil {
		if parentFull(err.Error()) {
			return nil
		}
		return err
	}
	c.wrote = true
	return nil
}

// otherGone tells a link that fails since this issue is gone from one whose other end is: that
// is refused, and the rest is still done.
func (c *change) otherGone(ctx context.Context, err error, other string) error {
	if ticketKind(err) != ticket.Gone {
		return err
	}
	if _, self := c.t.getREST(ctx, c.number); self != nil {
		return self
	}
	return &ticket.Error{Kind: ticket.Rejected, Detail: other + " is gone"}
}

func (c *change) blocked(ctx context.Context, p ticket.Patch) error {
	if !c.t.features().Dependencies {
		return nil
	}
	var refused error
	each := func(refs []ticket.Ref, do func(context.Context, int) error) error {
		for _, ref := range refs {
			n, err := numberOf(ref)
			if err == nil {
				c.fresh = false
				err = do(ctx, n)
			}
			if ticketKind(err) == ticket.Rejected {
				refused = err
			} else if err != nil {
				return err
			}
			c.wrote = c.wrote || err == nil
		}
		return nil
	}
	if err := each(p.AddBlockedBy, c.block); err != nil {
		return err
	}
	if err := each(p.RemoveBlockedBy, c.unblock); err != nil {
		return err
	}
	return refused
}

// block adds a dependency. REST wants the other issue's id, not its number.
func (c *change) block(ctx context.Context, by int) error {
	other, err := c.t.address(ctx, by)
	if ticketKind(err) == ticket.Gone {
		return &ticket.Error{Kind: ticket.Rejected, Detail: string(refOf(by)) + ", which should block it, is gone"}
	}
	if err != nil {
		return err
	}
	_, err = c.t.rest(ctx, http.MethodPost, c.t.path("issues", c.number, "dependencies", "blocked_by"), map[string]any{"issue_id": other.id}, nil)
	if ticketKind(err) == ticket.Gone && c.t.server().addBlockedBy {
		err = c.dependency(ctx, "addBlockedBy", "AddBlockedByInput", other)
	}
	if says(err, "already") {
		return nil
	}
	return c.otherGone(ctx, err, string(refOf(by))+", which should block it,")
}

// unblock removes a dependency; one that is not there is removed already.
func (c *change) unblock(ctx context.Context, by int) error {
	other, err := c.t.address(ctx, by)
	if ticketKind(err) == ticket.Gone {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = c.t.rest(ctx, http.MethodDelete, c.t.path("issues", c.number, "dependencies", "blocked_by", other.id), nil, nil)
	if ticketKind(err) != ticket.Gone {
		return err
	}
	if !c.t.server().removeBlocked {
		return nil
	}
	err = c.dependency(ctx, "removeBlockedBy", "RemoveBlockedByInput", other)
	if k := ticketKind(err); k == ticket.Gone || k == ticket.Rejected {
		return nil
	}
	return err
}

// dependency is the way for servers that have dependencies in GraphQL only.
func (c *change) dependency(ctx context.Context, mutation, input string, other handle) error {
	self, err := c.t.address(ctx, c.number)
	if err != nil {
		return err
	}
	return c.t.mutate(ctx, document{
		Query:     "mutation($in: " + input + "!) { " + mutation + "(input: $in) { issue { id } } }",
		Variables: map[string]any{"in": map[string]any{"issueId": self.node, "blockingIssueId": other.node}},
	})
}

// content sends title, body, milestone, type and state in one request.
func (c *change) content(ctx context.Context, p ticket.Patch) error {
	body := map[string]any{}
	for name, v := range map[string]string{"title": p.Title, "body": p.Body, "type": p.Type} {
		if v != "" {
			body[name] = v
		}
	}
	if p.ClearMilestone {
		body["milestone"] = nil
	}
	if p.Milestone != "" {
		m, err := c.t.milestone(ctx, p.Milestone)
		if err != nil {
			return err
		}
		body["milestone"] = m.number
	}
	switch p.State {
	case "":
	case ticket.Open:
		body["state"] = "open"
	default:
		body["state"], body["state_reason"] = "closed", string(p.State)
	}
	if len(body) == 0 {
		return nil
	}
	if p.State == ticket.Duplicate && p.DuplicateOf != "" {
		n, err := numberOf(p.DuplicateOf)
		if err != nil {
			return err
		}
		if of, err := c.t.address(ctx, n); err == nil {
			body["duplicate_issue_id"] = of.id
		}
	}
	err := c.issue(ctx, http.MethodPatch, body)
	if ticketKind(err) == ticket.Rejected && p.State == ticket.Duplicate {
		// Servers that do not know duplicates close it as not planned; the comment points on.
		delete(body, "duplicate_issue_id")
		body["state_reason"] = string(ticket.NotPlanned)
		err = c.issue(ctx, http.MethodPatch, body)
	}
	return err
}
