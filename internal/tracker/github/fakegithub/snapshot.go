package fakegithub

import (
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// Issue is a copy of an issue, or of a pull request seen as one, as it stands.
type Issue struct {
	Number      int       `json:"number"`
	ID          int64     `json:"id"`
	NodeID      string    `json:"node_id"`
	Author      string    `json:"author"`
	Title       string    `json:"title"`
	Body        string    `json:"body"`
	State       string    `json:"state"` // open or closed
	StateReason string    `json:"state_reason,omitempty"`
	DuplicateOf int       `json:"duplicate_of,omitempty"`
	Labels      []string  `json:"labels"`
	Assignees   []string  `json:"assignees"`
	Milestone   string    `json:"milestone,omitempty"` // its title
	Type        string    `json:"type,omitempty"`
	Parent      int       `json:"parent,omitempty"`
	SubIssues   []int     `json:"sub_issues,omitempty"`
	BlockedBy   []int     `json:"blocked_by,omitempty"`
	Locked      bool      `json:"locked,omitempty"`
	PullRequest bool      `json:"pull_request,omitempty"`
	Gone        string    `json:"gone,omitempty"` // deleted, transferred, discussion
	Comments    []Comment `json:"comments,omitempty"`
	Events      []Event   `json:"events,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Releases copies the releases and drafts, oldest first.
func (s *Server) Releases() []world.Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []world.Release
	for _, r := range s.world.Releases {
		out = append(out, *r)
	}
	return out
}

// Comment is a copy of a comment.
type Comment struct {
	ID        int64    `json:"id"`
	Author    string   `json:"author"`
	Body      string   `json:"body"`
	Edits     int      `json:"edits,omitempty"`
	Reactions []string `json:"reactions,omitempty"` // "octocat:+1"
}

// Event is a copy of one line of an issue's event log.
type Event struct {
	ID    int64  `json:"id"`
	Kind  string `json:"kind"`
	Actor string `json:"actor"`
	Label string `json:"label,omitempty"`
	// Commit is the one that closed or mentioned the issue.
	Commit string    `json:"commit,omitempty"`
	At     time.Time `json:"at"`
}

// Label is a copy of a label.
type Label struct {
	Name        string `json:"name"`
	Colour      string `json:"color"`
	Description string `json:"description,omitempty"`
}

// Milestone is a copy of a milestone.
type Milestone struct {
	Number int       `json:"number"`
	Title  string    `json:"title"`
	Closed bool      `json:"closed,omitempty"`
	DueOn  time.Time `json:"due_on,omitzero"`
}

// Issue copies the issue with that number; it is zero if there never was one.
func (s *Server) Issue(n int) Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.world.At(n); i != nil {
		return snapshot(i)
	}
	return Issue{}
}

// Issues copies all issues that are here, pull requests left out, by number.
func (s *Server) Issues() []Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Issue
	for _, i := range s.world.Issues {
		if i.Gone == "" && i.PR == nil {
			out = append(out, snapshot(i))
		}
	}
	return out
}

// Labels copies the repository's labels in the order they were made.
func (s *Server) Labels() []Label {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Label
	for _, l := range s.world.Labels {
		out = append(out, Label{Name: l.Name, Colour: l.Colour, Description: l.Description})
	}
	return out
}

// Milestones copies the repository's milestones by number.
func (s *Server) Milestones() []Milestone {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Milestone
	for _, m := range s.world.Milestones {
		out = append(out, Milestone{Number: m.Number, Title: m.Title, Closed: m.Closed, DueOn: m.DueOn})
	}
	return out
}

func snapshot(i *world.Issue) Issue {
	out := Issue{Number: i.Number, ID: i.ID, NodeID: i.NodeID, Author: i.Author.Login, Title: i.Title, Body: i.Body, State: "open",
		StateReason: i.StateReason, DuplicateOf: i.DuplicateOf, Labels: []string{}, Assignees: []string{}, Parent: i.Parent,
		SubIssues: append([]int(nil), i.Children...), BlockedBy: append([]int(nil), i.BlockedBy...), Locked: i.Locked,
		PullRequest: i.PR != nil, Gone: i.Gone, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}
	if i.Closed {
		out.State = "closed"
	}
	if i.Milestone != nil {
		out.Milestone = i.Milestone.Title
	}
	if i.Type != nil {
		out.Type = i.Type.Name
	}
	for _, l := range i.Labels {
		out.Labels = append(out.Labels, l.Name)
	}
	for _, u := range i.Assignees {
		out.Assignees = append(out.Assignees, u.Login)
	}
	for _, c := range i.Comments {
		copied := Comment{ID: c.ID, Author: c.Author.Login, Body: c.Body, Edits: max(0, len(c.Edits)-1)}
		for _, r := range c.Reactions {
			copied.Reactions = append(copied.Reactions, r.User.Login+":"+r.Content)
		}
		out.Comments = append(out.Comments, copied)
	}
	for _, e := range i.Events {
		copied := Event{ID: e.ID, Kind: e.Kind, Actor: e.Actor.Login, Commit: e.Commit, At: e.At}
		if e.Label != nil {
			copied.Label = e.Label.Name
		}
		out.Events = append(out.Events, copied)
	}
	return out
}
