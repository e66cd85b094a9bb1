package run

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
)

func exchange(cfg *config.Config) cogs.Exchange {
	return cogs.Exchange{Currency: cfg.Cogs.Currency, Rates: cfg.Cogs.Rates}
}

// costs adds up what all capabilities cost that are not cancelled. Where they stand is what this
// run found out, or else what is remembered of them.
func (j *job) costs(m plan.Match, x cogs.Exchange) cogs.Overview {
	var all []cogs.Entry
	for _, f := range j.set.Files {
		c := f.Capability
		if c.Status == "cancelled" {
			continue
		}
		e := cogs.Entry{ID: c.ID, Estimate: c.Cogs, Product: c.Product(), Stage: j.stageOf(c.ID, m), Release: j.releaseOf(c)}
		if e.Stage != "" && c.Cogs.Known() {
			e.Audiences = pipeline.Audiences(j.cfg, c, e.Stage)
		}
		all = append(all, e)
	}
	o, p := x.Add(all), j.cfg.Cogs.Policies
	if p.Stale == cogs.Off {
		p.StaleAfterDays = 0
	}
	o.Ages = cogs.AgesOf(all, j.env.Now(), p.StaleAfterDays)
	return o
}

// stageOf gives the stage of a capability; empty if it is neither looked at nor remembered.
func (j *job) stageOf(id string, m plan.Match) string {
	if s, ok := j.stood[id]; ok {
		return s.verdict.Stage
	}
	return cmp.Or(m.Applied[id].Stage, m.Elsewhere[id].Stage)
}

// costed puts the costs into the plan, and into the step's outputs and summary.
func (w *shift) costed(p *plan.Plan, m plan.Match, x cogs.Exchange, change cogs.Comparison) error {
	p.Cogs = w.j.costs(m, x)
	p.Cogs.Change = change
	if p.Cogs.IsZero() {
		return nil
	}
	if p.Cogs.Capabilities > 0 {
		w.out.CogsMonthly = p.Cogs.Monthly.String()
	}
	if change.Differs() {
		w.out.CogsDelta = change.After.Delta(change.Before)
	}
	output := p.Cogs
	output.Billed.Lines = output.Billed.Lines[:min(len(output.Billed.Lines), maxBilledOutput)]
	text, err := json.Marshal(output)
	if err != nil {
		return err
	}
	if len(text) <= maxCogsOutput {
		w.out.Cogs = string(text)
	}
	return nil
}

// maxCogsOutput is how long the roll-ups may be as an output, in bytes: all outputs of a job
// together may have 1 MiB. The plan has them whatever their size.
const maxCogsOutput = 256 << 10

// maxBilledOutput is how many bills the output names, those that differ most; the plan has all.
const maxBilledOutput = 20

// costSummary is the costs as a section of the summary.
func costSummary(o cogs.Overview) string {
	if md := report.CostOverview(o); md != "" {
		return "\n### Running cost\n\n" + md + "\n"
	}
	return ""
}

// costChange compares the cost of changed capabilities with that before the change: before
// holds their specs at the base, by id; a capability that is new or removed has one side only.
// One whose file cannot be read now counts as it was.
func (j *job) costChange(before map[string]capability.Capability, changed []string, x cogs.Exchange) cogs.Comparison {
	var was, is cogs.Sum
	var out cogs.Comparison
	add := func(s *cogs.Sum, a cogs.Amount) {
		if a.Currency != "" {
			*s = s.Plus(a.Currency, a.Amount)
		}
	}
	for _, f := range j.set.Files {
		if c := f.Capability; !slices.Contains(changed, c.ID) {
			add(&was, x.Cost(alive(c)))
			add(&is, x.Cost(alive(c)))
		}
	}
	for _, id := range slices.Compact(slices.SortedFunc(slices.Values(changed), plan.CompareIDs)) {
		old, had := before[id]
		now, has := old, false
		if f := j.set.ByID(id); f != nil {
			now, has = f.Capability, true
		} else if !j.unreadable(id) {
			now = capability.Capability{}
		}
		a, b := alive(old), alive(now)
		add(&was, x.Cost(a))
		add(&is, x.Cost(b))
		row := cogs.Row{ID: id, Title: cmp.Or(now.Title, old.Title), Shift: x.Shift(x.Cost(a), x.Cost(b))}
		row.Drivers = x.Drivers(a, b)
		if row.Same() && len(row.Drivers) == 0 {
			continue
		}
		row.State = shiftState(had, has, now, row.Shift)
		out.Rows = append(out.Rows, row)
	}
	out.Before, out.After = x.Total(was), x.Total(is)
	return out
}

// alive is the estimate of a capability that is not cancelled.
func alive(c capability.Capability) cogs.Estimate {
	if c.Status == "cancelled" {
		return cogs.Estimate{}
	}
	return c.Cogs
}

// unreadable tells whether the capability's file is there and broken.
func (j *job) unreadable(id string) bool {
	return j.set.Unreadable || slices.ContainsFunc(j.set.Broken, func(b capability.Broken) bool { return slices.Contains(b.IDs, id) })
}

func shiftState(had, has bool, now capability.Capability, s cogs.Shift) string {
	switch {
	case !had:
		return cogs.New
	case !has:
		return cogs.Removed
	case now.Status == "cancelled":
		return cogs.Cancelled
	case !s.Was():
		return cogs.Estimated
	case !s.Is():
		return cogs.Withdrawn
	}
	return cogs.Changed
}
