package run_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A run that is killed at any of its requests, in each of three ways, and then run once more
// ends where a run that nobody killed ends.
func TestKilledAtEachRequest(t *testing.T) {
	t.Parallel()
	all := tales()
	ends := make([]ending, len(all))
	total := 0
	for i, s := range all {
		ends[i] = s.whole(t)
		total += ends[i].requests
	}
	if total < 40 {
		t.Errorf("the runs take %d requests, want 40 at least", total)
	}
	for i, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			cuts := 0
			for k := range ends[i].requests {
				for mode := range cutModes {
					if (testing.Short() || !thorough) && (k+int(mode))%4 != 0 {
						continue
					}
					r := s.begin(t)
					if !r.cut(k, mode) {
						t.Fatalf("the run ended before request %d of %d", k+1, ends[i].requests)
					}
					r.heals(ends[i], fmt.Sprintf("killed %s request %d of %d", mode, k+1, ends[i].requests))
					cuts++
				}
			}
			t.Logf("%d requests, killed %d times", ends[i].requests, cuts)
		})
	}
}

// ending is what a run comes to that nobody kills.
type ending struct {
	requests int
	world    string
}

func (s tale) whole(t testing.TB) ending {
	t.Helper()
	r := s.begin(t)
	n := r.counting(func() { r.must(r.push(), 0) })
	r.steady()
	return ending{n, r.canonical()}
}

// heals runs once more and fails unless that ends where it should, with nothing left to do.
func (r *repo) heals(want ending, how string) {
	r.t.Helper()
	r.clock.Advance(time.Minute)
	r.must(r.push(), 0)
	if got := r.canonical(); got != want.world {
		r.t.Fatalf("%s: ends elsewhere\n%s", how, firstDifference(got, want.world))
	}
	if found := r.twice(); found != "" {
		r.t.Fatalf("%s: %s", how, found)
	}
	r.steady()
}

// pairs bounds what a test run costs; 1,000 were tried before the number was made smaller.
var pairs = flag.Int("crash.pairs", 200, "how often a run is killed twice")

// The run that was to heal is killed as well, and the one after it heals.
func TestKilledTwice(t *testing.T) {
	t.Parallel()
	pairs := *pairs
	if testing.Short() || !thorough {
		pairs = 16
	}
	all := tales()
	const parts = 4
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			s := all[part%len(all)]
			want := s.whole(t)
			n := want.requests
			for seed := range pairs / parts {
				rnd := rand.New(rand.NewPCG(uint64(part), uint64(seed)))
				r := s.begin(t)
				k, first := rnd.IntN(n), cutMode(rnd.IntN(int(cutModes)))
				r.cut(k, first)
				r.clock.Advance(time.Minute)
				j, second := rnd.IntN(n), cutMode(rnd.IntN(int(cutModes)))
				r.cut(j, second)
				r.heals(want, fmt.Sprintf("seed %d/%d: killed %s request %d, then %s request %d", part, seed, first, k+1, second, j+1))
			}
		})
	}
}

// A decision that is made on a ticket whose run died right after making it counts.
func TestDecidedBeforeTheRunIsHealed(t *testing.T) {
	t.Parallel()
	s := tales()[0]
	n := s.whole(t).requests
	decided := 0
	for k := range n {
		for mode := range cutModes {
			if (testing.Short() || !thorough) && (mode != cutLost || k%2 != 0) {
				continue
			}
			r := s.begin(t)
			r.cut(k, mode)
			h := hub{r}
			if !slices.ContainsFunc(h.desk(), func(f folder) bool { return f.key == "CRM-1/compliance/compliance-sign-off" }) {
				continue
			}
			h.act("mia", "comment", "CRM-1/compliance/compliance-sign-off", "/approve")
			r.must(r.push(), 0)
			if i := r.srv.Issue(h.found("CRM-1/compliance/compliance-sign-off")); i.State != "closed" {
				t.Errorf("killed %s request %d: the approval does not count", mode, k+1)
			}
			decided++
		}
	}
	if decided == 0 {
		t.Error("nothing was decided")
	}
}
