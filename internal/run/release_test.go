package run_test

import (
	"strings"
	"testing"
)

const startAnywhere = "version: 1\npipeline: {allow_start_stage: true}\n"

// publish runs the action for a published release.
func (r *repo) publish(id int, tag string, more map[string]any) result {
	r.t.Helper()
	release := map[string]any{"id": id, "tag_name": tag, "name": tag, "published_at": "2026-03-02T09:00:00Z"}
	payload := map[string]any{"action": "published", "release": release}
	for k, v := range more {
		if k == "action" {
			payload[k] = v
		} else {
			release[k] = v
		}
	}
	return r.event("release", payload, map[string]string{"GITHUB_REF": "refs/tags/" + tag})
}

// building has a capability in build with release notes for CRM 2.4, one for another version,
// and one that has not got that far.
func building(t *testing.T) *repo {
	t.Helper()
	return settled(t, map[string]string{
		configFile:    startAnywhere,
		path("CRM-1"): spec("CRM-1", 0, "start_stage: build\nacceptance_criteria: [It works]\nrelease: {version: \"2.4\", notes: Faster., docs: [docs/scores.md]}\n"),
		path("CRM-2"): spec("CRM-2", 0, "start_stage: build\nrelease: {version: \"2.5\"}\n"),
		path("CRM-3"): spec("CRM-3", 0, "release: {version: \"2.4\"}\n"),
		path("PAY-1"): spec("PAY-1", 0, "start_stage: build\nrelease: {version: \"2.4\"}\n"),
	})
}

func (r *repo) notes(id string) (n int, state string) {
	r.t.Helper()
	for _, i := range r.srv.Issues() {
		if strings.Contains(i.Body, id+"/release/release-notes") && !strings.Contains(i.Title, id+":") {
			return i.Number, i.State
		}
	}
	r.t.Fatalf("%s has no release notes", id)
	return 0, ""
}

func TestReleaseFinishesTheNotes(t *testing.T) {
	r := building(t)
	res := r.must(r.publish(77, "CRM-v2.4", nil), 0)
	n, state := r.notes("CRM-1")
	i := r.srv.Issue(n)
	if state != "closed" || i.StateReason != "completed" || len(i.Comments) != 1 {
		t.Fatalf("the notes are %s (%s) with %d comments\n%s", state, i.StateReason, len(i.Comments), res.stdout)
	}
	for _, other := range []string{"CRM-2", "PAY-1"} {
		if _, state := r.notes(other); state != "open" {
			t.Errorf("the notes of %s are %s", other, state)
		}
	}
	var b strings.Builder
	b.WriteString("The notes:\n\n" + i.Comments[0].Body + "\n")
	for _, id := range []string{"CRM-1", "CRM-3"} {
		for _, c := range r.titled(id + ": ").Comments {
			text, _, _ := strings.Cut(c.Body, "<!-- ticketfoundry:record")
			if !strings.Contains(text, "CRM-v2.4") {
				continue // how it began
			}
			b.WriteString("\n=== " + id + "\n\n" + strings.TrimSpace(text) + "\n")
		}
	}
	golden(t, "release.md", b.String())
	says(t, "the summary", res.summary, "The release CRM-v2.4 is of CRM-1, CRM-3; it approves nothing", "CRM-1 was not ready for it", "CRM-3 was not ready")
	if n := len(r.srv.Requests()); n > 22 {
		t.Errorf("%d requests\n%s", n, r.srv.List())
	}
	r.still(func() { r.must(r.publish(77, "CRM-v2.4", nil), 0) })
	r.still(func() { r.must(r.push(), 0) })

	// People have the last word: what they open again stays open, whatever event comes twice.
	r.srv.As("mona").ReopenIssue(n)
	r.must(r.publish(77, "CRM-v2.4", nil), 0)
	r.must(r.push(), 0)
	if _, state := r.notes("CRM-1"); state != "open" || len(r.srv.Issue(n).Comments) != 1 {
		t.Errorf("the notes are %s with %d comments", state, len(r.srv.Issue(n).Comments))
	}
}

// still fails if the runs change anything.
func (r *repo) still(runs func()) {
	r.t.Helper()
	before := r.dump()
	runs()
	if after := r.dump(); after != before {
		r.t.Errorf("something changed: %s", firstDifference(after, before))
	}
}

func TestReleasesThatFinishNothing(t *testing.T) {
	r := building(t)
	for name, res := range map[string]result{
		"a draft":         r.publish(1, "CRM-v2.4", map[string]any{"draft": true}),
		"only edited":     r.publish(2, "CRM-v2.4", map[string]any{"action": "edited"}),
		"another version": r.publish(3, "CRM-v2.40", nil),
		"another product": r.publish(4, "ERP-v2.4", nil),
		"a prerelease":    r.publish(5, "CRM-v2.4-rc1", map[string]any{"prerelease": true}),
		"no pattern":      r.publish(6, "v2.4", nil),
	} {
		if r.must(res, 0); res.outputs["valid"] != "true" {
			t.Errorf("%s: outputs %v", name, res.outputs)
		}
	}
	r.costs(0, 0)
}

// A release of an older state of the specs is not judged by that state.
func TestReleaseOfAnOldCommit(t *testing.T) {
	r := building(t)
	old := r.sha
	r.commit(map[string]string{path("CRM-1"): strings.Replace(r.files[path("CRM-1")], "2.4", "2.6", 1)})
	r.checkout(old)
	res := r.must(r.publish(7, "CRM-v2.4", nil), 0)
	r.unwritten()
	says(t, "the summary", res.summary, "nothing was written", "check out main")
}
