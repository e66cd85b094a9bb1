package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// places are where people change an issue.
var places = []string{"title", "above", "inside", "below", "cut", "line ends", "tick", "emoji", "long", "labels", "assignees", "milestone"}

// edit is what a person left on an issue, and what of it must be there later.
type edit struct {
	seed      string
	n         int
	places    []string
	token     string // stands in each line of theirs, outside of the block
	lines     int    // with the token
	whole     bool   // the block's borders were left alone
	above     string
	below     string
	ticks     map[string]bool // by the text of the item
	label     string
	assignees []string
	milestone string
}

// items are the entries of the task lists that people tick here, and whether they did.
func items(body string) map[string]bool {
	out := map[string]bool{}
	for l := range strings.Lines(body) {
		l = strings.TrimSpace(l)
		for _, text := range []string{"first", "second", "third"} {
			switch l {
			case "- [ ] " + text:
				out[text] = false
			case "- [x] " + text:
				out[text] = true
			}
		}
	}
	return out
}

// editor is somebody who edits issues, after a seed.
type editor struct {
	*repo
	rnd *rand.Rand
}

// edits changes an issue in one to three places, and says what must stay.
func (r editor) edits(seed string, n int) edit {
	who := r.srv.As([]string{"ada", "mia", "max", "eve"}[r.rnd.IntN(4)])
	i := r.srv.Issue(n)
	e := edit{seed: seed, n: n, token: "written by people: " + seed, label: "ours-" + seed[len(seed)-1:]}
	for range 1 + r.rnd.IntN(3) {
		e.places = append(e.places, places[r.rnd.IntN(len(places))])
	}
	body := r.cleared(i.Body)
	for _, place := range e.places {
		switch place {
		case "title":
			who.EditTitle(n, "Mine "+seed)
		case "labels":
			who.AddLabel(n, e.label)
			if l := i.Labels[r.rnd.IntN(len(i.Labels))]; r.rnd.IntN(2) == 0 && slices.Contains(r.srv.Issue(n).Labels, l) {
				who.RemoveLabel(n, l)
			}
		case "assignees":
			who.Assign(n, []string{"eve", "mia", "max"}[r.rnd.IntN(3)])
			if had := r.srv.Issue(n).Assignees; r.rnd.IntN(2) == 0 {
				who.Unassign(n, had[0])
			}
		case "milestone":
			who.SetMilestone(n, []string{"", "Ours"}[r.rnd.IntN(2)])
		default:
			body = r.within(place, body, e.token)
		}
	}
	if body != i.Body {
		who.EditBody(n, body)
	}
	i = r.srv.Issue(n)
	b := ticket.ParseBody(i.Body)
	e.whole, e.above, e.below, e.ticks = b.Whole, b.Before, b.After, items(i.Body)
	e.assignees, e.milestone = i.Assignees, i.Milestone
	e.lines = strings.Count(i.Body, e.token)
	if !slices.Contains(i.Labels, e.label) {
		e.label = ""
	}
	return e
}

// cleared takes the people's text of earlier seeds away, mostly: else it fills the issue.
func (r editor) cleared(body string) string {
	b := ticket.ParseBody(body)
	if !b.Whole || len(body) < 20_000 && r.rnd.IntN(4) == 0 {
		return body
	}
	return ticket.NewBody(b.Marker, b.Block)
}

// within gives a body changed in one place.
func (r editor) within(place, body, token string) string {
	lines := strings.SplitAfter(body, "\n")
	begin := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "ticketfoundry:begin") })
	end := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "ticketfoundry:end") })
	switch place {
	case "above":
		return token + "\n\n" + body
	case "below":
		return body + "\n" + token + "\n\n- [ ] a list of ours\n"
	case "emoji":
		return body + "\n" + token + " 👩‍🚒🇪🇺 ünï\u202e\u00a0 𝔘\n"
	case "long":
		room := max(0, min(60_000, 64_000-len(body)))
		return body + "\n" + token + "\n" + strings.Repeat("long text ", room/10) + "\n"
	case "inside":
		if begin >= 0 {
			lines = slices.Insert(lines, begin+1, "somebody types in here\n")
		}
	case "tick":
		for _, text := range []string{"first", "second"} {
			if r.rnd.IntN(2) == 0 {
				body = strings.Replace(body, "- [ ] "+text, "- [x] "+text, 1)
			}
		}
		return body
	case "line ends":
		return strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\n", "\r\n") + "\r\n" + token + " \t\r\n\r\n"
	case "cut":
		lines = append(lines, "\n", token, "\n")
		switch cut := r.rnd.IntN(3); {
		case begin < 0 || end < 0:
		case cut == 0:
			lines = slices.Delete(lines, end, end+1)
		case cut == 1:
			lines = slices.Delete(lines, begin, begin+1)
		default:
			lines = slices.Delete(slices.Delete(lines, end, end+1), begin, begin+1)
		}
	}
	return strings.Join(lines, "")
}

// lost says what of an edit is gone from the issue as it is now; empty for nothing.
func (e edit) lost(i fakegithub.Issue) string {
	b := ticket.ParseBody(i.Body)
	switch {
	case !b.Whole:
		return "the borders of the block are not mended"
	case strings.Count(b.Before+b.After, e.token) != e.lines:
		return fmt.Sprintf("of %d lines, there are %d", e.lines, strings.Count(b.Before+b.After, e.token))
	case e.whole && (b.Before != e.above || b.After != e.below):
		return "the text outside of the block changed: " + firstDifference(b.Before+"|"+b.After, e.above+"|"+e.below)
	case e.label != "" && !slices.Contains(i.Labels, e.label):
		return "the label " + e.label
	case !slices.Equal(slices.Sorted(slices.Values(i.Assignees)), slices.Sorted(slices.Values(e.assignees))):
		return fmt.Sprintf("the assignees: %q, were %q", i.Assignees, e.assignees)
	case i.Milestone != e.milestone:
		return fmt.Sprintf("the milestone: %q, was %q", i.Milestone, e.milestone)
	case strings.HasPrefix(i.Title, "Mine"):
		return "the title is still theirs"
	}
	now := items(b.Block)
	for text, done := range e.ticks {
		if is, here := now[text]; here && is != done {
			return fmt.Sprintf("the tick of %q: %v, was %v", text, is, done)
		}
	}
	return ""
}

// edited are specs whose tickets' texts change from version to version.
func edited(version int) map[string]string {
	out := map[string]string{}
	lists := []string{"[first, second]", "[second, first, third]", "[third, first, second, other]"}
	for c := range 4 {
		id := fmt.Sprintf("CRM-%d", c+1)
		text := strings.ReplaceAll(spec(id, 6, "release: {version: \"2.4\"}\n"), "[first, second]", lists[(version+c)%len(lists)])
		out[path(id)] = strings.Replace(text, "title: Capability", fmt.Sprintf("title: Version %d of", (version+c)/2%5), 1)
	}
	return out
}

// Whatever people do to tickets, between runs and while one is under way, nothing of theirs is
// lost, and a run without anything new leaves every byte alone.
func TestPeoplesEditsSurvive(t *testing.T) {
	t.Parallel()
	seeds := 5000
	if testing.Short() || !thorough {
		seeds = 120
	}
	const parts = 4
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			h := newHub(t, edited(0))
			h.quick()
			h.srv.As("mia").CreateMilestone("Ours")
			h.must(h.push(), 0)
			r := editor{h.repo, rand.New(rand.NewPCG(7, uint64(part)))}
			for seed, round := 0, 1; seed < seeds/parts; round++ {
				seed += r.round(fmt.Sprintf("%d/%d", part, round), round)
			}
			r.still(10)
		})
	}
}

// round lets people edit most tickets, some before and some during a run for changed specs, and
// gives how many they edited.
func (r editor) round(name string, version int) int {
	r.t.Helper()
	var before, during []int
	for _, i := range r.live() {
		if i.Author == fakegithub.BotLogin {
			switch r.rnd.IntN(8) {
			case 0, 1, 2:
				during = append(during, i.Number)
			case 3, 4, 5, 6:
				before = append(before, i.Number)
			}
		}
	}
	var done []edit
	act := func(n int) { done = append(done, r.edits(fmt.Sprintf("%s/%d", name, n), n)) }
	for _, n := range before {
		act(n)
	}
	if r.rnd.IntN(4) > 0 {
		r.commit(edited(version))
	}
	at := map[int][]int{}
	for _, n := range during {
		k := r.rnd.IntN(30)
		at[k] = append(at[k], n)
	}
	k := 0
	r.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
		for _, n := range at[k] {
			act(n)
		}
		k++
		return nil
	})
	for range 1 + r.rnd.IntN(4)/3 {
		r.clock.Advance(time.Minute)
		r.must(r.push(), 0)
	}
	r.srv.Fault(nil)
	// Who takes off the label that issues are listed by hides what else was done to them from runs
	// for pushes; a run over everything finds it.
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	for _, e := range done {
		if lost := e.lost(r.srv.Issue(e.n)); lost != "" {
			r.t.Fatalf("seed %s, #%d, edited %q: lost %s\n%.2000s", e.seed, e.n, e.places, lost, r.srv.Issue(e.n).Body)
		}
	}
	if found := r.twice(); found != "" {
		r.t.Fatalf("round %s: %s", name, found)
	}
	r.srv.ResetJournal()
	return len(done)
}

// still runs so many times and fails if a byte changes, but for the index and its mark.
func (r editor) still(times int) {
	r.t.Helper()
	want := learned.ReplaceAllString(r.srv.Dump(), "")
	for range times {
		r.clock.Advance(time.Hour)
		r.must(r.push(), 0)
	}
	if got := learned.ReplaceAllString(r.srv.Dump(), ""); got != want {
		r.t.Fatalf("%d runs change something\n%s", times, firstDifference(got, want))
	}
}
