package run_test

import (
	"strings"
	"testing"
	"time"
)

// spent runs and gives how many requests that took, and how many of them wrote.
func (h hub) spent(run func()) (requests, writes int) {
	h.t.Helper()
	h.srv.ResetJournal()
	run()
	return len(h.srv.Requests()), len(h.srv.Writes())
}

// What a run for one event costs in a repository with 1,000 capabilities.
func TestWhatAnEventCosts(t *testing.T) {
	t.Parallel()
	many := 1000
	if testing.Short() || !thorough {
		many = 60
	}
	files := specs(many, 0)
	files[path("CRM-1")] = wide("CRM-1", "Lead scoring", "")
	files[path("CRM-2")] = wide("CRM-2", "Score badge", "depends_on: [CRM-1]\n")
	h := newHub(t, files)
	h.follow("")
	for range 2 { // so large a roll-out leaves the board to the next run, and that the mark to the one after it
		h.clock.Advance(time.Hour)
		h.follow("")
	}
	rest := func() { h.clock.Advance(time.Hour) }
	about := func(key, action string, more map[string]any) func() {
		return func() { h.must(h.issueEvent(action, h.found(key), more), 0) }
	}
	comment := map[string]any{"comment": map[string]any{"id": 1, "body": "x"}}
	for _, c := range []struct {
		name             string
		before           func()
		run              func()
		requests, writes int // at most
	}{
		{"nothing happened", func() {}, about("CRM-1/triage/triage", "edited", nil), 4, 0},
		{"nothing happened, with a dependency", func() {}, about("CRM-2/triage/triage", "edited", nil), 4, 0},
		{"people talk on a ticket", func() { h.srv.As("rob").Comment(h.found("CRM-2/triage/triage"), "Is this still planned?") },
			about("CRM-2/triage/triage", "created", comment), 5, 0},
		{"people talk on the capability issue", func() { h.srv.As("rob").Comment(h.found("CRM-2"), "Is this still planned?") },
			about("CRM-2", "created", comment), 5, 0},
		{"a label of their own", func() { h.srv.As("eve").AddLabel(h.found("CRM-2"), "ours") },
			about("CRM-2", "labeled", map[string]any{"label": map[string]any{"name": "ours"}}), 5, 0},
		{"a ticket is closed: the next stage", func() { h.srv.As("ada").CloseIssue(h.found("CRM-1/triage/triage")) },
			about("CRM-1/triage/triage", "closed", nil), 17, 6},
		{"a ticket is closed where another capability depends on it", func() { h.srv.As("ada").CloseIssue(h.found("CRM-1/spec/write-spec")) },
			about("CRM-1/spec/write-spec", "closed", nil), 17, 6},
		{"somebody who may not decides", func() { h.srv.As("eve").Comment(h.found("CRM-1/spec-approval/approve-spec"), "/approve") },
			about("CRM-1/spec-approval/approve-spec", "created", comment), 12, 3},
		{"somebody who may decides", func() { h.srv.As("mia").Comment(h.found("CRM-1/spec-approval/approve-spec"), "/approve") },
			about("CRM-1/spec-approval/approve-spec", "created", comment), 17, 7},
		{"a managed label is taken off", func() { h.srv.As("eve").RemoveLabel(h.found("CRM-2"), "stage:triage") },
			about("CRM-2", "unlabeled", map[string]any{"label": map[string]any{"name": "stage:triage"}}), 10, 2},
	} {
		rest()
		c.before()
		h.clock.Advance(time.Minute)
		requests, writes := h.spent(c.run)
		t.Logf("%s: %d requests, %d of them write", c.name, requests, writes)
		if requests > c.requests || writes > c.writes {
			t.Errorf("%s: %d requests, %d of them write; want at most %d and %d\n%s", c.name, requests, writes, c.requests, c.writes, h.srv.List())
		}
	}
	foreign := h.srv.As("rob").OpenIssue("How do I export leads?", "I cannot find it.")
	if requests, writes := h.spent(func() { h.must(h.issueEvent("opened", foreign, nil), 0) }); requests > 1 || writes > 0 {
		t.Errorf("a foreign issue: %d requests\n%s", requests, h.srv.List())
	}
	rest()
	h.swept(deed{text: "all of this"})
	if v := h.srv.Violations(); len(v) > 0 {
		t.Errorf("limits broken: %s", strings.Join(v, "\n"))
	}
}

// Looking at people's acts costs one request per person, not per act.
func TestPermissionIsAskedOncePerPerson(t *testing.T) {
	t.Parallel()
	h := newHub(t, map[string]string{path("CRM-1"): wide("CRM-1", "Lead scoring", "")})
	h.follow("")
	n := h.found("CRM-1/triage/triage")
	for range 5 {
		h.srv.As("eve").Comment(n, "/approve")
		h.srv.As("rob").Comment(n, "/approve")
	}
	h.clock.Advance(time.Minute)
	h.srv.ResetJournal()
	h.must(h.issueEvent("created", n, map[string]any{"comment": map[string]any{"id": 1, "body": "x"}}), 0)
	asked := 0
	for _, r := range h.srv.Requests() {
		if strings.Contains(r.Path, "/permission") {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("the permissions of 2 people were asked %d times\n%s", asked, h.srv.List())
	}
}
