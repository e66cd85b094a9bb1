package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// A ticket that goes away or is locked while a run is under way, at whichever request: nothing
// else suffers, and after the next run each key has its one ticket.
func TestGoneAtAnyRequest(t *testing.T) {
	t.Parallel()
	change := map[string]string{path("CRM-1"): strings.Replace(spec("CRM-1", 3, ""), "title: Capability", "title: Better", 1)}
	for name, lose := range map[string]func(fakegithub.Person, int){
		"deleted": fakegithub.Person.DeleteIssue, "transferred": fakegithub.Person.TransferIssue,
		"converted": fakegithub.Person.ConvertToDiscussion, "locked": fakegithub.Person.Lock,
	} {
		for _, key := range []string{"CRM-1", "CRM-1/triage/extra-1"} {
			t.Run(name+" "+key, func(t *testing.T) {
				t.Parallel()
				step := 1
				if testing.Short() || !thorough {
					step = 4
				}
				for k := 0; ; k += step {
					r := newRepo(t, options(), specs(2, 2)).quick()
					r.must(r.push(), 0)
					n := r.key(key).Number
					r.commit(change)
					seen := 0
					r.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
						if seen == k {
							lose(r.srv.As("octocat"), n)
						}
						seen++
						return nil
					})
					r.push()
					r.srv.Fault(nil)
					if seen <= k {
						return
					}
					r.clock.Advance(time.Hour)
					r.push()
					r.must(r.event("schedule", map[string]any{}, nil), 0)
					i := r.key(key)
					if lost := r.srv.Issue(n).Gone != ""; lost == (i.Number == n) || !strings.Contains(i.Title, "Better") {
						t.Fatalf("at request %d: #%d, was #%d: %s", k+1, i.Number, n, i.Title)
					}
					r.once()
					if found := r.twice(); found != "" {
						t.Fatalf("at request %d: %s", k+1, found)
					}
					r.steady()
				}
			})
		}
	}
}

// Whatever people close or open again, the program answers once at most, and does not argue.
func TestNoFlipFlop(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(h hub){
		"work closed":  func(h hub) { h.act("eve", "close", "CRM-1/architecture/design", "") },
		"work dropped": func(h hub) { h.act("eve", "drop", "CRM-1/architecture/sketch", "") },
		"closed and opened": func(h hub) {
			h.act("eve", "close", "CRM-1/architecture/sketch", "")
			h.act("eve", "reopen", "CRM-1/architecture/sketch", "")
		},
		"approval closed":         func(h hub) { h.act("eve", "close", "CRM-2/compliance/compliance-sign-off", "") },
		"capability closed":       func(h hub) { h.act("eve", "close", "CRM-2", "") },
		"capability dropped":      func(h hub) { h.act("mia", "drop", "CRM-1", "") },
		"closed by a bot":         func(h hub) { h.act("tidy[bot]", "drop", "CRM-1/architecture/sketch", "") },
		"approved by who may not": func(h hub) { h.act("eve", "approved", "CRM-2/compliance/compliance-sign-off", "") },
		"approved, closed, reopened": func(h hub) {
			h.act("mia", "approved", "CRM-2/compliance/compliance-sign-off", "")
			h.act("mia", "close", "CRM-2/compliance/compliance-sign-off", "")
			h.act("eve", "reopen", "CRM-2/compliance/compliance-sign-off", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t, map[string]string{
				configFile:    "version: 1\npipeline: {allow_start_stage: true}\n",
				path("CRM-1"): wide("CRM-1", "Lead scoring", "start_stage: architecture\ntickets: {architecture: [{key: sketch, title: Sketch it}]}\n"),
				path("CRM-2"): wide("CRM-2", "Score badge", "start_stage: compliance\n"),
			})
			h.quick()
			h.must(h.push(), 0)
			do(h)
			before := h.changes()
			for n := range 20 {
				h.clock.Advance(time.Hour)
				if n%3 == 2 {
					h.must(h.event("schedule", map[string]any{}, nil), 0)
				} else {
					h.must(h.push(), 0)
				}
			}
			for n, after := range h.changes() {
				was := before[n]
				if was[2] != 0 && (after[0]-was[0] > 1 || after[1]-was[1] > 1) && n != h.found("CRM-1") && n != h.found("CRM-2") {
					t.Errorf("#%d was closed or opened %d times, and told %d things", n, after[0]-was[0], after[1]-was[1])
				}
			}
			if found := h.twice(); found != "" {
				t.Error(found)
			}
			h.steady()
		})
	}
}

// changes counts for each issue how often it was closed or opened and how often the program
// said something; the third number tells that it is there.
func (h hub) changes() map[int][3]int {
	out := map[int][3]int{}
	for _, i := range h.srv.Issues() {
		n := [3]int{2: 1}
		for _, e := range i.Events {
			if e.Kind == "closed" || e.Kind == "reopened" {
				n[0]++
			}
		}
		for _, c := range i.Comments {
			if c.Author == fakegithub.BotLogin {
				n[1]++
			}
		}
		out[i.Number] = n
	}
	return out
}

// Each item of a batch is refused once: the others are made, the run says which one was not, and
// what depends on it waits.
func TestEachItemOfABatchIsRefused(t *testing.T) {
	t.Parallel()
	for n := range 12 { // two capability issues, then their ten tickets
		r := newRepo(t, options(), specs(2, 4)).quick()
		batch, item := 0, n
		if n >= 2 {
			batch, item = 1, n-2
		}
		sent := 0
		r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
			if !slices.Contains(q.Ops, "createIssue") {
				return nil
			}
			if sent++; sent-1 == batch {
				return fakegithub.FailMutation(fmt.Sprintf("c%d", item), "Title is not to our taste")
			}
			return nil
		})
		res := r.must(r.push(), 1)
		r.srv.Fault(nil)
		want := 11
		if batch == 0 {
			want = 6 // its five tickets wait for it
		}
		tickets := slices.DeleteFunc(r.live(), func(i fakegithub.Issue) bool { return ticket.ParseBody(i.Body).Marker.Key == ticket.Board })
		if len(tickets) != want {
			t.Errorf("item %d refused: %d tickets, want %d", n, len(tickets), want)
		}
		for _, i := range tickets {
			if key := ticket.ParseBody(i.Body).Marker.Key; !key.IsCapability() && i.Parent == 0 {
				t.Errorf("item %d refused: %s is an orphan", n, key)
			}
		}
		if got := marks(res.stdout, "error"); len(got) != 1 || !strings.HasPrefix(got[0], "capabilities/CRM-") || !strings.Contains(got[0], "not to our taste") {
			t.Errorf("item %d refused: annotations %q", n, got)
		}
		r.must(r.push(), 0)
		r.once()
		r.steady()
	}
}
