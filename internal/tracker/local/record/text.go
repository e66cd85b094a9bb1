package record

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of GitHub that the tracker keeps, in characters, so that what works here works there.
const (
	MaxTitle       = 256
	MaxBody        = 65_536
	MaxLabel       = 50
	MaxDescription = 100
)

// BadText says why a text cannot be a body; empty if it can.
func BadText(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not UTF-8"
	case strings.ContainsRune(s, 0):
		return "holds a NUL character"
	case utf8.RuneCountInString(s) > MaxBody:
		return fmt.Sprintf("is too long (maximum is %d characters)", MaxBody)
	default:
		return ""
	}
}

// BadLine says why a text cannot be a name or title; empty if it can.
func BadLine(s string, most int) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "is empty"
	case !utf8.ValidString(s):
		return "is not UTF-8"
	case utf8.RuneCountInString(s) > most:
		return fmt.Sprintf("is too long (maximum is %d characters)", most)
	case strings.ContainsFunc(s, unicode.IsControl):
		return "holds a line break or another control character"
	default:
		return ""
	}
}

func badLabel(name string) string {
	if strings.TrimSpace(name) != name {
		return "name has blanks around it"
	}
	if why := BadLine(name, MaxLabel); why != "" {
		return "name " + why
	}
	return ""
}

// BadNames says why labels and logins cannot be put on a ticket; empty if they can.
func BadNames(labels, logins []string) string {
	for _, l := range labels {
		if why := badLabel(l); why != "" {
			return fmt.Sprintf("label %q: %s", l, why)
		}
	}
	for _, a := range logins {
		if why := BadLine(a, MaxLabel); why != "" {
			return fmt.Sprintf("assignee %q %s", a, why)
		}
	}
	return ""
}

// HasFold tells whether a list holds a name, whatever its case.
func HasFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(l string) bool { return strings.EqualFold(l, s) })
}

// Distinct drops names that differ from an earlier one only by case.
func Distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if !HasFold(out, s) {
			out = append(out, s)
		}
	}
	return out
}
