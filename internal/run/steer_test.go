package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// order is a command somebody gave on the capability issue (or on the ticket, where it says
// so), and what must come of it.
type order struct {
	name   string
	at     string // where it was given: stage/ticket; build's otherwise
	more   string // of the spec
	login  string
	text   string
	here   bool // on the ticket instead
	assign bool // to the ticket, first
	then   func(c *court)

	stage   string // at the end; the one it was in if empty
	flag    string // a label of the capability issue at the end
	closed  string // the ticket's state reason at the end; open if empty
	entries int    // lines of the record with it
	said    int    // explanations, wherever
	thumbs  bool
	answers string // an answer holds this
	cached  bool   // it stands on what the issue remembers alone
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, o := range slices.Concat(finishing(), steering(), waiving()) {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			o.give(t)
		})
	}
}

func (o order) give(t *testing.T) {
	stage, key := "build", "implement"
	if o.at != "" {
		stage, key, _ = strings.Cut(o.at, "/")
	}
	opts := options()
	opts.Users = people()
	files := map[string]string{path("CRM-1"): ready("CRM-1", stage, o.more), configFile: adopting}
	if strings.Contains(o.more, "CRM-9") {
		files[path("CRM-9")] = spec("CRM-9", 0, "")
	}
	r := newRepo(t, opts, files)
	r.must(r.push(), 0)
	c := &court{repo: r, n: r.key("CRM-1/" + stage + "/" + key).Number, c: r.key("CRM-1").Number}
	if o.assign {
		c.srv.SetRole(o.login, world.RoleRead)
		c.as("octocat").Assign(c.n, o.login)
	}
	on := c.c
	if o.here {
		on = c.n
	}
	before := len(c.recorded())
	c.as(o.login).Comment(on, o.text)
	c.sit(true)
	if o.then != nil {
		c.clock.Advance(time.Minute)
		o.then(c)
		c.sit(true)
	}
	c.sit(false)
	o.check(c, stage, before)
	c.quiet()
	c.srv.ResetJournal()
	for i := range 3 {
		c.sit(i == 1)
	}
	c.unwritten()
	if o.cached {
		return
	}
	c.wipe()
	c.sit(false)
	o.check(c, stage, before)
}

func (o order) check(c *court, stage string, before int) {
	c.t.Helper()
	if o.stage != "" {
		stage = o.stage
	}
	if got := c.stage(); got != stage {
		c.t.Errorf("stage %s, want %s", got, stage)
	}
	flags := c.srv.Issue(c.c).Labels
	for _, flag := range []string{"on-hold", "in-rework"} {
		if slices.Contains(flags, flag) != (flag == o.flag) {
			c.t.Errorf("labels %q, want of those only %q", flags, o.flag)
		}
	}
	i := c.srv.Issue(c.n)
	if got := i.StateReason; i.State == "closed" && got != o.closed || i.State == "open" && o.closed != "" {
		c.t.Errorf("the ticket is %s %s, want %q", i.State, got, o.closed)
	}
	if got := len(c.recorded()) - before; got != o.entries {
		c.t.Errorf("%d records more, want %d", got, o.entries)
	}
	told, thumbs, answered := 0, 0, 0
	for _, i := range c.srv.Issues() {
		for _, text := range c.said(i.Number) {
			told += strings.Count(text, toldNo)
			if o.answers != "" && strings.Contains(text, o.answers) {
				answered++
			}
		}
		for _, text := range i.Comments {
			thumbs += len(text.Reactions)
		}
	}
	if told != o.said || (thumbs == 1) != o.thumbs || thumbs > 1 {
		c.t.Errorf("%d explanations and %d reactions, want %d and %v", told, thumbs, o.said, o.thumbs)
	}
	if (answered == 1) != (o.answers != "") {
		c.t.Errorf("%d answers with %q: %q", answered, o.answers, c.said(c.c))
	}
}

func finishing() []order {
	return []order{
		{name: "/done by an assignee with read", login: "reader", text: "/done", here: true, assign: true, closed: "completed", stage: "ci-cd", entries: 1},
		{name: "/done by an assignee who was nobody", login: "stranger", text: "/done", here: true, assign: true, closed: "completed", stage: "ci-cd", entries: 1},
		{name: "/done by somebody with triage", login: "tess", text: "/done", here: true, closed: "completed", stage: "ci-cd", entries: 1},
		{name: "/done by an outsider", login: "reader", text: "/done", here: true, thumbs: true},
		{name: "/done by a bot", login: "ci[bot]", text: "/done", here: true},
		{name: "/done quoted", login: "tess", text: "> /done", here: true},
		{name: "/done on the capability issue", login: "tess", text: "/done", said: 1},
		{name: "/done on the capability issue by an outsider", login: "reader", text: "/done", thumbs: true},
		{name: "/not-needed by an assignee with read", login: "reader", text: "/not-needed it is there already", here: true, assign: true, closed: "not_planned", entries: 1},
		{name: "/not-needed by an outsider", login: "reader", text: "/not-needed it is there already", here: true, thumbs: true},
		{name: "/not-needed without a reason", login: "tess", text: "/not-needed", here: true, said: 1},
		{name: "/done, and opened again by a person", login: "tess", text: "/done", here: true, entries: 1, stage: "ci-cd", cached: true,
			then: func(c *court) { c.as("tess").ReopenIssue(c.n) }},
		{name: "/done, taken off the ticket later", login: "reader", text: "/done", here: true, assign: true, closed: "completed", stage: "ci-cd", entries: 1,
			then: func(c *court) { c.as("octocat").Unassign(c.n, "reader") }},
		{name: "/done disliked by others", login: "tess", text: "/done", here: true, closed: "completed", stage: "ci-cd", entries: 1, thumbs: true,
			then: func(c *court) { c.as("mona").React(c.srv.Issue(c.n).Comments[0].ID, "-1") }},
	}
}

func steering() []order {
	resume := func(login string) func(*court) {
		return func(c *court) { c.as(login).Comment(c.c, "/resume") }
	}
	return []order{
		{name: "/hold by the owner", login: "octocat", text: "/hold the money is out", flag: "on-hold", entries: 1},
		{name: "/hold by an approver of the stage", login: "mia", text: "/hold the money is out", flag: "on-hold", entries: 1},
		{name: "/hold by somebody with write", login: "mona", text: "/hold the money is out", said: 1},
		{name: "/hold by an outsider", login: "reader", text: "/hold the money is out", thumbs: true},
		{name: "/hold by a bot", login: "ci[bot]", text: "/hold the money is out"},
		{name: "/hold without a reason", login: "mia", text: "/hold", said: 1},
		{name: "/hold on a ticket", login: "mia", text: "/hold the money is out", here: true, said: 1},
		{name: "/hold, and the work is done", login: "mia", text: "/hold wait", flag: "on-hold", entries: 1, closed: "completed",
			then: func(c *court) { c.as("tess").CloseIssue(c.n) }},
		{name: "/hold twice", login: "mia", text: "/hold wait", flag: "on-hold", entries: 1, then: func(c *court) { c.as("mia").Comment(c.c, "/hold wait on") }},
		{name: "/hold and /resume", login: "mia", text: "/hold wait", entries: 2, then: resume("octocat")},
		{name: "/hold and /resume by one who may not", login: "mia", text: "/hold wait", flag: "on-hold", entries: 1, said: 1, then: resume("mona")},
		{name: "/hold and /resume by an outsider", login: "mia", text: "/hold wait", flag: "on-hold", entries: 1, thumbs: true, then: resume("reader")},
		{name: "/hold by an outsider, promoted later", login: "reader", text: "/hold wait", thumbs: true, then: func(c *court) {
			c.srv.SetRole("reader", world.RoleMaintain)
			c.as("tess").Comment(c.c, "Hello")
		}},
		{name: "/resume where nothing is held", login: "mia", text: "/resume"},
		{name: "/resume against the spec", login: "mia", text: "/resume", more: "status: on_hold\n", flag: "on-hold", said: 1},
		{name: "/rework by the owner", at: "spec-approval/approve-spec", login: "octocat", text: "/rework spec-approval again", said: 1},
		{name: "/rework of a stage that it was in", at: "spec-approval/approve-spec", login: "mia", text: "/status", answers: "Spec approval",
			stage: "spec-approval", flag: "in-rework", entries: 2, then: func(c *court) {
				c.as("mia").Comment(c.n, "/approve")
				c.sit(false)
				c.as("octocat").Comment(c.c, "/rework spec-approval it was too early")
			}},
		{name: "/rework by one who may not", at: "spec-approval/approve-spec", login: "mia", text: "/status", answers: "Spec approval",
			stage: "architecture", entries: 1, said: 1, closed: "completed", then: func(c *court) {
				c.as("mia").Comment(c.n, "/approve")
				c.sit(false)
				c.as("mona").Comment(c.c, "/rework spec-approval it was too early")
			}},
		{name: "/rework to nowhere", login: "mia", text: "/rework moon it is far", said: 1},
		{name: "/rework ahead", login: "mia", text: "/rework release it is nearer", said: 1},
		{name: "/status by somebody with triage", login: "tess", text: "/status", answers: "Build"},
		{name: "/status by an outsider", login: "reader", text: "/status"},
		{name: "/status quoted", login: "tess", text: "> /status"},
	}
}

func waiving() []order {
	waits := "depends_on: [CRM-9]\n"
	approve := func(c *court) { c.as("mia").Comment(c.n, "/approve") }
	const at = "compliance/compliance-sign-off"
	return []order{
		{name: "/waive by an approver", at: at, more: waits, login: "mia", text: "/waive CRM-9 we go without", entries: 2, stage: "build", closed: "completed", then: approve},
		{name: "/waive in small letters", at: at, more: waits, login: "mia", text: "/waive crm-9 we go without", entries: 2, stage: "build", closed: "completed", then: approve},
		{name: "/waive by somebody with write", at: at, more: waits, login: "mona", text: "/waive CRM-9 we go without", entries: 1, said: 1, closed: "completed", then: approve},
		{name: "/waive by an outsider", at: at, more: waits, login: "reader", text: "/waive CRM-9 we go without", entries: 1, thumbs: true, closed: "completed", then: approve},
		{name: "/waive without a reason", at: at, more: waits, login: "mia", text: "/waive CRM-9", said: 1},
		{name: "/waive of another", at: at, more: waits, login: "mia", text: "/waive CRM-8 we go without", said: 1},
		{name: "/waive of nothing", at: at, login: "mia", text: "/waive", said: 1},
		{name: "/waive on the ticket", at: at, more: waits, login: "mia", text: "/waive CRM-9 we go without", here: true, said: 1},
		{name: "/waive twice", at: at, more: waits, login: "mia", text: "/waive CRM-9 we go without", entries: 1, then: func(c *court) {
			c.as("mia").Comment(c.c, "/waive CRM-9 once more")
		}},
	}
}

// A bot's close of work is undone once, with one line in the record; when it closes again, that
// is left, and nothing is finished by it.
func TestStaleBotsFinishNothing(t *testing.T) {
	t.Parallel()
	c := hold(t, "", "build", "implement")
	bot := func() { c.as("ci[bot]").CloseIssueAs(c.n, "completed"); c.sit(true); c.sit(false) }
	bot()
	if i := c.srv.Issue(c.n); i.State != "open" || c.entries("is **open again**") != 1 {
		t.Errorf("after the first close the ticket is %s, %d lines", i.State, c.entries("is **open again**"))
	}
	bot()
	if i := c.srv.Issue(c.n); i.State != "closed" || c.entries("is **open again**") != 1 || c.stage() != "build" {
		t.Errorf("after the second close the ticket is %s, %d lines, stage %s", i.State, c.entries("is **open again**"), c.stage())
	}
	c.steady()
	c.as("tess").ReopenIssue(c.n)
	c.as("tess").CloseIssue(c.n)
	c.sit(true)
	if got := c.stage(); got != "ci-cd" {
		t.Errorf("closed by a person: stage %s", got)
	}
}

// Who closes work, and whether it counts.
func TestWhoFinishesWork(t *testing.T) {
	t.Parallel()
	for name, tr := range map[string]struct {
		do    func(c *court)
		stage string
	}{
		"a person with triage": {func(c *court) { c.as("tess").CloseIssue(c.n) }, "ci-cd"},
		"a commit":             {func(c *court) { c.as("mona").CloseByCommit(c.n, "c1") }, "ci-cd"},
		"a pull request": {func(c *court) {
			n := c.as("mona").OpenPull("A change", fmt.Sprintf("Fixes #%d", c.n), world.PullRequest{HeadRef: "x", HeadSHA: c.sha, BaseRef: "main", BaseSHA: c.sha})
			c.as("mona").MergePull(n, "merge")
		}, "ci-cd"},
		"a bot":                    {func(c *court) { c.as("ci[bot]").CloseIssue(c.n) }, "build"},
		"dropped, with none done":  {func(c *court) { c.as("tess").CloseIssueAs(c.n, "not_planned") }, "build"},
		"somebody deleted by then": {func(c *court) { c.as("tess").CloseIssue(c.n); c.srv.DeleteUser("tess") }, "build"},
		"our own account": {func(c *court) {
			c.srv.SetRole(fakegithub.BotLogin, world.RoleAdmin)
			c.as(fakegithub.BotLogin).CloseIssue(c.n)
		}, "build"},
	} {
		c := hold(t, "", "build", "implement")
		tr.do(c)
		c.sit(true)
		c.sit(false)
		if got := c.stage(); got != tr.stage {
			t.Errorf("%s: stage %s, want %s", name, got, tr.stage)
		}
		c.quiet()
		c.steady()
	}
}
