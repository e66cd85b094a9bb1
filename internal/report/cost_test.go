package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

var rates = cogs.Exchange{Currency: "USD", Rates: map[string]cogs.Decimal{"EUR": cogs.MustDecimal("1.08")}}

// drivers reads "name kind cost quantity" lines.
func drivers(lines ...string) []cogs.Driver {
	var out []cogs.Driver
	for _, l := range lines {
		f := strings.Fields(l)
		out = append(out, cogs.Driver{Name: strings.ReplaceAll(f[0], "-", " "), Kind: f[1], UnitCost: cogs.MustDecimal(f[2]), Quantity: cogs.MustDecimal(f[3])})
	}
	return out
}

func row(x cogs.Exchange, id, title, state string, before, after cogs.Estimate) cogs.Row {
	return cogs.Row{ID: id, Title: title, State: state, Shift: x.Shift(x.Cost(before), x.Cost(after)), Drivers: x.Drivers(before, after)}
}

// comparison compares with a capability more that stays as it is.
func comparison(x cogs.Exchange, rows ...cogs.Row) cogs.Comparison {
	was, is := cogs.Sum(nil).Plus("USD", cogs.MustDecimal("1204")), cogs.Sum(nil).Plus("USD", cogs.MustDecimal("1204"))
	for _, r := range rows {
		if r.Was() {
			was = was.Plus(r.Before.Currency, r.Before.Amount)
		}
		if r.Is() {
			is = is.Plus(r.After.Currency, r.After.Amount)
		}
	}
	return cogs.Comparison{Before: x.Total(was), After: x.Total(is), Rows: rows}
}

func costRows(x cogs.Exchange) []cogs.Row {
	in := func(currency string, d []cogs.Driver) cogs.Estimate {
		return cogs.Estimate{Currency: currency, Drivers: d}
	}
	return []cogs.Row{
		row(x, "BIL-201", "Usage *billing*", cogs.Removed, in("EUR", drivers("Metering licence 690 1")), cogs.Estimate{}),
		row(x, "CRM-100", "Contact timeline", cogs.Changed,
			in("USD", drivers("Search-index compute 0.166 1460", "Index-storage storage 0.125 610", "Backups storage 4 1")),
			in("USD", drivers("Search-index compute 0.166 2920", "Index-storage storage 0.12 610", "Alerts other 0.004 3"))),
		row(x, "CRM-101", "Lead scoring API", cogs.New, cogs.Estimate{}, in("USD", drivers("Reason-sentences model_tokens 0.0024 120000", "Lookups api_calls 0.004 42000"))),
		row(x, "CRM-104", "Territory map", cogs.Estimated, cogs.Estimate{}, in("EUR", drivers("Map-tiles licence 240 1"))),
	}
}

// costly adds costs to a plan.
func costly(p plan.Plan) plan.Plan {
	actual := cogs.Actual{Amount: cogs.MustDecimal("331.90"), AsOf: "2026-11-01"}
	p.Cogs = rates.Add([]cogs.Entry{
		{ID: "CRM-7", Product: "CRM", Stage: "shipped", Release: "CRM 2.3", Estimate: cogs.Estimate{Currency: "USD", Budget: cogs.MustDecimal("400"), Actual: actual, Drivers: drivers("Index compute 0.166 1460", "Storage storage 0.125 610")}},
		{Product: "CRM", Stage: "build", Release: "CRM 2.4", Audiences: []string{"engineering", "release"}, Estimate: cogs.Estimate{Currency: "USD", Drivers: drivers("Tokens model_tokens 0.0024 120000", "Lookups api_calls 0.004 42000")}},
		{Product: "BIL", Stage: "spec", Audiences: []string{"product"}, Estimate: cogs.Estimate{Currency: "EUR", Drivers: drivers("Metering licence 690 1")}},
		{Product: "BIL", Stage: ""},
	})
	p.Cogs.Change = comparison(rates, costRows(rates)...)
	p.Cogs.Ages = cogs.Ages{Oldest: "CRM-7", Days: 121, StaleAfter: 90, Stale: 1, Undated: 2}
	return p
}

// hostileCosts has a text wherever one from a spec can come to stand.
func hostileCosts(text string) cogs.Overview {
	d := []cogs.Driver{{Name: text, Kind: "other", UnitCost: cogs.MustDecimal("1"), Quantity: cogs.MustDecimal("2")}, {Name: text + "x", Kind: "other", UnitCost: cogs.MustDecimal("1"), Quantity: cogs.MustDecimal("3")}}
	o := rates.Add([]cogs.Entry{{Product: "CRM", Release: text, Estimate: cogs.Estimate{Currency: "USD", Drivers: d}}})
	o.Change = comparison(rates, row(rates, "CRM-1", text, cogs.New, cogs.Estimate{}, cogs.Estimate{Currency: "USD", Drivers: d}))
	return o
}

func TestCost(t *testing.T) {
	p := costly(plan.Plan{})
	golden(t, "cost-change.md", CostChange(p.Cogs.Change)+"\n")
	bare := cogs.Exchange{Currency: "USD"}
	golden(t, "cost-change-unrated.md", CostChange(comparison(bare, costRows(bare)...))+"\n")
	golden(t, "cost-change-one.md", CostChange(comparison(rates, costRows(rates)[1]))+"\n")
	golden(t, "cost-overview.md", CostOverview(p.Cogs)+"\n")
}

// A chart has a bar for each amount that there is, and each has a label of its own.
func TestCostChart(t *testing.T) {
	estimate := func(names ...string) cogs.Estimate {
		e := cogs.Estimate{Currency: "USD"}
		for i, n := range names {
			e.Drivers = append(e.Drivers, cogs.Driver{Name: n, Kind: "other", UnitCost: cogs.MustDecimal("1"), Quantity: cogs.MustDecimal(fmt.Sprint(i + 1))})
		}
		return e
	}
	chart := func(before, after cogs.Estimate) string {
		_, chart, _ := strings.Cut(CostChange(comparison(rates, row(rates, "CRM-1", "One", cogs.Changed, before, after))), "```mermaid")
		return chart
	}
	got := chart(estimate("Kept", "Gone"), estimate("Kept", "Index [EU]", "Index;EU"))
	for _, want := range []string{`"Gone before"`, `"Index EU after"`, `"Index EU 2 after"`, "bar [3, 2, 2]", "plotColorPalette"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	for _, not := range []string{"Gone after", "EU before", "2 before", "0,"} {
		if strings.Contains(got, not) {
			t.Errorf("%s in %s", not, got)
		}
	}
	if got := chart(cogs.Estimate{}, estimate("Only")); got != "" {
		t.Errorf("a chart of one bar: %s", got)
	}
}

func TestNoCostIsNoText(t *testing.T) {
	if got := CostChange(comparison(rates)) + CostOverview(rates.Add([]cogs.Entry{{Product: "CRM"}})); got != "" {
		t.Errorf("got %q", got)
	}
	if got := PlanMarkdown(plan.Plan{Summary: "nothing to do", Cogs: rates.Add(nil)}, nil); strings.Contains(got, "Cost") {
		t.Errorf("got %q", got)
	}
}

// However many capabilities change, the table, the chart and the roll-ups stay readable.
func TestCostStaysBounded(t *testing.T) {
	var rows []cogs.Row
	var all []cogs.Entry
	for i := range 400 {
		e := cogs.Estimate{Currency: "USD"}
		for k := range 40 {
			e.Drivers = append(e.Drivers, cogs.Driver{Name: fmt.Sprintf("driver %d", k), Kind: "other", UnitCost: cogs.MustDecimal("1"), Quantity: cogs.MustDecimal(fmt.Sprint(i + k))})
		}
		rows = append(rows, row(rates, fmt.Sprintf("CRM-%d", i+1), strings.Repeat("Long title ", 8), cogs.New, cogs.Estimate{}, e))
		e.Actual = cogs.Actual{Amount: cogs.MustDecimal(fmt.Sprint(i + 1))}
		all = append(all, cogs.Entry{ID: fmt.Sprintf("CRM-%d", i+1), Product: "CRM", Release: fmt.Sprintf("CRM %d", i), Estimate: e})
	}
	md := CostChange(comparison(rates, rows...))
	if n := strings.Count(md, "\n|"); n > maxCostRows+maxDrivers+6 {
		t.Errorf("%d lines", n)
	}
	for _, part := range []string{"and 392 more capabilities", "↳ and 28 more drivers", "**All capabilities**"} {
		if !strings.Contains(md, part) {
			t.Errorf("%q is missing in\n%s", part, md)
		}
	}
	if n := strings.Count(md, " after\""); n != maxBars {
		t.Errorf("%d pairs of bars", n)
	}
	if got := CostOverview(rates.Add(all)); strings.Count(got, "and 350 more") != 2 {
		t.Errorf("%s", got)
	}
	if whole := PlanMarkdown(plan.Plan{Cogs: cogs.Overview{Change: comparison(rates, rows...)}}, nil); len(whole) > maxMarkdown || strings.Count(whole, "```")%2 != 0 {
		t.Errorf("%d bytes, %d fences", len(whole), strings.Count(whole, "```"))
	}
}
