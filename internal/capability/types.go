package capability

import (
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
)

// Capability is one capability spec: a product capability from idea to release, in one file.
// It is the single source that every ticket is made from.
type Capability struct {
	Version            int           `yaml:"version,omitempty" json:"version,omitempty" jsonschema:"enum=1,default=1" jsonschema_description:"Format version of this file. May be left out."`
	ID                 string        `yaml:"id" json:"id" jsonschema:"format=capability-id,example=CRM-101" jsonschema_description:"Identity of the capability for life: the product's prefix, a hyphen and a number. Never reuse or change it."`
	Title              string        `yaml:"title" json:"title" jsonschema:"format=line,minLength=5,maxLength=120,example=Lead scoring API" jsonschema_description:"What it is called, in one line of 5 to 120 characters."`
	Summary            string        `yaml:"summary" json:"summary" jsonschema:"format=text,maxLength=5000" jsonschema_description:"What it does and for whom, in one paragraph."`
	Owner              string        `yaml:"owner" json:"owner" jsonschema:"format=login,example=octocat" jsonschema_description:"GitHub login of the product manager."` // without the leading @
	Priority           string        `yaml:"priority,omitempty" json:"priority,omitempty" jsonschema:"enum=p0,enum=p1,enum=p2,enum=p3,default=p2" jsonschema_description:"How urgent it is; p0 is the most urgent."`
	Status             string        `yaml:"status,omitempty" json:"status,omitempty" jsonschema:"enum=active,enum=on_hold,enum=cancelled,default=active" jsonschema_description:"Whether it is worked on. Cancelled closes its tickets as not planned."`
	Track              string        `yaml:"track,omitempty" json:"track,omitempty" jsonschema:"format=slug,default=standard" jsonschema_description:"Which pipeline it walks. Tracks other than standard are defined in the config file."`
	User               string        `yaml:"user,omitempty" json:"user,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"Who needs it and why, as Markdown."`
	SuccessCriteria    []string      `yaml:"success_criteria,omitempty" json:"success_criteria,omitempty" jsonschema:"format=line,maxItems=100,example=Median time to first answer is under 200 ms" jsonschema_description:"How we will know that it worked, one measurable line each."`
	Scope              Scope         `yaml:"scope,omitempty" json:"scope,omitzero" jsonschema_description:"What is part of it and what is not."`
	Legal              string        `yaml:"legal,omitempty" json:"legal,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"What law, contracts and policies ask for, as Markdown."`
	Data               string        `yaml:"data,omitempty" json:"data,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"Which data it reads and keeps, and for how long, as Markdown."`
	Sections           Sections      `yaml:"sections,omitempty" json:"sections,omitempty" jsonschema_description:"Free sections of the product spec: title to Markdown."`
	AcceptanceCriteria []Criterion   `yaml:"acceptance_criteria,omitempty" json:"acceptance_criteria,omitempty" jsonschema:"maxItems=200" jsonschema_description:"What must hold before it is done: a line of text each, or a group of id, text and kind."`
	Documents          Documents     `yaml:"documents,omitempty" json:"documents,omitzero" jsonschema_description:"Where the long texts lie."`
	Channel            string        `yaml:"channel,omitempty" json:"channel,omitempty" jsonschema:"format=line,maxLength=200,example=#crm-scoring" jsonschema_description:"Chat channel where it is talked about. A name that begins with # needs quotes."`
	DependsOn          []string      `yaml:"depends_on,omitempty" json:"depends_on,omitempty" jsonschema:"format=capability-id,maxItems=50,example=CRM-100" jsonschema_description:"Capabilities that must be shipped before this one is built."`
	Technology         Technology    `yaml:"technology,omitempty" json:"technology,omitzero" jsonschema_description:"What there is to build; each item becomes one engineering ticket."`
	Cogs               cogs.Estimate `yaml:"cogs,omitempty" json:"cogs,omitzero" jsonschema_description:"What it will cost to run every month."`
	Release            Release       `yaml:"release,omitempty" json:"release,omitzero" jsonschema_description:"What ships when, and what customers are told."`
	Press              Press         `yaml:"press,omitempty" json:"press,omitzero" jsonschema_description:"The press release. Leave it out when there is none."`
	Marketing          Marketing     `yaml:"marketing,omitempty" json:"marketing,omitzero" jsonschema_description:"The campaign. Leave it out when there is none."`
	Tickets            StageTickets  `yaml:"tickets,omitempty" json:"tickets,omitempty" jsonschema_description:"More tickets, as lists under the stage they belong to."` // in file order
	StartStage         string        `yaml:"start_stage,omitempty" json:"start_stage,omitempty" jsonschema:"format=slug,example=build" jsonschema_description:"Stage to enter at when first seen, for work that is already under way. Only where the config file allows it."`
}

// Scope is what the capability covers and what it leaves out.
type Scope struct {
	In  []string `yaml:"in,omitempty" json:"in,omitempty" jsonschema:"format=line,maxItems=100" jsonschema_description:"What is part of it, one line each."`
	Out []string `yaml:"out,omitempty" json:"out,omitempty" jsonschema:"format=line,maxItems=100" jsonschema_description:"What is left out on purpose, one line each."`
}

// Section is a free section of the product spec.
type Section struct {
	Title string `json:"title"`
	Text  string `json:"text"` // Markdown
}

// Sections are the free sections in file order; in the file a map of title to Markdown.
type Sections []Section

// Criterion is one acceptance criterion; in the file a text or {id, text, kind}.
type Criterion struct {
	ID   string `yaml:"id,omitempty" json:"id,omitempty" jsonschema:"format=criterion-id,example=AC-1" jsonschema_description:"Short name to refer to it by."`
	Text string `yaml:"text" json:"text" jsonschema:"format=text,maxLength=5000" jsonschema_description:"What must hold."`
	Kind string `yaml:"kind,omitempty" json:"kind,omitempty" jsonschema:"enum=normal,enum=edge,enum=uat,default=normal" jsonschema_description:"normal, an edge case, or one that people try out by hand in UAT."` // normal (default), edge or uat
}

// Documents are where the long texts lie: a path in the repository or a URL.
type Documents struct {
	Spec         string `yaml:"spec,omitempty" json:"spec,omitempty" jsonschema:"format=place,example=docs/crm-101/spec.md" jsonschema_description:"The full spec: a path in the repository or a URL. This file if left out."`
	Architecture string `yaml:"architecture,omitempty" json:"architecture,omitempty" jsonschema:"format=place,example=https://wiki.example.com/crm-101" jsonschema_description:"The architecture: a path in the repository or a URL."`
}

// Technology is what there is to build; each item is one engineering ticket in build.
type Technology struct {
	APIs     []Item `yaml:"apis,omitempty" json:"apis,omitempty" jsonschema:"maxItems=100" jsonschema_description:"Interfaces for programs."`
	Entities []Item `yaml:"entities,omitempty" json:"entities,omitempty" jsonschema:"maxItems=100" jsonschema_description:"Things that are stored."`
	Screens  []Item `yaml:"screens,omitempty" json:"screens,omitempty" jsonschema:"maxItems=100" jsonschema_description:"What people see."`
	Flows    []Item `yaml:"flows,omitempty" json:"flows,omitempty" jsonschema:"maxItems=100" jsonschema_description:"What runs in the background or across systems."`
	Skills   []Item `yaml:"skills,omitempty" json:"skills,omitempty" jsonschema:"maxItems=100" jsonschema_description:"What an assistant learns to do."`
}

// Item is one thing to build.
type Item struct {
	Key         string   `yaml:"key" json:"key" jsonschema:"format=slug,example=scoring-endpoint" jsonschema_description:"Identity of its ticket for life; unlike the name it must never change."`
	Name        string   `yaml:"name" json:"name" jsonschema:"format=line,maxLength=120,example=Scoring endpoint" jsonschema_description:"What it is called."`
	Description string   `yaml:"description,omitempty" json:"description,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"What to build, as Markdown."`
	Type        string   `yaml:"type,omitempty" json:"type,omitempty" jsonschema:"enum=task,enum=story,enum=bug,enum=tech_debt,default=task" jsonschema_description:"What kind of ticket it is."` // task (default), story, bug, tech_debt
	Acceptance  []string `yaml:"acceptance,omitempty" json:"acceptance,omitempty" jsonschema:"format=line,maxItems=100" jsonschema_description:"What must hold before this item is done, one line each."`
}

// Release says what ships when, and what customers are told.
type Release struct {
	Version    string `yaml:"version,omitempty" json:"version,omitempty" jsonschema:"format=version,example=2.4" jsonschema_description:"Version of the product it ships in, exactly as people write it."`
	TargetDate string `yaml:"target_date,omitempty" json:"target_date,omitempty" jsonschema:"format=date,example=2026-03-13" jsonschema_description:"Day it should ship, as YYYY-MM-DD."`                  // YYYY-MM-DD
	Notes      string `yaml:"notes,omitempty" json:"notes,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"What customers are told, as Markdown. No costs, no internal names."` // customer-facing Markdown
	Docs       []Page `yaml:"docs,omitempty" json:"docs,omitempty" jsonschema:"maxItems=100" jsonschema_description:"Pages of the customer documentation that must change: a line of text each, or a group of page and reason."`
}

// Page is a page of external documentation; in the file a text or {page, reason}.
type Page struct {
	Page   string `yaml:"page" json:"page" jsonschema:"format=line,example=guides/lead-scoring" jsonschema_description:"The page: its path, title or URL."`
	Reason string `yaml:"reason,omitempty" json:"reason,omitempty" jsonschema:"format=line" jsonschema_description:"What must change on it."`
}

// Press is the press release and what may be said when.
type Press struct {
	Headline     string   `yaml:"headline,omitempty" json:"headline,omitempty" jsonschema:"format=line,maxLength=200" jsonschema_description:"Headline of the press release."`
	Narrative    string   `yaml:"narrative,omitempty" json:"narrative,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"The story to tell, as Markdown."`
	Embargo      string   `yaml:"embargo,omitempty" json:"embargo,omitempty" jsonschema:"format=date-time,example=2026-03-13T09:00:00Z" jsonschema_description:"Moment before which nothing may be said, with its time zone."` // RFC 3339
	Restrictions string   `yaml:"restrictions,omitempty" json:"restrictions,omitempty" jsonschema:"format=text,maxLength=5000" jsonschema_description:"What must not be said."`
	Contacts     []string `yaml:"contacts,omitempty" json:"contacts,omitempty" jsonschema:"format=line,maxItems=50" jsonschema_description:"Whom the press may ask, one line each. In a public repository everybody can read them."`
	GatesRelease bool     `yaml:"gates_release,omitempty" json:"gates_release,omitempty" jsonschema:"default=false" jsonschema_description:"Whether the release waits for the press release."`
}

// Marketing is the campaign that goes with the release.
type Marketing struct {
	Campaign     string   `yaml:"campaign,omitempty" json:"campaign,omitempty" jsonschema:"format=line,maxLength=200" jsonschema_description:"Name of the campaign."`
	Message      string   `yaml:"message,omitempty" json:"message,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"What it says, as Markdown."`
	Channels     []string `yaml:"channels,omitempty" json:"channels,omitempty" jsonschema:"format=line,maxItems=50,example=newsletter" jsonschema_description:"Where it runs, one line each."`
	LaunchDate   string   `yaml:"launch_date,omitempty" json:"launch_date,omitempty" jsonschema:"format=date,example=2026-03-20" jsonschema_description:"Day it starts, as YYYY-MM-DD."` // YYYY-MM-DD
	GatesRelease bool     `yaml:"gates_release,omitempty" json:"gates_release,omitempty" jsonschema:"default=false" jsonschema_description:"Whether the release waits for the campaign."`
}

// StageTickets are the tickets a spec adds, in file order; in the file a map of stage to list.
type StageTickets []StageTicket

// StageTicket is one ticket that the spec adds to a stage.
type StageTicket struct {
	Stage      string   `yaml:"-" json:"stage"`
	Key        string   `yaml:"key" json:"key" jsonschema:"format=slug,example=load-test" jsonschema_description:"Identity of the ticket for life; unlike the title it must never change."`
	Title      string   `yaml:"title" json:"title" jsonschema:"format=line,maxLength=120,example=Run the load test" jsonschema_description:"What to do, in one line."`
	Audience   string   `yaml:"audience,omitempty" json:"audience,omitempty" jsonschema:"format=slug,default=engineering" jsonschema_description:"Who works it: product, engineering, compliance, release, docs, press or marketing."` // default: engineering
	Type       string   `yaml:"type,omitempty" json:"type,omitempty" jsonschema:"enum=task,enum=story,enum=bug,enum=tech_debt,default=task" jsonschema_description:"What kind of ticket it is."`
	Body       string   `yaml:"body,omitempty" json:"body,omitempty" jsonschema:"format=text,maxLength=20000" jsonschema_description:"What the person needs to know, as Markdown."`
	Assignees  []string `yaml:"assignees,omitempty" json:"assignees,omitempty" jsonschema:"format=login,maxItems=10" jsonschema_description:"GitHub logins of those who do it."`
	Labels     []string `yaml:"labels,omitempty" json:"labels,omitempty" jsonschema:"format=label,maxItems=30" jsonschema_description:"More labels for the ticket."`
	Estimate   string   `yaml:"estimate,omitempty" json:"estimate,omitempty" jsonschema:"format=line,maxLength=40,example=3 days" jsonschema_description:"How much work it is, in your own words."`
	Due        string   `yaml:"due,omitempty" json:"due,omitempty" jsonschema:"format=date,example=2026-03-06" jsonschema_description:"Day it must be done, as YYYY-MM-DD."` // YYYY-MM-DD
	OpensAt    string   `yaml:"opens_at,omitempty" json:"opens_at,omitempty" jsonschema:"format=slug,example=build" jsonschema_description:"Earlier stage at which the ticket is opened. Its own stage if left out."`
	Acceptance []string `yaml:"acceptance,omitempty" json:"acceptance,omitempty" jsonschema:"format=line,maxItems=100" jsonschema_description:"What must hold before the ticket is done, one line each."`
}
