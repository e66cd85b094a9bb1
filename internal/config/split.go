package config

import "slices"

// Stock gives the tickets that every capability gets in a stage: its own, and with `split`
// the entry of its checklist that is work of its own.
func (s Stage) Stock() []StageTicket {
	if !s.Split {
		return s.Tickets
	}
	var part StageTicket
	switch s.ID {
	case "spec":
		part = StageTicket{Key: "review-spec", Title: "Review the spec", Audience: "product"}
	case "architecture":
		part = StageTicket{Key: "estimate-cogs", Title: "Estimate the running cost", Audience: "product"}
	case "build":
		part = StageTicket{Key: "test-cases", Title: "Write the test cases", Audience: "engineering"}
	default:
		return s.Tickets
	}
	if slices.ContainsFunc(s.Tickets, func(t StageTicket) bool { return t.Key == part.Key }) {
		return s.Tickets
	}
	return append(slices.Clone(s.Tickets), part)
}
