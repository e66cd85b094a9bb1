// Package apply carries out a plan through a tracker's writer: in as few requests as the
// tracker can, within budgets, past tickets that are refused, and with an outcome for each. It
// decides nothing: what should change was decided by the plan, and is compared once more with
// the ticket as it is right before each write, so that an edit made meanwhile by a person is
// not lost. A budget that is spent ends a run at a point where all that it began is recorded.
//
//	outcome := apply.Run(ctx, tracker, tracker, p, apply.Options{PerMinute: 60, PerHour: 480})
//	outcome.Count(apply.Done)
package apply

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Status is what became of one planned change.
type Status string

// The statuses of a result.
const (
	Done    Status = "done"
	Failed  Status = "failed"  // refused; a person must mend something
	Unknown Status = "unknown" // the answer was lost: the next run finds out
	Pending Status = "pending" // not begun: the budget ended or the run was stopped
)

// Result is what became of one planned change.
type Result struct {
	Action  plan.Action  `json:"action"`
	Key     ticket.Key   `json:"key"`
	Ref     ticket.Ref   `json:"ref,omitempty"`
	URL     string       `json:"url,omitempty"`
	Title   string       `json:"title,omitempty"`
	Path    string       `json:"path,omitempty"` // the spec file it comes from
	Status  Status       `json:"status"`
	Error   string       `json:"error,omitempty"`
	Dropped []string     `json:"dropped,omitempty"` // what the tracker left out, in its words
	Fields  []plan.Field `json:"fields,omitempty"`
}

// Outcome is what a run did. Results holds a line per change that was not Keep.
type Outcome struct {
	Results     []Result `json:"results"`
	Kept        int      `json:"unchanged"`
	Stopped     string   `json:"stopped,omitempty"`     // why the run ended before the plan did
	Interrupted bool     `json:"interrupted,omitempty"` // it was told to stop from outside
	Writes      int      `json:"writes"`                // as counted against the budget
	Waiting     []Wait   `json:"waiting,omitempty"`     // what is pending, by reason
	Rest        Rest     `json:"rest,omitzero"`         // what is left to do, when something is pending

	Fresh  map[ticket.Key]ticket.Observed `json:"-"` // tickets as this run last wrote or read them
	Posted map[ticket.Key]int             `json:"-"` // comments that this run wrote on each
	Paced  []Written                      `json:"-"` // when the writes were sent
}

// Wait is how many changes wait for the same reason.
type Wait struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Rest is what is left of a plan that a run did not finish, as far as can be told beforehand.
type Rest struct {
	Writes int       `json:"writes"`         // still to be made
	Total  int       `json:"total"`          // with those that this run made
	Runs   int       `json:"runs"`           // how many more runs that takes
	Until  time.Time `json:"until,omitzero"` // when all is done if a run starts every hour
}

// Count gives how many results have the status.
func (o Outcome) Count(s Status) int {
	n := 0
	for _, r := range o.Results {
		if r.Status == s {
			n++
		}
	}
	return n
}

// Did gives how many changes of the action are done.
func (o Outcome) Did(a plan.Action) int {
	n := 0
	for _, r := range o.Results {
		if r.Status == Done && r.Action == a {
			n++
		}
	}
	return n
}

// Written is how many writes were sent about a time.
type Written struct {
	At     time.Time
	Writes int
}

// Options bound a run. The zero value sets no bounds. A bound that is reached ends the run
// cleanly: nothing waits for it to pass.
type Options struct {
	MaxWrites int       // stop before more writes than this; 0 for no bound. The first ticket of a run is always carried out and recorded, or small budgets would never get anywhere
	PerMinute int       // the tracker's pace in writes a minute; 0 for none
	PerHour   int       // writes that an hour may take, earlier runs included; 0 for no bound
	Spent     int       // of PerHour, what is kept for others within this hour
	Earlier   []Written // what earlier runs wrote, in any order

	Clock    func() time.Time                       // must be there for Deadline; nil: all happens at once
	Deadline time.Time                              // nothing is begun that would end later; zero for none
	Quota    func() (requests int, reset time.Time) // requests that may still be sent; negative: not known; nil for no bound

	Stages   []string     // of the pipeline, in order: later ones go first where a bound may end the run
	Progress func(Result) // told of each result as it happens; may be nil
}

// batch is how many tickets go into one creation, change or re-reading before a change: GitHub
// answers within ten seconds or not at all.
const batch = 10

// Run carries out the plan. It stops early when a budget is spent, the context ends or the
// tracker cannot go on (no permission, a limit, an outage); what is not begun is Pending then,
// and the next run continues.
func Run(ctx context.Context, r ticket.Reader, w ticket.Writer, p plan.Plan, o Options) Outcome {
	e := carryOut(ctx, r, w, p, o)
	out := e.outcome()
	if out.Stopped != "" && out.Count(Pending) > 0 {
		out.Rest = e.rest()
	}
	return out
}

func carryOut(ctx context.Context, r ticket.Reader, w ticket.Writer, p plan.Plan, o Options) *engine {
	e := &engine{
		r: r, w: w, plan: p, o: o, ctx: p.Context, results: map[ticket.Ref]Result{}, byKey: map[ticket.Key]Result{},
		fresh: map[ticket.Key]ticket.Observed{}, seen: map[ticket.Key]time.Time{}, made: map[ticket.Key]bool{},
		posted: map[ticket.Key]int{}, recorded: map[string]bool{},
	}
	e.started = e.now()
	e.ctx.Refs = maps.Clone(p.Context.Refs)
	e.define(ctx)
	e.twins(ctx)
	var groups []*plan.Group
	for _, g := range p.Groups {
		if len(g.Says) > 0 || slices.ContainsFunc(g.Changes, func(c plan.Change) bool { return c.Action != plan.Keep }) {
			g.Changes = slices.Clone(g.Changes) // what was applied is noted in it below
			groups = append(groups, &g)
		}
	}
	groups = e.ordered(groups)
	for left := groups; len(left) > 0 && e.stopped == ""; {
		n := e.next(left)
		e.wave(ctx, left[:n])
		left = left[n:]
	}
	e.relink(ctx, groups)
	return e
}

type engine struct {
	r         ticket.Reader
	w         ticket.Writer
	plan      plan.Plan
	o         Options
	ctx       plan.Context
	order     []Result
	results   map[ticket.Ref]Result // of twins
	byKey     map[ticket.Key]Result
	fresh     map[ticket.Key]ticket.Observed // tickets as last written or read in this run
	seen      map[ticket.Key]time.Time       // when that was
	made      map[ticket.Key]bool            // made in this run
	writes    int
	started   time.Time
	slot      time.Time // when the next write may go, by the pace
	paced     []Written // when writes were sent
	quota     int       // as last told
	quotaAt   int       // writes when it was first told so
	stopped   string
	cut       bool               // told to stop from outside
	posted    map[ticket.Key]int // comments written in this run
	recorded  map[string]bool    // capabilities whose record this run wrote
	undefined []string           // labels that could not be made: put on by name they would come without their look
	dead      bool               // the tracker cannot go on: not even what was done can be recorded
}

// wave takes some groups from their record to their end. What people decided comes first, with
// all that changes, closes and reopens for it; then what is made anew, and last the capability
// issues, which tell what was really done.
func (e *engine) wave(ctx context.Context, groups []*plan.Group) {
	making := map[ticket.Key]bool{}
	var there, coming []*plan.Group
	for _, g := range groups {
		for _, c := range g.Changes {
			making[c.Key] = making[c.Key] || c.Action == plan.Create
		}
		if c, ok := g.Head(); ok && c.Action == plan.Create {
			coming = append(coming, g)
		} else {
			there = append(there, g)
		}
	}
	kept := reserve(groups)
	there = e.record(ctx, there)
	e.update(ctx, there, kept, func(c plan.Change) bool {
		return !slices.ContainsFunc(needs(c), func(k ticket.Key) bool { return making[k] })
	})
	e.create(ctx, coming, func(c plan.Change) bool { return c.Key.IsCapability() }, kept)
	coming = e.record(ctx, coming)
	groups = slices.DeleteFunc(slices.Clone(groups), func(g *plan.Group) bool { return !slices.Contains(there, g) && !slices.Contains(coming, g) })
	e.create(ctx, groups, func(c plan.Change) bool { return !c.Key.IsCapability() }, kept)
	e.update(ctx, groups, kept, func(plan.Change) bool { return true })
	e.finish(ctx, groups, false)
}

// needs gives the tickets whose number a change writes down.
func needs(c plan.Change) []ticket.Key {
	return slices.Concat(ticket.Mentions(c.Desired.Block), []ticket.Key{c.Desired.Parent}, c.Desired.BlockedBy)
}

// fail notes an error; one that every further write would meet too ends the run, and is told
// once: what it kept from being tried is pending.
func (e *engine) fail(ctx context.Context, err error) (Status, string) {
	kind := ticket.KindOf(err)
	switch kind {
	case ticket.Unauthorised, ticket.RateLimited, ticket.Unavailable:
		if e.ended(ctx) { // nothing was sent any more
			e.dead = true
			return Pending, ""
		}
		if e.dead {
			return Pending, ""
		}
		e.dead, e.stopped = true, err.Error()
		return Failed, err.Error()
	case ticket.Unknown:
		return Unknown, err.Error()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if !e.ended(ctx) && e.stopped == "" {
			e.stopped = "the run was stopped: " + err.Error()
		}
		return Unknown, err.Error()
	}
	return Failed, err.Error()
}

func (e *engine) note(c plan.Change, s Status, text string, dropped []string) {
	r := Result{Action: c.Action, Key: c.Key, Ref: e.ctx.Refs[c.Key], URL: c.URL, Title: c.Title, Path: c.Path, Status: s, Error: text, Dropped: dropped, Fields: c.Fields}
	if o, ok := e.fresh[c.Key]; ok && o.URL != "" {
		r.URL = o.URL
	}
	e.byKey[c.Key] = r
	if e.o.Progress != nil {
		e.o.Progress(r)
	}
}

// define makes the labels and milestones that the changes need.
func (e *engine) define(ctx context.Context) {
	var defs []ticket.Definition
	for _, l := range e.plan.Labels {
		defs = append(defs, ticket.Definition{Label: l})
	}
	for _, m := range e.plan.Milestones {
		defs = append(defs, ticket.Definition{Milestone: m})
	}
	for _, d := range defs {
		if !e.may(ctx, 1, 0) {
			e.undefined = append(e.undefined, d.Label.Name)
			continue
		}
		e.spend(1)
		if err := e.w.Define(ctx, d); err != nil {
			e.undefined = append(e.undefined, d.Label.Name)
			status, text := e.fail(ctx, err)
			if status == Pending {
				continue
			}
			name := d.Label.Name + d.Milestone.Title
			e.order = append(e.order, Result{Action: plan.Create, Title: name, Status: Failed, Error: text})
			if name == plan.Root && e.stopped == "" { // one of two that lacks it may never be found again
				e.stopped = "the label that tickets are found by could not be made: " + text
			}
		}
	}
}

func (e *engine) outcome() Outcome {
	out := Outcome{Stopped: e.stopped, Interrupted: e.cut, Writes: e.writes, Results: e.order, Fresh: e.fresh, Posted: e.posted, Paced: e.paced}
	for _, t := range e.plan.Twins {
		r, ok := e.results[t.Ref]
		if !ok {
			r = Result{Action: plan.Close, Key: t.Key, Ref: t.Ref, Status: Pending}
		}
		out.Results = append(out.Results, r)
	}
	for _, c := range e.plan.Changes {
		if c.Action == plan.Keep {
			out.Kept++
			continue
		}
		r, ok := e.byKey[c.Key]
		if !ok {
			r = Result{Action: c.Action, Key: c.Key, Ref: e.ctx.Refs[c.Key], URL: c.URL, Title: c.Title, Path: c.Path, Status: Pending, Fields: c.Fields}
		}
		out.Results = append(out.Results, r)
	}
	out.Waiting = waiting(out)
	return out
}
