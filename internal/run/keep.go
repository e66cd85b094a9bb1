package run

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
)

// keep writes plan and findings into the report folder of the workspace, for later steps.
func (w *shift) keep(p plan.Plan) error {
	if w.in.ReportDir == "" {
		return nil
	}
	root, err := os.OpenRoot(w.j.ws.Dir())
	if err != nil {
		return fmt.Errorf("open the workspace for the report: %w", err)
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(w.in.ReportDir, 0o755); err != nil {
		return fmt.Errorf("make the report folder %s: %w", w.in.ReportDir, err)
	}
	var planJSON, findings bytes.Buffer
	if err := report.PlanJSON(&planJSON, p); err != nil {
		return err
	}
	if err := report.Findings(&findings, "json", w.j.findings.Sorted()); err != nil {
		return err
	}
	for name, text := range map[string][]byte{"plan.json": planJSON.Bytes(), "findings.json": findings.Bytes()} {
		if err := root.WriteFile(path.Join(w.in.ReportDir, name), text, 0o644); err != nil {
			return fmt.Errorf("write the report %s: %w", name, err)
		}
	}
	w.out.Plan = path.Join(w.in.ReportDir, "plan.json")
	return nil
}

// public warns, in a repository that everyone can read, of what not everyone should: once for
// each kind, at the first place.
func (j *job) public() {
	if !j.repo.Public {
		return
	}
	for _, secret := range []struct {
		what string
		at   []any
		has  func(capability.Capability) bool
	}{
		{"legal assessments", []any{"legal"}, func(c capability.Capability) bool { return c.Legal != "" }},
		{"press contacts", []any{"press", "contacts"}, func(c capability.Capability) bool { return len(c.Press.Contacts) > 0 }},
		{"an embargo that is still running", []any{"press", "embargo"}, func(c capability.Capability) bool {
			t, err := time.Parse(time.RFC3339, c.Press.Embargo)
			return err == nil && t.After(j.env.Now())
		}},
	} {
		var first *capability.File
		n := 0
		for _, f := range j.set.Files {
			if secret.has(f.Capability) {
				n++
				if first == nil {
					first = f
				}
			}
		}
		if first == nil {
			continue
		}
		more := ""
		if n > 1 {
			more = fmt.Sprintf(" (here and in %d more files)", n-1)
		}
		if n == 2 {
			more = " (here and in another file)"
		}
		j.findings.Add(diag.Finding{
			Position: first.At(secret.at...), Severity: diag.Warning, Rule: "public", Subject: first.Capability.ID,
			Message: "this repository is public, so everyone can read " + secret.what + more,
			Hint:    "keep it in a private repository, or be sure that it may be known",
		})
	}
}
