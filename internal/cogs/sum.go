package cogs

import (
	"cmp"
	"slices"
	"strings"
)

// Amount is money in one currency.
type Amount struct {
	Currency string  `json:"currency" jsonschema_description:"ISO 4217 code."`
	Amount   Decimal `json:"amount"`
}

// Sum is money in several currencies, by code, each once. It is never rounded and never
// converted, so it is exact. The zero value is nothing.
type Sum []Amount

// Plus gives the sum with an amount more.
func (s Sum) Plus(currency string, d Decimal) Sum {
	i, found := slices.BinarySearchFunc(s, currency, func(a Amount, code string) int { return cmp.Compare(a.Currency, code) })
	if !found {
		return slices.Insert(slices.Clone(s), i, Amount{currency, d})
	}
	out := slices.Clone(s)
	out[i].Amount = out[i].Amount.Plus(d)
	return out
}

// Minus gives the difference, in the currencies of both.
func (s Sum) Minus(o Sum) Sum {
	for _, a := range o {
		s = s.Plus(a.Currency, Decimal{a.Amount.Neg()})
	}
	return s
}

// Of gives the amount in one currency; 0 where there is none.
func (s Sum) Of(currency string) Decimal {
	for _, a := range s {
		if a.Currency == currency {
			return a.Amount
		}
	}
	return Decimal{}
}

// String is the sum for people: "$1,204.00 + €90.00". Nothing at all is "".
func (s Sum) String() string {
	parts := make([]string, len(s))
	for i, a := range s {
		parts[i] = FormatRounded(a.Amount, a.Currency)
	}
	return strings.Join(parts, " + ")
}

// Exchange is what other currencies are worth in one.
type Exchange struct {
	Currency string             // of totals
	Rates    map[string]Decimal // what one unit of the key is worth in Currency
}

// Convert gives what an amount is worth in the currency of totals; false without a rate.
func (x Exchange) Convert(a Amount) (Decimal, bool) {
	if a.Currency == x.Currency || a.Currency == "" {
		return a.Amount, true
	}
	rate, ok := x.Rates[a.Currency]
	return a.Amount.Times(rate), ok
}

// Total gives a sum with what it is worth in one currency.
func (x Exchange) Total(s Sum) Total {
	t := Total{Amounts: s, Currency: x.Currency, Complete: true}
	if s == nil {
		t.Amounts = Sum{}
	}
	for _, a := range s {
		d, ok := x.Convert(a)
		if !ok {
			t.Complete, t.Unrated = false, append(t.Unrated, a.Currency)
			continue
		}
		t.Total = t.Total.Plus(d)
	}
	return t
}

// Total is a sum, currency by currency and as one.
type Total struct {
	Amounts  Sum      `json:"amounts" jsonschema_description:"Exact sums, one for each currency."`
	Currency string   `json:"currency" jsonschema_description:"Currency of the total."`
	Total    Decimal  `json:"total" jsonschema_description:"All amounts that the config has a rate for, in that currency."`
	Complete bool     `json:"complete" jsonschema_description:"Whether that is all: no currency lacks a rate."`
	Unrated  []string `json:"unrated,omitempty" jsonschema_description:"Currencies that lack one, and are not in the total."`
}

// String is the total for people: one amount, or those of each currency where one lacks a rate.
func (t Total) String() string {
	if t.Complete {
		return FormatRounded(t.Total, t.Currency)
	}
	return t.Amounts.String()
}

// Mixed tells whether there are several currencies, or another than that of totals.
func (t Total) Mixed() bool {
	return len(t.Amounts) > 1 || len(t.Amounts) == 1 && t.Amounts[0].Currency != t.Currency
}

// Delta gives the difference to an earlier total, for people: "+$120.00/month"; in each
// currency where one lacks a rate.
func (t Total) Delta(before Total) string {
	if t.Complete && before.Complete {
		return FormatDelta(t.Total.Minus(before.Total), t.Currency)
	}
	var parts []string
	for _, a := range t.Amounts.Minus(before.Amounts) {
		if !a.Amount.IsZero() {
			parts = append(parts, FormatDelta(a.Amount, a.Currency))
		}
	}
	if len(parts) == 0 {
		return FormatDelta(Decimal{}, t.Currency)
	}
	return strings.Join(parts, ", ")
}
