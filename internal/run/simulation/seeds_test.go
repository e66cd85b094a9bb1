package simulation_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

var (
	onlySeed     = flag.Uint64("sim.seed", 0, "run this seed alone, and print its journal")
	seedCount    = flag.Int("sim.seeds", 0, "how many seeds to run; 0 for as many as a test run takes")
	mostFailures = flag.Int("sim.failures", 1, "stop after so many failing seeds")
	firstSeed    = flag.Uint64("sim.from", 1, "the first seed")
	fullJournal  = flag.String("sim.journal", "", "with -sim.seed: the file that the whole journal goes to")
)

// What the seeds leave behind is thrown away at once: collecting it less often takes half the time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

const config = `version: 1
pipeline:
  tracks:
    short: {stages: [triage, spec-approval, build]}
`

// script is a seed's story: what is pushed, which runs there are, and when people act.
type script struct {
	s       *sim
	rng     *rand.Rand
	crowd   *crowd
	caps    int
	lonely  bool // one run at a time
	gentle  bool // people do nothing that only a full sweep can find
	crashes float64
}

func path(n int) string { return fmt.Sprintf("capabilities/CRM-%d.yml", n) }

// spec writes a capability as it may look at any time.
func (x *script) spec(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "id: CRM-%d\ntitle: Capability %d, take %d\nsummary: What it is for.\nowner: ada\ntrack: short\npriority: p%d\n", n, n, x.rng.IntN(3), x.rng.IntN(4))
	b.WriteString("user: A salesperson.\nsuccess_criteria: [Half the time]\nscope: {in: [Scoring], out: [Routing]}\nlegal: None known.\nacceptance_criteria: [first of all, second to none]\n")
	if n > 1 && x.rng.IntN(3) == 0 {
		fmt.Fprintf(&b, "depends_on: [CRM-%d]\n", 1+x.rng.IntN(n-1))
	}
	if x.rng.IntN(8) == 0 {
		fmt.Fprintf(&b, "status: %s\n", []string{"on_hold", "cancelled"}[x.rng.IntN(2)])
	}
	if x.rng.IntN(3) == 0 {
		b.WriteString("release: {version: \"2.4\", target_date: 2026-05-01}\n")
	}
	if extra := x.rng.IntN(3); extra > 0 {
		b.WriteString("tickets:\n  triage:\n")
		for i := range extra {
			fmt.Fprintf(&b, "    - {key: extra-%d, title: Extra ticket %d, acceptance: [first thing, second thing]}\n", i+1, i+1)
		}
	}
	return b.String()
}

// change is what one commit changes.
func (x *script) change() map[string]string {
	out := map[string]string{}
	head := x.s.commits[len(x.s.commits)-1]
	for range 1 + x.rng.IntN(2) {
		n := 1 + x.rng.IntN(x.caps+1)
		switch _, here := head[path(n)]; {
		case !here || x.rng.IntN(8) > 1:
			out[path(n)] = x.spec(n)
		case x.rng.IntN(2) == 0 && n > 1:
			out[path(n)] = "id: CRM-" + fmt.Sprint(n) + "\ntitle: [\n"
		case n > 1:
			out[path(n)] = ""
		}
	}
	if x.rng.IntN(4) == 0 {
		out[configFile] = config + []string{"audiences: {engineering: {assignees: [tess], intro: Read the handbook.}}\n", "products: {CRM: {name: Customer relations}}\n",
			"labels: {colors: {\"stage:\": \"00ff00\"}}\n", "nonsense: true\n"}[x.rng.IntN(4)]
	}
	return out
}

// play runs one seed to its end.
func play(b *bench, seed uint64) *sim {
	s := newSim(b, seed, map[string]string{configFile: config})
	x := &script{s: s, rng: rand.New(rand.NewPCG(seed, 3)), caps: 1 + int(seed%3)}
	x.crowd = newCrowd(s, seed)
	files := map[string]string{}
	for n := range x.caps {
		files[path(n+1)] = x.spec(n + 1)
	}
	s.commit(files)
	if seed%20 == 3 {
		s.crowdTheFirstPage()
	}
	x.lonely, x.gentle = x.rng.IntN(5) < 2, x.rng.IntN(4) == 0
	if x.gentle {
		x.lonely = true
		x.crowd.mine = slices.Concat(decisions(), edits())
	}
	s.weather.share = []float64{0, 0, 0.03, 0.1, 0.35}[x.rng.IntN(5)]
	x.crashes = []float64{0, 0.3, 0.6}[x.rng.IntN(3)]
	if x.rng.IntN(4) == 0 || x.gentle && x.rng.IntN(2) == 0 {
		s.weather.lagging = true
		s.srv.SetListLag(time.Duration(1+x.rng.IntN(60)) * time.Second)
	}
	s.start("director", s.now, x.direct)
	s.loop()
	return s
}

// crowdTheFirstPage fills the first page of every list with old issues that carry the root label.
func (s *sim) crowdTheFirstPage() {
	var old []fakegithub.SeedIssue
	for n := range 100 {
		old = append(old, fakegithub.SeedIssue{Author: fakegithub.BotLogin, Title: fmt.Sprintf("Old %d", n), Labels: []string{"ticketfoundry"}, Closed: true})
	}
	if err := s.srv.Seed(fakegithub.Seed{Issues: old}); err != nil {
		s.fail("make old issues: %v", err)
	}
	s.laws.look()
	for n := range s.laws.was {
		s.laws.foreign[n] = true
	}
}

func (x *script) direct(a *actor) {
	for round := range 2 + x.rng.IntN(3) {
		if round > 0 && x.rng.IntN(3) > 0 {
			x.s.commit(x.change())
		}
		var all []*actor
		runs := 1
		if !x.lonely {
			runs += x.rng.IntN(3)
		}
		for range runs {
			all = append(all, x.s.launch(x.order(), x.s.now.Add(time.Duration(x.rng.IntN(15_000))*time.Millisecond)).actor)
		}
		all = append(all, x.s.start("crowd", x.s.now, x.people(x.rng.IntN(9), 8000)))
		a.join(all...)
		x.people(x.rng.IntN(4), 30_000)(a)
		a.sleep(time.Duration(20+x.rng.IntN(1200)) * time.Second)
	}
	x.finale(a)
}

// people gives an actor that lets people act so many times, with pauses of at most so many
// milliseconds.
func (x *script) people(acts, pause int) func(*actor) {
	return func(a *actor) {
		for range acts {
			a.sleep(time.Duration(x.crowd.rng.IntN(pause)) * time.Millisecond)
			x.crowd.act()
		}
	}
}

// order is one run, of the newest commit or of one that was overtaken.
func (x *script) order() order {
	o := order{commit: len(x.s.commits) - 1, event: "push"}
	if x.rng.IntN(5) == 0 {
		o.commit = x.rng.IntN(len(x.s.commits))
	}
	o.of = map[string]any{"ref": "refs/heads/main", "after": sha(o.commit)}
	switch ours := x.crowd.ours(); {
	case x.rng.IntN(5) == 0:
		o.event, o.of = "schedule", map[string]any{"schedule": "0 6 * * *"}
	case len(ours) > 0 && x.rng.IntN(3) == 0:
		o.commit = len(x.s.commits) - 1
		i := ours[x.rng.IntN(len(ours))]
		var labels []any
		for _, l := range i.Labels {
			labels = append(labels, map[string]any{"name": l})
		}
		o.event, o.of = "issues", map[string]any{"action": "edited", "issue": map[string]any{"number": i.Number, "title": i.Title, "body": i.Body, "labels": labels}}
	}
	if x.rng.IntN(4) == 0 {
		o.skew = time.Duration(x.rng.IntN(1200)-600) * time.Second
	}
	if x.rng.Float64() < x.crashes {
		o.at = 1 + x.rng.IntN(28)
		o.how = []end{endBefore, endLost, endAfter, endTerm}[x.rng.IntN(4)]
	}
	return o
}

// finale lets the weather calm down. Two runs then have to put everything right, and a third has
// nothing to do.
func (x *script) finale(a *actor) {
	s := x.s
	s.weather.calm()
	a.sleep(2 * time.Hour)
	if broken := s.srv.Violations(); len(broken) > 0 && !s.laws.crowded {
		s.fail("limits are broken: %q", broken)
	}
	var last *worker
	writes, before := 0, ""
	for i := range 3 {
		sent := len(s.srv.Writes())
		before = x.shown()
		o := order{commit: len(s.commits) - 1, event: "schedule", of: map[string]any{}}
		if x.gentle && i < 2 { // a run that reads only what has changed leaves nothing for one that reads all
			o.event, o.of = "push", map[string]any{"ref": "refs/heads/main", "after": sha(o.commit)}
		}
		last = s.launch(o, s.now)
		a.join(last.actor)
		writes = len(s.srv.Writes()) - sent
		a.sleep(time.Hour)
	}
	broken := strings.Contains(s.commits[len(s.commits)-1][configFile], "nonsense")
	switch {
	case last.code == 2 || last.code == 1 && !x.wrong():
		s.fail("the last run ends with code %d\n%s", last.code, last.log())
	case x.gentle && before != x.shown():
		s.fail("a run that reads everything finds what those that read what has changed did not\n%s", last.log())
	case !x.gentle && writes > 0:
		s.fail("the third quiet run still writes %d times\n%s", writes, last.log())
	case !broken:
		s.laws.final(x.active())
	}
}

// shown is what the tickets of the capabilities that are worked on show. The board tells more, and
// those that are over are looked at by runs that read everything.
func (x *script) shown() string {
	var b strings.Builder
	active := x.active()
	for _, i := range x.s.srv.Issues() {
		if key := keyOf(i); slices.Contains(active, key.Capability()) {
			fmt.Fprintf(&b, "#%d %s %s %q %d %s\n", i.Number, i.Title, i.State, i.Labels, len(i.Comments), i.Body)
		}
	}
	return b.String()
}

// wrong tells whether the newest commit has something for people to mend.
func (x *script) wrong() bool {
	for _, text := range x.s.commits[len(x.s.commits)-1] {
		if strings.Contains(text, "title: [") || strings.Contains(text, "nonsense") || strings.Contains(text, "depends_on") {
			return true
		}
	}
	return false
}

// active are the capabilities that the newest commit asks for.
func (x *script) active() []string {
	var out []string
	for p, text := range x.s.commits[len(x.s.commits)-1] {
		id, _, _ := strings.Cut(strings.TrimPrefix(text, "id: "), "\n")
		if strings.HasPrefix(p, "capabilities/") && !strings.Contains(text, "title: [") && !strings.Contains(text, "cancelled") && !strings.Contains(text, "depends_on") {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// final checks what must be there in the end: one issue for each key, and an issue for each
// capability.
func (l *laws) final(ids []string) {
	l.look()
	live := map[string][]int{}
	for _, i := range l.was {
		// One whose marker or root label people have taken off while there were two is theirs.
		if k := keyOf(i); k != "" && k == l.keys[i.Number] && i.State == "open" && slices.Contains(i.Labels, "ticketfoundry") {
			live[string(k)] = append(live[string(k)], i.Number)
		}
	}
	for k, n := range live {
		if len(n) > 1 {
			slices.Sort(n)
			l.s.fail("%s is open %d times: %v", k, len(n), n)
		}
	}
	for _, id := range ids {
		here := slices.ContainsFunc(slices.Collect(maps.Values(l.was)), func(i fakegithub.Issue) bool { return string(l.keys[i.Number]) == id })
		if !here {
			l.s.fail("%s has no issue", id)
		}
	}
}

func TestSeeds(t *testing.T) {
	if *onlySeed != 0 {
		s := play(newBench(t), *onlySeed)
		if s.broken != "" {
			if *fullJournal != "" {
				_ = os.WriteFile(*fullJournal, s.journal.text.Bytes(), 0o644)
			}
			t.Fatalf("seed=%d: %s\n%s", *onlySeed, s.broken, s.journal.tail(400))
		}
		t.Logf("seed=%d holds\n%s", *onlySeed, s.journal.tail(400))
		return
	}
	count := *seedCount
	if count == 0 {
		count = 500
		if !thorough || testing.Short() {
			count = 60
		}
	}
	began := time.Now()
	total := sweep(t, *firstSeed, count, play)
	t.Logf("%d seeds in %s: %+v", count, time.Since(began).Round(time.Millisecond), total)
}

// sweep plays seeds on all processors until enough have failed.
func sweep(t *testing.T, from uint64, count int, play func(*bench, uint64) *sim) stats {
	t.Helper()
	var next atomic.Uint64
	var failures atomic.Int64
	next.Store(from)
	var total stats
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		b := newBench(t)
		wg.Go(func() {
			for failures.Load() < int64(*mostFailures) {
				seed := next.Add(1) - 1
				if seed >= from+uint64(count) {
					return
				}
				s := play(b, seed)
				s.stats.Lost = s.laws.lost
				mu.Lock()
				total.add(s.stats)
				mu.Unlock()
				if s.broken != "" {
					failures.Add(1)
					t.Errorf("seed=%d: %s\n%s", seed, s.broken, s.journal.tail(60))
				}
			}
		})
	}
	wg.Wait()
	return total
}

// A seed that is played again gives the same requests and answers, byte for byte: what one finds
// can be looked at as often as it takes.
func TestASeedRepeatsToTheByte(t *testing.T) {
	count := 40
	if !thorough || testing.Short() {
		count = 8
	}
	b := newBench(t)
	for seed := range uint64(count) {
		first, second := play(b, seed), play(b, seed)
		a, c := first.journal.text.Bytes(), second.journal.text.Bytes()
		if !bytes.Equal(a, c) {
			at := 0
			for at < min(len(a), len(c)) && a[at] == c[at] {
				at++
			}
			t.Fatalf("seed=%d: differs at byte %d of %d\n%.300q\n%.300q", seed, at, len(a), a[max(0, at-100):], c[max(0, at-100):])
		}
	}
}
