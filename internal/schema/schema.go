// Package schema owns turning our Go types into published JSON Schemas (draft 2020-12). It
// refuses to hold facts about fields: those stand in the struct tags beside each field, and
// this package only knows how a kind of text ("line", "login") is written as a pattern. The
// program does not link it: it holds the texts that package schemas embeds, and a test of this
// package keeps the two the same.
//
//	text, err := schema.Generate("capability") // content of schemas/capability.schema.json
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

// Base is where the schemas are published.
const Base = "https://raw.githubusercontent.com/ticketfoundry/ticketfoundry/main/schemas/"

// Names gives the schemas there are.
func Names() []string { return []string{"capability", "config", "plan"} }

// File gives the name of a schema's file.
func File(name string) string { return name + ".schema.json" }

// Generate gives a schema's text, ending in a line break.
func Generate(name string) ([]byte, error) {
	switch name {
	case "capability":
		return generate(name, "Capability spec", "yaml", reflect.TypeFor[capability.Capability](), finishCapability)
	case "config":
		return generate(name, "Ticket Foundry config", "yaml", reflect.TypeFor[config.Config](), finishConfig)
	case "plan":
		return generate(name, "Ticket Foundry plan", "json", reflect.TypeFor[plan.Plan](), finishPlan)
	default:
		return nil, fmt.Errorf("no schema %q; there are %s", name, strings.Join(Names(), ", "))
	}
}

func generate(name, title, tag string, t reflect.Type, finish func(*generator, *jsonschema.Schema)) ([]byte, error) {
	g := &generator{defs: jsonschema.Definitions{}}
	g.Reflector = jsonschema.Reflector{FieldNameTag: tag, Mapper: g.special, Anonymous: true, ExpandedStruct: true}
	s := g.ReflectFromType(t)
	maps.Copy(s.Definitions, g.defs)
	s.ID = jsonschema.ID(Base + File(name))
	s.Title = title
	if finish != nil {
		finish(g, s)
	}
	if err := kinds(s); err != nil {
		return nil, fmt.Errorf("generate schema %s: %w", name, err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("generate schema %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, fmt.Errorf("generate schema %s: %w", name, err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// generator carries the definitions that special types need.
type generator struct {
	jsonschema.Reflector
	defs jsonschema.Definitions
}

// special gives the schemas of types that are written differently in a file than in Go.
func (g *generator) special(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[cogs.Decimal]():
		if g.FieldNameTag == "json" { // a result: as long as it takes, and differences may be below 0
			return &jsonschema.Schema{Type: "string", Pattern: `^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`, Examples: []any{"712.24", "-3.5"}}
		}
		return &jsonschema.Schema{
			Pattern:  cogs.AmountPattern,
			Extras:   map[string]any{"type": []string{"string", "number"}, "patternErrorMessage": amountWords},
			Examples: []any{"0.0025", json.Number("120")},
			Minimum:  "0",
		}
	case reflect.TypeFor[capability.Sections]():
		return &jsonschema.Schema{
			Type: "object", MaxProperties: new(uint64(50)),
			PropertyNames:        &jsonschema.Schema{Format: "line", MaxLength: new(uint64(100))},
			AdditionalProperties: &jsonschema.Schema{Type: "string", MaxLength: new(uint64(20000))},
		}
	case reflect.TypeFor[capability.StageTickets]():
		return &jsonschema.Schema{
			Type:          "object",
			PropertyNames: &jsonschema.Schema{Format: "stage-id"},
			AdditionalProperties: &jsonschema.Schema{
				Type: "array", MaxItems: new(uint64(100)),
				Items: g.define(reflect.TypeFor[capability.StageTicket]()),
			},
		}
	}
	return nil
}

// define makes sure that a type has a definition, and gives a reference to it.
func (g *generator) define(t reflect.Type) *jsonschema.Schema {
	if _, ok := g.defs[t.Name()]; !ok {
		inner := jsonschema.Reflector{FieldNameTag: g.FieldNameTag, Mapper: g.special, Anonymous: true, ExpandedStruct: true}
		def := inner.ReflectFromType(t)
		def.Version = ""
		maps.Copy(g.defs, def.Definitions)
		def.Definitions = nil
		g.defs[t.Name()] = def
	}
	return &jsonschema.Schema{Ref: "#/$defs/" + t.Name()}
}

// textOr lets a group of keys be written as a single text as well.
func textOr(s *jsonschema.Schema, name, format string) {
	group := s.Definitions[name]
	s.Definitions[name] = &jsonschema.Schema{
		AnyOf: []*jsonschema.Schema{{Type: "string", Format: format, MaxLength: new(uint64(5000))}, group},
	}
}

func finishCapability(_ *generator, s *jsonschema.Schema) {
	textOr(s, "Criterion", "text")
	textOr(s, "Page", "line")
	s.Description = "One product capability from idea to release; every ticket is made from it."
}

func finishConfig(_ *generator, s *jsonschema.Schema) {
	s.Description = "How Ticket Foundry works in this repository. What the file does not say is the default."
	names := func(def, key string, keys *jsonschema.Schema) {
		at := s
		if def != "" {
			at = s.Definitions[def]
		}
		p, ok := at.Properties.Get(key)
		if !ok {
			panic("schema: no property " + key + " in " + def)
		}
		p.PropertyNames = keys
	}
	audiences := &jsonschema.Schema{Enum: anys(config.Audiences())}
	names("", "products", &jsonschema.Schema{Format: "product"})
	names("", "audiences", audiences)
	names("Product", "audiences", audiences)
	names("Pipeline", "tracks", &jsonschema.Schema{Format: "slug"})
	names("Labels", "colors", &jsonschema.Schema{Format: "label-or-prefix"})
	names("Labels", "map", &jsonschema.Schema{Format: "label"})
	names("Cogs", "rates", &jsonschema.Schema{Pattern: "^[A-Z]{3}$", Extras: map[string]any{"patternErrorMessage": "write the three capital letters of a currency, like EUR"}})
	names("Capacity", "wip", &jsonschema.Schema{Format: "person-or-audience"})
	values := func(def, key string, value *jsonschema.Schema) {
		p, _ := s.Definitions[def].Properties.Get(key)
		p.AdditionalProperties = value
	}
	values("Labels", "colors", &jsonschema.Schema{Type: "string", Format: "color"})
	values("Labels", "map", &jsonschema.Schema{Type: "string", Format: "label"})
	values("Capacity", "wip", &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "1000"})
}

func finishPlan(_ *generator, s *jsonschema.Schema) {
	s.Description = "What a run would do or did: one change for each issue."
}

func anys(texts []string) []any {
	out := make([]any, 0, len(texts))
	for _, t := range texts {
		out = append(out, t)
	}
	return out
}

// kinds replaces our kinds of text by patterns, everywhere in the schema.
func kinds(s *jsonschema.Schema) error {
	if s == nil {
		return nil
	}
	if k, ok := textKind(s.Format); ok {
		s.Format = ""
		s.Pattern = k.pattern
		if s.MaxLength == nil && k.most > 0 {
			s.MaxLength = new(k.most)
		}
		if s.Extras == nil {
			s.Extras = map[string]any{}
		}
		s.Extras["patternErrorMessage"] = k.words
	} else if s.Format != "" && !slices.Contains([]string{"date", "date-time", "currency", "place", "glob"}, s.Format) {
		return fmt.Errorf("unknown kind of text %q", s.Format)
	}
	parts := slices.Concat(s.AnyOf, s.AllOf, s.OneOf, []*jsonschema.Schema{s.Items, s.AdditionalProperties, s.PropertyNames})
	for _, def := range s.Definitions {
		parts = append(parts, def)
	}
	if s.Properties != nil {
		for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
			parts = append(parts, pair.Value)
		}
	}
	for _, part := range parts {
		if err := kinds(part); err != nil {
			return err
		}
	}
	return nil
}
