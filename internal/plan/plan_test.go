package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

const repoID = "1001"

var (
	bot      = ticket.Account{ID: 1, Login: "github-actions[bot]", Bot: true}
	outsider = ticket.Account{ID: 66, Login: "mallory"}
	writer   = ticket.Account{ID: 7, Login: "wendy"}
	trust    = Trust{Repository: repoID, Writers: map[int64]bool{1: true}, MayWrite: map[string]bool{"wendy": true, "mallory": false}}
)

// issue is a ticket as the tracker shows it after it was made.
func issue(n int, key ticket.Key, block string) ticket.Observed {
	labels := []string{Root, "capability:" + key.Capability()}
	title := string(key)
	if key.IsCapability() {
		labels = append(labels, "capability")
		title += ": Title"
	}
	return ticket.Observed{
		Ref: ticket.Ref(fmt.Sprintf("#%d", n)), Number: n, Title: title, State: ticket.Open, Author: bot, Labels: labels,
		Body: ticket.NewBody(ticket.Marker{Repository: repoID, Key: key}, block),
	}
}

func state(t *testing.T, id string, tickets map[string]ticket.Touched) string {
	t.Helper()
	line, err := ticket.Applied{Capability: id, Hash: "h", Stage: "triage", Tickets: tickets}.Hide()
	if err != nil {
		t.Fatal(err)
	}
	return "block\n\n" + line
}

func TestMatchTrustsTheRightIssues(t *testing.T) {
	const key = "CRM-1/triage/triage"
	with := func(change func(*ticket.Observed)) ticket.Observed {
		o := issue(5, key, "block")
		change(&o)
		return o
	}
	for name, c := range map[string]struct {
		issue ticket.Observed
		want  bool
	}{
		"ours":                        {issue(5, key, "block"), true},
		"ours, all labels taken off":  {with(func(o *ticket.Observed) { o.Labels = nil }), true},
		"ours, of another repository": {with(func(o *ticket.Observed) { o.Body = strings.Replace(o.Body, "repo=1001", "repo=2", 1) }), false},
		"ours, contradicting label":   {with(func(o *ticket.Observed) { o.Labels = []string{Root, "capability:CRM-2"} }), false},
		"ours, quoted":                {with(func(o *ticket.Observed) { o.Body = "> " + strings.ReplaceAll(o.Body, "\n", "\n> ") }), false},
		"an outsider's":               {with(func(o *ticket.Observed) { o.Author = outsider }), false},
		"an outsider with our login":  {with(func(o *ticket.Observed) { o.Author = ticket.Account{ID: 99, Login: bot.Login} }), false},
		"a writer's":                  {with(func(o *ticket.Observed) { o.Author = writer }), true},
		"a writer's without label":    {with(func(o *ticket.Observed) { o.Author, o.Labels = writer, nil }), false},
	} {
		m := NewMatch([]ticket.Observed{c.issue}, trust)
		if _, got := m.Tickets[key]; got != c.want {
			t.Errorf("%s: taken for the ticket: %v, want %v", name, got, c.want)
		}
	}
}

func TestMatchAsksBeforeItTrustsOthers(t *testing.T) {
	o := issue(5, "CRM-1/triage/triage", "block")
	o.Author = ticket.Account{ID: 8, Login: "new"}
	if m := NewMatch([]ticket.Observed{o}, trust); !slices.Equal(m.Asked, []string{"new"}) {
		t.Errorf("asked %q", m.Asked)
	}
}

func TestMatchFindsWhatLostItsMarker(t *testing.T) {
	capIssue := issue(1, "CRM-1", state(t, "CRM-1", map[string]ticket.Touched{"": {Ref: "#1"}, "triage/triage": {Ref: "#2"}}))
	wiped := issue(2, "CRM-1/triage/triage", "block")
	wiped.Body = "nothing left"
	m := NewMatch([]ticket.Observed{capIssue, wiped}, trust)
	if m.Tickets["CRM-1/triage/triage"].Ref != "#2" {
		t.Error("the state names #2, and it was not found")
	}
	capIssue.Body = "nothing left"
	wiped = issue(2, "CRM-1/triage/triage", "block")
	m = NewMatch([]ticket.Observed{capIssue, wiped}, trust)
	if m.Tickets["CRM-1"].Ref != "#1" {
		t.Error("the capability issue still has its labels and title, and was not found")
	}
}

func TestMatchTwinsTheLowestNumberStays(t *testing.T) {
	const key = "CRM-1/triage/triage"
	closed := issue(3, key, "x")
	closed.State = ticket.Duplicate
	m := NewMatch([]ticket.Observed{issue(9, key, "x"), issue(5, key, "x"), closed, issue(7, key, "x")}, trust)
	var twins []ticket.Ref
	for _, o := range m.Duplicates[key] {
		twins = append(twins, o.Ref)
	}
	if m.Tickets[key].Ref != "#5" || !slices.Equal(twins, []ticket.Ref{"#7", "#9"}) {
		t.Errorf("stays %s, twins %v", m.Tickets[key].Ref, twins)
	}
}

func TestLookAndUnproven(t *testing.T) {
	child := issue(2, "CRM-1/triage/triage", "block")
	child.Parent = "#1"
	m := NewMatch([]ticket.Observed{child}, trust)
	if got := m.Look(nil); !slices.Equal(got, []ticket.Ref{"#1"}) {
		t.Errorf("the parent of a ticket without its capability issue must be looked at; got %v", got)
	}
	if !m.Unproven([]ticket.Key{"CRM-1"}) {
		t.Error("CRM-1 may exist without its label")
	}
	capIssue := issue(1, "CRM-1", state(t, "CRM-1", map[string]ticket.Touched{"triage/triage": {Ref: "#2"}, "spec/x": {Ref: "#3"}}))
	capIssue.Children = 1
	m = NewMatch([]ticket.Observed{capIssue, child}, trust)
	if got := m.Look(nil); !slices.Equal(got, []ticket.Ref{"#3"}) {
		t.Errorf("got %v", got)
	}
	if got := m.Look(map[ticket.Ref]bool{"#3": true}); got != nil {
		t.Errorf("looked twice at %v", got)
	}
	if m.Unproven([]ticket.Key{"CRM-1", "CRM-1/triage/triage", "CRM-1/spec/new"}) {
		t.Error("the state is known and names no CRM-1/spec/new: it is new")
	}
	capIssue.Children = 2
	if m = NewMatch([]ticket.Observed{capIssue, child}, trust); !m.Unproven([]ticket.Key{"CRM-1/spec/new"}) {
		t.Error("a sub-issue is not accounted for: it may be the ticket")
	}
}

func model(id string, tickets ...ticket.Desired) Model {
	return Model{Capability: id, Priority: "p2", Hash: "h", Stage: "triage", Entered: "triage",
		Tickets: append([]ticket.Desired{{Key: ticket.Key(id), Title: id + ": Title", Block: "block", State: ticket.Open, Labels: []string{Root, "capability", "capability:" + id}}}, tickets...)}
}

func input(m Match, models ...Model) Input {
	return Input{Models: models, Match: m, Whole: true, Known: len(models), Braked: true,
		Repository: ticket.Repository{ID: repoID, Name: "o/r", Features: ticket.Features{SubIssues: true, Dependencies: true}},
		Managed:    func(l string) bool { return strings.Contains(l, ":") || l == Root || l == "capability" },
		Define: func(names []string) []ticket.Label {
			var out []ticket.Label
			for _, n := range names {
				out = append(out, ticket.Label{Name: n})
			}
			return out
		}}
}

// tracked gives n capability issues with states.
func tracked(t *testing.T, n int) []ticket.Observed {
	var out []ticket.Observed
	for i := 1; i <= n; i++ {
		id := fmt.Sprintf("CRM-%d", i)
		out = append(out, issue(i, ticket.Key(id), state(t, id, map[string]ticket.Touched{"": {Ref: ticket.Ref(fmt.Sprintf("#%d", i))}})))
	}
	return out
}

func TestBrakes(t *testing.T) {
	for _, c := range []struct {
		known, left int
		want        string
	}{
		{10, 10, ""}, {10, 9, ""}, {10, 8, ""}, {10, 7, "mass-close"}, {2, 1, ""}, {3, 1, "mass-close"},
		{100, 95, ""}, {100, 94, "mass-close"}, {1, 0, "no-specs"}, {5, 0, "no-specs"},
	} {
		var models []Model
		for i := 1; i <= c.left; i++ {
			models = append(models, model(fmt.Sprintf("CRM-%d", i)))
		}
		in := input(NewMatch(tracked(t, c.known), trust), models...)
		got := ""
		if p := Build(in); len(p.Brakes) > 0 {
			got = p.Brakes[0].Rule
		}
		if got != c.want {
			t.Errorf("%d of %d left: brake %q, want %q", c.left, c.known, got, c.want)
		}
		in.Braked = false
		if p := Build(in); len(p.Brakes) > 0 || p.Count(Close) != c.known-c.left {
			t.Errorf("%d of %d left, overridden: %d brakes, %d closed", c.left, c.known, len(p.Brakes), p.Count(Close))
		}
		in.Whole = false
		if p := Build(in); p.Count(Close) != 0 {
			t.Errorf("%d of %d left, but not all specs could be read: closes %d", c.left, c.known, p.Count(Close))
		}
	}
}

func TestCancelledIsNeverBraked(t *testing.T) {
	var models []Model
	for i := 1; i <= 10; i++ {
		m := model(fmt.Sprintf("CRM-%d", i))
		m.Closed, m.Why = true, "cancelled"
		m.Tickets[0].State = ticket.NotPlanned
		models = append(models, m)
	}
	if p := Build(input(NewMatch(tracked(t, 10), trust), models...)); len(p.Brakes) > 0 || p.Count(Close) != 10 {
		t.Errorf("brakes %v, closes %d", p.Brakes, p.Count(Close))
	}
}

func TestManyLostTicketsBrake(t *testing.T) {
	for n, want := range map[int]int{25: 0, 26: 1} {
		tickets := map[string]ticket.Touched{"": {Ref: "#1"}}
		for i := range n {
			tickets[fmt.Sprintf("build/t%d", i)] = ticket.Touched{Ref: ticket.Ref(fmt.Sprintf("#%d", i+2))}
		}
		m := NewMatch([]ticket.Observed{issue(1, "CRM-1", state(t, "CRM-1", tickets))}, trust)
		if p := Build(input(m, model("CRM-1"))); len(p.Brakes) != want {
			t.Errorf("%d lost: %v", n, p.Brakes)
		}
	}
}

func TestThreeWay(t *testing.T) {
	for _, c := range []struct{ prior, want, have, add, remove string }{
		{"a", "a", "a", "", ""},
		{"a", "a", "", "", ""},        // people took a off: theirs
		{"a", "a", "a b", "", ""},     // people added b: theirs
		{"", "a", "", "a", ""},        // the spec gained a
		{"a", "", "a", "", "a"},       // the spec lost a
		{"a", "", "", "", ""},         // and people were faster
		{"a", "b", "a c", "b", "a"},   // both, beside people's c
		{"", "a", "A", "", ""},        // it is there in another case
		{"a b", "b c", "x", "c", ""},  // people took both off
		{"a", "a b", "c", "b", ""},    // a stays off, b comes
		{"a b", "a", "a b", "", "b"},  // b left the spec
		{"a", "b", "b", "", ""},       // people did it already
		{"a b", "", "a b", "", "a b"}, // all gone
	} {
		add, remove := threeWay(strings.Fields(c.prior), strings.Fields(c.want), append([]string{}, strings.Fields(c.have)...))
		if strings.Join(add, " ") != c.add || strings.Join(remove, " ") != c.remove {
			t.Errorf("prior %q, want %q, have %q: +%q -%q", c.prior, c.want, c.have, add, remove)
		}
	}
}

func TestSentence(t *testing.T) {
	d := func(id, name, audience string, people ...string) ticket.Desired {
		return ticket.Desired{Key: ticket.Key(id + "/build/" + name), Title: name, Audience: audience, Assignees: people, Parent: ticket.Key(id)}
	}
	fresh := Build(input(NewMatch(nil, trust), model("CRM-1", d("CRM-1", "a", "engineering", "ada"), d("CRM-1", "b", "engineering"), d("CRM-1", "c", "press", "pia"))))
	if want := "opens 3 tickets: 2 engineering, 1 press, 1 assigned to nobody; opens 1 capability issue"; fresh.Summary != want {
		t.Errorf("got  %s\nwant %s", fresh.Summary, want)
	}
	if none := Build(input(NewMatch(nil, trust))); none.Summary != "nothing to do: there are no capabilities" || !none.Empty() {
		t.Errorf("got %s", none.Summary)
	}
	broken := input(NewMatch(nil, trust))
	broken.Held = []string{"CRM-1"}
	if held := Build(broken); held.Summary != "nothing is planned: what could be has errors in its file" {
		t.Errorf("got %s", held.Summary)
	}
}

func TestAClosedKeyComesBack(t *testing.T) {
	left := issue(2, "CRM-1/spec/extra", "block")
	capIssue := issue(1, "CRM-1", state(t, "CRM-1", map[string]ticket.Touched{"": {Ref: "#1"}, "spec/extra": {Ref: "#2"}}))
	p := Build(input(NewMatch([]ticket.Observed{capIssue, left}, trust), model("CRM-1")))
	c := find(t, p, "CRM-1/spec/extra")
	if c.Action != Close || c.Patch.State != ticket.NotPlanned {
		t.Errorf("a key that left the spec: %s %+v", c.Action, c.Patch)
	}
	if len(p.Groups[0].Notes) != 1 || !strings.Contains(p.Groups[0].Notes[0].Text, "#2") {
		t.Errorf("notes %q", p.Groups[0].Notes)
	}
	closed := map[string]ticket.Touched{"": {Ref: "#1"}, "spec/extra": {Ref: "#2", Closed: true}}
	capIssue = issue(1, "CRM-1", state(t, "CRM-1", closed))
	if c := find(t, Build(input(NewMatch([]ticket.Observed{capIssue, left}, trust), model("CRM-1"))), "CRM-1/spec/extra"); c.Action != Keep {
		t.Errorf("people opened it again, and it is %s", c.Action)
	}
	left.State = ticket.NotPlanned
	back := ticket.Desired{Key: "CRM-1/spec/extra", Title: left.Title, Block: "block", Labels: left.Labels, Parent: "CRM-1"}
	if c := find(t, Build(input(NewMatch([]ticket.Observed{capIssue, left}, trust), model("CRM-1", back))), "CRM-1/spec/extra"); c.Action != Reopen {
		t.Errorf("it is in the spec again, and it is %s", c.Action)
	}
	capIssue = issue(1, "CRM-1", state(t, "CRM-1", map[string]ticket.Touched{"": {Ref: "#1"}, "spec/extra": {Ref: "#2"}}))
	if c := find(t, Build(input(NewMatch([]ticket.Observed{capIssue, left}, trust), model("CRM-1", back))), "CRM-1/spec/extra"); c.Action != Keep {
		t.Errorf("people closed it as not planned, and it is %s", c.Action)
	}
}

func find(t *testing.T, p Plan, key ticket.Key) Change {
	t.Helper()
	var out []Change
	for _, c := range p.Changes {
		if c.Key == key {
			out = append(out, c)
		}
	}
	if len(out) != 1 {
		t.Fatalf("%d changes for %s", len(out), key)
	}
	return out[0]
}
