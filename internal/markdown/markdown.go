// Package markdown owns turning text from specs, which is data, into Markdown that cannot do
// anything: it notifies nobody, refers to no issue or commit, loads nothing, holds no raw HTML
// and no marker of ours, and cannot break out of the place it is put in. It does so by parsing
// the text and writing it anew in one canonical form, so ordinary prose comes out as it went in.
// It refuses to know tickets, specs and layout.
//
//	markdown.Line("ask @octocat about #12") // the same to the eye, but nobody is notified
package markdown

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/text"
)

// maxTitle is the longest issue title, in UTF-16 units: GitHub takes 256 characters.
const maxTitle = 256

// Block gives Markdown paragraphs, lists, tables, code and links of a text. Its highest heading
// gets the given level (1 to 6), lower ones follow; images become links; a wrapped paragraph
// becomes one line. The result ends without a line end and may be followed by anything after a
// blank line. Empty text gives "".
func Block(src string, level int) string {
	src = shallow(clean(src))
	w := writer{source: []byte(src), level: level}
	doc := blockParser().Parse(text.NewReader(w.source))
	w.shift = w.headingShift(doc)
	return w.blocks(doc, 0, false)
}

// Line gives a text on one line: emphasis, code and links stay, line breaks become blanks, and
// nothing in it opens a block where it stands at the start of a line or list item.
func Line(src string) string {
	src = oneLine(src)
	if unmarked(src) {
		return guardItem(guardLine(strings.TrimSpace(prose(src, false))))
	}
	return parsedLine(src)
}

// parsedLine is Line for a text that is on one line and may hold Markdown.
func parsedLine(src string) string {
	w := writer{source: []byte(shallow(src)), oneLine: true}
	doc := lineParser().Parse(text.NewReader(w.source))
	var parts []string
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		parts = append(parts, w.inline(n))
	}
	return guardItem(guardLine(strings.TrimSpace(strings.Join(parts, " "))))
}

// unmarked tells whether a text on one line is prose without a single character that Markdown
// could mean something by. Most is, and to parse it takes far longer than to see that.
func unmarked(src string) bool {
	if src == "" || !word(src[0]) || src[0] == '_' || src[0] >= '0' && src[0] <= '9' {
		return false
	}
	return !strings.ContainsAny(src, "`*_{}[]<>!&@:|#\\~\t") && !strings.Contains(src, "www") && !strings.Contains(src, "WWW")
}

// Cell gives a text as the content of a table cell.
func Cell(src string) string { return guardPipes(Line(src)) }

// Code gives a text in code font, on one line; "" for an empty one.
func Code(src string) string {
	src = oneLine(src)
	if src == "" {
		return ""
	}
	return codeSpan(src)
}

// Fence gives a text as a code block in a language ("mermaid", "" for none).
func Fence(src, language string) string {
	return fence(strings.TrimRight(clean(src), "\n"), language)
}

// ChartLabel gives a text as a label in a Mermaid chart: without what could end it or start a
// directive, and 40 characters at most. A text that has nothing else is "unnamed".
func ChartLabel(src string) string {
	src = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -_.,()/+&", r) {
			return r
		}
		return ' '
	}, src)
	label := []rune(strings.Join(strings.Fields(src), " "))
	switch {
	case len(label) == 0:
		return "unnamed"
	case len(label) > maxLabel:
		return strings.TrimSpace(string(label[:maxLabel-1])) + "…"
	}
	return string(label)
}

const maxLabel = 40 // characters

// Link gives a link to an http, https or mailto address. Any other address is shown in code
// font behind the text, since a relative one would lead somewhere else in an issue.
func Link(label, address string) string {
	label = oneLine(label)
	if unmarked(label) {
		return guardItem(guardLine(link(strings.TrimSpace(prose(label, true)), oneLine(address))))
	}
	w := writer{oneLine: true, inLink: true}
	w.source = []byte(shallow(label))
	doc := lineParser().Parse(text.NewReader(w.source))
	var inner string
	if n := doc.FirstChild(); n != nil {
		inner = strings.TrimSpace(w.inline(n))
	}
	return guardItem(guardLine(link(inner, oneLine(address))))
}

// Title gives a text as an issue title. Trackers render some Markdown in titles and offer no
// escape, so references are broken up invisibly; blanks collapse, and what is longer than 256
// characters is cut with an ellipsis.
func Title(src string) string {
	return cutTitle(inert(oneLine(short(src))), maxTitle)
}

// TitleAround gives a title of three parts of which the middle one gives way when all together
// would be too long, so that what names the ticket stays readable.
func TitleAround(before, middle, after string) string {
	b, m, a := inert(blanks.ReplaceAllString(clean(short(before)), " ")), inert(oneLine(short(middle))), inert(blanks.ReplaceAllString(clean(short(after)), " "))
	room := maxTitle - units(b) - units(a)
	if units(m) > room {
		m = cutTitle(m, max(room, 16))
	}
	return cutTitle(b+m+a, maxTitle)
}

// short keeps as much of a text as can matter for a title.
func short(s string) string {
	if len(s) > 8*maxTitle {
		s = strings.ToValidUTF8(s[:8*maxTitle], "")
	}
	return s
}

func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// Table gives a table. Cells are Markdown of one line each (Cell, Line, Code, Link); right names
// the columns, from 0, that hold figures. Without rows there is no table: "".
func Table(header []string, rows [][]string, right ...int) string {
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	row := func(cells []string) {
		b.WriteString("|")
		for i := range header {
			cell := ""
			if i < len(cells) {
				cell = guardPipes(strings.ReplaceAll(cells[i], "\n", " "))
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
	row(header)
	b.WriteString("|")
	for i := range header {
		rule := "---"
		for _, r := range right {
			if r == i {
				rule = "--:"
			}
		}
		b.WriteString(rule + "|")
	}
	b.WriteString("\n")
	for _, r := range rows {
		row(r)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Cut shortens Markdown that this package wrote to at most limit bytes, at a line border and
// never inside a code block, and tells whether it had to. A first line that alone is longer is
// cut at a rune border and written anew.
func Cut(md string, limit int) (string, bool) {
	if len(md) <= limit {
		return md, false
	}
	limit = max(limit, 0)
	end, open, pos := 0, "", 0
	for l := range strings.SplitAfterSeq(md, "\n") {
		pos += len(l)
		if pos > limit+1 || pos == limit+1 && !strings.HasSuffix(l, "\n") {
			break
		}
		open = FenceAfter(open, l)
		if open == "" {
			end = pos
		}
	}
	if end > 0 {
		return strings.TrimRight(md[:end], "\n "), true
	}
	return cutFirst(md, limit), true
}

// cutFirst cuts inside the first block: a fence that is open is closed again, a line is written
// anew, since half of a code span would bring to life what it held.
func cutFirst(md string, limit int) string {
	first, _, _ := strings.Cut(md, "\n")
	mark := FenceAfter("", first)
	closing := margin.ReplaceAllString(containers.FindString(first), " ") + mark
	for room := limit - len(closing) - 1; room > 0; room -= max(room/16, 1) {
		for room > 0 && !utf8.RuneStart(md[room]) {
			room--
		}
		cut := md[:room]
		if mark == "" {
			cut = Line(strings.TrimRight(cut, " \n`*_~[(<&\\"))
		} else if i := strings.LastIndexByte(md[:room+1], '\n'); i > 0 {
			cut = cut[:i] + "\n" + closing
		} else {
			return ""
		}
		if len(cut) <= limit {
			return cut
		}
	}
	return ""
}

var (
	containers = regexp.MustCompile(`^(?:[ \t]|>|[-*+] |[0-9]{1,9}[.)] )*`) // the marks of quotes and lists around a block
	margin     = regexp.MustCompile(`[^ \t>]`)                              // of them, what stands on the first line only
)

// FenceAfter follows the code fence that is open, "" for none, from one line of Markdown that this
// package wrote to the next: there, a fence is longer than any run of its mark inside.
func FenceAfter(open, line string) string {
	t := strings.TrimRight(line[len(containers.FindString(line)):], "\n")
	ticks := t[:len(t)-len(strings.TrimLeft(t, "`"))]
	switch {
	case open == "" && len(ticks) >= 3 && !strings.Contains(t[len(ticks):], "`"):
		return ticks
	case open != "" && t == open:
		return ""
	}
	return open
}

var blanks = regexp.MustCompile(`\s+`)

func cutTitle(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		if n += width(r); n > limit-1 {
			return strings.TrimRight(quietEnd(s[:i]), " ") + "…"
		}
	}
	return s
}

// quietEnd shortens what a cut left of a long word to less than a commit hash.
func quietEnd(s string) string {
	word := len(s)
	for word > 0 && (s[word-1]|0x20 >= 'a' && s[word-1]|0x20 <= 'z' || s[word-1] >= '0' && s[word-1] <= '9') {
		word--
	}
	if hexRun.MatchString(s[word:]) {
		return s[:word+6]
	}
	return s
}

func units(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// width is how many UTF-16 units a rune takes, the smallest measure trackers may count in.
func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}
