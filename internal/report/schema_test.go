package report

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

// TestPlanJSONFollowsTheSchema holds the plan as data to the shape that is published for it.
func TestPlanJSONFollowsTheSchema(t *testing.T) {
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Plan))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("plan.json", tree); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]plan.Plan{"full": samplePlan(), "with costs": costly(samplePlan()), "empty": {Version: 1, Summary: "nothing to do"}} {
		got := written(t, func(b *bytes.Buffer) error { return PlanJSON(b, p) })
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(got)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
