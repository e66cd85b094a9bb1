// Package template owns the language that texts of tickets are written in: Go's template syntax
// over a typed vocabulary. A template is checked before it is used, down to each field and
// function, so that what is wrong with it is a finding at its place and never a surprise in a
// ticket. Running one is bounded in steps and in size, and what a template of a repository
// writes is data like a spec's text: it notifies nobody, refers to nothing, and cannot leave the
// place it is put in. The package refuses to know specs, tickets and files.
//
//	t, findings := template.Parse(vocabulary, "build.md.tmpl", text, template.Guarded)
//	out, err := t.Write(page)
package template

import (
	"errors"
	"slices"
	"strings"
	"text/template/parse"
)

// Limits on one template.
const (
	MaxFile  = 64 << 10  // bytes of its text
	maxSteps = 10_000    // nodes run, pieces of 256 bytes passed on, and of 32 bytes made
	maxOut   = 128 << 10 // bytes of what it writes, or of a part
	maxTakes = 12        // arguments of one function
)

// What ends a template while it runs.
var (
	// ErrTooMuch says that it ran for too long, or wrote too much.
	ErrTooMuch = errors.New("the template writes too much, or runs for too long")
	// ErrUnfit says that it asked for what there is not, or wrote what only the program may. The
	// checks leave no way to get there that we know of; this holds should there be one.
	ErrUnfit = errors.New("the template asks for what there is not, or writes what only the program may write")
)

// Kind is what a value is. Kinds can be joined to say what a function takes.
type Kind uint8

// The kinds of values.
const (
	Line   Kind = 1 << iota // one line of text
	Text                    // Markdown as people wrote it
	Part                    // Markdown that the program made
	Flag                    // yes or no
	Number                  // how many
	List                    // lines of text, or entries with fields
	Group                   // fields under one name

	Words = Line | Text | Part
	Any   = Words | Flag | Number | List | Group
)

// String names a kind for people.
func (k Kind) String() string {
	switch k {
	case Line:
		return "line"
	case Text:
		return "text"
	case Part:
		return "part"
	case Flag:
		return "yes or no"
	case Number:
		return "number"
	case List:
		return "list"
	case Group:
		return "group"
	}
	return "value"
}

// Value is what a field or a function gives.
type Value struct {
	kind    Kind
	words   string
	yes     bool
	count   int
	entries []Value
	columns map[string]Value
	group   string // of the vocabulary; empty for its top
}

// NewLine gives a line of text, as it stands in the spec.
func NewLine(s string) Value { return Value{kind: Line, words: s} }

// NewText gives Markdown, as it stands in the spec.
func NewText(s string) Value { return Value{kind: Text, words: s} }

// NewPart gives Markdown that is safe to be put into a ticket as it is.
func NewPart(s string) Value { return Value{kind: Part, words: s} }

// NewFlag gives a yes or no.
func NewFlag(yes bool) Value { return Value{kind: Flag, yes: yes} }

// NewLines gives a list of lines of text.
func NewLines(texts []string) Value {
	v := Value{kind: List}
	for _, s := range texts {
		v.entries = append(v.entries, NewLine(s))
	}
	return v
}

// NewList gives a list of entries with fields.
func NewList(entries []map[string]Value) Value {
	v := Value{kind: List}
	for _, e := range entries {
		v.entries = append(v.entries, Value{kind: Group, columns: e})
	}
	return v
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// Words gives the text of a line, text or part.
func (v Value) Words() string { return v.words }

// Lines gives the texts of a list of lines.
func (v Value) Lines() []string {
	var out []string
	for _, e := range v.entries {
		out = append(out, e.words)
	}
	return out
}

// Host writes what people wrote so that it is inert, and no longer than there is room for.
type Host interface {
	Line(s string) string // on one line
	Cell(s string) string // in a cell of a table
	Text(s string) string // as paragraphs
}

// Field is something that templates can ask for.
type Field[H Host] struct {
	Name string // dotted under its group: "release.version"
	Kind Kind
	Of   []Column // of a list: the fields of its entries; none for lines of text
	Doc  string   // what it is, for people
	Get  func(H) Value
}

// Column is a field of a list's entries.
type Column struct {
	Name string
	Kind Kind
	Doc  string
}

// Func is something that templates can have made.
type Func[H Host] struct {
	Name  string
	Takes []Kind // of each argument, kinds joined
	Gives Kind
	Doc   string   // what it makes, for people
	Uses  []string // fields that it makes it from, besides its arguments
	Call  func(H, []Value) Value
}

// Vocabulary is all that templates can use.
type Vocabulary[H Host] struct {
	fields map[string]Field[H]
	funcs  map[string]Func[H]
	under  map[string][]string // group to the names below it, in order; "" for the top

	Fields []Field[H] // in order, for the documentation
	Funcs  []Func[H]
}

// NewVocabulary gives a vocabulary of fields and functions. Names must be given once.
func NewVocabulary[H Host](fields []Field[H], funcs []Func[H]) *Vocabulary[H] {
	v := &Vocabulary[H]{
		fields: map[string]Field[H]{}, funcs: map[string]Func[H]{}, under: map[string][]string{},
		Fields: fields, Funcs: funcs,
	}
	for _, f := range fields {
		v.fields[f.Name] = f
		group, name := "", f.Name
		if i := strings.LastIndexByte(f.Name, '.'); i >= 0 {
			group, name = f.Name[:i], f.Name[i+1:]
			if v.under[group] == nil {
				v.under[""] = append(v.under[""], group)
			}
		}
		v.under[group] = append(v.under[group], name)
	}
	for _, f := range funcs {
		v.funcs[f.Name] = f
	}
	return v
}

// Mode says how far a template is trusted.
type Mode uint8

// The modes.
const (
	Guarded Mode = iota // everything it writes is made inert
	Trusted             // its own text is the program's, and is written as it stands
)

// Template is a text that was checked.
type Template[H Host] struct {
	vocabulary *Vocabulary[H]
	path       string
	mode       Mode
	trees      map[string]*parse.Tree
}

// Path is where the template lies.
func (t *Template[H]) Path() string { return t.path }

// Has tells whether the template defines a part of this name.
func (t *Template[H]) Has(name string) bool { return t.trees[name] != nil }

// Write gives what the template makes of a page. The error is ErrTooMuch or ErrUnfit.
func (t *Template[H]) Write(h H) (string, error) { return t.run(h, main) }

// WriteLine gives what one of its parts makes of a page, on one line.
func (t *Template[H]) WriteLine(h H, name string) (string, error) {
	out, err := t.run(h, name)
	return strings.Join(strings.Fields(out), " "), err
}

// main names the text outside of all {{define}}.
const main = "\x00"

// siblings are the names below a group, for a hint.
func (v *Vocabulary[H]) siblings(group string) []string { return slices.Clone(v.under[group]) }
