package ticket

import (
	"context"
	"time"
)

// Event is one line of an issue's own log, which the tracker keeps and nobody can write.
type Event struct {
	ID     int64     `json:"id"`
	Kind   string    `json:"kind"` // labeled, unlabeled, closed, reopened, renamed, assigned, ...
	Actor  Account   `json:"actor"`
	Label  string    `json:"label,omitempty"`  // labeled and unlabeled: its name at that time
	Commit string    `json:"commit,omitempty"` // closed: the commit that closed it
	At     time.Time `json:"at"`
}

// Historian tells who really did what on issues.
type Historian interface {
	// Events gives an issue's log, oldest first, complete.
	Events(ctx context.Context, ref Ref) ([]Event, error)
	// EventByID reads one line of a log again; Gone if it is not there.
	EventByID(ctx context.Context, id int64) (Event, error)
	// CommentByID reads one comment again; Gone if it is not there.
	CommentByID(ctx context.Context, id int64) (Comment, error)
	// React adds a reaction ("-1", "confused", "eyes") to a comment; a second time changes nothing.
	React(ctx context.Context, comment int64, reaction string) error
	// Reacted tells whether this account's own reaction is on a comment.
	Reacted(ctx context.Context, comment int64, reaction string) (bool, error)
}

// Edited tells whether a comment was changed after it was written.
func (c Comment) Edited() bool { return !c.UpdatedAt.IsZero() && !c.UpdatedAt.Equal(c.CreatedAt) }
