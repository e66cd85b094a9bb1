package desired_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// TestTheDecisionFindsRoom has specs and templates that fill a ticket: how to decide still stands
// at its end.
func TestTheDecisionFindsRoom(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	f.Capability.Scope.In = nil
	for i := range 60 {
		f.Capability.Scope.In = append(f.Capability.Scope.In, fmt.Sprint(i, strings.Repeat(" long words", 100)))
	}
	f.Capability.Scope.Out = f.Capability.Scope.In
	seen := 0
	for _, d := range desired.Build(input(f, cfg, "compliance")).Tickets {
		if name := d.Key.Name(); name != "compliance-sign-off" && name != "approve-spec" {
			continue
		}
		seen++
		if !strings.Contains(d.Block, "### Decision") || !strings.Contains(d.Block, "continues in") || len(d.Block) > ticket.MaxBody {
			t.Errorf("%s, %d bytes, does not say how to decide, or where it goes on", d.Key, len(d.Block))
		}
	}
	if seen != 2 {
		t.Errorf("%d tickets were looked at, want 2", seen)
	}
}

// TestEachOfManyCriteriaIsNamed has as many criteria as a spec may have.
func TestEachOfManyCriteriaIsNamed(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	f.Capability.AcceptanceCriteria = nil
	for i := range 200 {
		f.Capability.AcceptanceCriteria = append(f.Capability.AcceptanceCriteria, capability.Criterion{ID: fmt.Sprintf("AC-%d", i+1), Text: "It works."})
	}
	seen := 0
	for _, d := range desired.Build(input(f, cfg, "build")).Tickets {
		if d.Key.Name() == "scoring-endpoint" {
			seen = strings.Count(d.Block, "`AC-")
		}
	}
	if seen != 200 {
		t.Errorf("the ticket names %d of 200 criteria", seen)
	}
}

// TestWhatIsToDoFitsTheFirstLine has templates whose first line is more than one.
func TestWhatIsToDoFitsTheFirstLine(t *testing.T) {
	for do, want := range map[string]string{
		"build it.": "build it.", "# big": "big", "- [x] tick it.": "tick it.", "> say\n\nmore": "say more", "1. 2. three": "three",
		"{{readiness}}": "", strings.Repeat("word ", 12000): "…",
	} {
		m, _ := withTemplates(t, "ci-cd", map[string]string{"build--scoring-endpoint.md.tmpl": "{{define \"do\"}}" + do + "{{end}}body"})
		for _, d := range m.Tickets {
			if d.Key.Name() != "scoring-endpoint" {
				continue
			}
			first, _, _ := strings.Cut(d.Block, "\n")
			if utf8.RuneCountInString(first) > 1300 || strings.Contains(first, "<!--") || !strings.HasSuffix(first, want) {
				t.Errorf("%.30q begins the ticket with %.200q", do, first)
			}
		}
	}
}

// TestTheLargestSpec has every field as long as a spec may have it: tickets are full, not empty.
func TestTheLargestSpec(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	c, long := &f.Capability, strings.Repeat("some words here and more. ", 190) // under 5,000 characters
	c.Summary, c.User, c.Legal, c.Data = long, long, long, long
	c.Press.Narrative, c.Press.Restrictions, c.Marketing.Message, c.Release.Notes = long, long, long, long
	lines := slices.Repeat([]string{long[:480]}, 100)
	c.Scope.In, c.Scope.Out, c.SuccessCriteria, c.Press.Contacts, c.Marketing.Channels = lines, lines, lines, lines, lines
	c.AcceptanceCriteria = nil
	for i := range 200 {
		c.AcceptanceCriteria = append(c.AcceptanceCriteria, capability.Criterion{ID: fmt.Sprintf("AC-%d", i+1), Text: long, Kind: []string{"", "uat"}[i%2]})
	}
	boxes := 0
	for _, stage := range cfg.Pipeline.IDs() {
		for _, d := range desired.Build(input(f, cfg, stage)).Tickets {
			if len(d.Block) > ticket.MaxBody || len(d.Block) < 5_000 {
				t.Errorf("in %s, %s has %d bytes", stage, d.Key, len(d.Block))
			}
			if d.Key.Name() == "uat-product" {
				boxes = strings.Count(d.Block, "- [ ] `AC-")
			}
		}
	}
	if boxes < 20 {
		t.Errorf("uat-product has room for %d criteria", boxes)
	}
}
