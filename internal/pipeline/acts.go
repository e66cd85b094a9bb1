package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// act takes one thing that somebody did: it becomes part of the record, or is refused with a
// reason, or is passed over in silence where it is not for us to answer.
func (d *decider) act(a Act) {
	byRule := a.Program && a.Verb == Done
	if !byRule && (a.Who.Bot || a.Who.ID == 0) || (record.Record{Entries: d.entries}).Has(a.Rests) || d.view().voided[a.Rests] || d.dead() != "" {
		return
	}
	if steers := slices.Contains([]Verb{Waive, Hold, Resume, Rework}, a.Verb); steers && !a.Ticket.IsCapability() {
		d.refuse(a, "`/%s` is for the capability as a whole: comment it on the capability issue", a.Verb)
		return
	}
	switch a.Verb {
	case Approve, Reject:
		d.decision(a)
	case Done, NotNeeded:
		d.finish(a)
	case Waive:
		d.waive(a)
	case Hold, Resume, Rework:
		d.steer(a)
	case Report:
		if rank(a.Role) >= rank("triage") {
			d.out.Replies = append(d.out.Replies, Reply{Act: a})
		}
	}
}

func (d *decider) refuse(a Act, format string, args ...any) {
	d.out.Refusals = append(d.out.Refusals, Refusal{Act: a, Text: short(fmt.Sprintf(format, args...), maxRefusal)})
}

// What people write is kept within what fits a comment with much else in it.
const (
	maxWhy     = 1000 // characters of a reason; the rest stands in their comment
	maxRefusal = 500
)

func short(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// entry begins an entry for an act.
func entry(kind record.Kind, a Act) record.Entry {
	return record.Entry{Kind: kind, Who: a.Who.Login, ID: a.Who.ID, At: a.At, Why: short(a.Why, maxWhy), Rests: a.Rests}
}

// decision takes an approval or a rejection.
func (d *decider) decision(a Act) {
	t, ok := d.find(a.Ticket)
	if !ok || !t.Approval {
		switch {
		case a.Ticket.IsCapability():
			d.refuse(a, "nothing is decided on the capability issue itself: comment on the approval ticket")
		case ok && !a.Label:
			d.refuse(a, "this ticket is work to be done, not a decision: close it when it is finished, or comment `/done`")
		}
		return
	}
	v := d.view()
	if c, fell := v.lastCut(t.Stage); fell && !a.At.After(c.at) {
		if a.Label {
			d.out.Clear = append(d.out.Clear, t.Key)
		}
		return // from before the way back; it has fallen
	}
	if a.Void != "" {
		d.refuse(a, "%s", a.Void)
		return
	}
	state := d.approval(t)
	i := v.index(t.Stage)
	open := i == v.at || i < v.at && v.visited[t.Stage] && !state.Holds()
	switch {
	case v.at >= len(d.stages):
		return
	case !open && i > v.at:
		d.refuse(a, "the capability is in %s; this is decided when it gets to %s", v.stage(), t.Stage)
		return
	case !d.may(a, t.Approvers):
		d.refuse(a, "this is decided by %s, and %s is none of them now", people(t.Approvers), a.Who.Login)
		return
	}
	if a.Verb == Reject {
		d.reject(a, t, v)
		return
	}
	d.approve(a, t, state, v)
}

func (d *decider) approve(a Act, t Ticket, state Approval, v view) {
	if d.c.Config.Pipeline.NoSelfApproval && strings.EqualFold(a.Who.Login, d.c.Capability.Owner) {
		d.refuse(a, "the owner of a capability does not approve it here (`no_self_approval`)")
		return
	}
	if i := v.index(t.Stage); d.stages[i].Distinct {
		for _, other := range d.in(t.Stage) {
			if other.Approval && other.Key != t.Key && slices.ContainsFunc(d.approval(other).By, func(e record.Entry) bool { return e.ID == a.Who.ID }) {
				d.refuse(a, "%s has approved %s already; the two are decided by different people", a.Who.Login, other.Key.Name())
				return
			}
		}
	}
	e := entry(record.Approved, a)
	e.Ticket, e.Hash, e.Saw = t.Key.Within(), state.Hash, state.Saw
	if shown := d.c.Facts[t.Key].Shown.at(a.At); shown != "" && shown != state.Hash {
		e.Hash, e.Saw = shown, v.without(shown, state.Saw) // decided on what the ticket showed then
	}
	same := func(o record.Entry) bool { return o.ID == a.Who.ID && o.Hash == e.Hash }
	if slices.ContainsFunc(v.decisions(t), same) {
		return // said twice
	}
	d.add(e)
}

func (d *decider) reject(a Act, t Ticket, v view) {
	back := d.stages[v.index(t.Stage)].RejectTo
	to := cmp.Or(a.To, first(back))
	switch {
	case len(back) == 0:
		d.refuse(a, "%s leads back to no stage; say what is wrong in a comment, or use `/rework STAGE reason` on the capability issue", t.Stage)
		return
	case !slices.Contains(back, to) || v.index(to) >= len(d.stages) || d.stages[v.index(to)].ID != to:
		d.refuse(a, "%q is not where %s leads back to; allowed: %s", to, t.Stage, strings.Join(back, ", "))
		return
	case strings.TrimSpace(a.Why) == "" && !a.Label:
		d.refuse(a, "a rejection needs its reason: `/reject [to:STAGE] [tickets:key,…] reason`")
		return
	}
	named, unknown := d.named(a.Tickets, to)
	if len(unknown) > 0 {
		d.refuse(a, "%s has no ticket %s", to, strings.Join(unknown, ", "))
		return
	}
	e := entry(record.Rejected, a)
	e.Ticket, e.From, e.To, e.Tickets = t.Key.Within(), v.stage(), to, named
	d.back(e)
}

// back records a way back with its move.
func (d *decider) back(e record.Entry) {
	d.add(e)
	d.add(record.Entry{Kind: record.Moved, From: e.From, To: e.To, At: e.At, Who: e.Who, ID: e.ID, Why: "sent back"})
}

// named finds tickets of a stage by key or name.
func (d *decider) named(names []string, stage string) (keys, unknown []string) {
	for _, n := range names {
		i := slices.IndexFunc(d.in(stage), func(t Ticket) bool { return t.Key.Name() == n || t.Key.Within() == n || string(t.Key) == n })
		if i < 0 {
			unknown = append(unknown, n)
			continue
		}
		keys = append(keys, d.in(stage)[i].Key.Within())
	}
	return keys, unknown
}

// finish takes /done and /not-needed: an assignee finishes work without the right to close it.
func (d *decider) finish(a Act) {
	t, ok := d.find(a.Ticket)
	f := d.c.Facts[a.Ticket]
	assigned := slices.ContainsFunc(f.Assignees, func(l string) bool { return strings.EqualFold(l, a.Who.Login) })
	switch {
	case a.Ticket.IsCapability():
		d.refuse(a, "the capability as a whole is not finished by comment: comment on the ticket that is done or not needed")
	case !ok || f.State != ticket.Open && f.State != "":
		return
	case t.Approval && a.Program:
		return // no rule decides
	case t.Approval:
		d.refuse(a, "this ticket is a decision: comment `/approve` or `/reject reason`")
	case !assigned && !a.Program && rank(a.Role) < rank("triage"):
		d.refuse(a, "only those who are assigned, or may triage, finish a ticket by comment")
	case a.Verb == NotNeeded && strings.TrimSpace(a.Why) == "":
		d.refuse(a, "say why it is not needed: `/not-needed reason`")
	default:
		kind := record.Finished
		if a.Verb == NotNeeded {
			kind = record.Dropped
		}
		e := entry(kind, a)
		e.Ticket = t.Key.Within()
		d.add(e)
	}
}

// waive takes /waive: the approvers of the gated stage let a dependency be.
func (d *decider) waive(a Act) {
	gate := slices.IndexFunc(d.stages, func(s config.Stage) bool { return s.Gate })
	id := first(a.Tickets)
	switch {
	case gate < 0:
		d.refuse(a, "no stage of this capability waits for others")
	case !slices.Contains(d.c.Capability.DependsOn, id):
		d.refuse(a, "this capability does not depend on %q; it depends on: %s", id, cmp.Or(strings.Join(d.c.Capability.DependsOn, ", "), "nothing"))
	case strings.TrimSpace(a.Why) == "":
		d.refuse(a, "say why it need not be waited for: `/waive %s reason`", id)
	case !d.may(a, approversOf(d.stages[gate])):
		d.refuse(a, "this is decided by %s, and %s is none of them now", people(approversOf(d.stages[gate])), a.Who.Login)
	case (record.Record{Entries: d.entries}).Waives(id): // said twice
	default:
		e := entry(record.Waived, a)
		e.Tickets = []string{id}
		d.add(e)
	}
}

// steer takes /hold, /resume and /rework: the approvers of the current stage, or the owner.
func (d *decider) steer(a Act) {
	v := d.view()
	if v.at >= len(d.stages) {
		return
	}
	who := approversOf(d.stages[v.at])
	held, _ := (record.Record{Entries: d.entries}).Held()
	switch {
	case !strings.EqualFold(a.Who.Login, d.c.Capability.Owner) && !d.may(a, who):
		d.refuse(a, "this is decided by %s or the owner, and %s is none of them now", people(who), a.Who.Login)
	case a.Verb == Hold && strings.TrimSpace(a.Why) == "":
		d.refuse(a, "say why: `/hold reason`")
	case a.Verb == Hold && !held:
		d.add(entry(record.Held, a))
	case a.Verb == Resume && held:
		d.add(entry(record.Resumed, a))
	case a.Verb == Resume && d.c.Capability.Status == "on_hold":
		d.refuse(a, "its spec says `status: on_hold`, and the spec wins; change it there")
	case a.Verb == Rework:
		d.rework(a, v)
	}
}

func (d *decider) rework(a Act, v view) {
	i := slices.IndexFunc(d.stages, func(s config.Stage) bool { return s.ID == a.To })
	switch {
	case i < 0 || i >= v.at || i < v.from:
		d.refuse(a, "%q is no stage that it has passed", a.To)
	case strings.TrimSpace(a.Why) == "":
		d.refuse(a, "say why: `/rework %s reason`", a.To)
	default:
		e := entry(record.Reworked, a)
		e.From, e.To = v.stage(), a.To
		d.back(e)
	}
}

func (d *decider) may(a Act, approvers []string) bool { return May(a.Who.Login, a.Role, approvers) }

// May tells whether a person is among the approvers now: by login, and then holding triage, or by
// a role at least as high. A role that could not be read is none.
func May(login, role string, approvers []string) bool {
	for _, who := range approvers {
		if least, ok := strings.CutPrefix(who, "role:"); ok {
			if rank(least) > 0 && rank(role) >= rank(least) {
				return true
			}
			continue
		}
		if strings.EqualFold(strings.TrimPrefix(who, "@"), login) && rank(role) >= rank("triage") {
			return true
		}
	}
	return false
}

// rank orders GitHub's built-in roles; 0 is none of them.
func rank(role string) int {
	return slices.Index([]string{"", "read", "triage", "write", "maintain", "admin"}, role)
}

// approversOf are a stage's, or the default: role:maintain.
func approversOf(s config.Stage) []string {
	if len(s.Approvers) == 0 {
		return []string{"role:maintain"}
	}
	return s.Approvers
}

func people(approvers []string) string {
	out := make([]string, len(approvers))
	for i, a := range approvers {
		if role, ok := strings.CutPrefix(a, "role:"); ok {
			a = "people with the role " + role + " or higher"
		}
		out[i] = a
	}
	return strings.Join(out, " or ")
}

func first(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}
