package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

const (
	maxMarkdown = 60_000 // bytes; GitHub takes 65,536 characters in a comment
	maxOpen     = 3      // capabilities whose table stands open
	maxRows     = 200    // changes with a line of their own
	maxFindings = 50
	maxNotices  = 30
)

// PlanMarkdown gives the plan for a comment on a pull request or a job summary: the sentence,
// what stops it, the findings, the cost, and each capability's changes. However large the plan,
// it stays under 60,000 bytes; what is left out is counted.
func PlanMarkdown(p plan.Plan, findings diag.List) string {
	parts := []string{strings.TrimSpace(sentence(p.Summary) + " " + sentence(effort(p.Estimate)))}
	for _, b := range p.Brakes {
		parts = append(parts, "> [!CAUTION]\n> Stopped before the first write: "+literal(b.Text)+" "+markdown.Code(b.Rule))
	}
	if len(p.Held) > 0 {
		parts = append(parts, "> [!WARNING]\n> Left alone, as their file is invalid: "+literal(list(p.Held, maxNotices)))
	}
	if len(findings) > 0 {
		parts = append(parts, "### Findings", FindingsMarkdown(findings, maxFindings))
	}
	if p.Cogs.Change.Differs() {
		parts = append(parts, "### Cost", CostChange(p.Cogs.Change))
	}
	also := extrasMarkdown(p)
	head, tail := strings.Join(parts, "\n\n"), strings.Join(also, "\n\n")
	head, _ = markdown.Cut(head, maxMarkdown/2)
	tail, _ = markdown.Cut(tail, maxMarkdown/6)
	changes := changesMarkdown(groups(p), maxMarkdown-len(head)-len(tail)-200)
	if changes != "" {
		changes = "### Changes\n\n" + changes
	}
	return joinParts(head, changes, tail)
}

// sentence gives a sentence of ours as a paragraph with a capital and a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return literal(upper(s) + ".")
}

// upper begins a text with a capital.
func upper(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

func joinParts(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n")
}

// list names the first few and counts the rest.
func list(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// changesMarkdown gives a table per capability within a budget of bytes and rows.
func changesMarkdown(all []group, room int) string {
	var out []string
	shown, total := 0, 0
	for _, g := range all {
		total += len(g.changes)
	}
	full := false
	for _, g := range all {
		if full {
			break
		}
		var rows []string
		for _, c := range g.changes {
			row := g.row(c)
			if shown == maxRows || room < len(row)+400 { // 400: what frames a table
				full = true
				break
			}
			room -= len(row)
			rows, shown = append(rows, row), shown+1
		}
		if len(rows) > 0 {
			md := g.table(rows, len(all) > maxOpen)
			room -= len(md) - len(strings.Join(rows, ""))
			out = append(out, md)
		}
	}
	if rest := total - shown; rest > 0 {
		out = append(out, fmt.Sprintf("and %s, in the log of the run", count(rest, "more change")))
	}
	return strings.Join(out, "\n\n")
}

func (g group) table(rows []string, folded bool) string {
	table := "| | issue | what | for |\n|---|---|---|---|\n" + strings.Join(rows, "\n")
	if folded {
		return fold(inHTML(g.title)+": "+count(len(g.changes), "change"), table)
	}
	return "**" + literal(g.title) + "**\n\n" + table
}

func (g group) row(c plan.Change) string {
	issue := literal(named(plan.Change{Key: c.Key, Title: c.Title}))
	if c.Ref != "" {
		issue = reference(c.Ref, c.URL) + " " + issue
	}
	who := ""
	if c.Action == plan.Create {
		who = people(c.Assignees)
	}
	table := markdown.Table(make([]string, 4), [][]string{{mark(c.Action), issue, clip(what(c)), literal(who)}})
	return table[strings.LastIndex(table, "\n")+1:]
}

// what tells the act and why, then the parts that change.
func what(c plan.Change) string {
	text := string(c.Action) + ": " + c.Reason
	if c.Reason == "" {
		text = string(c.Action)
	}
	if fields := fieldTexts(c); len(fields) > 0 {
		text += " (" + strings.Join(fields, "; ") + ")"
	}
	return literal(text)
}

// extrasMarkdown is what stands below the changes.
func extrasMarkdown(p plan.Plan) []string {
	var out []string
	if n := len(p.Labels); n > 0 {
		var names []string
		for _, l := range p.Labels {
			names = append(names, l.Name)
		}
		out = append(out, "Creates "+count(n, "label")+": "+literal(list(names, maxNotices)))
	}
	if n := len(p.Milestones); n > 0 {
		out = append(out, "Creates or re-dates "+count(n, "milestone")+": "+literal(milestoneNames(p.Milestones)))
	}
	var notes []string
	for _, t := range p.Twins {
		notes = append(notes, fmt.Sprintf("closes %s as a duplicate of %s: both are %s", t.Ref, t.Stays, t.Key))
	}
	for _, n := range p.Notices {
		notes = append(notes, strings.TrimPrefix(noticeText(n), "note: "))
	}
	if md := bullets(notes, maxNotices); md != "" {
		out = append(out, "### Notes", md)
	}
	return out
}

// bullets gives a list of plain lines, at most so many, and counts the rest.
func bullets(texts []string, most int) string {
	var b strings.Builder
	for i, t := range texts {
		if i == most {
			fmt.Fprintf(&b, "- and %d more, in the log of the run\n", len(texts)-most)
			break
		}
		b.WriteString("- " + clip(literal(t)) + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
