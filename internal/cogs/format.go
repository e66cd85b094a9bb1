package cogs

import (
	"strings"

	"github.com/bojanz/currency"
)

// ValidCurrency tells whether the text is an ISO 4217 code.
func ValidCurrency(code string) bool { return code != "" && currency.IsValid(code) }

// Format writes an amount for people with the currency's sign and digits: "$1,234.50",
// "€10.00", "¥1,200". An amount with more digits keeps them ("$0.000025"), so that no unit
// cost is rounded to nothing.
func Format(d Decimal, code string) string { return format(d, code, false) }

// FormatRounded is Format rounded half up to the currency's own digits, for sums; an amount
// that would round to nothing keeps its digits.
func FormatRounded(d Decimal, code string) string { return format(d, code, true) }

// FormatMonthly writes a sum with its period: "$1,234.50/month".
func FormatMonthly(d Decimal, code string) string { return FormatRounded(d, code) + "/month" }

// FormatDelta writes a difference with its sign: "+$120.00/month", "-$3.50/month", "±$0.00/month".
func FormatDelta(d Decimal, code string) string {
	switch {
	case d.IsPositive():
		return "+" + FormatMonthly(d, code)
	case d.IsNegative():
		return FormatMonthly(d, code)
	default:
		return "±" + FormatMonthly(d, code)
	}
}

func format(d Decimal, code string, round bool) string {
	digits, ok := currency.GetDigits(code)
	if !ok {
		digits = 2
	}
	if round {
		if r := d.Round(int32(digits)); !r.IsZero() || d.IsZero() {
			d = Decimal{r}
		}
	}
	sign := ""
	if d.IsNegative() {
		sign, d = "-", Decimal{d.Neg()}
	}
	whole, fraction, _ := strings.Cut(d.Canonical(), ".")
	if missing := int(digits) - len(fraction); missing > 0 {
		fraction += strings.Repeat("0", missing)
	}
	text := group(whole)
	if fraction != "" {
		text += "." + fraction
	}
	return sign + symbol(code) + text
}

// Number writes a quantity with thousands set apart: "120,000".
func Number(d Decimal) string {
	whole, fraction, found := strings.Cut(d.Canonical(), ".")
	if found {
		fraction = "." + fraction
	}
	return group(whole) + fraction
}

func symbol(code string) string {
	s, ok := currency.GetSymbol(code, currency.NewLocale("en"))
	switch {
	case !ok:
		return ""
	case s == code:
		return code + " "
	default:
		return s
	}
}

func group(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
