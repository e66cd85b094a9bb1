package template

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// While a guarded template's output is made inert, what only the program may write is held
// back behind tokens: two characters that mean nothing to anybody, around a sign.
const (
	tokenBegin = '\ue000'
	tokenEnd   = '\ue001'
)

// What is held back: mentions of tickets, hidden comments, boxes to tick.
var (
	ownPiece = regexp.MustCompile("\x00[^\x00]*\x00|(?m)^<!-- ticketfoundry:[a-z]+ -->$")
	ownBox   = regexp.MustCompile(`(?m)^([ \t>]*(?:[-*+]|[0-9]{1,9}[.)]) )\[([ x])\]( |$)`)
	token    = regexp.MustCompile(string(tokenBegin) + `(?:([0-9]+)|box([ x]))` + string(tokenEnd))
)

// heading is the level of a ticket's own headings.
const heading = 3

// output is what a template has written so far.
type output struct {
	strings.Builder
	guarded bool
	held    []string
}

// literal writes text of the template itself. Blank lines around what turned out empty are
// drawn together.
func (o *output) literal(s string) {
	if o.guarded {
		s = o.boxes(s)
	}
	rest := strings.TrimLeft(s, "\n")
	breaks := len(s) - len(rest)
	have := len(o.String()) - len(strings.TrimRight(o.String(), "\n"))
	if o.Len() == 0 {
		have = 2
	}
	o.WriteString(strings.Repeat("\n", max(0, min(breaks, 2-have))))
	o.WriteString(rest)
}

// line is the line that is being written.
func (o *output) line() string { return o.String()[strings.LastIndexByte(o.String(), '\n')+1:] }

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
		s = v.words
		if row {
			s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
		}
	case Flag:
		s = map[bool]string{true: "yes", false: "no"}[v.yes]
	case Number:
		s = strconv.Itoa(v.count)
	}
	m.step(len(s))
	if o.guarded {
		s = o.hold(s, v.kind == Part)
	}
	o.block(s)
}

// block writes a text of one or several lines at its place: behind the marks of a quote or a
// list entry each line gets its own.
func (o *output) block(s string) {
	if !strings.Contains(s, "\n") {
		o.WriteString(s)
		return
	}
	before := o.line()
	margin, marks := "", marksOnly.FindString(before)
	switch {
	case before == "":
	case marks == before:
		margin = notQuote.ReplaceAllString(marks, " ")
	default: // behind other words: on its own
		o.WriteString("\n\n")
	}
	for i, l := range strings.Split(s, "\n") {
		if i > 0 {
			o.WriteByte('\n')
			if l == "" {
				o.WriteString(strings.TrimRight(margin, " "))
			} else {
				o.WriteString(margin)
			}
		}
		o.WriteString(l)
	}
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
		o.held = append(o.held, piece)
		return string(tokenBegin) + strconv.Itoa(len(o.held)-1) + string(tokenEnd)
	})
	return o.boxes(s)
}

// boxes holds back the boxes of task lists.
func (o *output) boxes(s string) string {
	return ownBox.ReplaceAllString(s, "${1}"+string(tokenBegin)+"box${2}"+string(tokenEnd)+"${3}")
}

// finish gives what was written. What a guarded template wrote is made inert as a whole: only
// then is it sure that no two harmless pieces make a harmful one.
func (o *output) finish() string {
	s := strings.TrimSpace(o.String())
	if !o.guarded {
		return s
	}
	s = markdown.Block(s, heading)
	return strings.TrimSpace(token.ReplaceAllStringFunc(s, func(t string) string {
		m := token.FindStringSubmatch(t)
		if m[1] == "" {
			return "[" + m[2] + "]"
		}
		i, err := strconv.Atoi(m[1])
		if err != nil || i >= len(o.held) {
			return ""
		}
		return o.held[i]
	}))
}
