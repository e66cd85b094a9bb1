package scaffold

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

const example = "../../testdata/crm"

// TestExampleProductLoads: the product that the quick start shows has no findings.
func TestExampleProductLoads(t *testing.T) {
	ws, err := source.Open(example)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.Close() }()
	cfg, findings, err := config.Load(ws, config.Path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := capability.Load(ws, cfg.Capabilities, cfg.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(findings, set.Findings...) {
		t.Error(f)
	}
	stages := map[string]bool{}
	for _, f := range set.Files {
		stages[f.Capability.StartStage] = true
		for _, doc := range []string{f.Capability.Documents.Spec, f.Capability.Documents.Architecture} {
			if doc != "" && !strings.Contains(doc, "://") && !ws.Exists(doc) {
				t.Errorf("%s: there is no %s", f.Path, doc)
			}
		}
	}
	if len(set.Files) < 6 || len(stages) < 6 {
		t.Errorf("%d capabilities that enter at %d stages", len(set.Files), len(stages))
	}
}

// TestExampleProductUsesEveryField: somebody who looks for how a field is written finds it.
func TestExampleProductUsesEveryField(t *testing.T) {
	specs, err := filepath.Glob(filepath.Join(example, "capabilities", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		schema []byte
		files  []string
		// unused are settings that would spoil the example: they change what every capability gets.
		unused []string
	}{
		{"spec", schemas.Capability, specs, nil},
		{"config", schemas.Config, []string{filepath.Join(example, filepath.FromSlash(config.Path))},
			[]string{"drop", "split", "gate", "ready", "when", "for", "gates", "opens_at", "type"}},
	} {
		used := map[string]bool{}
		for _, name := range c.files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var doc yaml.Node
			if err := yaml.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			keys(&doc, used)
		}
		for _, key := range properties(t, c.schema) {
			if !used[key] && !slices.Contains(c.unused, key) {
				t.Errorf("%s: nothing uses %q", c.name, key)
			}
		}
	}
}

// keys gathers every key at any depth.
func keys(n *yaml.Node, into map[string]bool) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			into[child.Value] = true
		}
		keys(child, into)
	}
}

// properties gives the names of all properties that a schema describes, at any depth.
func properties(t *testing.T, schema []byte) []string {
	t.Helper()
	var tree any
	if err := yaml.Unmarshal(schema, &tree); err != nil { // JSON is YAML
		t.Fatal(err)
	}
	names := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if props, ok := v["properties"].(map[string]any); ok {
				for name := range props {
					names[name] = true
				}
			}
			for _, child := range v {
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(tree)
	if len(names) < 20 {
		t.Fatalf("the schema describes only %d properties", len(names))
	}
	return slices.Sorted(maps.Keys(names))
}

// TestREADMENamesEveryInputAndOutput compares the README's tables with action.yml.
func TestREADMENamesEveryInputAndOutput(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs  map[string]struct{ Default string }
		Outputs map[string]any
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		heading string
		want    []string
	}{
		{"### Inputs", slices.Sorted(maps.Keys(action.Inputs))},
		{"### Outputs", slices.Sorted(maps.Keys(action.Outputs))},
	} {
		_, section, found := strings.Cut(string(readme), c.heading+"\n")
		if !found {
			t.Fatalf("the README has no %s", c.heading)
		}
		section, _, _ = strings.Cut(section, "\n###")
		var got []string
		for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(section, -1) {
			for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
				got = append(got, name[1])
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the README names %v, action.yml has %v", c.heading, got, c.want)
		}
	}
	for name, in := range action.Inputs {
		if in.Default != "" && !strings.Contains(in.Default, "${{") && !strings.Contains(string(readme), "| `"+name+"` | `"+in.Default+"` |") {
			t.Errorf("the README has another default of %s than %q", name, in.Default)
		}
	}
}
