package pipeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// advance carries the capability on, stage by stage, as far as the facts allow.
func (d *decider) advance() {
	d.out.Blockers, d.out.WaitsFor = nil, nil
	d.carry()
	if d.dead() != "" {
		return
	}
	for {
		v := d.view()
		if v.at >= len(d.stages) {
			return
		}
		d.out.Blockers, d.out.WaitsFor = nil, nil
		d.block(v)
		if len(d.out.Blockers) > 0 {
			return
		}
		next := Shipped
		if v.at+1 < len(d.stages) {
			next = d.stages[v.at+1].ID
		}
		d.rest(v)
		d.add(record.Entry{Kind: record.Moved, From: v.stage(), To: next, Why: d.why(v)})
		d.carry()
	}
}

// rest notes the evidence from earlier runs that a move out of this stage rests on.
func (d *decider) rest(v view) {
	for _, t := range d.in(v.stage()) {
		if !t.Approval {
			continue
		}
		for _, e := range d.approval(t).By {
			fresh := slices.ContainsFunc(d.out.New, func(n record.Entry) bool { return n.Kind == record.Approved && n.Rests == e.Rests })
			if e.Rests != "" && !fresh && !slices.Contains(d.out.Rests, e.Rests) {
				d.out.Rests = append(d.out.Rests, e.Rests)
			}
		}
	}
}

// why says for the record what a move rests on: dropped work is named.
func (d *decider) why(v view) string {
	var closers, dropped, waived, shipped []string
	for _, t := range d.in(v.stage()) {
		if s := d.done(t); !t.Approval && s != ticket.Open && s != ticket.Completed {
			dropped = append(dropped, t.Key.Name())
		}
		if by := d.c.Facts[t.Key].ClosedBy; !t.Approval && by != "" && !slices.Contains(closers, by) {
			closers = append(closers, by)
		}
	}
	if v.at+1 < len(d.stages) && d.stages[v.at+1].Gate {
		for _, id := range d.c.Capability.DependsOn {
			if d.c.Shipped == nil || !d.c.Shipped(id) {
				waived = append(waived, id)
			} else {
				shipped = append(shipped, id)
			}
		}
	}
	parts := []string{"everything in the stage is done"}
	if d.stages[v.at].Kind == "approval" {
		parts[0] = "everything in the stage is approved"
	}
	if len(closers) > 0 {
		parts = append(parts, "closed by "+strings.Join(closers, ", "))
	}
	if len(dropped) > 0 {
		parts = append(parts, "dropped: "+strings.Join(dropped, ", "))
	}
	if len(shipped) > 0 {
		parts = append(parts, "shipped: "+strings.Join(shipped, ", "))
	}
	if len(waived) > 0 {
		parts = append(parts, "waived: "+strings.Join(waived, ", "))
	}
	return strings.Join(parts, "; ")
}

func (d *decider) blocked(text string) { d.out.Blockers = append(d.out.Blockers, text) }

// block finds all that keeps the capability in its stage.
func (d *decider) block(v view) {
	stage := d.stages[v.at]
	if held, why := (record.Record{Entries: d.entries}).Held(); held {
		d.blocked(strings.TrimRight("it is on hold: "+why, ": "))
	} else if d.c.Capability.Status == "on_hold" {
		d.blocked("it is on hold: its spec says `status: on_hold`")
	}
	if missing := lacking(d.c.Capability, stage.Ready); len(missing) > 0 {
		d.blocked("the spec lacks " + strings.Join(missing, ", "))
	}
	d.blockByTickets(v)
	d.blockByPast(v)
	if v.at+1 < len(d.stages) && d.stages[v.at+1].Gate {
		for _, id := range d.c.Capability.DependsOn {
			if (d.c.Shipped == nil || !d.c.Shipped(id)) && !(record.Record{Entries: d.entries}).Waives(id) {
				d.out.WaitsFor = append(d.out.WaitsFor, id)
			}
		}
		if len(d.out.WaitsFor) > 0 {
			d.blocked("it waits for " + strings.Join(d.out.WaitsFor, ", ") + " to ship")
		}
	}
}

// blockByTickets: work must be finished, at least one piece of it completed, and every
// decision made.
func (d *decider) blockByTickets(v view) {
	work, completed := 0, 0
	for _, t := range d.in(v.stage()) {
		switch {
		case t.Approval:
			if a := d.approval(t); !a.Holds() {
				d.blocked("#" + t.Key.Within() + " is not approved")
			}
		case !d.gates(t):
		default:
			work++
			switch d.done(t) {
			case ticket.Open:
				d.blocked("#" + t.Key.Within() + " is open")
			case ticket.Completed:
				completed++
			}
		}
	}
	if d.stages[v.at].Kind == "work" && work > 0 && completed == 0 && len(d.out.Blockers) == 0 {
		d.blocked("all its work was dropped: at least one ticket must be completed")
	}
}

// gates tells whether its stage waits for a ticket. Press and marketing only hold up a
// release where the spec says so.
func (d *decider) gates(t Ticket) bool {
	switch t.Stock.Gates {
	case "":
		return true
	case "never":
		return false
	}
	return Has(d.c.Capability, t.Stock.Gates)
}

// blockByPast: a ticket reopened in or added to a passed stage moves nothing back, but shuts
// the next gate; so does an approval whose content changed.
func (d *decider) blockByPast(v view) {
	for _, t := range d.tickets {
		i := v.index(t.Stage)
		if i >= v.at || i < v.from || !v.visited[t.Stage] {
			continue
		}
		switch {
		case t.Approval:
			if a := d.approval(t); !a.Holds() {
				d.blocked("#" + t.Key.Within() + " must be approved again")
			}
		case d.gates(t) && d.done(t) == ticket.Open:
			d.blocked("#" + t.Key.Within() + " of a passed stage is open")
		}
	}
}

// verdict gathers what follows.
func (d *decider) verdict() Verdict {
	out, v := d.out, d.view()
	out.Stage, out.Since = v.stage(), v.since
	if v.from < len(d.stages) {
		out.Entered = d.stages[v.from].ID
	}
	out.Want, out.Approvals = map[ticket.Key]ticket.State{}, map[ticket.Key]Approval{}
	entered := map[string]time.Time{}
	if !hasEntered(d.entries) {
		entered[d.entry] = d.c.Began
	}
	for _, e := range d.entries {
		if e.Kind == record.Entered || e.Kind == record.Moved {
			entered[e.To] = e.At
		}
	}
	out.Closed, out.Why = closedByRule(d.c, out.Stage)
	stale := false
	for i, s := range d.stages {
		step := Step{Stage: s, State: stepState(i, v.from, v.at), Since: entered[s.ID]}
		if i < v.at && !v.visited[s.ID] {
			step.State = Skipped
		}
		step.Tickets = d.in(s.ID)
		for k := range step.Tickets {
			t := step.Tickets[k]
			opens := v.index(t.OpensAt)
			t.Due = i >= v.from && opens <= v.at && (i >= v.at || v.visited[s.ID]) && out.Closed != ticket.NotPlanned
			if t.Approval && (t.Due || i <= v.at) {
				a := d.approval(t)
				out.Approvals[t.Key] = a
				stale = stale || t.Due && a.Stale
			}
			if f, here := d.c.Facts[t.Key]; here {
				t.State = f.State
			}
			if t.Due {
				d.want(&out, t, v)
				t.State = cmp.Or(out.Want[t.Key], t.State)
			}
			step.Tickets[k] = t
		}
		out.Steps = append(out.Steps, step)
	}
	if held, _ := (record.Record{Entries: d.entries}).Held(); held || d.c.Capability.Status == "on_hold" {
		out.Flags = append(out.Flags, "on-hold")
	}
	if v.reworking() && v.at < len(d.stages) {
		out.Flags = append(out.Flags, "in-rework")
	}
	if stale && v.at < len(d.stages) {
		out.Flags = append(out.Flags, "needs-reapproval")
	}
	return out
}

// want says what state rule gives a ticket. What people close and open by themselves stays.
func (d *decider) want(out *Verdict, t Ticket, v view) {
	f, here := d.c.Facts[t.Key]
	if t.Approval {
		if out.Approvals[t.Key].Holds() {
			out.Want[t.Key] = ticket.Completed
			return
		}
		if v.at >= len(d.stages) && here { // shipped: nothing is decided any more
			return
		}
		out.Want[t.Key] = ticket.Open
		if here && f.State != ticket.Open {
			out.Clear = append(out.Clear, t.Key)
		}
		return
	}
	if !here {
		return
	}
	finished, at := d.finished(t)
	switch {
	case f.State == ticket.Open && finished != "" && f.Applied != finished && (!v.stale(t, at) || v.index(t.Stage) > v.at):
		out.Want[t.Key] = finished
	case f.State != ticket.Open && v.stale(t, d.closedAt(t)) && v.index(t.Stage) <= v.at:
		out.Want[t.Key] = ticket.Open
	case f.State != ticket.Open && (f.Closer == Robot || f.Closer == Program) && finished == "" && d.undone(t, f.ClosedAt):
		out.Want[t.Key] = ticket.Open
	}
}
