package capability

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// MaxTickets is how many sub-issues GitHub lets an issue have.
const MaxTickets = 100

// checker looks at what a schema cannot say about one file: how its fields fit together and
// with the config.
type checker struct {
	file       *File
	doc        *document.Doc
	vocabulary Vocabulary
	findings   diag.List
}

func (c *checker) run() {
	c.stages()
	c.tickets()
	c.keys()
	c.cost()
	c.criteria()
	c.launch()
	c.dependencies()
	c.fileName()
}

func (c *checker) add(at diag.Position, severity diag.Severity, rule, message, hint string) {
	c.findings.Add(diag.Finding{Position: at, Severity: severity, Rule: rule, Message: message, Hint: hint})
}

func (c *checker) fail(at diag.Position, rule, message, hint string) {
	c.add(at, diag.Error, rule, message, hint)
}

// known checks a name against the allowed ones; no allowed ones allow everything.
func (c *checker) known(at diag.Position, what, text string, allowed []string) bool {
	if text == "" || len(allowed) == 0 || slices.Contains(allowed, text) {
		return true
	}
	c.fail(at, "unknown-"+what, fmt.Sprintf("there is no %s %q", what, text), plain.Suggest(text, allowed))
	return false
}

func (c *checker) stages() {
	v, spec := c.vocabulary, &c.file.Capability
	trackKnown := true
	if len(v.Tracks) > 0 {
		trackKnown = c.known(c.doc.At("track"), "track", spec.Track, slices.Sorted(maps.Keys(v.Tracks)))
		if !trackKnown {
			c.findings[len(c.findings)-1].Hint += "; other tracks are defined under pipeline in the config file"
		}
	}
	if spec.StartStage == "" {
		return
	}
	at := c.doc.At("start_stage")
	switch {
	case !v.AllowStartStage && len(v.Stages) > 0:
		c.fail(c.doc.KeyAt("start_stage"), "start-stage-refused", "the config file does not let capabilities start in the middle",
			"take start_stage out, or set allow_start_stage: true under pipeline in the config file")
	case c.known(at, "stage", spec.StartStage, v.Stages) && trackKnown && !c.onTrack(spec.StartStage):
		c.fail(at, "not-on-track", fmt.Sprintf("the track %q does not pass the stage %q", spec.Track, spec.StartStage),
			"allowed are: "+strings.Join(v.Tracks[spec.Track], ", "))
	}
}

func (c *checker) onTrack(stage string) bool {
	track, ok := c.vocabulary.Tracks[c.file.Capability.Track]
	return !ok || slices.Contains(track, stage)
}

func (c *checker) tickets() {
	v := c.vocabulary
	for _, stage := range c.doc.Keys("tickets") {
		at := c.doc.KeyAt("tickets", stage)
		switch known := c.known(at, "stage", stage, v.Stages); {
		case known && stage == "shipped":
			c.fail(at, "closed-stage", "a capability is closed once it is shipped; no ticket belongs there", "put the tickets under release or an earlier stage")
		case known && len(v.Stages) > 0 && !c.onTrack(stage):
			c.add(at, diag.Warning, "not-on-track",
				fmt.Sprintf("the track %q does not pass the stage %q; these tickets are never opened", c.file.Capability.Track, stage),
				"move them to another stage, or take them out")
		}
	}
	for i, at := range c.ticketPlaces() {
		t := c.file.Capability.Tickets[i]
		c.known(c.doc.At(append(at, "audience")...), "audience", t.Audience, v.Audiences)
		c.opens(c.doc.At(append(at, "opens_at")...), t)
		for j, label := range t.Labels {
			c.label(c.doc.At(append(at, "labels", j)...), label)
		}
	}
}

// ticketPlaces gives the path of each of the spec's own tickets, in file order.
func (c *checker) ticketPlaces() [][]any {
	var out [][]any
	for _, stage := range c.doc.Keys("tickets") {
		for i := range c.doc.Len("tickets", stage) {
			out = append(out, []any{"tickets", stage, i})
		}
	}
	return out
}

func (c *checker) opens(at diag.Position, t StageTicket) {
	stages := c.vocabulary.Stages
	if t.OpensAt == "" || !c.known(at, "stage", t.OpensAt, stages) {
		return
	}
	if own := slices.Index(stages, t.Stage); own >= 0 && slices.Index(stages, t.OpensAt) > own {
		c.fail(at, "opens-too-late", fmt.Sprintf("the ticket belongs to %q but would open at %q, which comes later", t.Stage, t.OpensAt),
			"name an earlier stage, or leave opens_at out")
	}
}

func (c *checker) label(at diag.Position, label string) {
	prefix, _, isPair := strings.Cut(label, ":")
	managed := []string{"ticketfoundry", "capability", "board", "blocked", "on-hold", "in-rework", "needs-reapproval", "approved", "rejected"}
	pairs := []string{"capability", "stage", "audience", "type", "priority", "cogs"}
	if lower := strings.ToLower(label); slices.Contains(managed, lower) || isPair && slices.Contains(pairs, strings.ToLower(prefix)) {
		c.fail(at, "managed-label", fmt.Sprintf("the label %q is set by the program itself", label), "take it out, or choose another name")
	}
}

// keyed is one thing that becomes a ticket with a key in a stage.
type keyed struct {
	stage, key string
	at         []any
}

// keys looks for ticket keys that stand twice in a stage, and for too many tickets.
func (c *checker) keys() {
	var all []keyed
	t := c.file.Capability.Technology
	for _, list := range []struct {
		name  string
		items []Item
	}{{"apis", t.APIs}, {"entities", t.Entities}, {"screens", t.Screens}, {"flows", t.Flows}, {"skills", t.Skills}} {
		for i, item := range list.items {
			all = append(all, keyed{"build", item.Key, []any{"technology", list.name, i, "key"}})
		}
	}
	for i, place := range c.ticketPlaces() {
		ticket := c.file.Capability.Tickets[i]
		all = append(all, keyed{ticket.Stage, ticket.Key, append(place, "key")})
	}
	seen := map[string]keyed{}
	for _, k := range all {
		id := k.stage + "/" + k.key
		first, twice := seen[id]
		switch {
		case twice:
			c.fail(c.doc.At(k.at...), "duplicate-ticket-key",
				fmt.Sprintf("the key %q stands twice in the stage %q, first on line %d", k.key, k.stage, c.doc.At(first.at...).Line),
				fmt.Sprintf("call this one %q", c.free(k, seen)))
		case slices.Contains(c.vocabulary.StageTickets[k.stage], k.key):
			c.fail(c.doc.At(k.at...), "duplicate-ticket-key",
				fmt.Sprintf("every capability has a ticket with the key %q in the stage %q already", k.key, k.stage),
				fmt.Sprintf("call this one %q", c.free(k, seen)))
		default:
			seen[id] = k
		}
	}
	c.tooMany(len(all), len(t.Items()))
}

// free proposes a key that is not taken: the list's name or a number goes behind it.
func (c *checker) free(k keyed, seen map[string]keyed) string {
	candidates := []string{}
	if list, ok := k.at[1].(string); ok && k.at[0] == "technology" {
		singular := map[string]string{"apis": "api", "entities": "entity", "screens": "screen", "flows": "flow", "skills": "skill"}
		candidates = append(candidates, k.key+"-"+singular[list])
	}
	for i := 2; ; i++ {
		candidates = append(candidates, fmt.Sprintf("%s-%d", k.key, i))
		for _, key := range candidates {
			_, taken := seen[k.stage+"/"+key]
			if !taken && !slices.Contains(c.vocabulary.StageTickets[k.stage], key) {
				return key
			}
		}
	}
}

func (c *checker) tooMany(own, items int) {
	total := own
	for stage, keys := range c.vocabulary.StageTickets {
		if c.onTrack(stage) {
			total += len(keys)
		}
	}
	if items > 0 && len(c.vocabulary.StageTickets["build"]) > 0 {
		total-- // the items stand in for the ticket that builds it all
	}
	if total > MaxTickets {
		at := c.doc.KeyAt("tickets")
		if items > own/2 {
			at = c.doc.KeyAt("technology")
		}
		c.fail(at, "too-many-tickets", fmt.Sprintf("the capability would have up to %d tickets; GitHub allows %d under one issue", total, MaxTickets),
			"split the capability in two, or join some of its tickets")
	}
}

func (c *checker) cost() {
	e := c.file.Capability.Cogs
	amounts := e.Known() || !e.Budget.IsZero() || !e.Actual.Amount.IsZero()
	if amounts && e.Currency == "" {
		c.fail(c.doc.KeyAt("cogs"), "missing-key", `"currency" is missing in "cogs"`, `add a line "currency: USD", or the currency that the amounts are in`)
	}
	var parts []string
	for _, item := range c.file.Capability.Technology.Items() {
		parts = append(parts, item.Key)
	}
	for i, d := range e.Drivers {
		if d.Part == "" || slices.Contains(parts, d.Part) {
			continue
		}
		hint := plain.Suggest(d.Part, parts)
		if len(parts) == 0 {
			hint = "list what is built under technology, or leave part out"
		}
		c.fail(c.doc.At("cogs", "drivers", i, "part"), "unknown-part", fmt.Sprintf("nothing under technology has the key %q", d.Part), hint)
	}
}

func (c *checker) criteria() {
	seen := map[string]int{}
	for i, criterion := range c.file.Capability.AcceptanceCriteria {
		if criterion.ID == "" {
			continue
		}
		at := c.doc.At("acceptance_criteria", i, "id")
		if line, twice := seen[criterion.ID]; twice {
			c.fail(at, "duplicate-criterion", fmt.Sprintf("the id %q stands here twice, first on line %d", criterion.ID, line), "give this one another id")
			continue
		}
		seen[criterion.ID] = at.Line
	}
}

func (c *checker) dependencies() {
	spec := &c.file.Capability
	for i, id := range spec.DependsOn {
		at := c.doc.At("depends_on", i)
		switch {
		case id == spec.ID:
			c.fail(at, "self-dependency", fmt.Sprintf("%s depends on itself", id), "take the line out")
		case slices.Index(spec.DependsOn, id) < i:
			c.add(at, diag.Warning, "repeated", fmt.Sprintf("%s stands here twice", id), "take one of them out")
		}
	}
}

// fileName warns when people could not find the file by its id.
func (c *checker) fileName() {
	base, id := path.Base(c.file.Path), c.file.Capability.ID
	at := strings.Index(strings.ToUpper(base), id)
	digit := func(i int) bool { return i >= 0 && i < len(base) && base[i] >= '0' && base[i] <= '9' }
	if at < 0 || digit(at+len(id)) {
		c.add(c.doc.At("id"), diag.Warning, "file-name", fmt.Sprintf("the name of the file does not hold the id %s", id),
			fmt.Sprintf("call it %s", path.Join(path.Dir(c.file.Path), id+path.Ext(base))))
	}
}
