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
	"github.com/yuin/goldmark/util"
	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

var tracker = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

var live = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|[^A-Za-z0-9])@[A-Za-z0-9]`),
	regexp.MustCompile(`@[0-9a-f]{7,40}\b`),
	regexp.MustCompile(`#[0-9]`),
	regexp.MustCompile(`(?i)\bGH-[0-9]`),
	regexp.MustCompile(`(?i)ticketfoundry:`),
	regexp.MustCompile(`https?://github\.com/[^/]+/[^/]+/(?:issues|pull|commit)(?:\b|$)`),
}

var hashes = regexp.MustCompile(`\b[0-9a-fA-F]{7,40}\b`)

// inspect reads Markdown as a tracker does and says what in it is alive.
func inspect(md string, level int) []string {
	var out []string
	source := []byte(md)
	doc := tracker.Parser().Parse(text.NewReader(source))
	var prose strings.Builder
	flush := func() {
		for _, re := range live {
			if m := re.FindString(prose.String()); m != "" {
				out = append(out, "live text "+m+" in "+clip(prose.String()))
			}
		}
		for _, m := range hashes.FindAllString(prose.String(), -1) {
			if strings.ContainsAny(m, "abcdefABCDEF") || len(m) == 40 {
				out = append(out, "live hash "+m)
			}
		}
		prose.Reset()
	}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if _, isText := n.(*ast.Text); !isText {
				flush()
			}
			return ast.WalkContinue, nil
		}
		t, isText := n.(*ast.Text)
		if !isText {
			flush()
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock, *ast.Image, *east.TaskCheckBox, *east.FootnoteLink, *east.Footnote:
			out = append(out, "has a "+n.Kind().String())
		case *ast.Link:
			out = append(out, checkLink(string(n.Destination))...)
		case *ast.AutoLink:
			if n.AutoLinkType == ast.AutoLinkURL {
				out = append(out, checkLink(string(n.URL(source)))...)
			}
		case *ast.Heading:
			if n.Level < level {
				out = append(out, "heading outranks ours")
			}
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		}
		if isText {
			value := util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(t.Segment.Value(source))))
			prose.Write(value)
			if t.SoftLineBreak() || t.HardLineBreak() {
				prose.WriteByte('\n')
			}
		}
		return ast.WalkContinue, nil
	})
	flush()
	if regexp.MustCompile(`(?i)<!--\s*ticketfoundry`).MatchString(md) {
		out = append(out, "has a marker")
	}
	if strings.ContainsAny(md, "\x00\u202e\u2066\r") {
		out = append(out, "has a hidden character")
	}
	return out
}

func checkLink(dest string) []string {
	var out []string
	if !regexp.MustCompile(`^(?i)(?:https?://|ftp://|mailto:)`).MatchString(dest) {
		out = append(out, "link to "+clip(dest))
	}
	if regexp.MustCompile(`(?i)^https?://(?:www\.)?github\.com/+[^/]+/+[^/]+/+(?:(?:issues|pull|commit)(?:[/?#]|$)|%69)`).MatchString(dest) {
		out = append(out, "back-reference by "+clip(dest))
	}
	return out
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

func checkTitle(fail func(string, ...any), s string) {
	for _, title := range []string{markdown.Title(s), markdown.TitleAround("[Build] ", s, " (CRM-101)")} {
		if n := len(utf16.Encode([]rune(title))); n > 256 {
			fail("title of %q has %d characters", clip(s), n)
		}
		for _, re := range live[:4] {
			if m := re.FindString(title); m != "" && !strings.Contains(title, "a@b") {
				fail("title of %q has live %q", clip(s), m)
			}
		}
	}
}

func TestHostileCorpusIsInert(t *testing.T) {
	corpus := hostile()
	if len(corpus) < 200 {
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
	for _, s := range hostile() {
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
	for _, s := range hostile() {
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
