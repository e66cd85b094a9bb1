package apply_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// virtual is a clock that moves when somebody sleeps.
type virtual struct {
	mu  sync.Mutex
	now time.Time
}

func (v *virtual) time() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

func (v *virtual) sleep(ctx context.Context, d time.Duration) error {
	v.mu.Lock()
	v.now = v.now.Add(d)
	v.mu.Unlock()
	return ctx.Err()
}

// hub is a repository on the fake GitHub.
type hub struct {
	t     *testing.T
	srv   *fakegithub.Server
	o     github.Options
	clock *virtual
}

func newHub(t *testing.T, o fakegithub.Options) *hub {
	t.Helper()
	v := &virtual{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	o.Now, o.HourlyLimit = v.time, 100_000
	srv := fakegithub.New(o)
	api, graphql := srv.Start(t)
	return &hub{t, srv, github.Options{
		Token: fakegithub.DefaultToken, Repository: "octo-org/crm", APIURL: api, GraphQLURL: graphql, Clock: v.time, Sleep: v.sleep,
		Jitter: func() float64 { return 0 },
	}, v}
}

// job is one run: its tracker and its plan, with a journal that holds nothing yet.
func (h *hub) job(models []plan.Model) (*github.Tracker, plan.Plan) {
	h.t.Helper()
	tr, err := github.New(h.o)
	if err != nil {
		h.t.Fatal(err)
	}
	p := planned(h.t, tr, models)
	h.srv.ResetJournal()
	return tr, p
}

func (h *hub) bounds() apply.Options { return apply.Options{PerMinute: 60, Clock: h.clock.time} }

// apply carries out a plan that must succeed.
func (h *hub) apply(models []plan.Model) apply.Outcome {
	h.t.Helper()
	tr, p := h.job(models)
	o := apply.Run(h.t.Context(), tr, tr, p, h.bounds())
	if o.Stopped != "" || o.Count(apply.Done) != len(o.Results) {
		h.t.Errorf("stopped since %q: %+v", o.Stopped, o.Results)
	}
	return o
}

// written is how many things the journal's requests wrote.
func (h *hub) written() int {
	n := 0
	for _, r := range h.srv.Writes() {
		n += max(1, len(r.Ops))
	}
	return n
}

func (h *hub) steady(models []plan.Model) {
	h.t.Helper()
	if _, p := h.job(models); !p.Empty() {
		h.t.Errorf("still: %s", p.Summary)
	}
}

func TestRollOutInFewRequests(t *testing.T) {
	h := newHub(t, fakegithub.Options{EnforceLimits: true})
	const capabilities, tickets = 23, 3
	begin := h.clock.time()
	o := h.apply(models(capabilities, tickets))
	labels := 2 + capabilities
	if most := labels + 7 + 2*3 + 1; len(h.srv.Requests()) > most {
		t.Errorf("%d requests, want at most %d:\n%s", len(h.srv.Requests()), most, h.srv.List())
	}
	if want := labels + capabilities*tickets + 2*capabilities; o.Writes != want || h.written() != want {
		t.Errorf("%d writes, %d in the journal, want %d", o.Writes, h.written(), want)
	}
	if took, want := h.clock.time().Sub(begin), time.Duration(o.Writes)*time.Second; took > want+want/20 {
		t.Errorf("took %s, and the pace implies %s", took, want)
	}
	if v := h.srv.Violations(); len(v) > 0 {
		t.Errorf("limits broken: %s", strings.Join(v, "\n"))
	}
	h.steady(models(capabilities, tickets))
}

// What a plan says it takes is what carrying it out takes.
func TestEstimate(t *testing.T) {
	was := models(12, 3)
	changed := models(13, 3)
	for i := range changed {
		m := &changed[i]
		id := ticket.Key(m.Capability)
		switch {
		case i == 0: // a dependency, a text, one ticket less
			m.Tickets[0].BlockedBy = []ticket.Key{"CRM-2", "CRM-13"}
			m.Tickets[1].Block, m.Hash = "Worded anew.", "h2"
			m.Tickets = m.Tickets[:3]
		case i < 6: // a decision
			m.Stage, m.Tickets[1].State = "spec", ticket.Completed
			m.Tickets[1].Labels = append(slices.Clone(m.Tickets[1].Labels), "capability:done")
			m.Says = []plan.Say{{Key: id, Text: "Moved to spec.", First: true}, {Key: id, Text: "By the way.", Mark: "a"}}
			m.Tickets = append(m.Tickets, ticket.Desired{Key: ticket.Make(m.Capability, "spec", "write"), Title: "Write", Block: "See " + ticket.Mention(id) + ".", Labels: m.Tickets[2].Labels, Parent: id})
		case i < 8:
			m.Closed, m.Why = true, "it is cancelled"
			for k := range m.Tickets {
				m.Tickets[k].State = ticket.NotPlanned
			}
		}
	}
	for name, tt := range map[string]struct{ before, after []plan.Model }{
		"all is new":         {nil, was},
		"one is new":         {was, models(13, 2)},
		"nothing is to do":   {was, was},
		"a little of it all": {was, changed},
		"all are removed":    {was, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHub(t, fakegithub.Options{})
			if tt.before != nil {
				h.apply(tt.before)
			}
			tr, p := h.job(tt.after)
			e := apply.Estimate(p, apply.Options{PerMinute: 60, PerHour: 40})
			begin := h.clock.time()
			o := apply.Run(t.Context(), tr, tr, p, h.bounds())
			if o.Count(apply.Done) != len(o.Results) {
				t.Fatalf("outcome %+v", o.Results)
			}
			requests := len(h.srv.Requests())
			if e.Writes != h.written() || e.Writes != o.Writes {
				t.Errorf("%d writes were foretold, %d counted, %d done\n%s", e.Writes, o.Writes, h.written(), h.srv.List())
			}
			if d := e.Requests - requests; d < -2 || d > 2 {
				t.Errorf("%d requests were foretold, %d sent\n%s", e.Requests, requests, h.srv.List())
			}
			if took := int((h.clock.time().Sub(begin) + time.Minute - 1) / time.Minute); e.Minutes < took || e.Minutes > took+1 {
				t.Errorf("%d minutes were foretold, it took %d", e.Minutes, took)
			}
			if want := (e.Writes + 39) / 40; e.Runs != want {
				t.Errorf("%d runs were foretold, want %d", e.Runs, want)
			}
		})
	}
}

// saving has a person act right before each request that writes bodies, so many times.
func (h *hub) saving(times int, act func(n int)) {
	n := 0
	h.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if slices.Contains(r.Ops, "updateIssue") && n < times {
			n++
			act(n)
		}
		return nil
	})
}

func TestWhatIsSavedAtTheSameMomentIsPutBack(t *testing.T) {
	for _, times := range []int{1, 2, 3} {
		h := newHub(t, fakegithub.Options{})
		h.apply(models(2, 2))
		now := models(2, 2)
		for i := range now {
			for k := range now[i].Tickets {
				now[i].Tickets[k].Block = "Worded anew.\n\n- [ ] first"
			}
		}
		h.saving(times, func(n int) {
			for _, i := range h.srv.Issues() {
				h.srv.As("mona").EditBody(i.Number, fmt.Sprintf("%s\nMona's note %d on #%d", i.Body, n, i.Number))
			}
		})
		h.apply(now)
		for _, i := range h.srv.Issues() {
			for n := range times {
				if note := fmt.Sprintf("Mona's note %d on #%d", n+1, i.Number); strings.Count(i.Body, note) != 1 {
					t.Errorf("saved %d times: %q stands %d times in #%d:\n%s", times, note, strings.Count(i.Body, note), i.Number, i.Body)
				}
			}
			if strings.Count(i.Body, "Worded anew.") != 1 {
				t.Errorf("#%d: our own text is lost:\n%s", i.Number, i.Body)
			}
		}
		h.srv.Fault(nil)
		h.steady(now)
	}
}

// Somebody who saves again and again wins; nothing of theirs is lost, and the run says so.
func TestSomebodyWhoNeverStopsSaving(t *testing.T) {
	h := newHub(t, fakegithub.Options{})
	h.apply(models(1, 1))
	now := models(1, 1)
	now[0].Tickets[1].Block = "Worded anew."
	h.saving(100, func(n int) {
		h.srv.As("mona").EditBody(2, fmt.Sprintf("%s\nNote %d", h.srv.Issue(2).Body, n))
	})
	tr, p := h.job(now)
	o := apply.Run(t.Context(), tr, tr, p, h.bounds())
	i := slices.IndexFunc(o.Results, func(r apply.Result) bool { return r.Key == "CRM-1/triage/t1" })
	if r := o.Results[i]; r.Status != apply.Failed || !strings.Contains(r.Error, "edit history") {
		t.Errorf("result %+v", r)
	}
	if n := len(h.srv.Writes()); n > 12 {
		t.Errorf("%d writes", n)
	}
}

// An answer that is lost is no reason to do it twice, nor to leave it undone.
func TestLostAnswersOfUpdates(t *testing.T) {
	for name, fault := range map[string]func() *fakegithub.Fault{
		"before": fakegithub.Drop, "after": fakegithub.ApplyThenDrop, "502 after": func() *fakegithub.Fault { return fakegithub.ApplyThenFail(502) },
	} {
		h := newHub(t, fakegithub.Options{})
		h.apply(models(3, 2))
		now := models(3, 2)
		for i := range now {
			now[i].Tickets[1].Block = "Worded anew."
		}
		n := 0
		h.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
			if slices.Contains(r.Ops, "updateIssue") {
				if n++; n == 1 {
					return fault()
				}
			}
			return nil
		})
		tr, p := h.job(now)
		o := apply.Run(t.Context(), tr, tr, p, h.bounds())
		if o.Count(apply.Done) != len(o.Results) {
			t.Errorf("%s: outcome %+v", name, o.Results)
		}
		h.srv.Fault(nil)
		h.steady(now)
	}
}

// A run that is stopped while a batch is on its way knows what became of it.
func TestStoppedWhileABatchIsOnItsWay(t *testing.T) {
	h := newHub(t, fakegithub.Options{})
	ctx, stop := context.WithCancel(t.Context())
	h.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if len(r.Ops) == 10 {
			stop()
		}
		return nil
	})
	tr, p := h.job(models(4, 5))
	o := apply.Run(ctx, tr, tr, p, h.bounds())
	if o.Count(apply.Done) != 10 || o.Count(apply.Pending) != 14 || !o.Interrupted || o.Writes < 20 {
		t.Errorf("%d done, %d pending, %d writes, stopped since %q", o.Count(apply.Done), o.Count(apply.Pending), o.Writes, o.Stopped)
	}
	if w := h.srv.Writes(); len(w[len(w)-1].Ops) != 10 {
		t.Errorf("it went on:\n%s", h.srv.List())
	}
	h.srv.Fault(nil)
	h.apply(models(4, 5))
	h.steady(models(4, 5))
}
