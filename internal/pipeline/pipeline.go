// Package pipeline decides what stage a capability is in and why, which tickets it has there,
// and what it still lacks. It is pure: specs, config, the record and the time go in, a Status
// comes out. It refuses to know trackers, files and texts for people.
//
//	verdict := pipeline.Decide(pipeline.Case{Capability: c, Config: cfg, Now: now})
//	verdict.Stage // "triage"
package pipeline

import (
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Shipped is the id of the end stage.
const Shipped = "shipped"

// Step is one stage of a capability's track with its tickets.
type Step struct {
	Stage   config.Stage
	Tickets []Ticket // in order; also those that belong here but open elsewhere
	State   StepState
	Since   time.Time // when it was entered last; zero if it was not
}

// StepState says where a step stands relative to the capability.
type StepState string

// The states of a step.
const (
	Skipped StepState = "skipped" // before the stage it entered at
	Passed  StepState = "passed"
	Current StepState = "current"
	Ahead   StepState = "ahead"
)

// Status is where a capability stands.
type Status struct {
	Stage   string
	Entered string
	Since   time.Time
	Steps   []Step       // of its track, in order, without the end stage
	Closed  ticket.State // how its open tickets are closed by rule; empty while it is alive
	Why     string       // why Closed, for people

	Approvals map[ticket.Key]Approval // where the decision on each approval ticket stands
	Flags     []string                // labels of the capability issue: in-rework, needs-reapproval, on-hold
	Blockers  []string                // what keeps it from going on; a ticket is named "#stage/name"
	WaitsFor  []string                // dependencies that are neither shipped nor waived, where they hold it up
}

// Due gives the tickets that should exist now, in pipeline order.
func (s Status) Due() []Ticket {
	count := 0
	for _, step := range s.Steps {
		for i := range step.Tickets {
			if step.Tickets[i].Due {
				count++
			}
		}
	}
	out := make([]Ticket, 0, count) // tickets are large, and a growing list would copy them over and over
	for _, step := range s.Steps {
		for i := range step.Tickets {
			if step.Tickets[i].Due {
				out = append(out, step.Tickets[i])
			}
		}
	}
	return out
}

// Stages gives the stages of a track in order, the end stage left out. An unknown track is
// the standard one: the spec's check has already said so.
func Stages(cfg *config.Config, track string) []config.Stage {
	picked, ok := cfg.Pipeline.Tracks[track]
	var out []config.Stage
	for _, s := range cfg.Pipeline.Stages {
		if s.Kind == "end" || ok && len(picked.Stages) > 0 && !slices.Contains(picked.Stages, s.ID) {
			continue
		}
		out = append(out, s)
	}
	return out
}

func entryStage(in Case, stages []config.Stage) string {
	want := in.Capability.StartStage
	if want != "" && in.Config.Pipeline.AllowStartStage &&
		slices.ContainsFunc(stages, func(s config.Stage) bool { return s.ID == want }) {
		return want
	}
	if len(stages) == 0 {
		return Shipped
	}
	return stages[0].ID
}

func closedByRule(in Case, stage string) (ticket.State, string) {
	switch {
	case in.Removed:
		return ticket.NotPlanned, "its spec file was removed"
	case in.Capability.Status == "cancelled":
		return ticket.NotPlanned, "its spec says `status: cancelled`"
	case stage == Shipped:
		return ticket.Completed, "it has shipped"
	}
	return "", ""
}

// position finds a stage among those of a track. A stage that the track leaves out stands
// where the next one of the whole pipeline that it has stands; past the end means shipped.
func position(cfg *config.Config, stages []config.Stage, id string) int {
	all := cfg.Pipeline.Stages
	from := slices.IndexFunc(all, func(s config.Stage) bool { return s.ID == id })
	if from < 0 {
		return 0
	}
	for _, later := range all[from:] {
		if i := slices.IndexFunc(stages, func(s config.Stage) bool { return s.ID == later.ID }); i >= 0 {
			return i
		}
	}
	return len(stages)
}

func stepState(i, from, at int) StepState {
	switch {
	case i < from:
		return Skipped
	case i < at:
		return Passed
	case i == at:
		return Current
	}
	return Ahead
}
