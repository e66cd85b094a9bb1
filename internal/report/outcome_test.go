package report

import (
	"io"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

func sampleOutcome() apply.Outcome {
	return apply.Outcome{
		Kept: 14, Writes: 9, Stopped: "the budget of 9 writes is spent",
		Results: []apply.Result{
			{Action: plan.Create, Title: "stage:build", Status: apply.Failed, Error: "create label stage:build: a label may have 50 characters"},
			{Action: plan.Create, Key: "CRM-101", Ref: "#1", URL: "https://github.com/octo/crm/issues/1", Title: "CRM-101: Lead scoring API", Status: apply.Done},
			{Action: plan.Create, Key: "CRM-101/build/scoring-endpoint", Ref: "#2", URL: "https://github.com/octo/crm/issues/2", Title: "[Build] Scoring endpoint · Lead scoring API (CRM-101)", Status: apply.Done, Dropped: []string{"assignee jonas-ferber"}},
			{Action: plan.Update, Key: "CRM-102", Ref: "#3", Title: "CRM-102: Merge", Status: apply.Failed, Error: "update CRM-102: Resource not accessible by integration; give the job `issues: write`"},
			{Action: plan.Create, Key: "CRM-102/uat/uat-product", Title: "[UAT] Accept | as @product", Status: apply.Unknown, Error: "create CRM-102/uat/uat-product: the connection was closed"},
			{Action: plan.Close, Key: "CRM-106/triage/triage", Ref: "#8", Title: "[Triage] Fax import", Status: apply.Pending},
		},
	}
}

func TestOutcome(t *testing.T) {
	golden(t, "outcome.text", shown(func(w io.Writer) { OutcomeText(w, sampleOutcome()) }))
	golden(t, "outcome.md", OutcomeMarkdown(sampleOutcome(), "https://github.com/octo/crm/issues")+"\n")
}

func TestQuietOutcome(t *testing.T) {
	got := shown(func(w io.Writer) { OutcomeText(w, apply.Outcome{Kept: 3}) })
	if want := "wrote nothing; 3 as they should be\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStopWithoutPendingIsSaid(t *testing.T) {
	o := apply.Outcome{Stopped: "the run was stopped: interrupt", Results: []apply.Result{{Action: plan.Create, Key: "CRM-1", Title: "x", Status: apply.Unknown}}}
	got := shown(func(w io.Writer) { OutcomeText(w, o) })
	if !strings.Contains(got, "interrupt") {
		t.Errorf("why the run stopped is missing: %q", got)
	}
	if !strings.Contains(OutcomeMarkdown(o, ""), "interrupt") {
		t.Error("why the run stopped is missing from the Markdown")
	}
}

func TestOutcomeMarkdownIsBounded(t *testing.T) {
	var o apply.Outcome
	for range 3000 {
		o.Results = append(o.Results,
			apply.Result{Action: plan.Create, Key: "CRM-1/build/a", Title: strings.Repeat("x", 200), Status: apply.Failed, Error: strings.Repeat("y", 900)},
			apply.Result{Action: plan.Create, Key: "CRM-1/build/b", Title: strings.Repeat("x", 200), Status: apply.Done})
	}
	if md := OutcomeMarkdown(o, "octo/crm"); len(md) > 2*maxMarkdown || !strings.Contains(md, "more, in the log") {
		t.Errorf("%d bytes", len(md))
	}
}
