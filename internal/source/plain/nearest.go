package plain

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Nearest gives the known name that somebody most likely meant; false if none is near.
func Nearest(text string, known []string) (string, bool) {
	plain := normal(text)
	best, distance := "", 1+reach(len(plain))
	for _, k := range known {
		if d := levenshtein.ComputeDistance(plain, normal(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" && len(plain) >= 3 {
		for _, k := range known {
			if n := normal(k); strings.HasPrefix(n, plain) || strings.HasPrefix(plain, n) && len(n) >= 4 {
				return k, true
			}
		}
	}
	return best, best != ""
}

// reach gives how many slips of the finger a word of that length may hold.
func reach(length int) int {
	switch {
	case length <= 3:
		return 1
	case length <= 8:
		return 2
	default:
		return length / 3
	}
}

// Suggest is a hint for a value that must be one of the known ones: the nearest, or all.
func Suggest(text string, known []string) string {
	near, ok := Nearest(text, known)
	all := strings.Join(known, ", ")
	switch {
	case len(known) == 1 && !ok:
		return "write " + known[0]
	case ok && (len(known) > 6 || len(known) == 1):
		return "did you mean \"" + near + "\"?"
	case ok:
		return "did you mean \"" + near + "\"? Allowed are: " + all
	case len(known) == 0:
		return ""
	default:
		return "allowed are: " + all
	}
}

func normal(text string) string {
	return strings.Map(func(r rune) rune {
		if _, bad := Hidden(string(r)); bad || slices.Contains([]rune("-_ ."), r) {
			return -1
		}
		return r
	}, strings.ToLower(text))
}
