package desired

import (
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// maxSlices is how many slices a pie chart can have and still be read.
const maxSlices = 10

// costs is what was estimated and billed, the table of drivers, and a chart that says the same.
func (p page) costs() string {
	e := p.c.Cogs
	if !e.Known() {
		return p.billLine()
	}
	drivers := e.ByCost()
	table := driverTable(drivers[:min(len(drivers), maxItem)], e.Currency, e.Monthly())
	return paragraphs(p.costLine(), p.billLine(), table, pie(drivers, e.Currency))
}

// insideCosts are the costs, but on tickets for people outside.
func (p page) insideCosts() string {
	if public(p.t) {
		return ""
	}
	return p.costs()
}

// partCosts are the drivers that a technology item causes.
func (p page) partCosts() string {
	if public(p.t) {
		return ""
	}
	e := p.c.Cogs
	var mine []cogs.Driver
	var sum cogs.Decimal
	for _, d := range e.ByCost() {
		if d.Part == p.t.Item.Key && d.Part != "" {
			sum = sum.Plus(d.Cost())
			d.Part = "" // this ticket is the part
			mine = append(mine, d)
		}
	}
	if len(mine) == 0 {
		return ""
	}
	return driverTable(mine[:min(len(mine), maxItem)], e.Currency, sum)
}

func driverTable(drivers []cogs.Driver, currency string, sum cogs.Decimal) string {
	parts := false
	for _, d := range drivers {
		parts = parts || d.Part != ""
	}
	header, right := []string{"What", "Kind", "Unit cost × quantity", "Monthly"}, 3
	if parts {
		header = append(header, "Part")
	}
	var rows [][]string
	for _, d := range drivers {
		unit := ""
		if d.Unit != "" {
			unit = " per " + cell(d.Unit)
		}
		each := cogs.Format(d.UnitCost, currency) + unit + " × " + cogs.Number(d.Quantity)
		row := []string{cell(d.Name), cell(strings.ReplaceAll(d.Kind, "_", " ")), each, cogs.FormatRounded(d.Cost(), currency)}
		if parts {
			row = append(row, markdown.Code(d.Part))
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		return markdown.Table(header, rows, right) // the row is the total
	}
	rows = append(rows, []string{"**Total**", "", "", "**" + cogs.FormatRounded(sum, currency) + "**"})
	return markdown.Table(header, rows, right)
}

// costLine is the estimate in a sentence: how much, of which budget, how sure, of which day, and
// until when that is recent enough. It names days and never their number: a ticket's text does not
// change because time passes.
func (p page) costLine() string {
	e := p.c.Cogs
	out := []string{"**" + cogs.FormatMonthly(e.Monthly(), e.Currency) + "**"}
	if !e.Budget.IsZero() {
		out[0] += " of a budget of " + cogs.FormatMonthly(e.Budget, e.Currency)
	}
	out = append(out, "band **"+strings.ReplaceAll(string(p.band()), "-", " ")+"**")
	if e.Confidence != "" {
		out = append(out, "confidence "+markdown.Line(e.Confidence))
	}
	if e.AsOf != "" {
		out = append(out, "estimated "+markdown.Line(written(e.AsOf)))
	}
	if d := p.staleAfter(); d != "" {
		out = append(out, "counts as stale after "+d)
	}
	return strings.Join(out, "; ") + "."
}

// staleAfter is the last day on which the estimate is recent enough for the config; empty where
// it never becomes too old, or says no day.
func (p page) staleAfter() string {
	policies := p.Config.Cogs.Policies
	day, ok := p.c.Cogs.FreshUntil(policies.StaleAfterDays)
	if !ok || policies.Stale == cogs.Off || policies.StaleAfterDays == 0 {
		return ""
	}
	return fullDay(day)
}

// billLine is what was billed, when, and how that differs from the estimate and the budget.
func (p page) billLine() string {
	e := p.c.Cogs
	if !e.Actual.Known() {
		return ""
	}
	s := "Billed: **" + cogs.FormatMonthly(e.Actual.Amount, e.Currency) + "**"
	var from []string
	if e.Actual.AsOf != "" {
		from = append(from, markdown.Line(written(e.Actual.AsOf)))
	}
	if e.Actual.Source != "" {
		from = append(from, line(e.Actual.Source))
	}
	if len(from) > 0 {
		s += " (" + strings.Join(from, ", ") + ")"
	}
	if v := p.variance(); v != "" {
		s += ", " + v
	}
	if over := e.Actual.Amount.Minus(e.Budget); !e.Budget.IsZero() && over.IsPositive() {
		s += "; " + cogs.FormatRounded(over, e.Currency) + " above the budget"
	}
	return s + "."
}

// variance is how the bill differs from the estimate, in words.
func (p page) variance() string {
	v, ok := p.c.Cogs.Variance()
	if !ok {
		return ""
	}
	return v.Words(p.c.Cogs.Currency)
}

// pie is a Mermaid chart of the drivers; one slice alone would say nothing. The table above it
// says the same to those who cannot see it.
func pie(drivers []cogs.Driver, currency string) string {
	var lines []string
	var rest cogs.Decimal
	for _, d := range drivers {
		if d.Cost().IsZero() {
			continue
		}
		if len(lines) == maxSlices {
			rest = rest.Plus(d.Cost())
			continue
		}
		lines = append(lines, slice(d.Name, d.Cost()))
	}
	if len(lines) < 2 {
		return ""
	}
	if !rest.IsZero() {
		lines = append(lines, slice("others", rest))
	}
	return markdown.Fence("pie showData\n    title Monthly cost in "+markdown.ChartLabel(currency)+"\n"+strings.Join(lines, "\n"), "mermaid")
}

func slice(name string, cost cogs.Decimal) string {
	amount := cogs.Decimal{Decimal: cost.Round(2)}
	if amount.IsZero() {
		amount = cogs.MustDecimal("0.01")
	}
	return `    "` + markdown.ChartLabel(name) + `" : ` + amount.Canonical()
}
