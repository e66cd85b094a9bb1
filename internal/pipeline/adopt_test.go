package pipeline

import (
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/record"
)

func TestAdoptedMidway(t *testing.T) {
	for _, c := range []struct {
		start   string
		shipped bool
		want    string
	}{
		{"build", true, "build"}, {"build", false, "compliance"}, {"uat", false, "compliance"}, {"uat", true, "uat"},
		{"architecture", false, "architecture"}, {"triage", false, "triage"},
	} {
		w := newWorld(t)
		w.c.Config.Pipeline.AllowStartStage = true
		w.c.Capability.StartStage = c.start
		w.c.Capability.DependsOn = []string{"CRM-9"}
		w.c.Shipped = func(string) bool { return c.shipped }
		w.run()
		w.stands(c.want)
		var lines []string
		for _, e := range w.c.Record.Entries {
			if e.Kind == record.Approved {
				t.Errorf("%s: adopted, and something is approved", c.start)
			}
			lines = append(lines, string(e.Kind)+" "+e.To)
		}
		if want := "entered " + c.want; c.want != "triage" && strings.Join(lines, ", ") != want {
			t.Errorf("%s: recorded %q, want %q", c.start, lines, want)
		}
		if v := w.run(); len(v.New) != 0 {
			t.Errorf("%s: recorded again: %+v", c.start, v.New)
		}
	}
}
