package markdown_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown/markdowntest"
)

var tracker = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

// inspect reads Markdown as a tracker does and says what in it is alive.
func inspect(md string, level int) []string {
	page := markdowntest.Read(md)
	if page.Boxes > 0 {
		page.Alive = append(page.Alive, "a box to tick")
	}
	if page.Top < level {
		page.Alive = append(page.Alive, "a heading that outranks ours")
	}
	return page.Alive
}

func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}

// between puts a block where tickets put it and tells whether its surroundings survived.
func between(md string) bool {
	source := []byte("before\n\n" + md + "\n\n## after\n\n- [ ] ours\n")
	doc := tracker.Parser().Parse(text.NewReader(source))
	first, last := doc.FirstChild(), doc.LastChild()
	if last == nil || last.Kind() != ast.KindList || last.PreviousSibling().Kind() != ast.KindHeading || first.Kind() != ast.KindParagraph {
		return false
	}
	return last.ChildCount() == 1
}

func checkBlock(fail func(string, ...any), s string) {
	for _, level := range []int{1, 3} {
		md := markdown.Block(s, level)
		for _, p := range inspect(md, level) {
			fail("Block(%q) = %q: %s", clip(s), clip(md), p)
		}
		if !between(md) {
			fail("Block(%q) = %q changes what stands around it", clip(s), clip(md))
		}
	}
}

func checkLine(fail func(string, ...any), s string) {
	for name, f := range map[string]func(string) string{"Line": markdown.Line, "Cell": markdown.Cell, "Code": markdown.Code,
		"Link": func(s string) string { return markdown.Link(s, s) }} {
		md := f(s)
		if strings.Contains(md, "\n") {
			fail("%s(%q) = %q: more than a line", name, clip(s), clip(md))
		}
		for _, p := range inspect(md, 7) {
			fail("%s(%q) = %q: %s", name, clip(s), clip(md), p)
		}
		for _, p := range inspect("- "+md, 7) {
			fail("- %s(%q) = %q: %s", name, clip(s), clip(md), p)
		}
		table := markdown.Table([]string{"a", "b"}, [][]string{{md, "END"}})
		doc := tracker.Parser().Parse(text.NewReader([]byte(table)))
		if n := doc.FirstChild(); n == nil || n.Kind() != east.KindTable || n.NextSibling() != nil || n.ChildCount() != 2 ||
			n.LastChild().ChildCount() != 2 || !strings.HasSuffix(table, " END |") || cellText(n.LastChild().LastChild(), table) != "END" {
			fail("%s(%q) = %q breaks its table", name, clip(s), clip(md))
		}
		for _, p := range inspect(table, 7) {
			fail("table of %s(%q) = %q: %s", name, clip(s), clip(md), p)
		}
	}
}

func cellText(n ast.Node, source string) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value([]byte(source)))
		}
	}
	return b.String()
}

// addresses are e-mail addresses as trackers see them: a text with a full domain behind the @.
var addresses = regexp.MustCompile(`[A-Za-z0-9.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)

func checkTitle(fail func(string, ...any), s string) {
	for _, title := range []string{markdown.Title(s), markdown.TitleAround("[Build] ", s, " (CRM-101)")} {
		if n := len(utf16.Encode([]rune(title))); n > 256 {
			fail("title of %q has %d characters", clip(s), n)
		}
		for _, p := range markdowntest.Alive(addresses.ReplaceAllString(title, "x")) {
			fail("title of %q: %s", clip(s), p)
		}
	}
}

func TestHostileCorpusIsInert(t *testing.T) {
	corpus := markdowntest.Hostile()
	if len(corpus) < 800 {
		t.Fatalf("corpus has only %d strings", len(corpus))
	}
	for _, s := range corpus {
		if testing.Short() && len(s) > 10_000 {
			continue // slow with the race detector, which finds nothing in length
		}
		checkBlock(t.Errorf, s)
		checkLine(t.Errorf, s)
		checkTitle(t.Errorf, s)
	}
}

// Pieces put together at random find what no list of whole attacks does.
func TestRandomCompositionsAreInert(t *testing.T) {
	var pieces []string
	for _, s := range markdowntest.Hostile() {
		if len(s) < 200 {
			pieces = append(pieces, s)
		}
	}
	pieces = append(pieces, "\n", "\n\n", " ", "  ", "    ", "> ", "- ", "* ", "1. ", "`", "```\n", "**", "*", "_", "[", "](", ")", "|", "<", "&", "\\", "!", "a", "é", "~~", "# ", "\t", "~~~\n", "\u200b")
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9).Draw(t, "pieces"), "")
		checkBlock(t.Fatalf, s)
		checkLine(t.Fatalf, s)
		checkTitle(t.Fatalf, s)
	})
}

func FuzzBlock(f *testing.F) {
	for _, s := range markdowntest.Hostile() {
		if len(s) < 2000 {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4000 {
			t.Skip()
		}
		checkBlock(t.Fatalf, s)
		checkLine(t.Fatalf, s)
		checkTitle(t.Fatalf, s)
	})
}
