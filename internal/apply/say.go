package apply

import (
	"context"
	"fmt"
	"hash/fnv"
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
	kept := 0
	for _, g := range groups {
		n := 0
		for _, s := range g.Says {
			if s.First {
				n++
			}
		}
		own := reserve([]*plan.Group{g})
		if n > 0 {
			if !e.may(ctx, n, kept+own) {
				continue
			}
			if err := e.say(ctx, g, true); err != nil {
				status, text := e.fail(ctx, err)
				if c, ok := g.Head(); ok {
					e.note(c, status, text, nil)
				}
				continue
			}
			e.recorded[g.Capability] = true
			kept += own
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
		e.spend(1)
		return r.React(ctx, s.Comment, s.React)
	case s.Mark == "":
		e.spend(1)
		_, err := e.w.Comment(ctx, ref, 0, s.Text)
		if err == nil {
			e.posted[s.Key]++
		}
		return err
	}
	mark := "<!-- ticketfoundry:note " + s.Mark + " -->"
	fresh, read := e.fresh[s.Key]
	bare := read && fresh.Ref == ref && fresh.Comments+e.posted[s.Key] == 0
	if !e.made[s.Key] && !bare { // nobody but this run has commented on what it has just made
		existing, err := e.r.Comments(ctx, ref)
		if err != nil {
			return err
		}
		for _, c := range existing {
			if c.Author.ID == e.ctx.Repository.Writer.ID && strings.Contains(c.Body, mark) {
				return nil
			}
		}
	}
	e.spend(1)
	_, err := e.w.Comment(ctx, ref, 0, s.Text+"\n\n"+mark)
	if err == nil {
		e.posted[s.Key]++
	}
	return err
}

// comment writes a comment unless one of ours with the same text is there: a run that was cut
// after commenting does not comment again.
func (e *engine) comment(ctx context.Context, key ticket.Key, ref ticket.Ref, text string) error {
	h := fnv.New64a()
	h.Write([]byte(text))
	return e.sayOne(ctx, plan.Say{Key: key, Text: text, Mark: fmt.Sprintf("%016x", h.Sum64())}, ref)
}
