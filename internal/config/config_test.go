package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, findings := Parse(Path, []byte(text))
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	return c
}

func TestNothingGivenIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "# only a comment\n", "version: 1\n", "pipeline:\n", "pipeline: {}\naudiences: {}\nlabels: {colors: {}}\n"} {
		if c := parse(t, text); !reflect.DeepEqual(c, Default()) {
			t.Errorf("%q changes the config:\n%+v\nwant\n%+v", text, c, Default())
		}
	}
}

func TestDefaultIsComplete(t *testing.T) {
	c := Default()
	want := "triage spec spec-approval architecture architecture-approval compliance build ci-cd uat release shipped"
	if got := strings.Join(c.Pipeline.IDs(), " "); got != want {
		t.Errorf("stages: %s", got)
	}
	keys := map[string]bool{}
	for i, s := range c.Pipeline.Stages {
		last := i == len(c.Pipeline.Stages)-1
		if s.Name == "" || (s.Kind == "end") != last || (len(s.Tickets) == 0) != last || (s.TargetDays == 0) != last {
			t.Errorf("stage %+v", s)
		}
		if (s.Kind == "approval") != (s.MinApprovals == 1 && len(s.Approvers) == 1 && len(s.RejectTo) > 0) {
			t.Errorf("approval of %+v", s)
		}
		for _, ticket := range s.Tickets {
			if keys[ticket.Key] || ticket.Title == "" || ticket.Type != "task" || !slices.Contains(Audiences(), ticket.Audience) {
				t.Errorf("ticket %+v", ticket)
			}
			keys[ticket.Key] = true
		}
	}
	if len(c.Audiences) != 7 || len(c.Pipeline.Tracks["standard"].Stages) != 11 {
		t.Errorf("audiences %v, tracks %v", c.Audiences, c.Pipeline.Tracks)
	}
	c.Pipeline.Stages[0].Ready[0] = "changed"
	if Default().Pipeline.Stages[0].Ready[0] == "changed" {
		t.Error("two defaults share memory")
	}
}

func TestOnlyGivenKeysChange(t *testing.T) {
	c := parse(t, `
trusted_writers: [crm-bot]
audiences:
  press: {assignees: ["@pia"]}
pipeline:
  stages:
    - {id: spec-approval, approvers: ["role:admin", "@octocat"], target_days: 3}
    - {id: security-review, after: compliance, kind: approval, tickets: [{key: security-sign-off, title: Sign off security}]}
    - {id: pen-test, after: security-review, tickets: [{key: pen-test, title: Try to break in}]}
    - {id: ci-cd, drop: true}
  tracks: {light: {stages: [spec, build, release]}}
labels: {colors: {"stage:": 000000}, map: {"audience:docs": documentation}}
cogs: {currency: EUR, bands: {high: 5000}, policies: {cost_review_above: 500}}
capacity: {wip: {"@octocat": 5}}
`)
	d := Default()
	if got := strings.Join(c.Pipeline.IDs(), " "); got != "triage spec spec-approval architecture architecture-approval compliance security-review pen-test build uat release shipped" {
		t.Errorf("stages: %s", got)
	}
	got, _ := c.Pipeline.Stage("spec-approval")
	want, _ := d.Pipeline.Stage("spec-approval")
	want.Approvers, want.TargetDays = []string{"role:admin", "octocat"}, 3
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	got, _ = c.Pipeline.Stage("security-review")
	want = Stage{
		ID: "security-review", Name: "Security review", Kind: "approval", Approvers: []string{"role:maintain"}, MinApprovals: 1, TargetDays: 2,
		Tickets: []StageTicket{{Key: "security-sign-off", Title: "Sign off security", Audience: "engineering", Type: "task"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if press := c.Audiences["press"]; !slices.Equal(press.Assignees, []string{"pia"}) || press.Due != d.Audiences["press"].Due {
		t.Errorf("press: %+v", press)
	}
	if light := c.Pipeline.Tracks["light"].Stages; strings.Join(light, " ") != "spec build release shipped" {
		t.Errorf("light: %v", light)
	}
	if !slices.Equal(c.Pipeline.Tracks["standard"].Stages, c.Pipeline.IDs()) {
		t.Errorf("standard: %v", c.Pipeline.Tracks["standard"])
	}
	if c.Labels.Colors["stage:"] != "000000" || c.Labels.Colors["blocked"] != d.Labels.Colors["blocked"] {
		t.Errorf("colours: %v", c.Labels.Colors)
	}
	if c.Cogs.Bands.Medium.Canonical() != "100" || c.Cogs.Bands.High.Canonical() != "5000" || c.Cogs.Policies.StaleAfterDays != 90 {
		t.Errorf("cogs: %+v", c.Cogs)
	}
	if c.Capacity.WIP["octocat"] != 5 || !slices.Equal(c.TrustedWriters, []string{"crm-bot"}) {
		t.Errorf("capacity %v, writers %v", c.Capacity, c.TrustedWriters)
	}
}

func TestDroppedStagesLeaveNoTrace(t *testing.T) {
	c := parse(t, "pipeline: {stages: [{id: build, drop: true}, {id: spec, drop: true}]}")
	for _, s := range c.Pipeline.Stages {
		for _, named := range s.RejectTo {
			if c.Pipeline.index(named) < 0 {
				t.Errorf("%s rejects to %s, which is dropped", s.ID, named)
			}
		}
		for _, ticket := range s.Tickets {
			if ticket.OpensAt != "" && c.Pipeline.index(ticket.OpensAt) < 0 {
				t.Errorf("%s opens at %s, which is dropped", ticket.Key, ticket.OpensAt)
			}
		}
	}
}

func TestMovedStage(t *testing.T) {
	c := parse(t, "pipeline: {stages: [{id: compliance, after: spec-approval}]}")
	if got := strings.Join(c.Pipeline.IDs()[:5], " "); got != "triage spec spec-approval compliance architecture" {
		t.Errorf("stages: %s", got)
	}
	if s, _ := c.Pipeline.Stage("compliance"); !slices.Equal(s.RejectTo, []string{"spec"}) {
		t.Errorf("it rejects to %v, of which only spec comes before it now", s.RejectTo)
	}
}

func TestProductsOverrideAudiences(t *testing.T) {
	c := parse(t, `
audiences: {press: {assignees: [pia], intro: General}}
products: {CRM: {audiences: {press: {assignees: [max], due: {before: target, days: 3}}}}}
`)
	got := c.AudienceFor("CRM", "press")
	if got.Assignees[0] != "max" || got.Intro != "General" || got.Due != (Due{Before: "target", Days: 3}) {
		t.Errorf("CRM: %+v", got)
	}
	if got := c.AudienceFor("ERP", "press"); got.Assignees[0] != "pia" || got.Due.Before != "embargo" {
		t.Errorf("ERP: %+v", got)
	}
}

func TestVocabulary(t *testing.T) {
	v := Default().Vocabulary()
	if len(v.Stages) != 11 || len(v.Tracks["standard"]) != 11 || len(v.Audiences) != 7 || v.AllowStartStage || !slices.Contains(v.StageTickets["uat"], "uat-product") {
		t.Errorf("got %+v", v)
	}
}

// FuzzParse: whatever the text, the config that comes back is complete.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "version: 1", "pipeline: {stages: [{id: x, after: spec, tickets: [{key: a, title: b}]}], tracks: {a: {stages: [x]}}}",
		"pipeline: {stages: [{id: build, drop: true}, {id: spec, after: uat}]}", "cogs: {rates: {EUR: 1.08}, bands: {low: 0, medium: 5, high: 9}}",
		"audiences: {press: {due: {before: embargo, days: 5}}}\nlabels: {colors: {a: 000000}, map: {b: c}}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, findings := Parse(Path, text)
		n := len(c.Pipeline.Stages)
		if n < 2 || c.Pipeline.Stages[n-1].ID != "shipped" || len(c.Pipeline.Tracks["standard"].Stages) != n || len(c.Audiences) != 7 {
			t.Fatalf("incomplete: %+v", c.Pipeline)
		}
		seen := map[string]bool{}
		for _, s := range c.Pipeline.Stages {
			if seen[s.ID] || s.Name == "" || s.Kind == "" || s.Kind == "approval" && (s.MinApprovals < 1 || len(s.Approvers) == 0) {
				t.Fatalf("stage %+v", s)
			}
			seen[s.ID] = true
		}
		if findings.HasErrors() && !reflect.DeepEqual(c, Default()) {
			t.Fatal("a config with errors is not the default")
		}
		for _, finding := range findings {
			if finding.Rule == "schema" {
				t.Fatalf("the schema accepts what does not decode: %s", finding)
			}
		}
	})
}

func TestCostPolicies(t *testing.T) {
	for text, want := range map[string]string{
		"cogs: {policies: {max_increase: {amount: 200, level: block}}}":   "",
		"cogs: {policies: {max_increase: {amount: 200}}}":                 "no-level",
		"cogs: {policies: {max_increase: {level: warn}}}":                 "no-limit",
		"cogs: {policies: {max_increase: {amount: 200, level: \"off\"}}}": "",
		"cogs: {policies: {cost_review: warn}}":                           "no-limit",
		"cogs: {policies: {estimate_from: bild}}":                         "unknown-stage",
		"cogs: {policies: {missing: always}}":                             "not-allowed",
	} {
		_, found := Parse(Path, []byte(text+"\n"))
		got := ""
		if len(found) > 0 {
			got = found[0].Rule
		}
		if got != want {
			t.Errorf("%s: got %v, want %s", text, found, want)
		}
	}
	c, found := Parse(Path, []byte("pipeline: {stages: [{id: build, drop: true}]}\n"))
	if len(found) > 0 || c.Cogs.Policies.EstimateFrom != "ci-cd" {
		t.Errorf("without build an estimate is needed from %q on: %v", c.Cogs.Policies.EstimateFrom, found)
	}
}
