package release

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// maxBlock is how long the notes may be in a release, in bytes: GitHub takes 125,000 characters,
// and people's own text needs room.
const maxBlock = 100_000

// MaxBody is how long the text of a release may be, in characters: GitHub refuses a longer one.
const MaxBody = 125_000

const endMark = "<!-- ticketfoundry:notes-end -->"

var marks = regexp.MustCompile(`(?m)^[ \t]*<!-- ticketfoundry:notes(?:-end| for=(\S+)) -->[ \t]*\r?$`)

// ErrDamaged says that the marks around a block are not one pair: what is ours cannot be told
// from what people wrote.
var ErrDamaged = errors.New("the two hidden marks around the release notes are not there once each, in order; put them right, or remove both")

// ErrFull says that the notes do not fit beside what people wrote.
var ErrFull = fmt.Errorf("with the release notes the text would be longer than the %d characters that GitHub takes; shorten what stands around them", MaxBody)

func beginMark(tag string) string {
	return "<!-- ticketfoundry:notes for=" + guarded(tag) + " -->"
}

// guarded writes a tag so that nothing in it ends the comment that it stands in.
func guarded(tag string) string {
	var b strings.Builder
	for i := range len(tag) {
		b.WriteByte(tag[i])
		if tag[i] == '-' && i+1 < len(tag) && (tag[i+1] == '-' || tag[i+1] == '>') {
			b.WriteString("\u200b")
		}
	}
	return b.String()
}

// Tags gives the tags whose notes a text holds a block for.
func Tags(text string) []string {
	var out []string
	for _, m := range marks.FindAllStringSubmatch(text, -1) {
		if tag := strings.ReplaceAll(m[1], "\u200b", ""); tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// Fold puts the notes into the body of a release: between the marks of this tag where they are,
// else below what people wrote. Not a byte outside of the marks changes; a block that says the
// same with other line ends is left as it is. What is written has the line ends of its place. The
// error is ErrDamaged or ErrFull; the body then comes back as it was.
func (n Notes) Fold(body string) (string, error) {
	out, err := n.fold(body)
	if err == nil && out != body && utf8.RuneCountInString(out) > MaxBody {
		return body, ErrFull
	}
	return out, err
}

func (n Notes) fold(body string) (string, error) {
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
	end := lineEnd(body)
	return body + gapAfter(body, end) + ended(n.block(text), end), nil
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
		mine := begins && strings.EqualFold(text[m[2]:m[3]], guarded(tag))
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
	end := "\n"
	if strings.HasSuffix(text[:from], "\r") { // the mark's own line; its "\n" comes next
		end = "\r\n"
	}
	if inside != "" {
		inside = ended(inside+"\n", end)
	}
	return text[:from] + "\n" + inside + text[to:]
}
