package cogs

import (
	"time"

	"github.com/shopspring/decimal"
)

// The levels of a policy.
const (
	Off   = "off"
	Warn  = "warn"
	Block = "block"
)

// Over gives by how much the monthly cost is above a budget that is set; 0 if it is not.
func (e Estimate) Over() Decimal {
	if !e.Overrun() {
		return Decimal{}
	}
	return e.Monthly().Minus(e.Budget)
}

// Variance gives by how much the bill was above the estimate, and in percent where the estimate
// is not 0; false without a bill or an estimate.
func (e Estimate) Variance() (over Decimal, percent string, ok bool) {
	if !e.Known() || e.Actual.Amount.IsZero() && e.Actual.AsOf == "" {
		return Decimal{}, "", false
	}
	if p, ok := Percent(e.Monthly(), e.Actual.Amount); ok {
		percent = FormatPercent(p)
	}
	return e.Actual.Amount.Minus(e.Monthly()), percent, true
}

// Age gives how many days ago somebody last looked at the cost: when it was estimated, or billed
// if that was later. A day to come counts as today. False if neither day is known.
func (e Estimate) Age(now time.Time) (days int, ok bool) {
	var last time.Time
	for _, text := range []string{e.AsOf, e.Actual.AsOf} {
		if t, err := time.Parse(time.DateOnly, text); err == nil && t.After(last) {
			last, ok = t, true
		}
	}
	return max(0, int(now.UTC().Truncate(24*time.Hour).Sub(last)/(24*time.Hour))), ok
}

// Limit is what one change may add to the monthly cost of all capabilities: either suffices to
// be beyond it. 0 is no limit.
type Limit struct {
	Amount  Decimal // in the currency of totals
	Percent Decimal
}

// Excess is in what way a change is beyond a limit.
type Excess struct {
	Amount  bool   // more is added than the amount
	Percent bool   // more is added than the percentage, of a total that was not 0
	Unrated string // a cost in this currency grew, and there is no rate to compare it by
}

// Any tells whether the limit is passed.
func (e Excess) Any() bool { return e.Amount || e.Percent || e.Unrated != "" }

// Exceeded compares exactly, without rounding. A cost in a currency without a rate cannot be
// compared: if it grew that is beyond any limit, since letting it through would leave a way
// around.
func (l Limit) Exceeded(before, after Sum, x Exchange) Excess {
	var e Excess
	if l.Amount.IsZero() && l.Percent.IsZero() {
		return e
	}
	for _, a := range after.Minus(before) {
		if _, ok := x.Convert(a); !ok && a.Amount.IsPositive() {
			e.Unrated = a.Currency
		}
	}
	was := x.Total(before).Total
	grown := x.Total(after).Total.Minus(was)
	e.Amount = !l.Amount.IsZero() && grown.GreaterThan(l.Amount.Decimal)
	if !l.Percent.IsZero() && was.IsPositive() {
		e.Percent = grown.Mul(decimal.NewFromInt(100)).GreaterThan(l.Percent.Mul(was.Decimal))
	}
	return e
}
