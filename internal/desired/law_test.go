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
	"github.com/yuin/goldmark/extension"
	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown/markdowntest"
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

var tracker = goldmark.New(goldmark.WithExtensions(extension.GFM))

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
	if n := len(utf16.Encode([]rune(d.Title))); n > 256 || n == 0 {
		fail("%s: title has %d characters", d.Key, n)
	}
	for _, p := range markdowntest.Alive(addresses.ReplaceAllString(d.Title, "x")) {
		fail("%s: title: %s", d.Key, p)
	}
	for _, l := range d.Labels {
		if len([]rune(l)) > 50 {
			fail("%s: label %q is too long", d.Key, l)
		}
	}
}

// addresses are e-mail addresses, which are no mentions.
var addresses = regexp.MustCompile(`[A-Za-z0-9.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)

// TestRandomSpecs: what no list of whole attacks holds, in every text of a spec at once.
func TestRandomSpecs(t *testing.T) {
	pieces := []string{"@octocat", "#12 ", "<!--", "-->", "ticketfoundry:end", "```", "~~~", "\n", "\n\n", "- ", "- [ ] ", "- [x] a", "|", "# ", "> ", "`", "**", "[x](", ")", "text ", "    ", "\x00", "é", "\u00a0"}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "pieces"), "")
		in := attempt{text: s}.input()
		m := desired.Build(in)
		checkModel(t.Fatalf, in, m)
	})
}

// A list of everything, each long, still leaves a ticket that says what to do.
func TestLongSpecKeepsTheTop(t *testing.T) {
	cfg := settings()
	c := attempt{text: strings.Repeat("A long sentence that goes on. ", 2000)}.capability()
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
