package pipeline

import (
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
)

// view is the record seen along a capability's stages.
type view struct {
	stages  []config.Stage // of its track, in order
	all     *config.Config
	at      int // index of the current stage; len(stages) when shipped
	from    int // index of the stage it entered at
	since   time.Time
	visited map[string]bool
	cuts    []cut
	entries []record.Entry
	voided  map[string]bool
}

// cut is a way back: approvals of its target and of later stages given before it have fallen,
// and work of later stages done before it is to be done again.
type cut struct {
	entry int
	to    int
	from  string
	at    time.Time
	e     record.Entry
}

func look(cfg *config.Config, stages []config.Stage, entries []record.Entry, entry string, began time.Time) view {
	v := view{stages: stages, all: cfg, entries: entries, visited: map[string]bool{}, voided: map[string]bool{}}
	current, entered := "", ""
	for i, e := range entries {
		switch e.Kind {
		case record.Entered, record.Moved:
			current, v.since = e.To, e.At
			v.visited[e.To] = true
			if e.Kind == record.Entered && entered == "" {
				entered = e.To
			}
		case record.Rejected, record.Reworked:
			v.cuts = append(v.cuts, cut{entry: i, to: position(cfg, stages, e.To), from: current, at: e.At, e: e})
			current, v.since = e.To, e.At
			v.visited[e.To] = true
		case record.Voided:
			v.voided[e.Rests] = true
		}
	}
	if current == "" {
		current, v.since = entry, began
	}
	if entered == "" || !v.visited[entry] && !hasEntered(entries) {
		entered = entry
		v.visited[entry] = true
	}
	v.at = position(cfg, stages, current)
	v.from = min(position(cfg, stages, entered), v.at)
	if current == Shipped {
		v.at = len(stages)
	}
	return v
}

func hasEntered(entries []record.Entry) bool {
	return slices.ContainsFunc(entries, func(e record.Entry) bool { return e.Kind == record.Entered })
}

func (v view) stage() string {
	if v.at < len(v.stages) {
		return v.stages[v.at].ID
	}
	return Shipped
}

func (v view) index(stage string) int { return position(v.all, v.stages, stage) }

// lastCut gives the newest way back that a stage's approvals fell by; false if none did.
func (v view) lastCut(stage string) (cut, bool) {
	i := v.index(stage)
	for _, c := range slices.Backward(v.cuts) {
		if i >= c.to {
			return c, true
		}
	}
	return cut{}, false
}

// decisions gives the approvals of a ticket that were given since the last way back and whose
// evidence stands, each person's newest only.
func (v view) decisions(t Ticket) []record.Entry {
	first := 0
	if c, ok := v.lastCut(t.Stage); ok {
		first = c.entry + 1
	}
	var out []record.Entry
	for _, e := range v.entries[first:] {
		if e.Kind != record.Approved || e.Ticket != t.Key.Within() || v.voided[e.Rests] {
			continue
		}
		out = slices.DeleteFunc(out, func(o record.Entry) bool { return o.ID == e.ID })
		out = append(out, e)
	}
	return out
}

// binds tells whether an approval given for one content holds for another: it is the same, or
// it was carried over.
func (v view) binds(ticket, given, now string) bool {
	reach := map[string]bool{given: true}
	for _, e := range v.entries {
		if e.Kind == record.Carried && e.Ticket == ticket && reach[e.From] {
			reach[e.Hash] = true
		}
	}
	return reach[now]
}

// stale tells whether a ticket that was closed then has to be done again because of a way back.
func (v view) stale(t Ticket, closed time.Time) bool {
	for _, c := range v.cuts {
		named := slices.Contains(c.e.Tickets, t.Key.Within())
		later := v.index(t.Stage) > c.to && v.visited[t.Stage]
		if (named || later) && closed.Before(c.at) {
			return true
		}
	}
	return false
}

// reworks gives the ways back that are not finished: their target has not been left since.
func (v view) reworking() bool {
	for _, c := range v.cuts {
		left := slices.ContainsFunc(v.entries[c.entry+1:], func(e record.Entry) bool {
			return e.Kind == record.Moved && e.From == c.e.To
		})
		if !left {
			return true
		}
	}
	return false
}
