package run

import (
	"context"
	"math"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

// limits is how much a run may write, as the step's inputs or the command line say.
type limits struct {
	writes    int // of this run; 0 for no bound
	perMinute int // of all shards together, as are those of the hour
	perHour   int
	minutes   int
	shard     action.Shard
}

// metered is a tracker whose server counts requests.
type metered interface {
	// Spare is how many more may be sent, and when there will be more; -1 for not known.
	Spare() (requests int, reset time.Time)
}

// options gives the bounds of an apply. A shard takes its share of what all have together; the
// quota is counted by the server over all of them. A tracker in a folder has no pace.
func (j *job) options(l limits) apply.Options {
	j.atMost = l.shard.Share(l.writes)
	o := apply.Options{MaxWrites: j.atMost, Clock: j.env.Now, Stages: j.cfg.Pipeline.IDs()}
	if j.atMost > 10*boardWrites {
		o.MaxWrites -= boardWrites
	}
	if o.MaxWrites > 0 {
		o.MaxWrites = max(1, o.MaxWrites-len(j.drafted))
	}
	server, ok := j.tracker.(metered)
	if !ok {
		return o
	}
	o.PerMinute, o.PerHour = l.shard.Share(l.perMinute), l.shard.Share(l.perHour)
	if o.PerHour > 10*boardWrites {
		o.Spent = boardWrites
	}
	parts, n := max(1, l.shard.Count), 0
	for _, w := range j.earlier() {
		n += w.Writes
		if n >= parts { // each shard had its share of it
			o.Earlier = append(o.Earlier, apply.Written{At: w.At, Writes: n / parts})
			n %= parts
		}
	}
	o.Earlier = append(o.Earlier, j.drafted...)
	o.Quota = server.Spare
	if l.minutes > 0 {
		o.Deadline = j.began.Add(time.Duration(l.minutes) * time.Minute)
	}
	return o
}

// room is how many drafts of releases may be written before the plan is carried out: what its
// tickets leave of the limits, but one where the tickets get one as well, so that a long plan does
// not keep all of them waiting.
func (j *job) room(p plan.Plan, l limits) int {
	o := j.options(l)
	room := o.Room()
	if room == math.MaxInt32 {
		return room
	}
	tickets := apply.Estimate(p, o).Writes
	return max(min(1, room-min(1, tickets)), room-tickets)
}

// breathe waits for the hour of the run before to be over, where that is a matter of seconds. A
// run that is stopped meanwhile notices it at once when it begins.
func (j *job) breathe(ctx context.Context, p plan.Plan, o apply.Options) apply.Options {
	if len(o.Earlier) == 0 {
		return o
	}
	if wait := o.Breath(j.env.Now(), apply.Estimate(p, o).Writes); wait > 0 {
		_ = j.env.Sleep(ctx, wait)
	}
	return o
}
