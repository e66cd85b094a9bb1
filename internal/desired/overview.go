package desired

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// overviewSections are what the capability issue shows, in order.
var overviewSections = []section{
	{"Pipeline", page.pipelineTable},
	{"Ready to leave", page.readiness},
	{"What holds it up", page.heldUp},
	{"Tickets", page.ticketList},
	{"Who works on it", page.audienceTable},
	{"Running cost", page.costs},
	{"Dependencies", page.dependencies},
	{"Bugs and hotfixes", page.bugs},
	{"Changing it", page.changing},
}

// overview writes the capability issue's block.
func (b builder) overview() string {
	p := page{builder: b, t: pipeline.NoTicket()}
	for _, s := range b.Status.Steps {
		if s.State == pipeline.Current {
			p.stage = s.Stage
		}
	}
	sections := slices.Clone(overviewSections)
	for i := range sections {
		if sections[i].title == "Ready to leave" {
			sections[i].title += " " + line(cmp.Or(p.stage.Name, p.stage.ID))
		}
	}
	parts := []string{b.standing(), b.overviewBundle(), p.text(b.c.Summary)}
	return p.assemble(parts, sections, ticket.MaxBody-markerReserve-StateReserve)
}

// standing is the first line: where the capability stands.
func (b builder) standing() string {
	var s string
	switch at := b.place(); {
	case b.Status.Closed == ticket.Completed:
		s = "**Shipped**"
	case b.Status.Closed != "":
		return "**Closed:** " + b.Status.Why + "."
	case at > 0:
		s = fmt.Sprintf("**%s**, stage %d of %d", line(stageName(b.Config, b.Status.Stage)), at, len(b.Status.Steps))
	default:
		s = "**" + line(stageName(b.Config, b.Status.Stage)) + "**"
	}
	if !b.Status.Since.IsZero() {
		s += ", since " + fullDay(b.Status.Since.UTC())
	}
	s += "."
	if b.c.Status == "on_hold" {
		s += " **On hold:** its spec says `status: on_hold`."
	}
	return s
}

func (b builder) place() int {
	return 1 + slices.IndexFunc(b.Status.Steps, func(s pipeline.Step) bool { return s.State == pipeline.Current })
}

// productName is what people call the product.
func (b builder) productName() string {
	product := b.c.Product()
	return cmp.Or(b.Config.Products[product].Name, product)
}

func (b builder) overviewBundle() string {
	rows := b.facts(true, true)
	if !b.c.Cogs.Known() {
		rows = append(rows, []string{"Running cost", "not estimated yet"})
	}
	rows = append(rows, []string{"Priority", markdown.Code(cmp.Or(b.c.Priority, "p2"))})
	return markdown.Table([]string{"Product", cell(b.productName())}, rows)
}

var stepMarks = map[pipeline.StepState]string{
	pipeline.Skipped: "⏭️ skipped",
	pipeline.Passed:  "✅ passed",
	pipeline.Current: "▶️ **now**",
	pipeline.Ahead:   "⬜ ahead",
}

func (p page) pipelineTable() string {
	var rows [][]string
	for _, s := range p.Status.Steps {
		name := cell(cmp.Or(s.Stage.Name, s.Stage.ID))
		state := stepMarks[s.State]
		switch {
		case s.State == pipeline.Passed && p.again(s):
			state = "⚠️ to be decided again"
		case s.State == pipeline.Passed && !s.Since.IsZero():
			state += ", entered " + p.day(s.Since.UTC())
		}
		if s.State == pipeline.Current {
			name = "**" + name + "**"
			if !p.Status.Since.IsZero() {
				state += " since " + p.day(p.Status.Since.UTC())
			}
		}
		rows = append(rows, []string{name, state, stepTickets(s), p.approvedBy(s)})
	}
	return markdown.Table([]string{"Stage", "State", "Tickets", "Decided by"}, rows)
}

// again tells whether an approval of a passed stage does not hold any more.
func (p page) again(s pipeline.Step) bool {
	return slices.ContainsFunc(s.Tickets, func(t pipeline.Ticket) bool {
		a, ok := p.Status.Approvals[t.Key]
		return ok && t.Due && !a.Holds()
	})
}

// stepTickets are the open ones by number, then those to come by name, or by count when many.
func stepTickets(s pipeline.Step) string {
	var due, later []string
	for _, t := range s.Tickets {
		if t.Due {
			due = append(due, stateMark(t)+ticket.Mention(t.Key))
		} else {
			later = append(later, cell(t.Title))
		}
	}
	if s.State == pipeline.Skipped {
		later = nil
	}
	if len(later) > 2 {
		later = []string{fmt.Sprintf("%d to come", len(later))}
	}
	return strings.Join(append(due, later...), ", ")
}

func (p page) approvedBy(s pipeline.Step) string {
	var who, done []string
	for _, t := range s.Tickets {
		if !t.Approval {
			continue
		}
		for _, name := range approvedNames(p.Status.Approvals[t.Key]) {
			if !slices.Contains(done, name) {
				done = append(done, name)
			}
		}
		if d := deciders(t.Approvers); !slices.Contains(who, d) {
			who = append(who, d)
		}
	}
	if len(done) > 0 && s.State == pipeline.Passed {
		return "approved by " + strings.Join(done, ", ")
	}
	return strings.Join(who, ", ")
}

// readiness is the one task list whose ticks are the program's.
func (p page) readiness() string {
	if p.Status.Closed != "" {
		return ""
	}
	return p.readyList()
}

// ticketList stands in for sub-issues where the server has none.
func (p page) ticketList() string {
	if p.Repository.Features.SubIssues {
		return ""
	}
	var out []string
	for _, t := range p.Status.Due() {
		out = append(out, "- [ ] "+ticket.Mention(t.Key)+" "+line(t.Title))
	}
	return strings.Join(out, "\n")
}

// audienceTable says who has which tickets. People are named for what there is already.
func (p page) audienceTable() string {
	type work struct{ due, later, who []string }
	by := map[string]*work{}
	var order []string
	for _, s := range p.Status.Steps {
		for _, t := range s.Tickets {
			if s.State == pipeline.Skipped && !t.Due {
				continue
			}
			w := by[t.Audience]
			if w == nil {
				w = &work{}
				by[t.Audience] = w
				order = append(order, t.Audience)
			}
			if !t.Due {
				w.later = append(w.later, cell(t.Title))
				continue
			}
			w.due = append(w.due, stateMark(t)+ticket.Mention(t.Key))
			for _, a := range p.assignees(t) {
				if c := markdown.Code(a); !slices.Contains(w.who, c) {
					w.who = append(w.who, c)
				}
			}
		}
	}
	var rows [][]string
	for _, a := range order {
		w := by[a]
		if len(w.later) > 4 {
			w.later = []string{fmt.Sprintf("%d tickets", len(w.later))}
		}
		rows = append(rows, []string{audienceName(a), strings.Join(w.due, ", "), strings.Join(w.who, ", "), strings.Join(w.later, ", ")})
	}
	return markdown.Table([]string{"Audience", "Opened", "People", "To come"}, rows)
}

func (p page) dependencies() string {
	var waits, blocks []string
	for _, d := range p.Depends {
		if !d.Known {
			waits = append(waits, "- "+markdown.Code(d.ID)+": has no usable spec")
			continue
		}
		state := "not shipped yet"
		switch {
		case d.Shipped:
			state = "shipped"
		case d.Waived:
			state = "not shipped yet, waived"
		}
		l := "- " + ticket.Mention(ticket.Key(d.ID)) + " " + line(d.Title) + " (" + markdown.Code(d.ID) + "): " + state
		waits = append(waits, l)
		if !p.Repository.Features.Dependencies && !d.Shipped {
			waits = append(waits, "- Blocked by "+ticket.Mention(ticket.Key(d.ID)))
		}
	}
	for _, id := range p.Blocks {
		blocks = append(blocks, "- "+ticket.Mention(ticket.Key(id))+" ("+markdown.Code(id)+")")
	}
	gate := ""
	for _, s := range p.Status.Steps {
		if s.Stage.Gate {
			gate = " before " + line(cmp.Or(s.Stage.Name, s.Stage.ID))
		}
	}
	return paragraphs(
		under("Must ship"+gate, strings.Join(waits, "\n")),
		under("Waiting for this one", strings.Join(blocks, "\n")),
	)
}

// bugs points to the open bugs that name this capability. The line never changes by itself: what
// it finds stands behind the link.
func (p page) bugs() string {
	if !strings.HasPrefix(p.Repository.URL, "http") || len(p.Config.Bugs.Labels) == 0 {
		return ""
	}
	var labels []string
	for _, l := range p.Config.Bugs.Labels {
		labels = append(labels, searchWord(l))
	}
	find := func(text, by string) string {
		query := "is:issue is:open label:" + strings.Join(labels, ",") + " -label:" + LabelOurs + " " + by
		return "[" + text + "](" + strings.TrimSuffix(p.Repository.URL, "/") + "/issues?q=" + url.QueryEscape(query) + ")"
	}
	return "Open: " + find("those that name "+p.c.ID, `"`+p.c.ID+`"`) + ", and " + find("those with its label", "label:"+searchWord(ofCapability+p.c.ID)) + "."
}

// searchWord quotes a label for a search, unless it is one plain word.
func searchWord(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return `"` + strings.ReplaceAll(s, `"`, "") + `"`
	}
	return s
}

func (p page) changing() string {
	edit := p.fileLink(p.File.Path, "edit", cmp.Or(p.Repository.DefaultBranch, "HEAD"))
	return "Edit " + edit + " in a pull request; issue and tickets follow when it is merged. " +
		"This part is written from the spec, so a change made here is undone. What stands below it, and every comment, is yours."
}
