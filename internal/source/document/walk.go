package document

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// walker looks at every node once, before anything is decoded.
type walker struct {
	doc      *Doc
	nodes    int
	findings diag.List
	stopped  bool
	said     map[string]bool // rules about YAML itself, each said once
}

func (w *walker) add(f diag.Finding) { w.findings.Add(f) }

func (w *walker) node(n *yaml.Node, depth int) {
	if w.stopped {
		return
	}
	w.nodes++
	switch {
	case w.nodes > source.MaxNodes:
		w.stop(n, "too-many-values", fmt.Sprintf("the file has more than %d values", source.MaxNodes),
			"split the capability, or move long texts into their own files and name them under documents")
		return
	case depth > source.MaxDepth:
		w.stop(n, "too-deep", fmt.Sprintf("groups are nested more than %d deep", source.MaxDepth), "take some of the brackets or indentation out")
		return
	}
	w.plainData(n)
	switch n.Kind {
	case yaml.MappingNode:
		w.mapping(n, depth)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			w.node(item, depth+1)
			if item.Kind == yaml.ScalarNode {
				w.scalar(item)
			}
		}
	}
}

func (w *walker) stop(n *yaml.Node, rule, message, hint string) {
	w.stopped, w.doc.odd = true, true
	w.add(w.doc.Finding(n, rule, message, hint))
}

// plainData refuses the parts of YAML that are more than data.
func (w *walker) plainData(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		w.once(w.doc.Finding(n, "yaml-alias", fmt.Sprintf("\"*%s\" refers to another place in the file", n.Value),
			"write the text out in full; if it is plain text that begins with *, put it in quotes"))
	case n.Anchor != "":
		w.once(w.doc.Finding(n, "yaml-anchor", fmt.Sprintf("\"&%s\" gives this place a name for YAML", n.Anchor),
			"take it out; if it is plain text that begins with &, put it in quotes"))
	case n.Style&yaml.TaggedStyle != 0:
		w.once(w.doc.Finding(n, "yaml-tag", fmt.Sprintf("%q is a YAML tag, which is not used here", n.Tag),
			"take it out; if it is plain text that begins with !, put it in quotes"))
	}
}

// once says a thing about YAML itself; values that follow from it are not judged.
func (w *walker) once(f diag.Finding) {
	w.doc.odd = true
	if w.said == nil {
		w.said = map[string]bool{}
	}
	if !w.said[f.Rule] {
		w.said[f.Rule] = true
		w.add(f)
	}
}

func (w *walker) mapping(n *yaml.Node, depth int) {
	var seen map[string]int
	if len(n.Content) > 2*few {
		seen = make(map[string]int, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content) && !w.stopped; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		w.nodes++
		w.key(key, n.Content[:i], seen)
		w.node(value, depth+1)
		if value.Kind == yaml.ScalarNode {
			w.doc.empty = w.doc.empty || nothing(value)
			if IsNull(value) {
				w.missing(key, value)
			} else {
				w.scalar(value)
			}
		}
	}
}

// few is how many keys are compared one by one before a map pays off.
const few = 16

// first gives the line of an earlier key with the same name. Seen is nil for few keys.
func first(key *yaml.Node, before []*yaml.Node, seen map[string]int) (int, bool) {
	if seen != nil {
		line, twice := seen[key.Value]
		if !twice {
			seen[key.Value] = key.Line
		}
		return line, twice
	}
	for i := 0; i < len(before); i += 2 {
		if before[i].Value == key.Value {
			return before[i].Line, true
		}
	}
	return 0, false
}

func (w *walker) key(key *yaml.Node, before []*yaml.Node, seen map[string]int) {
	w.plainData(key)
	if key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style == 0 {
		w.once(w.doc.Finding(key, "yaml-merge", "\"<<\" copies keys from another place in the file", "write the keys out in full"))
		return
	}
	if key.Kind != yaml.ScalarNode {
		w.doc.odd = true
		w.add(w.doc.Finding(key, "not-a-key", "a key must be a single word, not a group or list", "write \"key: value\"; text in brackets needs quotes"))
		return
	}
	if r, bad := plain.Hidden(key.Value); bad {
		w.add(w.doc.Finding(key, "hidden-character",
			fmt.Sprintf("the key %s holds %s", plain.Shorten(key.Value), plain.Name(r)),
			"delete the line up to the colon and type it again, with plain blanks"))
		return
	}
	if line, twice := first(key, before, seen); twice {
		w.add(w.doc.Finding(key, "duplicate-key", fmt.Sprintf("the key %q stands here twice, first on line %d", key.Value, line),
			"keep one of the two"))
	}
}

// missing looks at a key without a value: often the value was meant to be there.
func (w *walker) missing(key, value *yaml.Node) {
	if value.Value != "" {
		return
	}
	end := key.Column + utf8.RuneCountInString(key.Value)
	rest := w.doc.lines.From(key.Line, end)
	text := strings.TrimLeft(rest, ` :"'`)
	if cut, ok := plain.Comment(text); ok {
		at := diag.Position{File: w.doc.Path, Line: key.Line, Column: end + utf8.RuneCountInString(rest) - utf8.RuneCountInString(text)}
		at.EndColumn = at.Column + utf8.RuneCountInString(cut)
		w.add(diag.Finding{
			Position: at, Severity: diag.Error, Rule: "swallowed-by-comment",
			Message: fmt.Sprintf("%q is empty: everything after # is a comment", key.Value),
			Hint:    "put the text in quotes: " + plain.Quote(cut),
		})
	}
}

var keyLine = regexp.MustCompile(`^[a-z][a-z_]*:(\s|$)`)

// swallowing warns about a quoted text of several lines that holds a line like a key: its
// closing quote was probably forgotten, and the next one in the file closed it.
func (w *walker) swallowing(n *yaml.Node) {
	rest := w.doc.lines.From(n.Line, n.Column)
	if rest == "" || n.Line >= w.doc.lines.Len() || plain.QuotedEnd(rest, 1) > 0 || !keyLine.MatchString(w.doc.lines.Line(n.Line+1)) {
		return
	}
	key, _, _ := strings.Cut(w.doc.lines.Line(n.Line+1), ":")
	f := w.doc.Finding(n, "unclosed-quote", fmt.Sprintf("the quote that opens here is not closed on its line, so %q below belongs to the text", key+":"),
		fmt.Sprintf("put a %c at the end of the line", rest[0]))
	if w.doc.unclosed == nil {
		w.doc.unclosed = &f
	}
}

// escaped refuses characters that may stand nowhere and were written with a backslash, so that
// they could not be seen in the text of the file.
func (w *walker) escaped(n *yaml.Node) {
	if i := strings.IndexFunc(n.Value, plain.Refused); i >= 0 {
		r, _ := utf8.DecodeRuneInString(n.Value[i:])
		w.add(w.doc.Finding(n, "hidden-character", fmt.Sprintf("the text holds %s, written with a backslash", plain.Name(r)),
			"take it out; it can make text look like something else"))
	}
}

func (w *walker) scalar(n *yaml.Node) {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		w.swallowing(n)
	}
	if n.Style&yaml.DoubleQuotedStyle != 0 {
		w.escaped(n)
	}
	if n.Style != 0 || n.Value == "" {
		return
	}
	first, last := plain.Edges(n.Value)
	switch {
	case plain.OddBlank(first) || plain.OddBlank(last):
		r := first
		if !plain.OddBlank(r) {
			r = last
		}
		w.add(w.doc.Finding(n, "odd-blank", fmt.Sprintf("%s stands at the edge of the text; it looks like a blank but is not", plain.Name(r)),
			"delete the blanks there and type a plain one"))
	case plain.Curly(n.Value) && (plain.Curly(string(last)) || last == '’' || last == '”'):
		f := w.doc.Finding(n, "curly-quotes", fmt.Sprintf("the curly quotes in %s become part of the text", plain.Shorten(n.Value)),
			`if you meant to quote it, use straight quotes: "…"`)
		f.Severity = diag.Warning
		w.add(f)
	}
	w.cut(n)
}

// cut looks for text that # took away: "title: Scoring #2".
func (w *walker) cut(n *yaml.Node) {
	rest, ok := strings.CutPrefix(w.doc.lines.From(n.Line, n.Column), n.Value)
	if !ok {
		return
	}
	lost, ok := plain.Comment(strings.TrimLeft(rest, " "))
	if !ok {
		return
	}
	f := w.doc.Finding(n, "swallowed-by-comment", fmt.Sprintf("the text ends at %s: everything after # is a comment", plain.Shorten(n.Value)),
		fmt.Sprintf("if %s belongs to the text, put all of it in quotes; a comment has a blank after #", plain.Shorten(lost)))
	f.Severity = diag.Warning
	w.add(f)
}

// EmptyAt gives a better reason why a key has no value, if there is one.
func (d *Doc) EmptyAt(key *yaml.Node) diag.List {
	w := walker{doc: d}
	w.missing(key, &yaml.Node{Kind: yaml.ScalarNode})
	return w.findings
}
