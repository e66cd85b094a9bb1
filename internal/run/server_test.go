package run_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// older are servers that lack what github.com has.
func older() map[string]fakegithub.Features {
	return map[string]fakegithub.Features{
		"no sub-issues":       {NoSubIssues: true},
		"no REST sub-issues":  {NoRESTSubIssues: true},
		"no dependencies":     {NoDependencies: true},
		"no parent in create": {NoParentInCreate: true},
		"no types":            {NoTypes: true},
		"no GraphQL":          {NoGraphQL: true},
		"none of it":          {NoGraphQL: true, NoSubIssues: true, NoDependencies: true, NoTypes: true, NoParentInCreate: true},
	}
}

func TestOlderServers(t *testing.T) {
	for name, f := range older() {
		o := options()
		o.Features = f
		r := newRepo(t, o, map[string]string{
			path("CRM-1"): spec("CRM-1", 2, ""),
			path("CRM-2"): spec("CRM-2", 1, "depends_on: [CRM-1]\n"),
		})
		if f.NoGraphQL { // without an issue to look at, REST does not tell what the server can do
			r.srv.As("mona").OpenIssue("Something else", "")
		}
		r.api, r.gql = r.api+"/api/v3", strings.TrimSuffix(r.gql, "/graphql")+"/api/graphql"
		res := r.must(r.push(), 0)
		if res.outputs["created"] != "7" {
			t.Errorf("%s: outputs %v", name, res.outputs)
		}
		c1, c2, child := r.key("CRM-1"), r.key("CRM-2"), r.key("CRM-1/triage/extra-1")
		if f.NoSubIssues {
			says(t, name, c1.Body, fmt.Sprintf("- [ ] #%d", child.Number))
		} else if child.Parent != c1.Number {
			t.Errorf("%s: its parent is #%d", name, child.Parent)
		}
		if f.NoDependencies {
			says(t, name, c2.Body, fmt.Sprintf("Blocked by #%d", c1.Number))
		} else if len(c2.BlockedBy) != 1 {
			t.Errorf("%s: blocked by %v", name, c2.BlockedBy)
		}
		r.steady()
		want := r.dump()
		r.srv.As("mona").EditTitle(child.Number, "Mine")
		r.must(r.push(), 0)
		if got := r.dump(); got != want {
			t.Errorf("%s: not restored\n%s", name, firstDifference(got, want))
		}
		r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 1, ""), path("CRM-2"): spec("CRM-2", 1, "")})
		r.must(r.push(), 0)
		r.once()
		r.steady()
		if got := r.key("CRM-2"); len(got.BlockedBy) != 0 || strings.Contains(got.Body, "Blocked by") {
			t.Errorf("%s: still blocked by %v", name, got.BlockedBy)
		}
		p := r.open(map[string]string{path("CRM-3"): spec("CRM-3", 0, "")})
		r.must(p.run(), 0)
		if got := p.comments(); len(got) != 1 || !strings.Contains(got[0].Body, "Opens 1 ticket") {
			t.Errorf("%s: comments %+v", name, got)
		}
	}
}

func TestNativeTypes(t *testing.T) {
	o := options()
	o.Repo = world.Repo{IssueTypes: []string{"Task", "Bug", "Tech Debt"}}
	r := newRepo(t, o, map[string]string{path("CRM-1"): spec("CRM-1", 0, "") + `tickets:
  triage:
    - {key: one, title: The first one}
    - {key: two, title: The second one, type: bug}
    - {key: three, title: The third one, type: tech_debt}
    - {key: four, title: The fourth one, type: story}
`})
	r.must(r.push(), 0)
	for key, want := range map[string]string{"one": "Task", "two": "Bug", "three": "Tech Debt", "four": ""} {
		if got := r.key("CRM-1/triage/" + key).Type; got != want {
			t.Errorf("%s has the type %q, want %q", key, got, want)
		}
	}
	r.steady()
}

// GitHub takes 100 sub-issues; people's own count, too.
func TestFullParent(t *testing.T) {
	r := settled(t, specs(1, 0))
	c := r.key("CRM-1").Number
	for i := range 98 {
		r.srv.As("mona").SetParent(r.srv.As("mona").OpenIssue(fmt.Sprintf("Own work %d", i), ""), c)
	}
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 3, "")})
	r.must(r.push(), 0)
	res := r.must(r.push(), 0)
	linked := 0
	for i := range 3 {
		ticket := r.key(fmt.Sprintf("CRM-1/triage/extra-%d", i+1))
		if ticket.Parent == c {
			linked++
		} else if body := r.key("CRM-1").Body; !strings.Contains(body, fmt.Sprintf("#%d", ticket.Number)) {
			t.Errorf("#%d is neither linked nor listed", ticket.Number)
		}
	}
	if linked != 1 {
		t.Errorf("%d of 3 are linked, want 1", linked)
	}
	says(t, "the log", res.stdout, "cannot be a sub-issue")
	r.once()
	r.steady()
}
