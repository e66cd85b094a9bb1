package shape

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/bojanz/currency"

	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
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
	if meant, ok := dayMeant(text); ok {
		return &Problem{plain.Shorten(text) + " is not written as year, month and day", "write " + meant}
	}
	return &Problem{plain.Shorten(text) + " is not a date", "write year, month and day as in 2026-03-13"}
}

// dayMeant gives the day that a text names in another way, if it can only be that one.
func dayMeant(text string) (string, bool) {
	var found []string
	for _, layout := range []string{
		"2006-1-2", "2006/1/2", "2006.1.2", "20060102", "2.1.2006", "1/2/2006", "2/1/2006", "Jan 2, 2006", "January 2, 2006", "2 Jan 2006", "2 January 2006",
	} {
		if day, err := time.Parse(layout, text); err == nil && !slices.Contains(found, day.Format(time.DateOnly)) {
			found = append(found, day.Format(time.DateOnly))
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
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
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		moment, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if layout == time.DateOnly {
			moment = moment.Add(9 * time.Hour)
			return &Problem{plain.Shorten(text) + " has no time", fmt.Sprintf("write the time and its zone too: %s, or %s+01:00 where clocks are an hour ahead", moment.Format(time.RFC3339), moment.Format("2006-01-02T15:04:05"))}
		}
		return &Problem{plain.Shorten(text) + " has no time zone", fmt.Sprintf("write %s, or %s+01:00 where clocks are an hour ahead", moment.Format(time.RFC3339), moment.Format("2006-01-02T15:04:05"))}
	}
	return &Problem{plain.Shorten(text) + " is not a moment with its time zone", "write it as in 2026-03-13T09:00:00Z or 2026-03-13T09:00:00+01:00"}
}

func checkCurrency(text string) error {
	if currency.IsValid(text) {
		return nil
	}
	hint := "write the three capital letters of ISO 4217, like USD or EUR"
	if upper := strings.ToUpper(text); currency.IsValid(upper) {
		hint = fmt.Sprintf("did you mean %q?", upper)
	} else if symbol, ok := map[string]string{
		"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "dollar": "USD", "dollars": "USD", "us dollar": "USD", "us$": "USD", "euro": "EUR", "euros": "EUR",
	}[strings.ToLower(text)]; ok {
		hint = fmt.Sprintf("did you mean %q?", symbol)
	}
	return &Problem{plain.Shorten(text) + " is not a currency", hint}
}

// checkPlace accepts an http(s) URL or a path that stays inside the repository.
func checkPlace(text string) error {
	const hint = "write a path from the top of the repository, like docs/crm-101.md, or a URL that begins with https://"
	switch {
	case strings.HasPrefix(strings.ToLower(text), "www."):
		return &Problem{plain.Shorten(text) + " is a web address without its beginning", "write https://" + text}
	case strings.Contains(text, `\`) && !strings.ContainsAny(text, " :"):
		return &Problem{plain.Shorten(text) + " is written with backslashes", "write it with slashes: " + strings.ReplaceAll(text, `\`, "/")}
	case strings.ContainsAny(strings.TrimSpace(text), " \t") && !strings.Contains(text, "://"):
		return &Problem{plain.Shorten(text) + " holds a blank", "rename the file, with hyphens for blanks"}
	case strings.TrimSpace(text) != text || text == "" || strings.ContainsAny(text, " \n\t<>\"\\"):
		return &Problem{plain.Shorten(text) + " is neither a path nor a URL", hint + "; blanks are not allowed"}
	case strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "http://"):
		if _, host, _ := strings.Cut(text, "://"); strings.Trim(host, "/") == "" {
			return &Problem{plain.Shorten(text) + " is not a whole URL", hint}
		}
		return nil
	case strings.Contains(text, "://"), strings.HasPrefix(strings.ToLower(text), "javascript:"), strings.HasPrefix(strings.ToLower(text), "data:"):
		return &Problem{plain.Shorten(text) + " is no web address", hint}
	case path.IsAbs(text) && len(path.Clean(text)) > 1:
		return &Problem{plain.Shorten(text) + " begins at the top of the disk, not of the repository", "leave the first slash out: " + path.Clean(text)[1:]}
	case path.IsAbs(text), path.Clean(text) == "..", strings.HasPrefix(path.Clean(text), "../"):
		return &Problem{plain.Shorten(text) + " leads out of the repository", hint}
	}
	return nil
}

func checkGlob(text string) error {
	switch clean := path.Clean(text); {
	case text == "" || !doublestar.ValidatePattern(text):
		return &Problem{plain.Shorten(text) + " is not a valid file pattern", "write a path with *, ** and {a,b}, like capabilities/**/*.yml"}
	case source.Tangled(text):
		return &Problem{plain.Shorten(text) + " has too many alternatives in braces", "write several patterns, or use *"}
	case path.IsAbs(text), clean == "..", strings.HasPrefix(clean, "../"):
		return &Problem{plain.Shorten(text) + " leads out of the repository", "write it from the top of the repository, like capabilities/**/*.yml"}
	}
	return nil
}
