package schema

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

// TestSchemasAreValid: each is valid against the meta-schema of its draft, and each field that
// people write says what it is for.
func TestSchemasAreValid(t *testing.T) {
	for _, name := range Names() {
		text, ok := schemas.Text(name)
		if !ok {
			t.Fatalf("the schema %s is not embedded", name)
		}
		raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("mem:///s.json", raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := c.Compile("mem:///s.json"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name != "plan" {
			described(t, name, raw)
		}
	}
}

func described(t *testing.T, at string, v any) {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	if properties, ok := m["properties"].(map[string]any); ok {
		for key, p := range properties {
			if text, _ := p.(map[string]any)["description"].(string); !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q has no description: %q", at, key, text)
			}
		}
	}
	for key, inner := range m {
		if list, ok := inner.([]any); ok {
			for _, item := range list {
				described(t, at+"."+key, item)
			}
		}
		described(t, at+"."+key, inner)
	}
}

func TestAPlanFitsItsSchema(t *testing.T) {
	text, err := json.Marshal(plan.Plan{
		Version: 1, Summary: "opens 1 ticket", Repository: "o/r", Labels: []ticket.Label{{Name: "x", Color: "ededed"}},
		Changes: []plan.Change{{Action: plan.Create, Key: "CRM-1", Title: "CRM-1: x", Reason: "new"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Plan))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///plan.json", raw); err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.MustCompile("mem:///plan.json").Validate(v); err != nil {
		t.Error(err)
	}
}
