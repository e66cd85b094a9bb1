package pipeline

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// deed is one thing that people do.
type deed struct {
	name string
	do   func(w *world)
}

// spacing is the time between two deeds: a run fits in between.
const spacing = 10 * time.Minute

// copied gives a world that goes on by itself.
func (w *world) copied() *world {
	c := *w
	c.c.Facts = maps.Clone(w.c.Facts)
	c.c.Record.Entries = slices.Clone(w.c.Record.Entries)
	c.c.Acts = slices.Clone(w.c.Acts)
	return &c
}

// play does the deeds, with a run after those that runs names, and settles.
func (w *world) play(deeds []deed, runs func(i int) bool) {
	start := w.at
	for i, d := range deeds {
		w.at = start.Add(time.Duration(i+1) * spacing)
		d.do(w)
		if runs(i) {
			w.run()
		}
	}
	w.at = start.Add(time.Duration(len(deeds)+2) * spacing)
	w.run()
	w.run()
}

// end is where a world stands, as people see it. Tickets of a stage ahead, which it reached
// once and was sent back from, are there only if a run came in between: they are left out.
func (w *world) end() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stage %s, flags %q, waits for %q, closed %q\n", w.last.Stage, w.last.Flags, w.last.WaitsFor, w.last.Closed)
	for _, t := range w.last.Due() {
		fmt.Fprintf(&b, "%s %s\n", t.Key, w.c.Facts[t.Key].State)
	}
	return b.String()
}

// deeds draws what people do next on the tickets that there are, each of them touched once.
// What takes something back that was there before comes first; nothing of these deeds is
// taken back by a later one.
func (w *world) deeds(r *rand.Rand) []deed {
	var undo, out []deed
	add := func(name string, do func(w *world)) { out = append(out, deed{name, do}) }
	for _, t := range w.last.Due() {
		within, f := t.Key.Within(), w.c.Facts[t.Key]
		if r.IntN(3) == 0 {
			continue
		}
		switch {
		case t.Approval && f.State == ticket.Open:
			id := int64(1 + r.IntN(3))
			role := map[int64]string{1: "maintain", 2: "admin", 3: "write"}[id]
			if r.IntN(5) == 0 {
				add("reject "+within, func(w *world) { w.act(Reject, within, id, role, why("no")) })
				continue
			}
			add(fmt.Sprintf("approve %s by %d", within, id), func(w *world) { w.act(Approve, within, id, role) })
		case t.Approval:
		case f.State != ticket.Open:
			if f.Closer == Person && r.IntN(6) == 0 {
				undo = append(undo, deed{"reopen " + within, func(w *world) { w.reopen(within) }})
			}
		default:
			switch r.IntN(8) {
			case 0:
				add("done "+within, func(w *world) { w.act(Done, within, 1, "read") })
			case 1:
				add("not-needed "+within, func(w *world) { w.act(NotNeeded, within, 1, "read", why("no")) })
			case 2:
				add("drop "+within, func(w *world) { w.shut(within, ticket.NotPlanned, Person) })
			case 3:
				add("robot closes "+within, func(w *world) { w.shut(within, ticket.Completed, Robot) })
			default:
				add("close "+within, func(w *world) { w.shut(within, ticket.Completed, Person) })
			}
		}
	}
	out = append(out, w.steering(r)...)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return append(undo, out[:min(len(out), 1+r.IntN(6))]...)
}

// steering draws at most one command on the capability issue, and changes of the spec that
// take nothing back.
func (w *world) steering(r *rand.Rand) []deed {
	var out []deed
	held, _ := w.c.Record.Held()
	switch n := r.IntN(12); {
	case held:
		out = append(out, deed{"resume", func(w *world) { w.act(Resume, "", 1, "read") }})
	case n == 0:
		out = append(out, deed{"hold", func(w *world) { w.act(Hold, "", 1, "read", why("later")) }})
	case n == 1:
		to := w.c.Config.Pipeline.Stages[r.IntN(9)].ID
		out = append(out, deed{"rework " + to, func(w *world) {
			w.act(Rework, "", 2, "maintain", why("again"), func(a *Act) { a.To = to })
		}})
	case n == 2:
		out = append(out, deed{"waive", func(w *world) {
			w.act(Waive, "", 2, "maintain", why("stub"), func(a *Act) { a.Tickets = []string{"CRM-9"} })
		}})
	}
	if !held && len(out) == 0 && r.IntN(2) == 0 { // whether it was filled in before a command or after, no spec tells
		out = append(out, deed{"fill in", func(w *world) {
			w.c.Capability.AcceptanceCriteria = []capability.Criterion{{Text: "x"}}
			w.c.Capability.Release.Version, w.c.Capability.Release.Notes = "1", "n"
		}})
	}
	return out
}

func (w *world) shut(within string, state ticket.State, by Closer) {
	f := w.c.Facts[w.key(within)]
	f.State, f.ClosedAt, f.Closer = state, w.tick(), by
	w.c.Facts[w.key(within)] = f
}

func (w *world) reopen(within string) {
	f := w.c.Facts[w.key(within)]
	f.State, f.ClosedAt, f.Closer = ticket.Open, time.Time{}, Unread
	w.c.Facts[w.key(within)] = f
}

// begun is a world somewhere on the way, with something that makes it special.
func begun(t *testing.T, r *rand.Rand) *world {
	w := newWorld(t)
	stages := config.Default().Pipeline.IDs()
	if r.IntN(3) == 0 {
		w.c.Capability.AcceptanceCriteria, w.c.Capability.Release.Notes = nil, ""
		stages = stages[:7]
	}
	switch r.IntN(4) {
	case 0:
		w.c.Capability.DependsOn = []string{"CRM-9"}
		w.c.Shipped = func(string) bool { return false }
		stages = stages[:6]
	case 1:
		w.c.Config.Pipeline.Stages[2].MinApprovals = 2
		stages = stages[:3]
	}
	w.to(stages[r.IntN(len(stages))])
	return w
}

// Where a capability stands follows from the spec, the tickets and what people did, not from
// when runs came: after everything they did, after some of it, or once at the end.
func TestItDoesNotMatterWhenRunsCome(t *testing.T) {
	const parts, each = 10, 100
	for part := range parts {
		t.Run(fmt.Sprintf("%d", part), func(t *testing.T) {
			t.Parallel()
			moved := 0
			for seed := range each {
				r := rand.New(rand.NewPCG(uint64(part), uint64(seed)))
				base := begun(t, r)
				for range 1 + r.IntN(2) {
					deeds := base.deeds(r)
					mask := r.Uint64()
					every, some, last := base.copied(), base.copied(), base.copied()
					every.play(deeds, func(int) bool { return true })
					some.play(deeds, func(i int) bool { return mask>>i&1 == 1 })
					last.play(deeds, func(int) bool { return false })
					want := every.end()
					for name, got := range map[string]string{"sometimes": some.end(), "once": last.end()} {
						if got != want {
							t.Fatalf("history %d/%d, begun in %s: %s\nrunning %s:\n%s\nafter everything:\n%s", part, seed, base.last.Stage, names(deeds), name, got, want)
						}
					}
					if every.last.Stage != base.last.Stage {
						moved++
					}
					base = every
				}
			}
			if moved < each/4 {
				t.Errorf("only %d of %d histories moved anything", moved, each)
			}
		})
	}
}

func names(deeds []deed) string {
	var out []string
	for _, d := range deeds {
		out = append(out, d.name)
	}
	return strings.Join(out, "; ")
}
