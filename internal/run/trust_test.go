package run_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// court is a repository with one capability that waits for a decision.
type court struct {
	*repo
	n int // the approval ticket
	c int // the capability issue
}

const (
	adopting = "version: 1\npipeline:\n  allow_start_stage: true\n"
	// stages goes on after adopting with changes to stages.
	stages = "  stages:\n    - "
)

// ready is a capability with everything filled in that any stage asks for.
func ready(id, stage, more string) string {
	return fmt.Sprintf("id: %s\ntitle: Lead scoring API\nsummary: Scores leads by what they did.\nowner: octocat\nstart_stage: %s\n", id, stage) +
		"user: A salesperson with too many leads.\nsuccess_criteria: [Half the time per lead]\nscope: {in: [Scoring], out: [Routing]}\nlegal: None known.\n" +
		"documents: {architecture: https://example.com/architecture}\n" +
		"cogs: {currency: USD, drivers: [{name: Calls, kind: api_calls, unit: call, unit_cost: \"0.01\", quantity: \"1000\"}]}\n" +
		"acceptance_criteria: [A lead has a score]\nrelease: {version: \"2.4\", notes: Leads have scores.}\n" + more
}

func people() []world.User {
	return []world.User{
		{Login: "octocat", ID: 1001, Role: world.RoleAdmin}, {Login: "mia", ID: 1002, Role: world.RoleMaintain},
		{Login: "max", ID: 1003, Role: world.RoleMaintain}, {Login: "mona", ID: 1004, Role: world.RoleWrite},
		{Login: "tess", ID: 1005, Role: world.RoleTriage}, {Login: "reader", ID: 1006, Role: world.RoleRead},
		{Login: "lead", ID: 1007, Role: world.RoleMaintain, CustomRole: "release-lead"},
		{Login: "sly", ID: 1008, Role: world.RoleWrite, CustomRole: "maintain"},
		{Login: "ci[bot]", ID: 1009, Role: world.RoleAdmin, Type: "Bot"},
	}
}

// hold opens court over a capability that entered at the stage.
func hold(t *testing.T, config, stage, key string) *court {
	t.Helper()
	o := options()
	o.Users = people()
	r := newRepo(t, o, map[string]string{path("CRM-1"): ready("CRM-1", stage, ""), configFile: cmp.Or(config, adopting)})
	r.must(r.push(), 0)
	r.clock.Advance(time.Minute)
	return &court{repo: r, n: r.key("CRM-1/" + stage + "/" + key).Number, c: r.key("CRM-1").Number}
}

// as is somebody who acts a minute later.
func (c *court) as(login string) fakegithub.Person {
	c.clock.Advance(time.Minute)
	return c.srv.As(login)
}

// sit runs for an event about the ticket, or for everything.
func (c *court) sit(focused bool) {
	c.t.Helper()
	c.clock.Advance(time.Minute)
	if focused && c.srv.Issue(c.n).Gone == "" {
		c.must(c.issueEvent("created", c.n, map[string]any{"comment": map[string]any{"id": 1, "body": "x"}}), 0)
		return
	}
	c.must(c.push(), 0)
}

// stage is the one the capability issue shows.
func (c *court) stage() string {
	for _, l := range c.srv.Issue(c.c).Labels {
		if s, ok := strings.CutPrefix(l, "stage:"); ok {
			return s
		}
	}
	return ""
}

// said are the program's comments on an issue, without the record.
func (c *court) said(n int) []string {
	var out []string
	for _, text := range c.srv.Issue(n).Comments {
		if text.Author == fakegithub.BotLogin && !strings.Contains(text.Body, "ticketfoundry:record") {
			out = append(out, text.Body)
		}
	}
	return out
}

// entries counts the lines of the record as people read them.
func (c *court) entries(words string) int {
	n := 0
	for _, text := range c.srv.Issue(c.c).Comments {
		if text.Author == fakegithub.BotLogin && strings.Contains(text.Body, "ticketfoundry:record") {
			n += strings.Count(text.Body, words)
		}
	}
	return n
}

var mention = regexp.MustCompile(`(^|[^A-Za-z0-9_/])@[A-Za-z0-9]`)

// quiet fails if anything the program wrote notifies anybody.
func (c *court) quiet() {
	c.t.Helper()
	for _, i := range c.srv.Issues() {
		for _, text := range c.said(i.Number) {
			if mention.MatchString(spans.ReplaceAllString(text, "")) {
				c.t.Errorf("a comment on #%d mentions somebody: %s", i.Number, text)
			}
		}
	}
}

// trial is what somebody did, and what must come of it.
type trial struct {
	name   string
	config string
	at     string // the stage and its ticket, "stage/ticket"
	do     func(c *court)
	then   func(c *court) // after the first run
	stage  string         // at the end; the one it was in if empty
	said   int            // explanations on the ticket
	thumbs bool           // a reaction instead
}

const toldNo = "does not count"

func TestWhoDecides(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(byWhom(), byLabel(), byComment(), byClosing(), byContent(), bySeveral(), byEvidence(), byFault()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.judge(t)
		})
	}
}

func (tr trial) judge(t *testing.T) {
	at := cmp.Or(tr.at, "spec-approval/approve-spec")
	stage, key, _ := strings.Cut(at, "/")
	c := hold(t, tr.config, stage, key)
	tr.do(c)
	c.sit(true)
	if tr.then != nil {
		c.clock.Advance(time.Minute)
		tr.then(c)
	}
	c.sit(false)
	check := func() {
		t.Helper()
		if got, want := c.stage(), cmp.Or(tr.stage, stage); got != want {
			t.Errorf("stage %s, want %s\n%s", got, want, strings.Join(c.said(c.n), "\n"))
		}
		told := 0
		for _, text := range c.said(c.n) {
			told += strings.Count(text, toldNo)
		}
		if told != tr.said {
			t.Errorf("%d explanations, want %d: %q", told, tr.said, c.said(c.n))
		}
		thumbs := 0
		for _, i := range c.srv.Issues() {
			for _, text := range i.Comments {
				thumbs += len(text.Reactions)
			}
		}
		if (thumbs == 1) != tr.thumbs || thumbs > 1 {
			t.Errorf("%d reactions, want one: %v", thumbs, tr.thumbs)
		}
	}
	check()
	c.quiet()
	c.srv.ResetJournal()
	again := 1
	if thorough && (tr.said > 0 || tr.thumbs) {
		again = 5 // what is explained once stays explained once
	}
	for i := range again {
		c.sit(i%2 == 0)
	}
	c.unwritten()
	check()
}

func comments(login, text string) func(*court) {
	return func(c *court) { c.as(login).Comment(c.n, text) }
}

func labels(login, name string) func(*court) {
	return func(c *court) { c.as(login).AddLabel(c.n, name) }
}

const passed = "architecture"

func byWhom() []trial {
	approvers := func(list string) string {
		return adopting + stages + "{id: spec-approval, approvers: [" + list + "]}\n"
	}
	renamed := func(c *court) {
		c.srv.RenameUser("mona", "lisa")
		c.srv.SetRole("mona", world.RoleWrite)
	}
	return []trial{
		{name: "an outsider comments", do: comments("stranger", "/approve"), thumbs: true},
		{name: "read comments", do: comments("reader", "/approve"), thumbs: true},
		{name: "triage comments", do: comments("tess", "/approve"), said: 1},
		{name: "write comments", do: comments("mona", "/approve"), said: 1},
		{name: "maintain comments", do: comments("mia", "/approve"), stage: passed},
		{name: "admin comments", do: comments("octocat", "/approve"), stage: passed},
		{name: "triage labels", do: labels("tess", "approved"), said: 1},
		{name: "write labels", do: labels("mona", "approved"), said: 1},
		{name: "maintain labels", do: labels("mia", "approved"), stage: passed},
		{name: "admin labels", do: labels("octocat", "approved"), stage: passed},
		{name: "a custom role over maintain", do: comments("lead", "/approve"), stage: passed},
		{name: "a custom role named maintain over write", do: comments("sly", "/approve"), said: 1},
		{name: "a bot that is admin comments", do: comments("ci[bot]", "/approve")},
		{name: "a bot that is admin labels", do: labels("ci[bot]", "approved")},
		{name: "our own account comments", do: func(c *court) {
			c.srv.SetRole(fakegithub.BotLogin, world.RoleAdmin)
			c.as(fakegithub.BotLogin).Comment(c.n, "/approve")
		}},
		{name: "our own account labels", do: func(c *court) {
			c.srv.SetRole(fakegithub.BotLogin, world.RoleAdmin)
			c.as(fakegithub.BotLogin).AddLabel(c.n, "approved")
		}},
		{name: "another trusted writer comments", config: "version: 1\ntrusted_writers: [mia]\npipeline:\n  allow_start_stage: true\n", do: comments("mia", "/approve")},
		{name: "another trusted writer labels", config: "version: 1\ntrusted_writers: [mia]\npipeline:\n  allow_start_stage: true\n", do: labels("mia", "approved")},
		{name: "a person who is deleted then comments", do: func(c *court) { comments("mia", "/approve")(c); c.srv.DeleteUser("mia") }},
		{name: "a person who is deleted then labels", do: func(c *court) { labels("mia", "approved")(c); c.srv.DeleteUser("mia") }},
		{name: "a listed login with write", config: approvers("mona"), do: comments("mona", "/approve"), stage: passed},
		{name: "a listed login with triage", config: approvers("tess"), do: comments("tess", "/approve"), stage: passed},
		{name: "a listed login with read", config: approvers("reader"), do: comments("reader", "/approve"), thumbs: true},
		{name: "a listed login in other letters", config: approvers("MONA"), do: comments("mona", "/approve"), stage: passed},
		{name: "an admin who is not listed", config: approvers("mona"), do: comments("octocat", "/approve"), said: 1},
		{name: "a maintainer who is not listed labels", config: approvers("mona"), do: labels("mia", "approved"), said: 1},
		{name: "a listed login renamed away", config: approvers("mona"), do: func(c *court) { comments("mona", "/approve")(c); renamed(c) }, said: 1},
		{name: "a label of a listed login renamed away", config: approvers("mona"), do: func(c *court) { labels("mona", "approved")(c); renamed(c) }, said: 1},
		{name: "somebody else under the old login, with read", config: approvers("mona"), do: func(c *court) {
			c.srv.RenameUser("mona", "lisa")
			c.srv.SetRole("mona", world.RoleRead)
			comments("mona", "/approve")(c)
		}, thumbs: true},
		{name: "role:triage and triage", config: approvers("\"role:triage\""), do: comments("tess", "/approve"), stage: passed},
		{name: "role:triage and read", config: approvers("\"role:triage\""), do: comments("reader", "/approve"), thumbs: true},
		{name: "role:write and write", config: approvers("\"role:write\""), do: labels("mona", "approved"), stage: passed},
		{name: "role:admin and maintain", config: approvers("\"role:admin\""), do: comments("mia", "/approve"), said: 1},
		{name: "role:admin and admin", config: approvers("\"role:admin\""), do: comments("octocat", "/approve"), stage: passed},
		{name: "removed before the run", do: func(c *court) { comments("mia", "/approve")(c); c.srv.SetRole("mia", world.RoleNone) }, thumbs: true},
		{name: "removed after the run", do: comments("mia", "/approve"), then: func(c *court) { c.srv.SetRole("mia", world.RoleNone) }, stage: passed},
		{name: "demoted before the run, by label", do: func(c *court) { labels("mia", "approved")(c); c.srv.SetRole("mia", world.RoleTriage) }, said: 1},
		{name: "promoted after the refusal", do: comments("mona", "/approve"), then: func(c *court) { c.srv.SetRole("mona", world.RoleMaintain) }, said: 1},
		{name: "promoted after the reaction", do: comments("reader", "/approve"), then: func(c *court) { c.srv.SetRole("reader", world.RoleMaintain) }, thumbs: true},
		{name: "promoted after the reaction, state lost", do: comments("reader", "/approve"), then: func(c *court) {
			c.srv.SetRole("reader", world.RoleMaintain)
			c.wipe()
		}, thumbs: true},
		{name: "promoted after the refusal, state lost", do: comments("mona", "/approve"), then: func(c *court) {
			c.srv.SetRole("mona", world.RoleMaintain)
			c.wipe()
		}, said: 1},
		{name: "promoted after the label was taken off", do: labels("mona", "approved"), then: func(c *court) { c.srv.SetRole("mona", world.RoleMaintain) }, said: 1},
		{name: "the owner, self-approval forbidden", config: adopting + "  no_self_approval: true\n", do: comments("octocat", "/approve"), said: 1},
		{name: "another, self-approval forbidden", config: adopting + "  no_self_approval: true\n", do: comments("mia", "/approve"), stage: passed},
	}
}

// wipe takes the hidden state out of every issue.
func (c *court) wipe() {
	for _, i := range c.srv.Issues() {
		if body := strings.ReplaceAll(i.Body, "\r\n", "\n"); strings.Contains(body, "ticketfoundry:state") {
			c.as("octocat").EditBody(i.Number, ticket.WithoutState(body))
		}
	}
}
