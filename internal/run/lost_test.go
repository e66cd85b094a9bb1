package run_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

func TestTwins(t *testing.T) {
	for copies := 1; copies <= 4; copies++ {
		r := settled(t, specs(2, 1))
		stays := r.key("CRM-1/triage/extra-1")
		var twins []int
		for range copies {
			if err := r.srv.Seed(fakegithub.Seed{Issues: []fakegithub.SeedIssue{{Author: fakegithub.BotLogin, Title: stays.Title, Body: stays.Body, Labels: stays.Labels}}}); err != nil {
				t.Fatal(err)
			}
			all := r.srv.Issues()
			twins = append(twins, all[len(all)-1].Number)
		}
		r.srv.As("mona").Comment(twins[0], "I began here")
		res := r.must(r.push(), 0)
		for i, n := range twins {
			got := r.srv.Issue(n)
			if got.State != "closed" || got.StateReason != "duplicate" || got.DuplicateOf != stays.Number && got.DuplicateOf != 0 {
				t.Errorf("%d twins: #%d is %s, %s of %d", copies, n, got.State, got.StateReason, got.DuplicateOf)
			}
			texts := r.commented(n)
			if i == 0 && (len(texts) != 2 || texts[0] != "I began here") || !strings.Contains(texts[len(texts)-1], fmt.Sprintf("#%d stays", stays.Number)) {
				t.Errorf("%d twins: comments of #%d: %q", copies, n, texts)
			}
		}
		if got := r.srv.Issue(stays.Number); got.State != "open" || res.outputs["closed"] != fmt.Sprint(copies) {
			t.Errorf("%d twins: #%d is %s, outputs %v", copies, stays.Number, got.State, res.outputs)
		}
		r.once()
		r.steady()
	}
}

func TestLostTicketIsMadeAnewOnce(t *testing.T) {
	for name, lose := range map[string]func(fakegithub.Person, int){
		"deleted": fakegithub.Person.DeleteIssue, "transferred": fakegithub.Person.TransferIssue, "converted": fakegithub.Person.ConvertToDiscussion,
	} {
		r := settled(t, specs(2, 2))
		n, c := r.key("CRM-1/triage/extra-1").Number, r.key("CRM-1").Number
		lose(r.srv.As("octocat"), n)
		res := r.must(r.push(), 0)
		again := r.key("CRM-1/triage/extra-1").Number
		if again == n || res.outputs["created"] != "1" {
			t.Errorf("%s: is #%d, outputs %v", name, again, res.outputs)
		}
		if texts := r.commented(c); len(texts) != 1 || !strings.Contains(texts[0], fmt.Sprintf("#%d is gone", n)) || !strings.Contains(texts[0], fmt.Sprintf("made anew: #%d", again)) {
			t.Errorf("%s: comments %q", name, texts)
		}
		r.steady()
	}
}

func TestLostCapabilityIssue(t *testing.T) {
	r := settled(t, map[string]string{path("CRM-1"): spec("CRM-1", 2, ""), path("CRM-2"): spec("CRM-2", 0, "depends_on: [CRM-1]\n")})
	n := r.key("CRM-1").Number
	children := len(r.srv.Issue(n).SubIssues)
	r.srv.As("octocat").DeleteIssue(n)
	res := r.must(r.push(), 0)
	again := r.key("CRM-1")
	if len(again.SubIssues) != children || res.outputs["created"] != "1" || !slices.Equal(r.key("CRM-2").BlockedBy, []int{again.Number}) {
		t.Errorf("outputs %v, %d sub-issues, CRM-2 blocked by %v", res.outputs, len(again.SubIssues), r.key("CRM-2").BlockedBy)
	}
	r.once()
	r.steady()
}

func TestTwoRunsAtOnceThenOne(t *testing.T) {
	for round := range 4 {
		r := newRepo(t, options(), specs(3, 2))
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { r.push() })
		}
		wg.Wait()
		r.must(r.push(), 0)
		r.once()
		if got := len(r.live()); got != 12 {
			t.Errorf("round %d: %d live issues, want 12", round, got)
		}
		r.must(r.push(), 0) // looks again at what changed during the last
		r.steady()
	}
}

// Lists of issues lag behind on GitHub. Runs that cannot see what the run before them made may
// make it twice; as soon as the lists show it, one of each stays.
func TestLaggingListsHeal(t *testing.T) {
	r := newRepo(t, options(), specs(2, 2))
	r.srv.SetListLag(time.Hour)
	r.push()
	r.push()
	r.srv.SetListLag(0)
	r.must(r.push(), 0)
	r.once()
	for _, key := range []string{"CRM-1", "CRM-2", "CRM-1/triage/extra-1", "CRM-2/triage/triage"} {
		r.key(key)
	}
	r.must(r.push(), 0) // looks again at what the lists had not shown
	r.steady()
}
