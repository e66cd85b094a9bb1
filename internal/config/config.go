// Package config owns the config file .github/ticketfoundry.yml: its shape, its defaults, how
// what people wrote is laid over them, and what is wrong with it. It refuses to decide anything:
// what a stage or a threshold means is for the rooms that read it.
//
//	c, findings, err := config.Load(ws, config.Path) // complete even without a file
//	c.Pipeline.IDs()                                  // triage, spec, … shipped
package config

import (
	"fmt"
	"strings"
	"sync"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
	"github.com/ticketfoundry/ticketfoundry/internal/source/shape"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

// Load reads and checks the config file of a workspace. Without a file at the usual Path it
// gives the defaults; a file that somebody named must be there. With findings that are errors
// it still gives a complete config: the defaults. The error is ours: the disk failed.
func Load(ws *source.Workspace, path string) (*Config, diag.List, error) {
	if path == Path && !ws.Exists(path) {
		return Default(), nil, nil
	}
	text, findings, err := ws.Read(path)
	if err != nil {
		return nil, nil, err
	}
	if findings.HasErrors() {
		return Default(), findings, nil
	}
	c, more := Parse(path, text)
	return c, append(findings, more...), nil
}

// schema is compiled once; the embedded text is covered by a test.
var schema = sync.OnceValue(func() *shape.Schema {
	s, err := shape.Compile(schemas.Config, shape.Formats(), explain)
	if err != nil {
		panic("config: " + err.Error())
	}
	return s
})

// Parse reads the text of a config file and lays it over the defaults: a key that is given
// replaces, lists as a whole; maps, audiences and default stages change key by key. With
// errors in the findings the config is the default one. A file of comments only is no error.
func Parse(path string, text []byte) (*Config, diag.List) {
	doc, findings := document.Parse(path, text)
	if len(findings) == 1 && findings[0].Rule == "empty-file" {
		return Default(), nil
	}
	if doc == nil {
		return Default(), findings
	}
	findings.Add(schema().Check(doc)...)
	if findings.HasErrors() {
		return Default(), findings.Sorted()
	}
	m := merger{doc: doc, config: Default()}
	if err := m.run(); err != nil {
		// The schema accepts only what decodes; this would be a gap between the two.
		findings.Add(diag.Finding{Position: doc.At(), Severity: diag.Error, Rule: "schema", Message: err.Error()})
	}
	findings = append(findings, m.findings...).Sorted()
	if findings.HasErrors() {
		return Default(), findings
	}
	return m.config, findings
}

// explain says in better words than a pattern why a text does not fit.
func explain(parent, field, text string) (message, hint string) {
	if parent == "colors" || parent == "rates" {
		field = parent
	}
	switch field {
	case "approvers":
		if strings.Contains(text, "/") {
			return fmt.Sprintf("%q is a team, and a job's token cannot read who is in a team", text),
				"list the people's logins, or use role:maintain for everybody with that role in the repository"
		}
		if role, ok := strings.CutPrefix(text, "role:"); ok {
			return fmt.Sprintf("there is no repository role %q to decide by", role),
				plain.Suggest(text, []string{"role:triage", "role:write", "role:maintain", "role:admin"})
		}
	case "assignees", "notify", "trusted_writers":
		if strings.Contains(text, "/") {
			return fmt.Sprintf("%q is a team; only people can be named here", text), "list the people's logins"
		}
	case "colors":
		if digits, ok := strings.CutPrefix(text, "#"); ok {
			return fmt.Sprintf("%q begins with #", text), fmt.Sprintf("write the six digits alone: %q", digits)
		}
	case "cost_review_above", "amount", "percent", "low", "medium", "high", "rates":
		if strings.HasPrefix(text, "-") {
			return text + " is below zero", "amounts are 0 or more"
		}
		if number, ok := strings.CutSuffix(text, "%"); ok && field == "percent" {
			return fmt.Sprintf("%q has a percent sign", text), "write the number alone: " + strings.TrimSpace(number)
		}
		if meant, ok := cogs.Meant(text); ok {
			return fmt.Sprintf("%q is not written as an amount", text), fmt.Sprintf("did you mean %s? Write digits with a dot, without signs, blanks or thousands separators", meant)
		}
	case "id", "after", "key", "opens_at", "reject_to", "stages", "audience":
		if slug := plain.Slug(text); slug != "" && slug != text {
			return fmt.Sprintf("%q is not small letters, digits and hyphens only", text), "write " + slug
		}
	case "ready":
		if name := strings.ReplaceAll(plain.Slug(text), "-", "_"); name != "" && name != text && !strings.Contains(text, ".") {
			return fmt.Sprintf("%q is not written as a field of the spec", text), "write " + name
		}
	}
	return "", ""
}
