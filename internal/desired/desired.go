// Package desired owns what a capability's tickets should be: titles, texts, labels, people,
// dates and links, made from the spec, its stage and the config. It is pure, and a ticket's text
// depends on what it is about, never on the clock or on where the capability stands today; only
// the capability issue shows that. It refuses to decide stages and to know trackers.
//
//	model := desired.Build(desired.Input{File: f, Status: status, Config: cfg, Repository: repo})
//	model.Tickets[0].Title // "CRM-101: Lead scoring API"
package desired

import (
	"cmp"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Input is everything the tickets of one capability follow from.
type Input struct {
	File       *capability.File
	Status     pipeline.Status
	Config     *config.Config
	Repository ticket.Repository
	Depends    []Dependency // in the order of depends_on
	Blocks     []string     // ids of the capabilities that depend on this one, sorted
	Templates  Templates    // the repository's own texts
	Together   Together     // the release it goes out with
	Commit     string       // version of the spec that is applied; empty when unknown
}

// Dependency is a capability that this one waits for.
type Dependency struct {
	ID      string
	Title   string
	Stage   string
	Shipped bool
	Waived  bool // it need not be waited for
	Known   bool // a usable spec of it exists, so it has an issue
}

// Model is what should be there for one capability.
type Model struct {
	Tickets   []ticket.Desired // the capability issue, then the due tickets in pipeline order
	Milestone ticket.Milestone // zero for none
	Nobody    []ticket.Key     // tickets that would belong to nobody
	Notes     []string         // for the preview: what a person should know, one sentence each
}

// StateReserve is the room, in bytes, that the capability issue's block leaves for the state
// that the caller hides in it.
const StateReserve = 20 * 1024

// markerReserve is the room for the two markers around a block.
const markerReserve = 512

// Build makes the model of one capability. The same input gives the same model, byte for byte.
func Build(in Input) Model {
	b := newBuilder(in)
	model := Model{Milestone: b.milestone()}
	due := in.Status.Due()
	model.Tickets = append(make([]ticket.Desired, 0, len(due)+1), b.capabilityIssue())
	for _, t := range due {
		model.Tickets = append(model.Tickets, b.ticket(t))
	}
	for _, t := range model.Tickets {
		if len(t.Assignees) == 0 {
			model.Nobody = append(model.Nobody, t.Key)
		}
	}
	model.Notes = b.notes()
	return model
}

// builder carries the input of one capability through the making of its tickets.
type builder struct {
	Input
	c      capability.Capability
	shared *shared
}

// shared is what the tickets of a capability have in common: it is written once for all.
type shared struct {
	spec  string                 // the link to the spec
	facts map[[2]bool][][]string // rows of the context bundle, as far as they were asked for

	leftOut []leftOut // templates of the repository that went too far, in order
}

func newBuilder(in Input) builder {
	b := builder{Input: in, c: in.File.Capability, shared: &shared{facts: map[[2]bool][][]string{}}}
	b.shared.spec = b.document(in.File.Path)
	return b
}

func (b builder) key() ticket.Key { return ticket.Key(b.c.ID) }

func (b builder) capabilityIssue() ticket.Desired {
	d := ticket.Desired{
		Key:       b.key(),
		Title:     capabilityTitle(b.c),
		Block:     b.overview(),
		Labels:    b.capabilityLabels(),
		Assignees: people(b.c.Owner),
		Milestone: b.milestone().Title,
		State:     cmp.Or(b.Status.Closed, ticket.Open),
		Stage:     b.Status.Stage,
		Audience:  "product",
		Path:      b.File.Path,
		Note:      b.Status.Why,
	}
	for _, dep := range b.Depends {
		if dep.Known {
			d.BlockedBy = append(d.BlockedBy, ticket.Key(dep.ID))
		}
	}
	return d
}

func (b builder) ticket(t pipeline.Ticket) ticket.Desired {
	p := b.page(t)
	return ticket.Desired{
		Key:       t.Key,
		Title:     p.title(),
		Block:     p.block(),
		Labels:    b.ticketLabels(t),
		Extra:     b.extraLabels(t),
		Assignees: b.assignees(t),
		Milestone: b.milestone().Title,
		Type:      b.nativeType(t.Type),
		Parent:    b.key(),
		Stage:     t.Stage,
		Audience:  t.Audience,
		Path:      b.File.Path,
	}
}

func (b builder) milestone() ticket.Milestone { return Milestone(b.Config, b.c) }

// Milestone gives the milestone of the version that a capability ships in; zero for none.
func Milestone(cfg *config.Config, c capability.Capability) ticket.Milestone {
	if c.Release.Version == "" {
		return ticket.Milestone{}
	}
	product := c.Product()
	m := ticket.Milestone{Title: product + " " + c.Release.Version, Due: c.Release.TargetDate}
	if name := cfg.Products[product].Name; name != "" {
		m.Description = name + ", version " + c.Release.Version
	}
	return m
}

func (b builder) notes() []string {
	var out []string
	for _, l := range b.shared.leftOut {
		out = append(out, l.String())
	}
	if b.c.Cogs.Known() && b.band() == "unknown" {
		out = append(out, b.c.ID+": its cost is in "+b.c.Cogs.Currency+" and the config has no rate for it, so it has no band")
	}
	for _, dep := range b.Depends {
		if !dep.Known {
			out = append(out, b.c.ID+" depends on "+dep.ID+", which has no usable spec: the two are not linked")
		}
	}
	return out
}
