package run_test

import (
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

const cost = "cogs: {currency: USD, drivers: [{name: Calls, kind: api_calls, unit: call, unit_cost: \"0.01\", quantity: 5000}]}\n"

// settled is a repository whose specs are applied, and whose journal is empty.
func settled(t testing.TB, files map[string]string) *repo {
	r := newRepo(t, options(), files)
	r.must(r.push(), 0)
	r.srv.ResetJournal()
	return r
}

func TestPullRequestWithABrokenSpec(t *testing.T) {
	r := settled(t, specs(2, 0))
	broken := strings.Replace(spec("CRM-1", 0, ""), "title: Capability", "titel: Capability", 1)
	p := r.open(map[string]string{path("CRM-1"): broken})
	before := r.srv.Dump()
	res := r.must(p.run(), 1)
	if got := marks(res.stdout, "error"); len(got) != 1 || !strings.HasPrefix(got[0], "capabilities/CRM-1.yml:2:1 ") || !strings.Contains(got[0], "title") {
		t.Errorf("annotations %q", got)
	}
	if res.outputs["valid"] != "false" || res.outputs["errors"] != "1" {
		t.Errorf("outputs %v", res.outputs)
	}
	if got := p.comments(); len(got) != 1 || !strings.Contains(got[0].Body, "titel") {
		t.Errorf("comments %+v", got)
	}
	says(t, "the summary", res.summary, "titel", "capabilities/CRM-1.yml", "Left alone")
	if w := r.srv.Writes(); len(w) != 1 || w[0].Creates[0] != "comment" {
		t.Errorf("other writes than the comment\n%s", r.srv.List())
	}
	if after, _, _ := strings.Cut(r.srv.Dump(), "  comment by"); !strings.HasPrefix(before, after) {
		t.Error("something else changed")
	}
	p.r.must(p.run(), 1)
	if got := p.comments(); len(got) != 1 || got[0].Edits != 0 {
		t.Errorf("the second run touched the comment: %+v", got)
	}
}

func TestPullRequestWithAGoodSpec(t *testing.T) {
	r := settled(t, specs(1, 0))
	p := r.open(map[string]string{path("CRM-2"): spec("CRM-2", 2, cost)})
	foreign := r.srv.As("mona").Comment(p.n, "<!-- ticketfoundry:sticky -->\nmine")
	res := r.must(p.run(), 0)
	got := p.comments()
	if len(got) != 2 || got[0].ID != foreign || got[0].Edits != 0 || got[1].Author != fakegithub.BotLogin {
		t.Fatalf("comments %+v", got)
	}
	says(t, "the comment", got[1].Body, "Opens 3 tickets", "capability issue", "50", "CRM-2", "Extra ticket 1")
	says(t, "the summary", res.summary, "Opens 3 tickets", "50")
	if res.outputs["valid"] != "true" || res.outputs["pending"] != "4" || res.outputs["cogs-delta"] == "" {
		t.Errorf("outputs %v", res.outputs)
	}
	if n := len(r.srv.Requests()); n > 9 {
		t.Errorf("%d requests\n%s", n, r.srv.List())
	}
	r.srv.ResetJournal()
	r.must(p.run(), 0)
	r.unwritten()

	p.merge, p.head = r.merge(map[string]string{path("CRM-2"): spec("CRM-2", 3, cost)})
	r.must(p.run(), 0)
	edited := p.comments()
	if len(edited) != 2 || edited[1].ID != got[1].ID || !strings.Contains(edited[1].Body, "Opens 4 tickets") {
		t.Errorf("the comment was not edited: %+v", edited)
	}
	p.merge, p.head = r.merge(map[string]string{"README.md": "no capability any more"})
	r.must(p.run(), 0)
	if last := p.comments(); len(last) != 2 || strings.Contains(last[1].Body, "Opens") {
		t.Errorf("the comment still shows the plan: %+v", last)
	}
}

func TestPullRequestWithoutCapabilities(t *testing.T) {
	r := settled(t, specs(1, 0))
	p := r.open(map[string]string{"main.go": "package main\n"})
	res := r.must(p.run(), 0)
	r.unwritten()
	if len(p.comments()) != 0 || res.outputs["valid"] != "true" || res.outputs["pending"] != "0" {
		t.Errorf("comments %+v, outputs %v", p.comments(), res.outputs)
	}
	if n := len(r.srv.Requests()); n > 6 {
		t.Errorf("%d requests\n%s", n, r.srv.List())
	}
}

func TestPullRequestShowsRemovedAndRenamedFiles(t *testing.T) {
	r := settled(t, specs(3, 0))
	p := r.open(map[string]string{path("CRM-1"): ""})
	r.must(p.run(), 0)
	says(t, "the comment", p.comments()[0].Body, "Closes 2 issues", "its spec file was removed", "CRM-1")

	p = r.open(map[string]string{path("CRM-2"): "", "capabilities/sales/CRM-2.yml": spec("CRM-2", 0, "")})
	res := r.must(p.run(), 0)
	silent(t, "the comment", p.comments()[0].Body, "Closes", "closes", "Opens")
	if res.outputs["errors"] != "0" {
		t.Errorf("outputs %v", res.outputs)
	}

	p = r.open(map[string]string{path("CRM-2"): strings.Replace(spec("CRM-2", 0, ""), "id: CRM-2", "id: CRM-9", 1)})
	res = p.run()
	says(t, "the run", res.stdout, "CRM-2", "CRM-9")
}

func TestForkPullRequestWritesNothing(t *testing.T) {
	r := settled(t, specs(1, 0))
	p := r.open(map[string]string{path("CRM-2"): spec("CRM-2", 1, "")})
	p.fork = true
	res := r.must(p.run(), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "Opens 2 tickets", "comes from a fork")

	r.srv.AddToken(fakegithub.Token{Value: "ghs_fork", Login: fakegithub.BotLogin, App: true, Issues: "read", Contents: "read", Pulls: "read"})
	r.srv.ResetJournal()
	res = r.must(r.event("pull_request", p.payload(), map[string]string{"INPUT_TOKEN": "ghs_fork", "GITHUB_SHA": p.merge, "GITHUB_REF": "refs/pull/1/merge"}), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "Opens 2 tickets")
}

func TestPullRequestWithoutTheRightToComment(t *testing.T) {
	r := settled(t, specs(1, 0))
	r.srv.AddToken(fakegithub.Token{Value: "ghs_read", Login: fakegithub.BotLogin, App: true, Issues: "read", Contents: "read", Pulls: "read"})
	r.inputs["TOKEN"] = "ghs_read"
	for text, code := range map[string]int{spec("CRM-2", 1, ""): 0, "id: CRM-2\n": 1} {
		p := r.open(map[string]string{path("CRM-2"): text})
		res := r.must(p.run(), code)
		says(t, "the summary", res.summary, "No comment was written", "write")
		if len(p.comments()) > 0 {
			t.Errorf("comments %+v", p.comments())
		}
	}
}

func TestCommentCanBeSwitchedOff(t *testing.T) {
	r := settled(t, specs(1, 0))
	r.inputs["COMMENT"] = "false"
	res := r.must(r.open(map[string]string{path("CRM-2"): spec("CRM-2", 1, "")}).run(), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "Opens 2 tickets")
}

// A pull request cannot loosen what judges it.
func TestTheBaseJudges(t *testing.T) {
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, ""), configFile: "version: 1\n"})
	p := r.open(map[string]string{
		path("CRM-2"): spec("CRM-2", 0, "start_stage: build\n"),
		configFile:    "version: 1\npipeline: {allow_start_stage: true}\ntrusted_writers: [mona]\n",
	})
	forged := strings.ReplaceAll(r.titled("CRM-1: ").Body, "CRM-1", "CRM-2")
	r.srv.As("reader").OpenIssue("CRM-2: Capability CRM-2", forged)
	r.must(p.run(), 0)
	says(t, "the comment", p.comments()[0].Body, "Triage")
	silent(t, "the comment", p.comments()[0].Body, "Implement", "[Build]")

	p = r.open(map[string]string{configFile: "version: 1\ncogs: {polices: {}}\n"})
	res := r.must(p.run(), 1)
	if got := marks(res.stdout, "error"); len(got) != 1 || !strings.HasPrefix(got[0], configFile+":2:8 ") {
		t.Errorf("annotations %q", got)
	}
}

// The payload's base may be older than the merge: its first parent is what counts.
func TestBaseIsTheFirstParentOfTheMerge(t *testing.T) {
	r := settled(t, specs(1, 0))
	old := r.sha
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 0, cost)})
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 1, cost)})
	payload := p.payload()
	payload["pull_request"].(map[string]any)["base"].(map[string]any)["sha"] = old
	res := r.must(r.event("pull_request", payload, map[string]string{"GITHUB_SHA": p.merge, "GITHUB_REF": "refs/pull/1/merge"}), 0)
	if res.outputs["cogs-delta"] != "" {
		t.Errorf("the cost is the same on both sides; outputs %v", res.outputs)
	}
	silent(t, "the comment", p.comments()[0].Body, "### Cost")
}

func TestPullRequestTargetIsRefused(t *testing.T) {
	r := settled(t, specs(1, 0))
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
	for _, name := range []string{"pull_request_target", "workflow_run"} {
		res := r.must(r.event(name, p.payload(), nil), 2)
		if len(r.srv.Requests()) > 0 || res.outputs["valid"] != "false" {
			t.Errorf("%s: outputs %v\n%s", name, res.outputs, r.srv.List())
		}
		says(t, "the log", res.stdout, "use pull_request")
	}
}

func TestPullRequestWhereIssuesAreDisabled(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
	r.srv.DisableIssues(true)
	res := r.must(p.run(), 0)
	says(t, "the summary", res.summary, "Issues are disabled")
}

// A pull request that changes no capability says whether it changes what all tickets look like.
func TestPullRequestOfSettings(t *testing.T) {
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, "")})
	for file, text := range map[string]string{configFile: "version: 1\n", ".github/ticketfoundry/templates/triage.md.tmpl": "Decide.\n"} {
		says(t, file, r.must(r.open(map[string]string{file: text}).run(), 0).summary, "No capability is changed here; the settings are")
	}
	says(t, "code", r.must(r.open(map[string]string{"main.go": "package main\n"}).run(), 0).summary, "Nothing to do: no capability is changed here")
	says(t, "an error", r.must(r.open(map[string]string{path("CRM-1"): spec("CRM-1", 0, "bogus: 1\n")}).run(), 1).summary, "Nothing is planned: what could be has errors in its file")
}
