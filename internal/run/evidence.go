package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// disliked tells whether a command was answered by a reaction before: it stays refused, even if
// its author may do more by now.
func (q *inquiry) disliked(ctx context.Context, c ticket.Comment) (bool, error) {
	h, ok := q.w.j.tracker.(ticket.Historian)
	if !ok || c.Disliked == 0 || q.c.Record.Has(pipeline.RestOnComment(c.ID)) {
		return false, nil
	}
	return h.Reacted(ctx, c.ID, "-1")
}

// role gives what a login may do now; an error is none, for now. Answers are kept for the run.
func (w *witness) role(ctx context.Context, login string) (string, error) {
	if role, ok := w.roles[login]; ok {
		return role, nil
	}
	who, ok := w.j.tracker.(authority)
	if !ok {
		return "", nil
	}
	role, err := who.Permission(ctx, login)
	if err == nil {
		w.roles[login] = role
	}
	return role, err
}

// confirm looks, before a gate opens because another capability has shipped, whether that one's
// record says so: what its issue remembers of it can be edited by people.
func (q *inquiry) confirm(ctx context.Context, v pipeline.Verdict) (unsure bool, err error) {
	opens := slices.ContainsFunc(v.New, func(e record.Entry) bool {
		s, ok := q.w.j.cfg.Pipeline.Stage(e.To)
		return e.Kind == record.Moved && ok && s.Gate || e.Kind == record.Entered
	})
	if !opens {
		return false, nil
	}
	for _, id := range q.file.Capability.DependsOn {
		o, here := q.w.match.Tickets[ticket.Key(id)]
		if e := q.w.match.Elsewhere[id]; !here && e.Ref != "" {
			o.Ref, here = e.Ref, true
		}
		stood := q.w.stood[id]
		if !here || !q.w.shipped(id) || stood != nil && len(stood.verdict.New) > 0 || !q.once("shipped "+id) {
			continue
		}
		comments, err := q.w.j.tracker.Comments(ctx, o.Ref)
		if err != nil {
			return false, err
		}
		r := record.Read(id, comments, func(a ticket.Account) bool { return q.w.trust.Writers[a.ID] })
		if stage, _, _ := r.Stage(); stage != pipeline.Shipped {
			q.w.denied[id], unsure = true, true
		}
	}
	return unsure, nil
}

// gone tells whether evidence of an earlier decision is not there any more, or is another
// person's now.
func (q *inquiry) gone(ctx context.Context, rests string) (bool, error) {
	h, ok := q.w.j.tracker.(ticket.Historian)
	kind, text, _ := strings.Cut(rests, ":")
	var id int64
	if _, err := fmt.Sscan(text, &id); err != nil || !ok {
		return !ok, nil
	}
	var author ticket.Account
	var err error
	edited := false
	if kind == "event" {
		var e ticket.Event
		e, err = h.EventByID(ctx, id)
		author = e.Actor
	} else {
		var c ticket.Comment
		c, err = h.CommentByID(ctx, id)
		author, edited = c.Author, c.Edited()
	}
	if ticket.KindOf(err) == ticket.Gone {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, e := range q.c.Record.Entries {
		if e.Rests == rests && (e.ID != author.ID || edited) {
			return true, nil
		}
	}
	return false, nil
}
