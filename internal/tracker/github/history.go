package github

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/wire"
)

// restEvent is a line of an issue's log as REST shows it. A deleted user's has no actor.
type restEvent struct {
	ID        int64
	Event     string
	Actor     restAccount
	Label     struct{ Name string }
	CommitID  string    `json:"commit_id"`
	CreatedAt time.Time `json:"created_at"`
	Issue     restIssue // only of an event read by itself
}

func (e restEvent) event() ticket.Event {
	return ticket.Event{ID: e.ID, Kind: e.Event, Actor: e.Actor.account(), Label: e.Label.Name, Commit: e.CommitID, At: e.CreatedAt}
}

// Events gives the log of an issue or pull request, oldest first. It never gives a short log: a
// page that cannot be read is an error.
func (t *Tracker) Events(ctx context.Context, ref ticket.Ref) ([]ticket.Event, error) {
	if _, err := t.Repository(ctx); err != nil {
		return nil, err
	}
	act := "read events of " + string(ref)
	n, err := numberOf(ref)
	if err != nil {
		return nil, fail(err, act, "")
	}
	found, err := pages[restEvent](ctx, t, t.path("issues", n, "events")+"?per_page=100")
	if err != nil {
		return nil, fail(err, act, "")
	}
	out := make([]ticket.Event, 0, len(found))
	seen := map[int64]bool{}
	for _, e := range found {
		if e.ID == 0 || e.Event == "" {
			return nil, &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer does not describe events"}
		}
		if !seen[e.ID] { // pages overlap when something happens between two of them
			out = append(out, e.event())
		}
		seen[e.ID] = true
	}
	slices.SortStableFunc(out, func(a, b ticket.Event) int { return a.At.Compare(b.At) })
	return out, nil
}

// EventByID reads one line of a log. That of an issue which is deleted or was transferred is Gone.
func (t *Tracker) EventByID(ctx context.Context, id int64) (ticket.Event, error) {
	if _, err := t.Repository(ctx); err != nil {
		return ticket.Event{}, err
	}
	act := "read event " + strconv.FormatInt(id, 10)
	var e restEvent
	_, err := t.rest(ctx, http.MethodGet, t.path("issues", "events", id), nil, &e)
	switch {
	case err != nil:
	case e.ID != id:
		err = &ticket.Error{Kind: ticket.Unavailable, Detail: "the answer is about another event"}
	case e.Issue.Number != 0 && !t.here(e.Issue):
		err = &ticket.Error{Kind: ticket.Gone, Detail: "its issue was transferred to " + t.line(e.Issue.HTMLURL)}
	}
	if err != nil {
		return ticket.Event{}, fail(err, act, "")
	}
	return e.event(), nil
}

// CommentByID reads one comment. That of an issue which is deleted or was transferred is Gone.
func (t *Tracker) CommentByID(ctx context.Context, id int64) (ticket.Comment, error) {
	if _, err := t.Repository(ctx); err != nil {
		return ticket.Comment{}, err
	}
	act := "read comment " + strconv.FormatInt(id, 10)
	var c restComment
	_, err := t.rest(ctx, http.MethodGet, t.path("issues", "comments", id), nil, &c)
	switch {
	case err != nil:
	case c.ID != id:
		err = &ticket.Error{Kind: ticket.Unavailable, Detail: "the answer is about another comment"}
	case !t.isRefHere(c.IssueURL):
		err = &ticket.Error{Kind: ticket.Gone, Detail: "its issue was transferred; it is now at " + t.line(c.HTMLURL)}
	}
	if err != nil {
		return ticket.Comment{}, fail(err, act, "")
	}
	return c.comment(), nil
}

// isRefHere tells whether the API address of an issue is one of this repository.
func (t *Tracker) isRefHere(address string) bool {
	_, err := numberOf(t.refAt(address))
	return err == nil
}

// React adds the token's own reaction to a comment. GitHub keeps one of each kind, so a lost
// answer is asked for again.
func (t *Tracker) React(ctx context.Context, comment int64, reaction string) error {
	if _, err := t.Repository(ctx); err != nil {
		return err
	}
	act := "react with " + reaction + " to comment " + strconv.FormatInt(comment, 10)
	ctx = wire.With(ctx, wire.Call{Replay: wire.Idempotent})
	var made struct{ Content string }
	_, err := t.rest(ctx, http.MethodPost, t.path("issues", "comments", comment, "reactions"), map[string]any{"content": reaction}, &made)
	if err == nil && made.Content != reaction {
		err = &ticket.Error{Kind: ticket.Unknown, Detail: "the answer is about another reaction"}
	}
	return fail(err, act, "")
}

// Reacted tells whether the token's own reaction is on a comment.
func (t *Tracker) Reacted(ctx context.Context, comment int64, reaction string) (bool, error) {
	repo, err := t.Repository(ctx)
	if err != nil {
		return false, err
	}
	act := "read the reactions to comment " + strconv.FormatInt(comment, 10)
	type restReaction struct {
		User    restAccount
		Content string
	}
	address := t.path("issues", "comments", comment, "reactions") + "?" + url.Values{"content": {reaction}, "per_page": {"100"}}.Encode()
	found, err := pages[restReaction](ctx, t, address)
	if err != nil {
		return false, fail(err, act, "")
	}
	return slices.ContainsFunc(found, func(r restReaction) bool {
		return r.Content == reaction && r.User.ID != 0 && r.User.ID == repo.Writer.ID
	}), nil
}
