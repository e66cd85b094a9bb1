package source

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/bojanz/currency"
)

// Formats gives the checks of texts that no pattern can express.
func Formats() []Format {
	return []Format{
		{"date", checkDate}, {"date-time", checkMoment}, {"currency", checkCurrency}, {"place", checkPlace}, {"glob", checkGlob},
	}
}

var dayLike = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

func checkDate(text string) error {
	if dayLike.MatchString(text) {
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return &Problem{fmt.Sprintf("there is no day %q", text), "look it up in a calendar"}
		}
		return nil
	}
	return &Problem{shorten(text) + " is not a date", "write year, month and day as in 2026-03-13"}
}

func checkMoment(text string) error {
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return nil
	}
	if day, _, _ := strings.Cut(text, "T"); dayLike.MatchString(day) {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return &Problem{fmt.Sprintf("there is no day %q", day), "look it up in a calendar"}
		}
	}
	return &Problem{shorten(text) + " is not a moment with its time zone", "write it as in 2026-03-13T09:00:00Z or 2026-03-13T09:00:00+01:00"}
}

func checkCurrency(text string) error {
	if currency.IsValid(text) {
		return nil
	}
	hint := "write the three capital letters of ISO 4217, like USD or EUR"
	if upper := strings.ToUpper(text); currency.IsValid(upper) {
		hint = fmt.Sprintf("did you mean %q?", upper)
	} else if symbol, ok := map[string]string{"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}[text]; ok {
		hint = fmt.Sprintf("did you mean %q?", symbol)
	}
	return &Problem{shorten(text) + " is not a currency", hint}
}

// checkPlace accepts an http(s) URL or a path that stays inside the repository.
func checkPlace(text string) error {
	const hint = "write a path from the top of the repository, like docs/crm-101.md, or a URL that begins with https://"
	switch {
	case strings.TrimSpace(text) != text || text == "" || strings.ContainsAny(text, " \n\t<>\"\\"):
		return &Problem{shorten(text) + " is neither a path nor a URL", hint + "; blanks are not allowed"}
	case strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "http://"):
		if _, host, _ := strings.Cut(text, "://"); strings.Trim(host, "/") == "" {
			return &Problem{shorten(text) + " is not a whole URL", hint}
		}
		return nil
	case strings.Contains(text, "://"), strings.HasPrefix(strings.ToLower(text), "javascript:"), strings.HasPrefix(strings.ToLower(text), "data:"):
		return &Problem{shorten(text) + " is no web address", hint}
	case path.IsAbs(text), path.Clean(text) == "..", strings.HasPrefix(path.Clean(text), "../"):
		return &Problem{shorten(text) + " leads out of the repository", hint}
	}
	return nil
}

func checkGlob(text string) error {
	switch clean := path.Clean(text); {
	case text == "" || !doublestar.ValidatePattern(text):
		return &Problem{shorten(text) + " is not a valid file pattern", "write a path with *, ** and {a,b}, like capabilities/**/*.yml"}
	case path.IsAbs(text), clean == "..", strings.HasPrefix(clean, "../"):
		return &Problem{shorten(text) + " leads out of the repository", "write it from the top of the repository, like capabilities/**/*.yml"}
	}
	return nil
}
