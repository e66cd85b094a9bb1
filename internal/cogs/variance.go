package cogs

import (
	"time"

	"github.com/shopspring/decimal"
)

// Variance is what was billed for a month, beside what had been estimated for it.
type Variance struct {
	Estimated Decimal
	Billed    Decimal
}

// Variance gives the bill beside the estimate; false without a bill or an estimate.
func (e Estimate) Variance() (Variance, bool) {
	return Variance{e.Monthly(), e.Actual.Amount}, e.Known() && e.Actual.Known()
}

// Known tells whether there was a bill. One of 0 is known by its day.
func (a Actual) Known() bool { return !a.Amount.IsZero() || a.AsOf != "" }

// Over gives by how much the bill was above the estimate; below it is negative.
func (v Variance) Over() Decimal { return v.Billed.Minus(v.Estimated) }

// Percent gives the same in percent of the estimate, rounded half up to one decimal; false where
// that is 0.
func (v Variance) Percent() (Decimal, bool) { return Percent(v.Estimated, v.Billed) }

// Words says the difference for people: "$13.29 (4.2 %) more than estimated", "as estimated".
func (v Variance) Words(code string) string {
	over, than := v.Over(), " more than estimated"
	switch {
	case over.IsZero():
		return "as estimated"
	case over.IsNegative():
		than = " less than estimated"
	}
	text := FormatRounded(Decimal{over.Abs()}, code)
	if p, ok := v.Percent(); ok && p.IsZero() {
		text += " (less than 0.1 %)"
	} else if ok {
		text += " (" + Decimal{p.Abs()}.Canonical() + " %)"
	}
	return text + than
}

// Looked gives the day, at midnight UTC, on which somebody last looked at the cost: when it was
// estimated, or billed if that was later. False if neither day is known.
func (e Estimate) Looked() (day time.Time, ok bool) {
	for _, text := range []string{e.AsOf, e.Actual.AsOf} {
		if t, err := time.Parse(time.DateOnly, text); err == nil && t.After(day) {
			day, ok = t, true
		}
	}
	return day, ok
}

// Age gives how many days ago somebody last looked at the cost. A day to come counts as today.
// False if no day is known.
func (e Estimate) Age(now time.Time) (days int, ok bool) {
	last, ok := e.Looked()
	return max(0, int(now.UTC().Truncate(24*time.Hour).Sub(last)/(24*time.Hour))), ok
}

// FreshUntil gives the last day on which nobody has to look again, if that is so many days after
// the last time. False if no day is known.
func (e Estimate) FreshUntil(days int) (time.Time, bool) {
	last, ok := e.Looked()
	return last.AddDate(0, 0, days), ok
}

// Ages is how old estimates are, counted in days on the day of a run.
type Ages struct {
	Oldest     string `json:"oldest" jsonschema_description:"Id of the capability whose estimate is the oldest."`
	Days       int    `json:"days" jsonschema_description:"Days since it was made, or billed if that was later."`
	StaleAfter int    `json:"stale_after" jsonschema_description:"Days after which the config calls an estimate stale; 0 for never."`
	Stale      int    `json:"stale" jsonschema_description:"Capabilities whose estimate is older than that."`
	Undated    int    `json:"undated" jsonschema_description:"Capabilities whose estimate does not say from when it is."`
}

// IsZero makes omitzero leave it out where there is no estimate.
func (a Ages) IsZero() bool { return a.Oldest == "" && a.Undated == 0 }

// AgesOf counts how old the estimates are. Of two that are equally old, the first one is named.
// With 0 days none is stale.
func AgesOf(entries []Entry, now time.Time, staleAfter int) Ages {
	a := Ages{StaleAfter: staleAfter}
	for _, e := range entries {
		if !e.Estimate.Known() {
			continue
		}
		days, ok := e.Estimate.Age(now)
		if !ok {
			a.Undated++
			continue
		}
		if a.Oldest == "" || days > a.Days {
			a.Oldest, a.Days = e.ID, days
		}
		if staleAfter > 0 && days > staleAfter {
			a.Stale++
		}
	}
	return a
}

// Billed is what was billed, and what had been estimated for the same capabilities.
type Billed struct {
	Capabilities int          `json:"capabilities"`
	Actual       Total        `json:"actual"`
	Estimated    Total        `json:"estimated"`
	Difference   Sum          `json:"difference" jsonschema_description:"By how much the bills are above the estimates, currency by currency; below them it is negative."`
	Percent      string       `json:"percent,omitempty" jsonschema_description:"The same for the totals, in percent of the estimates, to one decimal. Absent where a currency lacks a rate or the estimates are 0."`
	Lines        []BilledLine `json:"lines" jsonschema_description:"Each capability with a bill, the greatest difference first; in the output cogs only the first 20."`
}

// BilledLine is the bill of one capability beside its estimate, in the estimate's currency.
type BilledLine struct {
	ID         string  `json:"id"`
	Currency   string  `json:"currency" jsonschema_description:"ISO 4217 code."`
	Actual     Decimal `json:"actual"`
	Estimated  Decimal `json:"estimated"`
	Difference Decimal `json:"difference" jsonschema_description:"By how much the bill is above the estimate; below it is negative."`
	Percent    string  `json:"percent,omitempty" jsonschema_description:"The same in percent of the estimate, to one decimal. Absent where that is 0."`
	AsOf       string  `json:"as_of,omitempty" jsonschema_description:"Day of the bill."`
}

// IsZero makes omitzero leave it out where nothing was billed yet.
func (b Billed) IsZero() bool { return b.Capabilities == 0 }

// String says it for people: "$331.90 for 1 capability, $13.29 (4.2 %) more than estimated"; in
// each currency where one lacks a rate. Nothing is "".
func (b Billed) String() string {
	if b.IsZero() {
		return ""
	}
	text := b.Actual.String() + " for 1 capability, "
	if b.Capabilities > 1 {
		text = b.Actual.String() + " for " + Number(Decimal{decimal.NewFromInt(int64(b.Capabilities))}) + " capabilities, "
	}
	if !b.Actual.Complete || !b.Estimated.Complete {
		return text + "estimated at " + b.Estimated.String()
	}
	return text + Variance{b.Estimated.Total, b.Actual.Total}.Words(b.Actual.Currency)
}

// Growth is the difference in percent for people: "+4.2 %"; empty where there is none to tell.
func (l BilledLine) Growth() string { return growth(l.Percent) }
