package release

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// maxBlock is how long the notes may be in a release, in bytes: GitHub takes 125,000 characters,
// and people's own text needs room.
const maxBlock = 100_000

const endMark = "<!-- ticketfoundry:notes-end -->"

var marks = regexp.MustCompile(`(?m)^[ \t]*<!-- ticketfoundry:notes(?:-end| for=(\S+)) -->[ \t]*\r?$`)

// ErrDamaged says that the marks around a block are not one pair: what is ours cannot be told
// from what people wrote.
var ErrDamaged = errors.New("the two hidden marks around the release notes are not there once each, in order; put them right, or remove both")

func beginMark(tag string) string {
	return "<!-- ticketfoundry:notes for=" + strings.ReplaceAll(tag, "--", "-\u200b-") + " -->"
}

// Tags gives the tags whose notes a text holds a block for.
func Tags(text string) []string {
	var out []string
	for _, m := range marks.FindAllStringSubmatch(text, -1) {
		if m[1] != "" && !slices.Contains(out, m[1]) {
			out = append(out, strings.ReplaceAll(m[1], "\u200b", ""))
		}
	}
	return out
}

// Fold puts the notes into the body of a release: between the marks of this tag where they are,
// else below what people wrote. Not a byte outside of the marks changes; a block that says the
// same with other line ends is left as it is. The error is ErrDamaged.
func (n Notes) Fold(body string) (string, error) {
	text, short := markdown.Cut(n.Markdown(2), maxBlock)
	if short {
		text += "\n\nAnd more."
	}
	from, to, err := find(body, n.Tag)
	switch {
	case err != nil:
		return body, err
	case from >= 0:
		return replaced(body, from, to, text), nil
	case text == "":
		return body, nil
	case body == "":
		return n.block(text), nil
	}
	return body + gapAfter(body) + n.block(text), nil
}

// Log puts the notes into a change log, as a section with a heading of the second level: where
// its marks are, else above the newest version there is, else at the end. The error is ErrDamaged.
func (n Notes) Log(text string) (string, error) {
	section := "## " + markdown.Line(n.Name)
	if md := n.Markdown(3); md != "" {
		section += "\n\n" + md
	}
	from, to, err := find(text, n.Tag)
	if err != nil {
		return text, err
	}
	if from >= 0 {
		return replaced(text, from, to, section), nil
	}
	if n.Empty() {
		return text, nil
	}
	if text == "" {
		text = "# Changelog\n"
	}
	at := newest(text)
	if at == len(text) {
		return text + gapAfter(text) + n.block(section) + "\n", nil
	}
	return text[:at] + n.block(section) + "\n\n" + text[at:], nil
}

func (n Notes) block(text string) string {
	return beginMark(n.Tag) + "\n" + text + "\n" + endMark
}

// find gives where the inside of a tag's block lies; -1 where there is none.
func find(text, tag string) (from, to int, err error) {
	from, to = -1, -1
	open := false
	for _, m := range marks.FindAllStringSubmatchIndex(text, -1) {
		begins := m[2] >= 0
		mine := begins && strings.EqualFold(text[m[2]:m[3]], strings.ReplaceAll(tag, "--", "-\u200b-"))
		switch {
		case begins && open, mine && from >= 0:
			return -1, -1, fmt.Errorf("notes of %s: %w", tag, ErrDamaged)
		case mine:
			from, open = m[1], true
		case !begins && open:
			to, open = m[0], false
		}
	}
	if open {
		return -1, -1, fmt.Errorf("notes of %s: %w", tag, ErrDamaged)
	}
	return from, to, nil
}

// replaced puts a text between two places, each on lines of its own, with the line ends that the
// place has; what says the same already is left.
func replaced(text string, from, to int, inside string) string {
	was := text[from:to]
	if strings.Trim(strings.ReplaceAll(was, "\r\n", "\n"), "\n") == inside {
		return text
	}
	inside = "\n" + inside + "\n"
	if inside == "\n\n" {
		inside = "\n"
	}
	return text[:from] + inside + text[to:]
}

// gapAfter is what makes one empty line after a text.
func gapAfter(text string) string {
	switch {
	case strings.HasSuffix(text, "\n\n"), strings.HasSuffix(text, "\n\r\n"):
		return ""
	case strings.HasSuffix(text, "\n"):
		return "\n"
	}
	return "\n\n"
}

// newest gives where the newest version of a change log begins: its first heading of the second
// level that is not for what is unreleased, with the mark above it if it has one.
func newest(text string) int {
	pos, mark, fence := 0, -1, false
	for l := range strings.SplitAfterSeq(text, "\n") {
		t := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(t, "```"), strings.HasPrefix(t, "~~~"):
			fence = !fence
		case fence:
		case strings.HasPrefix(l, "## ") && !strings.Contains(strings.ToLower(l), "unreleased"):
			if mark >= 0 {
				return mark
			}
			return pos
		case marks.MatchString(strings.TrimRight(l, "\n")) && t != endMark:
			mark = pos
			pos += len(l)
			continue
		}
		if t != "" {
			mark = -1
		}
		pos += len(l)
	}
	return len(text)
}
