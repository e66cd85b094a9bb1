package plain

import (
	"strings"
)

// Lines are the lines of a text, counted from 1, without line ends.
type Lines struct {
	text  []string
	ascii bool // characters are bytes
}

// Split splits text into lines.
func Split(text []byte) Lines {
	return Lines{text: splitLines(string(text)), ascii: ASCII(text)}
}

// Len gives how many lines there are.
func (l Lines) Len() int { return len(l.text) }

// Line gives one line; empty if there is none with the number.
func (l Lines) Line(number int) string {
	if number < 1 || number > len(l.text) {
		return ""
	}
	return l.text[number-1]
}

// First gives the text of the first lines.
func (l Lines) First(lines int) string { return strings.Join(l.text[:lines], "\n") + "\n" }

// From gives the rest of a line from a column on, counted in characters. Of very long lines
// with characters beyond ASCII it gives nothing: counting there again and again would cost
// more than an end column is worth.
func (l Lines) From(line, column int) string {
	if line < 1 || line > len(l.text) {
		return ""
	}
	text := l.text[line-1]
	switch {
	case l.ascii:
		return text[min(column-1, len(text)):]
	case len(text) > 1000:
		return ""
	}
	for i := range text {
		if column--; column == 0 {
			return text[i:]
		}
	}
	return ""
}

// QuotedEnd gives the column after the closing quote of text that begins with its opening one
// at a column; 0 if it stands on another line.
func QuotedEnd(text string, column int) int {
	mark, skip, at := text[0], false, 0
	for i, r := range text {
		at++
		switch {
		case i == 0:
		case skip:
			skip = false
		case mark == '"' && r == '\\', mark == '\'' && strings.HasPrefix(text[i:], "''"):
			skip = true
		case r == rune(mark):
			return column + at
		}
	}
	return 0
}

// splitLines splits as the YAML reader does; Unicode line ends were refused before.
func splitLines(text string) []string {
	if !strings.Contains(text, "\r") {
		return strings.Split(text, "\n")
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return strings.Split(text, "\n")
}
