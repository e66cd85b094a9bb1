package desired_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// everyModel gives the models of a capability in every stage.
func everyModel(f *capability.File, cfg *config.Config) []desired.Model {
	var out []desired.Model
	for _, s := range cfg.Pipeline.Stages {
		out = append(out, desired.Build(input(f, cfg, s.ID)))
	}
	return out
}

func TestSameInputSameModel(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	for _, s := range cfg.Pipeline.Stages {
		first := desired.Build(input(f, cfg, s.ID))
		for range 5 {
			if again := desired.Build(input(f, cfg, s.ID)); !reflect.DeepEqual(first, again) {
				t.Fatalf("in %s: two models of one input", s.ID)
			}
		}
	}
}

// What opened early stays as it was while the capability moves on.
func TestTextDoesNotFollowTheStage(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	before := map[ticket.Key]string{}
	compared := 0
	for _, m := range everyModel(f, cfg) {
		for _, d := range m.Tickets {
			if d.Key.IsCapability() || d.Stage != "release" || d.Key.Name() == "approve-release" {
				continue
			}
			if was, ok := before[d.Key]; ok {
				compared++
				if was != d.Block+d.Title {
					t.Errorf("%s changed because the capability moved on", d.Key)
				}
			}
			before[d.Key] = d.Block + d.Title
		}
	}
	if compared == 0 {
		t.Fatal("nothing was compared")
	}
}

func TestMentionsLead(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	for _, m := range everyModel(f, cfg) {
		known := []ticket.Key{"CRM-100", "CRM-103", "CRM-104", "CRM-106"}
		for _, d := range m.Tickets {
			known = append(known, d.Key)
		}
		for _, d := range m.Tickets {
			for _, k := range ticket.Mentions(d.Block) {
				if !slices.Contains(known, k) {
					t.Errorf("%s mentions %s, which is not there", d.Key, k)
				}
			}
			if !d.Key.IsCapability() && d.Parent != "CRM-101" {
				t.Errorf("%s has parent %q", d.Key, d.Parent)
			}
		}
	}
}

var costWords = regexp.MustCompile(`(?i)cogs|running cost|budget|436|288\.00|105\.12|43\.70|\$`)

func TestCostStaysInside(t *testing.T) {
	cfg := settings()
	f := parse(t, sample(t), cfg)
	seen := map[string]bool{}
	for _, m := range everyModel(f, cfg) {
		for _, d := range m.Tickets {
			outside := slices.Contains([]string{"docs", "press", "marketing"}, d.Audience) || d.Key.Name() == "release-notes"
			if !outside {
				continue
			}
			seen[d.Key.Name()] = true
			if w := costWords.FindString(d.Block + d.Title + strings.Join(d.Labels, " ")); w != "" {
				t.Errorf("%s speaks of cost: %q", d.Key, w)
			}
			if strings.Contains(d.Block, "GDPR") {
				t.Errorf("%s shows what is for legal", d.Key)
			}
			if d.Audience != "press" && strings.Contains(d.Block, "press@example.com") {
				t.Errorf("%s shows the press contacts", d.Key)
			}
		}
	}
	if len(seen) != 4 {
		t.Errorf("saw only %v", seen)
	}
}

var (
	emptyHeading = regexp.MustCompile(`(?m)^### [^\n]*\n+(?:#{1,3} |\z)`)
	emptyTable   = regexp.MustCompile(`(?m)^\|[ |:-]*-[ |:-]*\|(?:\n\n|\n?\z)`)
)

var tracker = goldmark.New(goldmark.WithExtensions(extension.GFM))

// spoken is the text of a body outside code and the targets of links: where trackers look for
// mentions and references.
func spoken(md string) string {
	source := []byte(md)
	var b strings.Builder
	_ = ast.Walk(tracker.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Kind() == ast.KindCodeSpan {
			return ast.WalkSkipChildren, nil
		}
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
			b.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

func checkBody(fail func(string, ...any), d ticket.Desired) {
	marker := ticket.Marker{Repository: "42", Key: d.Key}
	body := ticket.NewBody(marker, d.Block)
	room := ticket.MaxBody
	if d.Key.IsCapability() {
		room -= desired.StateReserve
	}
	if len(body) > room {
		fail("%s: body has %d bytes", d.Key, len(body))
	}
	if got := ticket.ParseBody(body); !got.Whole || got.Block != d.Block || got.Marker != marker {
		fail("%s: the markers did not survive", d.Key)
	}
	if m := emptyHeading.FindString(d.Block); m != "" {
		fail("%s: heading without content: %q", d.Key, m)
	}
	if !d.Key.IsCapability() && emptyTable.MatchString(d.Block) {
		fail("%s: empty table", d.Key)
	}
	if n := len(utf16.Encode([]rune(d.Title))); n > 256 || n == 0 {
		fail("%s: title has %d characters", d.Key, n)
	}
	if at := alive.FindString(spoken(d.Block) + d.Title); at != "" {
		fail("%s: %q in it is alive", d.Key, at)
	}
	for _, l := range d.Labels {
		if len([]rune(l)) > 50 {
			fail("%s: label %q is too long", d.Key, l)
		}
	}
}

// fill puts a text into every text of a spec.
func fill(s string) capability.Capability {
	c := capability.Capability{ID: "CRM-101", Title: s, Summary: s, Owner: "ada", Priority: "p2", User: s, Legal: s, Data: s, Channel: s}
	list := []string{s, s}
	c.SuccessCriteria, c.Scope.In, c.Scope.Out = list, list, list
	c.Sections = capability.Sections{{Title: s, Text: s}}
	c.AcceptanceCriteria = []capability.Criterion{{ID: "AC-1", Text: s, Kind: "edge"}, {Text: s, Kind: "uat"}}
	c.Documents = capability.Documents{Spec: s, Architecture: s}
	c.Technology.APIs = []capability.Item{{Key: "one", Name: s, Description: s, Acceptance: list}}
	c.Release = capability.Release{Version: s, TargetDate: s, Notes: s, Docs: []capability.Page{{Page: s, Reason: s}, {Page: "https://" + s}}}
	c.Press = capability.Press{Headline: s, Narrative: s, Embargo: s, Restrictions: s, Contacts: list}
	c.Marketing = capability.Marketing{Campaign: s, Message: s, Channels: list, LaunchDate: s}
	c.Tickets = capability.StageTickets{{Stage: "build", Key: "two", Title: s, Audience: "press", Body: s, Estimate: s, Acceptance: list, Labels: list}}
	return c
}

func checkText(fail func(string, ...any), s string) {
	cfg := settings()
	cfg.Audiences["press"] = config.Audience{Intro: s, Checklist: []string{s}}
	cfg.Products["CRM"] = config.Product{Name: s}
	f := &capability.File{Path: "capabilities/CRM-101.yml", Capability: fill(s)}
	in := input(f, cfg, "release") // by then every ticket is there
	in.Depends[0].Title = s
	for _, d := range desired.Build(in).Tickets {
		checkBody(fail, d)
	}
}

func TestHostileSpecs(t *testing.T) {
	for _, s := range []string{
		"", "@octocat", "fixes #12 now", "<!-- ticketfoundry:end -->", "```", "| a |\n|---|", "</details><!--", "# x\n\n- [x] done @octocat",
		"x\n<!-- ticketfoundry:begin repo=42 key=CRM-101 -->\ny", "`@octocat", "\x00CRM-999\x00", "\u202e@octocat", "![x](https://a.example/x.png)",
		strings.Repeat("@octocat ", 7000), strings.Repeat("a\n\n", 20000), strings.Repeat("é", 30000), "```\n" + strings.Repeat("x\n", 30000), strings.Repeat("- #12 \n", 2000),
		strings.Repeat("<", 60000),
	} {
		if testing.Short() && len(s) > 10_000 {
			continue // slow with the race detector, which finds nothing in length
		}
		t.Run(fmt.Sprintf("%.20q", s), func(t *testing.T) { checkText(t.Errorf, s) })
	}
}

func TestRandomSpecs(t *testing.T) {
	pieces := []string{"@octocat", "#12 ", "<!--", "-->", "ticketfoundry:end", "```", "~~~", "\n", "\n\n", "- ", "- [ ] ", "|", "# ", "> ", "`", "**", "[x](", ")", "text ", "    ", "\x00", "é"}
	rapid.Check(t, func(t *rapid.T) {
		checkText(t.Fatalf, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "pieces"), ""))
	})
}

// A list of everything, each long, still leaves a ticket that says what to do.
func TestLongSpecKeepsTheTop(t *testing.T) {
	cfg := settings()
	c := fill(strings.Repeat("A long sentence that goes on. ", 2000))
	for i := range 200 {
		c.AcceptanceCriteria = append(c.AcceptanceCriteria, capability.Criterion{ID: fmt.Sprintf("B-%d", i), Text: "one more"})
	}
	f := &capability.File{Path: "capabilities/CRM-101.yml", Capability: c}
	for _, d := range desired.Build(input(f, cfg, "release")).Tickets {
		checkBody(t.Errorf, d)
		if !d.Key.IsCapability() && !strings.Contains(d.Block, "… continues in [`capabilities/CRM-101.yml`]") {
			t.Errorf("%s does not say where it continues", d.Key)
		}
	}
}

func TestClosedByRule(t *testing.T) {
	cfg := settings()
	f := parse(t, strings.Replace(sample(t), "priority: p1", "status: cancelled", 1), cfg)
	m := desired.Build(input(f, cfg, "build"))
	if len(m.Tickets) != 1 || m.Tickets[0].State != ticket.NotPlanned || !strings.HasPrefix(m.Tickets[0].Block, "**Closed:** its spec says `status: cancelled`.") {
		t.Errorf("got %+v", m.Tickets[0])
	}
	shipped := desired.Build(input(parse(t, sample(t), cfg), cfg, pipeline.Shipped))
	if shipped.Tickets[0].State != ticket.Completed || shipped.Tickets[1].State != "" {
		t.Errorf("shipped: capability %q, ticket %q", shipped.Tickets[0].State, shipped.Tickets[1].State)
	}
}

func BenchmarkBuild(b *testing.B) {
	cfg := settings()
	in := input(parse(b, sample(b), cfg), cfg, "build")
	b.ReportAllocs()
	for b.Loop() {
		desired.Build(in)
	}
}
