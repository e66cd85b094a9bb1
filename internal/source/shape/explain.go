package shape

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// wrong is one thing the validator refuses, with the node it stands at.
type wrong struct {
	err  *jsonschema.ValidationError
	path []any
	node *yaml.Node
}

// explain gives each leaf of the validator's tree of errors in words, in the order of the
// file, up to a number that a person can still read.
func (c *checker) explain(e *jsonschema.ValidationError) {
	all := c.collect(e, nil)
	slices.SortStableFunc(all, func(a, b wrong) int {
		return cmp.Or(cmp.Compare(a.node.Line, b.node.Line), cmp.Compare(a.node.Column, b.node.Column),
			strings.Compare(fmt.Sprintf("%T", a.err.ErrorKind), fmt.Sprintf("%T", b.err.ErrorKind)))
	})
	// Unknown keys first: one of them may be a missing one, misspelt.
	for _, first := range []bool{true, false} {
		for _, w := range all {
			k, unknown := w.err.ErrorKind.(*kind.AdditionalProperties)
			switch {
			case len(c.findings) > document.MaxFindings || unknown != first:
			case unknown:
				c.unknownKeys(w, k.Properties)
			default:
				c.leaf(w.err, w.path, w.node)
			}
		}
	}
}

// collect gives the leaves of the tree that say something about a value.
func (c *checker) collect(e *jsonschema.ValidationError, into []wrong) []wrong {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		for _, cause := range e.Causes {
			if ownType(cause, len(e.InstanceLocation)) == nil {
				return c.collect(cause, into) // what it looks like
			}
		}
	case *kind.PropertyNames:
		return into // badKey has said it, at the right place
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range e.Causes {
			into = c.collect(cause, into)
		}
		return into
	}
	path := steps(c.doc.Root(), e.InstanceLocation)
	n, _ := document.Find(c.doc.Root(), path)
	return append(into, wrong{e, path, n})
}

func (c *checker) unknownKeys(w wrong, keys []string) {
	unknown := make(map[string]bool, len(keys))
	for _, key := range keys {
		unknown[key] = true
	}
	for i := 0; i < len(w.node.Content) && len(c.findings) <= document.MaxFindings; i += 2 {
		if key := w.node.Content[i].Value; unknown[key] {
			c.unknownKey(w.path, w.node, key)
		}
	}
}

func (c *checker) leaf(e *jsonschema.ValidationError, path []any, n *yaml.Node) {
	label := fieldName(path)
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		var want []string
		for _, cause := range e.Causes {
			want = append(want, ownType(cause, len(e.InstanceLocation))...)
		}
		c.wrongType(path, n, want)
	case *kind.Required:
		for _, key := range k.Missing {
			c.missing(path, key)
		}
	case *kind.Type:
		c.wrongType(path, n, k.Want)
	case *kind.Enum:
		if message, hint := c.owner(path, n.Value); message != "" && !near(n.Value, texts(k.Want)) {
			c.add(n, "not-allowed", label+": "+message, hint)
			return
		}
		c.add(n, "not-allowed", fmt.Sprintf("%s cannot be %s", label, plain.Shorten(n.Value)), plain.Suggest(n.Value, texts(k.Want)))
	case *kind.Const:
		c.add(n, "not-allowed", fmt.Sprintf("%s cannot be %s", label, plain.Shorten(n.Value)), fmt.Sprintf("write %v", k.Want))
	case *kind.Pattern:
		if first, last := plain.Edges(n.Value); n.Style == 0 && (plain.OddBlank(first) || plain.OddBlank(last)) {
			return // said when the file was parsed
		}
		if n.Style&yaml.DoubleQuotedStyle != 0 && strings.ContainsFunc(n.Value, plain.Refused) {
			return // said too
		}
		message, hint := c.patternWords(path, n.Value, k.Want, e.SchemaURL)
		c.add(n, "bad-text", message, hint)
	case *kind.Format:
		var p *Problem
		if !errors.As(k.Err, &p) {
			p = &Problem{Message: fmt.Sprintf("%s is not a valid %s", plain.Shorten(n.Value), k.Want)}
		}
		c.add(n, "bad-"+k.Want, label+": "+p.Message, p.Hint)
	case *kind.MinLength:
		c.add(n, "too-short", fmt.Sprintf("%s has %s", label, characters(k.Got)), fmt.Sprintf("write at least %d", k.Want))
	case *kind.MaxLength:
		c.add(n, "too-long", fmt.Sprintf("%s has %s", label, characters(k.Got)), fmt.Sprintf("write at most %d", k.Want))
	case *kind.MinItems:
		c.add(n, "too-few", label+" is an empty list", "put at least one item into it, or leave the key out")
	case *kind.MaxProperties:
		c.add(n, "too-many", fmt.Sprintf("%s has %d keys", label, k.Got), fmt.Sprintf("at most %d are allowed", k.Want))
	case *kind.Minimum:
		c.add(n, "out-of-range", fmt.Sprintf("%s cannot be %s", label, rat(k.Got)), "the least is "+rat(k.Want))
	case *kind.Maximum:
		c.add(n, "out-of-range", fmt.Sprintf("%s cannot be %s", label, rat(k.Got)), "the most is "+rat(k.Want))
	case *kind.UniqueItems:
		c.add(n.Content[k.Duplicates[1]], "repeated", fmt.Sprintf("%s names the same thing twice", label), "take one of them out")
	default:
		c.add(n, "not-allowed", label+" does not have the right form", c.about(path))
	}
}

func (c *checker) add(n *yaml.Node, rule, message, hint string) {
	c.findings.Add(c.doc.Finding(n, rule, message, hint))
}

// ownType gives the types a branch wants if the value already has the wrong one.
func ownType(e *jsonschema.ValidationError, depth int) []string {
	if t, ok := e.ErrorKind.(*kind.Type); ok && len(e.InstanceLocation) == depth {
		return t.Want
	}
	for _, cause := range e.Causes {
		if t := ownType(cause, depth); t != nil {
			return t
		}
	}
	return nil
}

func (c *checker) emptyItem(n *yaml.Node, label string) {
	line := c.doc.Lines().Line(n.Line)
	if _, rest, ok := strings.Cut(line, "- "); ok {
		if text, ok := plain.Comment(strings.TrimLeft(rest, " ")); ok {
			f := c.doc.Finding(n, "swallowed-by-comment", label+" is empty: everything after # is a comment", "put the text in quotes: - "+plain.Quote(text))
			f.Column = utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeft(rest, " ")) + 1
			f.EndColumn = f.Column + utf8.RuneCountInString(text)
			c.findings.Add(f)
			return
		}
	}
	c.add(n, "empty-item", label+" is empty", "write something after \"- \", or delete the line")
}

func (c *checker) unknownKey(path []any, n *yaml.Node, key string) {
	k, _ := document.Lookup(n, key)
	if k == nil {
		k = n
	}
	var known []string
	if o := branch(c.schema.at(path), "object"); o != nil {
		known = slices.Sorted(maps.Keys(o.Properties))
	}
	near, ok := plain.Nearest(key, known)
	if ok {
		if c.meant == nil {
			c.meant = map[string]bool{}
		}
		c.meant[fieldName(append(slices.Clone(path), near))+fieldName(path)] = true
	}
	if _, bad := plain.Hidden(key); bad {
		return // said already, in better words
	}
	if c.cutNumber(n, k) {
		return
	}
	where := ""
	if len(path) > 0 {
		where = " in " + fieldName(path)
	}
	message := fmt.Sprintf("unknown key %q%s", key, where)
	homes := c.schema.homes[key]
	switch {
	case ok:
		c.add(k, "unknown-key", message, fmt.Sprintf("did you mean %q?", near))
	case len(homes) > 0:
		c.add(k, "unknown-key", message, fmt.Sprintf("it belongs under %q", slices.Min(homes)))
	default:
		c.add(k, "unknown-key", message, "allowed here: "+strings.Join(known, ", "))
	}
}

// cutNumber explains a key that is the second half of a number: between braces YAML ends a value
// at a comma, and {unit_cost: 0,85} is a unit cost of 0 and a key 85. It tells whether it did.
func (c *checker) cutNumber(group, key *yaml.Node) bool {
	i := slices.Index(group.Content, key)
	if i < 2 || !digits(key.Value) {
		return false
	}
	name, half := group.Content[i-2], group.Content[i-1]
	beside := half.Line == key.Line && half.Column+len(half.Value)+1 == key.Column
	if !beside || half.Style != 0 || !digits(half.Value) {
		return false
	}
	fraction := fmt.Sprintf("%s: %q", name.Value, half.Value+"."+key.Value)
	hint := "write " + fraction
	if len(key.Value) == 3 && half.Value != "0" {
		hint = fmt.Sprintf("write %s: %s%s, or %s if it is a fraction", name.Value, half.Value, key.Value, fraction)
	}
	c.add(half, "cut-number", fmt.Sprintf("%q is %s here, as a comma between braces ends a value: %s is taken for another key", name.Value, half.Value, key.Value), hint)
	return true
}

// digits tells whether a text is made of digits alone.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// badKey explains a key that is no name for its group. The keys are checked here and not by
// the validator of the whole document, whose errors about keys do not say where they stand.
func (c *checker) badKey(names *jsonschema.Schema, key *yaml.Node, field string) {
	var invalid *jsonschema.ValidationError
	if err := names.Validate(key.Value); err == nil || !errors.As(err, &invalid) {
		return
	}
	if _, bad := plain.Hidden(key.Value); bad {
		return // said when the file was parsed
	}
	leaf := leaves(invalid)[0]
	switch why := leaf.ErrorKind.(type) {
	case *kind.Enum:
		c.add(key, "not-allowed", fmt.Sprintf("%s is no name for %q", plain.Shorten(key.Value), field), plain.Suggest(key.Value, texts(why.Want)))
	case *kind.Pattern:
		_, hint := c.patternWords([]any{field}, key.Value, why.Want, leaf.SchemaURL)
		c.add(key, "bad-key", fmt.Sprintf("%s cannot be a key in %q", plain.Shorten(key.Value), field), hint)
	case *kind.MaxLength:
		c.add(key, "too-long", fmt.Sprintf("the key %s has %s", plain.Shorten(key.Value), characters(why.Got)), fmt.Sprintf("write at most %d", why.Want))
	default:
		c.add(key, "bad-key", fmt.Sprintf("%s cannot be a key in %q", plain.Shorten(key.Value), field), "write another one")
	}
}

func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var out []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		out = append(out, leaves(cause)...)
	}
	return out
}

func (c *checker) missing(path []any, key string) {
	n, _ := document.Find(c.doc.Root(), path)
	if c.meant[fieldName(append(slices.Clone(path), key))+fieldName(path)] {
		return
	}
	about := c.about(append(slices.Clone(path), key))
	if k, _ := document.Lookup(n, key); k != nil {
		for _, f := range c.doc.EmptyAt(k) {
			c.findings.Add(f)
			return
		}
		c.add(k, "empty", fmt.Sprintf("%q is empty", key), fmt.Sprintf("fill it in (%s)", about))
		return
	}
	at := c.doc.At(path...)
	if n == c.doc.Root() {
		at = c.doc.Top()
	}
	where := ""
	if len(path) > 0 {
		where = " in " + fieldName(path)
	}
	hint := fmt.Sprintf("add a line \"%s: …\" (%s)", key, about)
	if n.Style&yaml.FlowStyle != 0 {
		hint = fmt.Sprintf("add \"%s: …\" between the braces, after a comma (%s)", key, about)
	}
	c.findings.Add(diag.Finding{
		Position: at, Severity: diag.Error, Rule: "missing-key",
		Message: fmt.Sprintf("%q is missing%s", key, where), Hint: hint,
	})
}
