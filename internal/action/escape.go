package action

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes text of others inert for a log that a workflow runner or a terminal reads.
// Line feeds and tabs stay, a CR before a line feed goes, every other control, format or
// separator character, and bytes that are no UTF-8, are shown by their code, and what the
// runner would take for a command gets a backslash: "::" at the start of a line, "##["
// anywhere in it. Text without any of these comes back as it is.
func Plain(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		text, hasEnd := strings.CutSuffix(line, "\n")
		if hasEnd {
			text = strings.TrimSuffix(text, "\r")
		}
		plainLine(&b, text)
		if hasEnd {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Commands tells whether a runner might take something in the text for a command. It is careful:
// whatever has no width counts as not there.
func Commands(text string) bool {
	bare := strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (hidden(r) || unicode.Is(unicode.M, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return Plain(bare) != bare
}

// OneLine is [Plain] for text that has to stay on one line: line ends become a blank.
func OneLine(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return Plain(strings.ReplaceAll(s, "\n", " "))
}

// plainLine writes one line, without its end, in its inert form.
//
// The runner looks for its marks with comparisons that depend on the culture, and those
// skip characters without a width; so a mark is looked for in what a reader can see, with
// blanks (at the start of the line) and combining characters left out.
func plainLine(b *strings.Builder, line string) {
	var seen, hashes int // visible characters so far; "#" that came last
	leadingColon := false
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		raw := line[i : i+size]
		i += size
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(b, `\x{%02x}`, raw[0])
			seen, hashes, leadingColon = seen+1, 0, false
			continue
		}
		if hidden(r) {
			// Written with a leading backslash, so at the start of a line it is itself
			// what keeps "::" from being first.
			fmt.Fprintf(b, `\u{%x}`, r)
			seen, hashes, leadingColon = seen+1, 0, false
			continue
		}
		switch {
		case unicode.Is(unicode.M, r):
		case unicode.IsSpace(r):
			if seen > 0 {
				hashes, leadingColon = 0, false
			}
		case r == ':' && seen == 0:
			seen, leadingColon = 1, true
		case r == ':' && leadingColon:
			b.WriteByte('\\') // ":\:" does not start with "::"
			leadingColon = false
			seen++
		case r == '#':
			seen, hashes, leadingColon = seen+1, hashes+1, false
		case r == '[' && hashes >= 2:
			b.WriteByte('\\')
			seen, hashes = seen+1, 0
		default:
			seen, hashes, leadingColon = seen+1, 0, false
		}
		b.WriteString(raw)
	}
}

// hidden tells whether a character does something other than being seen: controls (ANSI
// sequences begin with one), direction and joining marks, line and paragraph separators,
// fillers without a width, private and unassigned ones.
func hidden(r rune) bool {
	return r != '\t' && !unicode.IsGraphic(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// maxPartialLine bounds what a line without an end may hold in memory; a longer one is
// cut, which costs a reader nothing, as the runner cuts lines too.
const maxPartialLine = 1 << 20

// SafeWriter passes text on in the form [Plain] gives it. It holds a line back until it is
// whole, because only then can it be told from a command, whatever way it was cut into
// writes. It is not safe for several goroutines.
type SafeWriter struct {
	w       io.Writer
	partial []byte
	err     error // the first the writer gave; sticky
}

// NewSafeWriter wraps a stream that the runner reads, stderr for one.
func NewSafeWriter(w io.Writer) *SafeWriter { return &SafeWriter{w: w} }

// Write takes all of p. The error is the first the stream beneath gave, at any time.
func (s *SafeWriter) Write(p []byte) (int, error) {
	end := bytes.LastIndexByte(p, '\n') + 1
	if end > 0 {
		s.raw([]byte(Plain(string(append(s.partial, p[:end]...)))))
		s.partial = s.partial[:0]
	}
	s.partial = append(s.partial, p[end:]...)
	if len(s.partial) > maxPartialLine {
		s.endLine()
	}
	return len(p), s.err
}

// Flush ends a line that is still open. It adds the line end itself: what came after it on
// the same line could make a command of both.
func (s *SafeWriter) Flush() error {
	s.endLine()
	return s.err
}

func (s *SafeWriter) endLine() {
	if len(s.partial) > 0 {
		s.raw([]byte(Plain(string(s.partial) + "\n")))
		s.partial = s.partial[:0]
	}
}

func (s *SafeWriter) raw(p []byte) {
	if s.err != nil {
		return
	}
	_, s.err = s.w.Write(p)
}
