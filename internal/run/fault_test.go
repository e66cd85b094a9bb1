package run_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestWhatCannotBeTakenIsDroppedAndNamed(t *testing.T) {
	r := newRepo(t, options(), map[string]string{path("CRM-1"): spec("CRM-1", 0, "") +
		"tickets:\n  triage:\n    - {key: far, title: For somebody far away, assignees: [nobody-here, mona]}\n"})
	res := r.must(r.push(), 0)
	far := r.key("CRM-1/triage/far")
	if !slices.Equal(far.Assignees, []string{"mona"}) {
		t.Errorf("assignees %q", far.Assignees)
	}
	if got := strings.Join(marks(res.stdout, "warning"), "\n"); !strings.Contains(got, path("CRM-1")) || !strings.Contains(got, "nobody-here") {
		t.Errorf("annotations %s", got)
	}
	r.steady()
}

func TestOneRefusedTicketStopsNoOther(t *testing.T) {
	r := newRepo(t, options(), specs(2, 3))
	creations := 0
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if slices.Contains(q.Ops, "createIssue") {
			creations++
			if creations == 2 {
				return fakegithub.FailMutation("c1", "Title is not to our taste")
			}
		}
		return nil
	})
	res := r.must(r.push(), 1)
	r.srv.Fault(nil)
	if got := len(r.live()); got != 9 || res.outputs["created"] != "9" || res.outputs["valid"] != "false" {
		t.Errorf("%d live issues, outputs %v", got, res.outputs)
	}
	marked := marks(res.stdout, "error")
	if len(marked) != 1 || !strings.HasPrefix(marked[0], path("CRM-1")+":1:") || !strings.Contains(marked[0], "CRM-1/triage/extra-1") || !strings.Contains(marked[0], "not to our taste") {
		t.Errorf("annotations %q", marked)
	}
	r.must(r.push(), 0)
	if got := len(r.live()); got != 10 {
		t.Errorf("%d live issues after the second run", got)
	}
	r.once()
	r.steady()
}

func TestOneRefusedUpdateStopsNoOther(t *testing.T) {
	r := settled(t, specs(2, 2))
	want := r.dump()
	a, b := r.key("CRM-1/triage/extra-1").Number, r.key("CRM-2/triage/extra-1").Number
	for _, n := range []int{a, b} {
		r.srv.As("mona").EditTitle(n, "Mine")
	}
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if slices.Contains(q.Ops, "updateIssue") {
			return fakegithub.FailMutation("e0_0", "This issue is peculiar")
		}
		return nil
	})
	res := r.must(r.push(), 1)
	says(t, "the log", res.stdout, "peculiar", "CRM-1/triage/extra-1")
	if got := r.srv.Issue(b).Title; got == "Mine" {
		t.Error("the other ticket was not mended")
	}
	r.srv.Fault(nil)
	r.must(r.push(), 0)
	if got := r.dump(); got != want {
		t.Error(firstDifference(got, want))
	}
}

func TestMissingPermissionIsOneClearError(t *testing.T) {
	for name, change := range map[string]func(*repo){
		"from the start":  func(*repo) {},
		"labels are here": func(r *repo) { r.labelled() },
	} {
		r := newRepo(t, options(), specs(3, 4))
		change(r)
		before := r.dump()
		r.srv.AddToken(fakegithub.Token{Value: "ghs_read", Login: fakegithub.BotLogin, App: true, Issues: "read", Contents: "read", Pulls: "read"})
		r.inputs["TOKEN"] = "ghs_read"
		r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault { // on a public repository every reader may open issues
			if slices.Contains(q.Ops, "createIssue") {
				return fakegithub.Refuse(403, "Resource not accessible by integration")
			}
			return nil
		})
		res := r.must(r.push(), 2)
		if got := r.dump(); got != before {
			t.Errorf("%s: half done\n%s", name, firstDifference(got, before))
		}
		got := marks(res.stdout, "error")
		if len(got) != 1 || strings.Count(got[0], "issues: write") != 1 {
			t.Errorf("%s: annotations %q", name, got)
		}
		if n := len(r.srv.Writes()); n > 2 {
			t.Errorf("%s: %d attempts to write\n%s", name, n, r.srv.List())
		}
	}
}

// labelled makes all labels that specs need, as if by an earlier run.
func (r *repo) labelled() {
	other := newRepo(r.t, options(), r.files)
	other.must(other.push(), 0)
	var labels []fakegithub.Label
	labels = append(labels, other.srv.Labels()...)
	if err := r.srv.Seed(fakegithub.Seed{Labels: labels}); err != nil {
		r.t.Fatal(err)
	}
}

func TestLimitsAreObeyed(t *testing.T) {
	uncut := newRepo(t, options(), specs(3, 9))
	uncut.must(uncut.push(), 0)
	want := timeless(uncut.dump())
	for name, answer := range map[string]func(r *repo) *fakegithub.Fault{
		"secondary 403":        func(*repo) *fakegithub.Fault { return fakegithub.SecondaryLimit(403, 42) },
		"secondary 429":        func(*repo) *fakegithub.Fault { return fakegithub.SecondaryLimit(429, 42) },
		"secondary, no header": func(*repo) *fakegithub.Fault { return fakegithub.SecondaryLimit(403, -1) },
		"primary 403": func(r *repo) *fakegithub.Fault {
			return fakegithub.PrimaryLimit(403, r.clock.Now().Add(42*time.Second))
		},
		"primary 429": func(r *repo) *fakegithub.Fault {
			return fakegithub.PrimaryLimit(429, r.clock.Now().Add(42*time.Second))
		},
		"too quickly, on a 200": func(*repo) *fakegithub.Fault { return fakegithub.TooQuickly() },
	} {
		r := newRepo(t, options(), specs(3, 9))
		n := 0
		var told time.Time
		r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
			if strings.HasPrefix(name, "too quickly") && !q.GraphQL {
				return nil
			}
			if !told.IsZero() && r.clock.Now().Before(told) {
				t.Errorf("%s: a request %s before the wait was over: %s", name, told.Sub(r.clock.Now()), q)
			}
			told = time.Time{}
			if n++; n%7 == 3 {
				told = r.clock.Now().Add(42 * time.Second)
				return answer(r)
			}
			return nil
		})
		r.must(r.push(), 0)
		r.srv.Fault(nil)
		if got := timeless(r.dump()); got != want {
			t.Errorf("%s: ends elsewhere\n%s", name, firstDifference(got, want))
		}
		r.steady()
	}
}

// A limit that lasts longer than the run will wait ends it cleanly, and says until when.
func TestALongLimitEndsTheRun(t *testing.T) {
	r := newRepo(t, options(), specs(3, 9))
	n := 0
	until := r.clock.Now().Add(5 * time.Hour)
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if q.Write {
			n++
		}
		if n > 14 {
			return fakegithub.PrimaryLimit(403, until)
		}
		return nil
	})
	res := r.must(r.push(), 2)
	says(t, "the log", res.stdout, until.UTC().Format("15:04"))
	if res.outputs["pending"] == "0" || len(marks(res.stdout, "error")) != 1 {
		t.Errorf("outputs %v, annotations %q", res.outputs, marks(res.stdout, "error"))
	}
	r.srv.Fault(nil)
	r.clock.Advance(6 * time.Hour)
	r.must(r.push(), 0)
	r.once()
	r.steady()
}

func TestServerErrorsAreRiddenOut(t *testing.T) {
	t.Parallel()
	uncut := newRepo(t, options(), specs(2, 9))
	uncut.must(uncut.push(), 0)
	want := timeless(uncut.dump())
	for name, fault := range map[string]*fakegithub.Fault{
		"502 before": fakegithub.HTML(502), "503 before": fakegithub.HTML(503), "502 after": fakegithub.ApplyThenFail(502),
		"dropped before": fakegithub.Drop(), "dropped after": fakegithub.ApplyThenDrop(),
	} {
		for every := 2; every <= 4; every++ {
			if !thorough && every != 3 {
				continue
			}
			r := newRepo(t, options(), specs(2, 9))
			n := 0
			r.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
				if n++; n%every == 0 {
					return fault
				}
				return nil
			})
			for range 4 {
				r.push()
				r.once()
			}
			r.srv.Fault(nil)
			r.must(r.push(), 0)
			if got := timeless(r.dump()); byKeys(got) != byKeys(want) {
				t.Errorf("%s, every %d: ends elsewhere\n%s", name, every, firstDifference(byKeys(got), byKeys(want)))
			}
			r.once()
			r.steady()
		}
	}
}

// byKeys takes the numbers out of a dump and sorts its lines: after faults, issues may have
// been made in another order, and what one comment says may stand in several.
func byKeys(dump string) string {
	var lines []string
	for l := range strings.SplitSeq(dump, "\n") {
		if !strings.Contains(l, "ticketfoundry:state") && !strings.Contains(l, "ticketfoundry:note") && !strings.HasPrefix(l, "  comment by") && strings.TrimSpace(l) != ">" {
			lines = append(lines, numbers.ReplaceAllString(l, "#n"))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A creation that took effect although its answer was lost is found again, in the same run.
func TestLostAnswersMakeNoDuplicates(t *testing.T) {
	r := newRepo(t, options(), specs(2, 9))
	n := 0
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if slices.Contains(q.Ops, "createIssue") {
			if n++; n%2 == 1 {
				return fakegithub.ApplyThenDrop()
			}
		}
		return nil
	})
	res := r.must(r.push(), 0)
	r.srv.Fault(nil)
	if got := len(r.live()); got != 22 || res.outputs["created"] != "22" {
		t.Errorf("%d live issues, outputs %v", got, res.outputs)
	}
	r.once()
	r.steady()
}

func TestBudget(t *testing.T) {
	t.Parallel()
	change := map[string]string{path("CRM-1"): spec("CRM-1", 0, ""), path("CRM-3"): ""}
	uncut := newRepo(t, options(), specs(3, 2))
	uncut.must(uncut.push(), 0)
	uncut.commit(change)
	uncut.must(uncut.push(), 0)
	want := timeless(uncut.dump())
	for _, budget := range []int{1, 2, 3, 5, 8, 13, 21} {
		if !thorough && budget != 2 && budget != 13 {
			continue
		}
		r := newRepo(t, options(), specs(3, 2))
		r.inputs["MAX-WRITES"] = fmt.Sprint(budget)
		r.drain(budget)
		r.commit(change)
		r.drain(budget)
		r.inputs["MAX-WRITES"] = "0"
		r.must(r.push(), 0) // the board, for which nothing was left
		if got := timeless(r.dump()); byKeys(got) != byKeys(want) {
			t.Errorf("budget %d: ends elsewhere\n%s", budget, firstDifference(byKeys(got), byKeys(want)))
		}
		r.once()
	}
}

// drain runs within the budget until nothing is left to do.
func (r *repo) drain(budget int) {
	r.t.Helper()
	for range 80 {
		r.srv.ResetJournal()
		res := r.must(r.push(), 0)
		writes := 0
		for _, w := range r.srv.Writes() {
			writes += max(1, len(w.Ops))
		}
		if writes > max(budget, 6) { // the first ticket of a run is always carried out and recorded
			r.t.Fatalf("budget %d: %d writes\n%s", budget, writes, r.srv.List())
		}
		if res.outputs["pending"] == "0" {
			return
		}
		says(r.t, "the log", res.stdout, fmt.Sprintf("the budget of %d writes is spent", budget))
	}
	r.t.Fatalf("budget %d: never done", budget)
}

// A run whose job is cancelled stops between two writes; the next one goes on.
func TestStoppedRunGoesOnLater(t *testing.T) {
	r := newRepo(t, options(), specs(2, 5))
	ctx, stop := context.WithCancel(t.Context())
	r.ctx = ctx
	n := 0
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if q.Write {
			if n++; n == 12 {
				stop()
			}
		}
		return nil
	})
	if res := r.push(); res.code == 0 {
		t.Errorf("a stopped run ended with code 0\n%s", res.stdout)
	}
	r.ctx = nil
	r.srv.Fault(nil)
	r.must(r.push(), 0)
	r.once()
	r.steady()
}

func TestRepositoryStates(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*repo)
		says   string
	}{
		"archived":   {func(r *repo) { r.srv.Archive(true) }, "is archived"},
		"issues off": {func(r *repo) { r.srv.DisableIssues(true) }, "issues are disabled"},
	} {
		r := newRepo(t, options(), specs(1, 0))
		c.change(r)
		res := r.must(r.push(), 2)
		r.unwritten()
		says(t, name, res.summary, c.says)
	}
	o := options()
	o.Repo = world.Repo{Fork: true}
	r := newRepo(t, o, specs(1, 0))
	res := r.must(r.push(), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "is a fork", "allow-fork: true")
	r.inputs["ALLOW-FORK"] = "true"
	if res = r.must(r.push(), 0); res.outputs["created"] != "2" {
		t.Errorf("outputs %v", res.outputs)
	}
	r.steady()
}

func TestPublicWarningsOncePerKind(t *testing.T) {
	secret := "legal: None known.\npress: {headline: A headline, narrative: The story., contacts: [pia@example.com], embargo: 2026-06-01T09:00:00Z}\n"
	files := map[string]string{path("CRM-1"): spec("CRM-1", 0, secret), path("CRM-2"): spec("CRM-2", 0, secret)}
	r := newRepo(t, options(), files)
	res := r.must(r.push(), 0)
	if got := strings.Count(strings.Join(marks(res.stdout, "warning"), "\n"), "[public]"); got != 3 {
		t.Errorf("%d warnings, want 3: %q", got, marks(res.stdout, "warning"))
	}
	o := options()
	o.Repo = world.Repo{Private: true}
	r = newRepo(t, o, files)
	res = r.must(r.push(), 0)
	silent(t, "the log", res.stdout, "[public]")
}
