package desired_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// A template for a whole stage that goes too far is tried once for a capability: the others of its
// tickets have the built-in text at once, and one note says for how many.
func TestTemplateTooLongForAll(t *testing.T) {
	endless := strings.Repeat("{{range $.success_criteria}}", 20) + "x" + strings.Repeat("{{end}}", 20)
	m, said := withTemplates(t, "build", map[string]string{
		"build.md.tmpl": `{{define "do"}}` + endless + "{{end}}Mine.", "release.md.tmpl": "Mine.",
	})
	plain, _ := withTemplates(t, "build", nil)
	if said != "" || strings.Contains(find(t, m, "CRM-101/build/scoring-endpoint").Block, "Mine.") {
		t.Errorf("the built-in text does not stand in; %s", said)
	}
	if !strings.Contains(find(t, m, "CRM-101/release/release-notes").Block, "Mine.") {
		t.Error("another template is left out too")
	}
	without := 0
	for i, d := range m.Tickets {
		if d.Stage != "build" || d.Key == "CRM-101" || d.Key == "CRM-101/build/load-test" {
			continue
		}
		if without++; d.Block != plain.Tickets[i].Block {
			t.Errorf("%s has not the built-in text", d.Key)
		}
	}
	if without < 2 {
		t.Fatalf("only %d tickets would have the template", without)
	}
	more := fmt.Sprintf("stands in the place of it and of %d more (%s/build.md.tmpl)", without-1, config.TemplateFolder)
	if len(m.Notes) != 1 || !strings.Contains(m.Notes[0], more) {
		t.Errorf("notes %q, want one with %q", m.Notes, more)
	}
}

// What is wrong with a template is found where it would be used, also behind an else.
func TestTemplateElse(t *testing.T) {
	m, said := withTemplates(t, "triage", map[string]string{
		"triage.md.tmpl": `{{define "a"}}{{nosuch .}}{{end}}{{with $x := .press}}{{else}}{{template "a" $x}}{{end}}`,
	})
	if !strings.HasPrefix(said, config.TemplateFolder+`/triage.md.tmpl:1:17: there is no function "nosuch"`) {
		t.Errorf("said %s", said)
	}
	if len(m.Tickets) < 2 {
		t.Errorf("%d tickets", len(m.Tickets))
	}
}

// Files that lie among the templates, and names of what was sent back.
func TestTemplateNames(t *testing.T) {
	for file, ok := range map[string]bool{
		"README.md": true, "older/README.md": true, "readme.txt": false, "older/build.md.tmpl": false,
		"build--rework.md.tmpl": true, "build--rework-1.md.tmpl": true, "build--rework-12.md.tmpl": true,
		"build--reworked.md.tmpl": false, "build--rework-.md.tmpl": false, "build--rework-0.md.tmpl": false, "build--rework-all.md.tmpl": false,
	} {
		if _, said := withTemplates(t, "build", map[string]string{file: "x"}); (said == "") != ok {
			t.Errorf("%s: %s", file, said)
		}
	}
}

// The list of what the spec must say has no hidden marker where people would see it.
func TestReadinessInQuote(t *testing.T) {
	m, said := withTemplates(t, "spec", map[string]string{"spec.md.tmpl": "{{quote readiness}}\n\n| a |\n|---|\n| {{readiness}} |\n"})
	block := find(t, m, "CRM-101/spec/write-spec").Block
	if said != "" || strings.Contains(block, "ticketfoundry") || strings.Contains(block, "&lt;") {
		t.Errorf("%s\n%s", said, block)
	}
	if !strings.Contains(block, "> - ☑ ") {
		t.Errorf("the list is not quoted\n%s", block)
	}
}

func TestEmbargoSeconds(t *testing.T) {
	for embargo, want := range map[string]string{
		"2027-03-15T23:30:30+02:00": "**Monday 15 March 2027, 21:30:30 UTC (Mon 15 Mar, 23:30:30 UTC+02:00 where the spec sets it)**",
		"2027-03-15T23:30:00+02:00": "**Monday 15 March 2027, 21:30 UTC (Mon 15 Mar, 23:30 UTC+02:00 where the spec sets it)**",
	} {
		cfg := settings()
		f := parse(t, sample(t), cfg)
		f.Capability.Press.Embargo = embargo
		got := find(t, desired.Build(input(f, cfg, "release")), "CRM-101/release/press-release").Block
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// The days of a stage are counted without clocks: in Santiago the 5th of September 2027 has no midnight.
func TestDueWhereClocksChange(t *testing.T) {
	cfg, findings := config.Parse(config.Path, []byte("calendar: {time_zone: America/Santiago}\npipeline: {stages: [{id: triage, target_days: 1}]}\n"))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	f := parse(t, "id: CRM-101\ntitle: Lead scoring\nsummary: x y z\nowner: ada\n", cfg)
	in := input(f, cfg, "triage")
	since := time.Date(2027, 9, 4, 4, 20, 0, 0, time.UTC) // 0:20 there
	in.Status.Since = since
	for i := range in.Status.Steps {
		in.Status.Steps[i].Since = since
	}
	const key ticket.Key = "CRM-101/triage/triage"
	if got := find(t, desired.Build(in), key).Block; !strings.HasPrefix(got, "**Due Sun 5 Sep 2027:** ") {
		t.Errorf("got %.60s", got)
	}
}
