package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

const home = "https://github.com/ticketfoundry/ticketfoundry"

// findingsSARIF writes what code scanning services read. Rules are those that were broken, by id.
func findingsSARIF(w io.Writer, list diag.List) error {
	run := sarif.NewRunWithInformationURI("ticketfoundry", home).WithColumnKind("unicodeCodePoints")
	index := map[string]int{}
	for i, rule := range rules(list) {
		index[rule.id] = i
		run.AddRule(rule.id).
			WithName(rule.id).
			WithShortDescription(text(rule.words)).
			WithHelp(text(rule.help)).
			WithHelpURI(home + "#findings")
	}
	call := sarif.NewInvocation().WithExecutionSuccessful(true)
	for _, f := range list {
		if f.File == "" { // a result without a place is refused by code scanning
			call.AddToolConfigurationNotification(sarif.NewNotification().
				WithLevel(level(f.Severity)).
				WithMessage(sarif.NewTextMessage(f.Text())))
			continue
		}
		run.AddResult(sarif.NewRuleResult(f.Rule).
			WithRuleIndex(index[f.Rule]).
			WithLevel(level(f.Severity)).
			WithMessage(sarif.NewTextMessage(f.Text())).
			WithLocations([]*sarif.Location{sarif.NewLocationWithPhysicalLocation(place(f.Position))}))
	}
	run.AddInvocation(call)
	log := sarif.NewReport()
	log.AddRun(run)
	if err := log.PrettyWrite(w); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

type rule struct{ id, words, help string }

// rules gives each broken rule once. Its help is how to mend it, where all its findings agree,
// since a rule's hint often names the very text it is about.
func rules(list diag.List) []rule {
	byID := map[string]rule{}
	for _, f := range list {
		r, seen := byID[f.Rule]
		hint := f.Hint
		if seen && r.help != hint {
			hint = ""
		}
		byID[f.Rule] = rule{f.Rule, strings.ReplaceAll(f.Rule, "-", " "), hint}
	}
	var out []rule
	for _, r := range byID {
		if r.help == "" {
			r.help = "Each finding says what is wrong and how to mend it."
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b rule) int { return strings.Compare(a.id, b.id) })
	return out
}

func level(s diag.Severity) string {
	switch s {
	case diag.Error:
		return "error"
	case diag.Warning:
		return "warning"
	}
	return "note"
}

func place(p diag.Position) *sarif.PhysicalLocation {
	at := sarif.NewPhysicalLocation().WithArtifactLocation(
		sarif.NewSimpleArtifactLocation(p.File).WithURIBaseID("%SRCROOT%"),
	)
	if p.Line == 0 {
		return at
	}
	region := sarif.NewRegion().WithStartLine(p.Line)
	if p.Column > 0 {
		region = region.WithStartColumn(p.Column)
	}
	if p.EndColumn > p.Column {
		region = region.WithEndLine(p.Line).WithEndColumn(p.EndColumn)
	}
	return at.WithRegion(region)
}

func text(s string) *sarif.MultiformatMessageString {
	return sarif.NewMultiformatMessageString().WithText(s)
}
