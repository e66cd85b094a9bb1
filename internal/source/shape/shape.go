// Package shape owns holding a document against a JSON Schema: a real validator judges, and every
// refusal becomes a finding at the exact value, in words that a person can act on. It refuses to
// know any field: schemas and their owners do, and nothing is ever loaded from anywhere.
//
//	schema, err := shape.Compile(text, shape.Formats(), nil)
//	schema.Check(doc) // capabilities/CRM-101.yml:3:1 unknown key "tilte"; did you mean "title"?
package shape

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// Schema is a compiled JSON Schema that documents are checked against. It may be used by
// several goroutines at once.
type Schema struct {
	root    *jsonschema.Schema
	words   map[string]string   // what a pattern asks, in words, by its place in the schema
	homes   map[string][]string // key to the groups it may stand in, for misplaced keys
	explain Explain
}

// Explain lets a file's owner say in better words why a text does not fit. An empty message
// leaves it to the schema's own words. Field is the key the text stands under, parent the
// key that one stands under.
type Explain func(parent, field, text string) (message, hint string)

// Format is a check of a text that a pattern cannot express; err is what people read.
type Format struct {
	Name  string
	Check func(text string) error
}

// Problem is an error of a Format: what is wrong and how to mend it.
type Problem struct{ Message, Hint string }

// Error is the message.
func (p *Problem) Error() string { return p.Message }

type sealed struct{}

// Load refuses every reference out of the schema: nothing is ever opened.
func (sealed) Load(url string) (any, error) {
	return nil, fmt.Errorf("the schema refers to %s; nothing is loaded", url)
}

// Compile reads a JSON Schema (draft 2020-12). Each pattern in it may stand beside a
// patternErrorMessage, which editors and findings use.
func Compile(text []byte, formats []Format, explain Explain) (*Schema, error) {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(sealed{})
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	for _, f := range formats {
		c.RegisterFormat(&jsonschema.Format{Name: f.Name, Validate: func(v any) error {
			if s, ok := v.(string); ok {
				return f.Check(s)
			}
			return nil
		}})
	}
	const address = "mem:///schema.json"
	if err := c.AddResource(address, raw); err != nil {
		return nil, fmt.Errorf("add schema: %w", err)
	}
	root, err := c.Compile(address)
	if err != nil {
		return nil, fmt.Errorf("compile schema: %w", err)
	}
	s := &Schema{root: root, words: map[string]string{}, homes: map[string][]string{}, explain: explain}
	s.collectWords(raw, "")
	s.collectHomes(root, "", map[*jsonschema.Schema]bool{})
	return s, nil
}

// collectWords takes the words that stand beside patterns, by their place in the schema: one
// pattern may mean different things in two places.
func (s *Schema) collectWords(v any, place string) {
	switch v := v.(type) {
	case map[string]any:
		if words, ok := v["patternErrorMessage"].(string); ok {
			s.words[place] = words
		}
		for key, inner := range v {
			s.collectWords(inner, place+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
		}
	case []any:
		for i, inner := range v {
			s.collectWords(inner, fmt.Sprintf("%s/%d", place, i))
		}
	}
}

// wordsAt gives the words for the pattern at a location of the validator's.
func (s *Schema) wordsAt(location string) (string, bool) {
	_, fragment, _ := strings.Cut(location, "#")
	place, err := url.PathUnescape(fragment)
	words, ok := s.words[place]
	return words, ok && err == nil
}

func (s *Schema) collectHomes(sch *jsonschema.Schema, path string, seen map[*jsonschema.Schema]bool) {
	sch = resolve(sch)
	if sch == nil || seen[sch] {
		return
	}
	seen[sch] = true
	for key, p := range sch.Properties {
		if path != "" && !slices.Contains(s.homes[key], path) {
			s.homes[key] = append(s.homes[key], path)
		}
		inner := key
		if path != "" {
			inner = path + "." + key
		}
		s.collectHomes(p, inner, seen)
	}
	s.collectHomes(itemSchema(sch), path, seen)
	if a, ok := sch.AdditionalProperties.(*jsonschema.Schema); ok {
		s.collectHomes(a, path, seen)
	}
	for _, branch := range sch.AnyOf {
		s.collectHomes(branch, path, seen)
	}
}

// Check gives a finding at the exact place for everything in the document that the schema
// refuses.
func (s *Schema) Check(d *document.Doc) diag.List {
	if d.Odd() {
		return nil // said when it was parsed; nothing else would be true of it
	}
	c := checker{schema: s, doc: d}
	value := c.value(d.Root(), s.root, "")
	err := s.root.Validate(value)
	if f := d.Unclosed(); f != nil {
		if err != nil {
			return diag.List{*f} // everything else follows from it
		}
		warning := *f
		warning.Severity = diag.Warning
		c.findings.Add(warning)
	}
	if err == nil {
		return document.AtMost(c.findings.Sorted())
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		c.findings.Add(d.Finding(d.Root(), "schema", "this cannot be checked: "+err.Error(), ""))
		return c.findings
	}
	c.explain(invalid)
	return document.AtMost(c.findings.Sorted())
}

// checker turns one document into what the validator reads, and its errors into findings.
type checker struct {
	schema   *Schema
	doc      *document.Doc
	findings diag.List
	meant    map[string]bool // required keys that stand there misspelt
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)

// value gives the node as the validator reads it. Where the schema wants a text, a plain
// number or date is its text as it stands in the file: version 1.10 stays "1.10".
func (c *checker) value(n *yaml.Node, sch *jsonschema.Schema, field string) any {
	sch = resolve(sch)
	switch n.Kind {
	case yaml.MappingNode:
		out := make(map[string]any, len(n.Content)/2)
		object := branch(sch, "object")
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, v := n.Content[i].Value, n.Content[i+1]
			inner := property(object, key)
			if object != nil && object.PropertyNames != nil {
				c.badKey(object.PropertyNames, n.Content[i], field)
			}
			known := inner != nil || object == nil
			if known && document.IsNull(v) || v.Kind == yaml.ScalarNode && v.Value == "" && branch(inner, "string") != nil {
				continue // empty is absent; what nobody knows is a mistake even so
			}
			out[key] = c.value(v, inner, key)
		}
		return out
	case yaml.SequenceNode:
		list := branch(sch, "array")
		content := n.Content
		if list != nil && list.MaxItems != nil && len(content) > *list.MaxItems {
			// Said here, so that a flood of items is not held against the schema one by one.
			c.add(content[*list.MaxItems], "too-many", fmt.Sprintf("%q has %d items", field, len(content)), fmt.Sprintf("at most %d are allowed", *list.MaxItems))
			content = content[:*list.MaxItems]
		}
		out := make([]any, len(content))
		items := itemSchema(list)
		for i, item := range content {
			out[i] = c.value(item, items, field)
		}
		return out
	default:
		return c.single(n, sch, field)
	}
}

func (c *checker) single(n *yaml.Node, sch *jsonschema.Schema, field string) any {
	tag := n.ShortTag()
	text := branch(sch, "string")
	if n.Style == 0 && text != nil && text.Enum == nil && oldBool(n.Value) {
		c.findings.Add(c.doc.Finding(n, "needs-quotes", fmt.Sprintf("%s without quotes means yes or no to many programs", plain.Shorten(n.Value)),
			fmt.Sprintf("put it in quotes if you mean the text: %s", plain.Quote(n.Value))))
		return n.Value
	}
	switch {
	case tag == "!!null":
		return nil
	case tag == "!!bool":
		return strings.EqualFold(n.Value, "true")
	case text != nil || n.Style != 0 || tag == "!!str":
		return n.Value
	case wholeNumber.MatchString(n.Value):
		return json.Number(n.Value)
	default:
		return n.Value
	}
}

func oldBool(text string) bool {
	if len(text) > len("false") {
		return false
	}
	switch strings.ToLower(text) {
	case "yes", "no", "on", "off", "y", "n", "true", "false":
		return true
	}
	return false
}

// resolve follows references.
func resolve(sch *jsonschema.Schema) *jsonschema.Schema {
	for sch != nil && sch.Ref != nil {
		sch = sch.Ref
	}
	return sch
}

// branch gives the part of a schema that a value of the type is held against, through anyOf.
func branch(sch *jsonschema.Schema, kind string) *jsonschema.Schema {
	sch = resolve(sch)
	if sch == nil {
		return nil
	}
	if allows(sch.Types, kind) {
		return sch
	}
	for _, b := range sch.AnyOf {
		if found := branch(b, kind); found != nil {
			return found
		}
	}
	return nil
}

func allows(types *jsonschema.Types, kind string) bool {
	if types == nil {
		return false
	}
	with := *types
	with.Add(kind)
	return with == *types
}

func property(sch *jsonschema.Schema, key string) *jsonschema.Schema {
	if sch == nil {
		return nil
	}
	if p, ok := sch.Properties[key]; ok {
		return p
	}
	if a, ok := sch.AdditionalProperties.(*jsonschema.Schema); ok {
		return a
	}
	return nil
}

func itemSchema(sch *jsonschema.Schema) *jsonschema.Schema {
	if sch == nil {
		return nil
	}
	return sch.Items2020
}

// at follows the validator's path to the schema part there.
func (s *Schema) at(path []any) *jsonschema.Schema {
	sch := resolve(s.root)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			sch = property(branch(sch, "object"), step)
		case int:
			sch = itemSchema(branch(sch, "array"))
		}
		sch = resolve(sch)
	}
	return sch
}

// steps turns the validator's path into one of keys and indexes.
func steps(n *yaml.Node, location []string) []any {
	path := make([]any, 0, len(location))
	for _, token := range location {
		if n != nil && n.Kind == yaml.SequenceNode {
			i, err := strconv.Atoi(token)
			if err == nil && i < len(n.Content) {
				path, n = append(path, i), n.Content[i]
				continue
			}
		}
		path = append(path, token)
		if n != nil {
			_, n = document.Lookup(n, token)
		}
	}
	return path
}
