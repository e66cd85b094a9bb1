package config

import (
	"cmp"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
)

// Path is where the config file lies unless an input says otherwise.
const Path = ".github/ticketfoundry.yml"

// Audiences gives the audiences that tickets are written for, in the order people see them.
func Audiences() []string {
	return []string{"product", "engineering", "compliance", "release", "docs", "press", "marketing"}
}

// Default gives the config of a repository without a config file. Each call builds a new one,
// which the caller may change.
func Default() *Config {
	c := &Config{
		Version:        1,
		Capabilities:   []string{"capabilities/**/*.{yml,yaml}"},
		TrustedWriters: []string{"github-actions[bot]"},
		Products:       map[string]Product{},
		Audiences:      map[string]Audience{},
		Calendar:       Calendar{WorkingDays: []string{"monday", "tuesday", "wednesday", "thursday", "friday"}},
		Pipeline: Pipeline{
			CycleTargetDays: 7,
			Stages:          defaultStages(),
		},
		Labels: Labels{Colors: defaultColors(), Map: map[string]string{}},
		Cogs: Cogs{
			Currency: "USD",
			Bands:    Bands{Low: cogs.MustDecimal("0"), Medium: cogs.MustDecimal("100"), High: cogs.MustDecimal("1000")},
			Rates:    map[string]cogs.Decimal{},
			Policies: Policies{
				CostReview:     cogs.Block,
				MaxIncrease:    MaxIncrease{Level: cogs.Off},
				OverBudget:     cogs.Warn,
				EstimateFrom:   "build",
				Missing:        cogs.Warn,
				StaleAfterDays: 90,
				Stale:          cogs.Warn,
			},
		},
		Release:  Release{Tag: "{product}-v{version}"},
		Capacity: Capacity{WIP: map[string]int{}},
		Bugs:     Bugs{Labels: []string{"bug", "hotfix"}},
	}
	for _, name := range Audiences() {
		c.Audiences[name] = Audience{}
	}
	c.Audiences["docs"] = Audience{Due: Due{Before: "target", Days: 2}}
	c.Audiences["press"] = Audience{Due: Due{Before: "embargo", Days: 5}}
	c.Audiences["marketing"] = Audience{Due: Due{Before: "launch", Days: 5}}
	c.Audiences["release"] = Audience{Due: Due{Before: "target", Days: 1}}
	c.Pipeline.Tracks = map[string]Track{"standard": {Stages: c.Pipeline.IDs()}}
	return c
}

// IDs gives the ids of the stages, in order, the end included.
func (p Pipeline) IDs() []string {
	ids := make([]string, 0, len(p.Stages))
	for _, s := range p.Stages {
		ids = append(ids, s.ID)
	}
	return ids
}

// Stage gives a stage by id.
func (p Pipeline) Stage(id string) (Stage, bool) {
	i := p.index(id)
	if i < 0 {
		return Stage{}, false
	}
	return p.Stages[i], true
}

func (p Pipeline) index(id string) int {
	return slices.IndexFunc(p.Stages, func(s Stage) bool { return s.ID == id })
}

// AudienceFor gives an audience with the product's changes on top, key by key. A list of the
// product replaces the general one.
func (c *Config) AudienceFor(product, name string) Audience {
	a, over := c.Audiences[name], c.Products[product].Audiences[name]
	if len(over.Assignees) > 0 {
		a.Assignees = over.Assignees
	}
	if len(over.Approvers) > 0 {
		a.Approvers = over.Approvers
	}
	a.Due = a.Due.with(over.Due)
	a.Intro = cmp.Or(over.Intro, a.Intro)
	if len(over.Checklist) > 0 {
		a.Checklist = over.Checklist
	}
	return a
}

// Vocabulary gives the names that specs may use.
func (c *Config) Vocabulary() capability.Vocabulary {
	v := capability.Vocabulary{
		Tracks:          map[string][]string{},
		Audiences:       Audiences(),
		AllowStartStage: c.Pipeline.AllowStartStage,
		StageTickets:    map[string][]string{},
		Zone:            c.Calendar.Zone(),
	}
	for _, s := range c.Pipeline.Stages {
		v.Stages = append(v.Stages, s.ID)
		for _, t := range s.Stock() {
			v.StageTickets[s.ID] = append(v.StageTickets[s.ID], t.Key)
		}
	}
	for name, t := range c.Pipeline.Tracks {
		v.Tracks[name] = slices.Clone(t.Stages)
	}
	return v
}

func defaultStages() []Stage {
	maintainers := func(s Stage) Stage {
		s.Approvers, s.MinApprovals = []string{"role:maintain"}, 1
		return s
	}
	spec := []string{"user", "success_criteria", "scope", "legal"}
	architecture := []string{"documents.architecture", "cogs"}
	stages := []Stage{
		{
			ID: "triage", Name: "Triage", Kind: "work", TargetDays: 1,
			Ready:   []string{"title", "summary", "owner"},
			Tickets: []StageTicket{{Key: "triage", Title: "Triage the idea", Audience: "product"}},
		},
		{
			ID: "spec", Name: "Spec", Kind: "work", TargetDays: 2, Ready: spec,
			Tickets: []StageTicket{{Key: "write-spec", Title: "Write the spec", Audience: "product"}},
		},
		{
			ID: "spec-approval", Name: "Spec approval", Kind: "approval", TargetDays: 1, Ready: slices.Clone(spec),
			RejectTo: []string{"spec"},
			Tickets:  []StageTicket{{Key: "approve-spec", Title: "Approve the spec", Audience: "product"}},
		},
		{
			ID: "architecture", Name: "Architecture", Kind: "work", TargetDays: 2, Ready: architecture,
			Tickets: []StageTicket{{Key: "design", Title: "Design the architecture", Audience: "engineering"}},
		},
		{
			ID: "architecture-approval", Name: "Architecture approval", Kind: "approval", TargetDays: 1,
			Ready: slices.Clone(architecture), RejectTo: []string{"architecture"},
			Tickets: []StageTicket{
				{Key: "approve-architecture", Title: "Approve the architecture", Audience: "engineering"},
				{Key: "cost-review", Title: "Review the cost", Audience: "product", When: "cogs.over_threshold"},
			},
		},
		{
			ID: "compliance", Name: "Compliance", Kind: "approval", TargetDays: 2, Ready: []string{"legal"},
			RejectTo: []string{"spec", "architecture"},
			Tickets:  []StageTicket{{Key: "compliance-sign-off", Title: "Sign off compliance", Audience: "compliance"}},
		},
		{
			ID: "build", Name: "Build", Kind: "work", TargetDays: 5, Gate: true, Ready: []string{"acceptance_criteria"},
			Tickets: []StageTicket{{Key: "implement", Title: "Build it", Audience: "engineering", For: "technology"}},
		},
		{
			ID: "ci-cd", Name: "CI/CD", Kind: "work", TargetDays: 1,
			Tickets: []StageTicket{{Key: "deploy-to-stage", Title: "Deploy to stage", Audience: "engineering"}},
		},
		{
			ID: "uat", Name: "UAT", Kind: "approval", TargetDays: 2, Distinct: true, RejectTo: []string{"build"},
			Tickets: []StageTicket{
				{Key: "uat-product", Title: "Accept as product", Audience: "product"},
				{Key: "uat-engineering", Title: "Accept as engineering", Audience: "engineering"},
			},
		},
		{
			ID: "release", Name: "Release", Kind: "approval", TargetDays: 1,
			Ready: []string{"release.version", "release.notes"}, RejectTo: []string{"build", "uat"},
			Tickets: releaseTickets(),
		},
		{ID: "shipped", Name: "Shipped", Kind: "end"},
	}
	for i, s := range stages {
		if s.Kind == "approval" {
			stages[i] = maintainers(s)
		}
		for j := range s.Tickets {
			s.Tickets[j].Type = "task"
		}
	}
	return stages
}

// releaseTickets are the approval and what the audiences write while the thing is built.
func releaseTickets() []StageTicket {
	return []StageTicket{
		{Key: "approve-release", Title: "Approve the release", Audience: "release"},
		{Key: "release-notes", Title: "Write the release notes", Audience: "release", OpensAt: "build"},
		{Key: "external-docs", Title: "Update the customer documentation", Audience: "docs", OpensAt: "build", When: "release.docs"},
		{
			Key: "press-release", Title: "Write the press release", Audience: "press", OpensAt: "build",
			When: "press", Gates: "press.gates_release",
		},
		{
			Key: "marketing-campaign", Title: "Prepare the campaign", Audience: "marketing", OpensAt: "build",
			When: "marketing", Gates: "marketing.gates_release",
		},
	}
}

// defaultColors are by label, or by prefix ending in a colon. Families share a hue; what asks
// for somebody's attention is red or amber.
func defaultColors() map[string]string {
	return map[string]string{
		"ticketfoundry":    "5319e7",
		"capability":       "5319e7",
		"capability:":      "c5b6f4",
		"board":            "5319e7",
		"stage:":           "1d76db",
		"audience:":        "bfd4f2",
		"type:":            "d4c5f9",
		"priority:p0":      "b60205",
		"priority:p1":      "d93f0b",
		"priority:p2":      "fbca04",
		"priority:p3":      "fef2c0",
		"cogs:unknown":     "ededed",
		"cogs:low":         "c2e0c6",
		"cogs:medium":      "fbca04",
		"cogs:high":        "d93f0b",
		"cogs:over-budget": "b60205",
		"blocked":          "b60205",
		"on-hold":          "ededed",
		"in-rework":        "d93f0b",
		"needs-reapproval": "d93f0b",
		"approved":         "0e8a16",
		"rejected":         "b60205",
		"needs-context":    "fbca04",
	}
}
