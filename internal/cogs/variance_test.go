package cogs

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAge(t *testing.T) {
	now := time.Date(2026, 3, 31, 23, 59, 0, 0, time.UTC)
	for _, test := range []struct {
		asOf, billed string
		days         int
		known        bool
	}{
		{"2026-03-31", "", 0, true}, {"2026-03-30", "", 1, true}, {"2025-12-31", "", 90, true}, {"2025-12-30", "2026-03-01", 30, true},
		{"2026-03-01", "2025-01-01", 30, true}, {"2027-01-01", "", 0, true}, {"", "", 0, false}, {"soon", "", 0, false},
	} {
		days, known := Estimate{AsOf: test.asOf, Actual: Actual{AsOf: test.billed}}.Age(now)
		if known != test.known || known && days != test.days {
			t.Errorf("%+v: got %d, %v", test, days, known)
		}
	}
}

// An estimate is fresh on the last day that is said, and stale on the next one.
func TestFreshUntilAgreesWithAge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) string {
			return time.Date(2026, 1, 1+rapid.IntRange(0, 800).Draw(t, name), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		}
		e := Estimate{AsOf: day("as of")}
		if rapid.Bool().Draw(t, "billed") {
			e.Actual.AsOf = day("billed on")
		}
		limit := rapid.IntRange(0, 400).Draw(t, "limit")
		last, ok := e.FreshUntil(limit)
		if !ok {
			t.Fatal("its day is known")
		}
		for i, want := range map[int]bool{0: true, 1: false} {
			noon := last.AddDate(0, 0, i).Add(12 * time.Hour)
			if age, _ := e.Age(noon); age <= limit != want {
				t.Fatalf("%s: %d days old, at most %d", noon, age, limit)
			}
		}
	})
	if _, ok := (Estimate{AsOf: "soon"}).FreshUntil(90); ok {
		t.Error("no day is known")
	}
}

func TestVariance(t *testing.T) {
	for _, test := range []struct{ estimated, billed, code, over, words string }{
		{"318.61", "331.90", "USD", "13.29", "$13.29 (4.2 %) more than estimated"},
		{"436.82", "401.5", "EUR", "-35.32", "€35.32 (8.1 %) less than estimated"},
		{"100", "100", "USD", "0", "as estimated"},
		{"100000", "100000.01", "USD", "0.01", "$0.01 (less than 0.1 %) more than estimated"},
		{"1000", "1", "JPY", "-999", "¥999 (99.9 %) less than estimated"},
		{"0", "331.90", "USD", "331.9", "$331.90 more than estimated"},
		{"100", "300", "USD", "200", "$200.00 (200 %) more than estimated"},
	} {
		e := Estimate{Currency: test.code, Drivers: []Driver{driver(test.estimated, "1")}, Actual: Actual{Amount: MustDecimal(test.billed)}}
		v, ok := e.Variance()
		if !ok || v.Over().Canonical() != test.over || v.Words(test.code) != test.words {
			t.Errorf("%+v: got %s, %q, %v", test, v.Over(), v.Words(test.code), ok)
		}
	}
	drivers := []Driver{driver("5", "1")}
	if _, ok := (Estimate{Drivers: drivers}).Variance(); ok {
		t.Error("nothing was billed")
	}
	if _, ok := (Estimate{Actual: Actual{Amount: MustDecimal("5")}}).Variance(); ok {
		t.Error("nothing was estimated")
	}
	if v, ok := (Estimate{Drivers: drivers, Actual: Actual{AsOf: "2026-03-01"}}).Variance(); !ok || v.Words("USD") != "$5.00 (100 %) less than estimated" {
		t.Errorf("a bill of nothing: %s, %v", v.Words("USD"), ok)
	}
}

// The difference of all bills is that of exact fractions, and the lines add up to it.
func TestBilledIsExact(t *testing.T) {
	digits := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?`)
	rapid.Check(t, func(t *rapid.T) {
		want := new(big.Rat)
		var entries []Entry
		for i := range rapid.IntRange(1, 8).Draw(t, "capabilities") {
			cost, bill := digits.Draw(t, "cost"), digits.Draw(t, "bill")
			c, _ := new(big.Rat).SetString(cost)
			b, _ := new(big.Rat).SetString(bill)
			want.Add(want, b.Sub(b, c))
			entries = append(entries, Entry{ID: fmt.Sprintf("CRM-%d", i), Estimate: Estimate{
				Currency: "USD", Drivers: []Driver{driver(cost, "1")}, Actual: Actual{Amount: MustDecimal(bill), AsOf: "2026-03-01"},
			}})
		}
		b := Exchange{Currency: "USD"}.Add(entries).Billed
		var lines Decimal
		for i, l := range b.Lines {
			lines = lines.Plus(l.Difference)
			if i > 0 && l.Difference.Abs().GreaterThan(b.Lines[i-1].Difference.Abs()) {
				t.Fatalf("the greatest difference does not come first: %+v", b.Lines)
			}
		}
		for what, got := range map[string]Decimal{"difference": b.Difference.Of("USD"), "lines": lines} {
			if r, _ := new(big.Rat).SetString(got.Canonical()); r.Cmp(want) != 0 {
				t.Fatalf("%s: got %s, want %s", what, got, want.FloatString(24))
			}
		}
	})
}

func billing(id, currency, estimated, billed string) Entry {
	return Entry{ID: id, Estimate: Estimate{Currency: currency, Drivers: []Driver{driver(estimated, "1")}, Actual: Actual{Amount: MustDecimal(billed), AsOf: "2026-03-01"}}}
}

func TestBilledInSeveralCurrencies(t *testing.T) {
	x := Exchange{Currency: "USD", Rates: map[string]Decimal{"EUR": MustDecimal("2")}}
	b := x.Add([]Entry{billing("A-1", "USD", "100", "110"), billing("A-2", "EUR", "100", "94"), {ID: "A-3", Estimate: Estimate{Currency: "USD", Drivers: []Driver{driver("9", "9")}}}}).Billed
	if got := b.String(); got != "$298.00 for 2 capabilities, $2.00 (0.7 %) less than estimated" {
		t.Errorf("got %q", got)
	}
	if b.Lines[0].ID != "A-2" || b.Lines[0].Growth() != "-6 %" || b.Percent != "-0.7" || b.Difference.Of("EUR").Canonical() != "-6" {
		t.Errorf("got %+v", b)
	}
	b = x.Add([]Entry{billing("A-1", "USD", "100", "110"), billing("A-4", "GBP", "0", "5")}).Billed
	if got := b.String(); got != "£5.00 + $110.00 for 2 capabilities, estimated at £0.00 + $100.00" || b.Percent != "" {
		t.Errorf("without a rate: %q, %q", got, b.Percent)
	}
	if got := x.Add([]Entry{billing("A-1", "USD", "100", "100")}).Billed.String(); !strings.HasSuffix(got, "1 capability, as estimated") {
		t.Errorf("got %q", got)
	}
}

func TestAges(t *testing.T) {
	of := func(id, asOf string) Entry {
		return Entry{ID: id, Estimate: Estimate{Drivers: []Driver{driver("1", "1")}, AsOf: asOf}}
	}
	entries := []Entry{of("A-1", "2026-03-01"), of("A-2", "2025-11-01"), of("A-3", "2025-12-01"), of("A-4", ""), {ID: "A-5", Estimate: Estimate{AsOf: "2020-01-01"}}}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for limit, stale := range map[int]int{90: 2, 91: 1, 121: 0, 0: 0} {
		if got, want := AgesOf(entries, now, limit), (Ages{Oldest: "A-2", Days: 121, StaleAfter: limit, Stale: stale, Undated: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if !AgesOf(entries[4:], now, 90).IsZero() || AgesOf(entries[3:], now, 90).IsZero() {
		t.Error("only what is estimated has an age, or lacks one")
	}
}
