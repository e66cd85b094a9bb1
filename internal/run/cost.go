package run

import (
	"cmp"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
)

// spend adds up monthly costs in the config's currency. Costs in a currency without a rate
// are left out and counted, since adding them would be a lie.
type spend struct {
	total    cogs.Decimal
	known    bool
	unrated  int
	currency string
}

func (j *job) spend() spend { return spend{currency: j.cfg.Cogs.Currency} }

func (s *spend) add(j *job, c capability.Capability) {
	if !c.Cogs.Known() || c.Status == "cancelled" {
		return
	}
	amount, ok := c.Cogs.MonthlyIn(s.currency, j.cfg.Cogs.Rates)
	if !ok {
		s.unrated++
		return
	}
	s.total, s.known = s.total.Plus(amount), true
}

// monthly is the cost of all capabilities that are not cancelled; empty if nobody estimated.
func (j *job) monthly() string {
	s := j.spend()
	for _, f := range j.set.Files {
		s.add(j, f.Capability)
	}
	if !s.known {
		return ""
	}
	return cogs.FormatRounded(s.total, s.currency)
}

// costChange compares the cost of changed capabilities with that before the change: before
// holds their specs at the base, by id; a capability that is new or removed has one side only.
func (j *job) costChange(before map[string]capability.Capability, changed []string) report.Cost {
	out := report.Cost{Currency: j.cfg.Cogs.Currency}
	was, is := j.spend(), j.spend()
	for _, f := range j.set.Files {
		is.add(j, f.Capability)
		if old, ok := before[f.Capability.ID]; ok {
			was.add(j, old)
		} else if !slices.Contains(changed, f.Capability.ID) {
			was.add(j, f.Capability)
		}
	}
	for id, old := range before {
		if j.set.ByID(id) == nil && slices.Contains(changed, id) {
			was.add(j, old)
		}
	}
	for _, id := range slices.SortedFunc(slices.Values(changed), plan.CompareIDs) {
		if row, differs := j.costRow(id, before); differs {
			out.Rows = append(out.Rows, row)
		}
	}
	if len(out.Rows) == 0 {
		return report.Cost{}
	}
	out.Before, out.After = cogs.FormatRounded(was.total, was.currency), cogs.FormatRounded(is.total, is.currency)
	out.Delta = cogs.FormatDelta(is.total.Minus(was.total), is.currency)
	return out
}

func (j *job) costRow(id string, before map[string]capability.Capability) (report.CostRow, bool) {
	old := before[id]
	var now capability.Capability
	if f := j.set.ByID(id); f != nil {
		now = f.Capability
	}
	row := report.CostRow{Capability: id, Title: cmp.Or(now.Title, old.Title)}
	a, b := old.Cogs, now.Cogs
	if old.Status == "cancelled" {
		a = cogs.Estimate{}
	}
	if now.Status == "cancelled" {
		b = cogs.Estimate{}
	}
	from, to := cmp.Or(a.Currency, b.Currency, j.cfg.Cogs.Currency), cmp.Or(b.Currency, a.Currency, j.cfg.Cogs.Currency)
	if a.Known() == b.Known() && from == to && a.Monthly().Equal(b.Monthly().Decimal) {
		return row, false
	}
	row.Before, row.After = price(a, from), price(b, to)
	if from == to {
		row.Delta = cogs.FormatDelta(b.Monthly().Minus(a.Monthly()), to)
	}
	return row, true
}

func price(e cogs.Estimate, currency string) string {
	if !e.Known() {
		return ""
	}
	return cogs.FormatRounded(e.Monthly(), currency)
}
