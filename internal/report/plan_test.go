package report

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func samplePlan() plan.Plan {
	url := func(n int) string { return fmt.Sprintf("https://github.com/octo/crm/issues/%d", n) }
	return plan.Plan{
		Version: 1, Repository: "octo/crm", Commit: "1f2e3d4c5b6a79880102030405060708090a0b0c",
		Summary: "opens 2 tickets: 1 engineering, 1 press, 1 assigned to nobody; opens 1 capability issue; updates 2 issues; reopens 1 issue; closes 2 issues; leaves 1 issue as it is",
		Labels: []ticket.Label{
			{Name: "capability:CRM-101", Color: "c5b6f4"}, {Name: "stage:build", Color: "1d76db", Description: "Belongs to Build"},
		},
		Milestones: []ticket.Milestone{{Title: "CRM 2.4", Due: "2027-02-26"}, {Title: "CRM 2.5"}},
		Changes: []plan.Change{
			{Action: plan.Create, Key: "CRM-101", Title: "CRM-101: Lead scoring API", Stage: "build", Assignees: []string{"mara-ilves"}, Reason: "in the spec, and not in the tracker"},
			{Action: plan.Create, Key: "CRM-101/build/scoring-endpoint", Title: "[Build] Scoring endpoint · Lead scoring API (CRM-101)", Stage: "build", Audience: "engineering", Assignees: []string{"jonas-ferber", "hana-sorvali"}, Reason: "in the spec, and not in the tracker"},
			{Action: plan.Create, Key: "CRM-101/release/press-release", Title: "[Press] Write the press release · Lead scoring API (CRM-101)", Stage: "release", Audience: "press", Reason: "#9 is gone (deleted, transferred or converted): made anew"},
			{Action: plan.Update, Key: "CRM-102", Ref: "#3", URL: url(3), Title: "CRM-102: Merge duplicate contacts", Reason: "its text or its record of the tickets differs",
				Fields: []plan.Field{{Name: "body", Before: "40 lines", After: "42 lines"}}},
			{Action: plan.Update, Key: "CRM-102/uat/uat-product", Ref: "#4", URL: url(4), Title: "[UAT] Accept as product · Merge duplicate contacts (CRM-102)", Audience: "product", Reason: "differs from the spec",
				Fields: []plan.Field{{Name: "title", Before: "[UAT] Merge | @octocat <b>", After: "[UAT] Accept as product · Merge duplicate contacts (CRM-102)"}, {Name: "labels", Before: "-audience:press", After: "+audience:product"}, {Name: "milestone", Before: "", After: "CRM 2.4"}}},
			{Action: plan.Reopen, Key: "CRM-102/uat/uat-engineering", Ref: "#5", URL: url(5), Title: "[UAT] Accept as engineering · Merge duplicate contacts (CRM-102)", Reason: "it is in the spec",
				Fields: []plan.Field{{Name: "state", Before: "not_planned", After: "open"}}},
			{Action: plan.Keep, Key: "CRM-102/uat/uat-sales-ops", Ref: "#6", URL: url(6), Title: "[UAT] Try it · Merge duplicate contacts (CRM-102)", Reason: "as the spec says"},
			{Action: plan.Close, Key: "CRM-106/triage/triage", Ref: "#8", URL: url(8), Title: "[Triage] Triage the idea · Fax import (CRM-106)", Reason: "its spec says `status: cancelled`",
				Fields: []plan.Field{{Name: "state", Before: "open", After: "not_planned"}}},
			{Action: plan.Keep, Key: "CRM-107", Ref: "#7", URL: url(7), Title: "CRM-107: Territory map", Reason: "as the spec says"},
		},
		Twins:   []plan.Twin{{Key: "CRM-102/uat/uat-product", Ref: "#12", Stays: "#4"}},
		Notices: []plan.Notice{{Key: "CRM-101/release/press-release", Text: "belongs to nobody"}, {Text: "the server has no sub-issues: task lists stand in"}},
		Brakes:  []plan.Brake{{Rule: "mass-close", Text: "2 of 6 capabilities have no spec file any more (CRM-1, CRM-2)"}},
		Held:    []string{"CRM-103"},

		Estimate: plan.Estimate{Writes: 1204, Requests: 140, Minutes: 21, Runs: 3},
	}
}

func TestPlan(t *testing.T) {
	golden(t, "plan.text", shown(func(w io.Writer) { PlanText(w, samplePlan()) }))
	golden(t, "plan.json", written(t, func(b *bytes.Buffer) error { return PlanJSON(b, costly(samplePlan())) }))
	golden(t, "plan.md", PlanMarkdown(costly(samplePlan()), sampleFindings())+"\n")
	few := samplePlan()
	few.Changes, few.Brakes, few.Held, few.Twins = few.Changes[:6], nil, nil, nil
	golden(t, "plan-few.md", PlanMarkdown(few, nil)+"\n")
}

func TestEmptyPlanIsOneSentence(t *testing.T) {
	p := plan.Plan{Summary: "nothing to do: 12 issues are as the specs say", Changes: []plan.Change{{Action: plan.Keep, Key: "CRM-1", Title: "CRM-1: Kept"}}}
	if got, want := shown(func(w io.Writer) { PlanText(w, p) }), p.Summary+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := PlanMarkdown(p, nil), "Nothing to do: 12 issues are as the specs say."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// bigPlan has many capabilities with long titles.
func bigPlan(capabilities, tickets, width int) plan.Plan {
	p := plan.Plan{Summary: "opens many tickets"}
	for i := range capabilities {
		id := fmt.Sprintf("CRM-%d", i+1)
		p.Changes = append(p.Changes, plan.Change{Action: plan.Create, Key: ticket.Key(id), Title: id + ": " + strings.Repeat("Long title ", width)})
		for j := range tickets {
			p.Changes = append(p.Changes, plan.Change{
				Action: plan.Create, Key: ticket.Make(id, "build", fmt.Sprintf("part-%d", j)), Reason: "in the spec, and not in the tracker",
				Title: fmt.Sprintf("[Build] Part %d %s · Long (%s)", j, strings.Repeat("more ", width), id), Assignees: []string{"jonas-ferber"},
			})
		}
	}
	return p
}

func TestPlanMarkdownStaysReadableAndBounded(t *testing.T) {
	p := bigPlan(20, 9, 3)
	md := PlanMarkdown(p, nil)
	if strings.Contains(md, "in the log of the run") {
		t.Errorf("200 ordinary changes are cut:\n%s", md[max(0, len(md)-300):])
	}
	if n := strings.Count(md, "<details>"); n != 20 {
		t.Errorf("%d folds, want one for each of 20 capabilities", n)
	}
	md = PlanMarkdown(costly(bigPlan(40, 30, 40)), sampleFindings())
	if len(md) > maxMarkdown {
		t.Errorf("%d bytes, want at most %d", len(md), maxMarkdown)
	}
	if !strings.Contains(md, "more changes, in the log of the run") {
		t.Error("what is left out is not counted")
	}
}

var code = regexp.MustCompile(`(?s)<code.*?</code>`)

// TestMarkdownIsInert feeds whatever texts to every place that a spec's text can reach.
func TestMarkdownIsInert(t *testing.T) {
	engine := goldmark.New(goldmark.WithExtensions(extension.GFM))
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"@octocat", "#12", "closes #3", "<!-- ticketfoundry:end -->", "</details>", "<script>", "a|b", "```", "\n\n# x", "![x](http://y/z.png)", "`", "\u202e", "</summary>@octocat", "\\", "~~~",
		}))
		text := strings.Join(rapid.SliceOfN(word, 0, 6).Draw(t, "text"), " ")
		p := samplePlan()
		for i := range p.Changes {
			p.Changes[i].Title, p.Changes[i].Reason = text, text
		}
		p.Notices = append(p.Notices, plan.Notice{Text: text})
		f := diag.List{{Severity: diag.Error, Rule: "x", Message: text, Hint: text}}
		p.Cogs = hostileCosts(text)
		md := PlanMarkdown(p, f) + "\n\n" + CostOverview(p.Cogs)
		var out strings.Builder
		if err := engine.Convert([]byte(md), &out); err != nil {
			t.Fatal(err)
		}
		// goldmark leaves raw HTML out unless told otherwise, and marks where it was.
		if raw, ours := strings.Count(out.String(), "<!-- raw HTML omitted -->"), 2*strings.Count(md, "\n<details><summary>")+strings.Count(md, "\n</details>"); raw > ours {
			t.Fatalf("%d pieces of raw HTML, and only %d are ours:\n%s", raw, ours, md)
		}
		// Trackers link what a reader sees, but for code.
		seen := html.UnescapeString(code.ReplaceAllString(out.String(), ""))
		for _, bad := range []string{"@octocat", "#12", "<img", "\u202e"} {
			if strings.Contains(seen, bad) {
				t.Fatalf("%q is live in:\n%s", bad, md)
			}
		}
		if strings.Contains(md, "<!-- ticketfoundry") {
			t.Fatalf("a marker of ours stands in:\n%s", md)
		}
	})
}

func TestTextShowsControlCharacters(t *testing.T) {
	p := plan.Plan{Summary: "x", Changes: []plan.Change{{Action: plan.Create, Key: "CRM-1/build/a", Title: "one\ntwo \x1b[31mred \u202eback", Reason: "::error::no"}}}
	got := shown(func(w io.Writer) { PlanText(w, p) })
	if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "one\ntwo") {
		t.Errorf("control characters got through: %q", got)
	}
	if !strings.Contains(got, `\u{1b}`) || !strings.Contains(got, `\u{202e}`) {
		t.Errorf("control characters are not shown: %q", got)
	}
}

// What changes on an issue is said in words, not in values of the program.
func TestFieldText(t *testing.T) {
	for want, f := range map[string]plan.Field{
		"state: open → not planned":                {Name: "state", Before: "open", After: "not_planned"},
		"text: 81 lines, 8 of them new":            {Name: "body", Before: "81 lines", After: "81 lines, 8 of them new"},
		"text: 81 lines → 83 lines, 8 of them new": {Name: "body", Before: "81 lines", After: "83 lines, 8 of them new"},
		"text: 81 lines → 80 lines":                {Name: "body", Before: "81 lines", After: "80 lines"},
		"labels: -stage:spec +stage:build":         {Name: "labels", Before: "-stage:spec", After: "+stage:build"},
		"milestone: none → CRM 2.4":                {Name: "milestone", After: "CRM 2.4"},
	} {
		if got := fieldText(f); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRemark(t *testing.T) {
	for text, want := range map[string]string{
		"mode is apply":          "Mode is apply.",
		"octo-org/crm is a fork": "octo-org/crm is a fork.",
		"CRM-101 was not ready":  "CRM-101 was not ready.",
	} {
		if got := Remark(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// An issue of which nothing visible changes says so, instead of nothing.
func TestHiddenChangeIsSaid(t *testing.T) {
	const want = "only what is hidden in its text"
	c := plan.Change{Action: plan.Update, Key: "CRM-1", Reason: "differs from the spec"}
	if got := what(c); !strings.Contains(got, want) {
		t.Errorf("got %q", got)
	}
	c.Fields = []plan.Field{{Name: "title", Before: "a", After: "b"}}
	if got := what(c); strings.Contains(got, want) {
		t.Errorf("got %q", got)
	}
}
