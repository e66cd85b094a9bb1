package pipeline

import (
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// ready is a capability that lacks nothing.
func ready() capability.Capability {
	c := full()
	c.User, c.SuccessCriteria, c.Scope.In, c.Legal = "u", []string{"s"}, []string{"i"}, "l"
	c.Documents = capability.Documents{Spec: "s.md", Architecture: "a.md"}
	c.Cogs.Drivers = append(c.Cogs.Drivers, zeroDriver)
	c.AcceptanceCriteria = []capability.Criterion{{Text: "x"}}
	c.Release.Version, c.Release.Notes = "1", "n"
	c.Tickets = nil
	return c
}

// world plays a tracker and its people for one capability.
type world struct {
	t    *testing.T
	c    Case
	at   time.Time
	n    int
	last Verdict
}

func newWorld(t *testing.T) *world {
	return &world{t: t, at: now, c: Case{Capability: ready(), Config: config.Default(), Facts: map[ticket.Key]Fact{}, Began: now, Texts: map[string]string{}}}
}

// run lets the program run: what it records and wants comes true.
func (w *world) run() Verdict {
	w.at = w.at.Add(time.Minute)
	w.c.Now = w.at
	v := Decide(w.c)
	w.c.Record.Entries = append(w.c.Record.Entries, v.New...)
	w.c.Acts = nil
	for _, t := range v.Due() {
		f, here := w.c.Facts[t.Key]
		if !here {
			f = Fact{State: ticket.Open, Assignees: []string{"ada"}}
		}
		if want := v.Want[t.Key]; want != "" && want != f.State {
			f.State, f.Applied, f.Closer = want, want, Program
			f.ClosedAt = time.Time{}
			if want != ticket.Open {
				f.ClosedAt = w.at
			}
		}
		if a, ok := v.Approvals[t.Key]; ok && a.Hash != f.Shown.Hash {
			f.Shown = Shown{Hash: a.Hash, Since: w.at, Before: f.Shown.Hash}
		}
		w.c.Facts[t.Key] = f
	}
	w.last = v
	return v
}

func (w *world) tick() time.Time { w.at = w.at.Add(time.Minute); return w.at }

func (w *world) key(within string) ticket.Key {
	return ticket.Key(w.c.Capability.ID + "/" + within)
}

func (w *world) close(within string) {
	w.t.Helper()
	f, ok := w.c.Facts[w.key(within)]
	if !ok {
		w.t.Fatalf("there is no ticket %s to close", within)
	}
	f.State, f.ClosedAt, f.Closer = ticket.Completed, w.tick(), Person
	w.c.Facts[w.key(within)] = f
}

func (w *world) act(verb Verb, within string, id int64, role string, change ...func(*Act)) {
	w.n++
	key := w.key(within)
	if within == "" {
		key = ticket.Key(w.c.Capability.ID)
	}
	a := Act{Verb: verb, Ticket: key, Who: ticket.Account{ID: id, Login: logins[id]}, Role: role, At: w.tick(), Rests: "comment:" + string(rune('a'+w.n))}
	for _, f := range change {
		f(&a)
	}
	w.c.Acts = append(w.c.Acts, a)
}

var logins = map[int64]string{1: "ada", 2: "grace", 3: "mallory"}

func why(text string) func(*Act) { return func(a *Act) { a.Why = text } }

func (w *world) stands(stage string) {
	w.t.Helper()
	if w.last.Stage != stage {
		w.t.Fatalf("it is in %s, want %s; blockers %q, refusals %+v", w.last.Stage, stage, w.last.Blockers, w.last.Refusals)
	}
}

// to takes the capability to a stage by doing what each stage needs.
func (w *world) to(stage string) {
	w.t.Helper()
	w.run()
	for range 20 {
		if w.last.Stage == stage {
			return
		}
		approver := int64(1)
		for _, t := range w.last.Due() {
			switch {
			case t.Stage == w.last.Stage && t.Approval:
				w.act(Approve, t.Key.Within(), approver, "maintain")
				approver++
			case w.c.Facts[t.Key].State == ticket.Open && (t.Stage == w.last.Stage):
				w.close(t.Key.Within())
			}
		}
		w.run()
	}
	w.t.Fatalf("never gets to %s; it is in %s, blockers %q", stage, w.last.Stage, w.last.Blockers)
}

func TestTheWholeWay(t *testing.T) {
	w := newWorld(t)
	w.to("shipped")
	if w.last.Closed != ticket.Completed {
		t.Errorf("a shipped capability is closed as %q", w.last.Closed)
	}
	var way []string
	for _, e := range w.c.Record.Entries {
		if e.Kind == record.Moved {
			way = append(way, e.To)
		}
	}
	want := "spec spec-approval architecture architecture-approval compliance build ci-cd uat release shipped"
	if got := strings.Join(way, " "); got != want {
		t.Errorf("way\ngot  %s\nwant %s", got, want)
	}
	if v := w.run(); len(v.New) != 0 {
		t.Errorf("runs on: %+v", v.New)
	}
}

func TestRejectionLeadsBack(t *testing.T) {
	w := newWorld(t)
	w.to("compliance")
	w.act(Reject, "compliance/compliance-sign-off", 2, "maintain", why("unclear retention"), func(a *Act) { a.To = "architecture" })
	w.run()
	w.stands("architecture")
	if !strings.Contains(strings.Join(w.last.Flags, " "), "in-rework") {
		t.Errorf("flags %q", w.last.Flags)
	}
	if _, ok := w.c.Facts[w.key("architecture/rework-1")]; !ok {
		t.Fatalf("no ticket for the rework among %v", w.c.Facts)
	}
	if w.c.Facts[w.key("spec-approval/approve-spec")].State != ticket.Completed {
		t.Error("the approval of the spec lies before the way back and fell")
	}
	w.close("architecture/rework-1")
	w.run()
	w.stands("architecture-approval")
	if strings.Contains(strings.Join(w.last.Flags, " "), "in-rework") {
		t.Error("still in rework after the stage was left")
	}
	if w.c.Facts[w.key("architecture-approval/approve-architecture")].State != ticket.Open {
		t.Error("the approval of the architecture has not fallen")
	}
	w.to("build")
}

func TestRejectionReopensTheTicketsItNames(t *testing.T) {
	w := newWorld(t)
	w.to("uat")
	w.act(Reject, "uat/uat-product", 1, "maintain", why("slow"), func(a *Act) { a.Tickets = []string{"scoring-endpoint"} })
	w.run()
	w.stands("build")
	if w.c.Facts[w.key("build/scoring-endpoint")].State != ticket.Open || w.c.Facts[w.key("build/score-card")].State != ticket.Completed {
		t.Error("not just the named ticket was reopened")
	}
	w.close("build/scoring-endpoint")
	w.run()
	w.stands("ci-cd")
	if w.c.Facts[w.key("ci-cd/deploy-to-stage")].State != ticket.Open {
		t.Error("work of a later stage is not to be done again")
	}
}

func TestContentChangeReopensOnlyWhatItConcerns(t *testing.T) {
	w := newWorld(t)
	w.to("build")
	was := w.c.Capability.Summary
	w.c.Capability.Summary = "another"
	w.run()
	w.stands("build")
	if a := w.last.Approvals[w.key("spec-approval/approve-spec")]; !a.Stale || a.Before["summary"] != was {
		t.Errorf("approval of the spec: %+v", a)
	}
	if a := w.last.Approvals[w.key("architecture-approval/approve-architecture")]; !a.Holds() {
		t.Error("the approval of the architecture fell too")
	}
	if w.c.Facts[w.key("spec-approval/approve-spec")].State != ticket.Open || strings.Join(w.last.Flags, " ") != "needs-reapproval" {
		t.Errorf("flags %q", w.last.Flags)
	}
	w.close("build/scoring-endpoint")
	w.close("build/score-card")
	w.run()
	w.stands("build") // the next gate is shut
	w.c.Capability.Summary = was
	w.run()
	w.stands("ci-cd")
	w.c.Capability.Summary = "third"
	w.run()
	w.act(Approve, "spec-approval/approve-spec", 2, "maintain")
	w.run()
	if len(w.last.Flags) != 0 || w.c.Facts[w.key("spec-approval/approve-spec")].State != ticket.Completed {
		t.Errorf("approved again, and still %q", w.last.Flags)
	}
}

func TestFieldsFilledInTimeReopenNothing(t *testing.T) {
	w := newWorld(t)
	criteria := w.c.Capability.AcceptanceCriteria
	w.c.Capability.AcceptanceCriteria = nil
	w.to("build")
	w.c.Capability.AcceptanceCriteria = criteria
	w.run()
	if len(w.last.Flags) != 0 {
		t.Errorf("filled in the stage that asks for it, and flags %q", w.last.Flags)
	}
	w.to("uat")
	if len(w.last.Flags) != 0 {
		t.Errorf("later flags %q", w.last.Flags)
	}
}

func TestADecisionBeforeTheChangeCountsForTheContentBefore(t *testing.T) {
	w := newWorld(t)
	w.to("spec-approval")
	w.act(Approve, "spec-approval/approve-spec", 1, "maintain") // sees the old text
	w.c.Capability.Summary = "changed"                          // and the next run brings both
	f := w.c.Facts[w.key("spec-approval/approve-spec")]
	f.Shown = Shown{Hash: "new", Since: w.tick(), Before: f.Shown.Hash}
	w.c.Facts[w.key("spec-approval/approve-spec")] = f
	w.run()
	w.stands("spec-approval")
	if !w.last.Approvals[w.key("spec-approval/approve-spec")].Stale {
		t.Error("the approval was for the content before, and it is not stale")
	}
}

func TestDependenciesGateBuild(t *testing.T) {
	w := newWorld(t)
	w.c.Capability.DependsOn = []string{"CRM-9"}
	shipped := false
	w.c.Shipped = func(string) bool { return shipped }
	w.to("compliance")
	w.act(Approve, "compliance/compliance-sign-off", 1, "admin")
	w.run()
	w.stands("compliance")
	if strings.Join(w.last.WaitsFor, " ") != "CRM-9" {
		t.Errorf("waits for %q", w.last.WaitsFor)
	}
	w.act(Waive, "", 2, "write", why("we stub it"), func(a *Act) { a.Tickets = []string{"CRM-9"} })
	w.run()
	w.stands("compliance")
	if len(w.last.Refusals) != 1 {
		t.Errorf("refusals %+v", w.last.Refusals)
	}
	w.act(Waive, "", 2, "maintain", why("we stub it"), func(a *Act) { a.Tickets = []string{"CRM-9"} })
	w.run()
	w.stands("build")
}

func TestWhoMayDecide(t *testing.T) {
	for _, c := range []struct {
		name      string
		approvers []string
		id        int64
		role      string
		want      bool
	}{
		{"read", nil, 2, "read", false}, {"triage", nil, 2, "triage", false}, {"write", nil, 2, "write", false},
		{"maintain", nil, 2, "maintain", true}, {"admin", nil, 2, "admin", true}, {"no role read", nil, 2, "", false},
		{"unknown role", nil, 2, "custom", false}, {"by login", []string{"grace"}, 2, "triage", true},
		{"by login, another case", []string{"Grace"}, 2, "triage", true},
		{"by login without triage", []string{"grace"}, 2, "read", false}, {"another login", []string{"grace"}, 1, "admin", false},
		{"unknown role wanted", []string{"role:boss"}, 2, "admin", false}, {"either", []string{"grace", "role:admin"}, 1, "admin", true},
	} {
		w := newWorld(t)
		for i, s := range w.c.Config.Pipeline.Stages {
			if s.ID == "spec-approval" && c.approvers != nil {
				w.c.Config.Pipeline.Stages[i].Approvers = c.approvers
			}
		}
		w.to("spec-approval")
		w.act(Approve, "spec-approval/approve-spec", c.id, c.role)
		w.run()
		if got := w.last.Stage == "architecture"; got != c.want {
			t.Errorf("%s: approved %v, want %v", c.name, got, c.want)
		}
		if refused := len(w.last.Refusals) == 1; refused == c.want {
			t.Errorf("%s: refusals %+v", c.name, w.last.Refusals)
		}
	}
}

func TestBotsDecideNothing(t *testing.T) {
	w := newWorld(t)
	w.to("spec-approval")
	w.act(Approve, "spec-approval/approve-spec", 2, "admin", func(a *Act) { a.Who.Bot = true })
	w.run()
	w.stands("spec-approval")
	w.to("build")
	f := w.c.Facts[w.key("build/score-card")]
	f.State, f.ClosedAt, f.Closer = ticket.NotPlanned, w.tick(), Robot
	w.c.Facts[w.key("build/score-card")] = f
	w.run()
	if w.c.Facts[w.key("build/score-card")].State != ticket.Open {
		t.Error("what a robot closed was not reopened")
	}
	f.ClosedAt = w.tick()
	w.c.Facts[w.key("build/score-card")] = f
	w.run()
	if w.c.Facts[w.key("build/score-card")].State == ticket.Open {
		t.Error("reopened a second time")
	}
	w.close("build/scoring-endpoint")
	w.run()
	w.stands("build")
}

func TestUATNeedsTwoPeople(t *testing.T) {
	w := newWorld(t)
	w.to("uat")
	w.act(Approve, "uat/uat-product", 1, "admin")
	w.act(Approve, "uat/uat-engineering", 1, "admin")
	w.run()
	w.stands("uat")
	if len(w.last.Refusals) != 1 {
		t.Errorf("refusals %+v", w.last.Refusals)
	}
	w.act(Approve, "uat/uat-engineering", 2, "admin")
	w.run()
	w.stands("release")
}

func TestFinishingByComment(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.act(Done, "triage/triage", 3, "read") // not assigned
	w.run()
	w.stands("triage")
	w.act(Done, "triage/triage", 1, "read") // assigned
	w.run()
	w.stands("spec")
	if w.c.Facts[w.key("triage/triage")].State != ticket.Completed {
		t.Error("the ticket is not closed")
	}
	w.act(NotNeeded, "spec/write-spec", 1, "read", why("it is all in the idea"))
	w.run()
	w.stands("spec")
	if len(w.last.Blockers) != 1 || !strings.Contains(w.last.Blockers[0], "dropped") {
		t.Errorf("blockers %q", w.last.Blockers)
	}
}

func TestHoldResumeRework(t *testing.T) {
	w := newWorld(t)
	w.to("architecture")
	w.act(Hold, "", 3, "write", why("x"))
	w.run()
	if len(w.last.Refusals) != 1 {
		t.Errorf("mallory may hold it: %+v", w.last.Refusals)
	}
	w.act(Hold, "", 1, "read", why("budget")) // the owner
	w.close("architecture/design")
	w.run()
	w.stands("architecture")
	if strings.Join(w.last.Flags, " ") != "on-hold" {
		t.Errorf("flags %q", w.last.Flags)
	}
	w.act(Resume, "", 2, "maintain")
	w.run()
	w.stands("architecture-approval")
	w.act(Rework, "", 2, "maintain", why("wrong users"), func(a *Act) { a.To = "spec" })
	w.run()
	w.stands("spec")
	w.close("spec/rework-1")
	w.run()
	w.stands("spec-approval")
}

func TestPassedStageShutsTheNextGate(t *testing.T) {
	w := newWorld(t)
	w.to("architecture")
	f := w.c.Facts[w.key("spec/write-spec")]
	f.State, f.ClosedAt = ticket.Open, time.Time{}
	w.c.Facts[w.key("spec/write-spec")] = f
	w.close("architecture/design")
	w.run()
	w.stands("architecture")
	w.close("spec/write-spec")
	w.run()
	w.stands("architecture-approval")
}

func TestAStageAddedBehindIsSkipped(t *testing.T) {
	w := newWorld(t)
	w.to("architecture")
	stages := w.c.Config.Pipeline.Stages
	added := config.Stage{ID: "research", Name: "Research", Kind: "work", Tickets: []config.StageTicket{{Key: "ask", Title: "Ask", Audience: "product"}}}
	w.c.Config.Pipeline.Stages = append([]config.Stage{stages[0], added}, stages[1:]...)
	w.run()
	if _, made := w.c.Facts[w.key("research/ask")]; made {
		t.Error("a stage added behind it got a ticket")
	}
	w.close("architecture/design")
	w.run()
	w.stands("architecture-approval")
}

func TestEvidenceGoneReopensTheApproval(t *testing.T) {
	w := newWorld(t)
	w.to("architecture")
	var rests string
	for _, e := range w.c.Record.Entries {
		if e.Kind == record.Approved {
			rests = e.Rests
		}
	}
	w.c.Gone = map[string]bool{rests: true}
	w.run()
	w.stands("architecture")
	if w.c.Facts[w.key("spec-approval/approve-spec")].State != ticket.Open {
		t.Error("the approval still holds")
	}
	w.c.Gone = nil
	w.run()
	if w.c.Facts[w.key("spec-approval/approve-spec")].State != ticket.Open {
		t.Error("the approval came back by itself")
	}
}
