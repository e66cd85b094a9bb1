package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// inbox is a repository with one capability and one component, and somebody's bug.
func inbox(t *testing.T, title, body string, labels ...string) (*repo, int) {
	t.Helper()
	files := specs(1, 0)
	files[configFile] = "version: 1\nbugs: {components: [auth-service]}\n"
	r := settled(t, files)
	n := r.srv.As("mona").OpenIssue(title, body, labels...)
	r.srv.ResetJournal()
	return r, n
}

// costs fails unless so many requests were sent, so many of them writes, and forgets them.
func (r *repo) costs(requests, writes int) {
	r.t.Helper()
	if got, wrote := len(r.srv.Requests()), len(r.srv.Writes()); got > requests || wrote != writes {
		r.t.Errorf("%d requests, at most %d wanted; %d writes, %d wanted\n%s", got, requests, wrote, writes, r.srv.List())
	}
	r.srv.ResetJournal()
}

func TestBugThatNamesNothing(t *testing.T) {
	r, n := inbox(t, "It broke", "Boom.", "bug")
	r.must(r.issueEvent("opened", n, nil), 0)
	i := r.srv.Issue(n)
	if !slices.Contains(i.Labels, "needs-context") || slices.Contains(i.Labels, "ticketfoundry") || len(i.Comments) != 1 || i.Parent != 0 {
		t.Fatalf("labels %v, %d comments", i.Labels, len(i.Comments))
	}
	golden(t, "bug.md", i.Comments[0].Body+"\n")
	at := slices.IndexFunc(r.srv.Labels(), func(l fakegithub.Label) bool { return l.Name == "needs-context" })
	if l := r.srv.Labels()[at]; l.Colour != "fbca04" || l.Description == "" {
		t.Errorf("the label is %+v", l)
	}
	r.costs(9, 3)
	for _, res := range []result{
		r.issueEvent("labeled", n, map[string]any{"label": map[string]any{"name": "needs-context"}}),
		r.issueEvent("edited", n, nil),
		r.issueEvent("created", n, map[string]any{"comment": map[string]any{"id": 9, "body": "Why?"}}),
	} {
		r.must(res, 0)
		r.unwritten()
	}
	r.srv.ResetJournal()

	r.srv.As("mona").RemoveLabel(n, "needs-context")
	r.must(r.issueEvent("unlabeled", n, map[string]any{"label": map[string]any{"name": "needs-context"}}), 0)
	if i := r.srv.Issue(n); !slices.Contains(i.Labels, "needs-context") || len(i.Comments) != 1 {
		t.Errorf("labels %v, %d comments", i.Labels, len(i.Comments))
	}
	r.costs(6, 1)

	r.srv.As("mona").EditBody(n, "Boom in the Auth-Service.")
	r.must(r.issueEvent("edited", n, nil), 0)
	if i := r.srv.Issue(n); slices.Contains(i.Labels, "needs-context") || len(i.Comments) != 1 {
		t.Errorf("labels %v, %d comments", i.Labels, len(i.Comments))
	}
	r.costs(5, 1)
	r.must(r.issueEvent("edited", n, nil), 0)
	r.costs(4, 0)
}

func TestBugThatNamesWhatItIsAbout(t *testing.T) {
	for name, c := range map[string]struct{ title, body, label string }{
		"title":     {"CRM-1 broke", "", ""},
		"text":      {"It broke", "In CRM-1, since yesterday", ""},
		"component": {"It broke", "### Capability or component\n\nauth-service", ""},
		"label":     {"It broke", "", "capability:CRM-1"},
	} {
		r, n := inbox(t, c.title, c.body, "hotfix")
		if c.label != "" {
			r.srv.As("mona").AddLabel(n, c.label)
		}
		r.must(r.issueEvent("opened", n, nil), 0)
		if i := r.srv.Issue(n); len(i.Comments) != 0 || slices.Contains(i.Labels, "needs-context") {
			t.Errorf("%s: labels %v, %d comments", name, i.Labels, len(i.Comments))
		}
		r.costs(4, 0)
	}
}

// What is done follows from the issue as it is, not from the payload, which may be old.
func TestBugIsReadLive(t *testing.T) {
	r, n := inbox(t, "It broke", "", "bug")
	old := map[string]any{"issue": map[string]any{"number": n, "title": "It broke", "labels": []any{map[string]any{"name": "bug"}}}}
	r.srv.As("mona").EditTitle(n, "CRM-1 broke")
	r.must(r.issueEvent("opened", n, old), 0)
	r.unwritten()
	r.srv.As("mona").EditTitle(n, "It broke")
	r.srv.As("mona").CloseIssue(n)
	r.must(r.issueEvent("opened", n, old), 0)
	r.unwritten()
	r.srv.As("octocat").DeleteIssue(n)
	r.must(r.event("issues", map[string]any{"action": "edited", "issue": old["issue"]}, nil), 0)
	r.unwritten()
}

func TestForeignIssueCostsNothing(t *testing.T) {
	r, n := inbox(t, "A wish", "More of it.", "enhancement")
	for _, action := range []string{"opened", "edited", "labeled", "reopened"} {
		r.must(r.issueEvent(action, n, nil), 0)
	}
	r.must(r.issueEvent("created", n, map[string]any{"comment": map[string]any{"id": 9, "body": "CRM-1"}}), 0)
	r.costs(0, 0)
}

// The label goes when the issue is no bug any more, but only if it was ours.
func TestNeedsContextOfOthersStays(t *testing.T) {
	r, n := inbox(t, "It broke", "", "bug")
	r.must(r.issueEvent("opened", n, nil), 0)
	r.srv.As("mona").RemoveLabel(n, "bug")
	r.must(r.issueEvent("unlabeled", n, map[string]any{"label": map[string]any{"name": "bug"}}), 0)
	if i := r.srv.Issue(n); slices.Contains(i.Labels, "needs-context") {
		t.Errorf("labels %v", i.Labels)
	}
	other := r.srv.As("mona").OpenIssue("A wish", "", "needs-context")
	r.srv.As("reader").Comment(other, "<!-- ticketfoundry:note needs-context -->")
	r.srv.ResetJournal()
	r.must(r.issueEvent("labeled", other, map[string]any{"label": map[string]any{"name": "needs-context"}}), 0)
	r.unwritten()
}

// A full sweep asks about every bug that no event was seen of, but not about hundreds at once.
func TestSweepOfBugs(t *testing.T) {
	r, n := inbox(t, "It broke", "", "bug")
	for i := range 24 {
		r.srv.As("reader").OpenForm(fmt.Sprintf("Broken too %d", i), "", "hotfix")
	}
	named := r.srv.As("mona").OpenIssue("CRM-1 broke", "", "bug", "needs-context")
	closed := r.srv.As("mona").OpenIssue("Broke long ago", "", "bug")
	r.srv.As("mona").CloseIssue(closed)
	asked := func() (n int) {
		for _, i := range r.live() {
			if slices.Contains(i.Labels, "needs-context") && len(i.Comments) == 1 {
				n++
			}
		}
		return n
	}
	res := r.must(r.event("schedule", map[string]any{}, nil), 0)
	says(t, "the summary", res.summary, "25 bugs name neither", "20 were asked now", "1 of the bugs need no more context")
	if !strings.Contains(r.srv.List(), "labels=bug&per_page=100&sort=created&state=open") {
		t.Errorf("bugs are listed with the closed ones\n%s", r.srv.List())
	}
	if got := asked(); got != 20 || slices.Contains(r.srv.Issue(named).Labels, "needs-context") || len(r.srv.Issue(closed).Comments) > 0 || len(r.srv.Issue(n).Comments) != 1 {
		t.Errorf("%d were asked", got)
	}
	r.must(r.event("workflow_dispatch", map[string]any{}, nil), 0)
	if got := asked(); got != 25 {
		t.Errorf("%d were asked", got)
	}
	before := r.dump()
	r.srv.ResetJournal()
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	if r.unwritten(); r.dump() != before {
		t.Error("the third sweep changed something")
	}
}

// A run cut between the question and the label does not ask twice.
func TestQuestionIsAskedOnce(t *testing.T) {
	r, n := inbox(t, "It broke", "", "bug")
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if q.Method == "POST" && strings.HasSuffix(q.Path, "/labels") && strings.Contains(q.Path, "/issues/") {
			return fakegithub.Refuse(403, "Resource not accessible by integration")
		}
		return nil
	})
	r.must(r.issueEvent("opened", n, nil), 2)
	r.srv.Fault(nil)
	r.must(r.issueEvent("edited", n, nil), 0)
	if i := r.srv.Issue(n); len(i.Comments) != 1 || !slices.Contains(i.Labels, "needs-context") {
		t.Errorf("labels %v, %d comments", i.Labels, len(i.Comments))
	}
}

// While nobody knows all capabilities, or the config is broken, no bug is judged.
func TestBugsAreNotJudgedInTheDark(t *testing.T) {
	for name, change := range map[string]map[string]string{
		"unreadable spec": {path("CRM-1"): "id: [\n"},
		"broken config":   {configFile: "version: 1\nbugs: {lables: [x]}\n"},
	} {
		r, n := inbox(t, "It broke", "", "bug")
		r.commit(change)
		r.srv.ResetJournal()
		r.must(r.issueEvent("opened", n, nil), 0)
		if len(r.srv.Writes()) > 0 {
			t.Errorf("%s\n%s", name, r.srv.List())
		}
	}
}
