package mistake

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// TestFind: the place and the rule, also where the YAML reader names another line.
func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\ntitle: Scoring: v2\n":            "f.yml:2:15: needs-quotes",
		"a:\n\t- b\n":                           "f.yml:2:1: tab",
		"owner: @octocat\n":                     "f.yml:1:8: needs-quotes",
		"people: [@octocat]\n":                  "f.yml:1:10: needs-quotes",
		"a: ? b\nc: d\n":                        "f.yml:1:4: needs-quotes",
		"list:\n  - Speed: p95: 200 ms\n":       "f.yml:2:10: needs-quotes",
		"```yaml\na: b\n```\n":                  "f.yml:1:1: code-fence",
		"a: b\n<<<<<<< HEAD\nc: d\n":            "f.yml:2:1: merge-conflict",
		"a: b\nc:d\ne: f\n":                     "f.yml:2:2: missing-blank",
		"a: \"b\" c\n":                          "f.yml:1:8: needs-quotes",
		"text: |\n  a: b: c\n  @d\nowner: @e\n": "f.yml:4:8: needs-quotes",
	} {
		var v any
		err := yaml.Unmarshal([]byte(text), &v)
		if err == nil {
			t.Errorf("%q can be read", text)
			continue
		}
		f := Find("f.yml", plain.Split([]byte(text)), err)
		if got := f.Position.String() + ": " + f.Rule; !strings.HasPrefix(got, want) || f.Hint == "" {
			t.Errorf("%q: got %s (%s), want %s", text, got, f.Text(), want)
		}
	}
}
