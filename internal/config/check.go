package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// references checks what stages say about one another. What a default says about a stage that
// was dropped or moved behind it is taken out; what a person says about it is a finding.
func (m *merger) references() {
	p := &m.config.Pipeline
	for n := range p.Stages {
		s := &p.Stages[n]
		i, written := m.given[s.ID]
		at := func(path ...any) diag.Position { return m.doc.At(append([]any{"pipeline", "stages", i}, path...)...) }
		back := written && m.doc.Len("pipeline", "stages", i, "reject_to") > 0
		for j, to := range s.RejectTo {
			if back {
				m.earlier(at("reject_to", j), s.ID, to, "a rejection can only return to an earlier stage")
			}
		}
		s.RejectTo = slices.DeleteFunc(s.RejectTo, func(to string) bool { return p.index(to) < 0 || p.index(to) >= n })
		m.stageTickets(s, at, written && m.doc.Len("pipeline", "stages", i, "tickets") > 0)
		if !written {
			continue
		}
		fields := capability.Fields()
		for j, field := range s.Ready {
			if m.doc.Len("pipeline", "stages", i, "ready") > 0 && !slices.Contains(fields, field) {
				m.fail(at("ready", j), "unknown-field", fmt.Sprintf("specs have no field %q", field), fieldHint(field, fields))
			}
		}
		if people := logins(s.Approvers); len(people) == len(s.Approvers) && s.MinApprovals > len(people) {
			m.fail(at("min_approvals"), "too-few-approvers", fmt.Sprintf("%d approvals are asked for, but the list names fewer people (%d)", s.MinApprovals, len(people)),
				"name more approvers, or ask for fewer approvals")
		}
	}
}

func fieldHint(field string, fields []string) string {
	if near, ok := plain.Nearest(field, fields); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "name a field as specs do, like legal or release.notes"
}

func logins(approvers []string) []string {
	var out []string
	for _, a := range approvers {
		if !strings.HasPrefix(a, "role:") && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// earlier checks that a stage names one that comes before it.
func (m *merger) earlier(at diag.Position, own, named, what string) {
	p := m.config.Pipeline
	switch i := p.index(named); {
	case i < 0:
		m.fail(at, "unknown-stage", fmt.Sprintf("there is no stage %q", named), plain.Suggest(named, p.IDs()))
	case i >= p.index(own):
		m.fail(at, "wrong-order", fmt.Sprintf("%s, and %q does not come before %q", what, named, own),
			"allowed are: "+strings.Join(p.IDs()[:p.index(own)], ", "))
	}
}

func (m *merger) stageTickets(s *Stage, at func(...any) diag.Position, written bool) {
	seen := map[string]bool{}
	conditions := append(capability.Fields(), "cogs.over_threshold")
	for j := range s.Tickets {
		t := &s.Tickets[j]
		if !written {
			if at := m.config.Pipeline.index(t.OpensAt); at < 0 || at > m.config.Pipeline.index(s.ID) {
				t.OpensAt = ""
			}
			continue
		}
		if seen[t.Key] {
			m.fail(at("tickets", j, "key"), "duplicate-ticket-key", fmt.Sprintf("the key %q stands twice in the stage %q", t.Key, s.ID), "give this ticket another key")
		}
		seen[t.Key] = true
		if !slices.Contains(Audiences(), t.Audience) {
			m.fail(at("tickets", j, "audience"), "unknown-audience", fmt.Sprintf("there is no audience %q", t.Audience), plain.Suggest(t.Audience, Audiences()))
		}
		if t.OpensAt != "" && t.OpensAt != s.ID {
			m.earlier(at("tickets", j, "opens_at"), s.ID, t.OpensAt, "a ticket can only open at an earlier stage")
		}
		if t.When != "" && !slices.Contains(conditions, t.When) {
			m.fail(at("tickets", j, "when"), "unknown-field", fmt.Sprintf("specs have no field %q", t.When), fieldHint(t.When, conditions))
		}
	}
}

func (m *merger) tracks() {
	p := &m.config.Pipeline
	all := p.IDs()
	if slices.Contains(m.doc.Keys("pipeline", "tracks"), "standard") {
		m.fail(m.doc.KeyAt("pipeline", "tracks", "standard"), "standard-track", "the track standard is always the whole pipeline",
			"give the track another name, or change the stages themselves")
	}
	for _, name := range m.doc.Keys("pipeline", "tracks") {
		t := p.Tracks[name]
		last := -1
		for j, id := range t.Stages {
			at := m.doc.At("pipeline", "tracks", name, "stages", j)
			switch i := p.index(id); {
			case i < 0:
				m.fail(at, "unknown-stage", fmt.Sprintf("there is no stage %q", id), plain.Suggest(id, all))
			case i == last:
				m.fail(at, "wrong-order", fmt.Sprintf("the stage %q stands here twice", id), "take one of them out")
			case i < last:
				m.fail(at, "wrong-order", fmt.Sprintf("the stage %q comes before %q in the pipeline", id, all[last]), "put the stages of the track into the order: "+strings.Join(all, ", "))
			default:
				last = i
			}
		}
		if !slices.Contains(t.Stages, "shipped") {
			t.Stages = append(t.Stages, "shipped")
		}
		p.Tracks[name] = t
	}
	p.Tracks["standard"] = Track{Stages: all}
}

func (m *merger) money() {
	c := &m.config.Cogs
	if !c.Bands.Low.IsZero() {
		m.fail(m.doc.At("cogs", "bands", "low"), "bad-bands", "the band low begins at 0", "write \"0\", or leave it out")
	}
	if !c.Bands.Medium.GreaterThan(c.Bands.Low.Decimal) || !c.Bands.High.GreaterThan(c.Bands.Medium.Decimal) {
		m.fail(m.doc.At("cogs", "bands"), "bad-bands",
			fmt.Sprintf("the bands do not ascend: low %s, medium %s, high %s", c.Bands.Low.Canonical(), c.Bands.Medium.Canonical(), c.Bands.High.Canonical()),
			"each lower bound must be greater than the one before; those you leave out are 0, 100 and 1000")
	}
	for _, code := range slices.Sorted(maps.Keys(c.Rates)) {
		at := m.doc.At("cogs", "rates", code)
		switch {
		case !cogs.ValidCurrency(code):
			m.fail(m.doc.KeyAt("cogs", "rates", code), "bad-currency", fmt.Sprintf("%q is not a currency", code), "write the three capital letters of ISO 4217, like USD or EUR")
		case !c.Rates[code].IsPositive():
			m.fail(at, "bad-rate", fmt.Sprintf("the rate of %s must be greater than 0", code), fmt.Sprintf("write what one %s is worth in %s", code, c.Currency))
		case code == c.Currency && !c.Rates[code].Equal(cogs.MustDecimal("1").Decimal):
			m.fail(at, "bad-rate", fmt.Sprintf("%s is the currency of the totals, so its rate is 1", code), "take the line out")
		}
	}
}

// policies checks that each policy about cost can do what it says.
func (m *merger) policies() {
	p := &m.config.Cogs.Policies
	warn := func(rule, message, hint string, at ...any) {
		at = append([]any{"cogs", "policies"}, at...)
		m.findings.Add(diag.Finding{Position: m.doc.At(at...), Severity: diag.Warning, Rule: rule, Message: message, Hint: hint})
	}
	limits, asked := p.MaxIncrease, m.doc.Text("cogs", "policies", "max_increase", "level") != ""
	switch none := limits.Amount.IsZero() && limits.Percent.IsZero(); {
	case none && limits.Level != cogs.Off:
		warn("no-limit", "max_increase has neither an amount nor a percentage, so nothing is ever beyond it", `add one, as in "amount: 200" or "percent: 25"`, "max_increase")
	case !none && !asked:
		warn("no-level", "max_increase has a limit, and nothing happens beyond it", `add "level: warn" or "level: block"`, "max_increase")
	}
	if m.doc.Text("cogs", "policies", "cost_review") == cogs.Warn && p.CostReviewAbove.IsZero() {
		warn("no-limit", "cost_review says what happens above a cost, and no cost is given", `add "cost_review_above: 500", say`, "cost_review")
	}
	if m.config.Pipeline.index(p.EstimateFrom) >= 0 {
		return
	}
	if m.doc.Text("cogs", "policies", "estimate_from") != "" {
		m.fail(m.doc.At("cogs", "policies", "estimate_from"), "unknown-stage", fmt.Sprintf("there is no stage %q", p.EstimateFrom), plain.Suggest(p.EstimateFrom, m.config.Pipeline.IDs()))
		return
	}
	// The default one was dropped: the next one that is left.
	later := Default().Pipeline.IDs()
	for _, id := range later[slices.Index(later, p.EstimateFrom):] {
		if m.config.Pipeline.index(id) >= 0 {
			p.EstimateFrom = id
			return
		}
	}
}

// capacity warns of an audience that would be taken for a person.
func (m *merger) capacity() {
	for _, who := range m.doc.Keys("capacity", "wip") {
		if slices.Contains(Audiences(), who) {
			m.findings.Add(diag.Finding{
				Position: m.doc.KeyAt("capacity", "wip", who), Severity: diag.Warning, Rule: "audience-as-login",
				Message: fmt.Sprintf("%q is taken for the login of a person", who), Hint: fmt.Sprintf("write \"audience:%s\", in quotes, if you mean the audience", who),
			})
		}
	}
}

// labels checks that names of labels are ours, and that no two become one.
func (m *merger) labels() {
	ours := m.labelNames()
	warn := func(group, label, rule, message, hint string) {
		m.findings.Add(diag.Finding{Position: m.doc.KeyAt("labels", group, label), Severity: diag.Warning, Rule: rule, Message: message, Hint: hint})
	}
	for _, group := range []string{"colors", "map"} {
		for _, label := range m.doc.Keys("labels", group) {
			id, isID := strings.CutPrefix(label, "capability:")
			switch {
			case !slices.Contains(ours, label) && (!isID || id == ""):
				warn(group, label, "unknown-label", fmt.Sprintf("the program sets no label %q", label), labelHint(label, ours))
			case group == "map" && strings.HasSuffix(label, ":"):
				warn(group, label, "not-mappable", fmt.Sprintf("%q is only the beginning of labels, and each is mapped by itself", label), "write a line for each, as in "+firstOf(ours, label))
			case group == "map" && !Mappable(label):
				warn(group, label, "not-mappable", fmt.Sprintf("the label %q keeps its name: tickets are found, and decisions made, by it", label), "take the line out")
			}
		}
	}
	m.targets(ours)
}

// targets checks what labels are mapped to.
func (m *merger) targets(ours []string) {
	target := map[string]string{}
	for _, label := range m.doc.Keys("labels", "map") {
		if !Mappable(label) {
			continue // said already
		}
		name, at := m.config.Labels.Map[label], m.doc.At("labels", "map", label)
		to := strings.ToLower(name)
		id, isID := strings.CutPrefix(to, "capability:")
		switch other, taken := target[to]; {
		case name == "":
			m.fail(at, "no-label", fmt.Sprintf("%q is mapped to nothing", label), "write the name of a label, or take the line out")
		case to == strings.ToLower(label): // it stays as it is
		case slices.Contains(ours, to) || isID && id != "":
			m.fail(at, "label-taken", fmt.Sprintf("the program uses the label %q itself", name), fmt.Sprintf("map %q to a label that means nothing else here", label))
		case taken:
			m.fail(at, "label-twice", fmt.Sprintf("%q and %q would both become the label %q", other, label, name),
				"give each its own label, so that they can be told apart")
		}
		target[to] = label
	}
}

// Mappable tells whether a repository can use another name for a label of ours. Tickets are found
// by some, and by "approved" and "rejected" people decide: those have one name everywhere.
func Mappable(label string) bool {
	return !slices.Contains([]string{"ticketfoundry", "capability", "board", "approved", "rejected"}, strings.ToLower(label)) && !strings.HasPrefix(label, "capability:")
}

// firstOf gives the first label that begins so.
func firstOf(labels []string, prefix string) string {
	i := slices.IndexFunc(labels, func(l string) bool { return strings.HasPrefix(l, prefix) && l != prefix })
	if i < 0 {
		return prefix + "…"
	}
	return labels[i]
}

// labelNames are the labels that the program sets, but for those of capabilities, and what they
// begin with.
func (m *merger) labelNames() []string {
	out := slices.Collect(maps.Keys(defaultColors()))
	add := func(prefix string, names ...string) {
		for _, n := range names {
			out = append(out, prefix+n)
		}
	}
	add("stage:", m.config.Pipeline.IDs()...)
	add("stage:", slices.Collect(maps.Keys(m.given))...) // those with errors too
	add("audience:", Audiences()...)
	add("type:", "task", "story", "bug", "tech_debt")
	add("", "priority:", "cogs:")
	slices.Sort(out)
	return slices.Compact(out)
}

// labelHint names the label that was meant, or else those of the same kind.
func labelHint(label string, ours []string) string {
	kind, _, ok := strings.Cut(label, ":")
	alike := slices.DeleteFunc(slices.Clone(ours), func(l string) bool {
		return !strings.HasPrefix(l, kind+":") || strings.HasSuffix(l, ":")
	})
	if !ok || len(alike) == 0 {
		alike = ours
	}
	return plain.Suggest(label, alike)
}

// tag checks that the name of a release's tag tells its versions apart.
func (m *merger) tag() {
	pattern, at := m.config.Release.Tag, m.doc.At("release", "tag")
	for _, p := range placeholder.FindAllString(pattern, -1) {
		if p != "{product}" && p != "{version}" {
			m.fail(at, "unknown-placeholder", fmt.Sprintf("nothing is put in the place of %s", p), "allowed are: {product}, {version}")
			return
		}
	}
	if !strings.Contains(pattern, "{version}") {
		m.fail(at, "no-version", fmt.Sprintf("%q would be the tag of every version", pattern), "put {version} where the version should stand, as in {product}-v{version}")
		return
	}
	if fault := TagFault(strings.NewReplacer("{product}", "CRM", "{version}", "1").Replace(pattern)); fault != "" {
		m.fail(at, "impossible-tag", fmt.Sprintf("Git takes no tag that is named like %q: it %s", pattern, fault), "write it as in {product}-v{version}")
	}
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)
