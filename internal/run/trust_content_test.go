package run_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// other is the capability with something else to decide on.
func other(c *court, from, to string) {
	c.clock.Advance(time.Second)
	c.commit(map[string]string{path("CRM-1"): strings.Replace(c.files[path("CRM-1")], from, to, 1)})
}

const wish, newWish = "Half the time per lead", "A tenth of the time per lead"

func byContent() []trial {
	change := func(c *court) { other(c, wish, newWish) }
	back := func(c *court) { other(c, newWish, wish) }
	return []trial{
		{name: "approved, changed before the run", do: func(c *court) { comments("mia", "/approve")(c); change(c) }},
		{name: "approved by label, changed before the run", do: func(c *court) { labels("mia", "approved")(c); change(c) }},
		{name: "approved, changed and shown in one run, then another approves", do: func(c *court) { comments("mia", "/approve")(c); change(c) },
			then: comments("max", "/approve"), stage: passed},
		{name: "approved, changed, changed back before the run", do: func(c *court) { comments("mia", "/approve")(c); change(c); back(c) }, stage: passed},
		{name: "approved, changed, and changed back after a run", do: func(c *court) { comments("mia", "/approve")(c); change(c) }, then: back, stage: passed},
		{name: "changed, shown, approved", do: func(c *court) { change(c); c.sit(false); comments("mia", "/approve")(c) }, stage: passed},
		{name: "changed, not shown, approved", do: func(c *court) { change(c); comments("mia", "/approve")(c) }},
		{name: "approved for the one before, told late", do: func(c *court) {
			comments("mia", "/approve")(c)
			c.failing(500, "/permission")
			change(c)
			c.sit(false) // shows the change, and cannot look at the approval
			c.srv.Fault(nil)
		}},
		{name: "an unbound field changed before the run", do: func(c *court) { comments("mia", "/approve")(c); other(c, "None known", "None known") }, stage: passed},
		{name: "another field changed before the run", do: func(c *court) { comments("mia", "/approve")(c); other(c, "version: \"2.4\"", "version: \"2.5\"") }, stage: passed},
		{name: "approvers changed in a pull request that is not merged", config: adopting + stages + "{id: spec-approval, approvers: [max]}\n", do: func(c *court) {
			comments("mona", "/approve")(c)
			p := c.open(map[string]string{configFile: adopting + stages + "{id: spec-approval, approvers: [mona]}\n"})
			c.srv.ResetJournal()
			c.must(p.run(), 0)
			if c.stage() != "spec-approval" || len(c.said(c.n)) > 0 {
				c.t.Errorf("the pull request decided: stage %s, %q", c.stage(), c.said(c.n))
			}
			c.workspace(c.files)
			c.checkout(c.sha)
		}, said: 1},
		{name: "approvers changed on the default branch before the run", do: func(c *court) {
			comments("mona", "/approve")(c)
			c.commit(map[string]string{configFile: adopting + stages + "{id: spec-approval, approvers: [mona]}\n"})
		}, stage: passed},
		{name: "approvers changed on the default branch after the refusal", do: comments("mona", "/approve"), then: func(c *court) {
			c.commit(map[string]string{configFile: adopting + stages + "{id: spec-approval, approvers: [mona]}\n"})
		}, said: 1},
		{name: "a team among the approvers", do: func(c *court) {
			c.commit(map[string]string{configFile: adopting + stages + "{id: spec-approval, approvers: [\"@octo-org/leads\"]}\n"})
			comments("mia", "/approve")(c)
			res := c.push()
			says(c.t, "the log", res.stdout, "octo-org/leads")
			if res.code != 1 || c.stage() != "spec-approval" {
				c.t.Errorf("code %d, stage %s", res.code, c.stage())
			}
			c.commit(map[string]string{configFile: adopting + stages + "{id: spec-approval, approvers: [max]}\n"})
		}, said: 1},
	}
}

// failing makes all reads of addresses with the part fail.
func (c *court) failing(status int, part string) {
	c.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if !q.Write && strings.Contains(q.Path, part) {
			return fakegithub.Refuse(status, "Something is wrong")
		}
		return nil
	})
}

// recorded gives the audit comments on the capability issue, oldest first.
func (c *court) recorded() []fakegithub.Comment {
	var out []fakegithub.Comment
	for _, text := range c.srv.Issue(c.c).Comments {
		if text.Author == fakegithub.BotLogin && strings.Contains(text.Body, "ticketfoundry:record") {
			out = append(out, text)
		}
	}
	return out
}

func (c *court) lastRecorded() fakegithub.Comment {
	all := c.recorded()
	if len(all) == 0 {
		c.t.Fatal("nothing is recorded")
	}
	return all[len(all)-1]
}

// evidence is the person's comment or label event on the ticket.
func (c *court) evidence() int64 {
	for _, text := range c.srv.Issue(c.n).Comments {
		if strings.HasPrefix(text.Body, "/approve") {
			return text.ID
		}
	}
	c.t.Fatal("nobody approved")
	return 0
}

var hiddenRecord = regexp.MustCompile(`<!-- ticketfoundry:record [^ ]+ -->`)

func byEvidence() []trial {
	two := adopting + stages + "{id: spec-approval, min_approvals: 2}\n"
	gone := func(c *court) { c.as("octocat").DeleteComment(c.evidence()) }
	max := comments("max", "/approve")
	acts := func(list ...func(*court)) func(*court) {
		return func(c *court) {
			for _, act := range list {
				act(c)
			}
		}
	}
	unrecord := func(c *court) { c.as("octocat").DeleteComment(c.lastRecorded().ID) }
	edit := func(c *court) { last := c.lastRecorded(); c.as("mona").EditComment(last.ID, last.Body+"\nand more") }
	return []trial{
		{name: "the command deleted before the gate", config: two, do: comments("mia", "/approve"), then: acts(gone, max)},
		{name: "the command edited before the gate", config: two, do: comments("mia", "/approve"), then: acts(func(c *court) {
			c.as("mia").EditComment(c.evidence(), "/approve if the price is right")
		}, max)},
		{name: "the command deleted, and approved again", config: two, do: comments("mia", "/approve"),
			then: acts(gone, max, func(c *court) { c.sit(false) }, comments("mia", "/approve again")), stage: passed},
		{name: "the command deleted after the gate", do: comments("mia", "/approve"), then: gone, stage: passed},
		{name: "the event's person deleted before the gate", config: two, do: labels("mia", "approved"), then: acts(func(c *court) { c.srv.DeleteUser("mia") }, max)},
		{name: "the audit comment deleted", do: comments("mia", "/approve"), then: unrecord},
		{name: "the audit comment deleted, by label", do: labels("mia", "approved"), then: unrecord},
		{name: "the audit comment deleted, and the state lost later", do: comments("mia", "/approve"), then: acts(unrecord, func(c *court) { c.sit(false); c.wipe() })},
		{name: "the audit comment deleted, and approved again", do: comments("mia", "/approve"),
			then: acts(unrecord, func(c *court) { c.sit(false) }, max), stage: passed},
		{name: "the audit comment edited, and another one written", do: comments("mia", "/approve"), then: acts(edit, func(c *court) { c.as("reader").Comment(c.c, "Hello") })},
		{name: "the audit comment of one of two edited before the gate", config: two, do: comments("mia", "/approve"), then: acts(edit, max)},
		{name: "the audit comment of one of two deleted and replaced before the gate", config: two, do: comments("mia", "/approve"),
			then: acts(unrecord, func(c *court) { c.as("reader").Comment(c.c, "Hello") }, max)},
		{name: "a forged audit comment by a person with write", do: func(c *court) { c.as("mona").Comment(c.c, c.lastRecorded().Body) }},
		{name: "a forged audit comment by an admin", do: func(c *court) { c.as("octocat").Comment(c.c, c.lastRecorded().Body) }},
		{name: "a true approval of another capability, copied", do: func(c *court) {
			c.commit(map[string]string{path("CRM-2"): ready("CRM-2", "spec-approval", "")})
			c.sit(false)
			c.as("mia").Comment(c.key("CRM-2/spec-approval/approve-spec").Number, "/approve")
			c.sit(false)
			line := ""
			for _, text := range c.srv.Issue(c.key("CRM-2").Number).Comments {
				if found := hiddenRecord.FindString(text.Body); found != "" {
					line = found
				}
			}
			c.as("mona").Comment(c.c, "- `mia` **approved** it\n\n"+line)
		}},
		{name: "an old approval of this capability, written again after a rejection", do: comments("mia", "/approve"), then: func(c *court) {
			approved := c.lastRecorded().Body
			c.as("mia").Comment(c.c, "/rework spec-approval it was too early")
			c.sit(false)
			c.as("mona").Comment(c.c, approved)
			c.sit(false)
		}},
		{name: "an audit comment edited into an approval", do: comments("tess", "Looks good"), then: func(c *court) {
			first := c.recorded()[0]
			c.as("mona").EditComment(first.ID, strings.Replace(first.Body, "spec-approval", "architecture", 1))
			c.as("reader").Comment(c.c, "Hello")
		}},
	}
}

// While the log or the comments cannot be read, nothing is decided, and nothing is forgotten.
func TestOutagesDecideNothing(t *testing.T) {
	t.Parallel()
	two := adopting + stages + "{id: spec-approval, min_approvals: 2}\n"
	for name, tr := range map[string]struct {
		part   string
		config string
		first  func(*court) // before the outage, with a run
		do     func(*court)
	}{
		"the log":               {part: "/events", do: labels("mia", "approved")},
		"the comments":          {part: "/comments", do: comments("mia", "/approve")},
		"the evidence":          {part: "/issues/comments/", config: two, first: comments("max", "/approve"), do: comments("mia", "/approve")},
		"the evidence, a label": {part: "/issues/events/", config: two, first: labels("max", "approved"), do: comments("mia", "/approve")},
	} {
		c := hold(t, tr.config, "spec-approval", "approve-spec")
		if tr.first != nil {
			tr.first(c)
			c.sit(true)
		}
		tr.do(c)
		c.failing(500, tr.part)
		before := c.stands()
		if res := c.push(); res.code == 0 {
			t.Errorf("%s: the run ended with code 0\n%s", name, res.stdout)
		}
		if got := c.stands(); got != before {
			t.Errorf("%s: %s", name, firstDifference(got, before))
		}
		c.srv.Fault(nil)
		c.sit(true)
		if got := c.stage(); got != passed {
			t.Errorf("%s, mended: stage %s", name, got)
		}
	}
}

// Whoever deletes the record of a way back does not get the approvals back that fell by it.
func TestDeletedWayBackRestoresNothing(t *testing.T) {
	t.Parallel()
	c := hold(t, "", "spec-approval", "approve-spec")
	comments("mia", "/approve")(c)
	c.sit(true)
	c.as("mia").Comment(c.c, "/rework spec-approval it was too early")
	c.sit(true)
	if got := c.stage(); got != "spec-approval" {
		t.Fatalf("stage %s", got)
	}
	c.as("octocat").DeleteComment(c.lastRecorded().ID)
	for range 3 {
		c.sit(false)
	}
	if i := c.srv.Issue(c.n); i.State != "open" {
		t.Errorf("the approval that fell is %s again", i.State)
	}
	c.as("tess").CloseIssue(c.key("CRM-1/architecture/design").Number)
	c.sit(false)
	if got := c.stage(); got != "architecture" && got != "spec-approval" {
		t.Errorf("the gate opened: stage %s", got)
	}
}

// A decision on a ticket that is not due is none, not even when the ticket comes due later; it
// is explained when it is looked at, once.
func TestNotDueYet(t *testing.T) {
	t.Parallel()
	c := hold(t, "", "uat", "uat-product")
	comments("mia", "/reject it crashes")(c)
	c.sit(true)
	if got := c.stage(); got != "build" {
		t.Fatalf("stage %s", got)
	}
	comments("max", "/approve")(c)
	c.sit(true)
	c.sit(false)
	if got := c.stage(); got != "build" {
		t.Errorf("stage %s", got)
	}
	for _, key := range []string{"build/rework-1", "build/implement", "ci-cd/deploy-to-stage"} {
		for _, i := range c.live() {
			if strings.Contains(i.Body, "key=CRM-1/"+key+" ") {
				c.as("tess").CloseIssue(i.Number)
				c.sit(true)
			}
		}
	}
	if got := c.stage(); got != "uat" {
		t.Fatalf("stage %s, want uat\n%s", got, c.stands())
	}
	for range 3 {
		c.sit(false)
	}
	told := c.said(c.n)
	if n := strings.Count(strings.Join(told, "\n"), toldNo); n != 1 || c.srv.Issue(c.n).State != "open" {
		t.Errorf("%d explanations, the ticket is %s: %q", n, c.srv.Issue(c.n).State, told)
	}
	comments("max", "/approve now")(c)
	c.sit(true)
	if got := c.srv.Issue(c.n).State; got != "closed" {
		t.Errorf("approved when it was due, the ticket is %s", got)
	}
	c.quiet()
}
