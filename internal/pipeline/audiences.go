package pipeline

import (
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
)

// Audiences gives who has work on a capability while it stands in a stage, by name: the
// audiences of the tickets that belong to the stage or are open by then for a later one.
func Audiences(cfg *config.Config, c capability.Capability, stage string) []string {
	stages := Stages(cfg, c.Track)
	at := position(cfg, stages, stage)
	var out []string
	for _, t := range expand(c, cfg, stages) {
		if position(cfg, stages, t.OpensAt) <= at && at <= position(cfg, stages, t.Stage) && at < len(stages) {
			out = append(out, t.Audience)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CostReviewers gives who decides about the cost of a capability: the approvers of its cost
// review, or maintainers where the pipeline has none.
func CostReviewers(cfg *config.Config, c capability.Capability) []string {
	for _, s := range cfg.Pipeline.Stages {
		for _, t := range s.Tickets {
			if t.When == "cogs.over_threshold" || t.Key == "cost-review" {
				if who := approvers(cfg, c, s, t); len(who) > 0 {
					return who
				}
			}
		}
	}
	return []string{"role:maintain"}
}
