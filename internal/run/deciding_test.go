package run_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// undecided has a capability whose spec waits for approval, in a repository where the labels to
// decide by were there before. It gives the number of the approval ticket.
func undecided(t *testing.T) (*repo, int) {
	t.Helper()
	r := settled(t, map[string]string{configFile: startAnywhere, path("CRM-9"): spec("CRM-9", 0, "")})
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 0, "start_stage: spec-approval\nuser: Somebody.\nsuccess_criteria: [It works]\nscope: {in: [All]}\nlegal: None.\n")})
	r.must(r.push(), 0)
	return r, r.key("CRM-1/spec-approval/approve-spec").Number
}

// label runs the action for a change of a label.
func (r *repo) label(action, name, was string) result {
	r.t.Helper()
	payload := map[string]any{"action": action, "label": map[string]any{"name": name}}
	if was != "" {
		payload["changes"] = map[string]any{"name": map[string]any{"from": was}}
	}
	return r.event("label", payload, nil)
}

func (r *repo) labels() []string {
	var out []string
	for _, l := range r.srv.Labels() {
		out = append(out, l.Name)
	}
	return out
}

// decided tells whether the record says so, by whom.
func (r *repo) decided() string {
	for _, c := range r.titled("CRM-1: ").Comments {
		if _, after, ok := strings.Cut(c.Body, "- "); ok && strings.Contains(c.Body, "**approved**") {
			who, _, _ := strings.Cut(after, " **")
			return who
		}
	}
	return ""
}

func TestLabelsToDecideByAreThere(t *testing.T) {
	r := settled(t, specs(1, 0))
	for _, want := range []string{"approved #0e8a16", "rejected #b60205"} {
		if !slices.ContainsFunc(r.srv.Labels(), func(l fakegithub.Label) bool { return l.Name+" #"+l.Colour == want && l.Description != "" }) {
			t.Errorf("%s is missing in %v", want, r.srv.Labels())
		}
	}
	r.srv.As("octocat").DeleteLabel("approved")
	r.must(r.label("deleted", "approved", ""), 0)
	if !slices.Contains(r.labels(), "approved") {
		t.Error("a label to decide by was deleted and did not come back")
	}
	r.steady()
}

func TestLabelRenamedAwayIsRenamedBack(t *testing.T) {
	r, n := undecided(t)
	r.srv.As("octocat").AddLabel(n, "approved")
	r.srv.As("mona").RenameLabel("approved", "done")
	r.must(r.label("edited", "done", "approved"), 0)
	if got := r.labels(); slices.Contains(got, "done") || !slices.Contains(got, "approved") {
		t.Errorf("labels %v", got)
	}
	if got := r.decided(); got != "`octocat`" {
		t.Errorf("the approval is of %q: it was never taken back", got)
	}
}

// A label renamed into approved never becomes an approval, whatever the log holds.
func TestLabelRenamedIntoApproved(t *testing.T) {
	for name, c := range map[string]struct {
		act   func(r *repo, n int)
		quiet bool // there is nothing to explain
	}{
		"no decision was ever made": {func(r *repo, n int) {
			r.srv.As("octocat").AddLabel(n, "lgtm")
			r.srv.As("mona").RenameLabel("approved", "old")
			r.srv.As("mona").RenameLabel("lgtm", "approved")
		}, true},
		"a decision taken back under another name": {func(r *repo, n int) {
			r.srv.As("octocat").AddLabel(n, "approved")
			r.srv.As("mona").RenameLabel("approved", "old")
			r.srv.As("octocat").RemoveLabel(n, "old")
			r.srv.As("mona").AddLabel(n, "lgtm")
			r.srv.As("mona").RenameLabel("lgtm", "approved")
		}, true},
		"the same label back in place by another's hand": {func(r *repo, n int) {
			r.srv.As("octocat").AddLabel(n, "approved")
			r.srv.As("mona").RenameLabel("approved", "old")
			r.srv.As("octocat").RemoveLabel(n, "old")
			r.srv.As("mona").AddLabel(n, "old")
			r.srv.As("mona").RenameLabel("old", "approved")
		}, true},
		"a log made to look whole": {func(r *repo, n int) {
			r.srv.As("mona").AddLabel(n, "old")
			r.srv.As("mona").RenameLabel("old", "older")
			r.srv.As("octocat").AddLabel(n, "approved")
			r.srv.As("mona").RenameLabel("approved", "old")
			r.srv.As("octocat").RemoveLabel(n, "old")
			r.srv.As("mona").AddLabel(n, "lgtm")
			r.srv.As("mona").RenameLabel("lgtm", "approved")
		}, false},
		"deleted and made anew": {func(r *repo, n int) {
			r.srv.As("octocat").AddLabel(n, "approved")
			r.srv.As("octocat").DeleteLabel("approved")
			r.srv.As("mona").AddLabel(n, "lgtm")
			r.srv.As("mona").RenameLabel("lgtm", "approved")
		}, true},
	} {
		r, n := undecided(t)
		r.srv.As("mona").CreateLabel("lgtm", "ededed", "")
		c.act(r, n)
		if !slices.Contains(r.srv.Issue(n).Labels, "approved") {
			t.Fatalf("%s: the trick did not work: %v", name, r.srv.Issue(n).Labels)
		}
		for range 2 {
			r.must(r.issueEvent("labeled", n, map[string]any{"label": map[string]any{"name": "approved"}}), 0)
			r.must(r.push(), 0)
		}
		i := r.srv.Issue(n)
		if got := r.decided(); got != "" || i.State != "open" {
			t.Errorf("%s: wrongly approved by %s", name, got)
		}
		if want := map[bool]int{true: 0, false: 1}[c.quiet]; len(i.Comments) != want {
			t.Errorf("%s: %d comments", name, len(i.Comments))
		}
		if !c.quiet {
			says(t, name, i.Comments[0].Body, "is not the one it was", "set it again")
			r.clock.Advance(1e10)
			r.srv.As("octocat").AddLabel(n, "approved")
			r.must(r.issueEvent("labeled", n, map[string]any{"label": map[string]any{"name": "approved"}}), 0)
			if got := r.decided(); got != "`octocat`" {
				t.Errorf("%s: set again, and approved by %q", name, got)
			}
		}
	}
}
