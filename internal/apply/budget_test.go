package apply_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// ticking is a clock that moves with the writes that a tracker is sent, at the pace.
type ticking struct {
	*flaky
	now  time.Time
	each time.Duration
}

func (c *ticking) clock() time.Time { return c.now }

func paced(f *flaky, perMinute int) *ticking {
	return &ticking{flaky: f, now: time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC), each: time.Minute / time.Duration(perMinute)}
}

func (c *ticking) Create(ctx context.Context, drafts []ticket.Draft) []ticket.Created {
	c.now = c.now.Add(time.Duration(len(drafts)) * c.each)
	return c.flaky.Create(ctx, drafts)
}

func (c *ticking) UpdateAll(ctx context.Context, edits []ticket.Edit) []ticket.Created {
	c.now = c.now.Add(time.Duration(len(edits)) * c.each)
	return c.flaky.UpdateAll(ctx, edits)
}

func (c *ticking) Define(ctx context.Context, d ticket.Definition) error {
	c.now = c.now.Add(c.each)
	return c.flaky.Define(ctx, d)
}

func TestASpentHourEndsTheRun(t *testing.T) {
	f := open(t)
	c := paced(f, 60)
	want := models(4, 9) // 6 labels, 4 issues, 36 tickets, 4 records
	o := apply.Options{PerMinute: 60, PerHour: 30, Spent: 5, Clock: c.clock}
	begin := c.now
	out := apply.Run(t.Context(), c, c, planned(t, f, want), o)
	if out.Writes > 25 || out.Writes < 20 || !strings.Contains(out.Stopped, "30 writes that one hour may take") || out.Interrupted {
		t.Errorf("%d writes, stopped since %q", out.Writes, out.Stopped)
	}
	if took := c.now.Sub(begin); took > 25*time.Second {
		t.Errorf("it waited: %s", took)
	}
	rest := out.Rest
	if rest.Total != 50 || rest.Writes != 50-out.Writes || rest.Runs != 1 || !rest.Until.Equal(c.now.Add(time.Hour).Round(10*time.Minute)) {
		t.Errorf("%d writes are done, and the rest is %+v", out.Writes, rest)
	}
	if len(out.Waiting) != 1 || out.Waiting[0].Reason != out.Stopped || out.Waiting[0].Count != out.Count(apply.Pending) {
		t.Errorf("waiting %+v", out.Waiting)
	}
	// What is begun is recorded: the first capability is complete, and the next run goes on.
	if p := planned(t, f, want[:1]); p.Count(plan.Create) > 0 {
		t.Errorf("CRM-1 is not complete: %s", p.Summary)
	}
	acts := len(f.acts)
	o.Spent = 30
	if out := apply.Run(t.Context(), c, c, planned(t, f, want), o); out.Writes != 0 || len(f.acts) != acts {
		t.Errorf("%d writes in a spent hour", out.Writes)
	}
	o.Spent = 0
	for range 3 {
		apply.Run(t.Context(), c, c, planned(t, f, want), o)
	}
	if p := planned(t, f, want); !p.Empty() {
		t.Errorf("still: %s", p.Summary)
	}
}

func TestNothingIsBegunThatWouldEndTooLate(t *testing.T) {
	f := open(t)
	c := paced(f, 30)
	o := apply.Options{PerMinute: 30, Clock: c.clock, Deadline: c.now.Add(time.Minute)}
	out := apply.Run(t.Context(), c, c, planned(t, f, models(4, 9)), o)
	if out.Writes > 30 || out.Writes < 20 || !strings.Contains(out.Stopped, "the 1 minute that one run may take") {
		t.Errorf("%d writes, stopped since %q", out.Writes, out.Stopped)
	}
	if c.now.After(o.Deadline) {
		t.Errorf("it ended at %s, and should at %s", c.now, o.Deadline)
	}
}

func TestTheQuotaOfOthersIsLeftAlone(t *testing.T) {
	f := open(t)
	left := 21
	reset := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	out := apply.Run(t.Context(), f, f, planned(t, f, models(4, 9)), apply.Options{Quota: func() (int, time.Time) {
		return max(0, left-len(f.acts)), reset
	}})
	if len(f.acts) > left || len(f.acts) < 10 || !strings.Contains(out.Stopped, "until 17:00 UTC") {
		t.Errorf("%d requests, stopped since %q", len(f.acts), out.Stopped)
	}
	unknown := func() (int, time.Time) { return -1, time.Time{} }
	if out := apply.Run(t.Context(), f, f, planned(t, f, models(4, 9)), apply.Options{Quota: unknown}); out.Stopped != "" {
		t.Errorf("stopped since %q", out.Stopped)
	}
}

// Where not all fits, what people decided comes before what is made, then priority and stage.
func TestTheMostImportantComesFirst(t *testing.T) {
	f := open(t)
	was := models(2, 1)
	apply.Run(t.Context(), f, f, planned(t, f, was), apply.Options{})
	now := []plan.Model{model(1, 1), model(2, 1), model(3, 2), model(4, 2), model(5, 2), model(6, 2)}
	now[0].Tickets[1].Block = "Worded anew." // nothing but a text
	now[1].Stage, now[1].Tickets[1].State = "spec", ticket.Completed
	now[1].Tickets = append(now[1].Tickets, ticket.Desired{Key: "CRM-2/spec/write-spec", Title: "Write", Block: "Text.", Labels: now[1].Tickets[1].Labels, Parent: "CRM-2"})
	now[1].Says = []plan.Say{{Key: "CRM-2", Text: "Moved to spec.", First: true}}
	now[1].Priority = "p3"
	now[3].Priority = "p0"
	now[4].Stage, now[5].Priority = "build", "p1"
	p := planned(t, f, now)
	whole := apply.Estimate(p, apply.Options{}).Writes
	f.acts = nil
	o := apply.Run(t.Context(), f, f, p, apply.Options{MaxWrites: whole - 1, Stages: []string{"triage", "spec", "build"}})
	if o.Stopped == "" {
		t.Fatalf("nothing stopped it: %d writes of %d", o.Writes, whole)
	}
	var order []string
	for _, a := range f.acts {
		if !strings.HasPrefix(a, "define") {
			order = append(order, a)
		}
	}
	at := func(prefix string) int {
		return slices.IndexFunc(order, func(a string) bool { return strings.HasPrefix(a, prefix) })
	}
	want := []string{"comment #2", "update #4", "create CRM-2/spec/write-spec", "update #2", "create CRM-4", "create CRM-6", "create CRM-5", "create CRM-3"}
	for i := 1; i < len(want); i++ {
		if at(want[i-1]) < 0 || at(want[i]) < at(want[i-1]) {
			t.Fatalf("%q does not come before %q:\n%s", want[i-1], want[i], strings.Join(order, "\n"))
		}
	}
	if at("update #3") >= 0 && at("update #3") < at("create CRM-3") {
		t.Errorf("a text worded anew came first:\n%s", strings.Join(order, "\n"))
	}
}

// All decisions are carried out before anything is made for any of them.
func TestDecisionsComeBeforeCreations(t *testing.T) {
	f := open(t)
	was := models(8, 1)
	apply.Run(t.Context(), f, f, planned(t, f, was), apply.Options{})
	now := models(8, 1)
	for i := range now {
		id := now[i].Capability
		now[i].Stage, now[i].Tickets[1].State = "spec", ticket.Completed
		now[i].Says = []plan.Say{{Key: ticket.Key(id), Text: "Moved to spec.", First: true}}
		now[i].Tickets = append(now[i].Tickets, ticket.Desired{Key: ticket.Make(id, "spec", "write-spec"), Title: "Write", Block: "Text.", Labels: now[i].Tickets[1].Labels, Parent: ticket.Key(id)})
	}
	f.acts = nil
	out := apply.Run(t.Context(), f, f, planned(t, f, now), apply.Options{MaxWrites: 27}) // 8 records, closings and records each, 3 creations
	text := strings.Join(f.acts, "\n")
	first := slices.IndexFunc(f.acts, func(a string) bool { return strings.HasPrefix(a, "create") })
	if first != 16 || strings.Count(text, "comment") != 8 || strings.Count(text, "create") != 3 || out.Writes != 27 {
		t.Errorf("%d writes, the first creation is act %d:\n%s", out.Writes, first+1, text)
	}
	if out.Count(apply.Failed) > 0 || out.Count(apply.Pending) != 5 {
		t.Errorf("outcome %+v", out.Waiting)
	}
}

// After it is told to stop, a run sends nothing more, and says what is done and what is not.
func TestInterruptedMidway(t *testing.T) {
	for k := range 20 {
		f := open(t)
		ctx, stop := context.WithCancelCause(t.Context())
		f.refuse = func(string, ticket.Key) error {
			if len(f.acts) == k+1 {
				stop(errors.New("interrupt signal received"))
			}
			return nil
		}
		out := apply.Run(ctx, f, f, planned(t, f, models(3, 4)), apply.Options{})
		creations := 0
		for _, r := range out.Results {
			if r.Status == apply.Failed {
				t.Errorf("after %d: %+v", k, r)
			}
			creations++
		}
		if !out.Interrupted || creations != 15 || !strings.Contains(out.Stopped, "interrupt signal") || out.Count(apply.Pending) == 0 {
			t.Errorf("after %d: %s; %d results, %d pending", k, out.Stopped, creations, out.Count(apply.Pending))
		}
		if len(f.acts) > k+10 { // a batch that is on its way
			t.Errorf("after %d: %d acts", k, len(f.acts))
		}
		if out := apply.Run(t.Context(), f, f, planned(t, f, models(3, 4)), apply.Options{}); out.Count(apply.Done) != len(out.Results) {
			t.Errorf("after %d, again: %+v", k, out.Results)
		}
		if p := planned(t, f, models(3, 4)); !p.Empty() {
			t.Error(fmt.Sprint("after ", k, " still: ", p.Summary))
		}
	}
}
