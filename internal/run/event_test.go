package run_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// issueEvent runs the action for something that happened to an issue.
func (r *repo) issueEvent(action string, n int, more map[string]any) result {
	r.t.Helper()
	i := r.srv.Issue(n)
	labels := []any{}
	for _, l := range i.Labels {
		labels = append(labels, map[string]any{"name": l})
	}
	issue := map[string]any{"number": n, "title": i.Title, "body": i.Body, "labels": labels}
	if i.PullRequest {
		issue["pull_request"] = map[string]any{}
	}
	payload := map[string]any{"action": action, "issue": issue}
	maps.Copy(payload, more)
	name := "issues"
	if _, ok := more["comment"]; ok {
		name = "issue_comment"
	}
	return r.event(name, payload, nil)
}

func TestPushElsewhereOnlyValidates(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	for _, ref := range []string{"refs/heads/feature", "refs/tags/v1", "refs/heads/main/fork"} {
		res := r.must(r.event("push", map[string]any{"ref": ref, "after": r.sha}, map[string]string{"GITHUB_REF": ref}), 0)
		if res.outputs["valid"] != "true" || len(r.srv.Requests()) > 0 {
			t.Errorf("%s: outputs %v\n%s", ref, res.outputs, r.srv.List())
		}
	}
	r.must(r.event("push", map[string]any{"ref": "refs/heads/main", "deleted": true, "after": strings.Repeat("0", 40)}, nil), 0)
	r.must(r.event("merge_group", map[string]any{"merge_group": map[string]any{"head_sha": r.sha}}, map[string]string{"GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-1"}), 0)
	if len(r.srv.Requests()) > 0 {
		t.Errorf("requests\n%s", r.srv.List())
	}
	r.commit(map[string]string{path("CRM-1"): "id: CRM-1\n"})
	r.must(r.event("merge_group", map[string]any{}, map[string]string{"GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-1"}), 1)
	r.must(r.event("push", map[string]any{"ref": "refs/heads/x", "after": r.sha}, map[string]string{"GITHUB_REF": "refs/heads/x"}), 1)
	if len(r.srv.Requests()) > 0 {
		t.Errorf("requests\n%s", r.srv.List())
	}
}

func TestModeApplyElsewhereWritesNothing(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	r.inputs["MODE"] = "apply"
	res := r.must(r.event("push", map[string]any{"ref": "refs/tags/v1", "after": r.sha}, map[string]string{"GITHUB_REF": "refs/tags/v1"}), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "Only what is on main is applied", "nothing was written")
	res = r.must(r.open(map[string]string{path("CRM-2"): spec("CRM-2", 0, "")}).run(), 0)
	says(t, "the summary", res.summary, "what is not merged is never applied")
	for _, w := range r.srv.Writes() {
		if !slices.Equal(w.Creates, []string{"comment"}) {
			t.Errorf("wrote %s", w)
		}
	}
}

func TestOnlyTheNewestHeadIsApplied(t *testing.T) {
	for name, c := range map[string]struct {
		move    func(r *repo) string // gives the new head
		applies bool
	}{
		"head moved on, specs changed": {func(r *repo) string {
			return r.add(r.sha, map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
		}, false},
		"head moved on, a spec came": {func(r *repo) string {
			return r.add(r.sha, map[string]string{path("CRM-1"): r.files[path("CRM-1")], path("CRM-2"): spec("CRM-2", 1, "")})
		}, false},
		"head moved on, config came": {func(r *repo) string {
			return r.add(r.sha, map[string]string{path("CRM-1"): r.files[path("CRM-1")], configFile: "version: 1\n"})
		}, false},
		"head moved on, other files": {func(r *repo) string {
			return r.add(r.sha, map[string]string{path("CRM-1"): r.files[path("CRM-1")], "main.go": "package main\n"})
		}, true},
		"force-pushed": {func(r *repo) string { return r.add("", r.files) }, false},
		"rewound": {func(r *repo) string {
			old := r.sha
			r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 2, "")})
			return old
		}, false},
	} {
		r := newRepo(t, options(), specs(1, 0))
		head := c.move(r)
		if err := r.srv.Seed(fakegithub.Seed{Branches: map[string]string{"main": head}}); err != nil {
			t.Fatal(err)
		}
		res := r.must(r.push(), 0)
		if wrote := len(r.srv.Writes()) > 0; wrote != c.applies {
			t.Errorf("%s: wrote is %v\n%s", name, wrote, res.stdout)
		}
		if !c.applies {
			says(t, name, res.summary, "nothing was written", "Only the newest state of main is applied")
			if res.outputs["created"] != "0" || res.outputs["pending"] == "0" {
				t.Errorf("%s: outputs %v", name, res.outputs)
			}
		}
	}
}

// A run whose commit the server has forgotten (force-pushed away) says so and writes nothing.
func TestForgottenCommitWritesNothing(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	r.checkout(strings.Repeat("ab", 20))
	res := r.must(r.push(), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "nothing was written")
}

func TestOldRunAfterNew(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	old, files := r.sha, map[string]string{path("CRM-1"): r.files[path("CRM-1")]}
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 3, "")})
	r.must(r.push(), 0)
	want := r.dump()
	r.workspace(files)
	r.checkout(old)
	r.srv.ResetJournal()
	r.must(r.event("push", map[string]any{"ref": "refs/heads/main", "after": old}, map[string]string{"GITHUB_SHA": old}), 0)
	r.unwritten()
	if got := r.dump(); got != want {
		t.Error(firstDifference(got, want))
	}
}

func TestForeignEventsCostNothing(t *testing.T) {
	r := settled(t, specs(1, 0))
	n := r.srv.As("mona").OpenIssue("A question", "How does it work?", "question")
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
	r.srv.ResetJournal()
	for _, res := range []result{
		r.issueEvent("opened", n, nil),
		r.issueEvent("labeled", n, map[string]any{"label": map[string]any{"name": "question"}}),
		r.issueEvent("created", n, map[string]any{"comment": map[string]any{"id": 1, "body": "/approve"}}),
		r.issueEvent("created", p.n, map[string]any{"comment": map[string]any{"id": 1, "body": "/approve"}}),
		r.event("label", map[string]any{"action": "edited", "label": map[string]any{"name": "bug"}, "changes": map[string]any{"name": map[string]any{"from": "defect"}}}, nil),
	} {
		if r.must(res, 0); res.outputs["valid"] != "true" {
			t.Errorf("outputs %v", res.outputs)
		}
	}
	if got := len(r.srv.Requests()); got != 0 {
		t.Errorf("%d requests\n%s", got, r.srv.List())
	}
}

func TestDriftIsRestored(t *testing.T) {
	files := map[string]string{
		path("CRM-1"): spec("CRM-1", 1, ""),
		path("CRM-2"): spec("CRM-2", 0, "depends_on: [CRM-1]\n"),
	}
	const ticketKey = "CRM-1/triage/extra-1"
	acts := map[string]func(r *repo, n, capability int){
		"title edited": func(r *repo, n, _ int) { r.srv.As("mona").EditTitle(n, "Mine") },
		"block edited": func(r *repo, n, _ int) {
			r.srv.As("mona").EditBody(n, strings.Replace(r.srv.Issue(n).Body, "- [ ] first", "- [ ] something else\nand more", 1))
		},
		"body emptied": func(r *repo, n, _ int) { r.srv.As("mona").EditBody(n, "") },
		"capability block edited": func(r *repo, _, c int) {
			r.srv.As("mona").EditBody(c, strings.Replace(r.srv.Issue(c).Body, "|", "!", 3))
		},
		"root label removed":        func(r *repo, n, _ int) { r.srv.As("mona").RemoveLabel(n, "ticketfoundry") },
		"managed label removed":     func(r *repo, n, _ int) { r.srv.As("mona").RemoveLabel(n, "stage:triage") },
		"surplus managed label":     func(r *repo, n, _ int) { r.srv.As("mona").AddLabel(n, "stage:build") },
		"capability issue closed":   func(r *repo, _, c int) { r.srv.As("mona").CloseIssue(c) },
		"capability issue dropped":  func(r *repo, _, c int) { r.srv.As("mona").CloseIssueAs(c, "not_planned") },
		"capability issue retitled": func(r *repo, _, c int) { r.srv.As("mona").EditTitle(c, "Mine") },
	}
	for name, act := range acts {
		r := settled(t, files)
		n, c := r.key(ticketKey).Number, r.key("CRM-1").Number
		want := r.dump()
		act(r, n, c)
		if r.dump() == want {
			t.Fatalf("%s: nothing happened", name)
		}
		r.must(r.issueEvent("edited", n, map[string]any{"label": map[string]any{"name": "ticketfoundry"}}), 0)
		got := strings.ReplaceAll(r.dump(), "label stage:build #ededed \n", "")
		if got != want {
			t.Errorf("%s: not restored\n%s", name, firstDifference(got, want))
		}
		r.steady()
	}
}

func TestDriftIsRestoredBySchedule(t *testing.T) {
	for _, name := range []string{"schedule", "workflow_dispatch", "repository_dispatch"} {
		r := settled(t, specs(2, 1))
		want := r.dump()
		r.srv.As("mona").EditTitle(r.key("CRM-1/triage/extra-1").Number, "Mine")
		res := r.must(r.event(name, map[string]any{}, nil), 0)
		if got := r.dump(); got != want || res.outputs["updated"] != "1" {
			t.Errorf("%s: outputs %v\n%s", name, res.outputs, firstDifference(got, want))
		}
	}
}

func TestManagedLabelsComeBack(t *testing.T) {
	r := settled(t, specs(2, 2))
	mona := r.srv.As("mona")
	want := r.dump()
	mona.RenameLabel("stage:triage", "triage")
	r.srv.ResetJournal()
	res := r.must(r.event("label", map[string]any{"action": "edited", "label": map[string]any{"name": "triage"}, "changes": map[string]any{"name": map[string]any{"from": "stage:triage"}}}, nil), 0)
	if got := r.dump(); got != want {
		t.Errorf("renamed: %s", firstDifference(got, want))
	}
	if n := len(r.srv.Writes()); n != 1 {
		t.Errorf("renaming back took %d writes\n%s", n, r.srv.List())
	}
	says(t, "the log", res.stdout, `"stage:triage" was renamed to "triage"`)

	r.srv.As("octocat").DeleteLabel("stage:triage")
	r.must(r.event("label", map[string]any{"action": "deleted", "label": map[string]any{"name": "stage:triage"}}, nil), 0)
	if got := r.dump(); got != want {
		t.Errorf("deleted: %s", firstDifference(got, want))
	}
	r.steady()
}

func TestUnknownEventsOnlyValidate(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	res := r.must(r.event("watch", map[string]any{}, nil), 0)
	if len(r.srv.Requests()) > 0 || res.outputs["valid"] != "true" {
		t.Errorf("outputs %v\n%s", res.outputs, r.srv.List())
	}
	says(t, "the log", res.stdout, "watch")
}

func TestWrongInputsStopTheRun(t *testing.T) {
	for name, value := range map[string]string{"MODE": "aply", "MAX-WRITES": "many", "CONFIG": "/etc/passwd", "FAIL-ON": "warnings"} {
		r := newRepo(t, options(), specs(1, 0))
		r.inputs[name] = value
		res := r.must(r.push(), 2)
		if got := marks(res.stdout, "error"); len(got) == 0 || !strings.Contains(got[0], strings.ToLower(name)) {
			t.Errorf("%s=%s: annotations %q", name, value, got)
		}
		if len(r.srv.Requests()) > 0 {
			t.Errorf("%s=%s: requests", name, value)
		}
	}
}

func TestModeChoosesHowFarARunGoes(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	r.inputs["MODE"] = "validate"
	if r.must(r.push(), 0); len(r.srv.Requests()) > 0 {
		t.Errorf("validating made requests\n%s", r.srv.List())
	}
	r.inputs["MODE"] = "plan"
	res := r.must(r.push(), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "Opens 1 ticket")
	if res.outputs["pending"] != "2" || res.outputs["created"] != "0" {
		t.Errorf("outputs %v", res.outputs)
	}
	r.inputs["MODE"] = "validate"
	p := r.open(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
	r.must(p.run(), 0)
	r.unwritten()
}
