package desired_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
)

var (
	// placeholder is what a person would take for something that was forgotten.
	placeholder = regexp.MustCompile(`(?i)\b(?:TODO|TBD|FIXME|lorem|n/a|undefined|null|nil)\b|<no value>|%!|\{\{|\}\}|\[\]|\b0001|: *$`)
	// dangling is what is left of a sentence when its middle or end is missing.
	dangling = regexp.MustCompile(`\b(?:by|of|for|at|until|before|after|and|or) *[.,;]?$|[^\s|]  +[^\s|]|\( *\)|\(,|[^|\s] +[.,;](?: |$)|\*\*\*\*|""|, *[.;]`)
)

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
		if m := dangling.FindString(strings.TrimRight(l, "\n")); m != "" && !strings.HasPrefix(l, "    ") && !strings.HasPrefix(l, "#") {
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

// TestLackingTicketsRead: whatever one field the spec lacks, and whatever one field it has besides
// the four it needs, its tickets read as well in every stage.
func TestLackingTicketsRead(t *testing.T) {
	cfg := settings()
	for i := range cfg.Pipeline.Stages {
		cfg.Pipeline.Stages[i].Split = true
	}
	full := func() *capability.File { return parse(t, sample(t), cfg) }
	whole := full()
	read := map[string]bool{} // most tickets do not change with most fields
	tried := 0
	try := func(what string, f *capability.File) {
		tried++
		for _, s := range []string{"triage", "architecture-approval", "build", "release", pipeline.Shipped} {
			in := input(f, cfg, s)
			if f.Capability.Release.Version == "" {
				in.Together = desired.Together{}
			}
			for _, d := range desired.Build(in).Tickets {
				if !read[d.Block] {
					read[d.Block] = true
					readsWell(func(format string, args ...any) { t.Errorf(what+", "+string(d.Key)+": "+format, args...) }, d.Block)
				}
			}
		}
	}
	eachField(reflect.TypeFor[capability.Capability](), nil, func(at []int, name string) {
		f := full()
		forEach(reflect.ValueOf(&f.Capability).Elem(), at, func(v reflect.Value) { v.SetZero() })
		try("without "+name, f)
		alone := parse(t, "id: CRM-101\ntitle: Lead scoring\nsummary: Scores leads.\nowner: ada\n", cfg)
		to := reflect.ValueOf(&alone.Capability).Elem().Field(at[0])
		if from := reflect.ValueOf(&whole.Capability).Elem().Field(at[0]); len(at) == 1 {
			to.Set(from)
		} else if from.Kind() == reflect.Struct {
			to.Field(at[1]).Set(from.Field(at[1]))
		}
		try("with nothing but "+name, alone)
	})
	if tried < 100 {
		t.Errorf("%d specs", tried)
	}
}

// needed are fields without which there is no spec, or no entry of the list they stand in.
var needed = []string{"ID", "Title", "Summary", "Owner", "Key", "Name", "Text", "Page", "Stage", "Audience", "Kind", "Currency", "UnitCost", "Quantity", "Amount"}

// eachField gives the fields of a spec that may be missing, those inside of groups and lists too,
// by where they stand.
func eachField(in reflect.Type, above []int, do func(at []int, name string)) {
	for i := range in.NumField() {
		f := in.Field(i)
		at := append(slices.Clone(above), i)
		if !slices.Contains(needed, f.Name) {
			do(at, in.Name()+"."+f.Name)
		}
		inner := f.Type
		for inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != reflect.TypeFor[cogs.Decimal]() {
			eachField(inner, at, do)
		}
	}
}

// forEach gives the field at a place, in each entry where that is in a list.
func forEach(v reflect.Value, at []int, do func(reflect.Value)) {
	switch {
	case v.Kind() == reflect.Slice && len(at) > 0:
		for i := range v.Len() {
			forEach(v.Index(i), at, do)
		}
	case len(at) > 0:
		forEach(v.Field(at[0]), at[1:], do)
	default:
		do(v)
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
