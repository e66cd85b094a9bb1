package run_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// stands says where every capability and ticket stands, and how much was said, as text.
func (r *repo) stands() string {
	var lines []string
	for _, i := range r.srv.Issues() {
		labels := slices.DeleteFunc(slices.Clone(i.Labels), func(l string) bool { return strings.HasPrefix(l, "capability:") })
		slices.Sort(labels)
		lines = append(lines, fmt.Sprintf("#%d %s %s %s %q, %d comments", i.Number, i.Title, i.State, i.StateReason, labels, len(i.Comments)))
	}
	return strings.Join(lines, "\n")
}

// everywhere is a repository with a capability in each stage, and some in rework, on hold,
// shipped, and past a waived dependency.
func everywhere(t *testing.T) *repo {
	o := options()
	o.Users = people()
	files := map[string]string{configFile: adopting}
	at := []string{"triage", "spec", "spec-approval", "architecture", "architecture-approval", "compliance", "build", "ci-cd", "uat", "release"}
	for i, stage := range at {
		id := fmt.Sprintf("CRM-%d", i+1)
		files[path(id)] = ready(id, stage, "")
	}
	files[path("CRM-20")] = ready("CRM-20", "compliance", "") // rejected
	files[path("CRM-21")] = ready("CRM-21", "build", "")      // sent back
	files[path("CRM-22")] = ready("CRM-22", "spec-approval", "")
	files[path("CRM-23")] = ready("CRM-23", "compliance", "depends_on: [CRM-1]\n") // waits, then waived
	files[path("CRM-24")] = spec("CRM-24", 1, "")                                  // never adopted
	files[path("CRM-25")] = ready("CRM-25", "compliance", "depends_on: [CRM-1]\n") // waits
	files[path("CRM-26")] = ready("CRM-26", "release", "")
	files[path("CRM-27")] = ready("CRM-27", "uat", "")
	r := newRepo(t, o, files)
	r.must(r.push(), 0)
	say := func(key, login, text string) {
		r.clock.Advance(time.Minute)
		r.srv.As(login).Comment(r.key(key).Number, text)
	}
	say("CRM-20/compliance/compliance-sign-off", "mia", "/reject to:architecture it leaks")
	say("CRM-21", "octocat", "/rework nowhere it is wrong")
	say("CRM-21", "octocat", "/hold the money is out")
	say("CRM-22/spec-approval/approve-spec", "mia", "/approve")
	say("CRM-23/compliance/compliance-sign-off", "mia", "/approve")
	say("CRM-23", "mia", "/waive CRM-1 we go without")
	say("CRM-25/compliance/compliance-sign-off", "mia", "/approve")
	say("CRM-27/uat/uat-product", "mia", "/approve")
	r.clock.Advance(time.Minute)
	r.srv.As("mona").CloseIssue(r.key("CRM-24/triage/triage").Number)
	r.srv.As("mona").CloseIssueAs(r.key("CRM-24/triage/extra-1").Number, "not_planned")
	r.srv.As("mona").CloseIssue(r.key("CRM-26/release/release-notes").Number)
	say("CRM-26/release/approve-release", "mia", "/approve")
	r.clock.Advance(time.Minute)
	r.must(r.push(), 0)
	say("CRM-22", "mia", "/rework spec-approval once more")
	say("CRM-20/architecture/rework-1", "octocat", "/done")
	r.clock.Advance(time.Minute)
	r.must(r.push(), 0)
	r.steady()
	return r
}

// What the issues remember is a cache: without it, everything stands where it stood.
func TestRebuiltFromTheRecord(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(r *repo){
		"the hidden state of all": func(r *repo) { (&court{repo: r}).wipe() },
		"the texts of capability issues": func(r *repo) {
			for _, i := range r.live() {
				if ticket.ParseBody(i.Body).Marker.Key.IsCapability() {
					r.srv.As("octocat").EditBody(i.Number, "")
				}
			}
		},
		"the texts of tickets": func(r *repo) {
			for _, i := range r.live() {
				if !ticket.ParseBody(i.Body).Marker.Key.IsCapability() {
					r.srv.As("octocat").EditBody(i.Number, "")
				}
			}
		},
	} {
		r := everywhere(t)
		want := r.stands()
		for _, stage := range []string{"stage:shipped", "stage:triage", "stage:uat", "on-hold", "in-rework", "blocked"} {
			if !strings.Contains(want, stage) {
				t.Fatalf("nothing is %s\n%s", stage, want)
			}
		}
		lose(r)
		r.clock.Advance(time.Hour)
		r.must(r.push(), 0)
		if got := r.stands(); got != want {
			t.Errorf("%s lost: %s", name, firstDifference(got, want))
		}
		r.steady()
	}
}

// A remembered state that somebody forged makes nothing, opens nothing and closes nothing.
func TestForgedStateMovesNothing(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"build", "release", "shipped"} {
		c := hold(t, "", "spec-approval", "approve-spec")
		want := c.stands()
		body := strings.ReplaceAll(c.srv.Issue(c.c).Body, "\r\n", "\n")
		forged := strings.Replace(body, `"t":"spec-approval"`, fmt.Sprintf(`"t":%q`, stage), 1)
		if forged == body {
			t.Fatal("the state does not say where the capability entered")
		}
		c.as("mona").EditBody(c.c, strings.Replace(forged, `"stage":"spec-approval"`, fmt.Sprintf(`"stage":%q`, stage), 1))
		c.as("mona").AddLabel(c.c, "stage:"+stage)
		c.sit(true)
		c.sit(false)
		if got := c.stands(); got != want {
			t.Errorf("%s: %s", stage, firstDifference(got, want))
		}
	}
}

// What follows from one act stands in the record once, wherever the run was cut, and nothing
// that was written there is ever changed.
func TestCutWhileDeciding(t *testing.T) {
	t.Parallel()
	for name, tr := range map[string]trial{
		"approved":         {do: comments("mia", "/approve")},
		"approved, label":  {do: labels("mia", "approved")},
		"rejected":         {do: comments("mia", "/reject it is wrong")},
		"rejected, label":  {do: labels("mia", "rejected")},
		"refused":          {do: comments("mona", "/approve")},
		"refused, label":   {do: labels("mona", "approved")},
		"refused, outside": {do: comments("reader", "/approve")},
		"closed":           {do: func(c *court) { c.as("mia").CloseIssue(c.n) }},
		"held":             {do: func(c *court) { c.as("mia").Comment(c.c, "/hold for now") }},
		"asked":            {do: func(c *court) { c.as("tess").Comment(c.c, "/status") }},
		"work done":        {at: "architecture/design", do: func(c *court) { c.as("tess").CloseIssue(c.n) }},
		"work said done":   {at: "architecture/design", do: comments("tess", "/done")},
		"closed by a bot":  {at: "architecture/design", do: func(c *court) { c.as("ci[bot]").CloseIssueAs(c.n, "not_planned") }},
		"changed":          {do: comments("mia", "/approve"), then: func(c *court) { other(c, wish, newWish) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr.cut(t)
		})
	}
}

func (tr trial) begin(t *testing.T) *court {
	stage, key := "spec-approval", "approve-spec"
	if tr.at != "" {
		stage, key, _ = strings.Cut(tr.at, "/")
	}
	c := hold(t, tr.config, stage, key)
	tr.do(c)
	if tr.then != nil {
		c.sit(false)
		tr.then(c)
	}
	c.clock.Advance(time.Minute)
	return c
}

func (tr trial) cut(t *testing.T) {
	uncut := tr.begin(t)
	uncut.srv.ResetJournal()
	uncut.must(uncut.push(), 0)
	n := len(uncut.srv.Requests())
	uncut.must(uncut.push(), 0)
	want, told := timeless(uncut.stands()), uncut.told()
	for mode, fault := range map[string]func() *fakegithub.Fault{"before": fakegithub.Drop, "after": fakegithub.ApplyThenDrop} {
		for k := range n {
			if mode == "before" && k%sparse != 0 || (testing.Short() || !thorough) && k%3 != 0 {
				continue
			}
			c := tr.begin(t)
			at := 0
			c.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
				at++
				switch {
				case at == k+1:
					return fault()
				case at > k+1:
					return fakegithub.Drop()
				}
				return nil
			})
			c.push()
			c.srv.Fault(nil)
			c.must(c.push(), 0)
			if got := timeless(c.stands()); got != want {
				t.Fatalf("cut %s request %d of %d: %s", mode, k+1, n, firstDifference(got, want))
			}
			if got := c.told(); got != told {
				t.Fatalf("cut %s request %d of %d: says\n%s\nwant\n%s", mode, k+1, n, got, told)
			}
			c.steady()
		}
	}
}

var (
	unseen  = regexp.MustCompile(`<!-- .* -->`)
	minutes = regexp.MustCompile(`\d\d:\d\d UTC`)
)

// told is everything the program said, without hidden lines and times; it fails on a comment
// of the program that was changed.
func (c *court) told() string {
	c.t.Helper()
	var out []string
	for _, i := range c.srv.Issues() {
		for _, text := range i.Comments {
			if text.Author != fakegithub.BotLogin {
				out = append(out, fmt.Sprintf("#%d %q", i.Number, text.Reactions))
				continue
			}
			if text.Edits > 0 {
				c.t.Errorf("a comment on #%d was edited", i.Number)
			}
			visible := minutes.ReplaceAllString(unseen.ReplaceAllString(text.Body, ""), "TIME")
			out = append(out, fmt.Sprintf("#%d %s", i.Number, strings.TrimSpace(visible)))
		}
	}
	return strings.Join(out, "\n")
}

// Long words are kept within what an issue can hold.
func TestSizes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("why @reader <b> ", 3_700)
	noise := noisy(60_000)
	for name, act := range map[string]func(c *court){
		"a reason to reject":      comments("mia", "/reject "+long),
		"noise to reject":         comments("mia", "/reject "+noise),
		"tickets to reject":       comments("mia", "/reject tickets:"+strings.Repeat("x,", 25_000)+" no"),
		"a stage to reject to":    comments("mia", "/reject to:"+strings.Repeat("x", 60_000)+" no"),
		"a reason to approve":     comments("mia", "/approve "+noise),
		"a reason to hold":        func(c *court) { c.as("mia").Comment(c.c, "/hold "+noise) },
		"a reason to rework":      func(c *court) { c.as("mia").Comment(c.c, "/rework spec-approval "+long) },
		"a stage to rework":       func(c *court) { c.as("mia").Comment(c.c, "/rework "+strings.Repeat("`x` @reader", 5_000)) },
		"a dependency to waive":   func(c *court) { c.as("mia").Comment(c.c, "/waive "+strings.Repeat("X", 60_000)) },
		"a hundred holds":         hundred("/hold "+strings.Repeat("because ", 200), "/resume"),
		"a hundred of one's mind": hundred("/hold no", "/resume"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := hold(t, "", "spec-approval", "approve-spec")
			act(c)
			c.sit(true)
			c.sit(false)
			c.quiet()
			c.steady()
		})
	}
}

func hundred(first, second string) func(*court) {
	return func(c *court) {
		for range 50 {
			c.as("mia").Comment(c.c, first)
			c.as("mia").Comment(c.c, second)
		}
	}
}

func noisy(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + random.IntN(26))
		if i%70 == 69 {
			b[i] = ' '
		}
	}
	return string(b)
}

// Documents of any size bind: what was approved is known by its hash, and a change of one word
// asks again.
func TestLongDocuments(t *testing.T) {
	t.Parallel()
	o := options()
	o.Users = people()
	text := strings.ReplaceAll(noisy(60_000), " ", "\n")
	spec := strings.Replace(ready("CRM-1", "spec-approval", ""), "documents: {", "documents: {spec: docs/leads.md, ", 1)
	r := newRepo(t, o, map[string]string{path("CRM-1"): spec, configFile: adopting, "docs/leads.md": text})
	r.must(r.push(), 0)
	c := &court{repo: r, n: r.key("CRM-1/spec-approval/approve-spec").Number, c: r.key("CRM-1").Number}
	c.as("mia").Comment(c.n, "/approve")
	c.sit(true)
	if got := c.stage(); got != "architecture" {
		t.Fatalf("stage %s", got)
	}
	c.commit(map[string]string{"docs/leads.md": text + "\nand one word more"})
	c.sit(false)
	if i := c.srv.Issue(c.n); i.State != "open" || !slices.Contains(c.srv.Issue(c.c).Labels, "needs-reapproval") {
		t.Errorf("the ticket is %s, the capability %q", i.State, c.srv.Issue(c.c).Labels)
	}
	c.steady()
	c.commit(map[string]string{"docs/leads.md": text})
	c.sit(false)
	if i := c.srv.Issue(c.n); i.State != "closed" {
		t.Errorf("changed back, the ticket is %s", i.State)
	}
	c.wipe()
	c.sit(false)
	if got := c.stage(); got != "architecture" {
		t.Errorf("rebuilt, the stage is %s", got)
	}
}
