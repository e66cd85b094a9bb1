package apply

import (
	"context"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// reactor is a tracker whose comments take reactions.
type reactor interface {
	React(ctx context.Context, comment int64, reaction string) error
}

// record writes the record of what was decided in each group, and leaves out the groups for
// which it could not be written: nothing follows from what is not recorded.
func (e *engine) record(ctx context.Context, groups []*plan.Group) []*plan.Group {
	var out []*plan.Group
	for _, g := range groups {
		if slices.ContainsFunc(g.Says, func(s plan.Say) bool { return s.First }) {
			if !e.may(ctx, 1, 1) {
				continue
			}
			if err := e.say(ctx, g, true); err != nil {
				status, text := e.fail(err)
				if c, ok := g.Head(); ok {
					e.note(c, status, text, nil)
				}
				continue
			}
		}
		out = append(out, g)
	}
	return out
}

// say writes what a group has to say: first the record, before anything follows from it, and
// at the end, when it is done, the rest. What is said on a ticket that does not exist waits.
func (e *engine) say(ctx context.Context, g *plan.Group, first bool) error {
	for _, s := range g.Says {
		ref := e.ctx.Refs[s.Key]
		if s.First != first || ref == "" {
			continue
		}
		if err := e.sayOne(ctx, s, ref); err != nil {
			return err
		}
	}
	return nil
}

func (e *engine) sayOne(ctx context.Context, s plan.Say, ref ticket.Ref) error {
	switch {
	case s.React != "":
		r, ok := e.w.(reactor)
		if !ok {
			return nil
		}
		e.writes++
		return r.React(ctx, s.Comment, s.React)
	case s.Mark == "":
		e.writes++
		_, err := e.w.Comment(ctx, ref, 0, s.Text)
		if err == nil {
			e.posted[s.Key]++
		}
		return err
	}
	mark := "<!-- ticketfoundry:note " + s.Mark + " -->"
	existing, err := e.r.Comments(ctx, ref)
	if err != nil {
		return err
	}
	for _, c := range existing {
		if c.Author.ID == e.ctx.Repository.Writer.ID && strings.Contains(c.Body, mark) {
			return nil
		}
	}
	e.writes++
	if _, err = e.w.Comment(ctx, ref, 0, s.Text+"\n\n"+mark); err == nil {
		e.posted[s.Key]++
	}
	return err
}
