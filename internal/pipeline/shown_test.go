package pipeline

import (
	"testing"
	"time"
)

func TestADecisionCountsForWhatTheTicketShowed(t *testing.T) {
	since := now
	told := now.Add(time.Minute) // the run took a minute to write the ticket
	for name, c := range map[string]struct {
		shown Shown
		at    time.Time
		want  string
	}{
		"before the run":               {Shown{Hash: "new", Since: since, Told: told, Before: "old"}, since.Add(-time.Second), "old"},
		"while the run was writing":    {Shown{Hash: "new", Since: since, Told: told, Before: "old"}, since.Add(time.Second), "old"},
		"after the ticket was written": {Shown{Hash: "new", Since: since, Told: told, Before: "old"}, told, "new"},
		"time of writing not known":    {Shown{Hash: "new", Since: since, Before: "old"}, since, "new"},
		"nothing shown before":         {Shown{Hash: "new", Since: since, Told: told}, since, "new"},
	} {
		if got := c.shown.at(c.at); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
