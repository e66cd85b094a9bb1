package run

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/index"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

const (
	// boardFrom is from how many capabilities on a repository has a board: the issue of a single
	// one is its own overview.
	boardFrom = 2
	// boardWrites is how many writes are kept for the board: its label, its text, and putting
	// back what somebody wrote into it meanwhile.
	boardWrites = 3
	// mostChecked is after how many writes a run does not look at what people did meanwhile:
	// listing it would cost as much as the full read that the next run does instead.
	mostChecked = 2500
)

// remember writes into the board what this run knows, so that the next one need not read it
// again. It is called last; what it fails to write costs a full read and nothing else.
func (j *job) remember(ctx context.Context, p plan.Plan, m plan.Match, o apply.Outcome) error {
	if !j.shard.Whole() || ctx.Err() != nil || o.Writes > mostChecked {
		return nil // a shard does not know the others' part
	}
	mem := &j.memory
	if mem.board.Ref == "" && len(m.Boards) > 0 {
		j.remind(m.Boards[0])
	}
	if j.atMost > 0 && o.Writes+len(j.drafted)+boardWrites > j.atMost {
		return nil // the next run finds what this one did by when it was updated
	}
	if mem.board.Ref == "" && len(p.Groups) < boardFrom {
		return nil
	}
	next, err := j.nextIndex(ctx, p, m, o)
	if err != nil {
		return err
	}
	if !j.worthWriting(next, o) {
		return nil
	}
	now := j.serverTime()
	for _, w := range slices.Concat(j.drafted, o.Paced) {
		if w.At.After(now) {
			w.At = now // by a clock of ours that is ahead
		}
		next = next.Spend(w.At, w.Writes)
	}
	return j.writeBoard(ctx, next.Spend(j.serverTime(), 1))
}

// nextIndex gives the index as it is after this run.
func (j *job) nextIndex(ctx context.Context, p plan.Plan, m plan.Match, o apply.Outcome) (index.Index, error) {
	mem := &j.memory
	next := index.Index{Repository: j.repo.ID, Rules: j.rules(), Mark: mem.began, Spent: mem.index.Spent}
	rows := mem.rows
	foreign := map[string]bool{}
	if o.Writes > 0 {
		next.Mark = j.serverTime()
		var err error
		if rows, err = j.tracker.List(ctx, ticket.Query{Label: plan.Root, Since: mem.began.Add(-lag)}); err != nil {
			return next, err
		}
		foreign = unexpected(rows, p, o)
	}
	entries := map[string]index.Entry{}
	if !mem.whole {
		for _, e := range mem.index.Entries {
			e.Recent = 0
			entries[e.ID] = e
		}
	}
	var missed map[string]bool
	if !mem.whole || len(p.Held) > 0 {
		missed = j.overlooked(rows)
	}
	looked := j.enter(entries, p, m, o, func(id string) bool { return foreign[id] }, func(id string) bool { return missed[id] })
	if !mem.whole {
		for id := range missed {
			if e, ok := entries[id]; ok && !slices.Contains(looked, id) {
				e.Inputs = 0
				entries[id] = e
			}
		}
	}
	if !mem.whole || o.Writes > 0 { // else everything was looked at, and what is not known is none of ours
		strangers(entries, rows)
	}
	recent := slices.DeleteFunc(slices.Clone(rows), func(o ticket.Observed) bool { return o.UpdatedAt.Before(next.Mark.Add(-lag)) })
	for id, digest := range digests(recent) {
		if e, ok := entries[id]; ok {
			e.Recent = digest
			entries[id] = e
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(entries), capability.CompareIDs) {
		next.Entries = append(next.Entries, entries[id])
	}
	return next, nil
}

// strangers adds the capabilities that issues are of and that nobody knew: another run made them
// meanwhile, or a creation whose answer was lost took effect.
func strangers(entries map[string]index.Entry, rows []ticket.Observed) {
	for _, o := range rows {
		for _, id := range capabilitiesOf(o) {
			e, known := entries[id]
			if !known && !validID(id) || known && (e.Number != 0 || e.Inputs != 0) {
				continue
			}
			e.ID = id
			if string(ticket.ParseBody(o.Body).Marker.Key) == id {
				e.Number = o.Number
			}
			entries[id] = e
		}
	}
}

// overlooked gives the capabilities that changed without this run having looked at them: their
// spec is broken, or somebody was at them while it ran. Rows are what was updated by its end.
func (j *job) overlooked(rows []ticket.Observed) map[string]bool {
	mem := &j.memory
	out := map[string]bool{}
	news := slices.DeleteFunc(slices.Clone(mem.rows), func(o ticket.Observed) bool { return o.UpdatedAt.Before(mem.since()) })
	for id, digest := range digests(news) {
		if e, _ := mem.index.Entry(id); e.Recent != digest {
			out[id] = true
		}
	}
	type shown struct {
		number  int
		version string
	}
	seen := map[shown]bool{}
	for _, r := range mem.rows {
		seen[shown{r.Number, version(r)}] = true
	}
	for _, r := range rows {
		if !seen[shown{r.Number, version(r)}] {
			for _, id := range capabilitiesOf(r) {
				out[id] = true
			}
		}
	}
	return out
}

// validID tells whether an id that a label or a marker gives can be one.
func validID(id string) bool {
	return ticket.ParseBody(ticket.NewBody(ticket.Marker{Repository: "0", Key: ticket.Key(id)}, "")).Marker.Key == ticket.Key(id)
}

// enter puts what was looked at into the entries. One whose work is not done, or that is foreign
// (people changed it meanwhile), is to be looked at again, and so is one that is held and missed
// (it changed and nobody looked). The ids of all of them are given.
func (j *job) enter(entries map[string]index.Entry, p plan.Plan, m plan.Match, o apply.Outcome, foreign, missed func(id string) bool) []string {
	again, all := j.undone(o)
	var looked []string
	put := func(id string, g *plan.Group) {
		e := index.Entry{ID: id, Number: m.Tickets[ticket.Key(id)].Number, Stage: m.Applied[id].Stage, Path: index.Short(m.Applied[id].Path)}
		if fresh, ok := o.Fresh[ticket.Key(id)]; ok && fresh.Number != 0 {
			e.Number = fresh.Number
		}
		if g != nil {
			e.Stage, e.Path, e.Flags = g.Next.Stage, index.Short(g.Next.Path), j.flags(*g)
		}
		if e.Number == 0 && len(m.Under(id)) == 0 {
			delete(entries, id)
			return
		}
		entries[id] = e
		looked = append(looked, id)
	}
	for _, g := range p.Groups {
		put(g.Capability, &g)
	}
	for _, id := range p.Held {
		if _, ok := entries[id]; !ok {
			put(id, nil)
		}
	}
	at := newGround(func(id string) footing {
		e := entries[id]
		return footing{e.Number, e.Stage}
	})
	for _, id := range looked {
		e := entries[id]
		switch f := j.set.ByID(id); {
		case all || again[id] || foreign(id) || e.Number == 0:
		case slices.Contains(p.Held, id): // nothing was decided about it
			if was, ok := j.memory.index.Entry(id); ok && !missed(id) {
				e.Inputs = was.Inputs
			}
		case f != nil:
			e.Inputs = j.inputs(f, at)
		default:
			e.Inputs = index.Inputs("gone")
		}
		entries[id] = e
	}
	return looked
}

// undone gives the capabilities that this run did not finish, and whether that may be all it
// touched.
func (j *job) undone(o apply.Outcome) (out map[string]bool, all bool) {
	out = map[string]bool{}
	for _, r := range o.Results {
		switch {
		case r.Status == apply.Done:
		case r.Key == "":
			all = true // a label or milestone that could not be made
		default:
			out[r.Key.Capability()] = true
		}
	}
	for id, s := range j.stood {
		if s.again || o.Stopped != "" && len(s.says) > 0 {
			out[id] = true
		}
	}
	return out, all
}

// flags reads off the labels of a capability issue how it stands.
func (j *job) flags(g plan.Group) index.Flags {
	var out index.Flags
	if g.Next.Gone {
		out |= index.Gone
	}
	head, ok := g.Head()
	if !ok {
		return out
	}
	for name, flag := range map[string]index.Flags{"blocked": index.Blocked, "on-hold": index.OnHold, "in-rework": index.InRework, "needs-reapproval": index.NeedsReapproval} {
		if to := j.cfg.Labels.Map[name]; to != "" {
			name = to
		}
		if hasName(head.Desired.Labels, name) {
			out |= flag
		}
	}
	return out
}

// unexpected gives the capabilities whose issues are not as this run read and wrote them:
// somebody else was at them meanwhile.
func unexpected(rows []ticket.Observed, p plan.Plan, o apply.Outcome) map[string]bool {
	changes, created := map[ticket.Ref]plan.Change{}, map[ticket.Key]plan.Change{}
	for _, c := range p.Changes {
		if c.Ref != "" {
			changes[c.Ref] = c
		} else {
			created[c.Key] = c
		}
	}
	closed := map[ticket.Ref]bool{}
	for _, t := range p.Twins {
		closed[t.Ref] = true
	}
	wrote := map[ticket.Ref]ticket.Key{}
	for key, fresh := range o.Fresh {
		wrote[fresh.Ref] = key
	}
	out := map[string]bool{}
	for _, row := range rows {
		ids := capabilitiesOf(row)
		differs := func() {
			for _, id := range ids {
				out[id] = true
			}
		}
		c, planned := changes[row.Ref]
		key, written := wrote[row.Ref]
		want := c.Observed
		switch {
		case closed[row.Ref] && row.State != ticket.Open:
			continue
		case !planned && !written:
			differs() // made meanwhile, or not looked at
			continue
		case !planned: // made by this run; an answer may show what people did to it right after
			want = o.Fresh[key]
			want.State, want.Comments = ticket.Open, 0
			if d := created[key].Desired; d.Key != "" {
				want.Labels = slices.Concat(d.Labels, d.Extra)
			}
		}
		want.Comments += o.Posted[cmp.Or(key, c.Key)]
		if written {
			fresh := o.Fresh[key]
			want.Title, want.Body = fresh.Title, fresh.Body
		}
		if c.Desired.Key != "" {
			want.Title = c.Desired.Title // an answer shows what people made of it right before the write
		}
		if c.Patch.State != "" {
			want.State = c.Patch.State
		}
		labels := slices.DeleteFunc(slices.Concat(want.Labels, c.Patch.AddLabels), func(l string) bool { return hasName(c.Patch.RemoveLabels, l) })
		if row.State != want.State || row.Comments != want.Comments || row.Title != want.Title ||
			!sameNames(row.Labels, labels) || !ticket.SameBody(row.Body, want.Body) {
			differs()
		}
	}
	return out
}

func sameNames(a, b []string) bool {
	fold := func(names []string) []string {
		out := make([]string, len(names))
		for i, n := range names {
			out[i] = strings.ToLower(n)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(fold(a), fold(b))
}

// worthWriting tells whether the next run would save more by the new index than writing costs.
func (j *job) worthWriting(next index.Index, o apply.Outcome) bool {
	mem := j.memory
	if o.Writes+len(j.drafted) > 0 || !mem.same || !labelled(mem.board) {
		return true
	}
	spared := 0 // issues that the next run would not list again
	for _, r := range mem.rows {
		if r.UpdatedAt.Before(next.Mark.Add(-lag)) && !r.UpdatedAt.Before(mem.since()) {
			spared++
		}
	}
	if spared > movesMark {
		return true
	}
	plain := func(entries []index.Entry) []index.Entry {
		out := slices.Clone(entries)
		for i := range out {
			out[i].Recent = 0
		}
		return out
	}
	return !slices.Equal(plain(mem.index.Entries), plain(next.Entries))
}

func labelled(board ticket.Observed) bool {
	return hasName(board.Labels, desired.LabelOurs) && hasName(board.Labels, desired.LabelBoard)
}

// earlier is what other runs wrote within the hour: as the index tells, and issues that were
// made since.
func (j *job) earlier() []apply.Written {
	mem := j.memory
	from := mem.began.Add(-time.Hour)
	var out []apply.Written
	if mem.known {
		for _, s := range mem.index.Spent {
			if s.At.After(from) {
				out = append(out, apply.Written{At: s.At, Writes: s.Writes})
			}
		}
		if mem.index.Mark.After(from) {
			from = mem.index.Mark
		}
	}
	for _, o := range mem.rows {
		if o.Author.ID == j.repo.Writer.ID && o.CreatedAt.After(from) {
			out = append(out, apply.Written{At: o.CreatedAt, Writes: 1})
		}
	}
	return out
}
