package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

func TestATicketThatPeopleMovedStays(t *testing.T) {
	r := settled(t, specs(2, 1))
	n := r.key("CRM-1/triage/extra-1").Number
	epic := r.srv.As("mona").OpenIssue("Our epic", "")
	r.srv.As("mona").SetParent(n, epic)
	res := r.must(r.push(), 0)
	if got := r.srv.Issue(n).Parent; got != epic {
		t.Errorf("its parent is #%d, want #%d", got, epic)
	}
	says(t, "the log", res.stdout, fmt.Sprintf("#%d", n), fmt.Sprintf("moved it under #%d", epic))
	r.steady()
}

func TestParentAndDependencyLinksComeBack(t *testing.T) {
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 1, ""), path("CRM-2"): spec("CRM-2", 0, "depends_on: [CRM-1]\n")})
	want := r.dump()
	child, c1, c2 := r.key("CRM-1/triage/extra-1"), r.key("CRM-1"), r.key("CRM-2")
	rest := client(r)
	rest("DELETE", fmt.Sprintf("/repos/octo-org/crm/issues/%d/sub_issue", c1.Number), fmt.Sprintf(`{"sub_issue_id":%d}`, child.ID))
	rest("DELETE", fmt.Sprintf("/repos/octo-org/crm/issues/%d/dependencies/blocked_by/%d", c2.Number, c1.ID), "")
	if r.dump() == want {
		t.Fatal("nothing was unlinked")
	}
	r.must(r.push(), 0)
	if got := r.dump(); got != want {
		t.Error(firstDifference(got, want))
	}
	r.steady()
}

// commented gives the texts of the comments on an issue.
func (r *repo) commented(n int) (texts []string) {
	for _, c := range r.srv.Issue(n).Comments {
		texts = append(texts, c.Body)
	}
	return texts
}

func TestCancelAndReturn(t *testing.T) {
	for name, out := range map[string]string{"cancelled": spec("CRM-1", 2, "status: cancelled\n"), "removed": ""} {
		r := settled(t, specs(2, 2))
		done, dropped := r.key("CRM-1/triage/extra-1").Number, r.key("CRM-1/triage/extra-2").Number
		c := r.key("CRM-1").Number
		r.srv.As("mona").CloseIssue(done)
		r.commit(map[string]string{path("CRM-1"): out})
		r.must(r.push(), 0)
		if i := r.srv.Issue(dropped); i.State != "closed" || i.StateReason != "not_planned" {
			t.Errorf("%s: #%d is %s, %s", name, dropped, i.State, i.StateReason)
		}
		if i := r.srv.Issue(done); i.StateReason != "completed" {
			t.Errorf("%s: the finished ticket is %s", name, i.StateReason)
		}
		if i := r.srv.Issue(c); i.State != "closed" || len(i.Comments) != 1 {
			t.Errorf("%s: the capability issue is %s with %d comments", name, i.State, len(i.Comments))
		}
		r.steady()
		r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 2, "")})
		r.must(r.push(), 0)
		for n, want := range map[int]string{done: "closed", dropped: "open", c: "open"} {
			if got := r.srv.Issue(n).State; got != want {
				t.Errorf("%s, then back: #%d is %s, want %s", name, n, got, want)
			}
		}
		r.once()
		r.steady()
	}
}

func TestKeyLeavesAndReturns(t *testing.T) {
	r := settled(t, specs(1, 3))
	kept, left, theirs := r.key("CRM-1/triage/extra-1").Number, r.key("CRM-1/triage/extra-2").Number, r.key("CRM-1/triage/extra-3").Number
	r.srv.As("mona").CloseIssueAs(theirs, "not_planned")
	r.must(r.push(), 0)
	body := r.srv.Issue(left).Body
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
	r.must(r.push(), 0)
	i := r.srv.Issue(left)
	if i.State != "closed" || i.StateReason != "not_planned" || i.Body != body || len(i.Comments) != 0 || r.srv.Issue(kept).State != "open" {
		t.Errorf("the ticket that left: %+v", i)
	}
	c := r.key("CRM-1").Number
	if texts := r.commented(c); len(texts) != 1 || !strings.Contains(texts[0], fmt.Sprintf("#%d is closed as not planned", left)) {
		t.Errorf("comments %q", texts)
	}
	r.steady()
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 2, "")})
	r.must(r.push(), 0)
	if got := r.srv.Issue(left); got.State != "open" {
		t.Error("the key is back, and its ticket is not open")
	}
	r.once()
	r.steady()
	r.srv.As("mona").CloseIssueAs(left, "not_planned")
	r.must(r.push(), 0)
	if got := r.srv.Issue(left); got.State != "closed" {
		t.Error("what people closed was opened again")
	}
	r.steady()
}

// What people open again after it left the spec is theirs.
func TestReopenedByPeopleStaysOpen(t *testing.T) {
	r := settled(t, specs(1, 2))
	n := r.key("CRM-1/triage/extra-2").Number
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
	r.must(r.push(), 0)
	r.srv.As("mona").ReopenIssue(n)
	r.must(r.push(), 0)
	if r.srv.Issue(n).State != "open" {
		t.Error("it was closed a second time")
	}
	r.steady()
}

// Labels that are there under a managed name are used as they are, whatever case and colour.
func TestExistingLabelsAreUsed(t *testing.T) {
	r := newRepo(t, options(), specs(1, 1))
	r.srv.As("mona").CreateLabel("Stage:Triage", "abcdef", "ours before")
	r.srv.As("mona").CreateLabel("TicketFoundry", "abcdef", "")
	r.must(r.push(), 0)
	for _, l := range r.srv.Labels() {
		if strings.EqualFold(l.Name, "stage:triage") && (l.Name != "Stage:Triage" || l.Colour != "abcdef" || l.Description != "ours before") {
			t.Errorf("the label became %+v", l)
		}
	}
	r.steady()
}

// What people write while a run is under way, after it listed the issues, is not lost.
func TestEditsDuringARunSurvive(t *testing.T) {
	r := settled(t, specs(1, 2))
	n, c := r.key("CRM-1/triage/extra-1").Number, r.key("CRM-1").Number
	r.commit(map[string]string{path("CRM-1"): strings.Replace(spec("CRM-1", 2, ""), "title: Capability", "title: Better", 1)})
	listed, edited := false, false
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if listed && !edited {
			edited = true
			for _, n := range []int{n, c} {
				body := strings.Replace(r.srv.Issue(n).Body, "- [ ] first", "- [x] first", 1)
				r.srv.As("mona").EditBody(n, body+"\nwritten meanwhile")
				r.srv.As("mona").Assign(n, "tess")
				r.srv.As("mona").AddLabel(n, "urgent")
			}
		}
		listed = listed || q.Method == "GET" && strings.HasSuffix(q.Path, "/issues")
		return nil
	})
	r.must(r.push(), 0)
	r.srv.Fault(nil)
	for _, n := range []int{n, c} {
		i := r.srv.Issue(n)
		if !edited || !strings.Contains(i.Body, "written meanwhile") || !strings.Contains(i.Title, "Better") ||
			!slices.Contains(i.Labels, "urgent") || !slices.Contains(i.Assignees, "tess") {
			t.Errorf("#%d %s: %q %q\n%s", n, i.Title, i.Labels, i.Assignees, i.Body)
		}
	}
	if !strings.Contains(r.srv.Issue(n).Body, "- [x] first") {
		t.Error("the tick is lost")
	}
	r.steady()
}

// The spec decides over people's assignments and milestones only where it changes.
func TestAssigneesAndMilestonesFollowTheSpecOnly(t *testing.T) {
	more := func(who, version string) string {
		return "release: {version: \"" + version + "\"}\ntickets: {triage: [{key: one, title: The one ticket, assignees: [" + who + "]}]}\n"
	}
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, more("mona", "1.0"))})
	n := r.key("CRM-1/triage/one").Number
	mona := r.srv.As("mona")
	mona.Unassign(n, "mona")
	mona.Assign(n, "tess")
	mona.CreateMilestone("Ours")
	mona.SetMilestone(n, "Ours")
	r.steady()
	if i := r.srv.Issue(n); !slices.Equal(i.Assignees, []string{"tess"}) || i.Milestone != "Ours" {
		t.Errorf("people's choice was undone: %q, %s", i.Assignees, i.Milestone)
	}
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 0, more("octocat", "1.1"))})
	r.must(r.push(), 0)
	if i := r.srv.Issue(n); !slices.Equal(slices.Sorted(slices.Values(i.Assignees)), []string{"octocat", "tess"}) || i.Milestone != "CRM 1.1" {
		t.Errorf("the spec's change was not followed: %q, %s", i.Assignees, i.Milestone)
	}
	r.steady()
}

func TestMilestonesAreMadeAndReDated(t *testing.T) {
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 0, "release: {version: \"2.4\", target_date: 2026-05-01}\n")})
	due := func() string { return r.srv.Milestones()[0].DueOn.Format("2006-01-02") }
	if got := due(); len(r.srv.Milestones()) != 1 || r.srv.Milestones()[0].Title != "CRM 2.4" || got != "2026-05-01" {
		t.Errorf("milestones %+v", r.srv.Milestones())
	}
	r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 0, "release: {version: \"2.4\", target_date: 2026-06-15}\n")})
	r.must(r.push(), 0)
	if got := due(); len(r.srv.Milestones()) != 1 || got != "2026-06-15" {
		t.Errorf("milestones %+v", r.srv.Milestones())
	}
	r.steady()
}
