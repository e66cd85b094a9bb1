package plan

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Model is what one capability should look like in the tracker.
type Model struct {
	Capability string
	Path       string
	Priority   string // p0 to p3
	Hash       string // of the spec's content
	Commit     string // where the content was first seen
	Stage      string
	Entered    string
	Since      time.Time
	Tickets    []ticket.Desired // capability issue first, then the tickets that are due
	Write      func(*Model)     // fills in Tickets, Nobody and Notes when they are needed; nil where they are there
	Later      []ticket.Key     // tickets it will have in other stages: never closed for not being due
	Milestone  ticket.Milestone
	Tells      string       // what it adds to release notes, in short; empty for nothing
	Closed     bool         // cancelled or removed: all its tickets are closed as not planned
	Why        string       // why Closed, for people
	gone       bool         // it has no file any more
	Nobody     []ticket.Key // tickets that would belong to nobody
	Notes      []string     // what a person should know, one sentence each

	Record   json.RawMessage               // the record of truth in short
	Comments int                           // comments on the capability issue that are in it
	Cache    map[ticket.Key]ticket.Touched // what is remembered of each ticket besides what is applied
	Says     []Say
	Deciding map[string]ticket.Decider // the labels by which people decide
	Quiet    bool                      // nothing in Cache and Comments is worth a write of its own

	Keeps []string // where the spec changed: stages whose approvals hold all the same
	Asks  []string // and those that must be approved again
}

// Input is everything a plan follows from.
type Input struct {
	Models     []Model
	Match      Match
	Repository ticket.Repository
	Commit     string
	Held       []string             // capabilities whose file is invalid: left alone
	Whole      bool                 // Models and Held are all specs there are: what has none is removed
	Mine       func(id string) bool // which capabilities are this run's to remove; nil for all
	Removed    []string             // capabilities whose file is gone, where Models are not all there are
	Versions   []ticket.Milestone   // of all specs there are, whatever Models are about
	Known      int                  // spec files seen, valid or not
	Braked     bool                 // brakes are on
	Managed    func(label string) bool
	Define     func(names []string) []ticket.Label // colour and description of labels
	Needed     []string                            // labels that people need, whatever changes
}

// Build gives the plan. It depends on nothing but its input, and not on the order of it.
func Build(in Input) Plan {
	b := builder{in: in, plan: Plan{
		Version: 1, Repository: in.Repository.Name, Commit: in.Commit, Held: slices.Sorted(slices.Values(in.Held)),
		Context: Context{
			Repository: in.Repository, Managed: in.Managed, Refs: map[ticket.Key]ticket.Ref{},
			Orphaned: map[ticket.Ref]bool{}, Full: map[ticket.Ref]bool{},
		},
	}}
	for _, a := range in.Match.Applied { // what a text named before, where the list was not whole
		for id, ref := range a.Refs {
			if !in.Whole {
				b.plan.Context.Refs[ticket.Key(id)] = ref
			}
		}
	}
	for id, e := range in.Match.Elsewhere {
		if e.Ref != "" {
			b.plan.Context.Refs[ticket.Key(id)] = e.Ref
		}
	}
	for key, o := range in.Match.Tickets {
		b.plan.Context.Refs[key] = o.Ref
		if o.Children >= maxChildren {
			b.plan.Context.Full[o.Ref] = true
		}
	}
	for key, twins := range in.Match.Duplicates {
		for _, o := range twins {
			b.plan.Context.Orphaned[o.Ref] = b.plan.Context.Orphaned[o.Ref] || key.IsCapability()
			b.plan.Twins = append(b.plan.Twins, Twin{Key: key, Ref: o.Ref, Stays: b.plan.Context.Refs[key], Observed: o})
		}
	}
	for i, o := range in.Match.Boards {
		if i > 0 && o.State == ticket.Open {
			b.plan.Twins = append(b.plan.Twins, Twin{Key: ticket.Board, Ref: o.Ref, Stays: in.Match.Boards[0].Ref, Observed: o})
		}
	}
	slices.SortFunc(b.plan.Twins, func(x, y Twin) int { return cmp.Compare(x.Observed.Number, y.Observed.Number) })
	models := slices.Concat(in.Models, b.removed())
	slices.SortFunc(models, func(x, y Model) int { return CompareIDs(x.Capability, y.Capability) })
	b.plan.Changes = make([]Change, 0, len(in.Match.Tickets))
	in.Models, b.in.Models = nil, nil // what is needed of a model stands in its changes, and texts are large
	for i := range models {
		m := models[i]
		if m.Write != nil {
			m.Write(&m)
		}
		b.group(m)
		models[i].Write, models[i].Tickets = nil, nil
	}
	b.labels()
	b.milestones(models)
	b.brakes(models)
	b.plan.Summary = sentence(b.plan) + approvals(b.keeps, b.asks)
	slices.SortStableFunc(b.plan.Groups, func(x, y Group) int { return cmp.Compare(x.Priority, y.Priority) })
	return b.plan
}

// maxChildren is GitHub's limit of sub-issues under one issue; people's own count too.
const maxChildren = 100

type builder struct {
	in    Input
	plan  Plan
	keeps []string // stages whose approvals outlive a change of the spec
	asks  []string // and those that must be approved again
}

// removed gives a closed model for every capability in the tracker that has no file any more.
func (b *builder) removed() []Model {
	alive := map[string]bool{}
	for _, m := range b.in.Models {
		alive[m.Capability] = true
	}
	for _, id := range b.in.Held {
		alive[id] = true
	}
	gone := map[string]bool{}
	for key := range b.in.Match.Tickets {
		id := key.Capability()
		if !alive[id] && (b.in.Whole && (b.in.Mine == nil || b.in.Mine(id)) || slices.Contains(b.in.Removed, id)) {
			gone[id] = true
		}
	}
	var out []Model
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		prior := b.in.Match.Applied[id]
		out = append(out, Model{
			Capability: id, Path: prior.Path, Priority: "p9", Hash: prior.Hash, Commit: prior.Commit,
			Stage: prior.Stage, Entered: prior.Entered, Milestone: prior.Milestone,
			Record: prior.Record, Comments: prior.Comments, Deciding: prior.Deciding,
			Closed: true, Why: "its spec file was removed", gone: true,
		})
	}
	return out
}

func (b *builder) group(m Model) {
	prior, known := b.in.Match.Applied[m.Capability]
	capKey := ticket.Key(m.Capability)
	if _, here := b.in.Match.Tickets[capKey]; m.Closed && !here && len(b.in.Match.Under(m.Capability)) == 0 {
		return // never materialised: nothing to close
	}
	g := Group{Capability: m.Capability, Priority: m.Priority, Prior: prior, Next: ticket.Applied{
		Capability: m.Capability, Path: m.Path, Hash: m.Hash, Commit: m.Commit, Stage: m.Stage,
		Entered: m.Entered, Gone: m.Closed, Milestone: m.Milestone, Notes: m.Tells, Record: m.Record, Comments: m.Comments, Deciding: m.Deciding,
	}, Says: m.Says, Cache: m.Cache, Quiet: m.Quiet}
	if !m.Since.IsZero() {
		g.Next.Since = m.Since.UTC().Format(time.RFC3339)
	} else {
		g.Next.Since = prior.Since
	}
	wanted := map[ticket.Key]bool{}
	g.Changes = make([]Change, 0, len(m.Tickets)) // changes are large, and a growing list would copy them over and over
	for _, d := range m.Tickets {
		wanted[d.Key] = true
		if c, ok := b.wanted(d, m, prior, known, &g); ok {
			g.Changes = append(g.Changes, c)
		}
	}
	for _, key := range m.Later {
		wanted[key] = true
	}
	for _, key := range b.in.Match.Under(m.Capability) {
		if !wanted[key] || m.Closed {
			g.Changes = append(g.Changes, b.unwanted(key, m, prior, &g))
		}
	}
	if !wanted[capKey] {
		if o, here := b.in.Match.Tickets[capKey]; here {
			g.Changes = slices.Insert(g.Changes, 0, b.bare(o, m, prior))
		}
	}
	for _, key := range m.Later {
		if o, here := b.in.Match.Tickets[key]; here && !m.Closed {
			touched, known := prior.Tickets[key.Within()]
			g.Changes = append(g.Changes, Change{Action: Keep, Key: key, Ref: o.Ref, URL: o.URL, Title: o.Title, Stage: key.Stage(),
				Path: m.Path, Reason: "not due now", Observed: o, Prior: touched, Known: known})
		}
	}
	b.keeps, b.asks = append(b.keeps, m.Keeps...), append(b.asks, m.Asks...)
	b.record(&g)
	b.notices(g, m)
	first := len(b.plan.Changes)
	b.plan.Changes = append(b.plan.Changes, g.Changes...)
	g.Changes = slices.Clip(b.plan.Changes[first:]) // kept once
	b.plan.Groups = append(b.plan.Groups, g)
}

// wanted plans one ticket that should exist.
func (b *builder) wanted(d ticket.Desired, m Model, prior ticket.Applied, known bool, g *Group) (Change, bool) {
	c := Change{Key: d.Key, Title: d.Title, Stage: d.Stage, Audience: d.Audience, Assignees: d.Assignees, Path: m.Path, Desired: d}
	o, here := b.in.Match.Tickets[d.Key]
	if !here {
		if m.Closed {
			return c, false
		}
		c.Action, c.Reason = Create, "new"
		if ref, lost := b.in.Match.Lost[d.Key]; lost {
			c.Reason = string(ref) + " is gone (deleted, transferred or converted): made anew"
			g.Notes = append(g.Notes, Note{d.Key, string(ref) + " is gone (deleted, transferred or converted). Its ticket was made anew: " + ticket.Mention(d.Key) + "."})
		}
		return c, true
	}
	c.Ref, c.URL, c.Observed = o.Ref, o.URL, o
	c.Prior, c.Known = prior.Tickets[d.Key.Within()]
	if d.Key.IsCapability() {
		c.Known = known
		if m.Closed && prior.Gone {
			c.Desired.State = "" // closed once already; if it is open, people opened it
		}
	}
	return b.compare(c), true
}

// compare fills in action, patch and fields of a ticket that exists. Of one that stays as it is,
// what would be there twice is dropped: there may be tens of thousands.
func (b *builder) compare(c Change) Change {
	o := c.Observed
	c.Patch, c.Fields = Diff(c, b.plan.Context)
	switch {
	case c.Patch.State == ticket.Open:
		c.Action, c.Reason = Reopen, cmp.Or(c.Desired.Note, "it is in the spec")
	case c.Patch.State != "":
		c.Action, c.Reason = Close, cmp.Or(c.Desired.Note, "its capability is closed")
	case !c.Patch.Empty():
		c.Action, c.Reason = Update, "differs from the spec"
	default:
		c.Action, c.Reason = Keep, "as the spec says"
		if !c.Key.IsCapability() { // that one's text is written again when others change
			c.Desired.Block, c.Desired.Labels = "", nil
			c.Title, c.Desired.Title = o.Title, o.Title
		}
	}
	return c
}

// unwanted plans an existing ticket that should not be worked on any more: its key left the
// spec, or its capability is closed. It is closed once; if people open it again, it is theirs.
func (b *builder) unwanted(key ticket.Key, m Model, prior ticket.Applied, g *Group) Change {
	o := b.in.Match.Tickets[key]
	c := Change{Action: Keep, Key: key, Ref: o.Ref, URL: o.URL, Title: o.Title, Stage: key.Stage(), Path: m.Path, Observed: o, Reason: "left the spec, and is closed"}
	c.Prior, c.Known = prior.Tickets[key.Within()]
	why := "its key left the spec"
	if m.Closed {
		why = m.Why
	}
	switch {
	case c.Prior.Closed && o.State == ticket.Open:
		c.Reason = "left the spec; people opened it again"
		return c
	case c.Prior.Closed, o.State != ticket.Open && o.State != ticket.NotPlanned:
		return c
	}
	// Closed as not planned since the last record: by a run that was cut, or by people who
	// were faster. Either way it is closed because it left the spec, and comes back with it.
	g.Notes = append(g.Notes, Note{key, string(o.Ref) + " is closed as not planned: " + why + "."})
	c.Desired.State = ticket.NotPlanned
	if o.State == ticket.NotPlanned {
		return c
	}
	c.Action, c.Reason = Close, why
	c.Patch.State = ticket.NotPlanned
	c.Fields = []Field{{Name: "state", Before: string(ticket.Open), After: string(ticket.NotPlanned)}}
	return c
}

// bare plans the issue of a capability whose spec is gone: it keeps its text.
func (b *builder) bare(o ticket.Observed, m Model, prior ticket.Applied) Change {
	c := Change{Action: Keep, Key: ticket.Key(m.Capability), Ref: o.Ref, URL: o.URL, Title: o.Title, Stage: m.Stage, Path: m.Path,
		Observed: o, Known: true, Reason: m.Why}
	if o.State == ticket.Open && !prior.Gone {
		c.Action = Close
		c.Patch.State = ticket.NotPlanned
		c.Fields = []Field{{Name: "state", Before: string(ticket.Open), After: string(ticket.NotPlanned)}}
	}
	return c
}

func (b *builder) notices(g Group, m Model) {
	for _, c := range g.Changes {
		want := b.plan.Context.Refs[c.Desired.Parent]
		if is := c.Observed.Parent; is != "" && want != "" && is != want && !c.Patch.Reparent {
			b.plan.Notices = append(b.plan.Notices, Notice{Key: c.Key, Ref: c.Ref, Text: "people moved it under " + string(is) + "; it stays there"})
		}
		if c.Observed.Parent == "" && want != "" && b.plan.Context.Full[want] {
			b.plan.Notices = append(b.plan.Notices, Notice{Key: c.Key, Ref: c.Ref, Text: "cannot be a sub-issue: its capability already has 100; it is listed there instead"})
		}
	}
	for _, text := range m.Notes {
		b.plan.Notices = append(b.plan.Notices, Notice{Text: text})
	}
	for _, key := range m.Nobody {
		b.plan.Notices = append(b.plan.Notices, Notice{Key: key, Ref: b.plan.Context.Refs[key], Text: "belongs to nobody"})
	}
}
