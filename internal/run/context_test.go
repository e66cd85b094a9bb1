package run_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// about runs the action for the pull request under a title, a branch and labels.
func (p *pull) about(action, title, branch string, labels ...string) result {
	p.r.t.Helper()
	payload := p.payload()
	payload["action"] = action
	pr := payload["pull_request"].(map[string]any)
	pr["title"] = title
	pr["head"].(map[string]any)["ref"] = branch
	named := []any{}
	for _, l := range labels {
		named = append(named, map[string]any{"name": l})
	}
	pr["labels"] = named
	return p.r.event("pull_request", payload, map[string]string{"GITHUB_SHA": p.merge, "GITHUB_REF": fmt.Sprintf("refs/pull/%d/merge", p.n)})
}

func TestCodePullRequestGetsTheContext(t *testing.T) {
	r := settled(t, map[string]string{
		path("CRM-1"): spec("CRM-1", 1, cost+"acceptance_criteria: [Scores add up]\n"), path("CRM-2"): spec("CRM-2", 0, ""), path("CRM-10"): spec("CRM-10", 0, ""),
	})
	p := r.open(map[string]string{"main.go": "package main\n"})
	res := r.must(p.about("opened", "Add scoring", "feature/crm-1-scoring"), 0)
	r.costs(6, 1)
	got := p.comments()
	if len(got) != 1 || got[0].Author != fakegithub.BotLogin {
		t.Fatalf("comments %+v", got)
	}
	golden(t, "context.md", got[0].Body+"\n")
	says(t, "the summary", res.summary, "CRM-1: Capability CRM-1", "Scores add up")

	r.must(p.about("synchronize", "Add scoring", "feature/crm-1-scoring"), 0)
	r.costs(5, 0)
	r.must(p.about("labeled", "Add scoring", "feature/crm-1-scoring", "capability:CRM-10"), 0)
	r.costs(7, 1)
	body := p.comments()[0].Body
	if a, b := strings.Index(body, "### CRM-1:"), strings.Index(body, "### CRM-10:"); a < 0 || b < a {
		t.Errorf("the comment shows %d, %d\n%s", a, b, body)
	}
	r.must(p.about("edited", "CRM-2: scoring", "scoring"), 0)
	body = p.comments()[0].Body
	says(t, "the comment", body, "### CRM-2:")
	silent(t, "the comment", body, "CRM-1:", "CRM-10", "nothing to do")
	r.must(p.about("edited", "Scoring for CRM-99", "scoring"), 0)
	silent(t, "the comment", p.comments()[0].Body, "CRM-")
	if len(p.comments()) != 1 {
		t.Errorf("%d comments", len(p.comments()))
	}
}

func TestPullRequestWithCodeAndSpec(t *testing.T) {
	r := settled(t, specs(2, 0))
	p := r.open(map[string]string{"main.go": "package main\n", path("CRM-2"): spec("CRM-2", 1, "")})
	r.must(p.about("opened", "CRM-1, CRM-2: more", "more"), 0)
	got := p.comments()
	if len(got) != 1 {
		t.Fatalf("%d comments", len(got))
	}
	says(t, "the comment", got[0].Body, "Opens 1 ticket", "### CRM-1: Capability CRM-1", "### CRM-2: Capability CRM-2")
	if n := len(r.srv.Requests()); n > 10 {
		t.Errorf("%d requests\n%s", n, r.srv.List())
	}

	p = r.open(map[string]string{path("CRM-2"): spec("CRM-2", 1, "")})
	r.must(p.about("opened", "CRM-2: more", "more"), 0)
	silent(t, "the comment", p.comments()[0].Body, "### CRM-2:")
}

func TestContextFromAForkOnlyInTheSummary(t *testing.T) {
	r := settled(t, specs(1, 0))
	p := r.open(map[string]string{"main.go": "package main\n"})
	p.fork = true
	res := r.must(p.about("opened", "CRM-1: more", "more"), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "### CRM-1:", "comes from a fork")
}

// A pull request may name more than a comment holds.
func TestContextOfManyCapabilities(t *testing.T) {
	r := settled(t, specs(9, 0))
	p := r.open(map[string]string{"main.go": "package main\n"})
	var ids []string
	for i := range 9 {
		ids = append(ids, fmt.Sprintf("CRM-%d", i+1))
	}
	r.must(p.about("opened", strings.Join(ids, " "), "many"), 0)
	r.costs(10, 1)
	body := p.comments()[0].Body
	says(t, "the comment", body, "### CRM-5:", "It names 4 more capabilities: CRM-6, CRM-7, CRM-8, CRM-9.")
	silent(t, "the comment", body, "### CRM-6:")
}
