// Package plan owns the difference between what tickets should be and what they are: desired x
// last applied x observed to at most one change per key, ordered, with brakes. It is pure and
// only data comes out; carrying it out is the apply package's, and whether to is the caller's.
//
//	m := plan.Match(issues, plan.Trust{...})
//	p := plan.Build(plan.Input{Models: models, Match: m, Repository: repo})
//	p.Sentence() // "opens 6 tickets: 3 engineering, 2 product, 1 press"
package plan

import (
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Action is what happens to one issue.
type Action string

// The actions, in the order people read them.
const (
	Create Action = "create"
	Update Action = "update"
	Close  Action = "close"
	Reopen Action = "reopen"
	Keep   Action = "keep"
)

// Field is one changed part of an issue, for people: long texts are told by their size.
type Field struct {
	Name   string `json:"name" jsonschema:"enum=title,enum=body,enum=labels,enum=assignees,enum=milestone,enum=type,enum=parent,enum=blocked_by,enum=state"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Change is what happens to the issue of one key.
type Change struct {
	Action    Action     `json:"action" jsonschema:"enum=create,enum=update,enum=close,enum=reopen,enum=keep"`
	Key       ticket.Key `json:"key" jsonschema_description:"The ticket's key, for life."`
	Ref       ticket.Ref `json:"ref,omitempty" jsonschema_description:"The issue, as people name it; empty if it is yet to be created."`
	URL       string     `json:"url,omitempty"`
	Title     string     `json:"title"`
	Stage     string     `json:"stage,omitempty"`
	Audience  string     `json:"audience,omitempty"`
	Assignees []string   `json:"assignees,omitempty" jsonschema_description:"Logins the ticket is assigned to on creation."`
	Fields    []Field    `json:"fields,omitempty"`
	Reason    string     `json:"reason" jsonschema_description:"Why, for people; nothing branches on it."`
	Path      string     `json:"path,omitempty" jsonschema_description:"The spec file it comes from."`

	Desired  ticket.Desired  `json:"-"` // zero for a ticket whose key left the spec
	Observed ticket.Observed `json:"-"` // zero for a creation
	Patch    ticket.Patch    `json:"-"` // empty for a creation
	Prior    ticket.Touched  `json:"-"` // what was last applied
	Known    bool            `json:"-"` // Prior is known
}

// Notice is something a person should know about that is not a change.
type Notice struct {
	Key  ticket.Key `json:"key,omitempty"`
	Ref  ticket.Ref `json:"ref,omitempty"`
	Text string     `json:"text"`
}

// Brake stops a run before its first write, unless it is overridden.
type Brake struct {
	Rule string `json:"rule" jsonschema:"enum=mass-close,enum=mass-lost,enum=no-specs"`
	Text string `json:"text"`
}

// Group is all changes of one capability; it is begun, and recorded in its issue, as one.
type Group struct {
	Capability string
	Priority   string
	Changes    []Change // capability issue first
	Prior      ticket.Applied
	Next       ticket.Applied                // what to record when all is done; Tickets is filled while applying
	Notes      []Note                        // lines of the one comment on the capability issue
	Cache      map[ticket.Key]ticket.Touched // what is remembered of each ticket besides what is applied
	Quiet      bool                          // nothing in Cache is worth a write of its own
	Says       []Say                         // what is said on its issues, the record first
}

// Note is a line for people on a capability issue, said once its change is carried out.
type Note struct {
	Key  ticket.Key
	Text string // may mention keys
}

// Twin is a second open issue with a ticket's key, to be closed as a duplicate of the one that stays.
type Twin struct {
	Key      ticket.Key      `json:"key"`
	Ref      ticket.Ref      `json:"ref"`
	Stays    ticket.Ref      `json:"stays"`
	Observed ticket.Observed `json:"-"`
}

// Plan is what a run would do. Changes holds every issue of ours, also those kept as they are.
type Plan struct {
	Version    int                `json:"version" jsonschema:"enum=1"`
	Summary    string             `json:"summary" jsonschema_description:"The whole plan in one sentence."`
	Repository string             `json:"repository"`
	Commit     string             `json:"commit,omitempty"`
	Labels     []ticket.Label     `json:"labels,omitempty" jsonschema_description:"Labels to create."`
	Milestones []ticket.Milestone `json:"milestones,omitempty" jsonschema_description:"Milestones to create or re-date."`
	Changes    []Change           `json:"changes"`
	Twins      []Twin             `json:"duplicates,omitempty" jsonschema_description:"Second issues with one key, to be closed as duplicates."`
	Notices    []Notice           `json:"notices,omitempty"`
	Brakes     []Brake            `json:"brakes,omitempty"`
	Held       []string           `json:"held,omitempty" jsonschema_description:"Capabilities left alone because their file is invalid."`
	Estimate   Estimate           `json:"estimate,omitzero" jsonschema_description:"What carrying it out takes."`
	Cogs       cogs.Overview      `json:"cogs,omitzero" jsonschema_description:"The monthly cost of all capabilities, and how it changes."`

	Groups  []Group `json:"-"` // most important first
	Context Context `json:"-"`
}

// Count gives how many changes have the action.
func (p Plan) Count(a Action) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// Empty tells whether the plan would write nothing.
func (p Plan) Empty() bool {
	return len(p.Labels)+len(p.Milestones)+len(p.Twins) == 0 && p.Count(Keep) == len(p.Changes)
}
