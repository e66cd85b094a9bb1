package desired

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/bugs"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Labels by which our issues are found. They cannot be mapped.
const (
	LabelOurs       = "ticketfoundry"
	LabelCapability = "capability"
	LabelBoard      = "board"

	ofCapability = "capability:"
)

// Labels by which people decide on an approval ticket. They cannot be mapped either: a decision
// has one name everywhere.
const (
	LabelApproved = "approved"
	LabelRejected = "rejected"
)

// Deciding tells whether people decide by a label of this name, in whatever case.
func Deciding(name string) bool {
	return strings.EqualFold(name, LabelApproved) || strings.EqualFold(name, LabelRejected)
}

// Limits of trackers, in characters.
const (
	maxLabel       = 50
	maxDescription = 100
)

// family is a kind of label that is the program's to set and to take away.
type family struct {
	name        string // a label, or a prefix ending in a colon; labels stand before their prefix
	description string // %s stands for what follows the prefix
}

var families = []family{
	{LabelOurs, "Kept up to date by Ticket Foundry from a capability spec"},
	{LabelCapability, "A product capability, from idea to release"},
	{ofCapability, "Belongs to capability %s"},
	{LabelBoard, "Overview of all active capabilities"},
	{"stage:", "Belongs to the stage %s"},
	{"audience:", "Work for %s"},
	{"type:", "Kind of work: %s"},
	{"cogs:unknown", "Running cost not estimated yet"},
	{"cogs:low", "Running cost per month is low"},
	{"cogs:medium", "Running cost per month is medium"},
	{"cogs:high", "Running cost per month is high"},
	{"cogs:over-budget", "Running cost per month is above the budget"},
	{"cogs:", "Running cost per month: %s"},
	{"priority:p0", "Most urgent"},
	{"priority:p1", "Urgent"},
	{"priority:p2", "Normal priority"},
	{"priority:p3", "When there is time"},
	{"priority:", "Priority %s"},
	{"blocked", "Waits for another capability"},
	{"on-hold", "Paused by the spec or by a person"},
	{"in-rework", "Sent back; being reworked"},
	{"needs-reapproval", "Approved content changed; decide again"},
}

// handled are labels that we make where they are missing, and that people set and take off: by
// the first two they decide, the third asks something of their bugs.
var handled = []family{
	{LabelApproved, "Approves what the ticket asks; counts for who sets it"},
	{LabelRejected, "Rejects what the ticket asks; counts for who sets it"},
	{bugs.NeedsContext, "Please name the capability or component it is about"},
}

// Labels gives colour and description of each of the names, for those that the repository
// lacks. A spec's own labels and labels that the config maps to have no look of ours: they get
// a neutral one. The order is that of names, without repeats.
func Labels(cfg *config.Config, names []string) []ticket.Label {
	var out []ticket.Label
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		f, ok := familyOf(name)
		if i := slices.IndexFunc(handled, func(f family) bool { return f.name == name }); i >= 0 {
			f, ok = handled[i], true
		}
		if !ok {
			out = append(out, ticket.Label{Name: name, Color: color(cfg, name)})
			continue
		}
		value := strings.TrimPrefix(name, f.name)
		if strings.HasPrefix(name, "stage:") {
			value = stageName(cfg, value)
		}
		if strings.HasPrefix(name, "type:") {
			value = strings.ReplaceAll(value, "_", " ")
		}
		out = append(out, ticket.Label{
			Name: name, Color: color(cfg, name),
			Description: clip(strings.ReplaceAll(f.description, "%s", value), maxDescription),
		})
	}
	return out
}

// Vocabulary gives the labels that any repository of this config may need, whatever its
// capabilities, under the names that the repository uses.
func Vocabulary(cfg *config.Config) []string {
	b := builder{Input: Input{Config: cfg}}
	var names []string
	for _, f := range families {
		if !strings.HasSuffix(f.name, ":") {
			names = append(names, f.name)
		}
	}
	for _, f := range handled {
		names = append(names, f.name)
	}
	for _, s := range cfg.Pipeline.Stages {
		names = append(names, "stage:"+s.ID)
	}
	for _, a := range config.Audiences() {
		names = append(names, "audience:"+a)
	}
	for _, t := range []string{"task", "story", "bug", "tech_debt"} {
		names = append(names, "type:"+t)
	}
	return b.named(names...)
}

// Managed tells whether a label is in the program's own namespace: it is then put back when it
// goes missing and taken away when it does not belong. "approved" and "rejected" are not:
// people decide by them. Nor are labels that the config maps to: the repository uses them for
// more than us.
func Managed(name string) bool {
	_, ok := familyOf(strings.ToLower(name))
	return ok
}

// Defined tells whether a label is made, and named, by the program: a managed one, or one that
// people decide or are asked by.
func Defined(name string) bool {
	return Managed(name) || slices.ContainsFunc(handled, func(f family) bool { return strings.EqualFold(f.name, name) })
}

func familyOf(name string) (family, bool) {
	for _, f := range families {
		prefix := strings.HasSuffix(f.name, ":")
		if !prefix && f.name == name || prefix && strings.HasPrefix(name, f.name) && len(name) > len(f.name) {
			return f, true
		}
	}
	return family{}, false
}

// color is the config's for the exact name, else for the longest prefix that has one.
func color(cfg *config.Config, name string) string {
	if c := cfg.Labels.Colors[name]; c != "" {
		return c
	}
	for end := strings.LastIndexByte(name, ':'); end >= 0; end = strings.LastIndexByte(name[:end], ':') {
		if c := cfg.Labels.Colors[name[:end+1]]; c != "" {
			return c
		}
	}
	return "ededed"
}

// named gives the repository's names of our labels, sorted, without repeats.
func (b builder) named(names ...string) []string {
	var out []string
	for _, n := range names {
		if to := b.Config.Labels.Map[n]; to != "" && config.Mappable(n) {
			n = to
		}
		out = append(out, clip(n, maxLabel))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (b builder) capabilityLabels() []string {
	names := []string{LabelOurs, LabelCapability, ofCapability + b.c.ID, "stage:" + b.Status.Stage,
		"cogs:" + string(b.band()), "priority:" + cmp.Or(b.c.Priority, "p2")}
	if b.blocked() {
		names = append(names, "blocked")
	}
	names = append(names, b.Status.Flags...)
	if b.c.Status == "on_hold" && !slices.Contains(names, "on-hold") {
		names = append(names, "on-hold")
	}
	return b.named(names...)
}

func (b builder) ticketLabels(t pipeline.Ticket) []string {
	names := []string{LabelOurs, ofCapability + b.c.ID, "stage:" + t.Stage,
		"audience:" + t.Audience, "type:" + cmp.Or(t.Type, "task")}
	if showsCost(t) {
		names = append(names, "cogs:"+string(b.band()))
	}
	return b.named(names...)
}

// extraLabels are the spec's own. A managed name among them would be fought over, so it is
// left to the program.
func (b builder) extraLabels(t pipeline.Ticket) []string {
	var out []string
	for _, l := range t.Added.Labels {
		if !Managed(l) && !slices.Contains(out, l) {
			out = append(out, clip(l, maxLabel))
		}
	}
	return out
}

// showsCost tells whether cost may stand on the ticket: never on what customers or the public
// will read, nor on the tickets of those who write it.
func showsCost(t pipeline.Ticket) bool {
	switch t.Audience {
	case "engineering", "product", "release":
		return !public(t)
	}
	return false
}

func (b builder) band() cogs.Band {
	cfg := b.Config.Cogs
	return b.c.Cogs.Band(cogs.Bounds{Medium: cfg.Bands.Medium, High: cfg.Bands.High}, cfg.Currency, cfg.Rates)
}

// blocked tells whether the capability still has a gate ahead that waits for a dependency.
func (b builder) blocked() bool {
	if b.Status.Closed != "" || !slices.ContainsFunc(b.Depends, func(d Dependency) bool { return !d.Shipped && !d.Waived }) {
		return false
	}
	return slices.ContainsFunc(b.Status.Steps, func(s pipeline.Step) bool {
		return s.Stage.Gate && s.State == pipeline.Ahead
	})
}

// nativeType gives the repository's issue type for a type of ours; empty where it has none.
func (b builder) nativeType(name string) string {
	plain := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	for _, t := range b.Repository.IssueTypes {
		if plain(t) == plain(cmp.Or(name, "task")) {
			return t
		}
	}
	return ""
}

// clip shortens a text to so many characters.
func clip(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return strings.TrimSpace(s[:i])
		}
		n++
	}
	return strings.TrimSpace(s)
}
