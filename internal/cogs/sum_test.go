package cogs

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

var dollars = Exchange{Currency: "USD", Rates: map[string]Decimal{"EUR": MustDecimal("1.08")}}

// rat reads an amount as an exact fraction.
func rat(t interface{ Fatalf(string, ...any) }, d Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.Canonical())
	if !ok {
		t.Fatalf("%s is no number", d)
	}
	return r
}

// estimates draws estimates in a few currencies with whatever digits.
func estimates(t *rapid.T) []Entry {
	digits := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?`)
	word := rapid.SampledFrom([]string{"", "a", "b", "c"})
	var out []Entry
	for range rapid.IntRange(0, 8).Draw(t, "capabilities") {
		e := Entry{Product: word.Draw(t, "product"), Stage: word.Draw(t, "stage"), Release: word.Draw(t, "release")}
		e.Estimate.Currency = rapid.SampledFrom([]string{"USD", "EUR", "JPY"}).Draw(t, "currency")
		for range rapid.IntRange(0, 4).Draw(t, "drivers") {
			e.Estimate.Drivers = append(e.Estimate.Drivers, Driver{
				Kind: word.Draw(t, "kind"), UnitCost: MustDecimal(digits.Draw(t, "cost")), Quantity: MustDecimal(digits.Draw(t, "quantity")),
			})
		}
		if rapid.Bool().Draw(t, "audience") {
			e.Audiences = []string{"product", "engineering"}
		}
		out = append(out, e)
	}
	return out
}

// TestRollUpsAreExact: in each currency, what stands under products, stages, kinds and releases
// is exactly all there is, whatever the digits and the order; and so is the total.
func TestRollUpsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := estimates(t)
		want := map[string]*big.Rat{"USD": new(big.Rat), "EUR": new(big.Rat), "JPY": new(big.Rat)}
		for _, e := range all {
			for _, d := range e.Estimate.Drivers {
				sum := want[e.Estimate.Currency]
				sum.Add(sum, new(big.Rat).Mul(rat(t, d.UnitCost), rat(t, d.Quantity)))
			}
		}
		o := dollars.Add(all)
		for code, sum := range want {
			if rat(t, o.Monthly.Amounts.Of(code)).Cmp(sum) != 0 {
				t.Fatalf("%s: got %s, want %s", code, o.Monthly.Amounts.Of(code), sum.FloatString(24))
			}
			for name, lines := range map[string][]Line{"products": o.Products, "stages": o.Stages, "kinds": o.Kinds, "releases": o.Releases} {
				got := new(big.Rat)
				for _, l := range lines {
					got.Add(got, rat(t, l.Monthly.Amounts.Of(code)))
				}
				if got.Cmp(sum) != 0 {
					t.Fatalf("%s by %s: got %s, want %s", code, name, got.FloatString(24), sum.FloatString(24))
				}
			}
		}
		total := new(big.Rat).Add(want["USD"], new(big.Rat).Mul(want["EUR"], big.NewRat(108, 100)))
		if rat(t, o.Monthly.Total).Cmp(total) != 0 {
			t.Fatalf("total: got %s, want %s", o.Monthly.Total, total.FloatString(24))
		}
		text, _ := json.Marshal(o)
		again, _ := json.Marshal(dollars.Add(rapid.Permutation(all).Draw(t, "order")))
		if string(text) != string(again) {
			t.Fatalf("the order of capabilities shows:\n%s\n%s", text, again)
		}
	})
}

// TestChangesAreExact: before and difference make after, for the whole and driver by driver.
func TestChangesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?`)
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		draw := func(what string) Estimate {
			e := Estimate{Currency: "USD"}
			for range rapid.IntRange(1, 4).Draw(t, what) {
				e.Drivers = append(e.Drivers, Driver{Name: name.Draw(t, "name"), UnitCost: MustDecimal(digits.Draw(t, "cost")), Quantity: MustDecimal(digits.Draw(t, "quantity"))})
			}
			return e
		}
		before, after := draw("before"), draw("after")
		sum := new(big.Rat)
		for _, d := range dollars.Drivers(before, after) {
			if d.Delta.Amount.IsZero() && d.State == Changed {
				t.Fatalf("%+v", d)
			}
			sum.Add(sum, rat(t, d.Delta.Amount))
		}
		if want := new(big.Rat).Sub(rat(t, after.Monthly()), rat(t, before.Monthly())); sum.Cmp(want) != 0 {
			t.Fatalf("the drivers grow by %s, the whole by %s", sum.FloatString(24), want.FloatString(24))
		}
	})
}

// TestLimitIsExact: a limit is passed exactly where fractions say so, however close it is.
func TestLimitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?`)
		draw := func(what string) Decimal { return MustDecimal(digits.Draw(t, what)) }
		before, limit := draw("before"), Limit{Amount: draw("amount"), Percent: draw("percent")}
		after := before.Plus(draw("more"))
		got := limit.Exceeded(Sum{{"USD", before}}, Sum{{"USD", after}}, dollars)
		grown := new(big.Rat).Sub(rat(t, after), rat(t, before))
		amount := !limit.Amount.IsZero() && grown.Cmp(rat(t, limit.Amount)) > 0
		allowed := new(big.Rat).Quo(new(big.Rat).Mul(rat(t, before), rat(t, limit.Percent)), big.NewRat(100, 1))
		percent := !limit.Percent.IsZero() && !before.IsZero() && grown.Cmp(allowed) > 0
		if got.Amount != amount || got.Percent != percent || got.Unrated != "" {
			t.Fatalf("%s to %s, limit %+v: got %+v, want %v, %v", before, after, limit, got, amount, percent)
		}
	})
}

func TestLimitWithoutARate(t *testing.T) {
	limit := Limit{Amount: MustDecimal("100")}
	pounds := func(n string) Sum { return Sum{{"GBP", MustDecimal(n)}} }
	for _, test := range []struct {
		before, after string
		limit         Limit
		want          string
	}{
		{"5", "6", limit, "GBP"},
		{"6", "6", limit, ""},
		{"6", "5", limit, ""},
		{"5", "6", Limit{Percent: MustDecimal("1000")}, "GBP"},
		{"5", "6", Limit{}, ""},
	} {
		if got := test.limit.Exceeded(pounds(test.before), pounds(test.after), dollars); got.Unrated != test.want || got.Any() != (test.want != "") {
			t.Errorf("%+v: got %+v", test, got)
		}
	}
	rated := limit.Exceeded(Sum{{"EUR", MustDecimal("10")}}, Sum{{"EUR", MustDecimal("110")}}, dollars)
	if !rated.Amount || rated.Unrated != "" {
		t.Errorf("108 dollars more are within 100: %+v", rated)
	}
}

func TestTotalsForPeople(t *testing.T) {
	sum := Sum(nil).Plus("USD", MustDecimal("1204")).Plus("EUR", MustDecimal("90")).Plus("USD", MustDecimal("0.5"))
	if got := sum.String(); got != "€90.00 + $1,204.50" {
		t.Errorf("sum: %s", got)
	}
	if got := dollars.Total(sum).String(); got != "$1,301.70" {
		t.Errorf("with a rate: %s", got)
	}
	bare := Exchange{Currency: "USD"}
	if got := bare.Total(sum).String(); got != "€90.00 + $1,204.50" {
		t.Errorf("without a rate: %s", got)
	}
	less := sum.Plus("EUR", Decimal{}.Minus(MustDecimal("30"))).Plus("USD", MustDecimal("1"))
	if got := bare.Total(less).Delta(bare.Total(sum)); got != "-€30.00/month, +$1.00/month" {
		t.Errorf("difference without a rate: %s", got)
	}
	if got := dollars.Total(less).Delta(dollars.Total(sum)); got != "-$31.40/month" {
		t.Errorf("difference: %s", got)
	}
	if got := dollars.Total(nil).String(); got != "$0.00" {
		t.Errorf("nothing: %s", got)
	}
}
