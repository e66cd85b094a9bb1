package template

import (
	"crypto/sha256"
	"regexp"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// While a guarded template's output is made inert, what only the program may write is held
// back behind tokens: a number between two characters that mean nothing to anybody.
const (
	tokenBegin = '\ue000'
	tokenEnd   = '\ue001'
)

// What is held back: mentions of tickets, hidden comments, boxes to tick.
var (
	ownPiece = regexp.MustCompile("\x00[^\x00]*\x00|(?m)^<!-- ticketfoundry:[a-z]+ -->$")
	ownBox   = regexp.MustCompile(`(?m)^([ \t>]*(?:[-*+]|[0-9]{1,9}[.)]) )\[([ x])\]( |$)`)
)

// hiddenToken is a character of tokens as Markdown also lets it be written.
var hiddenToken = regexp.MustCompile(`&#(?:[xX]0*[eE]00[01]|0*5734[45]);`)

// Markers are lines of their own, and hidden only there: in a quote, a list or a table people
// would read them.
var (
	anyMarker    = regexp.MustCompile(`<!-- ticketfoundry:[a-z]+ -->\s*`)
	firstMarker  = regexp.MustCompile(`^(?:<!-- ticketfoundry:[a-z]+ -->\s*)+`)
	quotedMarker = regexp.MustCompile(`(?m)^[ \t]*(?:>[ \t]*)+<!-- ticketfoundry:[a-z]+ -->(?:\n|$)(?:[ \t]*(?:>[ \t]*)+\n)?`)
)

// heading is the level of a ticket's own headings.
const heading = 3

// output is what a template has written so far.
type output struct {
	strings.Builder
	guarded bool
	held    []string
	begun   int    // where the line that is being written begins
	fence   string // of the code block that is open before that line; empty for none
	below   bool   // a text of several lines was written last: what follows stands below it
}

// literal writes text of the template itself. Blank lines around what turned out empty are
// drawn together.
func (o *output) literal(s string) {
	o.apart(s)
	if o.guarded {
		s = o.boxes(s, false)
	}
	rest := strings.TrimLeft(s, "\n")
	breaks := len(s) - len(rest)
	have := len(o.String()) - len(strings.TrimRight(o.String(), "\n"))
	if o.Len() == 0 {
		have = 2
	}
	o.write(strings.Repeat("\n", max(0, min(breaks, 2-have))))
	o.write(rest)
}

func (o *output) write(s string) {
	for {
		l, rest, more := strings.Cut(s, "\n")
		o.WriteString(l)
		if !more {
			return
		}
		if o.guarded {
			o.fence = fenceAfter(o.fence, o.line())
		}
		o.WriteByte('\n')
		o.begun, s = o.Len(), rest
	}
}

// fenceAfter follows the code fence that is open, "" for none, from one line of Markdown as people
// write it to the next.
func fenceAfter(open, line string) string {
	t := strings.TrimRight(line[len(marksOnly.FindString(line)):], " \t")
	if open != "" {
		if len(t) >= len(open) && strings.Trim(t, open[:1]) == "" {
			return ""
		}
		return open
	}
	for _, mark := range []string{"`", "~"} {
		rest := strings.TrimLeft(t, mark)
		if n := len(t) - len(rest); n >= 3 && (mark == "~" || !strings.Contains(rest, mark)) {
			return t[:n]
		}
	}
	return ""
}

// line is the line that is being written.
func (o *output) line() string { return o.String()[o.begun:] }

// print writes a value so that it fits where it stands.
func (m *machine[H]) print(v Value) {
	o := m.out
	row := strings.HasPrefix(strings.TrimLeft(o.line(), " "), "|")
	var s string
	switch v.kind {
	case Line:
		if row {
			s = m.host.Cell(v.words)
		} else {
			s = m.host.Line(v.words)
		}
	case Text:
		if row {
			s = m.host.Cell(v.words)
		} else {
			s = m.host.Text(v.words)
		}
	case Part:
		s = o.unmarked(v.words, row)
		if row {
			s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
		}
	case Flag:
		s = map[bool]string{true: "yes", false: "no"}[v.yes]
	case Number:
		s = strconv.Itoa(v.count)
	}
	if v.kind == Part {
		m.step(len(s))
	} else {
		m.toMarkdown(len(s))
	}
	if o.guarded {
		s = o.hold(s, v.kind == Part)
	}
	o.block(s)
}

// unmarked takes those markers out of a part that would be seen where it stands. Without them
// nobody could tell whose its boxes are, so that they are shown as signs, for nobody to tick.
func (o *output) unmarked(part string, row bool) string {
	is := part
	switch before := o.line(); {
	case !strings.Contains(part, "<!-- ticketfoundry:"):
		return part
	case row:
		is = anyMarker.ReplaceAllString(is, "")
	case strings.TrimSpace(before) != "" && marksOnly.FindString(before) == before:
		is = firstMarker.ReplaceAllString(is, "")
	}
	if is = quotedMarker.ReplaceAllString(is, ""); is == part {
		return part
	}
	return ownBox.ReplaceAllStringFunc(is, func(l string) string {
		m := ownBox.FindStringSubmatch(l)
		return m[1] + map[string]string{" ": "☐", "x": "☑"}[m[2]] + m[3]
	})
}

// block writes a text of one or several lines at its place: behind the marks of a quote or a
// list entry each line gets its own.
func (o *output) block(s string) {
	o.apart(s)
	if !strings.Contains(s, "\n") {
		o.write(s)
		return
	}
	before := o.line()
	margin, marks := "", marksOnly.FindString(before)
	switch {
	case before == "":
	case marks == before:
		margin = notQuote.ReplaceAllString(marks, " ")
	default: // behind other words: on its own
		o.write("\n\n")
	}
	for i, l := range strings.Split(s, "\n") {
		if i > 0 {
			o.write("\n")
			if l == "" {
				o.write(strings.TrimRight(margin, " "))
			} else {
				o.write(margin)
			}
		}
		o.write(l)
	}
	o.below = true
}

// apart begins a new paragraph behind a text of several lines: a code block, for one, would not
// end with words behind its last line.
func (o *output) apart(next string) {
	if o.below && next != "" && next[0] != '\n' {
		o.write("\n\n")
	}
	o.below = o.below && next == ""
}

var (
	marksOnly = regexp.MustCompile(`^(?:[ \t]|>|[-*+] |[0-9]{1,9}[.)] )*`)
	notQuote  = regexp.MustCompile(`[^ \t>]`)
)

// hold takes the tokens' characters out of a text, and what only the program may write behind
// tokens.
func (o *output) hold(s string, own bool) string {
	s = strings.Map(func(r rune) rune {
		if r == tokenBegin || r == tokenEnd {
			return -1
		}
		return r
	}, s)
	if !own {
		return s
	}
	s = ownPiece.ReplaceAllStringFunc(s, func(piece string) string {
		return o.behind(piece)
	})
	return o.boxes(s, true)
}

// behind holds a piece back and gives the token that stands for it.
func (o *output) behind(piece string) string {
	o.held = append(o.held, piece)
	return string(tokenBegin) + strconv.Itoa(len(o.held)-1) + string(tokenEnd)
}

// boxes holds back the boxes of task lists, but those in code blocks: inside of another block such
// code may end up outside, and a box that a spec only shows would become one to tick. What is code
// in a part by itself is so, too, where the template around it has opened a block of its own.
func (o *output) boxes(s string, part bool) string {
	lines, open, own, before := strings.Split(s, "\n"), o.fence, "", o.line()
	for i, l := range lines {
		was, wasOwn := open, own
		open = fenceAfter(open, before+l)
		if part {
			own = fenceAfter(own, l)
		}
		if was+open+wasOwn+own == "" {
			lines[i] = o.boxesOf(l)
		}
		before = ""
	}
	return strings.Join(lines, "\n")
}

func (o *output) boxesOf(s string) string {
	return ownBox.ReplaceAllStringFunc(s, func(l string) string {
		m := ownBox.FindStringSubmatch(l)
		return m[1] + o.behind("["+m[2]+"]") + m[3]
	})
}

// finish gives what was written. What a guarded template wrote is made inert as a whole: only
// then is it sure that no two harmless pieces make a harmful one.
func (o *output) finish() (string, error) {
	s := strings.TrimSpace(o.String())
	if !o.guarded {
		return s, nil
	}
	s = hiddenToken.ReplaceAllString(s, "\uFFFD")
	sign := signature(s)
	s = markdown.Block(strings.ReplaceAll(s, string(tokenBegin), string(tokenBegin)+sign), heading)
	s, err := restore(s, sign, o.held)
	return strings.TrimSpace(s), err
}

// signature gives letters that cannot be known while a text is being written: they follow from
// all of it. They are none of those that numbers and hashes are made of.
func signature(text string) string {
	sum := sha256.Sum256([]byte(text))
	out := make([]byte, 16)
	for i := range out {
		out[i] = 'g' + sum[i]&15
	}
	return string(out)
}

// restore puts the pieces back in the place of their tokens. A piece is lost where Markdown shows
// nothing, as in the title of a link; one that would stand twice, or a token that is none of
// ours, was forged.
func restore(s, sign string, held []string) (string, error) {
	var b strings.Builder
	back := make([]bool, len(held))
	for {
		i := strings.IndexAny(s, string([]rune{tokenBegin, tokenEnd}))
		if i < 0 {
			b.WriteString(s)
			return b.String(), nil
		}
		b.WriteString(s[:i])
		rest, signed := strings.CutPrefix(s[i:], string(tokenBegin)+sign)
		number, rest, closed := strings.Cut(rest, string(tokenEnd))
		n, err := strconv.Atoi(number)
		if !signed || !closed || err != nil || n < 0 || n >= len(held) || back[n] {
			return "", ErrUnfit
		}
		b.WriteString(held[n])
		back[n], s = true, rest
	}
}
