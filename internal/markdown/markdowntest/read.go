package markdowntest

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Page is what a tracker sees in Markdown.
type Page struct {
	Alive  []string // what it would act on, or what hides; empty for a text that is inert
	Boxes  int      // entries of task lists
	Ticked int      // of them, those that are ticked
	Top    int      // level of the highest heading; 7 for none
	Charts []string // texts of the code blocks that are drawn
}

var tracker = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

var (
	live = []struct {
		sign    string // without which it cannot match, in lower case: to look is cheaper than to match
		pattern *regexp.Regexp
	}{
		{"@", regexp.MustCompile(`(?:^|[^A-Za-z0-9])@[A-Za-z0-9]`)},
		{"@", regexp.MustCompile(`@[0-9a-f]{7,40}\b`)},
		{"#", regexp.MustCompile(`#[0-9]`)},
		{"gh-", regexp.MustCompile(`(?i)\bGH-[0-9]`)},
		{"foundry:", regexp.MustCompile(`(?i)ticketfoundry:`)},
		{"/", regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s/\x{200b}][^\s\x{200b}]*/(?:issues|pull|pulls|discussions|commit|commits|compare)/`)},
	}
	hashes    = regexp.MustCompile(`\b[0-9a-fA-F]{7,40}\b`)
	marker    = regexp.MustCompile(`(?i)<!--\s*ticketfoundry`)
	addresses = regexp.MustCompile(`^(?i)(?:https?://|ftp://|mailto:)`)
	// threads are pages that show who links to them; the forwarder that leaves no trace is no such page.
	threads = regexp.MustCompile(`(?i)^https?://(?:www\.)?github\.com(?::[0-9]+)?/+[^/]+/+[^/]+/+(?:(?:issues|pulls?|discussions|commits?|compare)/|%69)`)
)

// Read gives what a tracker sees in Markdown.
func Read(md string) Page {
	r := reader{source: []byte(md), page: Page{Top: 7}}
	_ = ast.Walk(tracker.Parser().Parse(text.NewReader(r.source)), r.visit)
	r.flush()
	if marker.MatchString(md) {
		r.alive("a marker of ours")
	}
	if i := strings.IndexFunc(md, hidden); i >= 0 {
		r.alive("a hidden character before " + strconv.QuoteToASCII(clip(md[i:])))
	}
	return r.page
}

// Alive gives what in a text without Markdown, such as a title, would be acted on.
func Alive(title string) []string {
	var r reader
	r.words.WriteString(title)
	r.flush()
	if strings.ContainsFunc(title, func(c rune) bool { return c == '\n' || hidden(c) }) {
		r.alive("a hidden character")
	}
	return r.page.Alive
}

// reader walks one text.
type reader struct {
	source []byte
	page   Page
	words  strings.Builder // of neighbouring texts, as they are shown
}

func (r *reader) alive(what string) { r.page.Alive = append(r.page.Alive, what) }

func (r *reader) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	t, isText := n.(*ast.Text)
	if !isText {
		r.flush()
	}
	if !entering {
		return ast.WalkContinue, nil
	}
	if isText {
		r.words.Write(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(t.Segment.Value(r.source)))))
		if t.SoftLineBreak() || t.HardLineBreak() {
			r.words.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.CodeSpan:
		return ast.WalkSkipChildren, nil
	case *ast.RawHTML, *ast.HTMLBlock, *ast.Image, *east.FootnoteLink, *east.Footnote:
		r.alive("a " + n.Kind().String())
	case *east.TaskCheckBox:
		r.page.Boxes++
		if n.IsChecked {
			r.page.Ticked++
		}
	case *ast.Link:
		r.link(string(n.Destination))
	case *ast.AutoLink:
		if n.AutoLinkType == ast.AutoLinkURL {
			r.link(string(n.URL(r.source)))
		}
	case *ast.Heading:
		r.page.Top = min(r.page.Top, n.Level)
	case *ast.FencedCodeBlock:
		if n.Info != nil && strings.EqualFold(string(n.Language(r.source)), "mermaid") {
			r.page.Charts = append(r.page.Charts, string(n.Lines().Value(r.source)))
		}
	}
	return ast.WalkContinue, nil
}

// flush looks at neighbouring texts together, which a tracker does too.
func (r *reader) flush() {
	if r.words.Len() == 0 {
		return
	}
	words := r.words.String()
	r.words.Reset()
	low := strings.ToLower(words)
	for _, l := range live {
		if !strings.Contains(low, l.sign) {
			continue
		}
		if m := l.pattern.FindString(words); m != "" {
			r.alive("live " + clip(m) + " in " + clip(words))
		}
	}
	for _, m := range hashes.FindAllString(words, -1) {
		if strings.ContainsAny(m, "abcdefABCDEF") || len(m) == 40 {
			r.alive("live hash " + m)
			return
		}
	}
}

func (r *reader) link(to string) {
	if !addresses.MatchString(to) {
		r.alive("a link to " + clip(to))
	}
	if threads.MatchString(to) {
		r.alive("a trace left at " + clip(to))
	}
}

// hidden tells characters that change how a text reads without being seen.
func hidden(c rune) bool {
	return c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c <= 0x9f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 ||
		c == 0x200e || c == 0x200f || c == 0x061c || c == 0x2028 || c == 0x2029 || c == 0xfeff
}

func clip(s string) string {
	if len(s) > 120 {
		return strings.ToValidUTF8(s[:120], "") + "…"
	}
	return s
}
