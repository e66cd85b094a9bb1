package desired_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// withTemplates gives the model of the sample with templates in the repository.
func withTemplates(t *testing.T, stage string, texts map[string]string) (desired.Model, string) {
	t.Helper()
	cfg := settings()
	for name, text := range texts {
		cfg.Templates = append(cfg.Templates, config.Template{Path: config.TemplateFolder + "/" + name, Text: text})
	}
	f := parse(t, sample(t), cfg)
	in := input(f, cfg, stage)
	own, findings := desired.ParseTemplates(cfg, []*capability.File{f})
	in.Templates = own
	var said []string
	for _, f := range findings {
		said = append(said, f.String())
	}
	return desired.Build(in), strings.Join(said, "\n")
}

// TestOwnTemplates: the tickets that a repository writes with templates of its own.
func TestOwnTemplates(t *testing.T) {
	files, err := filepath.Glob("testdata/templates/*.md.tmpl")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	texts := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
	}
	m, said := withTemplates(t, "build", texts)
	if said != "" {
		t.Fatal(said)
	}
	for key, golden := range map[ticket.Key]string{
		"CRM-101/build/scoring-endpoint": "build--scoring-endpoint", "CRM-101/build/score-store": "build", "CRM-101/release/press-release": "release--press",
	} {
		checkGolden(t, "testdata/templates/"+golden+".md", render(find(t, m, key)))
	}
	plain, _ := withTemplates(t, "build", nil)
	for _, key := range []ticket.Key{"CRM-101/build/load-test", "CRM-101/release/release-notes", "CRM-101"} {
		if find(t, m, key).Block != find(t, plain, key).Block {
			t.Errorf("%s is written with a template that is not for it", key)
		}
	}
}

func TestTemplateFindings(t *testing.T) {
	folder := config.TemplateFolder + "/"
	for name, c := range map[string]struct{ file, text, want string }{
		"field":         {"build.md.tmpl", "{{.acceptance_criterea}}", folder + `build.md.tmpl:1:4: there is no field "acceptance_criterea" here; did you mean "acceptance_criteria"? [unknown-field]`},
		"nested field":  {"build.md.tmpl", "\n{{.release.verson}}", folder + `build.md.tmpl:2:12: there is no field "verson" here; did you mean "version"? [unknown-field]`},
		"Go's own case": {"build.md.tmpl", "{{.Title}}", folder + `build.md.tmpl:1:4: there is no field "Title" here; did you mean "title"? [unknown-field]`},
		"function":      {"build.md.tmpl", "{{sections_ }}", folder + `build.md.tmpl:1:3: there is no function "sections_"; did you mean "sections"? [unknown-function]`},
		"stage":         {"biuld.md.tmpl", "x", folder + `biuld.md.tmpl: there is no stage "biuld" with tickets; did you mean "build"? [template-name]`},
		"shipped":       {"shipped.md.tmpl", "x", folder + `shipped.md.tmpl: there is no stage "shipped" with tickets; did you mean "triage"? [template-name]`},
		"key":           {"build--scorng-endpoint.md.tmpl", "x", folder + `build--scorng-endpoint.md.tmpl: warning: no ticket of the stage "build" has the key "scorng-endpoint"; did you mean "build--scoring-endpoint.md.tmpl"? [template-name]`},
		"own ticket":    {"build--load-test.md.tmpl", "x", ""},
		"audience":      {"release--docs.md.tmpl", "x", ""},
		"rework":        {"build--rework.md.tmpl", "x", ""},
		"ending":        {"build.tmpl", "x", folder + `build.tmpl: warning: this is not read: it is not named like a template; call it STAGE.md.tmpl or STAGE--KEY.md.tmpl, directly in .github/ticketfoundry/templates [template-name]`},
	} {
		if _, said := withTemplates(t, "build", map[string]string{c.file: c.text}); said != c.want && name != "shipped" || said == "" != (c.want == "") {
			t.Errorf("%s:\n got %s\nwant %s", name, said, c.want)
		}
	}
}

// A template that goes too far is left out, and the preview says so.
func TestTemplateTooLong(t *testing.T) {
	endless := strings.Repeat("{{range $.success_criteria}}", 20) + "x" + strings.Repeat("{{end}}", 20)
	m, said := withTemplates(t, "build", map[string]string{"build--score-store.md.tmpl": endless})
	plain, _ := withTemplates(t, "build", nil)
	const key = "CRM-101/build/score-store"
	if said != "" || find(t, m, key).Block != find(t, plain, key).Block {
		t.Errorf("the built-in text does not stand in; %s", said)
	}
	if len(m.Notes) != 1 || !strings.Contains(m.Notes[0], key) || !strings.Contains(m.Notes[0], "build--score-store.md.tmpl") {
		t.Errorf("notes %q", m.Notes)
	}
}

// Cost stays off tickets for people outside, whatever their template asks for.
func TestTemplateKeepsCostInside(t *testing.T) {
	all := desired.EveryField("%s")
	m, said := withTemplates(t, "build", map[string]string{"release--docs.md.tmpl": all, "release--release-notes.md.tmpl": all, "build.md.tmpl": all})
	if said != "" {
		t.Fatal(said)
	}
	for _, key := range []ticket.Key{"CRM-101/release/external-docs", "CRM-101/release/release-notes"} {
		if w := costWords.FindString(find(t, m, key).Block); w != "" {
			t.Errorf("%s speaks of cost: %q", key, w)
		}
	}
	if inside := find(t, m, "CRM-101/build/score-store").Block; !strings.Contains(inside, "$436.82/month") || !strings.Contains(inside, "$43.70") {
		t.Error("the engineers do not see the cost")
	}
	if len(m.Notes) != 0 {
		t.Errorf("notes %q", m.Notes)
	}
}
