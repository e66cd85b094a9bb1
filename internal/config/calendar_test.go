package config

import (
	"testing"
	"time"

	"pgregory.net/rapid"
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
  ERP: {audiences: {press: {due: {days: 0}}, marketing: {due: {days: 0}}, release: {due: {before: launch}}}}
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
		{"ERP", "press", Due{Before: "embargo"}, "2027-03-16", "the product wants it on the day, the others three working days before"},
		{"ERP", "marketing", Due{Before: "launch"}, "2027-03-16", "the product wants it on the day, the default is five days before"},
		{"ERP", "release", Due{Before: "launch", Days: 1}, "2027-03-15", "another date, counted as ever"},
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

// TestDaysWithoutClocks: a day is one day long, also where clocks change at midnight, and in a zone
// that left a day out.
func TestDaysWithoutClocks(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Santiago", "America/Havana", "America/Asuncion", "Asia/Beirut", "Africa/Cairo", "Asia/Tehran", "Pacific/Apia",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	every := Calendar{WorkingDays: weekdays}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		moment := time.Unix(rapid.Int64Range(1_000_000_000, 2_000_000_000).Draw(t, "moment"), 0).In(zone)
		days := rapid.IntRange(0, 40).Draw(t, "days")
		year, month, day := moment.Date()
		want := time.Date(year, month, day-days, 12, 0, 0, 0, time.UTC).Format(time.DateOnly)
		for how, rule := range map[string]Due{"days": {Days: days}, "working days": {WorkingDays: days}} {
			got := every.Before(moment, rule)
			if got.Format(time.DateOnly) != want {
				t.Fatalf("%d %s before %s is %s, want %s", days, how, moment, got, want)
			}
			if got != Day(got) {
				t.Fatalf("%s is no midnight in UTC", got)
			}
		}
	})
	santiago := time.Date(2027, 9, 6, 0, 30, 0, 0, zones[2])
	if got := (Calendar{}).Before(santiago, Due{Days: 1}).Format(time.DateOnly); got != "2027-09-05" {
		t.Errorf("the day before %s is %s", santiago, got)
	}
}

// Names of time zones that some machines know and others do not are refused on all.
func TestTimeZoneNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"UTC": true, "Europe/Berlin": true, "America/Argentina/Buenos_Aires": true, "Etc/GMT+3": true,
		"localtime": false, "posixrules": false, "Local": false, "local": false, "EST": false, "Factory": false,
		"posix/Europe/Berlin": false, "right/Europe/Berlin": false, "europe/berlin": false, "../Europe/Berlin": false, "Europe/": false, "Europe/Nowhere": false,
	} {
		c, findings := Parse(Path, []byte("calendar: {time_zone: "+name+"}\n"))
		if findings.HasErrors() == ok || ok && c.Calendar.Zone().String() != name {
			t.Errorf("%s: zone %v, %v", name, c.Calendar.Zone(), findings)
		}
	}
}
