package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// perTicket is how many comments a ticket can have: comment ids are unique in the folder.
const perTicket = 1_000_000

// Comments gives a ticket's comments, oldest first. They are read each time.
func (t *Tracker) Comments(ctx context.Context, ref ticket.Ref) ([]ticket.Comment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	act := "list comments of " + string(ref)
	if err := ctx.Err(); err != nil {
		return nil, asFailure(err, act)
	}
	all, err := t.load()
	if err != nil {
		return nil, asFailure(err, act)
	}
	n := record.Number(ref)
	if all[n] == nil {
		return nil, gone("list comments of", ref)
	}
	comments, err := t.readComments(n)
	if err != nil {
		return nil, asFailure(err, act)
	}
	var out []ticket.Comment
	for _, c := range comments {
		out = append(out, t.show(n, c))
	}
	return out, nil
}

func (t *Tracker) show(n int, c record.Comment) ticket.Comment {
	disliked := 0
	for _, r := range c.Head.Reactions {
		if strings.HasPrefix(r, "-1 by ") {
			disliked++
		}
	}
	return ticket.Comment{
		Disliked: disliked,
		ID:       int64(n)*perTicket + int64(c.Number), URL: t.place(c.File), Author: accountOf(c.Head.Author),
		Body: c.Body, CreatedAt: c.Head.Created, UpdatedAt: c.Head.Updated,
	}
}

func commentFolder(n int) string { return path.Join(commentsDir, fmt.Sprintf("%04d", n)) }

// commentNames lists the files of a ticket's comments: only what looks like a comment is one.
func (t *Tracker) commentNames(n int) ([]string, error) {
	names, err := t.disk.Names(commentFolder(n))
	return slices.DeleteFunc(names, func(name string) bool {
		k, ok := record.Numbered(name)
		return !ok || k >= perTicket
	}), err
}

func (t *Tracker) readComments(n int) ([]record.Comment, error) {
	names, err := t.commentNames(n)
	if err != nil {
		return nil, err
	}
	var out []record.Comment
	for _, name := range names {
		k, _ := record.Numbered(name)
		c, err := t.readComment(path.Join(commentFolder(n), name), k)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b record.Comment) int { return cmp.Compare(a.Number, b.Number) })
	for k := 1; k < len(out); k++ {
		if out[k].Number == out[k-1].Number {
			return nil, damaged(out[k].File, 0, "the same comment is also "+out[k-1].File)
		}
	}
	return out, nil
}

func (t *Tracker) readComment(file string, k int) (record.Comment, error) {
	text, info, err := t.disk.Read(file)
	if err != nil {
		return record.Comment{}, err
	}
	return record.ParseComment(file, k, text, info.ModTime())
}

// Comment adds a comment (id 0) or edits one that this account wrote.
func (t *Tracker) Comment(ctx context.Context, ref ticket.Ref, id int64, body string) (ticket.Comment, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	act := "comment on " + string(ref)
	if err := t.mayWrite(ctx, act); err != nil {
		return ticket.Comment{}, err
	}
	if why := record.BadText(body); why != "" || strings.TrimSpace(body) == "" {
		return ticket.Comment{}, failure(ticket.Rejected, act, "body "+cmp.Or(why, "is empty"), "")
	}
	i, err := t.fresh(act, ref)
	if err != nil {
		return ticket.Comment{}, err
	}
	comments, err := t.readComments(i.Head.Number)
	if err != nil {
		return ticket.Comment{}, asFailure(err, act)
	}
	write := t.addComment
	if id != 0 {
		write = t.editComment
	}
	c, err := write(i, comments, id, body)
	if err != nil {
		return ticket.Comment{}, asFailure(err, act)
	}
	return t.show(i.Head.Number, c), nil
}

// addComment reserves the number in the ticket first: a comment deleted by hand does not give
// its id to the next one.
func (t *Tracker) addComment(i *record.Issue, there []record.Comment, _ int64, body string) (record.Comment, error) {
	k := i.Head.Comments + 1
	if len(there) > 0 {
		k = max(k, there[len(there)-1].Number+1)
	}
	now := t.now()
	c := record.Comment{
		File:   path.Join(commentFolder(i.Head.Number), record.FileName(k, "")),
		Number: k, Body: body, Head: record.CommentHead{Author: t.account, Created: now, Updated: now},
	}
	file, err := c.Content()
	if err != nil {
		return record.Comment{}, err
	}
	i.Head.Comments, i.Head.Updated = k, now
	if err := t.save(i); err != nil {
		return record.Comment{}, err
	}
	return c, t.disk.Create(file)
}

func (t *Tracker) editComment(i *record.Issue, there []record.Comment, id int64, body string) (record.Comment, error) {
	at := slices.IndexFunc(there, func(c record.Comment) bool { return int64(i.Head.Number)*perTicket+int64(c.Number) == id })
	act := fmt.Sprintf("edit comment %d on %s", id, i.Ref())
	if at < 0 {
		return record.Comment{}, failure(ticket.Gone, act, "there is no such comment", "")
	}
	c := there[at]
	if !strings.EqualFold(c.Head.Author, t.account) {
		return record.Comment{}, failure(ticket.Unauthorised, act, fmt.Sprintf("it was written by %q", c.Head.Author), "")
	}
	if c.Body == body {
		return c, nil
	}
	c.Body, c.Head.Updated = body, t.now()
	file, err := c.Content()
	if err != nil {
		return record.Comment{}, err
	}
	return c, t.disk.Replace(file)
}
