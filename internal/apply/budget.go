package apply

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// bound is one budget as it stands.
type bound struct {
	left  int  // writes that it still allows
	first bool // the first ticket goes even where it does not fit
	why   func() string
}

func (e *engine) bounds() []bound {
	var out []bound
	if n := e.o.MaxWrites; n > 0 {
		out = append(out, bound{n - e.writes, e.writes == 0, func() string { return fmt.Sprintf("the budget of %d writes is spent", n) }})
	}
	if n := e.o.PerHour; n > 0 {
		out = append(out, bound{e.hour(), e.writes == 0 && e.hour() > 0, func() string {
			return fmt.Sprintf("the %d writes that one hour may take are spent", n)
		}})
	}
	if !e.o.Deadline.IsZero() && e.o.Clock != nil {
		now := e.now()
		span := e.o.Deadline.Sub(later(e.slot, now))
		left := math.MaxInt32
		if e.o.PerMinute > 0 {
			left = int(span / e.each())
		} else if span <= 0 {
			left = 0
		}
		out = append(out, bound{left, e.writes == 0 && span > 0, func() string {
			return fmt.Sprintf("the %s that one run may take are over", minutes(e.o.Deadline.Sub(e.started)))
		}})
	}
	if e.o.Quota != nil {
		if left, reset := e.o.Quota(); left >= 0 {
			if left != e.quota {
				e.quota, e.quotaAt = left, e.writes
			}
			left -= e.writes - e.quotaAt // not sent yet; in the worst case each is a request
			out = append(out, bound{left, false, func() string {
				return fmt.Sprintf("the token's quota is used up but for what is left to other workflows, until %s", reset.UTC().Format("15:04 MST"))
			}})
		}
	}
	return out
}

// may tells whether n more writes fit, keeping a reserve for recording what was done.
func (e *engine) may(ctx context.Context, n, reserve int) bool {
	if e.stopped != "" || e.ended(ctx) {
		return false
	}
	for _, b := range e.bounds() {
		if n+reserve > b.left && !b.first {
			e.stopped = b.why()
			return false
		}
	}
	return true
}

// room is how many writes all budgets still allow.
func (e *engine) room() int {
	room := math.MaxInt32
	for _, b := range e.bounds() {
		room = min(room, b.left)
	}
	return max(0, room)
}

// Room is how many writes all bounds allow now, by the clock; math.MaxInt32 where there is none.
func (o Options) Room() int { return (&engine{o: o}).room() }

// ended tells whether the run was told to stop, and notes why.
func (e *engine) ended(ctx context.Context) bool {
	err := context.Cause(ctx)
	if err == nil {
		return false
	}
	e.cut = true
	if e.stopped == "" {
		e.stopped = "the run was stopped: " + err.Error()
	}
	return true
}

// hour is how many more writes may go, one after another at the pace.
func (e *engine) hour() int { return e.o.hour(later(e.slot, e.now()), e.writes) }

// hour is how many writes may go from a time on, one after another at the pace, without any
// sixty minutes holding more than PerHour; so many are done. What earlier runs wrote leaves the
// hour while this one writes.
func (o Options) hour(at time.Time, done int) int {
	most := o.PerHour - o.Spent
	free := most - done
	if len(o.Earlier) == 0 || free <= 0 {
		return free
	}
	within := 0
	leaves := map[int]int{} // from which write on how many of the earlier ones have left the hour
	for _, w := range o.Earlier {
		left := w.At.Sub(at.Add(-time.Hour))
		if left <= 0 {
			continue
		}
		within += w.Writes
		if o.PerMinute > 0 {
			each := time.Minute / time.Duration(o.PerMinute)
			leaves[int((left+each-1)/each)] += w.Writes
		}
	}
	first := 0 // write from which on so many are within
	for _, next := range slices.Sorted(maps.Keys(leaves)) {
		if n := max(first, most-done-within); n < next {
			return min(n, free)
		}
		within -= leaves[next]
		first = next
	}
	return min(max(first, most-done-within), free)
}

// maxBreath is how long it may be worth to wait before a run begins to write.
const maxBreath = time.Minute

// Breath is how long to wait before a plan of so many writes is carried out, a minute at most:
// where runs follow one another by the hour, the hour of the one before is about to be over, and
// a run that began a few seconds early would find it spent.
func (o Options) Breath(now time.Time, writes int) time.Duration {
	if o.PerHour <= 0 || len(o.Earlier) == 0 {
		return 0
	}
	want := min(writes, o.hour(now.Add(maxBreath), 0))
	for wait := time.Duration(0); wait < maxBreath; wait += 10 * time.Second {
		if o.hour(now.Add(wait), 0) >= want {
			return wait
		}
	}
	return maxBreath
}

// spend counts writes that are about to be sent.
func (e *engine) spend(n int) {
	e.paced = append(e.paced, Written{later(e.slot, e.now()), n})
	e.writes += n
	if e.o.PerMinute > 0 {
		e.slot = later(e.slot, e.now()).Add(time.Duration(n) * e.each())
	}
}

func (e *engine) each() time.Duration { return time.Minute / time.Duration(e.o.PerMinute) }

func (e *engine) now() time.Time {
	if e.o.Clock == nil {
		return time.Time{}
	}
	return e.o.Clock()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func minutes(d time.Duration) string {
	if n := int(d.Round(time.Minute) / time.Minute); n != 1 {
		return fmt.Sprintf("%d minutes", n)
	}
	return "1 minute"
}

// ordered puts the groups in the order in which they are begun: as planned where all fits,
// else what people decided first, then by priority, and by how near they are to shipping;
// texts that only a new version of the program words differently come last.
func (e *engine) ordered(groups []*plan.Group) []*plan.Group {
	if e.fit(groups) {
		return groups
	}
	out := slices.Clone(groups)
	slices.SortStableFunc(out, func(a, b *plan.Group) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(a.Priority, b.Priority), cmp.Compare(e.stage(b), e.stage(a)))
	})
	return out
}

func (e *engine) stage(g *plan.Group) int { return slices.Index(e.o.Stages, g.Next.Stage) }

// The classes of groups, in the order in which they are begun.
const (
	decided = iota // people decided something
	changed        // the spec changed, or tickets are to be made
	restored
)

func class(g *plan.Group) int {
	making := false
	for _, c := range g.Changes {
		if c.Action == plan.Close || c.Action == plan.Reopen {
			return decided
		}
		making = making || c.Action == plan.Create
	}
	known := g.Prior.Capability != ""
	switch {
	case known && (slices.ContainsFunc(g.Says, func(s plan.Say) bool { return s.First }) || g.Prior.Stage != g.Next.Stage):
		return decided
	case making || g.Prior.Hash != g.Next.Hash:
		return changed
	}
	return restored
}

// fit tells whether all groups fit into the budgets.
func (e *engine) fit(groups []*plan.Group) bool {
	sum, room := 0, e.room()
	for _, g := range groups {
		sum += e.whole(g)
	}
	return sum <= room
}

// next is how many of the groups are taken together: all of them, for the fewest requests,
// unless a budget will end the run; then as many as fit, so that the most important ones are
// complete. Of those that follow from decisions, the decisions must fit; what is made for them
// comes when all decisions are carried out.
func (e *engine) next(groups []*plan.Group) int {
	if e.fit(groups) {
		return len(groups)
	}
	kind, sum, room := class(groups[0]), 0, e.room()
	for i, g := range groups {
		if kind == decided {
			sum += e.must(g)
		} else {
			sum += e.whole(g)
		}
		if i > 0 && (sum > room || (class(g) == decided) != (kind == decided)) {
			return i
		}
	}
	return len(groups)
}

// must is how many writes a group takes without what is made anew.
func (e *engine) must(g *plan.Group) int {
	n := reserve([]*plan.Group{g})
	for _, s := range g.Says {
		if s.First {
			n++
		}
	}
	for _, c := range g.Changes {
		if c.Action != plan.Keep && c.Action != plan.Create && !c.Key.IsCapability() {
			n += e.cost(c.Patch)
		}
	}
	return n
}

// whole is how many writes a group takes.
func (e *engine) whole(g *plan.Group) int {
	n := e.must(g)
	for _, c := range g.Changes {
		if c.Action == plan.Create {
			n++
		}
	}
	return n
}

// reserve is how many writes it takes to finish the groups: what is begun must be recorded.
func reserve(groups []*plan.Group) int {
	n := 0
	for _, g := range groups {
		c, ok := g.Head()
		if !ok {
			continue
		}
		n += max(1, pieces(c.Patch))
		if c.Action == plan.Create {
			n += len(c.Desired.BlockedBy)
		}
		if len(g.Notes) > 0 {
			n++
		}
		for _, s := range g.Says {
			if !s.First {
				n++
			}
		}
	}
	return n
}

// cost is how many writes a patch is counted as.
func (e *engine) cost(p ticket.Patch) int {
	if _, ok := e.w.(ticket.Batcher); ok {
		return pieces(p)
	}
	n := pieces(p)
	if p.State != "" && content(p) { // goes in one request
		n--
	}
	return n + max(0, len(p.RemoveLabels)-1)
}

// pieces is how many parts of a ticket a patch changes, each of them a write.
func pieces(p ticket.Patch) int {
	n := len(p.AddBlockedBy) + len(p.RemoveBlockedBy)
	for _, b := range []bool{
		content(p), p.State != "", len(p.AddLabels) > 0, len(p.RemoveLabels) > 0, len(p.AddAssignees) > 0, len(p.RemoveAssignees) > 0, p.Parent != "",
	} {
		if b {
			n++
		}
	}
	return n
}

func content(p ticket.Patch) bool {
	return p.Title != "" || p.Body != "" || p.Milestone != "" || p.ClearMilestone || p.Type != ""
}
