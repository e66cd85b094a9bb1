package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// group is the changes of one capability that are worth telling, in the plan's order.
type group struct {
	capability string
	title      string // of the capability issue; the id if the plan does not hold it
	changes    []plan.Change
}

// groups leaves out what stays as it is.
func groups(p plan.Plan) []group {
	var out []group
	at := map[string]int{}
	for _, c := range p.Changes {
		id := c.Key.Capability()
		i, ok := at[id]
		if !ok {
			i = len(out)
			at[id] = i
			out = append(out, group{capability: id, title: id})
		}
		if c.Key.IsCapability() {
			out[i].title = cmp.Or(c.Title, id)
		}
		if c.Action != plan.Keep {
			out[i].changes = append(out[i].changes, c)
		}
	}
	return dropEmpty(out)
}

func dropEmpty(all []group) []group {
	var out []group
	for _, g := range all {
		if len(g.changes) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// PlanText writes the plan for a terminal or log: the sentence first, then what stops it, each
// capability's changes, what else is created, and what a person should know. Issues that stay
// as they are do not appear.
func PlanText(w io.Writer, p plan.Plan) {
	l := newLines(w)
	l.add("%s", p.Summary)
	if text := effort(p.Estimate); text != "" {
		l.add("%s", text)
	}
	for _, b := range p.Brakes {
		l.add("! stopped before the first write [%s]: %s", b.Rule, b.Text)
	}
	for _, g := range groups(p) {
		l.gap()
		l.add("%s", g.title)
		g.write(l)
	}
	if also := extras(p); len(also) > 0 {
		l.gap()
		for _, line := range also {
			l.add("%s", line)
		}
	}
	_ = l.end()
}

func (g group) write(l lines) {
	var said string
	for _, c := range g.changes {
		line := fmt.Sprintf("  %s %s", mark(c.Action), named(c))
		if c.Action == plan.Create {
			line += ", assigned to " + people(c.Assignees)
		}
		if why := string(c.Action) + c.Reason; c.Reason != "" && why != said {
			line += ": " + c.Reason
			said = why
		}
		l.add("%s", line)
		for _, text := range fieldTexts(c) {
			l.add("      %s", text)
		}
	}
}

// named is the issue as people know it: "#12 [Build] Scoring endpoint".
func named(c plan.Change) string {
	title := short(c.Title, c.Key.Capability())
	if c.Key.IsCapability() {
		title = "capability issue"
	}
	if c.Ref != "" {
		return string(c.Ref) + " " + title
	}
	return title
}

// fieldTexts tell what changes on an issue. Where nothing of it can be seen, they say that.
func fieldTexts(c plan.Change) []string {
	if c.Action == plan.Update && len(c.Fields) == 0 {
		return []string{"only what is hidden in its text: what the program remembers"}
	}
	var out []string
	for _, f := range c.Fields {
		out = append(out, fieldText(f))
	}
	return out
}

// fieldText tells one change: "labels -a +b" for parts of a list, "title: a → b" for a value.
func fieldText(f plan.Field) string {
	name := strings.ReplaceAll(f.Name, "_", " ")
	switch f.Name {
	case "labels", "assignees", "blocked_by":
		return strings.TrimSpace(name + ": " + strings.TrimSpace(f.Before+" "+f.After))
	case "state":
		return name + ": " + strings.ReplaceAll(f.Before+" → "+f.After, "_", " ")
	case "body":
		name = "text"
		if size, fresh, ok := strings.Cut(f.After, ", "); ok && size == f.Before {
			return name + ": " + size + ", " + fresh
		}
	}
	return fmt.Sprintf("%s: %s → %s", name, cmp.Or(f.Before, "none"), cmp.Or(f.After, "none"))
}

// extras are the lines below the changes.
func extras(p plan.Plan) []string {
	var out []string
	if n := len(p.Labels); n > 0 {
		out = append(out, "creates "+count(n, "label")+": "+labelNames(p.Labels))
	}
	if n := len(p.Milestones); n > 0 {
		out = append(out, "creates or re-dates "+count(n, "milestone")+": "+milestoneNames(p.Milestones))
	}
	for _, t := range p.Twins {
		out = append(out, fmt.Sprintf("closes %s as a duplicate of %s: both are %s", t.Ref, t.Stays, t.Key))
	}
	if len(p.Held) > 0 {
		out = append(out, "left alone, as their file is invalid: "+strings.Join(p.Held, ", "))
	}
	for _, n := range p.Notices {
		out = append(out, noticeText(n))
	}
	return out
}

func noticeText(n plan.Notice) string {
	subject := strings.TrimSpace(string(n.Key) + " " + bracketed(n.Ref))
	if subject == "" {
		return "note: " + n.Text
	}
	return "note: " + subject + ": " + n.Text
}

func bracketed(ref ticket.Ref) string {
	if ref == "" {
		return ""
	}
	return "(" + string(ref) + ")"
}

func labelNames(labels []ticket.Label) string {
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = l.Name
	}
	return strings.Join(names, ", ")
}

func milestoneNames(all []ticket.Milestone) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = m.Title
		if m.Due != "" {
			names[i] += " (due " + m.Due + ")"
		}
	}
	return strings.Join(names, ", ")
}

// PlanJSON writes the plan as data, in the shape of schemas/plan.schema.json.
func PlanJSON(w io.Writer, p plan.Plan) error {
	if p.Changes == nil {
		p.Changes = []plan.Change{}
	}
	return writeJSON(w, p)
}
