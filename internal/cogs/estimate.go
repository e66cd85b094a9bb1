package cogs

import "slices"

// Band is how expensive a capability is; it stands on tickets as the label "cogs:BAND".
type Band string

// The bands.
const (
	Unknown    Band = "unknown" // nobody has estimated
	Low        Band = "low"
	Medium     Band = "medium"
	High       Band = "high"
	OverBudget Band = "over-budget" // above the capability's own budget, whatever the amount
)

// Bounds are the lower bounds of the bands medium and high, per month; below medium is low.
type Bounds struct {
	Medium Decimal
	High   Decimal
}

// Cost gives what the driver costs a month, exactly.
func (d Driver) Cost() Decimal { return d.UnitCost.Times(d.Quantity) }

// Known tells whether somebody has estimated: an estimate without drivers is none.
func (e Estimate) Known() bool { return len(e.Drivers) > 0 }

// Monthly gives the exact sum over all drivers, in the estimate's currency.
func (e Estimate) Monthly() Decimal {
	var sum Decimal
	for _, d := range e.Drivers {
		sum = sum.Plus(d.Cost())
	}
	return sum
}

// Overrun tells whether the monthly cost is above a budget that is set.
func (e Estimate) Overrun() bool {
	return e.Known() && !e.Budget.IsZero() && e.Monthly().GreaterThan(e.Budget.Decimal)
}

// Band gives the estimate's band. The bounds are in currency; an estimate in another one is
// converted by rates, where a rate is what one unit of its key is worth in currency. Without
// a rate the band is unknown, since comparing amounts of two currencies would be a lie.
func (e Estimate) Band(b Bounds, currency string, rates map[string]Decimal) Band {
	if !e.Known() {
		return Unknown
	}
	if e.Overrun() {
		return OverBudget
	}
	monthly, ok := e.MonthlyIn(currency, rates)
	switch {
	case !ok:
		return Unknown
	case monthly.GreaterThanOrEqual(b.High.Decimal):
		return High
	case monthly.GreaterThanOrEqual(b.Medium.Decimal):
		return Medium
	default:
		return Low
	}
}

// MonthlyIn gives the monthly cost in another currency; false without a rate for it.
func (e Estimate) MonthlyIn(currency string, rates map[string]Decimal) (Decimal, bool) {
	return Exchange{currency, rates}.Convert(Amount{e.Currency, e.Monthly()})
}

// ByCost gives the drivers, dearest first; equal ones stay in file order.
func (e Estimate) ByCost() []Driver {
	out := slices.Clone(e.Drivers)
	slices.SortStableFunc(out, func(a, b Driver) int { return b.Cost().Cmp(a.Cost().Decimal) })
	return out
}
