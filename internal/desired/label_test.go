package desired_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func TestLabels(t *testing.T) {
	cfg := config.Default()
	cfg.Labels.Colors["stage:uat"] = "00ff00"
	got := desired.Labels(cfg, []string{"ticketfoundry", "stage:spec-approval", "stage:uat", "cogs:over-budget", "type:tech_debt", "performance", "capability:CRM-101", "stage:uat"})
	want := []ticket.Label{
		{Name: "ticketfoundry", Color: "5319e7", Description: "Kept up to date by Ticket Foundry from a capability spec"},
		{Name: "stage:spec-approval", Color: "1d76db", Description: "Belongs to the stage Spec approval"},
		{Name: "stage:uat", Color: "00ff00", Description: "Belongs to the stage UAT"},
		{Name: "cogs:over-budget", Color: "b60205", Description: "Running cost per month is above the budget"},
		{Name: "type:tech_debt", Color: "d4c5f9", Description: "Kind of work: tech debt"},
		{Name: "performance", Color: "ededed"},
		{Name: "capability:CRM-101", Color: "c5b6f4", Description: "Belongs to capability CRM-101"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	cfg.Pipeline.Stages[0].Name = strings.Repeat("é", 200)
	for _, l := range desired.Labels(cfg, []string{"stage:triage"}) {
		if n := len([]rune(l.Description)); n > 100 {
			t.Errorf("description of %d characters", n)
		}
	}
}

func TestManaged(t *testing.T) {
	for name, want := range map[string]bool{
		"ticketfoundry": true, "capability": true, "capability:CRM-101": true, "stage:build": true, "Stage:Build": true,
		"audience:docs": true, "documentation": false, "type:task": true, "cogs:high": true, "priority:p0": true,
		"blocked": true, "on-hold": true, "in-rework": true, "needs-reapproval": true, "board": true,
		"approved": false, "rejected": false, "bug": false, "stage": false, "stage:": false, "mine": false, "capabilities": false,
	} {
		if got := desired.Managed(name); got != want {
			t.Errorf("Managed(%q) = %v", name, got)
		}
	}
}

func TestLabelsOnTickets(t *testing.T) {
	cfg := settings()
	cfg.Labels.Map = map[string]string{"audience:docs": "documentation", "capability": "epic"}
	m := desired.Build(input(parse(t, sample(t), cfg), cfg, "build"))
	for _, c := range []struct {
		key  ticket.Key
		want string
	}{
		{"CRM-101", "capability capability:CRM-101 cogs:medium priority:p1 stage:build ticketfoundry"},
		{"CRM-101/release/external-docs", "capability:CRM-101 documentation stage:release ticketfoundry type:task"},
		{"CRM-101/build/load-test", "audience:engineering capability:CRM-101 cogs:medium stage:build ticketfoundry type:tech_debt"},
	} {
		if got := strings.Join(find(t, m, c.key).Labels, " "); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.key, got, c.want)
		}
	}
	early := input(parse(t, sample(t), cfg), cfg, "compliance")
	if got := desired.Build(early).Tickets[0].Labels; !slices.Contains(got, "blocked") {
		t.Errorf("waits for CRM-100, but has only %v", got)
	}
	early.Depends[0].Shipped = true
	if got := desired.Build(early).Tickets[0].Labels; slices.Contains(got, "blocked") {
		t.Error("blocked by what has shipped")
	}
	held := parse(t, strings.Replace(sample(t), "priority: p1", "status: on_hold", 1), cfg)
	if got := desired.Build(input(held, cfg, "spec")).Tickets[0]; !slices.Contains(got.Labels, "on-hold") || !strings.Contains(got.Block, "**On hold:**") {
		t.Errorf("on hold, but %v", got.Labels)
	}
}

func find(t *testing.T, m desired.Model, key ticket.Key) ticket.Desired {
	t.Helper()
	for _, d := range m.Tickets {
		if d.Key == key {
			return d
		}
	}
	t.Fatalf("no ticket %s", key)
	return ticket.Desired{}
}

// A change of cost, of the bands or of the budget changes the label wherever the cost is shown.
func TestBandRelabels(t *testing.T) {
	cfg := settings()
	for _, c := range []struct{ from, to, high, want string }{
		{"", "", "1000", "cogs:medium"},
		{"quantity: 120000", "quantity: 12", "1000", "cogs:medium"},
		{"quantity: 120000", "quantity: 300000", "800", "cogs:high"},
		{"quantity: 120000", "quantity: 1200000", "1000", "cogs:over-budget"},
		{"", "", "400", "cogs:high"},
		{"currency: USD", "currency: SEK", "1000", "cogs:unknown"},
	} {
		cfg.Cogs.Bands.High = cogs.MustDecimal(c.high)
		m := desired.Build(input(parse(t, strings.Replace(sample(t), c.from, c.to, 1), cfg), cfg, "build"))
		for _, key := range []ticket.Key{"CRM-101", "CRM-101/build/score-store", "CRM-101/release/release-notes"} {
			got := slices.DeleteFunc(slices.Clone(find(t, m, key).Labels), func(l string) bool { return !strings.HasPrefix(l, "cogs:") })
			if want := []string{c.want}; !slices.Equal(got, want) && key.Name() != "release-notes" || key.Name() == "release-notes" && len(got) > 0 {
				t.Errorf("%s with %q and high from %s: %v, want %s", key, c.to, c.high, got, c.want)
			}
		}
	}
	cfg.Labels.Colors["cogs:high"] = "123456"
	if got := desired.Labels(cfg, []string{"cogs:high"})[0].Color; got != "123456" {
		t.Errorf("the colour of the config is not used: %s", got)
	}
}
