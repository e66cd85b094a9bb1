package run

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/index"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// recalled is what the board remembers of earlier runs: the index. It is a cache. Without it,
// or where it is damaged or was made by other rules, everything is read.
type recalled struct {
	board ticket.Observed // zero for none
	index index.Index
	known bool // the index is readable: it tells where capabilities are
	same  bool // and it was made by the rules of this run: what it says of them holds

	done  bool              // the board was looked for
	began time.Time         // the tracker's time before this run read anything
	rows  []ticket.Observed // updated since the mark, or everything
	whole bool              // rows are everything
}

const (
	// lag is by how much a list may be behind, and so how far runs look back behind the mark.
	lag = 150 * time.Second
	// maxRemoved is how many specs may vanish without everything being read before their
	// tickets are closed: whether it is too many depends on how many there are.
	maxRemoved = 1
	// maxUnsure is for how many capabilities, whose work a run did not finish, all issues are
	// listed one by one; with more, everything is read.
	maxUnsure = 20
	// movesMark is how many issues a run may find updated and have nothing to do for, before
	// it writes a new mark to spare the next run reading them.
	movesMark = 50
)

// recall finds the board among the issues that the repository was read with.
func (j *job) recall(ctx context.Context, t plan.Trust) error {
	if j.memory.done {
		return nil
	}
	j.memory.done, j.memory.began = true, j.serverTime()
	m := plan.NewMatch(j.repo.Boards, t)
	if len(m.Asked) > 0 { // a person made it
		if err := j.ask(ctx, m.Asked, t); err != nil {
			return err
		}
		m = plan.NewMatch(j.repo.Boards, t)
	}
	if len(m.Boards) > 0 {
		j.remind(m.Boards[0])
	}
	return nil
}

// look finds out whom to trust, and recalls.
func (j *job) look(ctx context.Context) error {
	t, err := j.trust(ctx)
	if err != nil {
		return err
	}
	return j.recall(ctx, t)
}

// remind takes the board.
func (j *job) remind(board ticket.Observed) {
	m := &j.memory
	m.board = board
	m.index, m.known = index.Find(ticket.ParseBody(board.Body).Block, j.repo.ID)
	m.known = m.known && !m.index.Mark.After(m.began.Add(time.Hour)) // no run has been there yet: people can edit the text
	m.same = m.known && m.index.Rules == j.rules()
}

// serverTime is the tracker's own time, by which issues are dated.
func (j *job) serverTime() time.Time {
	if t, ok := j.tracker.(ticket.Timekeeper); ok {
		if now := t.ServerTime(); !now.IsZero() {
			return now.UTC()
		}
	}
	return j.env.Now().UTC().Truncate(time.Second)
}

// rules fingerprints what decides on the tickets of every capability.
func (j *job) rules() uint64 {
	cfg, err := json.Marshal(j.cfg)
	if err != nil {
		cfg = nil // nothing in it that JSON does not know
	}
	f := j.repo.Features
	return index.Inputs(j.env.Version, string(cfg), j.repo.ID, j.repo.Name, j.repo.URL, j.repo.DefaultBranch,
		fmt.Sprint(j.repo.Writer.ID, f, j.repo.Public), strings.Join(j.repo.IssueTypes, "\n"))
}

// since is from when on everything that was updated is to be looked at.
func (m recalled) since() time.Time { return m.index.Mark.Add(-lag) }

// changed gives the scope of what may differ from what was last applied: the capabilities
// asked for, those whose tickets follow from something else now, and those whose issues were
// updated. False if that is more, or worse, than a run should take on without reading all.
func (j *job) changed(ctx context.Context, own []string) (scope, bool, error) {
	s := scope{partial: true, focused: true}
	rows, err := j.tracker.List(ctx, ticket.Query{Label: plan.Root, Since: j.memory.since()})
	if err != nil {
		return s, false, err
	}
	j.memory.rows = rows
	look := map[string]bool{}
	for _, id := range own {
		look[id] = true
	}
	for id, digest := range digests(rows) {
		if e, ok := j.memory.index.Entry(id); ok && e.Recent != digest {
			look[id] = true
		}
	}
	if j.orphaned(rows) {
		return s, false, nil
	}
	read, unsure, at := 0, 0, newGround(j.whereabouts)
	for _, f := range j.mine() {
		id := f.Capability.ID
		e, ok := j.memory.index.Entry(id)
		if !ok || e.Inputs != j.inputs(f, at) {
			look[id] = true
		}
		if look[id] {
			s.only = append(s.only, id)
			if e.Number != 0 {
				read++
			}
			if ok && e.Inputs == 0 {
				unsure++
			}
		}
	}
	gone, ok := j.vanished()
	s.removed = gone
	few := len(j.set.Files) <= 20 || read <= len(j.set.Files)/2
	return s, ok && few && unsure <= maxUnsure, nil
}

// orphaned tells whether the program made something for a capability that neither the index nor
// the files know: a run was killed, and then the spec was removed.
func (j *job) orphaned(rows []ticket.Observed) bool {
	held := j.held(scope{})
	return slices.ContainsFunc(rows, func(o ticket.Observed) bool {
		return o.Author.ID == j.repo.Writer.ID && o.State == ticket.Open && slices.ContainsFunc(capabilitiesOf(o), func(id string) bool {
			_, known := j.memory.index.Entry(id)
			return !known && j.set.ByID(id) == nil && !slices.Contains(held, id)
		})
	})
}

// vanished gives the capabilities that the index knows and that have no file any more; false
// for more of them than a person removes on purpose.
func (j *job) vanished() ([]string, bool) {
	if j.set.Unreadable {
		return nil, true
	}
	var out []string
	held := j.held(scope{})
	paths := map[uint32]bool{}
	for _, f := range j.set.Files {
		if _, ok := j.memory.index.Entry(f.Capability.ID); !ok {
			paths[index.Short(f.Path)] = true
		}
	}
	for _, e := range j.memory.index.Entries {
		if e.Number == 0 || e.Flags&index.Gone != 0 && e.Inputs != 0 || j.set.ByID(e.ID) != nil || slices.Contains(held, e.ID) || !j.ours(e.ID) {
			continue
		}
		if paths[e.Path] { // its file came back under another id: read all, and say so
			return nil, false
		}
		out = append(out, e.ID)
	}
	return out, len(out) <= maxRemoved && len(j.set.Files)+len(j.set.Broken) > 0
}

// mine gives the usable specs of this run's shard.
func (j *job) mine() []*capability.File {
	if j.shard.Whole() {
		return j.set.Files
	}
	return slices.DeleteFunc(slices.Clone(j.set.Files), func(f *capability.File) bool { return !j.ours(f.Capability.ID) })
}

// digests fingerprints which issues of each capability were updated when.
func digests(rows []ticket.Observed) map[string]uint32 {
	parts := map[string][]string{}
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b ticket.Observed) int { return cmp.Compare(a.Number, b.Number) })
	for _, o := range rows {
		for _, id := range capabilitiesOf(o) {
			parts[id] = append(parts[id], strconv.Itoa(o.Number), version(o))
		}
	}
	out := map[string]uint32{}
	for id, p := range parts {
		out[id] = index.Short(p...)
	}
	return out
}

// version names what a list shows of an issue. Times are told to the second, and people act in
// the same one as the program: so the time alone does not do.
func version(o ticket.Observed) string {
	labels, people := slices.Sorted(slices.Values(o.Labels)), slices.Sorted(slices.Values(o.Assignees))
	return fmt.Sprintf("%d %08x", o.UpdatedAt.Unix(), index.Short(o.Title, o.Body, string(o.State), o.Milestone,
		strings.Join(labels, ","), strings.Join(people, ","), strconv.Itoa(o.Comments)))
}

// capabilitiesOf gives the capabilities that an issue seems to belong to, by its marker and by
// its labels: people may have changed either. It only says what to look at.
func capabilitiesOf(o ticket.Observed) []string {
	out := plan.CapabilityIDs(o.Labels)
	if key := ticket.ParseBody(o.Body).Marker.Key; key != "" && key != ticket.Board && !slices.Contains(out, key.Capability()) {
		out = append(out, key.Capability())
	}
	return out
}

// footing is where a capability's issue is and in which stage it is, as far as it is known.
type footing struct {
	number int
	stage  string
}

// ground is where all capabilities stand at one moment.
type ground struct {
	of       func(id string) footing
	releases map[string]uint64 // what was worked out of whole releases, by name
}

func newGround(of func(id string) footing) *ground { return &ground{of, map[string]uint64{}} }

// whereabouts gives what the index knows of a capability.
func (j *job) whereabouts(id string) footing {
	e, _ := j.memory.index.Entry(id)
	return footing{e.Number, e.Stage}
}

// inputs fingerprints everything that a capability's tickets follow from, but for the rules
// and what people do: while it is the same, and no issue was updated, nothing is to be done.
func (j *job) inputs(f *capability.File, at *ground) uint64 {
	c := f.Capability
	parts := []string{c.ID, f.Path, f.Hash}
	texts := j.texts(c)
	for _, path := range []string{c.Documents.Spec, c.Documents.Architecture} {
		if text, ok := texts[path]; ok {
			parts = append(parts, path, text)
		}
	}
	for _, dep := range c.DependsOn {
		title := "?"
		if other := j.set.ByID(dep); other != nil {
			title = other.Capability.Title
		}
		p := at.of(dep)
		parts = append(parts, dep, title, strconv.Itoa(p.number), strconv.FormatBool(p.stage == pipeline.Shipped))
	}
	parts = append(parts, "blocks")
	for _, id := range j.blocked()[c.ID] {
		parts = append(parts, id, strconv.Itoa(at.of(id).number))
	}
	if at.of(c.ID).stage == releaseStage { // the ticket that decides on a release shows all of it
		parts = append(parts, "release", strconv.FormatUint(j.wholeRelease(c, at), 16))
	}
	return index.Inputs(parts...)
}

// wholeRelease fingerprints what a ticket that decides on a release shows of its capabilities.
func (j *job) wholeRelease(c capability.Capability, at *ground) uint64 {
	name := j.releaseOf(c)
	if digest, ok := at.releases[name]; ok || name == "" {
		return digest
	}
	var parts []string
	for _, o := range append(j.mates(c), c) {
		cost, err := json.Marshal(o.Cogs)
		if err != nil {
			cost = []byte(o.ID)
		}
		p := at.of(o.ID)
		parts = append(parts, strings.Join([]string{o.ID, o.Title, o.Status, strconv.Itoa(p.number), strconv.FormatBool(ready(j.cfg, o, p.stage)), string(cost)}, "\x00"))
	}
	slices.Sort(parts)
	at.releases[name] = index.Inputs(parts...)
	return at.releases[name]
}

// blocked gives the capabilities that depend on each, in order of the files.
func (j *job) blocked() map[string][]string {
	if j.blocks == nil {
		j.blocks = map[string][]string{}
		for _, f := range j.set.Files {
			for _, id := range f.Capability.DependsOn {
				j.blocks[id] = append(j.blocks[id], f.Capability.ID)
			}
		}
	}
	return j.blocks
}

// elsewhere gives what the index knows of capabilities that were not read.
func (j *job) elsewhere(m plan.Match) map[string]plan.Elsewhere {
	out := map[string]plan.Elsewhere{}
	for _, e := range j.memory.index.Entries {
		if _, here := m.Tickets[ticket.Key(e.ID)]; !here && e.Number != 0 {
			out[e.ID] = plan.Elsewhere{Ref: numbered(e.Number), Stage: e.Stage}
		}
	}
	return out
}

func numbered(n int) ticket.Ref { return ticket.Ref("#" + strconv.Itoa(n)) }
