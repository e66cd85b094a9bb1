package desired_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
)

// placeholder is what a person would take for something that was forgotten.
var placeholder = regexp.MustCompile(`(?i)\b(?:TODO|TBD|FIXME|lorem|n/a|undefined|null|nil)\b|<no value>|%!|\{\{|\}\}|\[\]|0001|: *$`)

// TestGoldenTicketsRead reads the golden tickets as a tracker shows them: every audience has one,
// it begins with what to do, and no heading, table, list or quote in it is empty.
func TestGoldenTicketsRead(t *testing.T) {
	files, err := filepath.Glob("testdata/bodies/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var audiences []string
	for _, file := range files {
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := strings.Cut(string(golden), "\n\n")
		if _, rest, ok := strings.Cut(head, "audience:"); ok {
			name, _, _ := strings.Cut(rest, ",")
			audiences = append(audiences, name)
			if !regexp.MustCompile(`^(?:\*\*Due (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [^*]+:\*\* [a-z]|[A-Z]).*\.\n`).MatchString(body) {
				t.Errorf("%s does not begin with what to do: %.80q", file, body)
			}
		}
		readsWell(func(format string, args ...any) { t.Errorf(file+": "+format, args...) }, body)
	}
	slices.Sort(audiences)
	want := config.Audiences()
	slices.Sort(want)
	if got := slices.Compact(audiences); !slices.Equal(got, want) {
		t.Errorf("golden tickets for %v, want %v", got, want)
	}
}

// readsWell looks for what is empty or forgotten in a ticket.
func readsWell(fail func(string, ...any), body string) {
	for l := range strings.Lines(body) {
		if m := placeholder.FindString(strings.TrimRight(l, "\n")); m != "" {
			fail("%q in %q", m, l)
		}
	}
	source := []byte(body)
	doc := tracker.Parser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			next := n.NextSibling()
			if n.ChildCount() == 0 || next == nil || next.Kind() == ast.KindHeading && next.(*ast.Heading).Level <= n.Level {
				fail("nothing at the heading %q", n.Lines().Value(source))
			}
		case *east.Table:
			rows := 0
			for r := n.FirstChild(); r != nil; r = r.NextSibling() {
				rows++
			}
			if rows < 2 {
				fail("a table without rows")
			}
		case *ast.ListItem, *ast.Blockquote:
			if !n.HasChildren() || n.FirstChild().Kind() == ast.KindTextBlock && strings.TrimSpace(string(n.FirstChild().Lines().Value(source))) == "" {
				fail("an empty %s", n.Kind())
			}
		}
		return ast.WalkContinue, nil
	})
}

// TestSparseTicketsRead: a spec of four lines makes tickets that read as well, in every stage.
func TestSparseTicketsRead(t *testing.T) {
	cfg := config.Default()
	f := parse(t, "id: CRM-101\ntitle: Lead scoring\nsummary: Scores leads.\nowner: ada\n", cfg)
	seen := 0
	for _, s := range cfg.Pipeline.Stages {
		in := input(f, cfg, s.ID)
		in.Depends, in.Blocks = nil, nil
		for _, d := range desired.Build(in).Tickets {
			seen++
			checkBody(t.Errorf, d)
			readsWell(func(format string, args ...any) { t.Errorf(string(d.Key)+": "+format, args...) }, d.Block)
			if d.Key.Name() == "triage" && !strings.Contains(d.Block, "### Questions still open\n\n- For whom is it, and what do they do today? (`user`)") {
				t.Errorf("the triage ticket does not say what is open:\n%s", d.Block)
			}
		}
	}
	if seen < 30 {
		t.Errorf("%d tickets", seen)
	}
}

// TestMustBeReady: whoever decides on a release sees what it waits for.
func TestMustBeReady(t *testing.T) {
	m := desired.Build(input(parse(t, strings.Replace(sample(t), "headline:", "gates_release: true\n  headline:", 1), settings()), settings(), "release"))
	got := find(t, m, "CRM-101/release/approve-release").Block
	for _, want := range []string{"Write the release notes", "Write the press release", "Update the customer documentation"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not wait for %q", want)
		}
	}
	if strings.Contains(got, "Prepare the campaign") || strings.Contains(got, "Score store") {
		t.Error("it waits for what gates nothing, or is done")
	}
}
