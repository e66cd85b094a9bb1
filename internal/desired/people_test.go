package desired_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func TestAssignees(t *testing.T) {
	cfg := settings()
	cfg.Audiences["engineering"] = config.Audience{Assignees: []string{"eve"}}
	cfg.Audiences["compliance"] = config.Audience{Approvers: []string{"@lena", "role:admin", "LENA", "acme/legal"}}
	cfg.Products["CRM"] = config.Product{Audiences: map[string]config.Audience{"docs": {Assignees: []string{"dora"}}}}
	f := parse(t, sample(t), cfg)
	for _, c := range []struct {
		stage string
		key   ticket.Key
		want  []string
		why   string
	}{
		{"build", "CRM-101", []string{"ada"}, "the owner"},
		{"spec-approval", "CRM-101/spec-approval/approve-spec", []string{"linus"}, "the approver with a login, not the role"},
		{"compliance", "CRM-101/compliance/compliance-sign-off", []string{"lena"}, "the audience's approver, once, without roles and teams"},
		{"architecture-approval", "CRM-101/architecture-approval/approve-architecture", []string{"eve"}, "a role alone leaves it to the audience"},
		{"build", "CRM-101/build/load-test", []string{"grace"}, "its own"},
		{"build", "CRM-101/build/score-store", []string{"eve"}, "the audience's"},
		{"build", "CRM-101/release/external-docs", []string{"dora"}, "the product's audience"},
		{"build", "CRM-101/release/marketing-campaign", []string{"ada"}, "nobody else: the owner"},
	} {
		if got := find(t, desired.Build(input(f, cfg, c.stage)), c.key).Assignees; !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v: %s", c.key, got, c.want, c.why)
		}
	}
}

func TestNobody(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	f.Capability.Owner = ""
	got := desired.Build(input(f, cfg, "triage")).Nobody
	if want := []ticket.Key{"CRM-101", "CRM-101/triage/triage"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestDue(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	for _, c := range []struct {
		stage string
		key   ticket.Key
		want  string
	}{
		{"build", "CRM-101/build/load-test", "**Due Fri 26 Feb:** close"},
		{"build", "CRM-101/build/score-store", "**Due Sat 6 Feb:** build"},
		{"build", "CRM-101/release/press-release", "**Due Thu 11 Mar:** draft"},
		{"build", "CRM-101/release/marketing-campaign", "**Due Fri 12 Mar:** prepare"},
		{"spec-approval", "CRM-101/spec-approval/approve-spec", "**Due Tue 2 Feb:** comment `/approve` when"},
		{"uat", "CRM-101/build/score-store", "**Due Sat 6 Feb:** build"},
	} {
		if got := find(t, desired.Build(input(f, cfg, c.stage)), c.key).Block; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s in %s begins %.60q, want %q", c.key, c.stage, got, c.want)
		}
	}
	f.Capability.Release.TargetDate = ""
	if got := find(t, desired.Build(input(f, cfg, "build")), "CRM-101/build/load-test").Block; !strings.HasPrefix(got, "**Due Fri 26 Feb 2027:**") {
		t.Errorf("without a target date the year is not said: %.40q", got)
	}
}

// Dates are those on the calendars of the people who work by them.
func TestDueInTheTimeZone(t *testing.T) {
	cfg, findings := config.Parse(config.Path, []byte("calendar: {time_zone: Pacific/Auckland}\naudiences: {press: {due: {working_days: 2}}, marketing: {due: {working_days: 1}}}\n"))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	f := parse(t, strings.Replace(sample(t), "2027-03-16T09:00:00+01:00", "2027-03-15T20:00:00-07:00", 1), cfg)
	in := input(f, cfg, "build")
	for i := range in.Status.Steps {
		if in.Status.Steps[i].State == pipeline.Current {
			in.Status.Steps[i].Since = in.Status.Since.Add(12 * time.Hour) // 22:00 UTC: the next morning in Auckland
		}
	}
	m := desired.Build(in)
	for key, want := range map[ticket.Key]string{
		"CRM-101/build/score-store":          "**Due Sun 7 Feb:** ",
		"CRM-101/release/press-release":      "**Due Fri 12 Mar:** ", // the embargo ends on Tuesday there
		"CRM-101/release/marketing-campaign": "**Due Tue 16 Mar:** ",
	} {
		if got := find(t, m, key).Block; !strings.HasPrefix(got, want) {
			t.Errorf("%s begins %.40q, want %q", key, got, want)
		}
	}
	const embargo = "Nothing may be published before **Tuesday 16 March 2027, 03:00 UTC (Tue 16 Mar, 16:00 in Pacific/Auckland)**."
	if got := find(t, m, "CRM-101/release/press-release").Block; !strings.Contains(got, embargo) {
		t.Errorf("no %q in\n%s", embargo, got)
	}
}

func TestTitles(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	m := desired.Build(input(f, cfg, "build"))
	for key, want := range map[ticket.Key]string{
		"CRM-101":                            "CRM-101: Lead scoring API",
		"CRM-101/build/scoring-endpoint":     "[Build] Scoring endpoint · Lead scoring API (CRM-101)",
		"CRM-101/release/press-release":      "[Press] Write the press release · Lead scoring API (CRM-101)",
		"CRM-101/release/release-notes":      "[Release] Write the release notes · Lead scoring API (CRM-101)",
		"CRM-101/release/external-docs":      "[Docs] Update the customer documentation · Lead scoring API (CRM-101)",
		"CRM-101/architecture/design":        "[Architecture] Design the architecture · Lead scoring API (CRM-101)",
		"CRM-101/release/marketing-campaign": "[Marketing] Prepare the campaign · Lead scoring API (CRM-101)",
	} {
		if got := find(t, m, key).Title; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if m.Milestone != (ticket.Milestone{Title: "CRM 2.4", Due: "2027-03-16", Description: "Customer relations, version 2.4"}) {
		t.Errorf("milestone %+v", m.Milestone)
	}
}

// Where a server lacks links, text stands in; where it has them, it doesn't.
func TestStandIns(t *testing.T) {
	cfg := settings()
	in := input(parse(t, sample(t), cfg), cfg, "build")
	own := ticket.Mention("CRM-101/build/score-store")
	rich := desired.Build(in).Tickets[0]
	if strings.Contains(rich.Block, "- [ ] "+own) || strings.Contains(rich.Block, "Blocked by") {
		t.Error("text stands in for links that the server has")
	}
	if !slices.Equal(rich.BlockedBy, []ticket.Key{"CRM-100"}) {
		t.Errorf("blocked by %v", rich.BlockedBy)
	}
	in.Repository.Features = ticket.Features{}
	in.Repository.URL = ""
	in.Depends[0].Known = false
	in.Depends = append(in.Depends, desired.Dependency{ID: "CRM-99", Title: "Import", Known: true})
	m := desired.Build(in)
	for _, want := range []string{
		"- [ ] " + own + " Score store", "- Blocked by " + ticket.Mention("CRM-99"), "- `CRM-100`: has no usable spec",
		"| Spec | `capabilities/CRM-101.yml` at `0123456`",
	} {
		if !strings.Contains(m.Tickets[0].Block, want) {
			t.Errorf("no %q", want)
		}
	}
	if !slices.Equal(m.Tickets[0].BlockedBy, []ticket.Key{"CRM-99"}) || len(m.Notes) != 1 {
		t.Errorf("blocked by %v, notes %q", m.Tickets[0].BlockedBy, m.Notes)
	}
}
