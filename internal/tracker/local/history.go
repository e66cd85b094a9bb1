package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// reactions are those that GitHub knows.
var reactions = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

func eventsFile(n int) string { return path.Join(eventsDir, fmt.Sprintf("%04d.yml", n)) }

// log adds to a ticket's events what its change means, in this view's name. It is called before
// the ticket is written: cut in between, the same act done again is only logged once more,
// while a change without its event would be nobody's for good.
func (t *Tracker) log(before, after record.Head) error {
	more := record.Happened(before, after)
	if len(more) == 0 {
		return nil
	}
	for i := range more {
		more[i].At, more[i].By = after.Updated, t.account
	}
	known, err := t.readLog(after.Number)
	if err != nil {
		return err
	}
	text, err := folder.YAML(known.Add(more))
	if err != nil {
		return err
	}
	head := fmt.Sprintf("# Who did what to ticket #%d, written by Ticket Foundry. Lines are only added, at the end.\n", after.Number)
	return t.disk.Replace(folder.File{Name: eventsFile(after.Number), Content: append([]byte(head), text...)})
}

func (t *Tracker) readLog(n int) (record.Log, error) {
	text, _, err := t.disk.Read(eventsFile(n))
	if errors.Is(err, fs.ErrNotExist) {
		return record.Log{}, nil
	}
	if err != nil {
		return record.Log{}, err
	}
	return record.ParseLog(eventsFile(n), text)
}

// Events gives a ticket's log, oldest first, read each time. What was done in an editor is not
// in it: who did that cannot be told.
func (t *Tracker) Events(ctx context.Context, ref ticket.Ref) ([]ticket.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.events(ctx, "read events of "+string(ref), record.Number(ref))
}

func (t *Tracker) events(ctx context.Context, act string, n int) ([]ticket.Event, error) {
	if err := t.there(ctx, act, n); err != nil {
		return nil, err
	}
	l, err := t.readLog(n)
	if err != nil {
		return nil, asFailure(err, act)
	}
	out := make([]ticket.Event, len(l.Events))
	for i, e := range l.Events {
		out[i] = ticket.Event{ID: int64(n)*perTicket + int64(e.ID), Kind: e.Did, Actor: accountOf(e.By), Label: e.Label, At: e.At.UTC()}
	}
	return out, nil
}

// there is nil if the ticket of a number is.
func (t *Tracker) there(ctx context.Context, act string, n int) error {
	if err := ctx.Err(); err != nil {
		return asFailure(err, act)
	}
	all, err := t.load()
	if err != nil {
		return asFailure(err, act)
	}
	if all[n] == nil {
		return failure(ticket.Gone, act, "there is no such ticket; its file was deleted or never was", "")
	}
	return nil
}

// EventByID reads one line of a log.
func (t *Tracker) EventByID(ctx context.Context, id int64) (ticket.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	act := "read event " + strconv.FormatInt(id, 10)
	all, err := t.events(ctx, act, int(id/perTicket))
	if err != nil {
		return ticket.Event{}, err
	}
	at := slices.IndexFunc(all, func(e ticket.Event) bool { return e.ID == id })
	if at < 0 {
		return ticket.Event{}, failure(ticket.Gone, act, "there is no such event", "")
	}
	return all[at], nil
}

// CommentByID reads one comment.
func (t *Tracker) CommentByID(ctx context.Context, id int64) (ticket.Comment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.comment(ctx, "read comment "+strconv.FormatInt(id, 10), id)
	if err != nil {
		return ticket.Comment{}, err
	}
	return t.show(int(id/perTicket), c), nil
}

func (t *Tracker) comment(ctx context.Context, act string, id int64) (record.Comment, error) {
	n := int(id / perTicket)
	if err := t.there(ctx, act, n); err != nil {
		return record.Comment{}, err
	}
	all, err := t.readComments(n)
	if err != nil {
		return record.Comment{}, asFailure(err, act)
	}
	at := slices.IndexFunc(all, func(c record.Comment) bool { return int64(c.Number) == id%perTicket })
	if at < 0 {
		return record.Comment{}, failure(ticket.Gone, act, "there is no such comment", "")
	}
	return all[at], nil
}

// React adds this account's reaction to a comment, whose text and times stay as they are.
func (t *Tracker) React(ctx context.Context, comment int64, reaction string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	act := "react with " + reaction + " to comment " + strconv.FormatInt(comment, 10)
	if err := t.mayWrite(ctx, act); err != nil {
		return err
	}
	if !slices.Contains(reactions, reaction) {
		return failure(ticket.Rejected, act, "a reaction is one of "+strings.Join(reactions, ", "), "")
	}
	c, err := t.comment(ctx, act, comment)
	if err != nil {
		return err
	}
	line := reaction + " by " + t.account
	if record.HasFold(c.Head.Reactions, line) {
		return nil
	}
	c.Head.Reactions = append(c.Head.Reactions, line)
	file, err := c.Content()
	if err != nil {
		return asFailure(err, act)
	}
	return asFailure(t.disk.Replace(file), act)
}

// Reacted tells whether this account's own reaction is on a comment.
func (t *Tracker) Reacted(ctx context.Context, comment int64, reaction string) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, err := t.comment(ctx, "read the reactions to comment "+strconv.FormatInt(comment, 10), comment)
	return err == nil && record.HasFold(c.Head.Reactions, reaction+" by "+t.account), err
}
