package run_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Lists that lag behind, as GitHub's do, make no ticket twice, however short runs follow upon
// each other.
func TestListsThatLag(t *testing.T) {
	t.Parallel()
	for _, lag := range []int{0, 1, 5, 15, 30, 60, 90, 120} {
		t.Run(fmt.Sprint(lag), func(t *testing.T) {
			t.Parallel()
			gaps := []time.Duration{0, time.Minute, time.Second, 20 * time.Second, 3 * time.Minute}
			if testing.Short() || !thorough {
				gaps = gaps[:2]
			}
			for _, gap := range gaps {
				r := newRepo(t, options(), specs(2, 2)).quick()
				r.srv.SetListLag(time.Duration(lag) * time.Second)
				for version := range 4 {
					r.commit(map[string]string{path("CRM-2"): strings.Replace(spec("CRM-2", 2+version%3, ""), "title: Capability", fmt.Sprintf("title: Version %d of", version), 1)})
					r.push()
					r.clock.Advance(gap)
				}
				r.srv.SetListLag(0)
				r.clock.Advance(5 * time.Minute)
				r.must(r.push(), 0)
				r.must(r.event("schedule", map[string]any{}, nil), 0)
				r.once()
				if i := r.key("CRM-2"); !strings.Contains(i.Title, "Version 3") {
					t.Errorf("runs %s apart: %s", gap, i.Title)
				}
				made := len(r.srv.Issues())
				if found := r.twice(); found != "" && lag <= 60 && gap >= time.Minute {
					t.Errorf("runs %s apart: %s (%d issues)", gap, found, made)
				}
				r.steady()
			}
		})
	}
}

// A runner whose clock is wrong does the same as one whose clock is right.
func TestClocksThatAreWrong(t *testing.T) {
	t.Parallel()
	story := func(skew time.Duration) *repo {
		wall := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		o := options()
		o.Users = staff()
		o.Now = func() time.Time { return wall.Now().Add(skew) } // the server's
		o.Sleep = func(_ context.Context, d time.Duration) { wall.Advance(d) }
		r := newRepo(t, o, map[string]string{
			configFile:    "version: 1\npipeline: {allow_start_stage: true}\n",
			path("CRM-1"): wide("CRM-1", "Lead scoring", "start_stage: compliance\n"), path("CRM-2"): spec("CRM-2", 3, ""),
		}).quick()
		r.clock = wall
		h := hub{r}
		r.must(r.push(), 0)
		h.act("mia", "approved", "CRM-1/compliance/compliance-sign-off", "")
		h.act("eve", "close", "CRM-2/triage/extra-1", "")
		r.must(r.push(), 0)
		h.act("eve", "retitle", "CRM-2/triage/extra-2", "Mine")
		h.act("eve", "close", "CRM-1/build/implement", "")
		r.must(r.push(), 0)
		r.commit(map[string]string{path("CRM-2"): spec("CRM-2", 4, "priority: p1\n")})
		r.must(r.push(), 0)
		r.steady()
		r.must(r.event("schedule", map[string]any{}, nil), 0)
		return r
	}
	want := story(0).canonical()
	for _, skew := range []time.Duration{-10 * time.Minute, -time.Minute, time.Minute, 10 * time.Minute} {
		if got := story(skew).canonical(); got != want {
			t.Errorf("%s off: ends elsewhere\n%s", skew, firstDifference(got, want))
		}
	}
}
