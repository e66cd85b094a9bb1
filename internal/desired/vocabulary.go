package desired

import (
	"strings"
	"sync"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/template"
)

// Line, Cell and Text write what people wrote, for templates.

// Line writes one line of text.
func (p page) Line(s string) string { return line(s) }

// Cell writes a text for a cell of a table.
func (p page) Cell(s string) string { return cell(s) }

// Text writes Markdown of several lines.
func (p page) Text(s string) string { return p.text(s) }

// vocabulary is what templates can use. Its names are stable: a field of the spec is called as
// it is called there.
var vocabulary = sync.OnceValue(func() *template.Vocabulary[page] {
	return template.NewVocabulary(fields(), functions())
})

type (
	field  = template.Field[page]
	column = template.Column
)

// textField, lineField and listField are fields of the spec.
func lineField(name, doc string, get func(p page) string) field {
	return field{Name: name, Kind: template.Line, Doc: doc, Get: func(p page) template.Value { return template.NewLine(get(p)) }}
}

func textField(name, doc string, get func(p page) string) field {
	return field{Name: name, Kind: template.Text, Doc: doc, Get: func(p page) template.Value { return template.NewText(get(p)) }}
}

func partField(name, doc string, get func(p page) string) field {
	return field{Name: name, Kind: template.Part, Doc: doc, Get: func(p page) template.Value { return template.NewPart(get(p)) }}
}

func linesField(name, doc string, get func(p page) []string) field {
	return field{Name: name, Kind: template.List, Doc: doc, Get: func(p page) template.Value { return template.NewLines(get(p)) }}
}

// record is an entry of a list being made.
type record = map[string]template.Value

func listField(name, doc string, of []column, get func(p page) []record) field {
	return field{Name: name, Kind: template.List, Of: of, Doc: doc, Get: func(p page) template.Value { return template.NewList(get(p)) }}
}

func fields() []field {
	out := []field{
		lineField("id", "id of the capability", func(p page) string { return p.c.ID }),
		lineField("title", "title of the capability", func(p page) string { return p.c.Title }),
		textField("summary", "what it does, in a paragraph", func(p page) string { return p.c.Summary }),
		lineField("product", "name of the product", func(p page) string { return p.productName() }),
		lineField("owner", "login of the product manager", func(p page) string { return p.c.Owner }),
		lineField("priority", "p0 to p3", func(p page) string { return p.c.Priority }),
		textField("user", "who needs it and why", func(p page) string { return p.c.User }),
		linesField("success_criteria", "how we will know that it worked", func(p page) []string { return p.c.SuccessCriteria }),
		linesField("scope.in", "what is part of it", func(p page) []string { return p.c.Scope.In }),
		linesField("scope.out", "what is left out on purpose", func(p page) []string { return p.c.Scope.Out }),
		textField("legal", "what law and contracts ask for", func(p page) string { return p.c.Legal }),
		textField("data", "which data it reads and keeps", func(p page) string { return p.c.Data }),
		listField("sections", "the free sections of the spec", []column{
			{Name: "title", Kind: template.Line, Doc: "heading"}, {Name: "text", Kind: template.Text, Doc: "content"},
		}, func(p page) []record {
			var out []record
			for _, s := range p.c.Sections {
				out = append(out, record{"title": template.NewLine(s.Title), "text": template.NewText(s.Text)})
			}
			return out
		}),
		listField("acceptance_criteria", "what must hold for it to be accepted", []column{
			{Name: "id", Kind: template.Line, Doc: "short name, if it has one"}, {Name: "text", Kind: template.Line, Doc: "what must hold"},
			{Name: "kind", Kind: template.Line, Doc: "normal, edge or uat"},
		}, func(p page) []record {
			var out []record
			for _, c := range p.c.AcceptanceCriteria {
				out = append(out, record{"id": template.NewLine(c.ID), "text": template.NewLine(c.Text), "kind": template.NewLine(orElse(c.Kind, "normal"))})
			}
			return out
		}),
		partField("documents.spec", "link to the spec", func(p page) string { return p.document(orElse(p.c.Documents.Spec, p.File.Path)) }),
		partField("documents.architecture", "link to the architecture", func(p page) string { return p.document(p.c.Documents.Architecture) }),
		partField("channel", "where it is talked about", func(p page) string { return p.builder.channel() }),
		linesField("depends_on", "ids of the capabilities it waits for", func(p page) []string { return p.c.DependsOn }),
		listField("technology", "what there is to build", []column{
			{Name: "key", Kind: template.Line, Doc: "key of its ticket"}, {Name: "name", Kind: template.Line, Doc: "what it is called"},
			{Name: "kind", Kind: template.Line, Doc: "API, Entity, Screen, Flow or Skill"}, {Name: "description", Kind: template.Text, Doc: "what to build"},
			{Name: "acceptance", Kind: template.List, Doc: "what must hold"},
		}, func(p page) []record {
			var out []record
			for _, it := range pipeline.Items(p.c.Technology) {
				out = append(out, itemRecord(it))
			}
			return out
		}),
	}
	return append(append(append(out, moneyFields()...), launchFields()...), ticketFields()...)
}

func itemRecord(it pipeline.Item) record {
	return record{
		"key": template.NewLine(it.Key), "name": template.NewLine(it.Name), "kind": template.NewLine(groupNames[it.Group]),
		"description": template.NewText(it.Description), "acceptance": template.NewLines(it.Acceptance),
	}
}

// moneyFields are empty on tickets for people outside.
func moneyFields() []field {
	inside := func(get func(p page) string) func(p page) string {
		return func(p page) string {
			if public(p.t) || !p.c.Cogs.Known() {
				return ""
			}
			return get(p)
		}
	}
	amount := func(p page, d cogs.Decimal) string {
		if d.IsZero() {
			return ""
		}
		return cogs.FormatMonthly(d, p.c.Cogs.Currency)
	}
	return []field{
		lineField("cogs.monthly", "what it costs to run each month; like all of cogs, empty on tickets for people outside",
			inside(func(p page) string { return cogs.FormatMonthly(p.c.Cogs.Monthly(), p.c.Cogs.Currency) })),
		lineField("cogs.budget", "what it may cost each month", inside(func(p page) string { return amount(p, p.c.Cogs.Budget) })),
		lineField("cogs.actual", "what was billed for a month", inside(func(p page) string { return amount(p, p.c.Cogs.Actual.Amount) })),
		lineField("cogs.variance", "how that differs from the estimate: \"$13.29 (4.2 %) more than estimated\"", inside(page.variance)),
		lineField("cogs.band", "low, medium, high, over budget or unknown",
			inside(func(p page) string { return strings.ReplaceAll(string(p.band()), "-", " ") })),
		lineField("cogs.confidence", "how sure the estimate is", inside(func(p page) string { return p.c.Cogs.Confidence })),
		lineField("cogs.as_of", "when it was estimated", inside(func(p page) string { return written(p.c.Cogs.AsOf) })),
		lineField("cogs.stale_after", "last day on which the estimate is recent enough for the config", inside(page.staleAfter)),
		listField("cogs.drivers", "what it is made up of, dearest first", []column{
			{Name: "name", Kind: template.Line, Doc: "what is paid for"}, {Name: "kind", Kind: template.Line, Doc: "kind of cost"},
			{Name: "monthly", Kind: template.Line, Doc: "what it costs each month"}, {Name: "part", Kind: template.Line, Doc: "key of the technology item that causes it"},
		}, func(p page) []record {
			var out []record
			if public(p.t) {
				return nil
			}
			for _, d := range p.c.Cogs.ByCost() {
				out = append(out, record{
					"name": template.NewLine(d.Name), "kind": template.NewLine(strings.ReplaceAll(d.Kind, "_", " ")),
					"monthly": template.NewLine(cogs.FormatMonthly(d.Cost(), p.c.Cogs.Currency)), "part": template.NewLine(d.Part),
				})
			}
			return out
		}),
	}
}

func launchFields() []field {
	return []field{
		lineField("release.version", "version of the product it ships in", func(p page) string { return p.c.Release.Version }),
		lineField("release.target_date", "day it should ship, in words", func(p page) string { return written(p.c.Release.TargetDate) }),
		textField("release.notes", "what customers are told", func(p page) string { return p.c.Release.Notes }),
		listField("release.docs", "pages of the documentation that change", []column{
			{Name: "page", Kind: template.Line, Doc: "path, title or URL"}, {Name: "reason", Kind: template.Line, Doc: "what must change on it"},
		}, func(p page) []record {
			var out []record
			for _, d := range p.c.Release.Docs {
				out = append(out, record{"page": template.NewLine(d.Page), "reason": template.NewLine(d.Reason)})
			}
			return out
		}),
		lineField("press.headline", "headline", func(p page) string { return p.c.Press.Headline }),
		textField("press.narrative", "the story", func(p page) string { return p.c.Press.Narrative }),
		lineField("press.embargo", "moment before which nothing may be said, in words and UTC", func(p page) string { return p.embargoWords() }),
		textField("press.restrictions", "what must not be said", func(p page) string { return p.c.Press.Restrictions }),
		linesField("press.contacts", "whom the press may ask", func(p page) []string { return p.c.Press.Contacts }),
		lineField("marketing.campaign", "name of the campaign", func(p page) string { return p.c.Marketing.Campaign }),
		textField("marketing.message", "what it says", func(p page) string { return p.c.Marketing.Message }),
		linesField("marketing.channels", "where it runs", func(p page) []string { return p.c.Marketing.Channels }),
		lineField("marketing.launch_date", "day it starts, in words", func(p page) string { return written(p.c.Marketing.LaunchDate) }),
	}
}

func ticketFields() []field {
	return []field{
		lineField("ticket.key", "stage and key of the ticket", func(p page) string { return p.t.Key.Within() }),
		lineField("ticket.title", "title of the ticket, without stage and capability", func(p page) string { return p.t.Title }),
		lineField("ticket.stage", "id of the stage it belongs to", func(p page) string { return p.t.Stage }),
		lineField("ticket.audience", "whom it is for", func(p page) string { return p.t.Audience }),
		lineField("ticket.type", "task, story, bug or tech_debt", func(p page) string { return orElse(p.t.Type, "task") }),
		{Name: "ticket.approval", Kind: template.Flag, Doc: "whether it is decided rather than done", Get: func(p page) template.Value { return template.NewFlag(p.t.Approval) }},
		partField("ticket.approvers", "who may approve it: its approvers, or those of its audience", func(p page) string {
			if p.t.Approval {
				return deciders(p.t.Approvers)
			}
			return deciders(p.audience(p.t.Audience).Approvers)
		}),
		lineField("ticket.due", "day it is due, in words", func(p page) string {
			if d, ok := p.due(p.t); ok {
				return fullDay(d)
			}
			return ""
		}),
		textField("ticket.body", "text that the spec gives a ticket of its own", func(p page) string { return p.t.Added.Body }),
		lineField("ticket.estimate", "how much work the spec says it is", func(p page) string { return p.t.Added.Estimate }),
		linesField("ticket.acceptance", "what the spec says must hold for it", func(p page) []string { return p.t.Added.Acceptance }),
		lineField("item.key", "key of the technology item that the ticket builds", func(p page) string { return p.t.Item.Key }),
		lineField("item.name", "what it is called", func(p page) string { return p.t.Item.Name }),
		lineField("item.kind", "API, Entity, Screen, Flow or Skill", func(p page) string { return groupNames[p.t.Item.Group] }),
		textField("item.description", "what to build", func(p page) string { return p.t.Item.Description }),
		linesField("item.acceptance", "what must hold for it", func(p page) []string { return p.t.Item.Acceptance }),
		listField("item.drivers", "what it costs to run", []column{
			{Name: "name", Kind: template.Line, Doc: "what is paid for"}, {Name: "monthly", Kind: template.Line, Doc: "what it costs each month"},
		}, func(p page) []record {
			var out []record
			for _, d := range p.c.Cogs.ByCost() {
				if d.Part != "" && d.Part == p.t.Item.Key && !public(p.t) {
					out = append(out, record{"name": template.NewLine(d.Name), "monthly": template.NewLine(cogs.FormatMonthly(d.Cost(), p.c.Cogs.Currency))})
				}
			}
			return out
		}),
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// functions make parts of a ticket. Those that take nothing make a whole one, or nothing where
// the spec has nothing for it.
func functions() []template.Func[page] {
	const words, lines = template.Words, template.List
	made := func(name, doc string, uses []string, make func(p page) string) template.Func[page] {
		return template.Func[page]{Name: name, Gives: template.Part, Doc: doc, Uses: uses, Call: func(p page, _ []template.Value) template.Value {
			return template.NewPart(make(p))
		}}
	}
	costs := []string{"cogs.drivers", "cogs.budget", "cogs.band", "cogs.confidence", "cogs.as_of", "cogs.actual", "cogs.variance", "cogs.stale_after"}
	items := []string{"technology"}
	criteria := []string{"acceptance_criteria"}
	return []template.Func[page]{
		{Name: "section", Takes: []template.Kind{template.Line, words}, Gives: template.Part, Doc: "a heading with what stands below it; nothing when that is empty",
			Call: func(p page, v []template.Value) template.Value {
				return below("### "+line(v[0].Words())+"\n\n", p.write(v[1]))
			}},
		{Name: "under", Takes: []template.Kind{template.Line, words}, Gives: template.Part, Doc: "a bold line with what stands below it; nothing when that is empty",
			Call: func(p page, v []template.Value) template.Value {
				return below("**"+line(v[0].Words())+"**\n\n", p.write(v[1]))
			}},
		{Name: "bullets", Takes: []template.Kind{lines}, Gives: template.Part, Doc: "a list of lines, as a bulleted list",
			Call: func(p page, v []template.Value) template.Value { return template.NewPart(p.bullets(v[0].Lines())) }},
		{Name: "tasks", Takes: []template.Kind{lines}, Gives: template.Part, Doc: "a list of lines, to be ticked off",
			Call: func(p page, v []template.Value) template.Value { return template.NewPart(p.tasks(v[0].Lines())) }},
		{Name: "quote", Takes: []template.Kind{words}, Gives: template.Part, Doc: "a text as a quotation",
			Call: func(p page, v []template.Value) template.Value { return template.NewPart(quotation(p.write(v[0]))) }},
		{Name: "code", Takes: []template.Kind{template.Line}, Gives: template.Part, Doc: "a line in code font",
			Call: func(_ page, v []template.Value) template.Value { return template.NewPart(markdown.Code(v[0].Words())) }},
		made("readiness", "what the spec must say before the stage is left, ticked as far as it does", nil, page.readyList),
		made("lacking", "what of that it does not say yet", nil, page.lackingList),
		made("open_questions", "what people will ask and the spec does not answer yet", questionsAsked, page.openQuestions),
		made("scope", "what is in and what is out", []string{"scope.in", "scope.out"}, page.scope),
		made("sections", "the free sections of the spec", []string{"sections"}, page.free),
		made("criteria", "the acceptance criteria, to be ticked off; edge cases and UAT are marked", criteria, page.acceptance),
		made("criteria_text", "the acceptance criteria, to be read", criteria, page.acceptanceText),
		made("user_tests", "the acceptance criteria, those for UAT first", criteria, page.userTests),
		made("technology", "what there is to build", items, page.technology),
		made("technology_names", "what there is to build, by name", items, page.technologyNames),
		made("item", "the part that the ticket builds", []string{"item.name", "item.kind", "item.key", "item.description"}, page.item),
		made("item_criteria", "the part's criteria, or else the capability's", []string{"item.acceptance", "acceptance_criteria"}, page.itemAcceptance),
		made("whole_criteria", "the capability's criteria, where the part has its own", criteria, page.criteriaAround),
		made("added", "what the spec says about a ticket of its own", []string{"ticket.body", "ticket.estimate"}, page.added),
		made("rework", "who sent it back, and why", nil, page.rework),
		made("costs", "what it costs to run: sum, table and chart", costs, page.insideCosts),
		made("part_costs", "what the part that the ticket builds costs to run", []string{"cogs.drivers"}, page.partCosts),
		made("compliance_checklist", "the config's checklist for compliance", nil, page.complianceList),
		made("shipping", "version, date and the text for customers", []string{"release.version", "release.target_date", "release.notes"}, page.shipping),
		made("must_be_ready", "the other tickets that the stage waits for", nil, page.mustBeReady),
		made("left_behind", "what else is meant for the version and not ready for it", []string{"release.version"}, page.leftBehind),
		made("release_costs", "what all capabilities of the version together cost to run", []string{"release.version", "cogs.drivers"}, page.releaseCosts),
		made("pages", "the pages of the documentation, to be ticked off, each with its reason", []string{"release.docs"}, page.pages),
		made("embargo", "the embargo, in a sentence", []string{"press.embargo"}, page.embargo),
		made("campaign", "the campaign's name and its launch date", []string{"marketing.campaign", "marketing.launch_date"}, page.campaign),
	}
}

func below(head, text string) template.Value {
	if text == "" {
		return template.NewPart("")
	}
	return template.NewPart(head + text)
}

// write gives words as Markdown, on their own lines.
func (p page) write(v template.Value) string {
	switch v.Kind() {
	case template.Line:
		return line(v.Words())
	case template.Text:
		return p.text(v.Words())
	}
	return v.Words()
}
