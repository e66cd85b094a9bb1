package pipeline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Command reads the command that a comment opens with: its first line that is not blank must
// begin with a slash and a verb. Quoted, indented and fenced text is no command, nor is an
// edited comment. The rest of the line, and the lines below it, are the reason.
func Command(c ticket.Comment) (Act, bool) {
	if c.Edited() {
		return Act{}, false
	}
	line, below, _ := strings.Cut(strings.TrimLeft(strings.ReplaceAll(c.Body, "\r\n", "\n"), "\n"), "\n")
	word, rest, _ := strings.Cut(line, " ")
	verb, ok := strings.CutPrefix(word, "/")
	if !ok || !slices.Contains([]Verb{Approve, Reject, Done, NotNeeded, Waive, Hold, Resume, Rework, Report}, Verb(verb)) {
		return Act{}, false
	}
	a := Act{Verb: Verb(verb), Who: c.Author, At: c.CreatedAt}
	words := strings.Fields(rest)
	switch a.Verb {
	case Waive:
		if len(words) > 0 {
			a.Tickets, words = []string{strings.ToUpper(words[0])}, words[1:]
		}
	case Rework:
		if len(words) > 0 {
			a.To, words = words[0], words[1:]
		}
	case Reject:
		words = a.options(words)
	}
	a.Why = strings.TrimSpace(strings.Join(words, " ") + "\n" + strings.TrimSpace(below))
	return a, true
}

// options takes to:STAGE and tickets:a,b from the front of a rejection.
func (a *Act) options(words []string) []string {
	for len(words) > 0 {
		if to, ok := strings.CutPrefix(words[0], "to:"); ok {
			a.To = to
		} else if names, ok := strings.CutPrefix(words[0], "tickets:"); ok {
			a.Tickets = strings.FieldsFunc(names, func(r rune) bool { return r == ',' })
		} else {
			break
		}
		words = words[1:]
	}
	return words
}

// LabelActs gives the decision that labels on an approval ticket stand for: the newest time
// that exactly this label was put on and not taken off since, by the one who did it. A label
// that is there without such an event (set by renaming another label) decides nothing. Nor does
// an older event once a person took off a label that was never put on under that name: labels
// were renamed, and it may have been this one.
func LabelActs(labels []string, events []ticket.Event) []Act {
	var out []Act
	for _, l := range []struct {
		name string
		verb Verb
	}{{"approved", Approve}, {"rejected", Reject}} {
		if !slices.ContainsFunc(labels, func(n string) bool { return strings.EqualFold(n, l.name) }) {
			continue
		}
		var last ticket.Event
		on := map[string]bool{} // by the names at that time
		for _, e := range events {
			name := strings.ToLower(e.Label)
			switch e.Kind {
			case "labeled":
				on[name] = true
				if name == l.name {
					last = e
				}
			case "unlabeled":
				if name == l.name || !on[name] && !e.Actor.Bot {
					last = ticket.Event{}
				}
				on[name] = false
			}
		}
		if last.ID != 0 {
			out = append(out, Act{Verb: l.verb, Who: last.Actor, At: last.At, Label: true})
			out[len(out)-1].Rests = restOnEvent(last.ID)
		}
	}
	return out
}

// ClosedBy tells who closed a ticket last, by its log, and for a person with which login.
// program tells the program's own account.
func ClosedBy(events []ticket.Event, program func(ticket.Account) bool) (Closer, string) {
	for _, e := range slices.Backward(events) {
		if e.Kind != "closed" {
			continue
		}
		switch {
		case program(e.Actor):
			return Program, ""
		case e.Actor.Bot || e.Actor.ID == 0:
			return Robot, ""
		}
		return Person, e.Actor.Login
	}
	return Robot, "" // no log of it: not known to be a person
}

func restOnEvent(id int64) string { return "event:" + strconv.FormatInt(id, 10) }

// RestOnComment names a comment as evidence.
func RestOnComment(id int64) string { return "comment:" + strconv.FormatInt(id, 10) }
