package run_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/schemas"
)

// priced is the cost part of a spec: one driver of so much a month, and other keys.
func priced(currency, monthly, more string) string {
	return fmt.Sprintf("cogs: {currency: %s, drivers: [{name: Calls, kind: api_calls, unit_cost: %q, quantity: 1}]%s}\n", currency, monthly, more)
}

const fresh = ", as_of: 2026-03-01"

// policed is a config with cost policies.
func policed(policies string) string {
	return "version: 1\npipeline: {allow_start_stage: true}\ncogs:\n  rates: {EUR: \"1.08\"}\n  policies: {" + policies + "}\n"
}

// A change of cost costs few requests, and only tickets that show the cost are written.
func TestCostOnlyChange(t *testing.T) {
	files := map[string]string{configFile: policed("")}
	for i := range 100 {
		id := fmt.Sprintf("CRM-%d", i+1)
		files[path(id)] = spec(id, 3, "start_stage: build\n"+priced("USD", "100", fresh))
	}
	r := settled(t, files)
	shows := map[int]bool{}
	for _, i := range r.srv.Issues() {
		shows[i.Number] = strings.Contains(i.Body, "$100.00") && strings.HasPrefix(string(ticket.ParseBody(i.Body).Marker.Key), "CRM-7")
	}
	change := map[string]string{path("CRM-7"): spec("CRM-7", 3, "start_stage: build\n"+priced("USD", "120", fresh))}
	r.clock.Advance(time.Hour)
	r.srv.ResetJournal()
	p := r.open(change)
	r.srv.ResetJournal()
	res := r.must(p.run(), 0)
	if n := len(r.srv.Requests()); n > 8 {
		t.Errorf("%d requests, want at most 8\n%s", n, r.srv.List())
	}
	says(t, "the comment", p.comments()[0].Body, "**+$20.00/month (+0.2 %)** for all capabilities together: from $10,000.00 to $10,020.00", "| ↳ Calls (unit cost $100.00 → $120.00) | $100.00 | $120.00 | +$20.00 | +20 % |")
	silent(t, "the comment", p.comments()[0].Body, "CRM-8", "Opens")
	if res.outputs["cogs-monthly"] != "$10,020.00" || res.outputs["cogs-delta"] != "+$20.00/month" {
		t.Errorf("outputs %v", res.outputs)
	}

	r.commit(change)
	r.srv.ResetJournal()
	r.must(r.push(), 0)
	changed := 0
	for _, i := range r.srv.Issues() {
		if i.PullRequest || ticket.ParseBody(i.Body).Marker.Key == ticket.Board {
			continue
		}
		if now := strings.Contains(i.Body, "$120.00"); now != shows[i.Number] && strings.HasPrefix(string(ticket.ParseBody(i.Body).Marker.Key), "CRM-7/") {
			t.Errorf("#%d %s shows the new cost: %v; it showed the old one: %v", i.Number, i.Title, now, shows[i.Number])
		} else if now {
			changed++
		}
	}
	edits := strings.Count(r.srv.List(), "updateIssue")
	if changed == 0 || edits == 0 || edits > changed+2 { // the board, and what is remembered
		t.Errorf("%d issues show the cost, %d updates\n%s", changed, edits, r.srv.List())
	}
}

// judged opens a pull request and gives how it is judged.
func judged(r *repo, code int, change map[string]string) (result, *pull) {
	r.t.Helper()
	p := r.open(change)
	return r.must(p.run(), code), p
}

func TestOverBudget(t *testing.T) {
	over := priced("USD", "120.5", ", budget: 100"+fresh)
	for level, code := range map[string]int{"off": 0, "warn": 0, "block": 1} {
		r := settled(t, map[string]string{
			path("CRM-1"): spec("CRM-1", 0, ""), path("CRM-2"): spec("CRM-2", 0, over),
			configFile: policed("over_budget: " + level),
		})
		res, p := judged(r, code, map[string]string{path("CRM-1"): spec("CRM-1", 0, over)})
		const text = "CRM-1 costs $120.50/month, $20.50 over its budget of $100.00/month"
		if level == "off" {
			silent(t, "the log", res.stdout, "over its budget")
			continue
		}
		lift := map[string]string{
			"warn":  "maintainers can lift it, with ",
			"block": "maintainers can lift it by approving this pull request as it is now (then run this check again), or for good with ",
		}[level]
		says(t, "the log", res.stdout, "capabilities/CRM-1.yml:5:", text+" (policy over_budget: "+level+"); make it cheaper, or agree on another budget with maintainers; "+lift+"cogs.policies.over_budget in the config file on the default branch [over-budget]")
		says(t, "the comment", p.comments()[0].Body, text)
		silent(t, "the log, of what is not changed here", res.stdout, "CRM-2 costs")

		// What was over budget before and gets no worse does not keep a change from being merged.
		res, _ = judged(r, 0, map[string]string{path("CRM-2"): spec("CRM-2", 1, priced("USD", "110", ", budget: 100"+fresh))})
		says(t, "the log", res.stdout, "warning: CRM-2 costs $110.00/month, $10.00 over its budget of $100.00/month, as it was before")
		judged(r, code, map[string]string{path("CRM-2"): spec("CRM-2", 1, priced("USD", "121", ", budget: 100"+fresh))})

		// What is merged is warned of.
		r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 0, over)})
		r.workspace(r.files)
		res = r.must(r.push(), 0)
		says(t, "the log", res.stdout, "warning: "+text)
		res = r.must(r.event("schedule", map[string]any{}, nil), 0)
		says(t, "the log", res.stdout, "warning: "+text, "warning: CRM-2 costs")
	}
}

func TestMaximumIncrease(t *testing.T) {
	for _, test := range []struct {
		name, limit, before, after, level string
		code                              int
		says                              string
	}{
		{"within the amount", "amount: 20", priced("USD", "100", ""), priced("USD", "120", ""), "block", 0, ""},
		{"beyond the amount", "amount: 20", priced("USD", "100", ""), priced("USD", "120.0000001", ""), "block", 1,
			"this pull request changes the monthly cost by +$20.00/month (+10 %), and at most $20.00 may be added at once (policy max_increase: block); make it cheaper; maintainers can lift it by approving this pull request as it is now (then run this check again), or for good with cogs.policies.max_increase in the config file on the default branch [cost-increase]"},
		{"beyond the percentage of all", "percent: 10", priced("USD", "100", ""), priced("USD", "120.5", ""), "warn", 0,
			"by +$20.50/month (+10.3 %), and at most 10 % may be added at once (policy max_increase: warn)"},
		{"within one limit and beyond the other", "amount: 1000, percent: 10", priced("USD", "100", ""), priced("USD", "150", ""), "block", 1, "at most $1,000.00 or 10 % may be added"},
		{"converted by the rate", "amount: 20", priced("EUR", "100", ""), priced("EUR", "120", ""), "block", 1, "by +$21.60/month"},
		{"a currency without a rate", "amount: 1000", "", priced("GBP", "1", ""), "block", 1, "which cannot be compared as the config has no rate for GBP"},
		{"a currency without a rate that costs less", "amount: 1000", priced("GBP", "2", ""), priced("GBP", "1", ""), "block", 0, ""},
		{"off", "amount: 1", priced("USD", "100", ""), priced("USD", "900", ""), "off", 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := settled(t, map[string]string{
				path("CRM-1"): spec("CRM-1", 0, test.before), path("CRM-2"): spec("CRM-2", 0, priced("USD", "100", "")),
				configFile: policed("max_increase: {" + test.limit + ", level: \"" + test.level + "\"}"),
			})
			res, p := judged(r, test.code, map[string]string{path("CRM-1"): spec("CRM-1", 0, test.after)})
			if test.says == "" {
				silent(t, "the log", res.stdout, "cost-increase")
				return
			}
			says(t, "the log", res.stdout, test.says, "capabilities/CRM-1.yml:5:1: ")
			says(t, "the comment", p.comments()[0].Body, "cost-increase")
		})
	}
}

// A pull request cannot loosen the policies, nor the rates that they compare by.
func TestTheBaseJudgesCost(t *testing.T) {
	r := settled(t, map[string]string{
		path("CRM-1"): spec("CRM-1", 0, priced("EUR", "100", "")),
		configFile:    policed("max_increase: {amount: 20, level: block}, over_budget: block"),
	})
	loose := "version: 1\ncogs:\n  currency: JPY\n  rates: {EUR: \"0.0001\"}\n  policies: {max_increase: {amount: 20000, level: \"off\"}, over_budget: \"off\"}\n"
	res, p := judged(r, 1, map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("EUR", "120", ", budget: 110")), configFile: loose})
	says(t, "the log", res.stdout, "by +$21.60/month", "over its budget of €110.00/month")
	says(t, "the comment", p.comments()[0].Body, "from $108.00 to $129.60")

	// Rates alone change no cost.
	_, p = judged(r, 0, map[string]string{configFile: loose})
	if got := p.comments(); len(got) != 0 {
		t.Errorf("comments %+v", got)
	}
}

func TestMissingAndStaleEstimates(t *testing.T) {
	build := "start_stage: build\n"
	old := priced("USD", "5", ", as_of: 2025-11-01")
	for _, test := range []struct {
		name, policies, spec string
		code                 int
		says                 string
	}{
		{"missing, blocked", "missing: block", build, 1, `CRM-1 is in the stage "Build" and nobody has estimated its cost, which is needed from "Build" on (policy missing: block); add drivers under cogs; maintainers can lift it by approving this pull request as it is now (then run this check again), or for good with cogs.policies.missing`},
		{"missing, warned by default", "", build, 0, `(policy missing: warn)`},
		{"missing, off", "missing: \"off\"", build, 0, ""},
		{"missing before it is needed", "missing: block", "", 0, ""},
		{"missing where it is needed early", "missing: block, estimate_from: triage", "", 1, `needed from "Triage" on`},
		{"stale, blocked", "stale: block", build + old, 1, `the cost estimate of CRM-1 is 121 days old, and at most 90 days are allowed from "Build" on (policy stale: block); check the drivers, then set as_of to the day you did; maintainers can lift it by approving this pull request as it is now (then run this check again), or for good with cogs.policies.stale_after_days`},
		{"stale within a longer limit", "stale: block, stale_after_days: 121", build + old, 0, ""},
		{"never stale", "stale: block, stale_after_days: 0", build + old, 0, ""},
		{"stale, off", "stale: \"off\"", build + old, 0, ""},
		{"stale before it matters", "stale: block", old, 0, ""},
		{"without a day", "stale: block", build + priced("USD", "5", ""), 1, "does not say from when it is"},
		{"billed lately", "stale: block", build + priced("USD", "5", ", as_of: 2025-11-01, actual: {amount: 6, as_of: 2026-02-01}"), 0, ""},
		{"of a day to come", "stale: block", build + priced("USD", "5", ", as_of: 2030-01-05"), 1, "the cost estimate of CRM-1 is from 5 January 2030, which is yet to come"},
		{"fresh", "stale: block", build + priced("USD", "5", fresh), 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := settled(t, map[string]string{path("CRM-2"): spec("CRM-2", 0, ""), configFile: policed(test.policies)})
			res, _ := judged(r, test.code, map[string]string{path("CRM-1"): spec("CRM-1", 0, test.spec)})
			if test.says == "" {
				silent(t, "the log", res.stdout, "-estimate]")
				return
			}
			says(t, "the log", res.stdout, test.says)
		})
	}
}

func TestCostReviewIsAnnounced(t *testing.T) {
	r := settled(t, map[string]string{
		path("CRM-1"): spec("CRM-1", 0, priced("USD", "500", fresh)), path("CRM-2"): spec("CRM-2", 0, priced("USD", "600", fresh)),
		configFile: policed("cost_review_above: 500") + "audiences: {product: {approvers: [mona, \"role:admin\"]}}\n",
	})
	const text = "notice: CRM-1 costs $500.01/month, and what is above $500.00/month is reviewed (policy cost_review_above: block); the ticket cost-review asks mona or admins to approve it; mona or admins can lift it, with cogs.policies.cost_review_above"
	res, _ := judged(r, 0, map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "500.01", fresh)), path("CRM-2"): spec("CRM-2", 0, priced("USD", "700", fresh))})
	says(t, "the log", res.stdout, text)
	silent(t, "the log, of what was above before", res.stdout, "CRM-2 costs")

	res, _ = judged(r, 0, map[string]string{path("CRM-3"): spec("CRM-3", 0, "start_stage: build\n"+priced("USD", "900", fresh))})
	says(t, "the log, of one that was adopted late", res.stdout, "warning: CRM-3 costs", "no ticket asks for it, as it came in after that stage: talk about it with mona or admins")

	r.workspace(r.files)
	r.commit(map[string]string{configFile: policed("cost_review_above: 500, cost_review: warn")})
	res = r.must(r.push(), 0)
	says(t, "the log", res.stdout, "warning: CRM-2 costs $600.00/month, and what is above $500.00/month is reviewed (policy cost_review_above: warn); talk about it with maintainers")
	silent(t, "the log", res.stdout, "CRM-1 costs")
}

// A file that cannot be read is not a capability that costs nothing any more.
func TestBrokenSpecKeepsItsCost(t *testing.T) {
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "500", fresh))})
	res, p := judged(r, 1, map[string]string{path("CRM-1"): spec("CRM-1", 0, "titel: x\n"+priced("USD", "900", fresh))})
	silent(t, "the comment", p.comments()[0].Body, "### Cost")
	if res.outputs["cogs-delta"] != "" {
		t.Errorf("outputs %v", res.outputs)
	}
}

// Costs are rolled up in the plan, which follows its schema, the outputs and the summary.
func TestRollUps(t *testing.T) {
	files := map[string]string{
		configFile:    policed(""),
		path("CRM-1"): spec("CRM-1", 0, "start_stage: build\nrelease: {version: \"2.4\"}\n"+priced("USD", "100.10", fresh+", actual: {amount: 120, as_of: 2026-02-01}")),
		path("CRM-2"): spec("CRM-2", 0, priced("EUR", "50", "")),
		path("BIL-1"): spec("BIL-1", 0, ""),
		path("BIL-2"): spec("BIL-2", 0, "status: cancelled\n"+priced("USD", "9999", "")),
	}
	r := newRepo(t, options(), files)
	r.inputs["REPORT-DIR"] = "report"
	res := r.must(r.push(), 0)
	var o cogs.Overview
	if err := json.Unmarshal([]byte(res.outputs["cogs"]), &o); err != nil {
		t.Fatal(err)
	}
	lines := func(all []cogs.Line) string {
		var out []string
		for _, l := range all {
			out = append(out, fmt.Sprintf("%s %d %s", l.Name, l.Capabilities, l.Monthly))
		}
		return strings.Join(out, ", ")
	}
	for _, c := range []struct{ what, got, want string }{
		{"all", fmt.Sprint(o.Capabilities, " ", o.Unknown, " ", o.Monthly, " ", o.Monthly.Amounts), "2 1 $154.10 €50.00 + $100.10"},
		{"products", lines(o.Products), "CRM 2 $154.10"},
		{"stages", lines(o.Stages), "build 1 $100.10, triage 1 $54.00"},
		{"kinds", lines(o.Kinds), "api_calls 2 $154.10"},
		{"releases", lines(o.Releases), " 1 $54.00, CRM 2.4 1 $100.10"},
		{"audiences", lines(o.Audiences), "engineering 1 $100.10, product 1 $54.00, release 1 $100.10"},
		{"billed", fmt.Sprint(o.Billed.Actual, " ", o.Billed.Estimated), "$120.00 $100.10"},
		{"the output", res.outputs["cogs-monthly"], "$154.10"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	says(t, "the summary", res.summary, "**$154.10/month** for 2 capabilities; 1 more has no estimate.", "Billed: $120.00 for 1 capability, $19.90 (19.9 %) more than estimated.", "The oldest estimate is 1 day old (CRM-1); 1 estimate says no day.", "| CRM-1 | $100.10 | $120.00 | +$19.90 | +19.9 % | 2026-02-01 |", "| build | 1 | $100.10 |")

	p := r.open(map[string]string{path("CRM-2"): spec("CRM-2", 0, priced("EUR", "75", ""))})
	r.must(p.run(), 0)
	text, err := os.ReadFile(filepath.Join(r.dir, "report", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept plan.Plan
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	if got := kept.Cogs; got.Monthly.String() != "$181.10" || len(got.Change.Rows) != 1 || got.Change.Rows[0].Delta.Amount.Canonical() != "25" || lines(got.Products) != "CRM 2 $181.10" {
		t.Errorf("the plan has %+v", got)
	}
	follows(t, text)
}

// follows fails unless the plan has the shape that is published for it.
func follows(t *testing.T, text []byte) {
	t.Helper()
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas.Plan))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("plan.json", tree); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
}
