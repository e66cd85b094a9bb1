package apply

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Estimate tells what carrying out a plan takes: the plan is carried out on a tracker that only
// counts, by a clock of its own. Of the options, the pace and the budgets count. A tracker
// without a pace is one without requests.
func Estimate(p plan.Plan, o Options) plan.Estimate {
	started := time.Time{}.AddDate(1, 0, 0)
	d := &dry{there: map[ticket.Ref]ticket.Observed{}, now: started}
	if o.PerMinute > 0 {
		d.each = time.Minute / time.Duration(o.PerMinute)
	}
	for _, c := range p.Changes {
		if c.Ref != "" {
			d.there[c.Ref] = c.Observed
		}
	}
	e := carryOut(context.Background(), d, d, p, Options{PerMinute: o.PerMinute, Clock: func() time.Time { return d.now }})
	out := plan.Estimate{Writes: e.writes}
	if o.PerMinute > 0 {
		out.Requests = d.requests
		out.Minutes = int(math.Ceil(d.now.Sub(started).Minutes()))
	}
	begun := time.Time{}
	if o.Clock != nil {
		begun = o.Clock()
	}
	if most := o.perRun(begun); most < math.MaxInt32 && e.writes > 0 {
		out.Runs = runs(e.writes, most)
	}
	return out
}

// dry is a tracker that changes nothing and counts what it is asked.
type dry struct {
	there    map[ticket.Ref]ticket.Observed
	requests int
	made     int
	now      time.Time
	each     time.Duration // a write takes by the pace
}

var (
	_ ticket.Reader  = (*dry)(nil)
	_ ticket.Writer  = (*dry)(nil)
	_ ticket.Batcher = (*dry)(nil)
)

// wrote counts one request that writes so many things.
func (d *dry) wrote(n int) {
	d.requests++
	d.now = d.now.Add(time.Duration(n) * d.each)
}

func (d *dry) Repository(context.Context) (ticket.Repository, error) {
	return ticket.Repository{}, nil
}

func (d *dry) List(context.Context, ticket.Query) ([]ticket.Observed, error) { return nil, nil }

func (d *dry) Get(_ context.Context, refs []ticket.Ref) ([]ticket.Created, error) {
	d.requests += runs(len(refs), readAhead)
	out := make([]ticket.Created, len(refs))
	for i, ref := range refs {
		out[i].Ticket = d.there[ref]
	}
	return out, nil
}

func (d *dry) Comments(context.Context, ticket.Ref) ([]ticket.Comment, error) {
	d.requests++
	return nil, nil
}

func (d *dry) Create(_ context.Context, drafts []ticket.Draft) []ticket.Created {
	d.wrote(len(drafts))
	out := make([]ticket.Created, len(drafts))
	for i, t := range drafts {
		d.made++
		o := ticket.Observed{
			Ref: ticket.Ref(fmt.Sprintf("+%d", d.made)), Title: t.Title, Body: t.Body, State: ticket.Open, Labels: t.Labels,
			Assignees: t.Assignees, Milestone: t.Milestone, Type: t.Type, Parent: t.Parent,
		}
		d.there[o.Ref], out[i].Ticket = o, o
	}
	return out
}

func (d *dry) UpdateAll(ctx context.Context, edits []ticket.Edit) []ticket.Created {
	n := 0
	out := make([]ticket.Created, len(edits))
	for i, e := range edits {
		n += pieces(e.Patch)
		o := patched(d.there[e.Ref], e.Patch)
		d.there[e.Ref], out[i].Ticket = o, o
	}
	d.wrote(n)
	return out
}

// patched gives a ticket as it is after a change.
func patched(o ticket.Observed, p ticket.Patch) ticket.Observed {
	o.Title, o.Body, o.Type = cmp.Or(p.Title, o.Title), cmp.Or(p.Body, o.Body), cmp.Or(p.Type, o.Type)
	o.State, o.Parent, o.Milestone = cmp.Or(p.State, o.State), cmp.Or(p.Parent, o.Parent), cmp.Or(p.Milestone, o.Milestone)
	if p.ClearMilestone {
		o.Milestone = ""
	}
	o.Labels = replaced(o.Labels, p.AddLabels, p.RemoveLabels)
	o.Assignees = replaced(o.Assignees, p.AddAssignees, p.RemoveAssignees)
	o.Blocked += len(p.AddBlockedBy) - len(p.RemoveBlockedBy)
	return o
}

func replaced(have, add, remove []string) []string {
	return slices.DeleteFunc(slices.Concat(have, add), func(s string) bool { return slices.Contains(remove, s) })
}

func (d *dry) Update(ctx context.Context, ref ticket.Ref, p ticket.Patch) (ticket.Observed, error) {
	return d.UpdateAll(ctx, []ticket.Edit{{Ref: ref, Patch: p}})[0].Ticket, nil
}

func (d *dry) Comment(context.Context, ticket.Ref, int64, string) (ticket.Comment, error) {
	d.wrote(1)
	return ticket.Comment{}, nil
}

func (d *dry) Define(context.Context, ticket.Definition) error {
	d.wrote(1)
	return nil
}

// React stands for the reactions that some trackers take.
func (d *dry) React(context.Context, int64, string) error {
	d.wrote(1)
	return nil
}
