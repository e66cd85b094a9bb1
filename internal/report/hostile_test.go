package report

import (
	"html"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown/markdowntest"
)

// given are texts that the program or the tracker makes, never a person.
var given = []string{"URL", "Currency", "State", "Version", "Commit", "Repository", "Summary", "Color", "Due", "Rule", "Before", "After", "AsOf", "Percent"}

// put writes a text into every text of a report that a person can have written.
func put(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(text)
		} else if v.Type().Name() == "Ref" {
			v.SetString("") // ours, and alive
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && (f.Type.Kind() != reflect.String || !slices.Contains(given, f.Name)) {
				put(v.Field(i), text)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			put(v.Index(i), text)
		}
	}
}

// reported gives what a pull request and a summary show, as a list of texts.
func reported(text string) []string {
	p, findings := costly(samplePlan()), sampleFindings()
	p.Changes = slices.Clone(p.Changes)
	cost := comparison(rates, costRows(rates)...)
	one := comparison(rates, costRows(rates)[1])
	put(reflect.ValueOf(&p).Elem(), text)
	put(reflect.ValueOf(&findings).Elem(), text)
	put(reflect.ValueOf(&cost).Elem(), text)
	put(reflect.ValueOf(&one).Elem(), text)
	return []string{PlanMarkdown(p, findings), FindingsMarkdown(findings, 60_000), CostChange(cost), CostChange(one), CostOverview(p.Cogs)}
}

var (
	tags     = regexp.MustCompile(`</?[A-Za-z][^>]*>`)
	ourChart = regexp.MustCompile(`^(?:%%\{init: [^\n]*\}%%\n)?xychart-beta horizontal\n    title "Monthly cost in [A-Z]{3}"\n    x-axis \["[^"<>{}%;\[\]\n]+"(?:, "[^"<>{}%;\[\]\n]+")*\]\n    y-axis 0 --> [0-9]+\n    bar \[[0-9., ]+\]\n$`)
)

// TestHostileReports puts every text of the corpus into every text of the reports on a pull request.
func TestHostileReports(t *testing.T) {
	const behind = "\n\nbehind #1\n\n- [x] box"
	own := map[string]bool{}
	for _, md := range reported("harmless") {
		for _, tag := range tags.FindAllString(md, -1) {
			own[tag] = true
		}
	}
	charts := 0
	for i, s := range markdowntest.Hostile() {
		if testing.Short() && (len(s) > 1_000 || i%12 != 0) {
			continue
		}
		if len(s) > 10_000 && i%3 != 0 {
			continue // slow, and cut all the same
		}
		for _, md := range reported(s) {
			page := markdowntest.Read(md + behind)
			alive := slices.DeleteFunc(page.Alive, func(p string) bool { return p == "a HTMLBlock" || p == "a RawHTML" })
			if len(alive) != 1 || page.Boxes != 1 || !strings.HasSuffix(alive[0], " in behind #1") {
				t.Errorf("%.60q: %q, %d boxes, in\n%.600s", s, alive, page.Boxes, md)
			}
			for l := range strings.Lines(md) {
				if l[0] != '<' {
					continue
				}
				for _, tag := range tags.FindAllString(l, -1) {
					if !own[tag] {
						t.Errorf("%.60q: has the tag %s", s, tag)
					}
				}
				if p := markdowntest.Alive(html.UnescapeString(strings.TrimSpace(tags.ReplaceAllString(l, "")))); p != nil {
					t.Errorf("%.60q: %q in %q", s, p, l)
				}
			}
			for _, c := range page.Charts {
				if strings.Contains(c, "Monthly cost in ") {
					charts++
					if !ourChart.MatchString(c) {
						t.Errorf("%.60q: chart %q", s, c)
					}
				}
			}
		}
	}
	if charts == 0 {
		t.Error("no chart was read")
	}
}
