package desired

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// The parts of a ticket that come from the product spec.

func (p page) scope() string {
	return paragraphs(under("In", p.bullets(p.c.Scope.In)), under("Out", p.bullets(p.c.Scope.Out)))
}

func (p page) free() string {
	var out []string
	for _, s := range p.c.Sections {
		out = append(out, under(line(s.Title), p.text(s.Text)))
	}
	return paragraphs(out...)
}

// questions are what the spec must answer, by field, as a person would ask.
var questions = map[string]string{
	"title":                  "A title",
	"summary":                "A summary: what it is, in a paragraph",
	"owner":                  "An owner: who answers for it",
	"user":                   "For whom is it, and what do they do today?",
	"success_criteria":       "How will we know that it worked?",
	"scope":                  "What is in scope, and what is not?",
	"legal":                  "What do law and contracts ask of us?",
	"data":                   "Which data does it touch, and for how long?",
	"sections":               "Free sections",
	"acceptance_criteria":    "What must hold for it to be accepted?",
	"documents.spec":         "A link to the long spec",
	"documents.architecture": "A link to the architecture document",
	"technology":             "What is there to build?",
	"channel":                "A channel for questions",
	"cogs":                   "What will it cost to run each month?",
	"cogs.budget":            "What may it cost to run each month?",
	"release.version":        "In which version does it ship?",
	"release.target_date":    "When does it ship?",
	"release.notes":          "What do we tell customers?",
	"release.docs":           "Which pages of the documentation change?",
	"press":                  "What do we tell the press?",
	"marketing":              "How is it marketed?",
}

// readyList is what the spec must say before the stage is left.
func (p page) readyList() string { return p.ready(true) }

// lackingList is what of that it does not say yet, for those who decide.
func (p page) lackingList() string { return p.ready(false) }

// questionsAsked are what everybody asks sooner or later: for whom, to what end, what, whether it
// may be, and how customers learn of it.
var questionsAsked = []string{"user", "success_criteria", "scope", "legal", "release.notes"}

// openQuestions are those that the spec does not answer and that do not stand in the readiness
// list of the stage.
func (p page) openQuestions() string {
	var out []string
	for _, field := range questionsAsked {
		if !pipeline.Has(p.c, field) && !slices.Contains(p.stage.Ready, field) {
			out = append(out, "- "+questions[field]+" ("+markdown.Code(field)+")")
		}
	}
	return strings.Join(out, "\n")
}

// ready writes a task list whose ticks are the program's: they follow the spec.
func (p page) ready(whole bool) string {
	var out []string
	for _, field := range p.stage.Ready {
		mark := " "
		if pipeline.Has(p.c, field) {
			mark = "x"
		}
		if mark == "x" && !whole {
			continue
		}
		out = append(out, "- ["+mark+"] "+cmp.Or(questions[field], "Filled in")+" ("+markdown.Code(field)+")")
	}
	if len(out) == 0 {
		return ""
	}
	return ticket.OursLine + "\n\n" + strings.Join(out, "\n")
}

// acceptance is a task list; a criterion's id names its tick for life.
func (p page) acceptance() string { return p.criteria("- [ ] ", "") }

// acceptanceText is the same to read.
func (p page) acceptanceText() string { return p.criteria("- ", "") }

// userTests are the criteria that users try out first, then the others.
func (p page) userTests() string {
	first := p.criteria("- [ ] ", "uat")
	if first == "" {
		return p.acceptance()
	}
	return paragraphs(under("Tried out by users", first), under("Checked before", p.criteria("- [ ] ", "-uat")))
}

func (p page) criteria(mark, kind string) string {
	var out []string
	size := 0
	for _, c := range p.c.AcceptanceCriteria {
		if kind == "uat" && c.Kind != "uat" || kind == "-uat" && c.Kind == "uat" {
			continue
		}
		if len(out) == maxCriteria || size > ticket.MaxBody {
			out = append(out, "", p.more())
			break
		}
		out = append(out, mark+criterion(c))
		size += len(out[len(out)-1])
	}
	return strings.Join(out, "\n")
}

func criterion(c capability.Criterion) string {
	s := line(c.Text)
	switch c.Kind {
	case "edge":
		s += " *(edge case)*"
	case "uat":
		s += " *(UAT)*"
	}
	if c.ID != "" {
		s = markdown.Code(c.ID) + " " + s
	}
	return s
}

// criteriaAround are the capability's criteria for someone who builds one part of it, unless
// they are the part's own for want of others.
func (p page) criteriaAround() string {
	if len(p.t.Item.Acceptance) == 0 {
		return ""
	}
	return p.acceptanceText()
}

// The parts that come from the technology list.

var groupNames = map[string]string{"api": "API", "entity": "Entity", "screen": "Screen", "flow": "Flow", "skill": "Skill"}

func (p page) item() string {
	it := p.t.Item
	head := groupNames[it.Group] + " " + markdown.Code(it.Key)
	return paragraphs("**"+line(it.Name)+"** ("+head+")", p.text(it.Description))
}

func (p page) itemAcceptance() string {
	return cmp.Or(p.tasks(p.t.Item.Acceptance), p.acceptance())
}

func (p page) technology() string {
	var out []string
	for i, it := range pipeline.Items(p.c.Technology) {
		if i == maxItem {
			out = append(out, p.more())
			break
		}
		out = append(out, paragraphs(
			"**"+line(it.Name)+"** ("+groupNames[it.Group]+" "+markdown.Code(it.Key)+")",
			p.text(it.Description), p.bullets(it.Acceptance)))
	}
	return paragraphs(out...)
}

func (p page) technologyNames() string {
	var out []string
	for _, it := range pipeline.Items(p.c.Technology) {
		out = append(out, it.Name)
	}
	return p.bullets(out)
}

// The parts that come from tickets that the spec adds and from the config.

func (p page) added() string {
	estimate := ""
	if p.t.Added.Estimate != "" {
		estimate = "Estimate: " + line(p.t.Added.Estimate)
	}
	return paragraphs(p.text(p.t.Added.Body), estimate)
}

func (p page) complianceList() string { return p.tasks(p.Config.Compliance.Checklist) }

func (p page) checklist() string {
	return paragraphs(p.text(p.t.Stock.Body),
		p.tasks(slices.Concat(p.t.Stock.Checklist, p.audience(p.t.Audience).Checklist)))
}
