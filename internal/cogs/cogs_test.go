package cogs

import (
	"encoding/json"
	"math/big"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "1.50": "1.5", "100": "100", "0.000000000001": "0.000000000001", "999999999999999": "999999999999999", "0.0": "0",
	} {
		d, err := ParseDecimal(text)
		if err != nil || d.Canonical() != want {
			t.Errorf("%q: got %s (%v), want %s", text, d.Canonical(), err, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1e6", "1E999999999", "1,000", "$5", "1.", ".5", "01", "1 ", "0x1F", "NaN", ".inf", "1_000", "1000000000000000", "0.0000000000001", "١"} {
		if d, err := ParseDecimal(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		}
	}
}

func TestDecimalInFiles(t *testing.T) {
	var got struct{ A, B Decimal }
	if err := yaml.Unmarshal([]byte("a: 0.1\nb: \"12345678901.234567890123\"\n"), &got); err != nil {
		t.Fatal(err)
	}
	if got.A.Canonical() != "0.1" || got.B.Canonical() != "12345678901.234567890123" {
		t.Errorf("got %v", got)
	}
	text, err := json.Marshal(got)
	if err != nil || string(text) != `{"A":"0.1","B":"12345678901.234567890123"}` {
		t.Errorf("JSON: %s (%v)", text, err)
	}
	for _, bad := range []string{"a: -1", "a: [1]", "a: 1e3", "a: much"} {
		if err := yaml.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, test := range []struct{ amount, code, exact, rounded string }{
		{"1234.5", "USD", "$1,234.50", "$1,234.50"},
		{"0", "USD", "$0.00", "$0.00"},
		{"0.000025", "USD", "$0.000025", "$0.000025"},
		{"0.005", "EUR", "€0.005", "€0.01"},
		{"1.005", "EUR", "€1.005", "€1.01"},
		{"1234567.891", "JPY", "¥1,234,567.891", "¥1,234,568"},
		{"5", "CHF", "CHF 5.00", "CHF 5.00"},
		{"1.5", "KWD", "KWD 1.500", "KWD 1.500"},
		{"999.999", "USD", "$999.999", "$1,000.00"},
	} {
		d := MustDecimal(test.amount)
		if got := Format(d, test.code); got != test.exact {
			t.Errorf("%s %s: got %q, want %q", test.amount, test.code, got, test.exact)
		}
		if got := FormatRounded(d, test.code); got != test.rounded {
			t.Errorf("%s %s rounded: got %q, want %q", test.amount, test.code, got, test.rounded)
		}
	}
	for want, d := range map[string]Decimal{
		"+$1.00/month": MustDecimal("1"), "-$1.00/month": MustDecimal("1").Minus(MustDecimal("2")), "±$0.00/month": {},
	} {
		if got := FormatDelta(d, "USD"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func driver(cost, quantity string) Driver {
	return Driver{UnitCost: MustDecimal(cost), Quantity: MustDecimal(quantity)}
}

func TestBand(t *testing.T) {
	bounds := Bounds{Medium: MustDecimal("100"), High: MustDecimal("1000")}
	rates := map[string]Decimal{"EUR": MustDecimal("1.08")}
	for _, test := range []struct {
		monthly, budget, currency string
		want                      Band
	}{
		{"0", "0", "USD", Low},
		{"99.999999", "0", "USD", Low},
		{"100", "0", "USD", Medium},
		{"999.99", "999.99", "USD", Medium},
		{"1000", "0", "USD", High},
		{"50", "49.99", "USD", OverBudget},
		{"92.59", "0", "EUR", Low},
		{"92.6", "0", "EUR", Medium},
		{"5", "0", "CHF", Unknown},
		{"5", "4", "CHF", OverBudget},
	} {
		e := Estimate{Currency: test.currency, Budget: MustDecimal(test.budget), Drivers: []Driver{driver(test.monthly, "1")}}
		if got := e.Band(bounds, "USD", rates); got != test.want {
			t.Errorf("%s %s of %s: got %s, want %s", test.monthly, test.currency, test.budget, got, test.want)
		}
	}
	if got := (Estimate{Currency: "USD", Budget: MustDecimal("5")}).Band(bounds, "USD", nil); got != Unknown {
		t.Errorf("without drivers: %s", got)
	}
}

func TestByCost(t *testing.T) {
	e := Estimate{Drivers: []Driver{{Name: "a", UnitCost: MustDecimal("1"), Quantity: MustDecimal("1")}, {Name: "b", UnitCost: MustDecimal("2"), Quantity: MustDecimal("3")}, {Name: "c", UnitCost: MustDecimal("0.5"), Quantity: MustDecimal("2")}}}
	got := ""
	for _, d := range e.ByCost() {
		got += d.Name
	}
	if got != "bac" || e.Drivers[0].Name != "a" {
		t.Errorf("got %s; the estimate begins with %s", got, e.Drivers[0].Name)
	}
}

// TestSumIsExact: the monthly sum is that of exact fractions, whatever the digits and order.
func TestSumIsExact(t *testing.T) {
	digits := rapid.StringMatching(`(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?`)
	rapid.Check(t, func(t *rapid.T) {
		var e Estimate
		want := new(big.Rat)
		for range rapid.IntRange(0, 12).Draw(t, "drivers") {
			cost, quantity := digits.Draw(t, "cost"), digits.Draw(t, "quantity")
			e.Drivers = append(e.Drivers, driver(cost, quantity))
			c, _ := new(big.Rat).SetString(cost)
			q, _ := new(big.Rat).SetString(quantity)
			want.Add(want, c.Mul(c, q))
		}
		e.Drivers = rapid.Permutation(e.Drivers).Draw(t, "order")
		got, ok := new(big.Rat).SetString(e.Monthly().Canonical())
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("got %s, want %s", e.Monthly(), want.FloatString(24))
		}
		text, err := json.Marshal(e.Monthly())
		if err != nil {
			t.Fatal(err)
		}
		var back Decimal
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(e.Monthly().Decimal) {
			t.Fatalf("JSON and back: %s to %s (%v)", text, back, err)
		}
	})
}

func TestCurrencies(t *testing.T) {
	if !ValidCurrency("USD") || ValidCurrency("usd") || ValidCurrency("XXQ") || ValidCurrency("") {
		t.Error("currencies are not told from other texts")
	}
}

func TestMeant(t *testing.T) {
	for text, want := range map[string]string{
		"$900": "900", "1,200.50": "1200.5", "1.200,50": "1200.5", "1,5": "1.5", "1.5k": "1500", ".0024": "0.0024", "2.4e-3": "0.0024",
		"+1": "1", "120_000": "120000", "120 000": "120000", "0120": "120", "€ 1'000": "1000",
		"": "", "tbd": "", "10%": "", "-5": "", "1e99": "", "1.2.3": "", "12,34,56": "", "1000000000000000000": "",
	} {
		if got, ok := Meant(text); ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q, %v; want %q", text, got, ok, want)
		}
	}
}
