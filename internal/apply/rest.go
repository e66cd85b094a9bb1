package apply

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// waiting counts what is pending, by reason, the commonest first.
func waiting(o Outcome) []Wait {
	var out []Wait
	for _, r := range o.Results {
		if r.Status != Pending {
			continue
		}
		reason := cmp.Or(r.Error, o.Stopped)
		i := slices.IndexFunc(out, func(w Wait) bool { return w.Reason == reason })
		if i < 0 {
			i, out = len(out), append(out, Wait{Reason: reason})
		}
		out[i].Count++
	}
	slices.SortStableFunc(out, func(a, b Wait) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// rest foretells what it takes to finish a plan that this run did not.
func (e *engine) rest() Rest {
	total := max(Estimate(e.plan, e.o).Writes, e.writes+1)
	r := Rest{Writes: total - e.writes, Total: total}
	r.Runs = runs(r.Writes, e.o.perRun(e.started))
	if e.o.Clock != nil {
		r.Until = e.now().Add(time.Duration(r.Runs) * time.Hour).Round(10 * time.Minute)
	}
	return r
}

// perRun is how many writes one run can make that starts with an unspent hour.
func (o Options) perRun(started time.Time) int {
	n := math.MaxInt32
	for _, bound := range []int{o.MaxWrites, o.PerHour} {
		if bound > 0 {
			n = min(n, bound)
		}
	}
	if o.PerMinute > 0 && !o.Deadline.IsZero() && !started.IsZero() {
		n = min(n, max(1, int(o.Deadline.Sub(started).Minutes()*float64(o.PerMinute))))
	}
	return n
}

func runs(writes, perRun int) int { return (writes + perRun - 1) / perRun }
