package cogs

import (
	"cmp"
	"maps"
	"slices"
)

// Entry is one capability as the overview counts it.
type Entry struct {
	ID        string
	Estimate  Estimate
	Product   string   // prefix of its id
	Stage     string   // where it stands; empty if that is not known
	Release   string   // "CRM 2.4"; empty for none
	Audiences []string // who has work on it in that stage
}

// Overview is the monthly cost of all capabilities, added up in several ways.
type Overview struct {
	Capabilities int        `json:"capabilities" jsonschema_description:"Capabilities that have an estimate."`
	Unknown      int        `json:"unknown" jsonschema_description:"Capabilities that nobody has estimated."`
	Monthly      Total      `json:"monthly"`
	Budget       Total      `json:"budget" jsonschema_description:"What those with a budget may cost."`
	Billed       Billed     `json:"billed,omitzero" jsonschema_description:"What was really billed, against the estimates of the same capabilities."`
	Ages         Ages       `json:"ages,omitzero" jsonschema_description:"How old the estimates are."`
	Products     []Line     `json:"products" jsonschema_description:"By product: the prefix of the id."`
	Stages       []Line     `json:"stages" jsonschema_description:"By the stage that the capability stands in; empty where it is not known."`
	Kinds        []Line     `json:"kinds" jsonschema_description:"By kind of driver."`
	Releases     []Line     `json:"releases" jsonschema_description:"By product and version; empty for capabilities without one."`
	Audiences    []Line     `json:"audiences" jsonschema_description:"By audience that has work on the capability in its stage. A capability counts for each of them, so these do not add up to the total."`
	Change       Comparison `json:"change,omitzero" jsonschema_description:"How a pull request changes the cost; absent if it does not."`
}

// IsZero makes omitzero leave out the overview of no capability.
func (o Overview) IsZero() bool { return o.Capabilities+o.Unknown == 0 && !o.Change.Differs() }

// Line is the cost of several capabilities that have something in common.
type Line struct {
	Name         string `json:"name"`
	Capabilities int    `json:"capabilities"`
	Monthly      Total  `json:"monthly"`
}

// Add gives the overview of the entries, whatever their order. Amounts without a currency are
// in that of totals.
func (x Exchange) Add(entries []Entry) Overview {
	var o Overview
	var monthly, budget Sum
	var paid bills
	products, stages, kinds, releases, audiences := groups{}, groups{}, groups{}, groups{}, groups{}
	for _, e := range entries {
		if !e.Estimate.Known() {
			o.Unknown++
			continue
		}
		o.Capabilities++
		code := cmp.Or(e.Estimate.Currency, x.Currency)
		cost := e.Estimate.Monthly()
		monthly = monthly.Plus(code, cost)
		if !e.Estimate.Budget.IsZero() {
			budget = budget.Plus(code, e.Estimate.Budget)
		}
		paid.add(e, code)
		products.add(e.Product, code, cost)
		stages.add(e.Stage, code, cost)
		releases.add(e.Release, code, cost)
		for _, a := range e.Audiences {
			audiences.add(a, code, cost)
		}
		kinds.drivers(e.Estimate, code)
	}
	o.Monthly, o.Budget, o.Billed = x.Total(monthly), x.Total(budget), paid.billed(x)
	o.Products, o.Stages, o.Kinds = products.lines(x), stages.lines(x), kinds.lines(x)
	o.Releases, o.Audiences = releases.lines(x), audiences.lines(x)
	return o
}

// bills adds up what was billed.
type bills struct {
	actual, estimated Sum
	lines             []BilledLine
}

func (b *bills) add(e Entry, currency string) {
	v, ok := e.Estimate.Variance()
	if !ok {
		return
	}
	b.actual, b.estimated = b.actual.Plus(currency, v.Billed), b.estimated.Plus(currency, v.Estimated)
	l := BilledLine{ID: e.ID, Currency: currency, Actual: v.Billed, Estimated: v.Estimated, Difference: v.Over(), AsOf: e.Estimate.Actual.AsOf}
	if p, ok := v.Percent(); ok {
		l.Percent = p.Canonical()
	}
	b.lines = append(b.lines, l)
}

func (b *bills) billed(x Exchange) Billed {
	if len(b.lines) == 0 {
		return Billed{}
	}
	out := Billed{Capabilities: len(b.lines), Actual: x.Total(b.actual), Estimated: x.Total(b.estimated), Difference: b.actual.Minus(b.estimated), Lines: b.lines}
	if p, ok := Percent(out.Estimated.Total, out.Actual.Total); ok && out.Actual.Complete && out.Estimated.Complete {
		out.Percent = p.Canonical()
	}
	// Of a currency without a rate the number has to do.
	worth := func(l BilledLine) Decimal {
		d, ok := x.Convert(Amount{l.Currency, l.Difference})
		if !ok {
			d = l.Difference
		}
		return Decimal{d.Abs()}
	}
	slices.SortFunc(out.Lines, func(a, b BilledLine) int {
		return cmp.Or(worth(b).Cmp(worth(a).Decimal), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// groups adds up by name.
type groups map[string]*tally

type tally struct {
	n   int
	sum Sum
}

func (g groups) add(name, currency string, d Decimal) {
	if g[name] == nil {
		g[name] = &tally{}
	}
	g[name].n++
	g[name].sum = g[name].sum.Plus(currency, d)
}

// drivers adds each driver to its kind; a capability counts once for each kind it has.
func (g groups) drivers(e Estimate, currency string) {
	own := map[string]Decimal{}
	for _, d := range e.Drivers {
		own[d.Kind] = own[d.Kind].Plus(d.Cost())
	}
	for kind, d := range own {
		g.add(kind, currency, d)
	}
}

// lines gives the groups by name.
func (g groups) lines(x Exchange) []Line {
	out := make([]Line, 0, len(g))
	for _, name := range slices.Sorted(maps.Keys(g)) {
		out = append(out, Line{Name: name, Capabilities: g[name].n, Monthly: x.Total(g[name].sum)})
	}
	return out
}
