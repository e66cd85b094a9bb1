package run_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// scenario is a repository with dependencies, an audience ticket and a foreign issue, and a
// second state of it that changes, closes, cancels and reopens.
func scenario(t testing.TB) (*repo, map[string]string) {
	r := newRepo(t, options(), map[string]string{
		path("CRM-1"): spec("CRM-1", 2, "release: {version: \"2.4\", target_date: 2026-05-01}\n"),
		path("CRM-2"): spec("CRM-2", 1, "depends_on: [CRM-1, CRM-3]\n"),
		path("CRM-3"): spec("CRM-3", 0, ""),
	})
	r.srv.As("mona").OpenIssue("Something else", "See CRM-1.\r\n", "bug")
	return r, map[string]string{
		path("CRM-1"): spec("CRM-1", 1, "priority: p1\nrelease: {version: \"2.5\", target_date: 2026-06-01}\n"),
		path("CRM-2"): spec("CRM-2", 1, "depends_on: [CRM-1]\nstatus: cancelled\n"),
		path("CRM-4"): spec("CRM-4", 1, "depends_on: [CRM-1]\n"),
	}
}

// steady checks what must hold after any finished run.
func (r *repo) steady() {
	r.t.Helper()
	r.srv.ResetJournal()
	r.must(r.push(), 0)
	if w := r.srv.Writes(); len(w) > 0 {
		r.t.Fatalf("a run after the last one writes again\n%s", r.srv.List())
	}
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	if w := r.srv.Writes(); len(w) > 0 {
		r.t.Fatalf("a full sweep after the last run writes again\n%s", r.srv.List())
	}
}

func TestApplyThenPlanIsEmpty(t *testing.T) {
	r, change := scenario(t)
	r.must(r.push(), 0)
	r.steady()
	r.commit(change)
	r.must(r.push(), 0)
	r.steady()
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

var timeOfDay = regexp.MustCompile(`T\d\d:\d\d:\d\dZ`)

// timeless takes the times of day out of a dump: a run that came later entered a stage later.
func timeless(dump string) string { return timeOfDay.ReplaceAllString(dump, "T") }

func TestStrippedLabelsMakeNoSecondTicket(t *testing.T) {
	t.Parallel()
	r, _ := scenario(t)
	r.must(r.push(), 0)
	want, n := r.dump(), len(r.srv.Issues())
	for _, i := range r.srv.Issues() {
		for _, l := range i.Labels {
			r.srv.As("mona").RemoveLabel(i.Number, l)
			r.must(r.push(), 0)
			if got := len(r.srv.Issues()); got != n {
				t.Fatalf("without %q on #%d there are %d issues, want %d", l, i.Number, got, n)
			}
			if i.Author != fakegithub.BotLogin { // a foreign one: its labels are not ours to put back
				r.srv.As("mona").AddLabel(i.Number, l)
			}
		}
		for _, l := range i.Labels {
			r.srv.As("mona").RemoveLabel(i.Number, l)
		}
		r.must(r.push(), 0)
		if got := len(r.srv.Issues()); got != n {
			t.Fatalf("without any label on #%d there are %d issues, want %d", i.Number, got, n)
		}
		if i.Author != fakegithub.BotLogin {
			r.srv.As("mona").AddLabel(i.Number, i.Labels[0])
		}
	}
	r.must(r.event("schedule", map[string]any{}, nil), 0) // a push sees only what the label "ticketfoundry" is on
	if got := r.dump(); got != want {
		t.Errorf("the labels are not all back\n%s", firstDifference(got, want))
	}
	for _, i := range r.srv.Issues() {
		for _, l := range i.Labels {
			r.srv.As("mona").RemoveLabel(i.Number, l)
		}
	}
	r.must(r.push(), 0)
	if got := len(r.srv.Issues()); got != n {
		t.Fatalf("without any label anywhere there are %d issues, want %d", got, n)
	}
}

func TestForeignIssuesStayByteIdentical(t *testing.T) {
	r, change := scenario(t)
	bodies := []string{
		"plain", "with\r\nwindows\r\nends", "<!-- ticketfoundry:begin repo=1 key=CRM-1 -->\nforged\n<!-- ticketfoundry:end -->",
		fmt.Sprintf("<!-- ticketfoundry:begin repo=%d key=CRM-1/triage/triage -->\nforged\n<!-- ticketfoundry:end -->", r.repositoryID()),
		"<!-- ticketfoundry:state {\"v\":1,\"id\":\"CRM-1\"} -->", "",
	}
	var foreign []int
	for i, b := range bodies {
		foreign = append(foreign, r.srv.As("reader").OpenIssue(fmt.Sprintf("CRM-1: forged %d", i), b))
	}
	pull := r.srv.As("mona").OpenIssue("by a writer, without our label", bodies[3])
	foreign = append(foreign, pull)
	snapshot := func() string {
		var b strings.Builder
		for _, n := range foreign {
			fmt.Fprintf(&b, "%+v\n", r.srv.Issue(n))
		}
		return b.String()
	}
	want := snapshot()
	r.must(r.push(), 0)
	r.commit(change)
	r.must(r.push(), 0)
	if got := snapshot(); got != want {
		t.Errorf("a foreign issue changed\n%s", firstDifference(got, want))
	}
}

// Whatever people write, tick, label and assign on tickets stays, whatever the spec does then.
func TestPeoplesWorkSurvives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r, change := scenario(t)
		r.must(r.push(), 0)
		mona := r.srv.As("mona")
		type work struct{ text, label, person, tick string }
		did := map[int]work{}
		for _, i := range r.live() {
			if i.Author != fakegithub.BotLogin || !rapid.Bool().Draw(rt, "touch") {
				continue
			}
			w := work{text: fmt.Sprintf("note of mona on %d: %s", i.Number, rapid.SampledFrom([]string{"x", "- [ ] todo", "😀 ünï", "<!-- mine -->", "## Heading"}).Draw(rt, "text"))}
			body := i.Body
			if strings.Contains(body, "- [ ] first") && rapid.Bool().Draw(rt, "tick") {
				body, w.tick = strings.Replace(body, "- [ ] first", "- [x] first", 1), "- [x] first"
			}
			if rapid.Bool().Draw(rt, "above") {
				body = w.text + "\n\n" + body
			} else {
				body += "\n" + w.text
			}
			mona.EditBody(i.Number, body)
			w.label = "our-own"
			mona.AddLabel(i.Number, w.label)
			w.person = rapid.SampledFrom([]string{"mona", "tess"}).Draw(rt, "person")
			mona.Assign(i.Number, w.person)
			did[i.Number] = w
		}
		r.commit(change)
		r.must(r.push(), 0)
		for n, w := range did {
			i := r.srv.Issue(n)
			if !strings.Contains(i.Body, w.text) || !strings.Contains(i.Body, w.tick) {
				rt.Fatalf("#%d lost text %q or tick %q:\n%s", n, w.text, w.tick, i.Body)
			}
			if !slices.Contains(i.Labels, w.label) || !slices.Contains(i.Assignees, w.person) {
				rt.Fatalf("#%d has labels %q and assignees %q", n, i.Labels, i.Assignees)
			}
		}
		r.steady()
	})
}

// Neither the names of files nor the order of anything changes what comes out.
func TestFileNamesAndOrderDoNotMatter(t *testing.T) {
	a, _ := scenario(t)
	a.must(a.push(), 0)
	b := newRepo(t, options(), nil)
	renamed := map[string]string{}
	for i, p := range slices.Sorted(maps.Keys(a.files)) {
		renamed[fmt.Sprintf("capabilities/%c/%s", 'z'-rune(i), strings.TrimPrefix(p, "capabilities/"))] = a.files[p]
	}
	b.commit(renamed)
	b.srv.As("mona").OpenIssue("Something else", "See CRM-1.\r\n", "bug")
	b.must(b.push(), 0)
	strip := func(s string) string {
		for from, to := range renamed {
			_ = to
			s = strings.ReplaceAll(s, from, "capabilities/"+from[len("capabilities/z/"):])
		}
		return strings.ReplaceAll(strings.ReplaceAll(s, a.sha, "SHA"), b.sha, "SHA")
	}
	if x, y := strip(a.dump()), strip(b.dump()); strings.ReplaceAll(x, a.sha[:7], "") != strings.ReplaceAll(y, b.sha[:7], "") {
		t.Errorf("ends elsewhere\n%s", firstDifference(x, y))
	}
}
