package desired

import "github.com/ticketfoundry/ticketfoundry/internal/pipeline"

// recipe is what a kind of ticket says: the act its first line asks for, and its sections.
type recipe struct {
	do       string // follows "Due Fri 13 Mar: "; lower case, ends with a full stop
	sections []section
	public   bool // read by, or written for, people outside: no cost on it
}

// Sections that several kinds of tickets share.
var (
	why        = section{"What it is about", page.summary}
	users      = section{"Who it is for", page.users}
	success    = section{"How we know it worked", page.success}
	scope      = section{"Scope", page.scope}
	legal      = section{"Legal", page.legal}
	personal   = section{"Data", page.personal}
	more       = section{"More from the spec", page.free}
	technology = section{"What is to be built", page.technology}
	acceptance = section{"Acceptance criteria", page.acceptance}
	userTests  = section{"Acceptance criteria", page.userTests}
	money      = section{"Running cost", page.costs}
	partMoney  = section{"Running cost of this part", page.partCosts}
	needed     = section{"Needed to go on", page.readyList}
	lacking    = section{"Not in the spec yet", page.lackingList}
	shipping   = section{"What ships", page.shipping}
	notes      = section{"Release notes as they stand", page.releaseNotes}
)

// closing stands at the end of every ticket.
var closing = []section{
	{"Decision", page.decision},
	{"Checklist", page.checklist},
}

// recipes are by the key of the pipeline's own tickets.
var recipes = map[string]recipe{
	"triage": {
		do:       "decide whether this is worth a spec, then close this ticket: completed to go on, not planned to drop it.",
		sections: []section{why, users, needed},
	},
	"write-spec": {
		do:       "complete the spec in a pull request; close this ticket when nothing is missing below.",
		sections: []section{why, needed, users, success, scope, more},
	},
	"approve-spec": {
		do:       "comment `/approve` when the spec says for whom, how success is measured, and what is in and out.",
		sections: []section{why, users, success, scope, legal, personal, acceptance.plain(), more, lacking},
	},
	"review-spec": {
		do:       "read the spec as its users and builders will, and say what is missing; close this ticket when it can be decided on.",
		sections: []section{why, users, success, scope, more, lacking},
	},
	"estimate-cogs": {
		do:       "put the running cost into the spec, driver by driver; close this ticket when it stands there.",
		sections: []section{why, technology, money, needed},
	},
	"test-cases": {
		do:       "write a test case for each criterion; close this ticket when all can be run.",
		sections: []section{why, acceptance},
	},
	"design": {
		do:       "describe how it will be built and what it will cost to run; close this ticket when both stand in the spec.",
		sections: []section{why, needed, scope, personal, technology, acceptance.plain(), money},
	},
	"approve-architecture": {
		do:       "comment `/approve` when this design can be built, run and changed by us.",
		sections: []section{why, scope, technology, personal, money, lacking},
	},
	"cost-review": {
		do:       "comment `/approve` when the running cost is worth what the capability brings.",
		sections: []section{why, money, success},
	},
	"compliance-sign-off": {
		do:       "comment `/approve` when law and contracts allow it as described.",
		sections: []section{why, legal, personal, {"Compliance checklist", page.complianceList}, scope, more, lacking},
	},
	"implement": {
		do:       "build it; close this ticket when every criterion holds.",
		sections: []section{why, scope, acceptance},
	},
	"deploy-to-stage": {
		do:       "deploy it where it can be tried out; close this ticket when the criteria can be checked there.",
		sections: []section{why, {"What was built", page.technologyNames}, acceptance, money},
	},
	"uat-product": {
		do:       "comment `/approve` when it does what users need.",
		sections: []section{why, users, userTests, success, scope},
	},
	"uat-engineering": {
		do:       "comment `/approve` when it works as specified and can be run.",
		sections: []section{why, userTests, technology, money},
	},
	"approve-release": {
		do:       "comment `/approve` when this may go to customers.",
		sections: []section{shipping, lacking, why, {"Scope", page.scopeIn}, money},
	},
	"release-notes": {
		do:       "write what customers are told into the spec (`release.notes`); close this ticket when it can go out as it stands.",
		sections: []section{notes, {"What changes for customers", page.summary}, {"Who it is for", page.users}},
		public:   true,
	},
	"external-docs": {
		do:       "bring these pages up to date; close this ticket when they are ready to go live with the release.",
		sections: []section{{"Pages", page.pages}, why, users, {"What customers are told", page.releaseNotes}, {"What it does", page.scopeIn}},
		public:   true,
	},
	"press-release": {
		do:       "draft the press release, have it approved, publish it when the embargo ends; then close this ticket.",
		sections: pressSections,
		public:   true,
	},
	"marketing-campaign": {
		do:       "prepare the campaign so that every channel below can start on the launch date; then close this ticket.",
		sections: marketingSections,
		public:   true,
	},
}

var pressSections = []section{
	{"Embargo", page.embargo},
	{"Headline", page.headline},
	{"Story", page.narrative},
	{"What may not be said", page.restrictions},
	{"Contacts", page.contacts},
	{"Steps", page.pressSteps},
	{"Background", page.summary},
}

var marketingSections = []section{
	{"Campaign", page.campaign},
	{"Message", page.message},
	{"Channels", page.channels},
	{"Background", page.summary},
	{"Who it is for", page.users},
}

// Kinds of tickets that have no recipe by key.
var (
	itemRecipe = recipe{
		do:       "build this part; close this ticket when every criterion holds.",
		sections: []section{{"What is to be built", page.item}, {"Acceptance criteria", page.itemAcceptance}, {"Criteria of the whole capability", page.criteriaAround}, why, partMoney},
	}
	addedRecipe = recipe{
		sections: []section{{"What is to be done", page.added}, {"Acceptance criteria", page.addedAcceptance}, why},
	}
	approvalRecipe = recipe{
		sections: []section{why, users, scope, legal, personal, technology, acceptance.plain(), lacking},
	}
	reworkRecipe = recipe{
		do:       "do again what was sent back; close this ticket when it is done.",
		sections: []section{{"Why it was sent back", page.rework}, why},
	}
	workRecipe = recipe{
		sections: []section{why, scope, acceptance},
	}
)

// recipeFor finds a ticket's recipe: what it builds, what the spec adds, the pipeline's own
// tickets by key, and for tickets of a config by whether they decide or do.
func recipeFor(t pipeline.Ticket) recipe {
	r, known := recipes[t.Stock.Key]
	switch {
	case t.Rework.Kind != "":
		r = reworkRecipe
	case t.Item.Key != "":
		r = itemRecipe
	case t.Added.Key != "":
		r = addedRecipe
	case known:
	case t.Approval:
		r = approvalRecipe
	default:
		r = workRecipe
	}
	switch t.Audience {
	case "docs", "press", "marketing":
		r.public = true
	}
	return r
}

// plain is a section of acceptance criteria that are read, not yet ticked off.
func (s section) plain() section { return section{s.title, page.acceptanceText} }
