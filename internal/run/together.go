package run

import (
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
)

// together gives what each release is made of, worked out once for all its capabilities: tickets
// that decide on it are few, but in the same run there may be one for each capability.
type together struct {
	j     *job
	match plan.Match
	known map[string]desired.Together // by release
}

// of is the release that a capability goes out with, without the capability itself.
func (t *together) of(c capability.Capability, s pipeline.Status) desired.Together {
	name := t.j.releaseOf(c)
	if name == "" || !reached(s) {
		return desired.Together{}
	}
	all, ok := t.known[name]
	if !ok {
		all = t.add(c)
		t.known[name] = all
	}
	all.Late = slices.DeleteFunc(slices.Clone(all.Late), func(l desired.Late) bool { return l.ID == c.ID })
	return all
}

// reached tells whether the tickets on which a release is decided are due.
func reached(s pipeline.Status) bool {
	return slices.ContainsFunc(s.Due(), func(t pipeline.Ticket) bool { return t.Stage == releaseStage && t.Approval })
}

func (t *together) add(c capability.Capability) desired.Together {
	var out desired.Together
	var costs []cogs.Entry
	for _, o := range append(t.j.mates(c), c) {
		switch o.Status {
		case "cancelled":
			out.Late = append(out.Late, desired.Late{ID: o.ID, Title: o.Title, Why: "cancelled"})
			continue
		case "on_hold":
			out.Late = append(out.Late, desired.Late{ID: o.ID, Title: o.Title, Why: "on hold"})
		default:
			if !ready(t.j.cfg, o, t.j.standing(t.j.set.ByID(o.ID), t.match)) {
				out.Late = append(out.Late, desired.Late{ID: o.ID, Title: o.Title})
			}
		}
		costs = append(costs, cogs.Entry{Estimate: o.Cogs, Product: o.Product()})
	}
	out.Costs = exchange(t.j.cfg).Add(costs)
	slices.SortFunc(out.Late, func(a, b desired.Late) int { return plan.CompareIDs(a.ID, b.ID) })
	return out
}

// standing gives the stage of a capability: what this run found out, what is remembered, or else
// where its spec would have it begin.
func (j *job) standing(f *capability.File, m plan.Match) string {
	if stage := j.stageOf(f.Capability.ID, m); stage != "" {
		return stage
	}
	return j.status(f, m).Stage
}

// ready tells whether a capability in that stage makes it into its release.
func ready(cfg *config.Config, c capability.Capability, stage string) bool {
	if stage == pipeline.Shipped || stage == releaseStage {
		return true
	}
	past := false
	for _, s := range pipeline.Stages(cfg, c.Track) {
		if s.ID == stage {
			return past
		}
		past = past || s.ID == releaseStage
	}
	return false
}

// releaseOf names the release that a capability is meant for, "CRM 2.4"; empty for none. Versions
// that lead to the same tag are one, however they are written.
func (j *job) releaseOf(c capability.Capability) string {
	pattern, product, version := j.cfg.Release.Tag, c.Product(), strings.TrimSpace(c.Release.Version)
	tag := release.Tag(pattern, product, version)
	if tag == "" {
		return ""
	}
	if plain := strings.TrimPrefix(version, "v"); release.Tag(pattern, product, plain) == tag {
		version = plain
	}
	return product + " " + version
}

// mates gives the other capabilities of a capability's release; none where it names no version.
func (j *job) mates(c capability.Capability) []capability.Capability {
	if j.releases == nil {
		j.releases = map[string][]capability.Capability{}
		for _, f := range j.set.Files {
			name := j.releaseOf(f.Capability)
			j.releases[name] = append(j.releases[name], f.Capability)
		}
	}
	name := j.releaseOf(c)
	if name == "" {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(j.releases[name]), func(o capability.Capability) bool { return o.ID == c.ID || j.set.ByID(o.ID) == nil })
}
