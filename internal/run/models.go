package run

import (
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// files gives the usable specs in scope.
func (j *job) files(s scope) []*capability.File {
	var out []*capability.File
	for _, f := range j.set.Files {
		if len(s.only) == 0 && !s.partial || slices.Contains(s.only, f.Capability.ID) {
			out = append(out, f)
		}
	}
	return out
}

// status says where a capability stands, by its record and its spec.
func (j *job) status(f *capability.File, m plan.Match) pipeline.Status {
	prior := m.Applied[f.Capability.ID]
	since, err := time.Parse(time.RFC3339, prior.Since)
	if err != nil {
		since = j.env.Now().UTC().Truncate(time.Second)
	}
	return pipeline.Evaluate(pipeline.Input{
		Capability: f.Capability, Config: j.cfg, Now: j.env.Now().UTC().Truncate(time.Second),
		Record: pipeline.Record{Stage: prior.Stage, Entered: prior.Entered, Since: since},
	})
}

// wanted gives the keys that should exist as open tickets.
func (j *job) wanted(m plan.Match, s scope) []ticket.Key {
	var out []ticket.Key
	for _, f := range j.files(s) {
		status := j.status(f, m)
		if status.Closed == ticket.NotPlanned {
			continue
		}
		out = append(out, ticket.Key(f.Capability.ID))
		for _, t := range status.Due() {
			out = append(out, t.Key)
		}
	}
	return out
}

// models says what each capability in scope should look like.
func (j *job) models(m plan.Match, s scope) []plan.Model {
	blocks := map[string][]string{}
	for _, f := range j.set.Files {
		for _, id := range f.Capability.DependsOn {
			blocks[id] = append(blocks[id], f.Capability.ID)
		}
	}
	var out []plan.Model
	for _, f := range j.files(s) {
		out = append(out, j.model(f, m, blocks[f.Capability.ID]))
	}
	return out
}

func (j *job) model(f *capability.File, m plan.Match, blocks []string) plan.Model {
	c := f.Capability
	prior := m.Applied[c.ID]
	commit := j.commit
	if prior.Hash == f.Hash {
		commit = prior.Commit // the text names the commit that brought this content, not the newest
	}
	status := j.status(f, m)
	d := desired.Build(desired.Input{
		File: f, Status: status, Config: j.cfg, Repository: j.repo, Commit: commit, Now: j.env.Now(),
		Depends: j.dependencies(c, m), Blocks: blocks,
	})
	out := plan.Model{
		Capability: c.ID, Path: f.Path, Priority: c.Priority, Hash: f.Hash, Commit: commit,
		Stage: status.Stage, Entered: status.Entered, Since: status.Since,
		Tickets: d.Tickets, Milestone: d.Milestone, Nobody: d.Nobody,
		Closed: status.Closed == ticket.NotPlanned, Why: status.Why,
	}
	for _, step := range status.Steps {
		for _, t := range step.Tickets {
			if !t.Due {
				out.Later = append(out.Later, t.Key)
			}
		}
	}
	return out
}

func (j *job) dependencies(c capability.Capability, m plan.Match) []desired.Dependency {
	var out []desired.Dependency
	for _, id := range c.DependsOn {
		d := desired.Dependency{ID: id}
		if f := j.set.ByID(id); f != nil {
			status := j.status(f, m)
			d.Title, d.Stage, d.Known = f.Capability.Title, status.Stage, true
			d.Shipped = status.Stage == pipeline.Shipped
		}
		out = append(out, d)
	}
	return out
}

// readiness warns of what a capability lacks to go on, from the stage it is in; without a
// tracker that is the stage it would enter at.
func (j *job) readiness(m plan.Match, s scope) {
	for _, f := range j.files(s) {
		status := j.status(f, m)
		if status.Closed != "" {
			continue
		}
		stage, missing := pipeline.NotReady(status, f.Capability)
		if stage == "" {
			continue
		}
		j.findings.Add(diag.Finding{
			Position: f.At("id"), Severity: diag.Warning, Rule: "not-ready", Subject: f.Capability.ID,
			Message: f.Capability.ID + " cannot leave the stage \"" + stage + "\" yet: it lacks " + strings.Join(missing, ", "),
			Hint:    "nothing needs to be done now; fill it in before the capability gets there",
		})
	}
}
