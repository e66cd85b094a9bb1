package desired

import (
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
)

// maxAssignees is how many people a tracker lets share a ticket.
const maxAssignees = 10

// people gives logins out of names: roles and teams cannot be assigned.
func people(names ...string) []string {
	var out []string
	for _, n := range names {
		n = strings.TrimPrefix(strings.TrimSpace(n), "@")
		if n == "" || strings.ContainsAny(n, ":/") || slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, n) }) {
			continue
		}
		out = append(out, n)
	}
	return out[:min(len(out), maxAssignees)]
}

// assignees are, for an approval, those who may decide by name; else the ticket's own, else
// its audience's, else the owner.
func (b builder) assignees(t pipeline.Ticket) []string {
	first := t.Added.Assignees
	if t.Approval {
		first = t.Approvers
	}
	for _, names := range [][]string{first, b.audience(t.Audience).Assignees, {b.c.Owner}} {
		if logins := people(names...); len(logins) > 0 {
			return logins
		}
	}
	return nil
}

func (b builder) audience(name string) config.Audience {
	return b.Config.AudienceFor(b.c.Product(), name)
}

// due gives the ticket's date: its own, else so many days before a date of the spec, else so
// many after its stage began. The last holds while the ticket's stage is the current one, which
// is as long as it is open; tickets that opened early have no date from their stage.
func (b builder) due(t pipeline.Ticket) (time.Time, bool) {
	if d, ok := date(t.Added.Due); ok {
		return d, true
	}
	rule := b.audience(t.Audience).Due
	if anchor, ok := b.anchor(rule.Before); ok {
		return b.Config.Calendar.Before(anchor, rule), true
	}
	if t.OpensAt != t.Stage {
		return time.Time{}, false
	}
	for _, s := range b.Status.Steps {
		entered := s.Since
		if s.State == pipeline.Current && entered.IsZero() {
			entered = b.Status.Since
		}
		if s.Stage.ID == t.Stage && s.Stage.TargetDays > 0 && !entered.IsZero() {
			return config.Day(b.local(entered)).AddDate(0, 0, s.Stage.TargetDays), true
		}
	}
	return time.Time{}, false
}

func (b builder) anchor(before string) (time.Time, bool) {
	switch before {
	case "target":
		return date(b.c.Release.TargetDate)
	case "launch":
		return date(b.c.Marketing.LaunchDate)
	case "embargo":
		t, err := time.Parse(time.RFC3339, b.c.Press.Embargo)
		if zone := b.Config.Calendar.Zone(); zone != nil {
			t = t.In(zone)
		}
		return t, err == nil
	}
	return time.Time{}, false
}

// local gives a moment as clocks show it where the config says people work.
func (b builder) local(t time.Time) time.Time {
	if zone := b.Config.Calendar.Zone(); zone != nil {
		return t.In(zone)
	}
	return t.UTC()
}

func date(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil
}

// day writes a date with its year unless that is the year of the target date, which stands in
// full on every ticket.
func (b builder) day(t time.Time) string {
	if target, ok := date(b.c.Release.TargetDate); ok && target.Year() == t.Year() {
		return t.Format("Mon 2 Jan")
	}
	return fullDay(t)
}

func fullDay(t time.Time) string { return t.Format("Mon 2 Jan 2006") }

// written gives a date of the spec in words; one that is none as it stands.
func written(s string) string {
	if t, ok := date(s); ok {
		return fullDay(t)
	}
	return s
}
