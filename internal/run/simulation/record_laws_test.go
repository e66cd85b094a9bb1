package simulation_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

const (
	firstStage    = "triage"
	decidingStage = "spec-approval"
)

// comments checks a comment that the program has just written.
func (l *laws) comments(w *worker, on fakegithub.Issue, c fakegithub.Comment) {
	began := l.watches[w].began
	for _, o := range on.Comments {
		at, ours := l.posted[o.ID]
		if ours && at <= began && o.Author == fakegithub.BotLogin && o.Edits == 0 && ticket.SameBody(o.Body, c.Body) {
			l.s.fail("#%d is told twice: %.200q", on.Number, c.Body)
		}
	}
	l.posted[c.ID] = l.step
	key := l.keys[on.Number]
	if !key.IsCapability() {
		return
	}
	entries := recorded(string(key), []fakegithub.Comment{c})
	for _, e := range entries {
		l.entry(w, on, c, key, e)
	}
}

// recorded reads what comments add to the record.
func recorded(id string, comments []fakegithub.Comment) []record.Entry {
	var list []ticket.Comment
	for _, c := range comments {
		at := begin()
		o := ticket.Comment{ID: c.ID, Body: c.Body, Author: ticket.Account{Login: c.Author}, CreatedAt: at, UpdatedAt: at}
		if c.Edits > 0 {
			o.UpdatedAt = at.Add(time.Second)
		}
		list = append(list, o)
	}
	return record.Read(id, list, func(a ticket.Account) bool { return a.Login == fakegithub.BotLogin }).Entries
}

// entry checks one line of the record: who decided, and that a capability is nowhere without it.
func (l *laws) entry(w *worker, on fakegithub.Issue, c fakegithub.Comment, key ticket.Key, e record.Entry) {
	began := l.watches[w].began
	for _, o := range on.Comments {
		if at, ours := l.posted[o.ID]; !ours || o.ID == c.ID || at > began || e.Rests == "" {
			continue
		}
		if slices.ContainsFunc(recorded(string(key), []fakegithub.Comment{o}), func(b record.Entry) bool {
			return b.Kind == e.Kind && b.Ticket == e.Ticket && b.Rests == e.Rests
		}) {
			l.s.fail("%s records twice that %s %s %s", key, e.Who, e.Kind, e.Ticket)
		}
	}
	switch e.Kind {
	case record.Approved:
		l.decided(w, key, e, "/approve", "approved")
	case record.Rejected:
		l.decided(w, key, e, "/reject", "rejected")
	case record.Entered, record.Moved:
		if e.Kind == record.Moved && e.From == decidingStage && e.Why != "sent back" && !l.approved(key, on) {
			l.s.fail("%s leaves %s for %s, and nobody entitled approved it", key, e.From, e.To)
		}
		l.reached[string(key)] = append(l.reached[string(key)], e.To)
	}
}

// decided checks the evidence that a decision rests on.
func (l *laws) decided(w *worker, key ticket.Key, e record.Entry, command, label string) {
	kind, id, _ := strings.Cut(e.Rests, ":")
	var n int64
	if _, err := fmt.Sscan(id, &n); err != nil {
		l.s.fail("a decision about %s rests on %q", key, e.Rests)
		return
	}
	r, text := l.said[n], command
	if kind == "event" {
		r, text = l.marked[n], label
	}
	switch {
	case !slices.Contains(entitled, r.who) || !strings.HasPrefix(r.text, text):
		l.s.fail("%s is said to be %s on the word of %q, who said %q", key, e.Kind, r.who, r.text)
	case r.key != ticket.Key(string(key)+"/"+e.Ticket):
		l.s.fail("%s/%s is said to be %s, and that was said on %s", key, e.Ticket, e.Kind, r.key)
	case r.voided != 0 && r.voided <= l.watches[w].began:
		l.s.fail("%s is said to be %s, and that was edited or deleted before", key, e.Kind)
	}
}

// approved tells whether an approval stands in the record, or in what is being added to it.
func (l *laws) approved(key ticket.Key, on fakegithub.Issue) bool {
	for _, o := range on.Comments {
		if slices.ContainsFunc(recorded(string(key), []fakegithub.Comment{{ID: o.ID, Author: o.Author, Body: o.Body}}), func(e record.Entry) bool { return e.Kind == record.Approved }) {
			return true
		}
	}
	return false
}

// completed checks that the program closes nothing as completed that nobody has decided or done.
func (l *laws) completed(i fakegithub.Issue) {
	key := l.keys[i.Number]
	for _, r := range l.said {
		if r.key != key || r.who == fakegithub.BotLogin {
			continue
		}
		if key.Stage() == decidingStage && slices.Contains(entitled, r.who) && strings.HasPrefix(r.text, "/approve") ||
			key.Stage() != decidingStage && r.who != "rob" && strings.HasPrefix(r.text, "/done") {
			return
		}
	}
	for _, r := range l.marked {
		if r.key == key && key.Stage() == decidingStage && r.text == "approved" && slices.Contains(entitled, r.who) {
			return
		}
	}
	if key.IsCapability() && len(l.reached[string(key)]) > 0 && slices.Contains(l.reached[string(key)], "shipped") {
		return
	}
	l.s.fail("#%d (%s) is completed by the program, and nobody entitled said so", i.Number, key)
}
