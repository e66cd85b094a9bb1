package run_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// limited is a repository in which a change beyond a limit is blocked, unless cora, who may
// triage, or an admin lifts it; otto is an admin, wim may only write.
func limited(t *testing.T, policies, before string) *repo {
	t.Helper()
	r := settled(t, map[string]string{
		path("CRM-1"): spec("CRM-1", 0, before), path("CRM-2"): spec("CRM-2", 0, ""),
		configFile: policed(policies) + "audiences: {product: {approvers: [cora, \"role:admin\"]}}\ntrusted_writers: [robo]\n",
	})
	for login, role := range map[string]world.Role{"cora": world.RoleTriage, "otto": world.RoleAdmin, "wim": world.RoleWrite, "clara": world.RoleMaintain} {
		r.srv.SetRole(login, role)
	}
	return r
}

// event is the pull request as an event tells of it, opened by mona.
func (p *pull) event(name, token string) result {
	p.r.t.Helper()
	payload := p.payload()
	pr := payload["pull_request"].(map[string]any)
	pr["user"] = map[string]any{"login": "mona", "type": "User"}
	if name == "pull_request_review" {
		payload["action"] = "submitted"
		payload["review"] = map[string]any{"id": 1, "state": "approved", "commit_id": p.head, "user": map[string]any{"login": "cora"}}
	}
	return p.r.event(name, payload, map[string]string{"GITHUB_SHA": p.merge, "GITHUB_REF": fmt.Sprintf("refs/pull/%d/merge", p.n), "INPUT_TOKEN": token})
}

func (p *pull) check() result { return p.event("pull_request", fakegithub.DefaultToken) }

// reads counts the requests that had to do with who approved.
func (r *repo) reads() (reviews, roles int) {
	for _, q := range r.srv.Requests() {
		reviews += strings.Count(q.Path, "/reviews")
		roles += strings.Count(q.Path, "/permission")
	}
	return reviews, roles
}

const howToLift = "cora or admins can lift it by approving this pull request as it is now (then run this check again), or for good with cogs.policies."

// Who may lift a limit does so by approving exactly what is looked at.
func TestApprovalLiftsALimit(t *testing.T) {
	over := priced("USD", "120.5", ", budget: 100"+fresh)
	for _, test := range []struct {
		name   string
		act    func(r *repo, p *pull)
		lifted string // by whom; empty for nobody
	}{
		{"nobody looked at it", func(*repo, *pull) {}, ""},
		{"by login", func(r *repo, p *pull) { r.srv.As("cora").Review(p.n, world.Approved) }, "cora"},
		{"by role", func(r *repo, p *pull) { r.srv.As("otto").Review(p.n, world.Approved) }, "otto"},
		{"by somebody who may not", func(r *repo, p *pull) {
			r.srv.As("wim").Review(p.n, world.Approved)
			r.srv.As("clara").Review(p.n, world.Approved)
			r.srv.As("stranger").Review(p.n, world.Approved)
		}, ""},
		{"by one of several", func(r *repo, p *pull) {
			r.srv.As("wim").Review(p.n, world.Approved)
			r.srv.As("otto").Review(p.n, world.Approved)
		}, "otto"},
		{"by somebody who may no longer", func(r *repo, p *pull) {
			r.srv.As("cora").Review(p.n, world.Approved)
			r.srv.SetRole("cora", world.RoleRead)
		}, ""},
		{"an earlier commit", func(r *repo, p *pull) { r.srv.As("cora").ReviewAt(p.n, world.Approved, r.sha) }, ""},
		{"then a comment", func(r *repo, p *pull) {
			r.srv.As("cora").Review(p.n, world.Approved)
			r.srv.As("cora").Review(p.n, world.Commented)
		}, "cora"},
		{"only a comment", func(r *repo, p *pull) { r.srv.As("cora").Review(p.n, world.Commented) }, ""},
		{"then changes requested", func(r *repo, p *pull) {
			r.srv.As("cora").Review(p.n, world.Approved)
			r.srv.As("cora").Review(p.n, world.ChangesRequested)
		}, ""},
		{"changes requested, then approved", func(r *repo, p *pull) {
			r.srv.As("cora").Review(p.n, world.ChangesRequested)
			r.srv.As("cora").Review(p.n, world.Approved)
		}, "cora"},
		{"dismissed", func(r *repo, p *pull) {
			r.srv.As("otto").DismissReview(p.n, r.srv.As("cora").Review(p.n, world.Approved))
		}, ""},
		{"one's decision is not another's", func(r *repo, p *pull) {
			r.srv.As("cora").Review(p.n, world.Approved)
			r.srv.As("otto").Review(p.n, world.ChangesRequested)
		}, "cora"},
		{"a program", func(r *repo, p *pull) {
			r.srv.SetRole("helper[bot]", world.RoleAdmin)
			r.srv.As("helper[bot]").Review(p.n, world.Approved)
		}, ""},
		{"an account that programs write with", func(r *repo, p *pull) {
			r.srv.SetRole("robo", world.RoleAdmin)
			r.srv.As("robo").Review(p.n, world.Approved)
		}, ""},
		{"the author", func(r *repo, p *pull) {
			// GitHub lets nobody approve their own pull request; it is not relied on.
			p.n = r.srv.As("wim").OpenPull("A change", "", world.PullRequest{HeadRef: "change", HeadSHA: p.head, BaseRef: "main", BaseSHA: r.sha})
			r.srv.SetRole("mona", world.RoleAdmin)
			r.srv.As("mona").Review(p.n, world.Approved)
		}, ""},
		{"more reviews than a page has", func(r *repo, p *pull) {
			for i := range 110 {
				r.srv.As("wim").Review(p.n, map[bool]string{true: world.Approved, false: world.ChangesRequested}[i%2 == 0])
			}
			r.srv.As("cora").Review(p.n, world.Approved)
		}, "cora"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := limited(t, "over_budget: block", "")
			p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 0, over)})
			test.act(r, p)
			const text = "CRM-1 costs $120.50/month, $20.50 over its budget of $100.00/month (policy over_budget: block)"
			if test.lifted == "" {
				res := r.must(p.check(), 1)
				says(t, "the log", res.stdout, text+"; make it cheaper", "; "+howToLift+"over_budget in the config")
				silent(t, "the log", res.stdout, "lifted by")
				return
			}
			res := r.must(p.check(), 0)
			says(t, "the log", res.stdout, "warning: "+text+", lifted by "+test.lifted+", who approved this commit; make it cheaper", "cora or admins can lift it, with cogs.policies.over_budget in the config")
			says(t, "the comment", p.comments()[0].Body, "lifted by "+test.lifted)
			if res.outputs["errors"] != "0" || res.outputs["valid"] != "true" {
				t.Errorf("outputs %v", res.outputs)
			}
		})
	}
}

// Every policy that blocks is lifted in the same way.
func TestApprovalLiftsEveryPolicy(t *testing.T) {
	for policy, test := range map[string]struct{ policies, before, after, rule string }{
		"max_increase":     {"max_increase: {amount: 20, level: block}", priced("USD", "100", fresh), priced("USD", "150", fresh), "cost-increase"},
		"over_budget":      {"over_budget: block", "", priced("USD", "150", ", budget: 100"+fresh), "over-budget"},
		"missing":          {"missing: block, estimate_from: triage", "", "", "missing-estimate"},
		"stale_after_days": {"stale: block, estimate_from: triage", "", priced("USD", "5", ", as_of: 2025-11-01"), "stale-estimate"},
	} {
		t.Run(policy, func(t *testing.T) {
			r := limited(t, test.policies, test.before)
			p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 1, test.after)})
			says(t, "the log", r.must(p.check(), 1).stdout, howToLift+policy+" in", "["+test.rule+"]")
			r.srv.As("cora").Review(p.n, world.Approved)
			for _, name := range []string{"pull_request", "pull_request_review"} {
				says(t, "the log", r.must(p.event(name, fakegithub.DefaultToken), 0).stdout, "(policy "+strings.TrimSuffix(policy, "_after_days")+": block), lifted by cora", "["+test.rule+"]")
			}

			// What is pushed afterwards is looked at anew.
			p.merge, p.head = r.merge(map[string]string{path("CRM-1"): spec("CRM-1", 2, test.after)})
			r.srv.As("mona").PushToPull(p.n, p.head)
			says(t, "the log", r.must(p.check(), 1).stdout, howToLift+policy)
		})
	}
}

// The approvers of the base decide, not those that the change brings.
func TestTheBaseSaysWhoLifts(t *testing.T) {
	r := limited(t, "over_budget: block", "")
	p := r.open(map[string]string{
		path("CRM-1"): spec("CRM-1", 0, priced("USD", "120", ", budget: 100"+fresh)),
		configFile:    policed("over_budget: block") + "audiences: {product: {approvers: [wim]}}\n",
	})
	r.srv.As("wim").Review(p.n, world.Approved)
	says(t, "the log", r.must(p.check(), 1).stdout, howToLift+"over_budget")
	r.srv.As("cora").Review(p.n, world.Approved)
	says(t, "the log", r.must(p.check(), 0).stdout, "lifted by cora")
}

// A token of a fork's pull request only reads, and that is enough.
func TestApprovalLiftsALimitOfAFork(t *testing.T) {
	r := limited(t, "over_budget: block", "")
	r.srv.AddToken(fakegithub.Token{Value: "ghs_fork", Login: fakegithub.BotLogin, App: true, Issues: "read", Contents: "read", Pulls: "read"})
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "120", ", budget: 100"+fresh))})
	p.fork = true
	says(t, "the summary", r.must(p.event("pull_request", "ghs_fork"), 1).summary, "can lift it by approving")
	r.srv.As("cora").Review(p.n, world.Approved)
	r.srv.ResetJournal()
	says(t, "the summary", r.must(p.event("pull_request", "ghs_fork"), 0).summary, "lifted by cora")
	r.unwritten()
}

// Where it cannot be read who approved, a limit stays, and why is said.
func TestUnreadableApprovalsLiftNothing(t *testing.T) {
	for _, test := range []struct{ name, path, says string }{
		{"reviews", "/reviews", "give the job `permissions: pull-requests: read`"},
		{"roles", "/permission", "read the role of cora"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := limited(t, "over_budget: block", "")
			p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "120", ", budget: 100"+fresh))})
			r.srv.As("cora").Review(p.n, world.Approved)
			r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
				if strings.HasSuffix(q.Path, test.path) {
					return fakegithub.Refuse(403, "Resource not accessible by integration")
				}
				return nil
			})
			res := r.must(p.check(), 1)
			says(t, "the log", res.stdout, "cora or admins can lift it, with cogs.policies.over_budget in the config file on the default branch; whether one of them approved this pull request could not be read (", test.says)
			silent(t, "the log", res.stdout, "lifted by", "by approving")
		})
	}
}

// Nobody's approval is looked at while nothing is blocked, and little is read where something is.
func TestWhatAnApprovalCosts(t *testing.T) {
	r := limited(t, "over_budget: warn, max_increase: {amount: 1000, level: block}", "")
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "120", ", budget: 100"+fresh))})
	r.srv.As("cora").Review(p.n, world.Approved)
	r.srv.ResetJournal()
	r.must(p.check(), 0)
	if reviews, roles := r.reads(); reviews+roles > 0 {
		t.Errorf("nothing is blocked, and it read\n%s", r.srv.List())
	}

	r = limited(t, "over_budget: block, max_increase: {amount: 10, level: block}", "")
	p = r.open(map[string]string{path("CRM-1"): spec("CRM-1", 0, priced("USD", "120", ", budget: 100"+fresh))})
	r.srv.As("wim").Review(p.n, world.Approved)
	r.srv.As("cora").Review(p.n, world.Approved)
	r.srv.ResetJournal()
	res := r.must(p.check(), 0)
	says(t, "the log", res.stdout, "(policy over_budget: block), lifted by cora", "(policy max_increase: block), lifted by cora")
	if reviews, roles := r.reads(); reviews != 1 || roles != 2 {
		t.Errorf("%d reads of reviews and %d of roles\n%s", reviews, roles, r.srv.List())
	}
}
