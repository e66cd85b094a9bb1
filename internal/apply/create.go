package apply

import (
	"context"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// create makes the tickets that pick chooses among the groups, in batches.
func (e *engine) create(ctx context.Context, groups []*plan.Group, pick func(plan.Change) bool, reserve int) {
	var todo []plan.Change
	prior := map[ticket.Key]*plan.Group{}
	for _, g := range groups {
		for _, c := range g.Changes {
			if c.Action == plan.Create && pick(c) {
				todo = append(todo, c)
				prior[c.Key] = g
			}
		}
	}
	for part := range slices.Chunk(todo, batch) {
		var made []plan.Change
		var drafts []ticket.Draft
		for _, c := range part {
			if !c.Key.IsCapability() && e.ctx.Refs[c.Desired.Parent] == "" {
				if e.stopped == "" {
					e.note(c, Pending, "waits for the issue of its capability, which could not be made", nil)
				}
				continue
			}
			if !e.may(ctx, 1, reserve) {
				break
			}
			d, err := e.draft(c, prior[c.Key])
			if err != nil {
				e.note(c, Failed, err.Error(), nil)
				continue
			}
			made, drafts = append(made, c), append(drafts, d)
			e.spend(1)
		}
		if len(drafts) == 0 {
			continue
		}
		for i, answer := range e.w.Create(ctx, drafts) {
			e.created(ctx, made[i], answer)
		}
	}
}

func (e *engine) created(ctx context.Context, c plan.Change, answer ticket.Created) {
	if answer.Err != nil {
		s, text := e.fail(ctx, answer.Err)
		e.note(c, s, text, nil)
		return
	}
	e.ctx.Refs[c.Key] = answer.Ticket.Ref
	e.see(c.Key, answer.Ticket)
	e.made[c.Key] = true
	if c.Key.IsCapability() {
		return // done when its record is written
	}
	e.note(c, Done, "", answer.Dropped)
}

func (e *engine) draft(c plan.Change, g *plan.Group) (ticket.Draft, error) {
	block := c.Desired.Block
	if c.Key.IsCapability() {
		begun := g.Next
		begun.Hash, begun.Commit, begun.Tickets = "", "", nil
		var err error
		if block, err = plan.Block(c, "", begun); err != nil {
			return ticket.Draft{}, err
		}
	}
	d := ticket.Draft{
		Key: c.Key, Title: c.Desired.Title, Labels: e.defined(slices.Concat(c.Desired.Labels, c.Desired.Extra)),
		Body:      ticket.NewBody(e.ctx.Marker(c.Key), ticket.Resolve(block, e.ctx.Refs)),
		Assignees: c.Desired.Assignees, Milestone: c.Desired.Milestone, Type: c.Desired.Type,
	}
	if parent := e.ctx.Refs[c.Desired.Parent]; e.ctx.Repository.Features.SubIssues && !e.ctx.Full[parent] {
		d.Parent = parent
	}
	return d, nil
}
