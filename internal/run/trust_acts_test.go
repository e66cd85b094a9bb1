package run_test

import (
	"fmt"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func byLabel() []trial {
	return []trial{
		{name: "a label by an issue form on a forged ticket", do: func(c *court) {
			c.as("reader").OpenForm("Approve the spec", c.srv.Issue(c.n).Body, "approved", "ticketfoundry", "capability:CRM-1")
		}},
		{name: "a label at the creation of a forged ticket", do: func(c *court) {
			c.as("mia").OpenIssue("Approve the spec", c.srv.Issue(c.n).Body, "approved")
		}},
		{name: "the marker copied by somebody with write", do: func(c *court) {
			n := c.as("mona").OpenIssue("Approve the spec", c.srv.Issue(c.n).Body, "ticketfoundry", "capability:CRM-1")
			c.as("mia").Comment(n, "/approve")
		}},
		{name: "another label renamed to approved", do: func(c *court) {
			c.as("mia").AddLabel(c.n, "looks-nice")
			c.approvedAway()
			c.as("octocat").RenameLabel("looks-nice", "approved")
		}},
		{name: "another label of a bystander renamed to approved", do: func(c *court) {
			c.as("tess").AddLabel(c.n, "seen")
			c.approvedAway()
			c.as("mia").RenameLabel("seen", "approved")
		}},
		{name: "taken off again by another", do: func(c *court) {
			c.as("mia").AddLabel(c.n, "approved")
			c.as("tess").RemoveLabel(c.n, "approved")
		}},
		{name: "taken off and set again by somebody who may not", do: func(c *court) {
			c.as("mia").AddLabel(c.n, "approved")
			c.as("tess").RemoveLabel(c.n, "approved")
			c.as("mona").AddLabel(c.n, "approved")
		}, said: 1},
		{name: "set by somebody who may not, taken off, and set by one who may", do: func(c *court) {
			c.as("mona").AddLabel(c.n, "approved")
			c.as("mona").RemoveLabel(c.n, "approved")
			c.as("mia").AddLabel(c.n, "approved")
		}, stage: passed},
		{name: "more than a page of events", do: func(c *court) {
			for range 55 {
				c.as("mona").AddLabel(c.n, "approved")
				c.as("mona").RemoveLabel(c.n, "approved")
			}
			c.as("mia").AddLabel(c.n, "approved")
		}, stage: passed},
		{name: "more than a page of events, the last by one who may not", do: func(c *court) {
			for range 55 {
				c.as("mia").AddLabel(c.n, "approved")
				c.as("mia").RemoveLabel(c.n, "approved")
			}
			c.as("mona").AddLabel(c.n, "approved")
		}, said: 1},
		{name: "in other letters", do: labels("mia", "Approved"), stage: passed},
		{name: "rejected, no reason asked for", do: labels("mia", "rejected"), stage: "spec"},
		{name: "rejected by one who may not", do: labels("mona", "rejected"), said: 1},
		{name: "approved, and then rejected", do: func(c *court) {
			labels("mia", "approved")(c)
			labels("max", "rejected")(c)
		}, stage: "spec"},
		{name: "rejected by one who may not, approved by one who may", do: func(c *court) {
			labels("mona", "rejected")(c)
			labels("mia", "approved")(c)
		}, stage: passed, said: 1},
		{name: "another label", do: labels("mia", "approved-by-mia")},
		{name: "approved on the capability issue", do: func(c *court) { c.as("mia").AddLabel(c.c, "approved") }},
	}
}

// approvedAway takes the true label out of the way, as somebody does who wants to forge it.
func (c *court) approvedAway() {
	for _, l := range c.srv.Labels() {
		if l.Name == "approved" {
			c.as("octocat").RenameLabel("approved", "was-approved")
		}
	}
}

func byComment() []trial {
	var out []trial
	for name, text := range map[string]string{
		"quoted":                  "> /approve",
		"indented":                "    /approve",
		"indented by one":         " /approve",
		"fenced":                  "```\n/approve\n```",
		"in the middle of a text": "I would not\n/approve\nthis yet",
		"at the end of a text":    "Almost. /approve",
		"in code":                 "`/approve`",
		"with more letters":       "/approved",
		"in capitals":             "/APPROVE",
		"negated":                 "not /approve",
		"in a hidden comment":     "<!--\n/approve\n-->",
		"quoted, with an answer":  "> /approve\n\nDo you mean it?",
		"without the slash":       "approve",
		"with a space":            "/ approve",
	} {
		out = append(out, trial{name: "/approve " + name, do: comments("mia", text)})
	}
	edited := func(login string) func(*court) {
		return func(c *court) {
			id := c.as("mia").Comment(c.n, "I have a question")
			c.as(login).EditComment(id, "/approve")
		}
	}
	return append(out,
		trial{name: "after blank lines", do: comments("mia", "\n\n/approve\n"), stage: passed},
		trial{name: "with a reason", do: comments("mia", "/approve because it is good\n\nSee @reader and fixes #1"), stage: passed},
		trial{name: "edited into one by its author", do: edited("mia")},
		trial{name: "edited into one by another", do: edited("mona")},
		trial{name: "edited after it counted", do: comments("mia", "/approve"), then: func(c *court) {
			i := c.srv.Issue(c.n)
			c.as("mona").EditComment(i.Comments[0].ID, "I never said so")
		}, stage: passed},
		trial{name: "on the capability issue", do: func(c *court) { c.as("mia").Comment(c.c, "/approve") }},
		trial{name: "on a work ticket", do: func(c *court) {
			c.commit(map[string]string{path("CRM-1"): ready("CRM-1", "spec-approval", "tickets: {spec-approval: [{key: extra, title: Extra work}]}\n")})
			c.sit(false)
			c.as("mia").Comment(c.key("CRM-1/spec-approval/extra").Number, "/approve")
		}},
		trial{name: "on another capability's ticket", do: func(c *court) {
			c.commit(map[string]string{path("CRM-2"): ready("CRM-2", "compliance", "")})
			c.sit(false)
			c.as("mia").Comment(c.key("CRM-2/compliance/compliance-sign-off").Number, "/approve")
		}},
		trial{name: "on an issue that is none of ours", do: func(c *court) {
			c.as("mia").Comment(c.as("mia").OpenIssue("Approve the spec", "Here"), "/approve")
		}},
		trial{name: "a rejection without a reason", do: comments("mia", "/reject"), said: 1},
		trial{name: "a rejection to nowhere", do: comments("mia", "/reject to:build it is wrong"), said: 1},
		trial{name: "a rejection of unknown tickets", do: comments("mia", "/reject tickets:nothing it is wrong"), said: 1},
		trial{name: "a rejection by one who may not", do: comments("mona", "/reject it is wrong"), said: 1},
		trial{name: "a rejection by an outsider", do: comments("reader", "/reject it is wrong"), thumbs: true},
		trial{name: "a rejection", do: comments("mia", "/reject it is wrong"), stage: "spec"},
		trial{name: "/done on an approval ticket", do: comments("mia", "/done"), said: 1},
		trial{name: "an outsider's mention of everybody", do: comments("reader", "/approve @octo-org/everybody"), thumbs: true},
	)
}

func byClosing() []trial {
	pull := func(c *court, login, text string) {
		n := c.as("mona").OpenPull("A change", text, world.PullRequest{HeadRef: "x", HeadSHA: c.sha, BaseRef: "main", BaseSHA: c.sha})
		c.as(login).MergePull(n, "merge")
	}
	fixes := func(login string) func(*court) {
		return func(c *court) { pull(c, login, fmt.Sprintf("Fixes #%d", c.n)) }
	}
	return []trial{
		{name: "closed by an approver", do: func(c *court) { c.as("mia").CloseIssue(c.n) }},
		{name: "closed as not planned by an approver", do: func(c *court) { c.as("mia").CloseIssueAs(c.n, "not_planned") }},
		{name: "closed by a bot", do: func(c *court) { c.as("ci[bot]").CloseIssueAs(c.n, "not_planned") }},
		{name: "closed by \"Fixes #n\" merged by an approver", do: fixes("mia")},
		{name: "closed by \"Fixes #n\" merged by an admin", do: fixes("octocat")},
		{name: "closed by a commit of an approver", do: func(c *court) { c.as("mia").CloseByCommit(c.n, "c1") }},
		{name: "closed again and again", do: func(c *court) { c.as("mia").CloseIssue(c.n) }, then: func(c *court) { c.as("mia").CloseIssue(c.n) }},
		{name: "a command and a close together", do: func(c *court) { comments("mia", "/approve")(c); c.as("mia").CloseIssue(c.n) }, stage: passed},
		{name: "a label and a close together", do: func(c *court) { labels("mia", "approved")(c); c.as("mia").CloseIssue(c.n) }, stage: passed},
		{name: "a close, and a command on the closed ticket", do: func(c *court) { c.as("tess").CloseIssue(c.n); comments("mia", "/approve")(c) }, stage: passed},
		{name: "a close, and a command by one who may not", do: func(c *court) { c.as("tess").CloseIssue(c.n); comments("mona", "/approve")(c) }, said: 1},
		{name: "a close, and a label by one who may not", do: func(c *court) { c.as("tess").CloseIssue(c.n); labels("mona", "approved")(c) }, said: 1},
		{name: "transferred", do: func(c *court) {
			comments("mia", "/approve")(c)
			c.as("octocat").TransferIssue(c.n)
		}},
		{name: "deleted", do: func(c *court) {
			comments("mia", "/approve")(c)
			c.as("octocat").DeleteIssue(c.n)
		}},
	}
}

func bySeveral() []trial {
	two := adopting + stages + "{id: spec-approval, min_approvals: 2}\n"
	both := func(acts ...func(*court)) func(*court) {
		return func(c *court) {
			for _, act := range acts {
				act(c)
			}
		}
	}
	accept := func(ticket, login string) func(*court) {
		return func(c *court) { c.as(login).Comment(c.key("CRM-1/uat/"+ticket).Number, "/approve") }
	}
	return []trial{
		{name: "one of two", config: two, do: comments("mia", "/approve")},
		{name: "two of two, label and comment", config: two, do: both(labels("mia", "approved"), comments("max", "/approve")), stage: passed},
		{name: "two of two, in two runs", config: two, do: labels("mia", "approved"), then: comments("max", "/approve"), stage: passed},
		{name: "the same person twice", config: two, do: both(labels("mia", "approved"), comments("mia", "/approve"))},
		{name: "the same person twice, in two runs", config: two, do: comments("mia", "/approve"), then: comments("mia", "/approve")},
		{name: "one of two who may", config: two, do: both(comments("mia", "/approve"), comments("mona", "/approve")), said: 1},
		{name: "an approval and a rejection", config: two, do: both(comments("mia", "/approve"), comments("max", "/reject no")), stage: "spec"},
		{name: "a rejection and an approval later", do: both(comments("mia", "/reject no"), comments("mia", "/approve")), stage: "spec", said: 1},
		{name: "an approval and the same person's rejection", config: two, do: both(comments("mia", "/approve"), comments("mia", "/reject no")), stage: "spec"},
		{name: "one person for both UAT tickets", at: "uat/uat-product", do: both(accept("uat-product", "mia"), accept("uat-engineering", "mia"))},
		{name: "one person for both UAT tickets, the other first", at: "uat/uat-engineering", do: both(accept("uat-product", "mia"), accept("uat-engineering", "mia")), said: 1},
		{name: "two people for both UAT tickets", at: "uat/uat-product", do: both(accept("uat-product", "mia"), accept("uat-engineering", "max")), stage: "release"},
		{name: "one UAT ticket approved, and then rejected by label", at: "uat/uat-product", do: accept("uat-product", "mia"), then: labels("max", "rejected"), stage: "build"},
		{name: "one UAT ticket approved, and then rejected", at: "uat/uat-product", do: accept("uat-product", "mia"), then: comments("max", "/reject it crashes"), stage: "build"},
		{name: "one UAT ticket approved, and then rejected by one who may not", at: "uat/uat-product", do: accept("uat-product", "mia"), then: labels("mona", "rejected"), said: 1},
		{name: "one person for both UAT tickets under another login", at: "uat/uat-engineering", do: func(c *court) {
			accept("uat-product", "mia")(c)
			c.sit(false)
			c.srv.RenameUser("mia", "mia-new")
			accept("uat-engineering", "mia-new")(c)
		}, said: 1},
	}
}

func byFault() []trial {
	failing := func(status int, part string) func(*court) {
		return func(c *court) {
			c.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
				if !q.Write && strings.Contains(q.Path, part) {
					return fakegithub.Refuse(status, "Something is wrong")
				}
				return nil
			})
		}
	}
	mended := func(c *court) { c.srv.Fault(nil) }
	var out []trial
	for _, status := range []int{403, 404, 500} {
		for how, act := range map[string]func(*court){"comment": comments("mia", "/approve"), "label": labels("mia", "approved")} {
			name := fmt.Sprintf("%d on the role, by %s", status, how)
			out = append(out,
				trial{name: name, do: func(c *court) { act(c); failing(status, "/permission")(c) }},
				trial{name: name + ", mended", do: func(c *court) { act(c); failing(status, "/permission")(c) }, then: mended, stage: passed})
		}
	}
	return out
}
