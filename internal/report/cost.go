package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

const (
	maxCostRows = 100 // lines of a cost table
	maxDrivers  = 12  // of one capability
	maxBars     = 8   // pairs in a chart: more cannot be read
	maxLines    = 50  // of one roll-up
)

// CostChange gives how the monthly cost changes, for a pull request: a sentence, a table with
// each capability and driver that differs, and a chart of the same figures. Nothing where the
// cost is what it was.
func CostChange(c cogs.Comparison) string {
	if !c.Differs() {
		return ""
	}
	return joinParts(costSentence(c), costTable(c), unratedNote(c), costChart(c))
}

// costSentence is the change in one sentence: "+$712.24/month (+59.2 %): from … to …".
func costSentence(c cogs.Comparison) string {
	delta := c.After.Delta(c.Before)
	if g := totalGrowth(c); g != "" {
		delta += " (" + g + ")"
	}
	return "**" + literal(delta) + "** for all capabilities together: from " + literal(c.Before.String()) + " to " + literal(c.After.String()) + "."
}

func totalGrowth(c cogs.Comparison) string {
	if !c.Before.Complete || !c.After.Complete {
		return ""
	}
	if p, ok := cogs.Percent(c.Before.Total, c.After.Total); ok {
		return cogs.FormatPercent(p)
	}
	return ""
}

func costTable(c cogs.Comparison) string {
	var rows [][]string
	rest := 0
	for i, r := range c.Rows {
		if len(rows) >= maxCostRows {
			rest = len(c.Rows) - i
			break
		}
		name := "**" + literal(strings.TrimSpace(r.ID+" "+r.Title)) + "**"
		if word := rowWord(r.State); word != "" {
			name += ", " + word
		}
		rows = append(rows, shiftCells(name, r.Shift))
		for _, d := range r.Drivers[:min(len(r.Drivers), maxDrivers)] {
			rows = append(rows, shiftCells("↳ "+driverName(d), d.Shift))
		}
		if more := len(r.Drivers) - maxDrivers; more > 0 {
			rows = append(rows, []string{fmt.Sprintf("↳ and %s", count(more, "more driver"))})
		}
	}
	if rest > 0 {
		rows = append(rows, []string{"and " + count(rest, "more capability", "more capabilities")})
	}
	return markdown.Table([]string{"monthly cost", "before", "after", "change", "%"}, append(rows, totalRows(c)...), 1, 2, 3, 4)
}

func rowWord(state string) string {
	switch state {
	case cogs.Changed:
		return ""
	case cogs.Estimated:
		return "first estimate"
	case cogs.Withdrawn:
		return "no estimate any more"
	}
	return state
}

// driverName names a driver and what about it changed.
func driverName(d cogs.DriverShift) string {
	name := literal(d.Name)
	if d.State != cogs.Changed {
		return name + ", " + d.State
	}
	var why []string
	if d.UnitCost != nil {
		why = append(why, "unit cost "+cogs.Format(d.UnitCost[0], d.Before.Currency)+" → "+cogs.Format(d.UnitCost[1], d.After.Currency))
	}
	if d.Quantity != nil {
		why = append(why, "quantity "+cogs.Number(d.Quantity[0])+" → "+cogs.Number(d.Quantity[1]))
	}
	if len(why) == 0 {
		return name
	}
	return name + " (" + literal(strings.Join(why, ", ")) + ")"
}

func shiftCells(name string, s cogs.Shift) []string {
	return []string{name, money(s.Before), money(s.After), literal(strings.TrimSuffix(s.String(), "/month")), literal(s.Growth())}
}

// money is an amount, or a dash where there is none.
func money(a cogs.Amount) string {
	if a.Currency == "" {
		return "–"
	}
	return literal(cogs.FormatRounded(a.Amount, a.Currency))
}

// totalRows are the sums: of each currency where there are several, and as one where all of
// them have a rate.
func totalRows(c cogs.Comparison) [][]string {
	var rows [][]string
	x := cogs.Exchange{Currency: c.After.Currency}
	complete := c.Before.Complete && c.After.Complete
	if c.Before.Mixed() || c.After.Mixed() {
		for _, a := range c.Before.Amounts.Minus(c.After.Amounts) {
			s := x.Shift(cogs.Amount{Currency: a.Currency, Amount: c.Before.Amounts.Of(a.Currency)}, cogs.Amount{Currency: a.Currency, Amount: c.After.Amounts.Of(a.Currency)})
			rows = append(rows, shiftCells("**All capabilities** in "+literal(a.Currency), s))
		}
	}
	if !complete {
		return rows
	}
	name := "**All capabilities**"
	if len(rows) > 0 {
		name += " as " + literal(c.After.Currency)
	}
	return append(rows, shiftCells(name, x.Shift(
		cogs.Amount{Currency: c.Before.Currency, Amount: c.Before.Total}, cogs.Amount{Currency: c.After.Currency, Amount: c.After.Total})))
}

// unratedNote says why there is no total.
func unratedNote(c cogs.Comparison) string {
	codes := slices.Concat(c.Before.Unrated, c.After.Unrated)
	if len(codes) == 0 {
		return ""
	}
	slices.Sort(codes)
	return "There is no total in " + literal(c.After.Currency) + ", as the config has no rate for " + literal(strings.Join(slices.Compact(codes), ", ")) + "."
}

// costChart is a Mermaid chart of what changed, capability by capability, or driver by driver
// where there is only one. The table says the same to those who cannot see it.
func costChart(c cogs.Comparison) string {
	type pair struct {
		name string
		cogs.Shift
	}
	var pairs []pair
	for _, r := range c.Rows {
		pairs = append(pairs, pair{r.ID, r.Shift})
	}
	if len(c.Rows) == 1 && len(c.Rows[0].Drivers) > 1 {
		pairs = nil
		for _, d := range c.Rows[0].Drivers {
			pairs = append(pairs, pair{d.Name, d.Shift})
		}
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return !p.Rated })
	slices.SortStableFunc(pairs, func(a, b pair) int {
		return b.Worth[1].Minus(b.Worth[0]).Abs().Cmp(a.Worth[1].Minus(a.Worth[0]).Abs())
	})
	pairs = pairs[:min(len(pairs), maxBars)]
	var names, bars []string
	var most cogs.Decimal
	for i, name := range chartNames(pairs, func(p pair) string { return p.name }) {
		p := pairs[i]
		for i, side := range []struct {
			when  string
			there bool
		}{{"before", p.Was()}, {"after", p.Is()}} {
			if !side.there {
				continue // a bar of nothing has a width too, and would look like a little
			}
			names = append(names, `"`+name+" "+side.when+`"`)
			bars = append(bars, cogs.Decimal{Decimal: p.Worth[i].Round(2)}.Canonical())
			if p.Worth[i].GreaterThan(most.Decimal) {
				most = p.Worth[i]
			}
		}
	}
	if most.IsZero() || len(bars) < 2 {
		return ""
	}
	return markdown.Fence(barColor+"\nxychart-beta horizontal\n    title \"Monthly cost in "+markdown.ChartLabel(c.After.Currency)+"\"\n    x-axis ["+strings.Join(names, ", ")+
		"]\n    y-axis 0 --> "+most.Ceil().String()+"\n    bar ["+strings.Join(bars, ", ")+"]", "mermaid")
}

// barColor makes bars that stand out from a light page and from a dark one; Mermaid's own is
// hardly seen on white.
const barColor = `%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#1f6feb"}}}}%%`

// chartNames gives each thing a label of its own: bars of one label are drawn over one another.
func chartNames[T any](things []T, name func(T) string) []string {
	seen := map[string]int{}
	var out []string
	for _, t := range things {
		n := markdown.ChartLabel(name(t))
		if seen[n]++; seen[n] > 1 {
			n = fmt.Sprintf("%s %d", n, seen[n])
		}
		out = append(out, n)
	}
	return out
}

// CostOverview gives the monthly cost of all capabilities for a summary, added up by product,
// stage, kind, release and audience. Nothing where nobody has estimated anything.
func CostOverview(o cogs.Overview) string {
	if o.Capabilities == 0 {
		return ""
	}
	text := "**" + literal(o.Monthly.String()) + "/month** for " + count(o.Capabilities, "capability", "capabilities")
	if o.Unknown > 0 {
		text += "; " + count(o.Unknown, "more has no estimate", "more have no estimate")
	}
	text += "."
	if len(o.Budget.Amounts) > 0 {
		text += " Budgets add up to " + literal(o.Budget.String()) + "."
	}
	if !o.Billed.IsZero() {
		text += " " + literal("Billed: "+o.Billed.String()+".")
	}
	if md := ages(o.Ages); md != "" {
		text += " " + md
	}
	if o.Monthly.Mixed() {
		text += " By currency: " + literal(o.Monthly.Amounts.String()) + "."
	}
	var tables []string
	for _, g := range []struct {
		name, none string
		lines      []cogs.Line
	}{
		{"product", "", o.Products}, {"stage", "not known", o.Stages}, {"kind of cost", "", o.Kinds},
		{"release", "no version yet", o.Releases}, {"audience with work on it", "", o.Audiences},
	} {
		tables = append(tables, lineTable(g.name, g.none, g.lines))
	}
	bills := ""
	if md := billedTable(o.Billed); md != "" {
		bills = fold("Billed and estimated, by capability", md)
	}
	return joinParts(text, bills, fold("By product, stage, kind, release and audience", joinParts(tables...)))
}

// ages tells how old the estimates are.
func ages(a cogs.Ages) string {
	var out []string
	switch {
	case a.Oldest == "":
	case a.Days == 0:
		out = append(out, "the oldest estimate is of today ("+a.Oldest+")")
	default:
		out = append(out, "the oldest estimate is "+count(a.Days, "day")+" old ("+a.Oldest+")")
	}
	if a.Stale > 0 {
		out = append(out, count(a.Stale, "estimate is", "estimates are")+" stale, older than "+count(a.StaleAfter, "day"))
	}
	if a.Undated > 0 {
		out = append(out, count(a.Undated, "estimate says no day", "estimates say no day"))
	}
	if len(out) == 0 {
		return ""
	}
	text := strings.Join(out, "; ") + "."
	return literal(strings.ToUpper(text[:1]) + text[1:])
}

// billedTable is what was billed for each capability beside its estimate.
func billedTable(b cogs.Billed) string {
	var rows [][]string
	for i, l := range b.Lines {
		if i == maxLines {
			rows = append(rows, []string{fmt.Sprintf("and %d more", len(b.Lines)-maxLines)})
			break
		}
		amount := func(d cogs.Decimal) string { return literal(cogs.FormatRounded(d, l.Currency)) }
		difference := strings.TrimSuffix(cogs.FormatDelta(l.Difference, l.Currency), "/month")
		rows = append(rows, []string{literal(l.ID), amount(l.Estimated), amount(l.Actual), literal(difference), literal(l.Growth()), literal(l.AsOf)})
	}
	return markdown.Table([]string{"monthly cost", "estimated", "billed", "difference", "%", "bill of"}, rows, 1, 2, 3, 4)
}

// lineTable is one roll-up, the dearest first.
func lineTable(name, none string, lines []cogs.Line) string {
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b cogs.Line) int { return b.Monthly.Total.Cmp(a.Monthly.Total.Decimal) })
	var rows [][]string
	for i, l := range lines {
		if i == maxLines {
			rows = append(rows, []string{fmt.Sprintf("and %d more", len(lines)-maxLines)})
			break
		}
		label := strings.ReplaceAll(l.Name, "_", " ")
		if label == "" {
			label = none
		}
		rows = append(rows, []string{literal(label), fmt.Sprint(l.Capabilities), literal(l.Monthly.String())})
	}
	return markdown.Table([]string{"by " + name, "capabilities", "monthly cost"}, rows, 1, 2)
}
