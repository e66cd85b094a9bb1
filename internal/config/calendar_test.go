package config

import (
	"testing"
	"time"
)

func TestDueRules(t *testing.T) {
	c := parse(t, `
calendar:
  time_zone: Europe/Berlin
  working_days: [monday, tuesday, wednesday, thursday]
  holidays: ["2027-03-15"]
audiences:
  press: {due: {working_days: 3}}
  docs: {due: {days: 0}}
products:
  CRM: {audiences: {press: {due: {days: 1}}, marketing: {due: {before: target, working_days: 1}}}}
`)
	if z := c.Calendar.Zone(); z == nil || z.String() != "Europe/Berlin" {
		t.Errorf("zone %v", z)
	}
	if Default().Calendar.Zone() != nil {
		t.Error("the default says where people work")
	}
	tuesday := time.Date(2027, 3, 16, 9, 0, 0, 0, time.UTC)
	for _, r := range []struct {
		product, audience string
		want              Due
		day               string
		why               string
	}{
		{"", "press", Due{Before: "embargo", WorkingDays: 3}, "2027-03-09", "the default counts days, the file working days: Thu 11, Wed 10, Tue 9"},
		{"CRM", "press", Due{Before: "embargo", Days: 1}, "2027-03-15", "the product counts days again"},
		{"CRM", "marketing", Due{Before: "target", WorkingDays: 1}, "2027-03-11", "over a holiday, a weekend and a free Friday"},
		{"", "docs", Due{Before: "target"}, "2027-03-16", "on the day itself"},
		{"", "marketing", Due{Before: "launch", Days: 5}, "2027-03-11", "as ever"},
	} {
		rule := c.AudienceFor(r.product, r.audience).Due
		if rule != r.want {
			t.Errorf("%s of %q: %+v, want %+v", r.audience, r.product, rule, r.want)
		}
		if got := c.Calendar.Before(tuesday, rule).Format(time.DateOnly); got != r.day {
			t.Errorf("%s of %q: %s, want %s: %s", r.audience, r.product, got, r.day, r.why)
		}
	}
}

// A calendar without a working day still gives a date.
func TestNobodyWorks(t *testing.T) {
	day := time.Date(2027, 3, 16, 0, 0, 0, 0, time.UTC)
	got := Calendar{}.Before(day, Due{WorkingDays: 2})
	if got.After(day) || got.Before(day.AddDate(-2, 0, 0)) {
		t.Errorf("got %s", got)
	}
}
