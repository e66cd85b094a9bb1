package github

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

type restComment struct {
	ID        int64
	HTMLURL   string `json:"html_url"`
	IssueURL  string `json:"issue_url"`
	User      restAccount
	Body      string
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Reactions struct {
		Disliked int `json:"-1"`
	}
}

func (c restComment) comment() ticket.Comment {
	return ticket.Comment{ID: c.ID, URL: c.HTMLURL, Author: c.User.account(), Body: c.Body, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Disliked: c.Reactions.Disliked}
}

// Comments gives the comments of an issue or pull request, oldest first.
func (t *Tracker) Comments(ctx context.Context, ref ticket.Ref) ([]ticket.Comment, error) {
	if _, err := t.Repository(ctx); err != nil {
		return nil, err
	}
	comments, err := t.comments(ctx, ref, time.Time{})
	return comments, fail(err, "read comments of "+string(ref), "")
}

// comments reads those changed since a time; the zero time means all.
func (t *Tracker) comments(ctx context.Context, ref ticket.Ref, since time.Time) ([]ticket.Comment, error) {
	n, err := numberOf(ref)
	if err != nil {
		return nil, err
	}
	values := url.Values{"per_page": {"100"}}
	if !since.IsZero() {
		values.Set("since", since.UTC().Format(time.RFC3339))
	}
	found, err := pages[restComment](ctx, t, t.path("issues", n, "comments")+"?"+values.Encode())
	if err != nil {
		return nil, err
	}
	out := make([]ticket.Comment, 0, len(found))
	seen := map[int64]bool{} // pages overlap when something moves between them
	for _, c := range found {
		if t.refAt(c.IssueURL) != ref {
			return nil, &ticket.Error{Kind: ticket.Gone, Detail: "it was transferred; its comments are at " + t.line(c.HTMLURL)}
		}
		if !seen[c.ID] {
			out = append(out, c.comment())
		}
		seen[c.ID] = true
	}
	return out, nil
}

// Comment adds a comment (id 0) or edits one. When the answer to a new comment is lost, it is
// looked for by its text and the token's own account; it is never sent twice.
func (t *Tracker) Comment(ctx context.Context, ref ticket.Ref, id int64, body string) (ticket.Comment, error) {
	act := "comment on " + string(ref)
	if _, err := t.Repository(ctx); err != nil {
		return ticket.Comment{}, err
	}
	n, err := numberOf(ref)
	if err != nil {
		return ticket.Comment{}, fail(err, act, "")
	}
	var c restComment
	if id != 0 {
		act = "edit comment " + strconv.FormatInt(id, 10) + " on " + string(ref)
		_, err = t.rest(ctx, http.MethodPatch, t.path("issues", "comments", id), map[string]any{"body": body}, &c)
		if err == nil && c.ID != id {
			err = &ticket.Error{Kind: ticket.Unknown, Detail: "the answer is about another comment"}
		}
		return c.comment(), fail(err, act, "")
	}
	sent := t.clock()
	_, err = t.rest(ctx, http.MethodPost, t.path("issues", n, "comments"), map[string]any{"body": body}, &c)
	if err == nil && c.ID == 0 {
		err = &ticket.Error{Kind: ticket.Unknown, Detail: "the answer does not describe a comment"}
	}
	if ticketKind(err) == ticket.Unknown {
		if found, ok := t.findComment(ctx, ref, body, sent); ok {
			return found, nil
		}
	}
	return c.comment(), fail(err, act, "")
}

func (t *Tracker) findComment(ctx context.Context, ref ticket.Ref, body string, sent time.Time) (ticket.Comment, bool) {
	writer := t.snapshot().Writer
	for _, wait := range looks {
		if wait > 0 {
			if err := t.sleep(ctx, wait); err != nil {
				break
			}
		}
		comments, err := t.comments(ctx, ref, sent.Add(-lookBack))
		if err != nil {
			continue
		}
		for _, c := range comments {
			own := writer.ID == 0 || c.Author.ID == writer.ID
			if own && c.CreatedAt.After(sent.Add(-lookBack)) && ticket.SameBody(c.Body, body) {
				return c, true
			}
		}
	}
	return ticket.Comment{}, false
}
