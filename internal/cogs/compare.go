package cogs

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// Shift is a monthly cost before and after a change. The currency may have changed with it.
type Shift struct {
	Before  Amount `json:"before,omitzero" jsonschema_description:"Absent if nobody had estimated it."`
	After   Amount `json:"after,omitzero" jsonschema_description:"Absent if there is no estimate any more."`
	Delta   Amount `json:"delta,omitzero" jsonschema_description:"By how much it grew. Absent between two currencies of which one has no rate."`
	Percent string `json:"percent,omitempty" jsonschema_description:"The same in percent of what it was, to one decimal. Absent where there was nothing."`

	Worth [2]Decimal `json:"-"` // before and after in the currency of totals
	Rated bool       `json:"-"` // Worth is known
}

// Shift compares two amounts in their own currency; two currencies by what they are worth in
// the one of totals. An amount without a currency is none.
func (x Exchange) Shift(before, after Amount) Shift {
	s := Shift{Before: before, After: after}
	from, to, code := before.Amount, after.Amount, after.Currency
	was, ok := x.Convert(before)
	is, also := x.Convert(after)
	s.Worth, s.Rated = [2]Decimal{was, is}, ok && also
	switch {
	case !s.Was() && !s.Is():
		return s
	case !s.Is():
		code = before.Currency
	case s.Was() && before.Currency != after.Currency:
		if !s.Rated {
			return s
		}
		from, to, code = was, is, x.Currency
	}
	s.Delta = Amount{code, to.Minus(from)}
	if p, ok := Percent(from, to); ok {
		s.Percent = p.Canonical()
	}
	return s
}

// Was tells whether there was a cost before, if only of 0.
func (s Shift) Was() bool { return s.Before.Currency != "" }

// Is tells whether there is a cost now.
func (s Shift) Is() bool { return s.After.Currency != "" }

// Same tells whether nothing changed.
func (s Shift) Same() bool {
	return s.Before.Currency == s.After.Currency && s.Before.Amount.Equal(s.After.Amount.Decimal)
}

// String is the difference for people: "+$120.00/month"; empty where there is none to tell.
func (s Shift) String() string {
	if s.Delta.Currency == "" {
		return ""
	}
	return FormatDelta(s.Delta.Amount, s.Delta.Currency)
}

// Growth is the percentage for people: "+59.2 %"; empty where there is none to tell.
func (s Shift) Growth() string { return growth(s.Percent) }

func growth(percent string) string {
	switch {
	case percent == "":
		return ""
	case percent == "0":
		percent = "±0"
	case percent[0] != '-':
		percent = "+" + percent
	}
	return percent + " %"
}

// Percent gives by how many percent an amount grew, rounded half up to one decimal; false where
// it was 0.
func Percent(before, after Decimal) (Decimal, bool) {
	if before.IsZero() {
		return Decimal{}, false
	}
	grown := after.Minus(before).Mul(decimal.NewFromInt(100))
	return Decimal{grown.DivRound(before.Decimal, 1)}, true
}

// FormatPercent writes a percentage with its sign: "+59.2 %".
func FormatPercent(d Decimal) string { return growth(d.Canonical()) }

// How a row of a comparison came about.
const (
	Changed   = "changed"
	New       = "new"
	Removed   = "removed"
	Cancelled = "cancelled"
	Estimated = "estimated" // nobody had before
	Withdrawn = "withdrawn" // the estimate is gone, the capability is not
)

// DriverShift is one driver before and after.
type DriverShift struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Part  string `json:"part,omitempty"`
	State string `json:"state" jsonschema:"enum=changed,enum=new,enum=removed"`
	Shift
	UnitCost []Decimal `json:"-"` // before and after, if that is what changed
	Quantity []Decimal `json:"-"`
}

// partners gives for each driver which one it was before, -1 for none: of several with its name
// the one that costs the same, else the first that no other one was.
func partners(before, after []Driver) []int {
	out, taken := slices.Repeat([]int{-1}, len(after)), make([]bool, len(before))
	for _, alike := range []func(a, b Driver) bool{
		func(a, b Driver) bool { return a.Name == b.Name && a.Cost().Equal(b.Cost().Decimal) },
		func(a, b Driver) bool { return a.Name == b.Name },
	} {
		for k, d := range after {
			for i, old := range before {
				if out[k] < 0 && !taken[i] && alike(old, d) {
					out[k], taken[i] = i, true
				}
			}
		}
	}
	return out
}

// Drivers compares two estimates driver by driver, by name; what costs the same is left out.
// The greatest difference comes first.
func (x Exchange) Drivers(before, after Estimate) []DriverShift {
	var out []DriverShift
	used := make([]bool, len(before.Drivers))
	came := partners(before.Drivers, after.Drivers)
	for k, d := range after.Drivers {
		s := DriverShift{Name: d.Name, Kind: d.Kind, Part: d.Part, State: New}
		var was Amount
		if i := came[k]; i >= 0 {
			old := before.Drivers[i]
			used[i] = true
			s.State, was = Changed, x.amount(before.Currency, old.Cost())
			s.inputs(old, d)
		}
		s.Shift = x.Shift(was, x.amount(after.Currency, d.Cost()))
		if !s.Same() {
			out = append(out, s)
		}
	}
	for i, d := range before.Drivers {
		if !used[i] {
			out = append(out, DriverShift{
				Name: d.Name, Kind: d.Kind, Part: d.Part, State: Removed, Shift: x.Shift(x.amount(before.Currency, d.Cost()), Amount{}),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b DriverShift) int { return b.moved().Cmp(a.moved().Decimal) })
	return out
}

func (x Exchange) amount(currency string, d Decimal) Amount {
	return Amount{cmp.Or(currency, x.Currency), d}
}

// Cost gives what an estimate costs a month; no amount where nobody has estimated.
func (x Exchange) Cost(e Estimate) Amount {
	if !e.Known() {
		return Amount{}
	}
	return x.amount(e.Currency, e.Monthly())
}

func (s *DriverShift) inputs(old, now Driver) {
	if !old.UnitCost.Equal(now.UnitCost.Decimal) {
		s.UnitCost = []Decimal{old.UnitCost, now.UnitCost}
	}
	if !old.Quantity.Equal(now.Quantity.Decimal) {
		s.Quantity = []Decimal{old.Quantity, now.Quantity}
	}
}

// moved orders shifts; of two currencies without a rate the numbers have to do.
func (s Shift) moved() Decimal { return Decimal{s.After.Amount.Minus(s.Before.Amount).Abs()} }

// Row is how the cost of one capability differs.
type Row struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	State string `json:"state" jsonschema:"enum=changed,enum=new,enum=removed,enum=cancelled,enum=estimated,enum=withdrawn"`
	Shift
	Drivers []DriverShift `json:"drivers,omitempty"`
}

// Comparison is how the cost of all capabilities differs between two states of the specs. Rows
// holds only those that differ.
type Comparison struct {
	Before Total `json:"before"`
	After  Total `json:"after"`
	Rows   []Row `json:"rows"`
}

// Differs tells whether any cost changed.
func (c Comparison) Differs() bool { return len(c.Rows) > 0 }

// IsZero makes omitzero leave out what nobody compared or what is the same.
func (c Comparison) IsZero() bool { return !c.Differs() }
