package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// part is one thing that happens in a life.
type part struct {
	why            string // what people say they do
	who, verb, key string // without a verb: the files are changed
	text           string
	files          map[string]string
	silently       bool // the program runs only after the next part
}

// told does the parts one after the other, and writes down what follows.
func told(o office, title string, parts []part) string {
	d := &diary{office: o, before: map[string]folder{}}
	fmt.Fprintf(&d.text, "# %s\n\n", title)
	o.follow("")
	d.note("The specs are merged")
	for _, p := range parts {
		if p.verb == "" {
			o.commit(p.files)
			o.follow("")
			d.note(p.why)
			continue
		}
		o.act(p.who, p.verb, p.key, p.text)
		if !p.silently {
			o.follow(p.key)
		}
		words := map[string]string{"close": "closes", "drop": "closes as not planned", "reopen": "reopens", "approved": "labels `approved`", "rejected": "labels `rejected`", "comment": "comments"}[p.verb]
		heading := fmt.Sprintf("%s %s `%s`", p.who, words, p.key)
		if p.text != "" {
			heading += ": `" + strings.ReplaceAll(p.text, "\n", " ⏎ ") + "`"
		}
		if p.why != "" {
			heading += " (" + p.why + ")"
		}
		d.note(heading)
	}
	return d.read()
}

const scoring = "technology:\n  apis: [{key: endpoint, name: Scoring endpoint}]\n  screens: [{key: card, name: Score card}]\n" +
	"release: {version: \"2.4\", notes: Leads have scores., target_date: 2026-05-01}\n" +
	"press: {headline: Know whom to call first}\ndepends_on: [CRM-9]\n"

// cast are three capabilities: one that walks all the way, one that waits for it and was
// adopted midway, and one that it would have to wait for.
func cast() map[string]string {
	return map[string]string{
		configFile:    "version: 1\npipeline: {allow_start_stage: true}\n",
		path("CRM-1"): wide("CRM-1", "Lead scoring", scoring),
		path("CRM-2"): wide("CRM-2", "Score badge", "start_stage: compliance\ndepends_on: [CRM-1]\n"),
		path("CRM-9"): wide("CRM-9", "Signal store", ""),
	}
}

// life is the way of CRM-1 from triage to shipped.
func life() []part {
	changed := strings.Replace(cast()[path("CRM-1")], "success_criteria: [Half the time]", "success_criteria: [A third of the time, Nobody is called twice]", 1)
	return []part{
		{who: "ada", verb: "close", key: "CRM-1/triage/triage"},
		{who: "ada", verb: "close", key: "CRM-1/spec/write-spec"},
		{who: "mia", verb: "approved", key: "CRM-1/spec-approval/approve-spec"},
		{who: "mia", verb: "comment", key: "CRM-2/compliance/compliance-sign-off", text: "/approve as for the last one"},
		{who: "eve", verb: "close", key: "CRM-1/architecture/design"},
		{who: "max", verb: "comment", key: "CRM-1/architecture-approval/approve-architecture", text: "/approve"},
		{who: "ada", verb: "comment", key: "CRM-1", text: "/hold budget talks"},
		{who: "mia", verb: "comment", key: "CRM-1/compliance/compliance-sign-off", text: "/approve", why: "it is on hold and stays"},
		{who: "ada", verb: "comment", key: "CRM-1", text: "/resume"},
		{who: "max", verb: "comment", key: "CRM-1", text: "/waive CRM-9 we read signals from the old table"},
		{who: "eve", verb: "close", key: "CRM-1/build/endpoint"},
		{who: "eve", verb: "close", key: "CRM-1/build/card"},
		{who: "eve", verb: "close", key: "CRM-1/ci-cd/deploy-to-stage"},
		{who: "mia", verb: "comment", key: "CRM-1/uat/uat-product", text: "/reject tickets:card the card shows yesterday's score"},
		{who: "eve", verb: "close", key: "CRM-1/build/card", why: "again"},
		{who: "eve", verb: "close", key: "CRM-1/ci-cd/deploy-to-stage", why: "again"},
		{files: map[string]string{path("CRM-1"): changed}, why: "A pull request with other success criteria is merged"},
		{who: "mia", verb: "comment", key: "CRM-1/uat/uat-product", text: "/approve"},
		{who: "max", verb: "approved", key: "CRM-1/uat/uat-engineering", why: "the gate stays shut"},
		{who: "mia", verb: "comment", key: "CRM-1/spec-approval/approve-spec", text: "/approve the new criteria are right"},
		{who: "max", verb: "comment", key: "CRM-1/release/approve-release", text: "/reject to:build the release notes promise a webhook"},
		{who: "eve", verb: "close", key: "CRM-1/build/rework-1"},
		{who: "eve", verb: "close", key: "CRM-1/ci-cd/deploy-to-stage", why: "once more"},
		{who: "mia", verb: "comment", key: "CRM-1/uat/uat-product", text: "/approve"},
		{who: "max", verb: "comment", key: "CRM-1/uat/uat-engineering", text: "/approve"},
		{who: "ada", verb: "close", key: "CRM-1/release/release-notes"},
		{who: "max", verb: "close", key: "CRM-1/release/approve-release", why: "closing decides nothing"},
		{who: "max", verb: "comment", key: "CRM-1/release/approve-release", text: "/approve", why: "it ships, and CRM-2 goes on"},
		{who: "ada", verb: "close", key: "CRM-1/release/press-release", why: "the press may be later"},
	}
}

// The whole life of a capability, on GitHub and in a folder, in one text each that a person
// can read; the two differ in nothing.
func TestLife(t *testing.T) {
	t.Parallel()
	h := newHub(t, cast())
	got := told(h, "The life of CRM-1", life())
	golden(t, "life.md", got)
	if stage := h.stageOf("CRM-1"); stage != "shipped" {
		t.Errorf("it ends in %s", stage)
	}
	if stage := h.stageOf("CRM-2"); stage != "build" {
		t.Errorf("what waited for it is in %s", stage)
	}
	h.steady()
	if v := h.srv.Violations(); len(v) > 0 {
		t.Errorf("limits broken: %q", v)
	}
	if again := told(newHome(t, cast()), "The life of CRM-1", life()); again != got {
		t.Errorf("in a folder it goes another way: %s", firstDifference(again, got))
	}
}

// The capability issue and an approval ticket in the middle of it all: sent back once, and its
// spec changed after it was approved.
func TestGoldenMidway(t *testing.T) {
	t.Parallel()
	h := newHub(t, cast())
	h.follow("")
	parts := life()
	for _, p := range parts[:17] { // until the spec's content changes
		if p.verb == "" {
			h.commit(p.files)
			h.follow("")
			continue
		}
		h.act(p.who, p.verb, p.key, p.text)
		h.follow(p.key)
	}
	h.act("max", "comment", "CRM-1/uat/uat-product", "/reject the card is still slow")
	h.follow("CRM-1/uat/uat-product")
	var b strings.Builder
	for _, key := range []string{"CRM-1", "CRM-1/spec-approval/approve-spec", "CRM-1/build/rework-1"} {
		i := h.srv.Issue(h.found(key))
		slices.Sort(i.Labels)
		fmt.Fprintf(&b, "# %s\n\nlabels: %s\n\n%s\n\n%s\n", i.Title, strings.Join(i.Labels, ", "), plainly(i.Body), strings.Repeat("=", 80))
	}
	golden(t, "midway.md", clockTime.ReplaceAllString(b.String(), "00:00 UTC"))
}

// What happens where it does matter when runs come: people take back what no run has seen, they
// decide on a text that was changed meanwhile, and the ticket that they decided on is gone.
func TestWhereItMattersWhenRunsCome(t *testing.T) {
	t.Parallel()
	before := wide("CRM-1", "Lead scoring", "start_stage: spec-approval\n")
	files := map[string]string{configFile: settings, path("CRM-1"): before}
	const ticket = "CRM-1/spec-approval/approve-spec"
	h := newHub(t, files)
	d := &diary{office: h, before: map[string]folder{}}
	d.text.WriteString("# Where it matters when runs come\n\n")
	h.follow("")
	d.note("The spec is merged")

	h.act("mia", "approved", ticket, "")
	h.clock.Advance(time.Minute)
	h.srv.As("mia").RemoveLabel(h.found(ticket), "approved")
	h.follow(ticket)
	d.note("mia labels it `approved`, and takes the label off before a run sees it: nothing was decided")

	h.commit(map[string]string{path("CRM-1"): strings.Replace(before, "Half the time", "A third of the time", 1)})
	h.act("mia", "comment", ticket, "/approve")
	h.follow("")
	d.note("Other success criteria are merged, and mia comments `/approve` before the ticket shows them: it counts for what it showed")

	h.act("mia", "comment", ticket, "/approve now that I have read it")
	h.srv.As("max").DeleteIssue(h.found(ticket))
	h.follow("")
	d.note("mia comments `/approve now that I have read it`, and max deletes the ticket before a run sees it: it is made anew, and open")
	if got := h.stageOf("CRM-1"); got != "spec-approval" {
		t.Errorf("it is in %s", got)
	}
	golden(t, "timing.md", d.read())
	h.steady()
}
