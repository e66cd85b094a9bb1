package pipeline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func full() capability.Capability {
	return capability.Capability{
		ID: "CRM-1", Title: "Lead scoring", Summary: "s", Owner: "ada", Track: "standard",
		Technology: capability.Technology{
			APIs:    []capability.Item{{Key: "scoring-endpoint", Name: "Scoring endpoint", Type: "story"}},
			Screens: []capability.Item{{Key: "score-card", Name: "Score card"}},
		},
		Release:   capability.Release{Docs: []capability.Page{{Page: "scores.md"}}},
		Press:     capability.Press{Headline: "h"},
		Marketing: capability.Marketing{Campaign: "c"},
		Tickets:   capability.StageTickets{{Stage: "uat", Key: "load-test", Title: "Load test", OpensAt: "build"}},
	}
}

// at is where a capability stands that entered at one stage and has come to another.
func at(c capability.Capability, cfg *config.Config, stage, entered string) Status {
	in := Case{Capability: c, Config: cfg, Now: now, Began: now}
	if stage != "" {
		in.Record.Entries = []record.Entry{{Kind: record.Entered, To: entered, At: now}}
		on := false
		for _, s := range Stages(cfg, c.Track) {
			if on {
				in.Record.Entries = append(in.Record.Entries, record.Entry{Kind: record.Moved, To: s.ID, At: now})
			}
			on = on || s.ID == entered
			if s.ID == stage {
				break
			}
		}
	}
	return Decide(in).Status
}

// due gives the keys of the due tickets without the capability.
func due(s Status) string {
	var out []string
	for _, t := range s.Due() {
		out = append(out, t.Key.Within())
	}
	return strings.Join(out, " ")
}

func TestTicketsDueAtEachStage(t *testing.T) {
	cfg := config.Default()
	var audience = "release/release-notes release/external-docs release/press-release release/marketing-campaign"
	for stage, want := range map[string]string{
		"triage":                "triage/triage",
		"spec":                  "triage/triage spec/write-spec",
		"architecture-approval": "triage/triage spec/write-spec spec-approval/approve-spec architecture/design architecture-approval/approve-architecture",
	} {
		got := at(full(), cfg, stage, "triage")
		if due(got) != want {
			t.Errorf("%s:\ngot  %s\nwant %s", stage, due(got), want)
		}
	}
	got := at(full(), cfg, "build", "build")
	want := "build/scoring-endpoint build/score-card uat/load-test " + audience
	gotKeys, wantKeys := strings.Fields(due(got)), strings.Fields(want)
	slices.Sort(gotKeys)
	slices.Sort(wantKeys)
	if !slices.Equal(gotKeys, wantKeys) {
		t.Errorf("adopted at build:\ngot  %v\nwant %v", gotKeys, wantKeys)
	}
}

func TestEntryStage(t *testing.T) {
	for _, c := range []struct {
		start   string
		allowed bool
		track   string
		want    string
	}{
		{"", true, "standard", "triage"},
		{"build", true, "standard", "build"},
		{"build", false, "standard", "triage"},
		{"", false, "light", "spec"},
		{"uat", true, "light", "spec"}, // not in this track
	} {
		cfg := config.Default()
		cfg.Pipeline.AllowStartStage = c.allowed
		cfg.Pipeline.Tracks["light"] = config.Track{Stages: []string{"spec", "spec-approval", "build", "release"}}
		spec := full()
		spec.StartStage, spec.Track = c.start, c.track
		if got := at(spec, cfg, "", ""); got.Stage != c.want || got.Entered != c.want || !got.Since.Equal(now) {
			t.Errorf("%+v: entered at %s", c, got.Stage)
		}
	}
}

func TestARecordedStageStays(t *testing.T) {
	spec := full()
	spec.StartStage = "build" // ignored later
	cfg := config.Default()
	cfg.Pipeline.AllowStartStage = true
	got := at(spec, cfg, "spec", "triage")
	if got.Stage != "spec" || !got.Since.Equal(now) {
		t.Errorf("got %s since %s", got.Stage, got.Since)
	}
	states := map[string]StepState{}
	for _, s := range got.Steps {
		states[s.Stage.ID] = s.State
	}
	if states["triage"] != Passed || states["spec"] != Current || states["build"] != Ahead {
		t.Errorf("steps %v", states)
	}
	cfg.Pipeline.Stages = slices.DeleteFunc(cfg.Pipeline.Stages, func(s config.Stage) bool { return s.ID == "spec" })
	if got := at(spec, cfg, "spec", "triage"); got.Stage == "spec" {
		t.Error("stands at a stage that is not there any more")
	}
}

func TestClosedByRule(t *testing.T) {
	cancelled := full()
	cancelled.Status = "cancelled"
	for name, c := range map[string]struct {
		in   Case
		want ticket.State
	}{
		"alive":     {Case{Capability: full()}, ""},
		"cancelled": {Case{Capability: cancelled}, ticket.NotPlanned},
		"removed":   {Case{Capability: full(), Removed: true}, ticket.NotPlanned},
	} {
		c.in.Config, c.in.Now = config.Default(), now
		got := Decide(c.in)
		if got.Closed != c.want || (c.want == ticket.NotPlanned) != (len(got.Due()) == 0) {
			t.Errorf("%s: closed %q, due %s", name, got.Closed, due(got.Status))
		}
	}
}

func TestNotReadyNamesTheFirstStageThatLacksSomething(t *testing.T) {
	spec := full()
	status := at(spec, config.Default(), "", "")
	stage, fields := NotReady(status, spec)
	if stage != "spec" || strings.Join(fields, " ") != "user success_criteria scope legal" {
		t.Errorf("got %s %v", stage, fields)
	}
}

func TestCostReviewAboveTheThreshold(t *testing.T) {
	cfg := config.Default()
	cfg.Cogs.Policies.CostReviewAbove = cogs.MustDecimal("500")
	cfg.Cogs.Rates = map[string]cogs.Decimal{"EUR": cogs.MustDecimal("1.08")}
	for _, c := range []struct {
		currency, cost string
		want           bool
	}{{"USD", "500", false}, {"USD", "500.01", true}, {"EUR", "480", true}, {"EUR", "460", false}, {"CHF", "1", true}, {"USD", "", false}} {
		spec := full()
		if c.cost != "" {
			spec.Cogs = cogs.Estimate{Currency: c.currency, Drivers: []cogs.Driver{{UnitCost: cogs.MustDecimal(c.cost), Quantity: cogs.MustDecimal("1")}}}
		}
		got := at(spec, cfg, "architecture-approval", "architecture-approval")
		if strings.Contains(due(got), "cost-review") != c.want {
			t.Errorf("%s %s: due %s", c.cost, c.currency, due(got))
		}
	}
}

func TestEveryReadinessFieldIsKnown(t *testing.T) {
	spec := full()
	spec.User, spec.SuccessCriteria, spec.Scope.In, spec.Legal = "u", []string{"s"}, []string{"i"}, "l"
	spec.Documents = capability.Documents{Spec: "a", Architecture: "b"}
	spec.Cogs = cogs.Estimate{Drivers: []cogs.Driver{{}}}
	spec.AcceptanceCriteria = []capability.Criterion{{Text: "x"}}
	spec.Release.Version, spec.Release.Notes = "1", "n"
	status := at(spec, config.Default(), "", "")
	if stage, fields := NotReady(status, spec); stage != "" {
		t.Errorf("a full spec is not ready for %s: %v", stage, fields)
	}
}

var zeroDriver = cogs.Driver{Name: "none", Kind: "other"}
