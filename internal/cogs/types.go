// Package cogs owns the money of a capability: exact decimals, cost drivers, the monthly sum,
// bands and budgets, differences, roll-ups, and how an amount is written for people. It refuses
// binary floating point: no amount ever passes through a float64, from the digits in the file to
// the digits on a ticket. Amounts of two currencies are never added, only converted by a rate.
//
//	e.Monthly()                        // 10.2 for 3000 units at 0.0034
//	cogs.Format(e.Monthly(), "USD")    // "$10.20"
package cogs

import "github.com/shopspring/decimal"

// Decimal is an exact decimal number; in files a YAML number or a quoted one.
// The zero value is 0.
type Decimal struct{ decimal.Decimal }

// Estimate is the estimated running cost of a capability. The zero value means that
// nobody has estimated yet.
type Estimate struct {
	Currency   string   `yaml:"currency,omitempty" json:"currency,omitempty" jsonschema:"format=currency,example=USD,example=EUR" jsonschema_description:"Currency of every amount in this estimate, as its three-letter ISO 4217 code. Needed as soon as there are drivers."`
	Period     string   `yaml:"period,omitempty" json:"period,omitempty" jsonschema:"enum=month,default=month" jsonschema_description:"What the quantities are counted over. Always a month."`
	Drivers    []Driver `yaml:"drivers,omitempty" json:"drivers,omitempty" jsonschema:"maxItems=100" jsonschema_description:"What costs money every month. The monthly cost is the sum of unit_cost times quantity."`
	Confidence string   `yaml:"confidence,omitempty" json:"confidence,omitempty" jsonschema:"enum=low,enum=medium,enum=high" jsonschema_description:"How sure the estimate is."`
	AsOf       string   `yaml:"as_of,omitempty" json:"as_of,omitempty" jsonschema:"format=date,example=2026-03-01" jsonschema_description:"Day the estimate was made, as YYYY-MM-DD."`
	Budget     Decimal  `yaml:"budget,omitempty" json:"budget,omitzero" jsonschema_description:"What it may cost per month. Leave it out for no limit."` // zero means none
	Actual     Actual   `yaml:"actual,omitempty" json:"actual,omitzero" jsonschema_description:"What was really billed, once known."`
}

// Driver is one thing that costs money every month: unit_cost x quantity.
type Driver struct {
	Name     string  `yaml:"name" json:"name" jsonschema:"format=line,example=Scoring calls" jsonschema_description:"What costs money, in a few words."`
	Kind     string  `yaml:"kind" json:"kind" jsonschema:"enum=api_calls,enum=model_tokens,enum=compute,enum=storage,enum=egress,enum=licence,enum=support,enum=other" jsonschema_description:"What kind of cost it is; costs are added up by kind."`
	Unit     string  `yaml:"unit,omitempty" json:"unit,omitempty" jsonschema:"format=line,example=1000 tokens" jsonschema_description:"What one unit is."`
	UnitCost Decimal `yaml:"unit_cost" json:"unit_cost" jsonschema_description:"What one unit costs, in the estimate's currency."`
	Quantity Decimal `yaml:"quantity" json:"quantity" jsonschema_description:"How many units a month."`
	Part     string  `yaml:"part,omitempty" json:"part,omitempty" jsonschema:"format=slug,example=scoring-endpoint" jsonschema_description:"Key of the technology item that causes the cost."`
}

// Actual is what was really billed.
type Actual struct {
	Amount Decimal `yaml:"amount" json:"amount" jsonschema_description:"What was billed for a month, in the estimate's currency."`
	AsOf   string  `yaml:"as_of,omitempty" json:"as_of,omitempty" jsonschema:"format=date,example=2026-04-01" jsonschema_description:"Day of the bill, as YYYY-MM-DD."`
	Source string  `yaml:"source,omitempty" json:"source,omitempty" jsonschema:"format=line,example=Cloud invoice of March" jsonschema_description:"Where the amount comes from."`
}
