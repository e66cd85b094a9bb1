package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Decide says where the capability stands: it takes what people did in the order they did
// it, and carries the capability as far as the facts allow.
func Decide(c Case) Verdict {
	d := &decider{c: c, stages: Stages(c.Config, c.Capability.Track), entries: slices.Clone(c.Record.Entries)}
	d.entry = cmp.Or(c.Entered, entryStage(c, d.stages))
	d.entry = d.gated(d.entry)
	d.enter()
	d.tickets = d.expand()
	d.void()
	acts := slices.Clone(c.Acts)
	slices.SortStableFunc(acts, func(a, b Act) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Rests, b.Rests))
	})
	for _, a := range acts { // it had gone on by then as far as it could: no matter when runs came
		d.until = a.At
		d.advance()
		d.act(a)
	}
	d.until = time.Time{}
	d.undo()
	d.advance()
	return d.verdict()
}

type decider struct {
	c       Case
	stages  []config.Stage
	entry   string
	entries []record.Entry // the record with what is new at its end
	tickets []Ticket       // of all stages, rework tickets included
	until   time.Time      // closes after this are not there yet; zero for all are
	out     Verdict
}

func (d *decider) view() view { return look(d.c.Config, d.stages, d.entries, d.entry, d.c.Began) }

func (d *decider) add(e record.Entry) {
	e.Commit = cmp.Or(e.Commit, d.c.Commit)
	if e.At.IsZero() {
		e.At = d.c.Now
	}
	d.entries = append(d.entries, e)
	d.out.New = append(d.out.New, e)
	if e.Kind == record.Rejected || e.Kind == record.Reworked {
		d.tickets = d.expand() // there may be a ticket for the rework now
	}
}

// gated gives the stage to enter at: a start_stage does not bypass a gate that waits for other
// capabilities, so it enters in front of it.
func (d *decider) gated(entry string) string {
	if d.c.Entered != "" || len(d.entries) > 0 {
		return entry
	}
	waits := slices.ContainsFunc(d.c.Capability.DependsOn, func(id string) bool { return d.c.Shipped == nil || !d.c.Shipped(id) })
	for i, s := range d.stages {
		if s.Gate && i > 0 && waits {
			return d.stages[i-1].ID
		}
		if s.ID == entry {
			break
		}
	}
	return entry
}

func (d *decider) enter() {
	if stage, _, _ := (record.Record{Entries: d.entries}).Stage(); stage != "" || d.dead() != "" {
		return
	}
	start := d.c.Capability.StartStage
	if len(d.stages) == 0 || d.entry == d.stages[0].ID || start == "" || len(d.entries) > 0 {
		return // entering at the beginning is no decision and needs no line
	}
	why := "its spec says `start_stage: " + start + "`, so it was adopted midway; nothing before was approved here"
	if start != d.entry {
		why += "; what it depends on has not shipped, so it waits in front of the gate"
	}
	d.add(record.Entry{Kind: record.Entered, To: d.entry, Why: why})
}

// dead says how a capability is closed by rule, but for shipping.
func (d *decider) dead() ticket.State {
	state, _ := closedByRule(d.c, "")
	return state
}

// void records evidence that is gone, so that what rested on it falls for good.
func (d *decider) void() {
	d.missed()
	voided := d.view().voided
	for _, e := range d.entries {
		if e.Kind == record.Approved && d.c.Gone[e.Rests] && !voided[e.Rests] {
			voided[e.Rests] = true
			d.add(record.Entry{Kind: record.Voided, Ticket: e.Ticket, Rests: e.Rests, Who: e.Who, ID: e.ID,
				Why: "what it rested on is gone, or another person's"})
		}
	}
}

// missed records what was remembered and stands no longer in the record, because somebody
// deleted or edited the comment: the approvals it carried fall for good, and so do those that
// had fallen by a way back it carried.
func (d *decider) missed() {
	fall := func(e record.Entry, why string) {
		if e.Rests != "" && !d.view().voided[e.Rests] {
			d.add(record.Entry{Kind: record.Voided, Ticket: e.Ticket, Rests: e.Rests, Who: e.Who, ID: e.ID, Why: why})
		}
	}
	for i, e := range d.c.Kept {
		if slices.ContainsFunc(d.c.Record.Entries, func(o record.Entry) bool {
			return o.Kind == e.Kind && o.Ticket == e.Ticket && o.Rests == e.Rests && o.ID == e.ID
		}) {
			continue
		}
		switch e.Kind {
		case record.Approved, record.Voided:
			fall(e, "the comment that recorded it was deleted or edited")
		case record.Rejected, record.Reworked:
			to := d.view().index(e.To)
			for _, before := range d.c.Kept[:i] {
				if before.Kind == record.Approved && d.view().index(ticket.Key("/"+before.Ticket).Stage()) >= to {
					fall(before, "the comment that recorded the way back after it was deleted or edited")
				}
			}
		}
	}
}

// expand lists all tickets, with those that a way back added.
func (d *decider) expand() []Ticket {
	out := expand(d.c.Capability, d.c.Config, d.stages)
	v := d.view()
	n := 0
	for _, c := range v.cuts {
		if len(c.e.Tickets) > 0 || c.to >= len(d.stages) {
			continue
		}
		n++
		stage := d.stages[c.to]
		t := Ticket{
			Key: ticket.Make(d.c.Capability.ID, stage.ID, fmt.Sprintf("rework-%d", n)), Stage: stage.ID, OpensAt: stage.ID,
			Title: reworkTitle(n, c.e.Why), Audience: "product", Type: "task", origin: NoTicket().origin,
		}
		t.Rework = &c.e
		if len(stage.Tickets) > 0 {
			t.Audience = cmp.Or(stage.Tickets[0].Audience, t.Audience)
		}
		out = append(out, t)
	}
	return out
}

// reworkTitle says in a few words what is to be done again.
func reworkTitle(n int, why string) string {
	const most = 60 // characters
	why, _, _ = strings.Cut(strings.TrimSpace(why), "\n")
	if r := []rune(why); len(r) > most {
		why = strings.TrimSpace(string(r[:most])) + "…"
	}
	return strings.TrimRight(fmt.Sprintf("Rework %d: %s", n, why), ": ")
}

func (d *decider) find(key ticket.Key) (Ticket, bool) {
	i := slices.IndexFunc(d.tickets, func(t Ticket) bool { return t.Key == key })
	if i < 0 {
		return NoTicket(), false
	}
	return d.tickets[i], true
}

func (d *decider) in(stage string) []Ticket {
	count := 0
	for i := range d.tickets {
		if d.tickets[i].Stage == stage {
			count++
		}
	}
	out := make([]Ticket, 0, count)
	for i := range d.tickets {
		if d.tickets[i].Stage == stage {
			out = append(out, d.tickets[i])
		}
	}
	return out
}

// approval says where the decision on a ticket stands.
func (d *decider) approval(t Ticket) Approval {
	v := d.view()
	a := Approval{Needed: 1, Saw: Bound(t, d.c.Capability, d.c.Texts)}
	a.Hash, a.Since = Hash(a.Saw), d.c.Now
	if shown := d.c.Facts[t.Key].Shown; shown.Hash == a.Hash && !shown.Since.IsZero() {
		a.Since = shown.Since
	}
	if i := v.index(t.Stage); i < len(d.stages) && d.stages[i].ID == t.Stage {
		a.Needed = max(1, d.stages[i].MinApprovals)
	}
	given := v.decisions(t)
	for _, e := range given {
		if v.binds(e.Ticket, e.Hash, a.Hash) {
			a.By = append(a.By, e)
		}
	}
	a.Lost = len(given) - len(a.By)
	if len(given) > 0 && !a.Holds() && len(given) >= a.Needed {
		a.Stale, a.Before = true, given[len(given)-1].Saw
	}
	return a
}

// carry keeps approvals for which no more was filled in than the later stages ask for.
func (d *decider) carry() {
	v := d.view()
	for _, t := range d.tickets {
		if !t.Approval {
			continue
		}
		a := d.approval(t)
		if a.Lost == 0 {
			continue
		}
		seen := map[string]bool{a.Hash: true}
		for _, e := range v.decisions(t) {
			if seen[e.Hash] || v.binds(e.Ticket, e.Hash, a.Hash) || !v.filledInTime(e.Saw, a.Saw) {
				continue
			}
			seen[e.Hash] = true
			d.add(record.Entry{Kind: record.Carried, Ticket: t.Key.Within(), From: e.Hash, Hash: a.Hash, Saw: a.Saw,
				Why: "since it was approved only " + strings.Join(Changed(e.Saw, a.Saw), ", ") + " was filled in, in time"})
		}
	}
}

// done says whether a work ticket is finished, and how; Open while it is not.
func (d *decider) done(t Ticket) ticket.State {
	f, here := d.c.Facts[t.Key]
	if !here {
		return ticket.Open
	}
	v := d.view()
	if state, at := d.finished(t); state != "" && !v.stale(t, at) && (f.State != ticket.Open || f.Applied != state) {
		return state
	}
	if f.State == ticket.Open || v.stale(t, d.closedAt(t)) || !d.until.IsZero() && f.ClosedAt.After(d.until) {
		return ticket.Open
	}
	switch f.Closer {
	case Unread:
		d.unread(t.Key)
		return ticket.Open
	case Robot, Program:
		return ticket.Open
	}
	return f.State
}

func (d *decider) unread(key ticket.Key) {
	if !slices.Contains(d.out.Unread, key) {
		d.out.Unread = append(d.out.Unread, key)
	}
}

// finished gives how a work ticket was finished by comment, and when; empty if it was not, or
// was opened again by rule since.
func (d *decider) finished(t Ticket) (ticket.State, time.Time) {
	for _, e := range slices.Backward(d.entries) {
		if e.Ticket != t.Key.Within() {
			continue
		}
		switch e.Kind {
		case record.Finished:
			return ticket.Completed, e.At
		case record.Dropped:
			return ticket.NotPlanned, e.At
		}
	}
	return "", time.Time{}
}

// closedAt says when a ticket was closed: for one that rule closed because somebody said that
// it is finished, when that was said.
func (d *decider) closedAt(t Ticket) time.Time {
	f := d.c.Facts[t.Key]
	if state, at := d.finished(t); state != "" && f.State == state && f.Applied == state && f.Closer != Person {
		return at
	}
	return f.ClosedAt
}

// undo reopens, once, what another program closed.
func (d *decider) undo() {
	for _, t := range d.tickets {
		f, here := d.c.Facts[t.Key]
		if !here || t.Approval || f.State == ticket.Open || f.Closer != Robot && f.Closer != Program || d.undone(t, time.Time{}) {
			continue
		}
		if state, _ := d.finished(t); state != "" {
			continue
		}
		d.add(record.Entry{Kind: record.Undone, Ticket: t.Key.Within(), Why: "a program closed it, and only people finish work"})
	}
}

// undone tells whether the record says that a close by a program was, or is to be, undone;
// since restricts it to closes before the entry.
func (d *decider) undone(t Ticket, closed time.Time) bool {
	return slices.ContainsFunc(d.entries, func(e record.Entry) bool {
		return e.Kind == record.Undone && e.Ticket == t.Key.Within() && !e.At.Before(closed)
	})
}
