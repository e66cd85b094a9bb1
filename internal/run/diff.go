package run

import "github.com/aymanbagabas/go-udiff"

// lineDiff shows two texts line by line as a unified diff without file names.
func lineDiff(before, after string) string {
	return udiff.Unified("approved", "now", ending(before), ending(after))
}

func ending(s string) string {
	if s == "" || s[len(s)-1] == '\n' {
		return s
	}
	return s + "\n"
}
