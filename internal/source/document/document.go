// Package document owns taking a YAML file apart: every value with its position, findings in
// plain words for what YAML can do beyond plain data (anchors, merge keys, custom tags, several
// documents) and for what can hurt or deceive (bombs, invisible characters). It refuses to know
// what a file should hold: that is for package shape.
//
//	doc, findings := document.Parse("capabilities/CRM-101.yml", text)
//	doc.At("release", "version") // capabilities/CRM-101.yml:31:12
package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/source/mistake"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// Doc is one YAML file, taken apart but not yet understood.
type Doc struct {
	Path     string
	root     *yaml.Node // a mapping
	lines    plain.Lines
	empty    bool // some key has no value
	odd      bool // more than plain data is in it, so values are not judged
	unclosed *diag.Finding
}

// Parse reads one YAML document whose top is a mapping. The text may come from anywhere; path
// is only for positions. With errors in the findings the Doc is nil unless the file could be
// taken apart (then it may be looked into, but not decoded).
func Parse(path string, text []byte) (*Doc, diag.List) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark does no harm
	if len(text) > source.MaxFileSize {
		return nil, diag.List{source.TooLarge(path, int64(len(text)))}
	}
	if findings := checkText(path, text); findings.HasErrors() {
		return nil, findings
	}
	d := &Doc{Path: path, lines: plain.Split(text)}
	if f, ok := tooDense(path, text); ok {
		return nil, diag.List{f}
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var top yaml.Node
	if err := dec.Decode(&top); err != nil {
		if strings.Contains(err.Error(), "EOF") {
			return nil, diag.List{source.Whole(path, "empty-file", "the file is empty", "delete it, or fill it in")}
		}
		return nil, diag.List{mistake.Find(path, d.lines, err)}
	}
	var next yaml.Node
	if err := dec.Decode(&next); err == nil {
		return nil, diag.List{d.secondDocument(&next)}
	} else if err.Error() != "EOF" {
		return nil, diag.List{mistake.Find(path, d.lines, err)}
	}
	root := top.Content[0]
	if root.Kind != yaml.MappingNode {
		if root.ShortTag() == "!!null" {
			return nil, diag.List{source.Whole(path, "empty-file", "the file has only comments or nothing in it", "delete it, or fill it in")}
		}
		return nil, diag.List{d.Finding(root, "not-keys", "the file must be lines of \"key: value\"", "begin with a key at the start of the line, as in \"id: CRM-101\"")}
	}
	d.root = root
	w := walker{doc: d}
	w.node(root, 1)
	return d, AtMost(w.findings.Sorted())
}

// MaxFindings is how many findings one file may have; who has more has another problem.
const MaxFindings = 100

// AtMost cuts a list off where nobody would read on.
func AtMost(l diag.List) diag.List {
	if len(l) <= MaxFindings {
		return l
	}
	last := l[MaxFindings]
	last.Rule, last.Severity = "and-more", diag.Error
	last.Message, last.Hint = "more things are wrong from here on", "mend those above first"
	return append(l[:MaxFindings:MaxFindings], last)
}

// Root is the mapping at the top.
func (d *Doc) Root() *yaml.Node { return d.root }

// Lines are the lines of the file.
func (d *Doc) Lines() plain.Lines { return d.lines }

// Odd tells whether more than plain data is in the file, so that its values are not judged.
func (d *Doc) Odd() bool { return d.odd }

// Unclosed is the finding about a quote that seems to swallow the lines below it; nil without
// one. Whether it does shows when the values are judged.
func (d *Doc) Unclosed() *diag.Finding { return d.unclosed }

// Decode fills a Go value from the document; keys without a value are as if they were not
// there. It must only be called on a document that its schema accepts.
func (d *Doc) Decode(into any) error { return d.DecodeAt(into) }

// DecodeAt is Decode for the value at a path; a value that is not there leaves into alone.
func (d *Doc) DecodeAt(into any, at ...any) error {
	n, left := Find(d.root, at)
	if left > 0 || nothing(n) {
		return nil
	}
	if d.empty {
		n = prune(n)
	}
	if err := n.Decode(into); err != nil {
		return fmt.Errorf("decode %s: %w", d.Path, err)
	}
	return nil
}

// Keys gives the keys of the mapping at a path, in file order; nil where there is none.
func (d *Doc) Keys(at ...any) []string {
	n, left := Find(d.root, at)
	if left > 0 || n.Kind != yaml.MappingNode {
		return nil
	}
	var keys []string
	for i := 0; i < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys
}

// Len gives the number of items of the list at a path; 0 where there is none.
func (d *Doc) Len(at ...any) int {
	n, left := Find(d.root, at)
	if left > 0 || n.Kind != yaml.SequenceNode {
		return 0
	}
	return len(n.Content)
}

// Text gives the single value at a path as it stands in the file; empty where there is none.
func (d *Doc) Text(at ...any) string {
	n, left := Find(d.root, at)
	if left > 0 || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// At gives the place of the value at a path of keys and list indexes, or of what is nearest
// above it in the file.
func (d *Doc) At(path ...any) diag.Position {
	n, left := Find(d.root, path)
	if left == len(path) {
		return d.Top()
	}
	return d.position(n)
}

// KeyAt gives the place of the last key of the path, rather than of its value.
func (d *Doc) KeyAt(path ...any) diag.Position {
	if len(path) > 0 {
		parent, left := Find(d.root, path[:len(path)-1])
		if key, ok := path[len(path)-1].(string); ok && left == 0 {
			if k, _ := Lookup(parent, key); k != nil {
				return d.position(k)
			}
		}
	}
	return d.At(path...)
}

// Top is the first place of the file.
func (d *Doc) Top() diag.Position { return diag.Position{File: d.Path, Line: 1, Column: 1} }

// Find follows the path as far as it goes; left is how many steps remain.
func Find(n *yaml.Node, path []any) (at *yaml.Node, left int) {
	for i, step := range path {
		var next *yaml.Node
		switch step := step.(type) {
		case string:
			_, next = Lookup(n, step)
		case int:
			if n.Kind == yaml.SequenceNode && step >= 0 && step < len(n.Content) {
				next = n.Content[step]
			}
		default:
			panic(fmt.Sprintf("document: path step %v is neither a key nor an index", step))
		}
		if next == nil {
			return n, len(path) - i
		}
		n = next
	}
	return n, 0
}

// Lookup gives a key of a mapping and its value; nil if it is not there.
func Lookup(n *yaml.Node, key string) (k, v *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

func (d *Doc) position(n *yaml.Node) diag.Position {
	p := diag.Position{File: d.Path, Line: n.Line, Column: n.Column}
	if n.Kind != yaml.ScalarNode || n.Line < 1 || n.Line > d.lines.Len() || n.Value == "" && n.Style == 0 {
		return p
	}
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		if rest := d.lines.From(n.Line, n.Column); rest != "" {
			p.EndColumn = plain.QuotedEnd(rest, n.Column)
		}
	case strings.HasPrefix(d.lines.From(n.Line, n.Column), n.Value):
		p.EndColumn = n.Column + utf8.RuneCountInString(n.Value)
	}
	return p
}

// IsNull tells whether a key has no value at all.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// nothing tells whether a key has no value or an empty text.
func nothing(n *yaml.Node) bool { return IsNull(n) || n.Kind == yaml.ScalarNode && n.Value == "" }

// prune gives a copy of the node without keys that have no value.
func prune(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		return n
	}
	out := *n
	out.Content = nil
	for i := 0; i < len(n.Content); i++ {
		if n.Kind == yaml.MappingNode {
			if !nothing(n.Content[i+1]) {
				out.Content = append(out.Content, n.Content[i], prune(n.Content[i+1]))
			}
			i++
			continue
		}
		out.Content = append(out.Content, prune(n.Content[i]))
	}
	return &out
}

// Finding is an error at a node.
func (d *Doc) Finding(n *yaml.Node, rule, message, hint string) diag.Finding {
	return diag.Finding{Position: d.position(n), Severity: diag.Error, Rule: rule, Message: message, Hint: hint}
}

func (d *Doc) secondDocument(n *yaml.Node) diag.Finding {
	line := n.Line
	for i := min(line, d.lines.Len()); i > 1; i-- {
		if strings.HasPrefix(d.lines.Line(i), "---") {
			line = i
			break
		}
	}
	return diag.Finding{
		Position: diag.Position{File: d.Path, Line: line, Column: 1}, Severity: diag.Error, Rule: "two-documents",
		Message: "the line \"---\" begins a second document in the same file",
		Hint:    "put each capability into its own file, or take the line out",
	}
}
