package run

import (
	"context"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// files gives the usable specs in scope.
func (j *job) files(s scope) []*capability.File {
	var out []*capability.File
	for _, f := range j.mine() {
		if !s.partial || slices.Contains(s.only, f.Capability.ID) {
			out = append(out, f)
		}
	}
	return out
}

// stand finds out where the capabilities in scope stand.
func (j *job) stand(ctx context.Context, m plan.Match, t plan.Trust, s scope) error {
	w := j.witness(m, t)
	for _, f := range j.files(s) {
		if _, err := w.stand(ctx, f); err != nil {
			return err
		}
	}
	j.stood = w.stood
	return nil
}

// status says where a capability stands; for one that nobody looked at, without a tracker or
// outside the scope, as far as its spec and what is remembered of it tell.
func (j *job) status(f *capability.File, m plan.Match) pipeline.Status {
	if s, ok := j.stood[f.Capability.ID]; ok {
		return s.verdict.Status
	}
	return pipeline.Decide(j.witness(m, plan.Trust{}).inquiry(f).c).Status
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
func (j *job) models(m plan.Match, s scope) ([]plan.Model, error) {
	var out []plan.Model
	releases := &together{j: j, match: m, known: map[string]desired.Together{}}
	for _, f := range j.files(s) {
		model, err := j.model(f, m, j.blocked()[f.Capability.ID], releases)
		if err != nil {
			return nil, err
		}
		out = append(out, model)
	}
	return out, nil
}

func (j *job) model(f *capability.File, m plan.Match, blocks []string, releases *together) (plan.Model, error) {
	c := f.Capability
	prior := m.Applied[c.ID]
	commit := j.commit
	if prior.Hash == f.Hash {
		commit = prior.Commit // the commit that brought this content, not the newest
	}
	status, stood := j.status(f, m), j.stood[c.ID]
	in := desired.Input{
		File: f, Status: status, Config: j.cfg, Repository: j.repo, Commit: approvedCommit(status), Templates: j.own,
		Depends: j.dependencies(c, m), Blocks: blocks, Together: releases.of(c, status),
	}
	out := plan.Model{
		Capability: c.ID, Path: f.Path, Priority: c.Priority, Hash: f.Hash, Commit: commit,
		Stage: status.Stage, Entered: status.Entered, Since: status.Since,
		Milestone: desired.Milestone(j.cfg, c), Tells: release.Fingerprint(j.cfg.Release.Tag, c),
		Closed: status.Closed == ticket.NotPlanned, Why: status.Why,
	}
	for _, step := range status.Steps {
		for _, t := range step.Tickets {
			if !t.Due {
				out.Later = append(out.Later, t.Key)
			}
		}
	}
	if prior.Hash != "" && prior.Hash != f.Hash {
		out.Keeps, out.Asks = approvedStages(status)
	}
	out.Write = func(out *plan.Model) {
		d := desired.Build(in)
		out.Tickets, out.Nobody, out.Notes = d.Tickets, d.Nobody, d.Notes
		stood.rule(out.Tickets)
	}
	return out, stood.fill(&out)
}

// versions gives the milestones that the specs name, of capabilities that are alive.
func (j *job) versions() []ticket.Milestone {
	var out []ticket.Milestone
	for _, f := range j.set.Files {
		if m := desired.Milestone(j.cfg, f.Capability); m.Title != "" && f.Capability.Status != "cancelled" {
			out = append(out, m)
		}
	}
	return out
}

// approvedStages gives the stages with approvals that hold, and those with approvals given for
// other content.
func approvedStages(s pipeline.Status) (keeps, asks []string) {
	for _, step := range s.Steps {
		for _, t := range step.Tickets {
			if a, ok := s.Approvals[t.Key]; ok && a.Stale {
				asks = append(asks, t.Stage)
			} else if ok && a.Holds() {
				keeps = append(keeps, t.Stage)
			}
		}
	}
	return keeps, asks
}

// approvedCommit is the version of the spec that was approved; empty while none is.
func approvedCommit(s pipeline.Status) string {
	commit := ""
	for _, step := range s.Steps {
		for _, t := range step.Tickets {
			if a := s.Approvals[t.Key]; t.Stage == "spec-approval" && t.Approval && a.Holds() {
				commit = a.By[len(a.By)-1].Commit
			}
		}
	}
	return commit
}

// rule puts what follows from a verdict into tickets: states by rule, and labels to take off.
func (s *standing) rule(tickets []ticket.Desired) {
	if s == nil {
		return
	}
	for i, d := range tickets {
		if want := s.verdict.Want[d.Key]; want != "" {
			tickets[i].State = want
			tickets[i].Note = "it is " + map[ticket.State]string{ticket.Open: "not decided or done", ticket.Completed: "decided or done", ticket.NotPlanned: "not needed"}[want]
		}
		tickets[i].Clear = s.clear[d.Key]
	}
}

// fill puts what follows from a verdict into the model: what to say and what to remember.
func (s *standing) fill(m *plan.Model) error {
	if s == nil {
		return nil
	}
	m.Cache, m.Says, m.Comments, m.Quiet = s.cache, s.says, s.comments, s.quiet
	m.Deciding = s.deciding
	var err error
	m.Record, err = s.short()
	return err
}

func (j *job) dependencies(c capability.Capability, m plan.Match) []desired.Dependency {
	var out []desired.Dependency
	for _, id := range c.DependsOn {
		d := desired.Dependency{ID: id}
		if f := j.set.ByID(id); f != nil {
			stage := m.Elsewhere[id].Stage
			if _, looked := j.stood[id]; looked || stage == "" {
				stage = j.status(f, m).Stage
			}
			d.Title, d.Stage, d.Known = f.Capability.Title, stage, true
			d.Shipped = stage == pipeline.Shipped
		}
		if s, ok := j.stood[c.ID]; ok {
			d.Waived = s.record.Waives(id)
		}
		out = append(out, d)
	}
	return out
}

// readiness warns of what a capability lacks to go on, from the stage it is in; without a
// tracker that is the stage it would enter at.
func (j *job) readiness(m plan.Match, s scope) {
	if j.guessed {
		return
	}
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
