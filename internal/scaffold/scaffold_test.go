package scaffold

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden files and the README's workflow")

func initFiles(t *testing.T) []File {
	t.Helper()
	files, err := Init(Options{Prefix: "CRM", Owner: "@octocat"})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func text(t *testing.T, path string) string {
	t.Helper()
	for _, f := range initFiles(t) {
		if f.Path == path {
			return string(f.Text)
		}
	}
	t.Fatalf("init writes no %s", path)
	return ""
}

// TestInitLoadsWithoutFindings writes the files as a user gets them and reads them as a run does.
func TestInitLoadsWithoutFindings(t *testing.T) {
	dir := t.TempDir()
	for _, f := range initFiles(t) {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ws, err := source.Open(dir)
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
	if len(set.Files) != 1 || set.Files[0].Capability.ID != "CRM-1" || set.Files[0].Capability.Owner != "octocat" {
		t.Errorf("the first capability is not CRM-1 of octocat: %+v", set.Files)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestConfigShowsTheDefaults: the file changes nothing, neither as it is nor with the stages
// and colours that it shows switched on.
func TestConfigShowsTheDefaults(t *testing.T) {
	want := config.Default()
	want.Products = map[string]config.Product{"CRM": {Name: "CRM"}}
	plain := text(t, config.Path)
	// Examples begin at the first stage and label of the user's own; lists of defaults do not.
	shown := regexp.MustCompile(`(?m)^#(  stages:|    - \{id: .*kind: .*|  colors:|    "[^"]+": "[0-9a-f]{6}")$`).ReplaceAllString(plain, "$1")
	for name, given := range map[string]string{"as it is": plain, "with its lists on": shown} {
		got, findings := config.Parse(config.Path, []byte(given))
		if len(findings) > 0 {
			t.Fatalf("%s: %v", name, findings)
		}
		if g, w := asJSON(t, got), asJSON(t, want); g != w {
			t.Errorf("%s it changes the defaults; got:\n%s\nwant:\n%s", name, g, w)
		}
	}
	if plain == shown {
		t.Error("no list was switched on")
	}
}

// disabled finds settings behind a #: prose has exactly one blank after it, they do not.
var disabled = regexp.MustCompile(`(?m)^#((?:  )*[^ #\n])`)

// TestExamplesAreValid switches everything on that is commented out.
func TestExamplesAreValid(t *testing.T) {
	spec := disabled.ReplaceAllString(text(t, "capabilities/CRM-1.yml"), "$1")
	file, findings := capability.Parse("capabilities/CRM-1.yml", []byte(spec), config.Default().Vocabulary())
	if findings.HasErrors() {
		t.Errorf("%v in:\n%s", findings, spec)
	} else if file.Capability.Release.Version != "1.0" || len(file.Capability.Cogs.Drivers) != 1 {
		t.Error("the examples are not switched on")
	}
	given := disabled.ReplaceAllString(text(t, config.Path), "$1")
	// What is an example of a setting that also stands there as a default comes in its place.
	given = regexp.MustCompile(`(?m)^  CRM: \{name: CRM\}\n|^  press: \{.*\n`).ReplaceAllString(given, "")
	cfg, findings := config.Parse(config.Path, []byte(given))
	if findings.HasErrors() {
		t.Errorf("%v in:\n%s", findings, given)
	} else if _, ok := cfg.Pipeline.Stage("security-review"); !ok || cfg.Audiences["press"].Intro == "" || cfg.Digest.Weekday != "monday" {
		t.Error("the examples are not switched on")
	}
}

func TestNew(t *testing.T) {
	for _, c := range []struct {
		name, prefix, title, owner string
		taken                      []string
		path                       string
	}{
		{"first", "CRM", "Lead scoring API", "octocat", nil, "capabilities/CRM-1.yml"},
		{"next after the highest", "CRM", "Lead scoring API", "octocat", []string{"CRM-9", "CRM-103", "CRM-20", "BIL-700"}, "capabilities/CRM-104.yml"},
		{"ids that are none", "CRM", "Lead scoring API", "octocat", []string{"CRM-x", "CRM", ""}, "capabilities/CRM-1.yml"},
		{"title that YAML would misread", "CRM", "Scoring: v2 #1 \"new\" 'old'", "@octocat", nil, "capabilities/CRM-1.yml"},
		{"title that looks like a number", "CRM", "12345", "12345", nil, "capabilities/CRM-1.yml"},
		{"long title", "CRM", strings.Repeat("word: ", 19) + "end", "octocat", nil, "capabilities/CRM-1.yml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := New(c.prefix, c.title, c.owner, c.taken)
			if err != nil {
				t.Fatal(err)
			}
			if f.Path != c.path {
				t.Errorf("path %s, want %s", f.Path, c.path)
			}
			read, findings := capability.Parse(f.Path, f.Text, config.Default().Vocabulary())
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if got := read.Capability; got.Title != c.title || got.Owner != strings.TrimPrefix(c.owner, "@") {
				t.Errorf("title %q owner %q, want %q %q", got.Title, got.Owner, c.title, c.owner)
			}
		})
	}
}

func TestNewRefusesInWords(t *testing.T) {
	for _, c := range []struct{ prefix, title, owner, want string }{
		{"crm", "Lead scoring", "octocat", "capital letters"},
		{"", "Lead scoring", "octocat", "capital letters"},
		{"CRM", "Abc", "octocat", "5"},
		{"CRM", "Lead scoring", "john.doe", "login"},
		{"CRM", "two\nlines", "octocat", "line"},
	} {
		_, err := New(c.prefix, c.title, c.owner, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %q %q: got %v, want words with %q", c.prefix, c.title, c.owner, err, c.want)
		}
	}
	if _, err := Init(Options{Prefix: "x", Owner: "octocat"}); err == nil {
		t.Error("init takes a prefix that is none")
	}
}

// TestNewIsValidOrRefused: whatever the title, there is no file that says something else.
func TestNewIsValidOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{5,120}`)).Draw(t, "title")
		f, err := New("CRM", title, "octocat", nil)
		if err != nil {
			return
		}
		read, findings := capability.Parse(f.Path, f.Text, config.Default().Vocabulary())
		if len(findings) > 0 || read.Capability.Title != strings.TrimSpace(title) {
			t.Fatalf("%q became %v in:\n%s", title, findings, f.Text)
		}
	})
}

// TestIssueFormsAreValid checks the rules that GitHub has for forms.
func TestIssueFormsAreValid(t *testing.T) {
	forms := 0
	for _, f := range initFiles(t) {
		if !strings.HasPrefix(f.Path, ".github/ISSUE_TEMPLATE/") {
			continue
		}
		forms++
		var form struct {
			Name, Description string
			Labels            []string
			Body              []struct {
				Type, ID   string
				Attributes struct {
					Label, Description, Placeholder, Value string
					Options                                []string
				}
				Validations struct{ Required bool }
			}
		}
		dec := yaml.NewDecoder(bytes.NewReader(f.Text))
		dec.KnownFields(true)
		if err := dec.Decode(&form); err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		if form.Name == "" || form.Description == "" || len(form.Labels) != 1 || !strings.Contains(f.Path, form.Labels[0]) {
			t.Errorf("%s: name, description or label is missing", f.Path)
		}
		ids, required := map[string]bool{}, 0
		for _, b := range form.Body {
			switch {
			case b.Type == "markdown":
				if b.Attributes.Value == "" {
					t.Errorf("%s: empty text", f.Path)
				}
				continue
			case !slices.Contains([]string{"input", "textarea", "dropdown"}, b.Type), b.Attributes.Label == "", b.ID == "", ids[b.ID]:
				t.Errorf("%s: field %q has an unknown type, no label, no id or another's", f.Path, b.ID)
			case b.Type == "dropdown" && len(b.Attributes.Options) == 0:
				t.Errorf("%s: field %q offers nothing", f.Path, b.ID)
			}
			ids[b.ID] = true
			if b.Validations.Required {
				required++
			}
		}
		if required == 0 {
			t.Errorf("%s: nothing is required", f.Path)
		}
		if name := form.Labels[0]; name != "idea" && (!ids["capability"] || !slices.Contains(config.Default().Bugs.Labels, name)) {
			t.Errorf("%s: does not ask for the capability, or its label is none of the config's", f.Path)
		}
	}
	if forms != 3 {
		t.Errorf("%d forms, want 3", forms)
	}
}

// TestWorkflow holds what makes the workflow safe to copy.
func TestWorkflow(t *testing.T) {
	var w struct {
		On          map[string]any
		Permissions map[string]string
		Concurrency any
		Jobs        map[string]struct {
			If          string
			Permissions map[string]string
			Concurrency map[string]any
			Steps       []struct {
				Uses string
				With map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text(t, workflowPath)), &w); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"push", "pull_request", "merge_group", "issues", "issue_comment", "label", "release", "schedule", "workflow_dispatch", "repository_dispatch"} {
		if _, ok := w.On[event]; !ok {
			t.Errorf("does not run on %s", event)
		}
	}
	job := w.Jobs["tickets"]
	want := map[string]string{"contents": "read", "issues": "write", "pull-requests": "write"}
	if len(w.Permissions) != 0 || asJSON(t, job.Permissions) != asJSON(t, want) {
		t.Errorf("permissions are %v and %v, want none and %v", w.Permissions, job.Permissions, want)
	}
	if w.Concurrency != nil || job.Concurrency["cancel-in-progress"] != false {
		t.Error("concurrency must stand on the job, and never cancel a run")
	}
	if !strings.Contains(job.If, "github-actions[bot]") {
		t.Error("does not skip what it wrote itself")
	}
	if pinned := regexp.MustCompile(`^actions/checkout@[0-9a-f]{40}$`); !pinned.MatchString(job.Steps[0].Uses) || job.Steps[0].With["persist-credentials"] != false {
		t.Error("checkout is not pinned, or keeps the token in the workspace")
	}
	if job.Steps[1].Uses != "ticketfoundry/ticketfoundry@v1" {
		t.Errorf("uses %s", job.Steps[1].Uses)
	}
}

// TestREADMEShowsTheWorkflow keeps the workflow in the README the one that init writes.
func TestREADMEShowsTheWorkflow(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	workflow, err := os.ReadFile("files/.github/workflows/ticketfoundry.yml")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)(<!-- workflow -->\n```yaml\n)(.*?)(```\n)")
	m := block.FindSubmatch(readme)
	if m == nil {
		t.Fatal("the README has no block for the workflow")
	}
	if bytes.Equal(m[2], workflow) {
		return
	}
	if !*update {
		t.Fatal("the README shows another workflow than init writes; run go test ./internal/scaffold -update")
	}
	at := block.FindSubmatchIndex(readme)
	readme = slices.Concat(readme[:at[4]], workflow, readme[at[5]:])
	if err := os.WriteFile("../../README.md", readme, 0o644); err != nil {
		t.Fatal(err)
	}
}
