package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// Parse reads and checks a template. With findings that are errors there is none. The names are
// those of parts that may be defined without being used in the text itself.
func Parse[H Host](v *Vocabulary[H], path string, text []byte, mode Mode, names ...string) (*Template[H], diag.List) {
	c := &checker[H]{vocabulary: v, path: path, text: strings.ReplaceAll(string(text), "\r\n", "\n"), done: map[string]bool{}}
	c.text = strings.TrimPrefix(c.text, "\ufeff")
	if !c.readable(len(text)) {
		return nil, c.findings
	}
	trees, err := trees(c.text)
	if err != nil {
		c.syntax(err)
		return nil, c.findings
	}
	c.trees = trees
	c.body(main, top)
	for _, name := range names {
		if trees[name] != nil {
			c.body(name, top)
		}
	}
	c.unused()
	if c.findings.HasErrors() {
		return nil, c.findings.Sorted()
	}
	return &Template[H]{vocabulary: v, path: path, mode: mode, trees: trees}, c.findings.Sorted()
}

// trees takes a text apart: itself as main, and the parts that it defines.
func trees(text string) (map[string]*parse.Tree, error) {
	out := map[string]*parse.Tree{}
	t := parse.New(main)
	t.Mode = parse.SkipFuncCheck
	if _, err := t.Parse(text, "{{", "}}", out); err != nil {
		return nil, err
	}
	if out[main] == nil { // nothing but blanks and definitions
		out[main] = t
	}
	return out, nil
}

// readable refuses texts that nobody could mean.
func (c *checker[H]) readable(size int) bool {
	if size > MaxFile {
		c.findings.Add(diag.Finding{
			Position: diag.Position{File: c.path}, Severity: diag.Error, Rule: "file-too-large",
			Message: fmt.Sprintf("the template has %d KiB; %d KiB are allowed", (size+1023)/1024, MaxFile>>10), Hint: "a ticket has room for 64 KiB",
		})
		return false
	}
	if !utf8.ValidString(c.text) {
		at := 0
		for i, r := range c.text {
			if r == utf8.RuneError {
				if _, n := utf8.DecodeRuneInString(c.text[i:]); n == 1 {
					at = i
					break
				}
			}
		}
		c.fail(at, 0, "not-utf8", "the file is not UTF-8 text", "save it with the encoding UTF-8")
		return false
	}
	for i, r := range c.text {
		if plain.Refused(r) || r == tokenBegin || r == tokenEnd {
			c.fail(i, 1, "bad-character", "the character "+plain.Name(r)+" may not stand in a template", "take it out")
			return false
		}
	}
	return true
}

var syntaxError = regexp.MustCompile(`(?s)^template: .*?:(\d+): (.*)$`)

// syntax turns the parser's error into a finding at the first action of the line it names.
func (c *checker[H]) syntax(err error) {
	message, number := err.Error(), 1
	if m := syntaxError.FindStringSubmatch(message); m != nil {
		number, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	lines := strings.Split(c.text, "\n")
	number = min(max(number, 1), len(lines))
	at := len(strings.Join(lines[:number-1], "\n")) + min(number-1, 1)
	if i := strings.Index(lines[number-1], "{{"); i >= 0 {
		at += i
	}
	hint := "see the list of fields and functions, and Go's text/template for the syntax"
	switch {
	case strings.Contains(message, "unexpected EOF"):
		message, hint = "the text ends inside of an action", "close each {{if}}, {{range}}, {{with}} and {{define}} with {{end}}"
	case strings.Contains(message, "unexpected {{end}}"):
		hint = "take it out, or open what it should close"
	case strings.Contains(message, "unclosed action"), strings.Contains(message, "unclosed comment"):
		hint = "close it with }} on the same line"
	}
	if i := strings.Index(message, "<"+main+">"); i >= 0 {
		message = strings.TrimSpace(message[:i])
	}
	c.fail(at, 0, "template-syntax", strings.ReplaceAll(message, main, ""), hint)
}

// unused names parts that nothing writes: most likely a slip in a name.
func (c *checker[H]) unused() {
	for _, name := range slices.Sorted(maps.Keys(c.trees)) {
		if c.visited(name) {
			continue
		}
		at := strings.Index(c.text, `"`+name+`"`)
		c.findings.Add(diag.Finding{
			Position: c.position(max(at, 0), 0), Severity: diag.Warning, Rule: "unused-part",
			Message: fmt.Sprintf("nothing writes the part %q", name), Hint: fmt.Sprintf("write {{template %q .}} where it should stand", name),
		})
	}
}

func (c *checker[H]) visited(name string) bool {
	for key := range c.done {
		if n, _, _ := strings.Cut(key, "\x01"); n == name {
			return true
		}
	}
	return false
}

// position gives the place of a byte of the text; length is in characters, 0 for unknown.
func (c *checker[H]) position(at, length int) diag.Position {
	at = min(max(at, 0), len(c.text))
	begin := strings.LastIndexByte(c.text[:at], '\n') + 1
	p := diag.Position{File: c.path, Line: 1 + strings.Count(c.text[:at], "\n"), Column: 1 + utf8.RuneCountInString(c.text[begin:at])}
	if length > 0 {
		p.EndColumn = p.Column + length
	}
	return p
}

func (c *checker[H]) fail(at, length int, rule, message, hint string) {
	c.findings.Add(diag.Finding{Position: c.position(at, length), Severity: diag.Error, Rule: rule, Message: message, Hint: hint})
}
