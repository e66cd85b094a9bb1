package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a container made from scratch has no time zones of its own

	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// weekdays are the names of days in files.
var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// Zone gives the time zone that people work in; nil where the config does not say.
func (c Calendar) Zone() *time.Location { return c.zone }

// Day gives the day that a clock shows, as its midnight in UTC: days are counted there, where each
// has 24 hours and begins at 0:00. In other zones some begin an hour late, or twice.
func Day(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Works tells whether people work on a day.
func (c Calendar) Works(day time.Time) bool {
	return slices.Contains(c.WorkingDays, weekdays[day.Weekday()]) && !slices.Contains(c.Holidays, day.Format(time.DateOnly))
}

// maxDaysOff is how many days without work may follow one another before they are no longer
// counted out: a year in which nobody works is a slip.
const maxDaysOff = 366

// Before gives the Day that lies as far before another as a rule says. Counted in working days
// it is a working day itself.
func (c Calendar) Before(day time.Time, rule Due) time.Time {
	day = Day(day)
	if rule.WorkingDays == 0 {
		return day.AddDate(0, 0, -rule.Days)
	}
	for left, off := rule.WorkingDays, 0; left > 0 && off < maxDaysOff; {
		day = day.AddDate(0, 0, -1)
		if c.Works(day) {
			left, off = left-1, 0
		} else {
			off++
		}
	}
	return day
}

// with lays another rule over this one, key by key. Days and working days take one another's
// place.
func (d Due) with(over Due) Due {
	if over.Before != "" {
		d.Before = over.Before
	}
	switch {
	case over.WorkingDays > 0:
		d.WorkingDays, d.Days = over.WorkingDays, 0
	case over.Days > 0 || over.OnTheDay:
		d.WorkingDays, d.Days = 0, over.Days
	}
	return d
}

// calendar finds the time zone, and rules for due dates that cannot be followed.
func (m *merger) calendar() {
	c := &m.config.Calendar
	if c.TimeZone != "" {
		zone, err := time.LoadLocation(c.TimeZone)
		if err != nil || !portable(c.TimeZone) {
			what := fmt.Sprintf("there is no time zone %q", c.TimeZone)
			if !portable(c.TimeZone) { // it may be known here, and not elsewhere
				what = fmt.Sprintf("the time zone %q is not named by continent and city", c.TimeZone)
			}
			m.fail(m.doc.At("calendar", "time_zone"), "unknown-time-zone", what, zoneHint(c.TimeZone))
		} else {
			c.zone = zone
		}
	}
	for _, name := range m.doc.Keys("audiences") {
		m.due(m.config.Audiences[name].Due, "audiences", name)
	}
	for _, product := range m.doc.Keys("products") {
		own := m.config.Products[product].Audiences
		for _, name := range m.doc.Keys("products", product, "audiences") {
			at := []any{"products", product, "audiences", name}
			a := own[name]
			a.Due.OnTheDay = m.doc.Text(append(slices.Clone(at), "due", "days")...) != "" && a.Due.Days == 0
			own[name] = a
			m.due(m.config.AudienceFor(product, name).Due, at...)
		}
	}
}

// due checks what a file says about when the tickets of an audience are due, given all that holds
// for it.
func (m *merger) due(rule Due, audience ...any) {
	at := append(slices.Clone(audience), "due")
	days, working := append(slices.Clone(at), "days"), append(slices.Clone(at), "working_days")
	hasDays, hasWorking := m.doc.Text(days...) != "", m.doc.Text(working...) != ""
	if hasDays && hasWorking {
		m.fail(m.doc.KeyAt(days...), "two-counts", "the rule counts both days and working days", "take one of the two out")
	}
	if (hasDays || hasWorking) && rule.Before == "" {
		m.fail(m.doc.KeyAt(at...), "no-date", "the rule does not say before which date it counts", `add "before: target", "before: embargo" or "before: launch"`)
	}
}

// portable tells whether the name of a time zone means the same on every machine. Some have files
// of their own among those of the tz database: "localtime", "posixrules", "right/Europe/Berlin".
func portable(zone string) bool {
	if zone == "UTC" {
		return true
	}
	parts := strings.Split(zone, "/")
	return len(parts) > 1 && !slices.ContainsFunc(parts, func(part string) bool { return part == "" || part[0] < 'A' || part[0] > 'Z' })
}

// zoneHint proposes a name for the most common slips.
func zoneHint(name string) string {
	common := []string{
		"UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Zurich", "Europe/Amsterdam",
		"Europe/Warsaw", "Europe/Helsinki", "Europe/Stockholm", "Europe/Istanbul", "America/New_York", "America/Chicago", "America/Denver",
		"America/Los_Angeles", "America/Toronto", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Asia/Shanghai", "Asia/Singapore",
		"Asia/Dubai", "Australia/Sydney", "Africa/Johannesburg",
	}
	if near, ok := plain.Nearest(name, common); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	for _, zone := range common {
		if _, city, _ := strings.Cut(zone, "/"); strings.EqualFold(city, name) {
			return fmt.Sprintf("did you mean %q?", zone)
		}
	}
	return "write continent and city, as in Europe/Berlin, or UTC"
}
