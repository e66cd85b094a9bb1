package run_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// What is done to the label itself, not to an issue, never decides anything.
func TestChangedLabelsDecideNothing(t *testing.T) {
	t.Parallel()
	const key = "CRM-1/compliance/compliance-sign-off"
	for _, gate := range []string{"approved", "rejected"} {
		for name, do := range map[string]func(h hub){
			"deleted":       func(h hub) { h.srv.As("max").DeleteLabel(gate) },
			"deleted, anew": func(h hub) { h.srv.As("max").DeleteLabel(gate); h.srv.As("max").CreateLabel(gate, "abcdef", "") },
			"renamed":       func(h hub) { h.srv.As("max").RenameLabel(gate, "other") },
			"case changed":  func(h hub) { h.srv.As("max").RenameLabel(gate, strings.ToUpper(gate)) },
			"recoloured":    func(h hub) { h.srv.As("max").DeleteLabel(gate); h.srv.As("max").CreateLabel(gate, "000000", "black") },
			"renamed into it": func(h hub) {
				h.srv.As("eve").CreateLabel("ours", "abcdef", "")
				h.srv.As("eve").AddLabel(h.found(key), "ours")
				h.srv.As("max").DeleteLabel(gate)
				h.srv.As("max").RenameLabel("ours", gate)
			},
		} {
			t.Run(gate+" "+name, func(t *testing.T) {
				t.Parallel()
				h := newHub(t, map[string]string{configFile: "version: 1\npipeline: {allow_start_stage: true}\n", path("CRM-1"): wide("CRM-1", "Lead scoring", "start_stage: compliance\n")})
				h.quick()
				h.must(h.push(), 0)
				h.clock.Advance(time.Minute)
				do(h)
				for range 3 {
					h.clock.Advance(time.Minute)
					h.must(h.event("schedule", map[string]any{}, nil), 0)
				}
				if got := h.stageOf("CRM-1"); got != "compliance" {
					t.Errorf("it is in %s", got)
				}
				if n := labelsNamed(h.repo, gate); n != 1 {
					t.Errorf("%d labels are named %s", n, gate)
				}
				if slices.Contains(h.srv.Issue(h.found(key)).Labels, "approved") {
					h.act("mia", "unlabel", key, "approved")
				}
				h.act("mia", "approved", key, "") // a true one counts, whatever became of the label before
				h.must(h.event("schedule", map[string]any{}, nil), 0)
				if got := h.stageOf("CRM-1"); got != "build" {
					t.Errorf("approved, it is in %s", got)
				}
				h.steady()
			})
		}
	}
}

func labelsNamed(r *repo, name string) int {
	return len(slices.DeleteFunc(r.srv.Labels(), func(l fakegithub.Label) bool { return !strings.EqualFold(l.Name, name) }))
}
