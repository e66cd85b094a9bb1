package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

func sampleFindings() diag.List {
	at := func(file string, line, col, end int) diag.Position {
		return diag.Position{File: file, Line: line, Column: col, EndColumn: end}
	}
	return diag.List{
		{Position: at("capabilities/CRM-102.yml", 7, 3, 0), Severity: diag.Warning, Rule: "two-target-dates",
			Message: `CRM 2.4 has two target dates, 2027-02-26 and 2027-03-01`, Hint: "the later one is used; agree on one", Subject: "CRM-102"},
		{Position: at("capabilities/CRM-101.yml", 12, 1, 6), Severity: diag.Error, Rule: "unknown-key",
			Message: `unknown key "titel"`, Hint: `did you mean "title"?`, Subject: "CRM-101"},
		{Position: at("capabilities/CRM-103.yml", 0, 0, 0), Severity: diag.Error, Rule: "file-size",
			Message: "the file has 300 KiB; at most 256 KiB are read", Hint: "move long texts into `documents.spec`"},
		{Position: at("capabilities/CRM-101.yml", 3, 9, 17), Severity: diag.Error, Rule: "unknown-key",
			Message: `unknown key "*own_er*"`, Hint: `did you mean "owner"?`, Subject: "CRM-101"},
		{Severity: diag.Error, Rule: "input", Message: `input mode: "aply" is not known`, Hint: "use auto, validate, plan or apply"},
		{Position: at("capabilities/CRM-104.yml", 2, 8, 0), Severity: diag.Notice, Rule: "file-name",
			Message: "the file's name\u202e holds\x1b[31m @octocat and #1 | <b>\n::error::x"},
	}
}

func TestFindings(t *testing.T) {
	for _, format := range Formats() {
		got := written(t, func(b *bytes.Buffer) error { return Findings(b, format, sampleFindings()) })
		golden(t, "findings."+format, got)
	}
	golden(t, "findings.md", FindingsMarkdown(sampleFindings(), 0)+"\n")
	golden(t, "findings-cut.md", FindingsMarkdown(sampleFindings(), 2)+"\n")
}

func TestNoFindings(t *testing.T) {
	for _, c := range []struct{ format, want string }{
		{"text", "no findings\n"},
		{"json", "{\n  \"findings\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n"},
	} {
		got := written(t, func(b *bytes.Buffer) error { return Findings(b, c.format, nil) })
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.format, got, c.want)
		}
	}
	if got := FindingsMarkdown(nil, 10); got != "No findings." {
		t.Errorf("Markdown of nothing is %q", got)
	}
}

func TestUnknownFormat(t *testing.T) {
	err := Findings(&bytes.Buffer{}, "xml", nil)
	if err == nil || !strings.Contains(err.Error(), "text, json, sarif") {
		t.Errorf("got %v, want an error that names the formats", err)
	}
}

func TestFindingsJSONHoldsEveryFinding(t *testing.T) {
	got := written(t, func(b *bytes.Buffer) error { return Findings(b, "json", sampleFindings()) })
	var read struct {
		Findings         diag.List
		Errors, Warnings int
	}
	if err := json.Unmarshal([]byte(got), &read); err != nil {
		t.Fatal(err)
	}
	if len(read.Findings) != 6 || read.Errors != 4 || read.Warnings != 1 {
		t.Errorf("read back %d findings, %d errors, %d warnings", len(read.Findings), read.Errors, read.Warnings)
	}
}

func TestSARIFIsValid(t *testing.T) {
	got := written(t, func(b *bytes.Buffer) error { return Findings(b, "sarif", sampleFindings()) })
	log, err := sarif.FromString(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Validate(); err != nil {
		t.Errorf("against the schema of SARIF: %v", err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != 5 {
		t.Fatalf("version %s with %d runs", log.Version, len(log.Runs))
	}
	if n := len(log.Runs[0].Invocations[0].ToolConfigurationNotifications); n != 1 {
		t.Errorf("%d notifications, want the finding without a file", n)
	}
	rules := log.Runs[0].Tool.Driver.Rules
	for _, r := range log.Runs[0].Results {
		if len(r.Locations) != 1 || *rules[r.RuleIndex].ID != *r.RuleID {
			t.Errorf("result of rule %s has %d places and the index of another rule", *r.RuleID, len(r.Locations))
		}
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriterErrorsAreGiven(t *testing.T) {
	full := errors.New("disk full")
	for name, write := range map[string]func() error{
		"text":  func() error { return Findings(brokenWriter{full}, "text", sampleFindings()) },
		"json":  func() error { return Findings(brokenWriter{full}, "json", sampleFindings()) },
		"sarif": func() error { return Findings(brokenWriter{full}, "sarif", sampleFindings()) },
		"plan":  func() error { return PlanJSON(brokenWriter{full}, samplePlan()) },
	} {
		if err := write(); !errors.Is(err, full) {
			t.Errorf("%s: got %v, want the writer's error", name, err)
		}
	}
}
