package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Root is the label that every issue of ours carries: the shortcut for listing them.
const Root = "ticketfoundry"

// Trust says whose issues may be tickets of ours.
type Trust struct {
	Repository string          // its id; markers of other repositories count for nothing
	Writers    map[int64]bool  // account ids of trusted writers
	MayWrite   map[string]bool // logins of others who hold write now; an API error means absent
}

func (t Trust) accepts(o ticket.Observed) bool {
	return t.Writers[o.Author.ID] || hasLabel(o.Labels, Root) && t.MayWrite[o.Author.Login]
}

// Match is the issues of a repository by the keys they are the tickets of.
type Match struct {
	Tickets    map[ticket.Key]ticket.Observed
	Duplicates map[ticket.Key][]ticket.Observed // open issues with a key that a lower number has
	Applied    map[string]ticket.Applied        // by capability id, where the state is readable
	Lost       map[ticket.Key]ticket.Ref        // known to the state, and not among the issues
	Asked      []string                         // logins whose right to write must be known before their markers count
	Elsewhere  map[string]Elsewhere             // capabilities that were not read, as the index knows them
	Boards     []ticket.Observed                // issues with the board's key, lowest number first
	issues     []ticket.Observed                // all that it was made of, by number
	refs       map[ticket.Ref]int
	under      map[string][]ticket.Key // the tickets of each capability, by key
}

// Elsewhere is what is known of a capability that was not read.
type Elsewhere struct {
	Ref   ticket.Ref // its issue; empty for none
	Stage string
}

// NewMatch finds the tickets among issues. An issue is found by what the state hidden in its
// capability's issue says, else by its own marker; markers of people who may not write, of
// other repositories and with a contradicting capability label are void.
func NewMatch(issues []ticket.Observed, trust Trust) Match {
	m := Match{
		Tickets: map[ticket.Key]ticket.Observed{}, Duplicates: map[ticket.Key][]ticket.Observed{},
		Applied: map[string]ticket.Applied{}, Lost: map[ticket.Key]ticket.Ref{},
		refs: make(map[ticket.Ref]int, len(issues)), under: map[string][]ticket.Key{},
	}
	issues = byNumber(issues)
	m.issues = issues
	for i, o := range issues {
		m.refs[o.Ref] = i
	}
	m.capabilities(issues, trust)
	held := m.heldByState(trust)
	found := map[ticket.Key][]ticket.Observed{}
	for _, o := range issues {
		key, byState := held[o.Ref]
		if !byState {
			key = m.markedKey(o, trust)
		}
		if key == ticket.Board {
			m.Boards = append(m.Boards, o)
		}
		if key == "" || key == ticket.Board || key.IsCapability() {
			continue
		}
		found[key] = append(found[key], o)
	}
	for key, several := range found {
		m.settle(key, several)
	}
	for _, key := range slices.Sorted(maps.Keys(m.Tickets)) {
		if !key.IsCapability() {
			m.under[key.Capability()] = append(m.under[key.Capability()], key)
		}
	}
	slices.SortStableFunc(m.Boards, func(a, b ticket.Observed) int { // one closed as a second is none
		return cmp.Compare(dup(a), dup(b))
	})
	m.lose()
	return m
}

// byNumber gives the issues by number, each once. What is so already is not copied: there may be
// tens of thousands.
func byNumber(issues []ticket.Observed) []ticket.Observed {
	compare := func(a, b ticket.Observed) int { return cmp.Compare(a.Number, b.Number) }
	same := func(a, b ticket.Observed) bool { return a.Number == b.Number }
	if !slices.IsSortedFunc(issues, compare) {
		issues = slices.SortedStableFunc(slices.Values(issues), compare)
	}
	for i := range max(0, len(issues)-1) {
		if same(issues[i], issues[i+1]) {
			return slices.CompactFunc(slices.Clone(issues), same)
		}
	}
	return issues
}

func dup(o ticket.Observed) int {
	if o.State == ticket.Duplicate {
		return 1
	}
	return 0
}

// capabilities finds the capability issues, and with them the states.
func (m *Match) capabilities(issues []ticket.Observed, trust Trust) {
	found := map[ticket.Key][]ticket.Observed{}
	parents := map[ticket.Ref]string{}
	for _, o := range issues {
		if o.Parent != "" {
			parents[o.Parent] = m.markedKey(o, trust).Capability()
		}
	}
	for _, o := range issues {
		key := m.markedKey(o, trust)
		if key == "" && trust.Writers[o.Author.ID] {
			key = strayCapability(o, parents)
		}
		if key.IsCapability() {
			found[key] = append(found[key], o)
		}
	}
	for key, several := range found {
		m.settle(key, several)
		if a, ok := ticket.FindApplied(m.Tickets[key].Body, string(key)); ok {
			m.Applied[string(key)] = a
		}
	}
}

// strayCapability names the capability of an issue that has lost its marker: by the state it
// hides, or by its title with either its labels or the tickets under it.
func strayCapability(o ticket.Observed, parents map[ticket.Ref]string) ticket.Key {
	if ticket.ParseBody(o.Body).Marker.Key != "" {
		return ""
	}
	ids := CapabilityIDs(o.Labels)
	fits := func(id string) bool { return id != "" && (len(ids) == 0 || slices.Equal(ids, []string{id})) }
	if hidden, ok := ticket.FindApplied(o.Body, ""); ok && fits(hidden.Capability) {
		return ticket.Key(hidden.Capability)
	}
	id, _, titled := strings.Cut(o.Title, ":")
	if titled && fits(id) && (len(ids) == 1 && hasLabel(o.Labels, "capability") || id == parents[o.Ref]) {
		return ticket.Key(id)
	}
	return ""
}

// heldByState gives the key of every issue that a state names.
func (m *Match) heldByState(trust Trust) map[ticket.Ref]ticket.Key {
	held := map[ticket.Ref]ticket.Key{}
	for id, a := range m.Applied {
		for within, t := range a.Tickets {
			if i, here := m.refs[t.Ref]; here && within != "" && trust.accepts(m.issues[i]) {
				held[t.Ref] = ticket.Key(id + "/" + within)
			}
		}
	}
	return held
}

func (m *Match) markedKey(o ticket.Observed, trust Trust) ticket.Key {
	mark := ticket.ParseBody(o.Body).Marker
	if mark.Key == "" || mark.Repository != trust.Repository {
		return ""
	}
	if ids := CapabilityIDs(o.Labels); len(ids) > 0 && !slices.Contains(ids, mark.Key.Capability()) {
		return ""
	}
	if !trust.accepts(o) {
		if _, asked := trust.MayWrite[o.Author.Login]; !asked && hasLabel(o.Labels, Root) && !slices.Contains(m.Asked, o.Author.Login) {
			m.Asked = append(m.Asked, o.Author.Login)
		}
		return ""
	}
	return mark.Key
}

// settle picks the ticket among several issues with one key: the lowest number that people
// have not closed as a duplicate themselves.
func (m *Match) settle(key ticket.Key, several []ticket.Observed) {
	keep := slices.IndexFunc(several, func(o ticket.Observed) bool { return o.State != ticket.Duplicate })
	keep = max(keep, 0)
	m.Tickets[key] = several[keep]
	for i, o := range several {
		if i != keep && o.State == ticket.Open {
			m.Duplicates[key] = append(m.Duplicates[key], o)
		}
	}
}

func (m *Match) lose() {
	for id, a := range m.Applied {
		for within, t := range a.Tickets {
			key := ticket.Key(id + "/" + within)
			if _, here := m.Tickets[key]; !here && within != "" {
				m.Lost[key] = t.Ref
			}
		}
	}
}

// Look gives the refs that must be read before anything can be said to be missing: tickets
// that a state names, and parents of tickets whose capability issue was not found. They are
// not in the list when somebody took the root label off. Refs in done were read already.
func (m Match) Look(done map[ticket.Ref]bool) []ticket.Ref {
	want := map[ticket.Ref]bool{}
	for _, ref := range m.Lost {
		want[ref] = true
	}
	for key, o := range m.Tickets {
		if c := m.Tickets[ticket.Key(key.Capability())]; c.Ref != o.Parent && o.Parent != "" && !key.IsCapability() {
			want[o.Parent] = true // the issue of its capability, or an older one of the two that there are
		}
	}
	var out []ticket.Ref
	for ref := range want {
		if _, here := m.refs[ref]; !here && !done[ref] && strings.HasPrefix(string(ref), "#") {
			out = append(out, ref)
		}
	}
	slices.Sort(out)
	return out
}

// Unproven tells whether a wanted key was not found and may exist all the same, without the
// root label: then the trusted writers' issues must be listed before it is created.
func (m Match) Unproven(wanted []ticket.Key) bool {
	under := map[ticket.Ref]int{}
	for _, o := range m.Tickets {
		under[o.Parent]++
	}
	for _, key := range wanted {
		if _, here := m.Tickets[key]; here {
			continue
		}
		parent, here := m.Tickets[ticket.Key(key.Capability())]
		_, known := m.Applied[key.Capability()]
		if !here || !known || parent.Children > under[parent.Ref] {
			return true
		}
	}
	return false
}

// Issues gives all issues that the match was made of, by number.
func (m Match) Issues() []ticket.Observed { return slices.Clone(m.issues) }

// Under gives the tickets of one capability, by key.
func (m Match) Under(id string) []ticket.Key { return m.under[id] }

// CapabilityIDs gives the capabilities that an issue's labels name.
func CapabilityIDs(labels []string) []string {
	var out []string
	for _, l := range labels {
		if id, ok := strings.CutPrefix(strings.ToLower(l), "capability:"); ok {
			out = append(out, strings.ToUpper(id))
		}
	}
	return out
}

func hasLabel(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
}
