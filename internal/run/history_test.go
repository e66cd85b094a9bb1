package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// deed is one thing that a person does to a ticket.
type deed struct{ who, verb, key, text string }

func (d deed) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", d.who, d.verb, d.key, d.text))
}

// trio are three capabilities: one with all stages, one that waits for it, one on a short track.
func trio() map[string]string {
	return map[string]string{
		configFile: "version: 1\npipeline:\n  allow_start_stage: true\n  tracks: {light: {stages: [spec, spec-approval, build, release, shipped]}}\n",
		path("CRM-1"): wide("CRM-1", "Lead scoring", "technology: {apis: [{key: endpoint, name: Scoring endpoint}, {key: store, name: Score store}]}\n"+
			"release: {version: \"2.4\", notes: Leads have scores., target_date: 2026-05-01}\nstart_stage: compliance\n"),
		path("CRM-2"): wide("CRM-2", "Score badge", "start_stage: compliance\ndepends_on: [CRM-1]\n"),
		path("CRM-3"): wide("CRM-3", "Score export", "track: light\nrelease: {version: \"2.4\", notes: Scores can be exported.}\ndepends_on: [CRM-2]\n"),
	}
}

// deeds draws what people do next on the tickets that there are, each touched once: work is
// finished in one of its ways, decisions are made by those who may and those who may not.
func deeds(r *rand.Rand, desk []folder, most int) []deed {
	var out []deed
	for _, f := range desk {
		approval := strings.Contains(f.key, "approv") || strings.Contains(f.key, "sign-off") || strings.Contains(f.key, "/uat/")
		who := []string{"mia", "max", "max", "mia", "eve"}[r.IntN(5)]
		switch {
		case !strings.Contains(f.key, "/"):
			if f.state == "open" && r.IntN(5) == 0 {
				out = append(out, deed{who, "comment", f.key, []string{"/hold later", "/resume", "/status", "/waive CRM-1 a stub will do", "/rework spec again", "Just talking."}[r.IntN(6)]})
			}
		case f.state != "open":
		case approval && r.IntN(6) == 0:
			out = append(out, deed{who, "comment", f.key, "/reject not like this"})
		case approval && r.IntN(2) == 0 && !slices.Contains(f.labels, "approved"):
			out = append(out, deed{who, "approved", f.key, ""})
		case approval:
			out = append(out, deed{who, "comment", f.key, "/approve"})
		default:
			out = append(out, []deed{
				{"eve", "close", f.key, ""}, {"eve", "close", f.key, ""}, {"eve", "close", f.key, ""}, {"ada", "drop", f.key, ""}, {"tidy[bot]", "close", f.key, ""},
				{"ada", "comment", f.key, "/done"}, {"ada", "comment", f.key, "/not-needed somebody did it"}, {"rob", "comment", f.key, "/done"},
			}[r.IntN(8)])
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(len(out), 1+r.IntN(most))]
}

// standing is what people see of where things stand. Tickets of stages ahead that a rejection
// led back from are there only if a run came in between, so these do not count; nor do labels on
// them that nobody has looked at.
func (h hub) standing(without func(key string) bool, back bool) string {
	var b strings.Builder
	for _, f := range h.desk() {
		if !without(f.key) {
			f.labels = slices.DeleteFunc(f.labels, func(l string) bool { return back && (l == "approved" || l == "rejected") })
			slices.Sort(f.labels)
			fmt.Fprintf(&b, "%s %s %s\n", f.key, f.state, strings.Join(f.labels, " "))
		}
	}
	lines := strings.SplitAfter(b.String(), "\n") // numbers follow the order of making
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// swept fails if a run over everything finds something to write that the runs for single
// events left.
func (h hub) swept(after fmt.Stringer) {
	h.t.Helper()
	h.srv.ResetJournal()
	before := h.dump()
	h.must(h.event("schedule", map[string]any{}, nil), 0)
	if len(h.srv.Writes()) > 0 {
		h.t.Fatalf("after %q, a run over everything still writes\n%s\n%s", after, firstDifference(h.dump(), before), h.srv.List())
	}
}

// A run for one event leaves nothing for a run over everything to do: it looks at less, and
// writes the same.
func TestRunsForEventsLeaveNothing(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() || !thorough {
		seeds = 4
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, seed))
			h := newHub(t, trio())
			h.follow("")
			for range 10 {
				all := deeds(r, h.desk(), 1)
				if len(all) == 0 {
					return
				}
				d := all[0]
				switch r.IntN(12) {
				case 0:
					d = deed{"eve", "retitle", d.key, "Mine"}
				case 1:
					d = deed{"eve", "unlabel", d.key, "ticketfoundry"}
				case 2:
					d = deed{"max", "delete", d.key, ""}
				}
				n := h.found(d.key)
				h.act(d.who, d.verb, d.key, d.text)
				h.clock.Advance(time.Minute)
				h.must(h.issueEvent("edited", n, nil), 0)
				h.swept(d)
			}
		})
	}
}

// The whole path does not depend on when runs come either.
func TestItDoesNotMatterWhenEventsCome(t *testing.T) {
	histories := 60
	if testing.Short() || !thorough {
		histories = 12
	}
	for part := range 6 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			for seed := range histories / 6 {
				sameEnd(t, uint64(part), uint64(seed))
			}
		})
	}
}

func sameEnd(t *testing.T, part, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(part, seed))
	var hubs [3]hub
	for i := range hubs {
		hubs[i] = newHub(t, trio())
		hubs[i].follow("")
	}
	for range 2 {
		all := deeds(r, hubs[0].desk(), 5)
		mask := r.Uint64()
		for i, h := range hubs {
			for k, d := range all {
				h.act(d.who, d.verb, d.key, d.text)
				if i == 0 || i == 1 && mask>>k&1 == 1 || k == len(all)-1 {
					h.follow(d.key)
				}
			}
		}
		back := slices.ContainsFunc(all, func(d deed) bool {
			return strings.HasPrefix(d.text, "/reject") || strings.HasPrefix(d.text, "/rework")
		})
		everywhere := func(key string) bool {
			return !slices.ContainsFunc(hubs[:], func(h hub) bool {
				return !slices.ContainsFunc(h.desk(), func(f folder) bool { return f.key == key })
			})
		}
		without := func(key string) bool { return back && !everywhere(key) }
		want := hubs[0].standing(without, back)
		for i, h := range hubs[1:] {
			if got := h.standing(without, back); got != want {
				t.Fatalf("history %d/%d: %q\n%s: %s", part, seed, all, []string{"running sometimes", "running once"}[i], firstDifference(got, want))
			}
		}
		if back {
			return // from here on they may have different tickets
		}
	}
}
