package pipeline

import (
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Labels that were renamed leave a log that does not add up: what was decided before counts no
// more, what is decided afterwards does.
func TestLabelActsAfterRenames(t *testing.T) {
	ada, bob := ticket.Account{ID: 1, Login: "ada"}, ticket.Account{ID: 2, Login: "bob"}
	us := ticket.Account{ID: 3, Login: "github-actions[bot]", Bot: true}
	event := func(id int64, kind string, who ticket.Account, label string) ticket.Event {
		return ticket.Event{ID: id, Kind: kind, Actor: who, Label: label}
	}
	for name, c := range map[string]struct {
		events []ticket.Event
		want   string
	}{
		"taken off under another name":  {[]ticket.Event{event(1, "labeled", ada, "approved"), event(2, "unlabeled", ada, "old"), event(3, "labeled", bob, "lgtm")}, ""},
		"set again since":               {[]ticket.Event{event(1, "labeled", ada, "approved"), event(2, "unlabeled", ada, "old"), event(3, "labeled", ada, "approved")}, "event:3"},
		"another came and went":         {[]ticket.Event{event(1, "labeled", ada, "approved"), event(2, "labeled", bob, "Lgtm"), event(3, "unlabeled", bob, "lgtm")}, "event:1"},
		"ours was there from the start": {[]ticket.Event{event(1, "labeled", ada, "approved"), event(2, "unlabeled", us, "cogs:low")}, "event:1"},
		"an odd log before it":          {[]ticket.Event{event(1, "unlabeled", bob, "old"), event(2, "labeled", ada, "approved")}, "event:2"},
	} {
		got := ""
		for _, a := range LabelActs([]string{"approved"}, c.events) {
			got += a.Rests
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestVoidLabelIsRefused(t *testing.T) {
	w := newWorld(t)
	w.to("spec-approval")
	w.act(Approve, "spec-approval/approve-spec", 1, "admin", func(a *Act) { a.Label, a.Void = true, "the label is another one" })
	v := w.run()
	w.stands("spec-approval")
	if len(v.Refusals) != 1 || v.Refusals[0].Text != "the label is another one" || len(v.New) != 0 {
		t.Errorf("refusals %+v, recorded %+v", v.Refusals, v.New)
	}
}

// A rule may finish work, by nobody's right; it can decide nothing.
func TestRuleFinishesWorkAndDecidesNothing(t *testing.T) {
	w := newWorld(t)
	w.to("build")
	released := func(a *Act) { a.Who, a.Program, a.Rests = ticket.Account{}, true, "release:77" }
	for _, verb := range []Verb{Approve, Reject, NotNeeded, Waive, Hold, Rework, Report} {
		w.act(verb, "release/release-notes", 0, "", released, why("x"))
	}
	w.act(Done, "release/approve-release", 0, "", released)
	if v := w.run(); len(v.New)+len(v.Refusals)+len(v.Replies) != 0 {
		t.Fatalf("recorded %+v, refused %+v, answered %+v", v.New, v.Refusals, v.Replies)
	}
	w.act(Done, "release/release-notes", 0, "", released)
	v := w.run()
	if len(v.New) != 1 || v.New[0].Kind != record.Finished || v.New[0].Who != "" || v.New[0].Rests != "release:77" || v.Want[w.key("release/release-notes")] != ticket.Completed {
		t.Fatalf("recorded %+v, wants %v", v.New, v.Want)
	}
	w.act(Done, "release/release-notes", 0, "", released)
	if v := w.run(); len(v.New) != 0 || v.Stage != "build" {
		t.Errorf("a second time: recorded %+v, in %s", v.New, v.Stage)
	}
}
