package cogs

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
	"gopkg.in/yaml.v3"
)

// AmountPattern is how an amount is written: at most 15 digits, then at most 12 decimals.
// The limits keep sums cheap whatever a file says.
const AmountPattern = `^(0|[1-9][0-9]{0,14})(\.[0-9]{1,12})?$`

var amount = regexp.MustCompile(AmountPattern)

// ParseDecimal reads an amount from its digits: "1234.5". Signs, exponents, separators and
// currency signs are refused.
func ParseDecimal(text string) (Decimal, error) {
	if !amount.MatchString(text) {
		return Decimal{}, fmt.Errorf("read amount %q: not digits with an optional decimal point", text)
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return Decimal{}, fmt.Errorf("read amount %q: %w", text, err)
	}
	return Decimal{d}, nil
}

var (
	decoration = strings.NewReplacer("$", "", "€", "", "£", "", "¥", "", "_", "", "'", "", " ", "", "\u00a0", "", "\u202f", "")
	thousands  = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$`)
	european   = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{3})+,[0-9]+$`)
	plainDigit = regexp.MustCompile(`^[0-9]*[.,]?[0-9]+(e-?[0-9]{1,2})?$`)
)

// Meant gives the digits that somebody most likely meant by an amount written in another way:
// "1200.5" for "$1,200.50", "1500" for "1.5k". False if that is not clear.
func Meant(text string) (string, bool) {
	text = strings.ToLower(strings.TrimPrefix(decoration.Replace(strings.TrimSpace(text)), "+"))
	text, kilo := strings.CutSuffix(text, "k")
	switch {
	case thousands.MatchString(text):
		text = strings.ReplaceAll(text, ",", "")
	case european.MatchString(text):
		text = strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", ".")
	case plainDigit.MatchString(text):
		text = strings.ReplaceAll(text, ",", ".")
	default:
		return "", false
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return "", false
	}
	if kilo {
		d = d.Mul(decimal.NewFromInt(1000))
	}
	meant := Decimal{d}.Canonical()
	return meant, amount.MatchString(meant)
}

// MustDecimal is ParseDecimal for texts that stand in the code; it panics on others.
func MustDecimal(text string) Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

// UnmarshalYAML reads the digits as they stand in the file, quoted or not.
func (d *Decimal) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: an amount is a single number", n.Line)
	}
	read, err := ParseDecimal(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	*d = read
	return nil
}

// MarshalYAML writes a quoted number, so that no reader makes a float of it.
func (d Decimal) MarshalYAML() (any, error) { return d.Canonical(), nil }

// MarshalJSON writes a string, so that no reader makes a float of it.
func (d Decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.Canonical()) }

// UnmarshalJSON reads a string or a number.
func (d *Decimal) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var s string
	if text[0] != '"' {
		s = string(text)
	} else if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read amount: %w", err)
	}
	read, err := decimal.NewFromString(s)
	if err != nil {
		return fmt.Errorf("read amount %q: %w", s, err)
	}
	*d = Decimal{read}
	return nil
}

// IsZero tells whether the number is 0; it makes omitzero work.
func (d Decimal) IsZero() bool { return d.Decimal.IsZero() }

// Canonical gives the shortest digits: "1.5" for 1.50, "100" for 100.
func (d Decimal) Canonical() string {
	s := d.String()
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Plus adds.
func (d Decimal) Plus(o Decimal) Decimal { return Decimal{d.Add(o.Decimal)} }

// Minus subtracts.
func (d Decimal) Minus(o Decimal) Decimal { return Decimal{d.Sub(o.Decimal)} }

// Times multiplies.
func (d Decimal) Times(o Decimal) Decimal { return Decimal{d.Mul(o.Decimal)} }
