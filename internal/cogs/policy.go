package cogs

import "github.com/shopspring/decimal"

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
