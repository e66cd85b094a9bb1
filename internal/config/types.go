package config

import (
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
)

// Config is .github/ticketfoundry.yml after defaults: every setting is filled in.
type Config struct {
	Version        int                 `yaml:"version,omitempty" json:"version,omitempty" jsonschema:"enum=1,default=1" jsonschema_description:"Format version of this file. May be left out."`
	Capabilities   []string            `yaml:"capabilities,omitempty" json:"capabilities,omitempty" jsonschema:"format=glob,minItems=1,maxItems=50,example=capabilities/**/*.yml" jsonschema_description:"Which files are capability specs: paths in the repository, with *, ** and {a,b}."` // globs of spec files
	TrustedWriters []string            `yaml:"trusted_writers,omitempty" json:"trusted_writers,omitempty" jsonschema:"format=login,maxItems=20,example=github-actions[bot]" jsonschema_description:"Accounts that write tickets for the program. Nothing they do counts as a decision."`
	Products       map[string]Product  `yaml:"products,omitempty" json:"products,omitempty" jsonschema_description:"The products, by the prefix of their capability ids."`         // by id prefix
	Audiences      map[string]Audience `yaml:"audiences,omitempty" json:"audiences,omitempty" jsonschema_description:"Who works the tickets of each audience, and in what words."` // by audience name
	Calendar       Calendar            `yaml:"calendar,omitempty" json:"calendar,omitzero" jsonschema_description:"Where and on which days people work; due dates go by it."`
	Pipeline       Pipeline            `yaml:"pipeline,omitempty" json:"pipeline,omitzero" jsonschema_description:"The stages and who decides in them."`
	Labels         Labels              `yaml:"labels,omitempty" json:"labels,omitzero" jsonschema_description:"How labels look and what they are called."`
	Cogs           Cogs                `yaml:"cogs,omitempty" json:"cogs,omitzero" jsonschema_description:"The policy about running cost."`
	Compliance     Compliance          `yaml:"compliance,omitempty" json:"compliance,omitzero" jsonschema_description:"What the compliance ticket asks."`
	Release        Release             `yaml:"release,omitempty" json:"release,omitzero" jsonschema_description:"How releases are named."`
	Capacity       Capacity            `yaml:"capacity,omitempty" json:"capacity,omitzero" jsonschema_description:"How much people can work at once."`
	Bugs           Bugs                `yaml:"bugs,omitempty" json:"bugs,omitzero" jsonschema_description:"Which issues are bugs that must name a capability or component."`
	Digest         Digest              `yaml:"digest,omitempty" json:"digest,omitzero" jsonschema_description:"The weekly comment on the board issue."`

	Templates []Template `yaml:"-" json:"templates,omitempty"` // the repository's own, by path; they stand in files of their own
}

// Template is a text that tickets are written with, as it lies in the repository.
type Template struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Product is what the capabilities of one id prefix have in common.
type Product struct {
	Name            string              `yaml:"name,omitempty" json:"name,omitempty" jsonschema:"format=line,maxLength=80,example=Customer relations" jsonschema_description:"What the product is called."`
	Channel         string              `yaml:"channel,omitempty" json:"channel,omitempty" jsonschema:"format=line,maxLength=200,example=#crm" jsonschema_description:"Its chat channel. A name that begins with # needs quotes."`
	CycleTargetDays int                 `yaml:"cycle_target_days,omitempty" json:"cycle_target_days,omitempty" jsonschema:"minimum=1,maximum=3650" jsonschema_description:"Days from triage to shipped that the product aims for."`
	Audiences       map[string]Audience `yaml:"audiences,omitempty" json:"audiences,omitempty" jsonschema_description:"What differs for this product's audiences."` // overrides, key by key
}

// Audience is who works the tickets of one audience, and in what words.
type Audience struct {
	Assignees []string `yaml:"assignees,omitempty" json:"assignees,omitempty" jsonschema:"format=login,maxItems=10" jsonschema_description:"GitHub logins that its tickets are assigned to."`
	Approvers []string `yaml:"approvers,omitempty" json:"approvers,omitempty" jsonschema:"format=approver,maxItems=50" jsonschema_description:"Who may approve its tickets: logins, or role:NAME for everybody with that repository role."`
	Due       Due      `yaml:"due,omitempty" json:"due,omitzero" jsonschema_description:"When its tickets are due."`
	Intro     string   `yaml:"intro,omitempty" json:"intro,omitempty" jsonschema:"format=text,maxLength=2000" jsonschema_description:"Text that its tickets begin with."`
	Checklist []string `yaml:"checklist,omitempty" json:"checklist,omitempty" jsonschema:"format=line,maxItems=50" jsonschema_description:"What to tick off on each of its tickets."`
}

// Due is a rule for due dates: so many days, or working days, before a date of the spec.
type Due struct {
	Before string `yaml:"before,omitempty" json:"before,omitempty" jsonschema:"enum=target,enum=embargo,enum=launch" jsonschema_description:"Date of the spec to count from: the release's target date, the embargo, or the launch date."` // target, embargo or launch
	Days   int    `yaml:"days,omitempty" json:"days,omitempty" jsonschema:"minimum=0,maximum=365" jsonschema_description:"How many days before it."`

	WorkingDays int `yaml:"working_days,omitempty" json:"working_days,omitempty" jsonschema:"minimum=1,maximum=250" jsonschema_description:"How many working days before it, instead of days; the calendar says which days those are."` // instead of Days; 0 for none

	OnTheDay bool `yaml:"-" json:"on_the_day,omitempty"` // "days: 0" is what a product says, which is more than to say nothing
}

// Calendar is where and on which days people work.
type Calendar struct {
	TimeZone    string   `yaml:"time_zone,omitempty" json:"time_zone,omitempty" jsonschema:"format=line,maxLength=60,example=Europe/Berlin" jsonschema_description:"Time zone of due dates and of the embargo in words, by its name in the tz database. UTC if left out."` // empty: not said
	WorkingDays []string `yaml:"working_days,omitempty" json:"working_days,omitempty" jsonschema:"format=weekday,minItems=1,maxItems=7" jsonschema_description:"Days on which people work, for rules that count working days. Monday to friday if left out."`
	Holidays    []string `yaml:"holidays,omitempty" json:"holidays,omitempty" jsonschema:"format=date,maxItems=500,example=2026-12-25" jsonschema_description:"Days on which nobody works, as YYYY-MM-DD."`

	zone *time.Location
}

// Pipeline is the stages and who decides in them.
type Pipeline struct {
	AllowStartStage bool             `yaml:"allow_start_stage,omitempty" json:"allow_start_stage,omitempty" jsonschema:"default=false" jsonschema_description:"Whether specs may say start_stage."`
	NoSelfApproval  bool             `yaml:"no_self_approval,omitempty" json:"no_self_approval,omitempty" jsonschema:"default=false" jsonschema_description:"Whether the owner is kept from approving their own capability."`
	CycleTargetDays int              `yaml:"cycle_target_days,omitempty" json:"cycle_target_days,omitempty" jsonschema:"minimum=1,maximum=3650,default=7" jsonschema_description:"Days from triage to shipped that you aim for."`
	Stages          []Stage          `yaml:"stages,omitempty" json:"stages,omitempty" jsonschema:"maxItems=50" jsonschema_description:"Changes to the default stages, and new ones. For a default stage only the keys you give change."` // after loading: the whole pipeline, in order, "shipped" last
	Tracks          map[string]Track `yaml:"tracks,omitempty" json:"tracks,omitempty" jsonschema_description:"Shorter ways through the pipeline, by name."`                                                                              // after loading: "standard" is there
}

// Stage is one step of the pipeline.
type Stage struct {
	ID           string        `yaml:"id" json:"id" jsonschema:"format=stage-id,example=security-review" jsonschema_description:"Name of the stage in files and labels: a default stage to change, or a new one."`
	After        string        `yaml:"after,omitempty" json:"after,omitempty" jsonschema:"format=stage-id,example=compliance" jsonschema_description:"Stage that comes before this one. A new stage needs it."`
	Drop         bool          `yaml:"drop,omitempty" json:"drop,omitempty" jsonschema:"default=false" jsonschema_description:"Takes the stage out of the pipeline."`
	Name         string        `yaml:"name,omitempty" json:"name,omitempty" jsonschema:"format=line,maxLength=60,example=Security review" jsonschema_description:"What people call it."`                                         // for people: "Spec approval"
	Kind         string        `yaml:"kind,omitempty" json:"kind,omitempty" jsonschema:"enum=work,enum=approval,default=work" jsonschema_description:"work is left when its tickets are done, approval when they are approved."` // work, approval or end
	Tickets      []StageTicket `yaml:"tickets,omitempty" json:"tickets,omitempty" jsonschema:"maxItems=50" jsonschema_description:"Tickets that every capability gets in this stage. The list replaces the default one."`
	Ready        []string      `yaml:"ready,omitempty" json:"ready,omitempty" jsonschema:"format=spec-field,maxItems=50,example=release.version" jsonschema_description:"Fields of the spec that must be filled in before the stage is left."` // spec fields that must be there to leave
	RejectTo     []string      `yaml:"reject_to,omitempty" json:"reject_to,omitempty" jsonschema:"format=stage-id,maxItems=20" jsonschema_description:"Earlier stages that a rejection may return to; the first is the usual one."`
	Approvers    []string      `yaml:"approvers,omitempty" json:"approvers,omitempty" jsonschema:"format=approver,minItems=1,maxItems=50,example=role:maintain" jsonschema_description:"Who may approve: logins, or role:NAME for everybody with that repository role or a higher one."` // logins or role:NAME
	MinApprovals int           `yaml:"min_approvals,omitempty" json:"min_approvals,omitempty" jsonschema:"minimum=1,maximum=20,default=1" jsonschema_description:"How many people must approve each ticket."`
	Distinct     bool          `yaml:"distinct,omitempty" json:"distinct,omitempty" jsonschema_description:"Whether each approval ticket of the stage needs another person."` // each approval ticket by another person
	TargetDays   int           `yaml:"target_days,omitempty" json:"target_days,omitempty" jsonschema:"minimum=1,maximum=365" jsonschema_description:"Days the stage should take; its tickets are due then."`
	Split        bool          `yaml:"split,omitempty" json:"split,omitempty" jsonschema_description:"Whether checklist items that are work of their own become tickets."`
	Gate         bool          `yaml:"gate,omitempty" json:"gate,omitempty" jsonschema_description:"Whether entering the stage waits for the capabilities in depends_on."` // entry waits for depends_on
}

// StageTicket is a ticket that every capability gets in a stage.
type StageTicket struct {
	Key       string   `yaml:"key" json:"key" jsonschema:"format=slug,example=security-sign-off" jsonschema_description:"Identity of the ticket for life; unlike the title it must never change."`
	Title     string   `yaml:"title" json:"title" jsonschema:"format=line,maxLength=120,example=Sign off security" jsonschema_description:"What to do, in one line."` // for people, imperative: "Approve the spec"
	Audience  string   `yaml:"audience,omitempty" json:"audience,omitempty" jsonschema:"format=slug,default=engineering" jsonschema_description:"Who works it: product, engineering, compliance, release, docs, press or marketing."`
	Type      string   `yaml:"type,omitempty" json:"type,omitempty" jsonschema:"enum=task,enum=story,enum=bug,enum=tech_debt,default=task" jsonschema_description:"What kind of ticket it is."`
	Approvers []string `yaml:"approvers,omitempty" json:"approvers,omitempty" jsonschema:"format=approver,maxItems=50" jsonschema_description:"Who may approve this ticket, instead of the stage's approvers."` // overrides the stage's
	Body      string   `yaml:"body,omitempty" json:"body,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"What the person needs to know, as Markdown."`
	Checklist []string `yaml:"checklist,omitempty" json:"checklist,omitempty" jsonschema:"format=line,maxItems=50" jsonschema_description:"What to tick off."`
	OpensAt   string   `yaml:"opens_at,omitempty" json:"opens_at,omitempty" jsonschema:"format=stage-id,example=build" jsonschema_description:"Earlier stage at which the ticket is opened. Its own stage if left out."`                                                  // default: its own stage
	When      string   `yaml:"when,omitempty" json:"when,omitempty" jsonschema:"format=condition,example=press" jsonschema_description:"Field of the spec without which there is no such ticket, or cogs.over_threshold."`                                                // only if this spec field is there: release.docs, press, marketing, cogs.over_threshold
	For       string   `yaml:"for,omitempty" json:"for,omitempty" jsonschema:"enum=technology" jsonschema_description:"technology makes one ticket for each technology item, and this one if there is none."`                                                             // "technology": one ticket per technology item, this one if there is none
	Gates     string   `yaml:"gates,omitempty" json:"gates,omitempty" jsonschema:"enum=never,enum=press.gates_release,enum=marketing.gates_release" jsonschema_description:"When the stage waits for this ticket: never, or where the spec says so. Always if left out."` // never, or a spec field that says so (press.gates_release); empty: gates its stage
}

// Track is a named selection of stages, in pipeline order.
type Track struct {
	Stages []string `yaml:"stages" json:"stages" jsonschema:"format=stage-id,minItems=1,maxItems=50" jsonschema_description:"Stages that the track walks, in the order of the pipeline."`
}

// Labels maps and colours what the program puts on issues.
type Labels struct {
	Colors map[string]string `yaml:"colors,omitempty" json:"colors,omitempty" jsonschema_description:"Label, or prefix ending in a colon, to its colour: six hex digits."` // label or prefix ending in ":" to 6 hex digits
	Map    map[string]string `yaml:"map,omitempty" json:"map,omitempty" jsonschema_description:"Our label to one that your repository uses instead."`                      // our label to the repository's own
}

// Cogs is the policy about cost.
type Cogs struct {
	Currency string                  `yaml:"currency,omitempty" json:"currency,omitempty" jsonschema:"format=currency,default=USD,example=EUR" jsonschema_description:"Currency of bands, thresholds and totals, as its three-letter ISO 4217 code."` // of bands, thresholds and totals
	Bands    Bands                   `yaml:"bands,omitempty" json:"bands,omitzero" jsonschema_description:"From which monthly cost on a capability counts as low, medium and high."`
	Rates    map[string]cogs.Decimal `yaml:"rates,omitempty" json:"rates,omitempty" jsonschema_description:"What one unit of another currency is worth in ours, by currency code."` // one unit of the key in Currency
	Policies Policies                `yaml:"policies,omitempty" json:"policies,omitzero" jsonschema_description:"Limits on cost, and what happens beyond them."`
}

// Bands are lower bounds per month.
type Bands struct {
	Low    cogs.Decimal `yaml:"low,omitempty" json:"low" jsonschema_description:"Lower bound of cogs:low. Always 0."`
	Medium cogs.Decimal `yaml:"medium,omitempty" json:"medium" jsonschema_description:"Lower bound of cogs:medium, per month."`
	High   cogs.Decimal `yaml:"high,omitempty" json:"high" jsonschema_description:"Lower bound of cogs:high, per month."`
}

// Policies are limits on cost. Each says what happens beyond its limit: nothing (off), a warning
// (warn), or that too and the pull request's check fails (block). What is merged already is only
// warned of.
type Policies struct {
	CostReviewAbove cogs.Decimal `yaml:"cost_review_above,omitempty" json:"cost_review_above,omitzero" jsonschema_description:"Monthly cost above which product reviews the cost. 0 for never."`                                                                                                              // zero: no cost review
	CostReview      string       `yaml:"cost_review,omitempty" json:"cost_review,omitempty" jsonschema:"enum=off,enum=warn,enum=block,default=block" jsonschema_description:"What happens above it: block adds the approval cost-review, which somebody has to give before work goes on; warn only says so."` // off, warn or block
	MaxIncrease     MaxIncrease  `yaml:"max_increase,omitempty" json:"max_increase,omitzero" jsonschema_description:"What one pull request may add; either limit suffices."`
	OverBudget      string       `yaml:"over_budget,omitempty" json:"over_budget,omitempty" jsonschema:"enum=off,enum=warn,enum=block,default=warn" jsonschema_description:"What happens when a capability costs more than its budget."` // off, warn or block
	EstimateFrom    string       `yaml:"estimate_from,omitempty" json:"estimate_from,omitempty" jsonschema:"format=stage-id,default=build" jsonschema_description:"Stage from which a capability needs an estimate, and one that is not stale."`
	Missing         string       `yaml:"missing,omitempty" json:"missing,omitempty" jsonschema:"enum=off,enum=warn,enum=block,default=warn" jsonschema_description:"What happens when there is no estimate from that stage on."` // off, warn or block
	StaleAfterDays  int          `yaml:"stale_after_days,omitempty" json:"stale_after_days,omitempty" jsonschema:"minimum=0,maximum=3650,default=90" jsonschema_description:"Days after which an estimate is too old. 0 for never."`
	Stale           string       `yaml:"stale,omitempty" json:"stale,omitempty" jsonschema:"enum=off,enum=warn,enum=block,default=warn" jsonschema_description:"What happens when the estimate is older than that, from that stage on."` // off, warn or block
}

// MaxIncrease limits what one pull request may add; either limit suffices.
type MaxIncrease struct {
	Amount  cogs.Decimal `yaml:"amount,omitempty" json:"amount,omitzero" jsonschema_description:"How much more a month. 0 for no limit."`
	Percent cogs.Decimal `yaml:"percent,omitempty" json:"percent,omitzero" jsonschema_description:"How many percent more. 0 for no limit."`
	Level   string       `yaml:"level,omitempty" json:"level,omitempty" jsonschema:"enum=off,enum=warn,enum=block,default=off" jsonschema_description:"What happens beyond the limit."` // off, warn or block
}

// Compliance is what the compliance ticket asks.
type Compliance struct {
	Checklist []string `yaml:"checklist,omitempty" json:"checklist,omitempty" jsonschema:"format=line,maxItems=50" jsonschema_description:"What to tick off before signing off."`
}

// Release is how releases are named.
type Release struct {
	Tag string `yaml:"tag,omitempty" json:"tag,omitempty" jsonschema:"format=tag,default={product}-v{version}" jsonschema_description:"Name of the Git tag of a release, with {product} and {version}."` // with {product} and {version}
}

// Capacity is how many tickets a person or audience can work at once.
type Capacity struct {
	WIP map[string]int `yaml:"wip,omitempty" json:"wip,omitempty" jsonschema_description:"Open tickets at once, by login or audience:NAME."` // login or "audience:NAME"
}

// Bugs says which issues must name a capability or component.
type Bugs struct {
	Labels     []string `yaml:"labels,omitempty" json:"labels,omitempty" jsonschema:"format=label,maxItems=20,example=bug" jsonschema_description:"Labels that make an issue a bug."`
	Components []string `yaml:"components,omitempty" json:"components,omitempty" jsonschema:"format=line,maxItems=500" jsonschema_description:"Components that a bug may name instead of a capability."`
}

// Digest is the weekly comment on the board.
type Digest struct {
	Weekday string   `yaml:"weekday,omitempty" json:"weekday,omitempty" jsonschema:"enum=monday,enum=tuesday,enum=wednesday,enum=thursday,enum=friday,enum=saturday,enum=sunday" jsonschema_description:"Day it is written. Leave it out for no digest."`
	Notify  []string `yaml:"notify,omitempty" json:"notify,omitempty" jsonschema:"format=login,maxItems=20" jsonschema_description:"GitHub logins that are told."`
}
