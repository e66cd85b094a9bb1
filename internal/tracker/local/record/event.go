package record

import (
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
)

// Log is the file of a ticket's events, one to a line.
type Log struct {
	Events []Event `yaml:"events"`
}

// Event is one line of a ticket's log: who did what to it.
type Event struct {
	ID    int       `yaml:"id"` // under its ticket, from 1
	At    time.Time `yaml:"at"`
	By    string    `yaml:"by"`
	Did   string    `yaml:"did"`             // labeled, unlabeled, assigned, unassigned, renamed, closed, reopened
	Label string    `yaml:"label,omitempty"` // as it was called then
	Whom  string    `yaml:"whom,omitempty"`  // assigned and unassigned
	As    string    `yaml:"as,omitempty"`    // closed: the state it got; renamed: the new title
}

// MarshalYAML writes an event on a line of its own.
func (e Event) MarshalYAML() (any, error) {
	type plain Event
	var n yaml.Node
	if err := n.Encode(plain(e)); err != nil {
		return nil, err
	}
	n.Style = yaml.FlowStyle
	return &n, nil
}

// maxEvent leaves room for the events to come.
const maxEvent = 1_000_000_000

// ParseLog reads a log.
func ParseLog(file string, text []byte) (Log, error) {
	var l Log
	if err := folder.Decode(file, text, &l); err != nil {
		return Log{}, err
	}
	last := 0
	for _, e := range l.Events {
		if e.ID <= last {
			return Log{}, damaged(file, 0, fmt.Sprintf("event %d stands after event %d; ids only grow", e.ID, last))
		}
		last = e.ID
	}
	if last > maxEvent {
		return Log{}, damaged(file, 0, fmt.Sprintf("event %d is beyond %d, the last there can be", last, maxEvent))
	}
	return l, nil
}

// Add gives the log with more events at its end, numbered on. What stands in it stays.
func (l Log) Add(more []Event) Log {
	last := 0
	if n := len(l.Events); n > 0 {
		last = l.Events[n-1].ID
	}
	out := Log{Events: append([]Event(nil), l.Events...)}
	for i, e := range more {
		e.ID = last + 1 + i
		out.Events = append(out.Events, e)
	}
	return out
}

// Happened tells what the change of a ticket from before to after is in its log. Body, milestone
// and links leave no trace there.
func Happened(before, after Head) []Event {
	var out []Event
	if before.Title != after.Title && before.Title != "" {
		out = append(out, Event{Did: "renamed", As: after.Title})
	}
	for _, name := range missing(before.Labels, after.Labels) {
		out = append(out, Event{Did: "unlabeled", Label: name})
	}
	for _, name := range missing(after.Labels, before.Labels) {
		out = append(out, Event{Did: "labeled", Label: name})
	}
	for _, login := range missing(before.Assignees, after.Assignees) {
		out = append(out, Event{Did: "unassigned", Whom: login})
	}
	for _, login := range missing(after.Assignees, before.Assignees) {
		out = append(out, Event{Did: "assigned", Whom: login})
	}
	switch was, is := open(before), open(after); {
	case was && !is:
		out = append(out, Event{Did: "closed", As: string(after.State)})
	case !was && is:
		out = append(out, Event{Did: "reopened"})
	}
	return out
}

// open is also what a ticket is before it is made.
func open(h Head) bool { return h.State == "open" || h.State == "" }

// missing gives the names that are in a but not in b, whatever their case.
func missing(a, b []string) []string {
	var out []string
	for _, name := range a {
		if !HasFold(b, name) {
			out = append(out, name)
		}
	}
	return out
}
