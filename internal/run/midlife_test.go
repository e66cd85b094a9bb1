package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// shows fails unless the capability is in the stage, and each ticket named is in its state
// ("open", "completed", "not_planned", "none").
func (h hub) shows(what, id, stage string, tickets map[string]string) {
	h.t.Helper()
	if got := h.stageOf(id); got != stage {
		h.t.Errorf("%s: %s is in %s, want %s", what, id, got, stage)
	}
	desk := h.desk()
	for key, want := range tickets {
		got := "none"
		for _, f := range desk {
			if f.key == id+"/"+key {
				got = f.state
			}
		}
		if got != want {
			h.t.Errorf("%s: %s is %s, want %s", what, key, got, want)
		}
	}
}

// finish has a person finish or decide a ticket, and the program run for it.
func (h hub) finish(keys ...string) {
	h.t.Helper()
	for _, key := range keys {
		if strings.Contains(key, "approv") || strings.Contains(key, "sign-off") {
			h.act("mia", "comment", key, "/approve")
		} else {
			h.act("eve", "close", key, "")
		}
		h.follow(key)
	}
}

const settings = "version: 1\npipeline:\n  allow_start_stage: true\n"

// one is a repository with one capability that has everything, and a config.
func one(t *testing.T, config, more string) hub {
	t.Helper()
	h := newHub(t, map[string]string{configFile: config, path("CRM-1"): wide("CRM-1", "Lead scoring", more)})
	h.follow("")
	return h
}

func TestSplitStagesNeedAllTheirTickets(t *testing.T) {
	t.Parallel()
	h := one(t, settings+"  stages: [{id: spec, split: true}]\n", "start_stage: spec\n")
	h.shows("entered", "CRM-1", "spec", map[string]string{"spec/write-spec": "open", "spec/review-spec": "open"})
	h.finish("CRM-1/spec/write-spec")
	h.shows("one of two", "CRM-1", "spec", nil)
	h.finish("CRM-1/spec/review-spec")
	h.shows("both", "CRM-1", "spec-approval", map[string]string{"spec-approval/approve-spec": "open"})
	h.swept(deed{text: "split"})
}

func TestShortTracksSkipStages(t *testing.T) {
	t.Parallel()
	h := one(t, settings+"  tracks: {light: {stages: [spec, build, shipped]}}\n", "track: light\n")
	h.finish("CRM-1/spec/write-spec")
	h.shows("spec done", "CRM-1", "build", map[string]string{"build/implement": "open", "spec-approval/approve-spec": "none"})
	h.finish("CRM-1/build/implement")
	if got := h.stageOf("CRM-1"); got != "shipped" {
		t.Errorf("it is in %s", got)
	}
	h.swept(deed{text: "the short track"})
}

// A capability adopted midway says so in its record; nothing before is approved, and nothing
// before is asked for.
func TestAdoptedMidway(t *testing.T) {
	t.Parallel()
	h := one(t, settings, "start_stage: architecture-approval\n")
	h.shows("adopted", "CRM-1", "architecture-approval", map[string]string{"spec-approval/approve-spec": "none", "architecture-approval/approve-architecture": "open"})
	said := h.desk()[0].said
	if len(said) != 1 {
		t.Fatalf("the record says %q", said)
	}
	says(t, "the record", said[0], "adopted midway", "nothing before was approved here", "start_stage: architecture-approval")
	h.commit(map[string]string{path("CRM-1"): wide("CRM-1", "Lead scoring", "start_stage: build\n")})
	h.follow("")
	h.shows("start_stage changed later", "CRM-1", "architecture-approval", nil)
	h.finish("CRM-1/architecture-approval/approve-architecture")
	h.shows("goes on", "CRM-1", "compliance", nil)
	h.swept(deed{text: "adopted"})
}

func TestTheConfigChangesMidway(t *testing.T) {
	t.Parallel()
	const review = "{id: security-review, after: %s, name: Security review, kind: approval, tickets: [{key: security-sign-off, title: Sign off security, audience: engineering}]}"
	for _, c := range []struct {
		name, config string
		stage        string // right after
		tickets      map[string]string
		then         []string // what is finished after that
		next         string
	}{
		{"a stage added ahead", settings + "  stages: [" + fmt.Sprintf(review, "architecture-approval") + "]\n", "architecture-approval", nil,
			[]string{"CRM-1/architecture-approval/approve-architecture"}, "security-review"},
		{"a stage added behind", settings + "  stages: [" + fmt.Sprintf(review, "triage") + "]\n", "architecture-approval",
			map[string]string{"security-review/security-sign-off": "none"}, []string{"CRM-1/architecture-approval/approve-architecture"}, "compliance"},
		{"the next stage dropped", settings + "  stages: [{id: compliance, drop: true}]\n", "architecture-approval", nil,
			[]string{"CRM-1/architecture-approval/approve-architecture"}, "build"},
		{"its own stage dropped", settings + "  stages: [{id: architecture-approval, drop: true}]\n", "compliance",
			map[string]string{"compliance/compliance-sign-off": "open", "architecture-approval/approve-architecture": "not_planned"},
			[]string{"CRM-1/compliance/compliance-sign-off"}, "build"},
		{"a passed stage dropped", settings + "  stages: [{id: spec-approval, drop: true}]\n", "architecture-approval",
			map[string]string{"spec-approval/approve-spec": "completed"}, []string{"CRM-1/architecture-approval/approve-architecture"}, "compliance"},
		{"its own stage renamed", settings + "  stages: [{id: architecture-approval, name: Design review}]\n", "architecture-approval", nil,
			[]string{"CRM-1/architecture-approval/approve-architecture"}, "compliance"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := one(t, settings, "")
			h.finish("CRM-1/triage/triage", "CRM-1/spec/write-spec", "CRM-1/spec-approval/approve-spec", "CRM-1/architecture/design")
			h.shows("before", "CRM-1", "architecture-approval", nil)
			h.commit(map[string]string{configFile: c.config})
			h.follow("")
			h.shows("after", "CRM-1", c.stage, c.tickets)
			h.swept(deed{text: c.name})
			h.finish(c.then...)
			h.shows("then", "CRM-1", c.next, nil)
			h.swept(deed{text: c.name})
		})
	}
}

// Cancelled, removed and back: the tickets are closed as not planned and come back, and the
// capability stands where it stood.
func TestGoneAndBackMidway(t *testing.T) {
	t.Parallel()
	whole := wide("CRM-1", "Lead scoring", "")
	for name, gone := range map[string]string{"cancelled": whole + "status: cancelled\n", "removed": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := one(t, settings, "")
			h.commit(map[string]string{path("CRM-2"): wide("CRM-2", "Another", "")})
			h.finish("CRM-1/triage/triage", "CRM-1/spec/write-spec")
			h.commit(map[string]string{path("CRM-1"): gone})
			h.follow("")
			h.shows(name, "CRM-1", "spec-approval", map[string]string{"spec-approval/approve-spec": "not_planned", "spec/write-spec": "completed"})
			if i := h.srv.Issue(h.found("CRM-1")); i.StateReason != "not_planned" {
				t.Errorf("the capability issue is %s, %s", i.State, i.StateReason)
			}
			h.swept(deed{text: name})
			h.commit(map[string]string{path("CRM-1"): whole})
			h.follow("")
			if i := h.srv.Issue(h.found("CRM-1")); i.State != "open" {
				t.Errorf("it is back, and its issue is %s", i.State)
			}
			h.shows("back", "CRM-1", "spec-approval", map[string]string{"spec-approval/approve-spec": "open", "spec/write-spec": "completed"})
			h.finish("CRM-1/spec-approval/approve-spec")
			h.shows("goes on", "CRM-1", "architecture", map[string]string{"architecture/design": "open", "spec-approval/approve-spec": "completed"})
			h.swept(deed{text: "back"})
		})
	}
}

func TestAKeyLeavesAndReturnsMidway(t *testing.T) {
	t.Parallel()
	const two = "start_stage: build\ntechnology: {apis: [{key: endpoint, name: Scoring endpoint}, {key: store, name: Score store}]}\n"
	const first = "start_stage: build\ntechnology: {apis: [{key: endpoint, name: Scoring endpoint}]}\n"
	h := one(t, settings, two)
	h.finish("CRM-1/build/endpoint")
	h.commit(map[string]string{path("CRM-1"): wide("CRM-1", "Lead scoring", first)})
	h.follow("")
	h.shows("left", "CRM-1", "ci-cd", map[string]string{"build/store": "not_planned"})
	h.commit(map[string]string{path("CRM-1"): wide("CRM-1", "Lead scoring", two)})
	h.follow("")
	h.shows("back in a passed stage", "CRM-1", "ci-cd", map[string]string{"build/store": "open"})
	h.finish("CRM-1/ci-cd/deploy-to-stage")
	h.shows("the next gate is shut", "CRM-1", "ci-cd", nil)
	h.finish("CRM-1/build/store")
	h.shows("all done", "CRM-1", "uat", nil)
	h.swept(deed{text: "key back"})
}

// A ticket that was deleted is made anew: work is to be done again, a decision that was made
// stands.
func TestLostTicketsMidway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key, now, next string
	}{
		{"architecture/design", "open", "architecture"},
		{"spec-approval/approve-spec", "completed", "architecture"},
		{"spec/write-spec", "open", "architecture"},
	} {
		h := one(t, settings, "")
		h.finish("CRM-1/triage/triage", "CRM-1/spec/write-spec", "CRM-1/spec-approval/approve-spec")
		old := h.found("CRM-1/" + c.key)
		h.srv.As("max").DeleteIssue(old)
		h.clock.Advance(time.Minute)
		h.follow("")
		if got := h.found("CRM-1/" + c.key); got == old {
			t.Fatalf("%s was not made anew", c.key)
		}
		h.follow("")
		h.shows(c.key+" deleted", "CRM-1", c.next, map[string]string{c.key: c.now})
		said := h.desk()[0].said
		if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, fmt.Sprintf("#%d is gone", old)) }) {
			t.Errorf("%s: nothing says that #%d is gone: %q", c.key, old, said)
		}
		h.swept(deed{text: c.key})
	}
}
