package simulation_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// interleave lets several runs make the same tickets at once, with nothing between them: no
// concurrency group, no lock. One more run then has to leave one live issue for each key.
func interleave(b *bench, seed uint64, runs int) *sim {
	s := newSim(b, seed, map[string]string{path(1): "id: CRM-1\ntitle: Capability 1\nsummary: What it is for.\nowner: ada\n"})
	rng := rand.New(rand.NewPCG(seed, 4))
	s.labelled("CRM-1")
	s.start("director", s.now, func(a *actor) {
		push := func() order {
			return order{event: "push", of: map[string]any{"ref": "refs/heads/main", "after": sha(0)}}
		}
		var all []*actor
		spread := 1 + rng.IntN(8000)
		for range runs {
			all = append(all, s.launch(push(), s.now.Add(time.Duration(rng.IntN(spread))*time.Millisecond)).actor)
		}
		a.join(all...)
		s.laws.look()
		said := map[int]string{}
		for n := range s.laws.was {
			said[n] = fmt.Sprintf("I began on #%d", n)
			s.srv.As("ada").Comment(n, said[n])
		}
		a.sleep(time.Minute)
		a.join(s.launch(push(), s.now).actor)
		s.oneEach(said)
		before := len(s.srv.Writes())
		a.sleep(time.Minute)
		a.join(s.launch(push(), s.now).actor)
		if n := len(s.srv.Writes()) - before; n > 0 {
			s.fail("one run more still writes %d times", n)
		}
	})
	s.loop()
	return s
}

// labelled makes the labels that a capability begins with, as an earlier run would have: what is
// looked at here is what comes after them.
func (s *sim) labelled(id string) {
	var labels []fakegithub.Label
	for _, name := range []string{"ticketfoundry", "capability", "capability:" + id, "stage:triage", "audience:product", "type:task", "cogs:unknown", "priority:p2", "approved", "rejected"} {
		labels = append(labels, fakegithub.Label{Name: name, Colour: "ededed"})
	}
	if err := s.srv.Seed(fakegithub.Seed{Labels: labels}); err != nil {
		s.fail("make labels: %v", err)
	}
}

// oneEach checks that each key has one live issue, the oldest, that the others point to it, and
// that what people said stands.
func (s *sim) oneEach(said map[int]string) {
	s.laws.look()
	stays := map[string]int{}
	for _, n := range slices.Sorted(maps.Keys(s.laws.was)) {
		i := s.laws.was[n]
		key := string(keyOf(i))
		if !slices.ContainsFunc(i.Comments, func(c fakegithub.Comment) bool { return c.Author == "ada" && c.Body == said[n] }) {
			s.fail("what was said on #%d is gone", n)
		}
		first, second := stays[key]
		if !second {
			stays[key] = n
			if i.State != "open" {
				s.fail("#%d for %s is %s, and it is the oldest", n, key, i.State)
			}
			continue
		}
		pointer := fmt.Sprintf("#%d stays", first)
		if i.State != "closed" || i.StateReason != "duplicate" ||
			!slices.ContainsFunc(i.Comments, func(c fakegithub.Comment) bool { return strings.Contains(c.Body, pointer) }) {
			s.fail("#%d for %s, which is #%d, is %s (%s) with comments %v", n, key, first, i.State, i.StateReason, i.Comments)
		}
	}
	if len(stays) != 2 {
		s.fail("there are issues for %d keys, want 2", len(stays))
	}
}

func TestInterleavings(t *testing.T) {
	count := 2000
	if !thorough || testing.Short() {
		count = 100
	}
	crowds := []int{2, 3, 2, 3, 2, 3, 2, 3, 2, 8}
	total := sweep(t, *firstSeed, count, func(b *bench, seed uint64) *sim { return interleave(b, seed, crowds[seed%10]) })
	t.Logf("%d interleavings of 2, 3 and 8 runs: %+v", count, total)
}
