// Package apply carries out a plan through a tracker's writer: in a fixed order, past tickets
// that are refused, and with an outcome for each. It decides nothing: what should change was
// decided by the plan, and is compared once more with the ticket as it is right before each
// write, so that an edit made meanwhile by a person is not lost.
//
//	outcome := apply.Run(ctx, tracker, tracker, p, apply.Options{})
//	outcome.Count(apply.Done)
package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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
	Results []Result `json:"results"`
	Kept    int      `json:"unchanged"`
	Stopped string   `json:"stopped,omitempty"` // why the run ended before the plan did
	Writes  int      `json:"writes"`            // as counted against the budget
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

// Options bound a run. The zero value sets no bounds.
type Options struct {
	MaxWrites int          // stop cleanly before more writes than this; 0 for no bound. The first ticket of a run is always carried out and recorded, or small budgets would never get anywhere
	Progress  func(Result) // told of each result as it happens; may be nil
}

// batch is how many tickets go into one creation or re-reading: GitHub answers within ten
// seconds or not at all.
const batch = 10

// Run carries out the plan. It stops early when the budget is spent, the context ends or the
// tracker cannot go on (no permission, a limit, an outage); what is not begun is Pending then,
// and the next run continues.
func Run(ctx context.Context, r ticket.Reader, w ticket.Writer, p plan.Plan, o Options) Outcome {
	e := &engine{r: r, w: w, plan: p, o: o, ctx: p.Context, results: map[ticket.Ref]Result{}, byKey: map[ticket.Key]Result{}, fresh: map[ticket.Key]ticket.Observed{}, posted: map[ticket.Key]int{}}
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
	for wave := range slices.Chunk(groups, e.waveSize(groups)) {
		e.wave(ctx, wave)
	}
	e.relink(ctx, groups)
	return e.outcome()
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
	writes    int
	stopped   string
	posted    map[ticket.Key]int // comments written in this run
	undefined []string           // labels that could not be made: put on by name they would come without their look
	dead      bool               // the tracker cannot go on: not even what was done can be recorded
}

// waveSize is how many capabilities are taken together: all of them, for the fewest requests,
// unless a budget may end the run midway; then few, so that the most important are complete
// and the reserve for recording them leaves room for work.
func (e *engine) waveSize(groups []*plan.Group) int {
	if e.o.MaxWrites > 0 {
		return min(max(1, e.o.MaxWrites/4), batch)
	}
	return max(1, len(groups))
}

func (e *engine) wave(ctx context.Context, groups []*plan.Group) {
	e.create(ctx, groups, func(c plan.Change) bool { return c.Key.IsCapability() }, reserve(groups))
	groups = e.record(ctx, groups)
	e.create(ctx, groups, func(c plan.Change) bool { return !c.Key.IsCapability() }, reserve(groups))
	e.update(ctx, groups)
	e.finish(ctx, groups)
}

// may tells whether n more writes fit, keeping a reserve for recording what was done.
func (e *engine) may(ctx context.Context, n, reserve int) bool {
	if e.stopped != "" {
		return false
	}
	if err := context.Cause(ctx); err != nil {
		e.stopped = "the run was stopped: " + err.Error()
		return false
	}
	if e.o.MaxWrites > 0 && e.writes > 0 && e.writes+n+reserve > e.o.MaxWrites {
		e.stopped = fmt.Sprintf("the budget of %d writes is spent", e.o.MaxWrites)
		return false
	}
	return true
}

// fail notes an error; one that every further write would meet too ends the run, and is told
// once: what it kept from being tried is pending.
func (e *engine) fail(err error) (Status, string) {
	switch ticket.KindOf(err) {
	case ticket.Unauthorised, ticket.RateLimited, ticket.Unavailable:
		if e.dead {
			return Pending, ""
		}
		e.dead, e.stopped = true, err.Error()
		return Failed, err.Error()
	case ticket.Unknown:
		return Unknown, err.Error()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		e.stopped = "the run was stopped: " + err.Error()
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
		e.writes++
		if err := e.w.Define(ctx, d); err != nil {
			e.undefined = append(e.undefined, d.Label.Name)
			_, text := e.fail(err)
			name := d.Label.Name + d.Milestone.Title
			e.order = append(e.order, Result{Action: plan.Create, Title: name, Status: Failed, Error: text})
		}
	}
}

func (e *engine) outcome() Outcome {
	out := Outcome{Stopped: e.stopped, Writes: e.writes, Results: e.order}
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
			r = Result{Action: c.Action, Key: c.Key, Ref: c.Ref, URL: c.URL, Title: c.Title, Path: c.Path, Status: Pending, Fields: c.Fields}
		}
		out.Results = append(out.Results, r)
	}
	return out
}
