package report

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

func sampleOutcome() apply.Outcome {
	return apply.Outcome{
		Kept: 14, Writes: 9, Stopped: "the budget of 9 writes is spent",
		Rest: apply.Rest{Writes: 21_520, Total: 22_000, Runs: 45, Until: time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)},
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

func TestEffort(t *testing.T) {
	for want, e := range map[string]plan.Estimate{
		"": {Writes: 9}, "an apply takes 1 write in 1 request, about 1 minute": {Writes: 1, Requests: 1, Minutes: 1, Runs: 1},
		"an apply takes 22,000 writes in 2,310 requests, about 367 minutes of writing, in about 46 runs: one an hour": {Writes: 22_000, Requests: 2310, Minutes: 367, Runs: 46},
	} {
		if got := effort(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for want, r := range map[string]apply.Rest{
		"": {}, "1 of 1,234,567 writes are done; the rest takes about one more run": {Writes: 1_234_566, Total: 1_234_567, Runs: 1},
	} {
		if got := ahead(apply.Outcome{Rest: r}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestALogNamesNotAllThatWaits(t *testing.T) {
	var o apply.Outcome
	for range 3000 {
		o.Results = append(o.Results, apply.Result{Action: plan.Create, Key: "CRM-1/build/a", Title: "x", Status: apply.Pending})
	}
	if got := shown(func(w io.Writer) { OutcomeText(w, o) }); strings.Count(got, "\n") > 60 || !strings.Contains(got, "and 2,950 more") {
		t.Errorf("%d lines", strings.Count(got, "\n"))
	}
}
