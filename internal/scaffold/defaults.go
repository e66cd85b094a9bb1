package scaffold

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
)

// fill puts the prefix and the defaults that are lists into a template. They are taken from
// the program's own defaults, so that the file never shows others.
func fill(text, prefix string) string {
	c := config.Default()
	return strings.NewReplacer(
		"%PREFIX%", prefix,
		"%AUDIENCES%", audiences(c),
		"%STAGES%", stages(c),
		"%COLORS%", colors(c),
	).Replace(text)
}

func audiences(c *config.Config) string {
	var lines []string
	for _, name := range config.Audiences() {
		setting := "{}"
		if due := c.Audiences[name].Due; due.Before != "" {
			setting = fmt.Sprintf("{due: {before: %s, days: %d}}", due.Before, due.Days)
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", name, setting))
	}
	return strings.Join(lines, "\n")
}

// stages gives a line for each default stage; its tickets are told in the documentation.
func stages(c *config.Config) string {
	var lines []string
	for _, s := range c.Pipeline.Stages {
		if s.Kind == "end" {
			continue
		}
		keys := []string{"id: " + s.ID, "name: " + s.Name, "kind: " + s.Kind, fmt.Sprintf("target_days: %d", s.TargetDays)}
		keys = append(keys, sequence("ready", s.Ready)...)
		keys = append(keys, sequence("reject_to", s.RejectTo)...)
		keys = append(keys, sequence("approvers", quoted(s.Approvers))...)
		if s.MinApprovals > 0 {
			keys = append(keys, fmt.Sprintf("min_approvals: %d", s.MinApprovals))
		}
		if s.Distinct {
			keys = append(keys, "distinct: true")
		}
		if s.Gate {
			keys = append(keys, "gate: true")
		}
		lines = append(lines, "#    - {"+strings.Join(keys, ", ")+"}")
	}
	return strings.Join(lines, "\n")
}

func sequence(key string, values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return []string{key + ": [" + strings.Join(values, ", ") + "]"}
}

func quoted(values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, `"`+v+`"`)
	}
	return out
}

func colors(c *config.Config) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(c.Labels.Colors)) {
		lines = append(lines, fmt.Sprintf("#    %q: %q", name, c.Labels.Colors[name]))
	}
	return strings.Join(lines, "\n")
}
