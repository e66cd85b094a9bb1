package desired_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown/markdowntest"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// places are where a template can put a value.
var places = []string{
	"%s", "So: %s, and more", "- %s", "- [ ] %s", "> %s", "### %s\n\nbelow", "| a | b |\n|---|---|\n| %s | x |", "`%s`", "```\n%s\n```",
	"[%s](https://example.com/)", "[x](https://example.com/%s)", "@%[1]s#%[1]s<!--%[1]s", "> - %s", "| %s |\n|---|\n| x |",
}

// templated are the tickets that a repository writes with templates of its own.
var templated = []string{"build--apis-1", "build--tickets-1", "compliance--another-sign-off", "release--external-docs"}

// inEveryPlace gives templates that write every field, each in the next place, from one on.
func inEveryPlace(t *testing.T, from int) desired.Templates {
	cfg := settings()
	text := desired.EveryField(slices.Concat(places[from:], places[:from])...)
	names := templated[:2]
	if from%4 == 0 {
		names = templated // the others hold no field that these don't
	}
	for _, name := range names {
		cfg.Templates = append(cfg.Templates, config.Template{Path: config.TemplateFolder + "/" + name + ".md.tmpl", Text: text})
	}
	own, findings := desired.ParseTemplates(cfg, nil)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	return own
}

// TestHostileCorpus puts every text of the corpus into every text of a spec and a config at once,
// and reads every ticket, the board and the context of a pull request as a tracker does. Some
// tickets are written by templates that use every field, each in another kind of place.
func TestHostileCorpus(t *testing.T) {
	corpus := markdowntest.Hostile()
	if len(corpus) < 800 {
		t.Fatalf("only %d texts", len(corpus))
	}
	own := make([]desired.Templates, len(places))
	for i := range places {
		own[i] = inEveryPlace(t, i)
	}
	const shares = 4 // at the same time
	for share := range shares {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			t.Parallel()
			for i, s := range corpus {
				if i%shares != share || testing.Short() && (len(s) > 1_000 || i%12 != 0) {
					continue // slow with the race detector, which finds nothing in texts
				}
				if len(s) > 1_000 && len(s) < 40_000 && i/shares%2 != 0 {
					continue // half of the long ones are enough here; package markdown's own test reads them all
				}
				fail := func(format string, args ...any) { t.Errorf("%.60q: %s", s, fmt.Sprintf(format, args...)) }
				a := attempt{text: s, unbound: i%2 == 0, short: len(s) > 1_000}
				in := a.input()
				if len(s) < 1_000 {
					in.Templates = own[i%len(own)]
				}
				m := desired.Build(in)
				checkModel(fail, in, m)
				if len(s) < 1_000 && len(m.Notes) > 0 {
					fail("notes %q", m.Notes)
				}
				for _, text := range a.around(in) {
					for _, p := range markdowntest.Read(text).Alive {
						fail("on the board or in a pull request: %s", p)
					}
				}
			}
		})
	}
}

// TestHostileFieldAlone puts texts of the corpus into one field alone, every field with texts of its
// own: among harmless neighbours nothing else is wrong that could keep it down.
func TestHostileFieldAlone(t *testing.T) {
	_, inSpec := attempt{text: harmless, unbound: true}.fill()
	_, inConfig := attempt{text: harmless}.config()
	fields := slices.Concat(inSpec, inConfig)
	if len(fields) < 60 {
		t.Fatalf("only %d fields: %v", len(fields), fields)
	}
	for i, s := range markdowntest.Hostile() {
		if len(s) > 1_000 || i%3 != 0 || testing.Short() && i%12 != 0 {
			continue
		}
		field := fields[i/3%len(fields)]
		in := attempt{text: s, only: field, unbound: true}.input()
		checkModel(func(format string, args ...any) { t.Errorf("%.60q in %s: %s", s, field, fmt.Sprintf(format, args...)) }, in, desired.Build(in))
	}
}

// TestEveryFieldIsTried: a field that the corpus goes through is one that reaches a ticket.
func TestEveryFieldIsTried(t *testing.T) {
	_, inSpec := attempt{text: harmless, unbound: true}.fill()
	_, inConfig := attempt{text: harmless}.config()
	elsewhere := []string{ // on no ticket
		"capability.press.embargo", "capability.tickets.due", // dates, or nothing at all
		"config.products.channel", // where the spec has none
		"config.labels.colors", "config.calendar.time_zone", "config.bugs.components", "config.products.audiences.assignees",
	}
	const mark = "zebra"
	for _, field := range slices.Concat(inSpec, inConfig) {
		a := attempt{text: mark, only: field, unbound: true}
		in := a.input()
		m := desired.Build(in)
		var all strings.Builder
		for _, d := range m.Tickets {
			fmt.Fprint(&all, d.Title, d.Block, d.Labels, d.Extra, d.Assignees, d.Milestone)
		}
		all.WriteString(a.around(in)[0])
		if got := strings.Contains(all.String(), mark); got == slices.Contains(elsewhere, field) {
			t.Errorf("%s reaches a ticket: %v", field, got)
		}
	}
}

// ownChart is a chart of ours, whatever drivers are called.
var ownChart = regexp.MustCompile(`^pie showData\n    title Monthly cost in [A-Z]{3}\n(?:    "[^"<>{}%;\x60\n]+" : [0-9]+(?:\.[0-9]+)?\n)+$`)

// harmlessTickets are the tickets of a spec in which every text is harmless, with no template: as many boxes
// as there they have, and no more.
var harmlessTickets = sync.OnceValue(func() map[ticket.Key]ticket.Desired {
	out := map[ticket.Key]ticket.Desired{}
	for _, d := range desired.Build(attempt{text: harmless, unbound: true}.input()).Tickets {
		out[d.Key] = d
	}
	return out
})

// harmlessBoxes are how many boxes those tickets have, and how many of them ticked, by key.
var harmlessBoxes sync.Map

// checkModel reads the tickets of a model as a tracker and as the program does.
func checkModel(fail func(string, ...any), in desired.Input, m desired.Model) {
	known := []ticket.Key{"CRM-100", "CRM-103", "CRM-104", "CRM-106"}
	for _, d := range m.Tickets {
		known = append(known, d.Key)
	}
	read := map[string]markdowntest.Page{} // the same parts stand on many tickets
	for i, d := range m.Tickets {
		checkBody(fail, d)
		for _, k := range ticket.Mentions(d.Block) {
			if !slices.Contains(known, k) {
				fail("%s: mentions %q", d.Key, k)
			}
		}
		if d.Block == harmlessTickets()[d.Key].Block || len(d.Block) > 10_000 && (i+len(d.Block))%9 != 0 {
			continue // the text is not in it, or it is long: some of those are enough, they take long to read
		}
		boxes, ticked := 0, 0
		for _, part := range parts(ticket.Resolve(strings.ReplaceAll(d.Block, ticket.OursLine, ""), nil)) {
			page, ok := read[part]
			if !ok {
				page = markdowntest.Read(part + "\n\nbehind #1\n\n- [x] box")
				read[part] = page
				checkPart(func(format string, args ...any) { fail("%s: "+format, append([]any{d.Key}, args...)...) }, page, byTemplate(in, d))
			}
			boxes, ticked = boxes+page.Boxes-1, ticked+page.Ticked-1
		}
		checkTicks(fail, in, d, boxes, ticked)
	}
}

// checkPart looks at a part of a ticket, read with a reference and a ticked box behind it.
func checkPart(fail func(string, ...any), page markdowntest.Page, byTemplate bool) {
	if n := len(page.Alive); n == 0 || !strings.HasSuffix(page.Alive[n-1], " in behind #1") {
		fail("what stands behind it is drawn into it")
	}
	for _, p := range page.Alive[:max(len(page.Alive)-1, 0)] {
		fail("%s", p)
	}
	if page.Top < 3 {
		fail("has a heading of level %d", page.Top)
	}
	for _, c := range page.Charts {
		if strings.HasPrefix(c, "pie showData\n    title Monthly cost") && !ownChart.MatchString(c) && !byTemplate {
			fail("chart %q", c)
		}
	}
}

// parts takes a ticket apart at its headings.
func parts(block string) []string {
	out, fence := []string{""}, ""
	for l := range strings.Lines(block) {
		if fence == "" && strings.HasPrefix(l, "### ") {
			out = append(out, "")
		}
		fence = markdown.FenceAfter(fence, l)
		out[len(out)-1] += l
	}
	return out
}

// byTemplate tells whether a ticket is written by a template of the repository.
func byTemplate(in desired.Input, d ticket.Desired) bool {
	return !reflect.ValueOf(in.Templates).IsZero() && slices.Contains(templated, strings.ReplaceAll(d.Key.Within(), "/", "--"))
}

// checkTicks looks for boxes that a text of the spec makes, for people and for the program.
func checkTicks(fail func(string, ...any), in desired.Input, d ticket.Desired, boxes, ticked int) {
	was := harmlessTickets()[d.Key]
	if was.Key == "" {
		fail("there is no ticket %s without the text", d.Key)
	}
	mine := ticket.Marker{Repository: "42", Key: d.Key}
	if got, want := ticket.MergeBody(ticket.NewBody(mine, d.Block), mine, was.Block), ticket.NewBody(mine, was.Block); got != want {
		fail("%s: a text of the spec ticks a box of the next ticket", d.Key)
	}
	if byTemplate(in, d) || markdown.Block(in.File.Capability.Summary, 4) == "" {
		return // the template makes the boxes, or the text is no text and its box falls away
	}
	before, ok := harmlessBoxes.Load(d.Key)
	if !ok {
		page := markdowntest.Read(was.Block)
		before = [2]int{page.Boxes, page.Ticked}
		harmlessBoxes.Store(d.Key, before)
	}
	if b := before.([2]int); boxes > b[0] || ticked > b[1] {
		fail("%s: %d boxes, %d of them ticked; without the text %d and %d", d.Key, boxes, ticked, b[0], b[1])
	}
}
