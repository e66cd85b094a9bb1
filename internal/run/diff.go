package run

import (
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// lineDiff shows two texts line by line as a unified diff, without the lines that tell programs
// where its parts belong.
func lineDiff(before, after string) string {
	lines := strings.SplitAfter(udiff.Unified("approved", "now", ending(before), ending(after)), "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "@@ ") }), "")
}

func ending(s string) string {
	if s == "" || s[len(s)-1] == '\n' {
		return s
	}
	return s + "\n"
}
