package markdown

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/util"
)

// maxDepth is how deep lists and quotes nest; what lies deeper is written at this depth. A line
// of a quote repeats its marks, so without a limit a small text could grow without one.
const maxDepth = 8

// writer writes a parsed text anew. It is used once.
type writer struct {
	source  []byte
	level   int // of the highest heading
	shift   int
	oneLine bool
	inLink  bool
	inCell  bool
}

// inlineParsers has no raw HTML: what looks like a tag is text.
func inlineParsers() parser.Option {
	return parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewEmphasisParser(), 500),
		util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(extension.NewLinkifyParser(), 999),
	)
}

// The parsers are set up once and hold no state of a text.
var blockParser = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		inlineParsers(),
		parser.WithParagraphTransformers(
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200),
		),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
})

var lineParser = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewParagraphParser(), 1000)),
		inlineParsers(),
	)
})

func (w *writer) headingShift(doc ast.Node) int {
	highest := 7
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			highest = min(highest, h.Level)
		}
		return ast.WalkContinue, nil
	})
	return w.level - highest
}

// blocks writes the blocks inside a node, one blank line between them; in a tight list a
// nested list follows its text at once.
func (w *writer) blocks(parent ast.Node, depth int, tight bool) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		part := w.block(n, depth)
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if _, list := n.(*ast.List); !tight || !list {
				b.WriteByte('\n')
			}
		}
		b.WriteString(part)
	}
	return b.String()
}

func (w *writer) block(n ast.Node, depth int) string {
	switch n := n.(type) {
	case *ast.Heading:
		return w.heading(n)
	case *ast.Paragraph, *ast.TextBlock:
		return w.paragraph(n)
	case *ast.ThematicBreak:
		return "___" // neither a heading's underline nor a list mark
	case *ast.FencedCodeBlock:
		language := ""
		if n.Info != nil {
			language = string(n.Language(w.source))
		}
		return fence(w.lines(n), language)
	case *ast.CodeBlock:
		return fence(w.lines(n), "")
	case *ast.Blockquote:
		inner := w.blocks(n, depth+1, false)
		if depth >= maxDepth || inner == "" {
			return inner
		}
		return indent(inner, "> ", "> ")
	case *ast.List:
		return w.list(n, depth)
	case *east.Table:
		return w.table(n)
	}
	return ""
}

func (w *writer) heading(n *ast.Heading) string {
	w.oneLine = true
	s := strings.TrimSpace(w.inline(n))
	w.oneLine = false
	if s == "" {
		return ""
	}
	if strings.HasSuffix(s, "#") {
		s += gap // or it would be taken for a closing mark
	}
	return strings.Repeat("#", min(max(n.Level+w.shift, 1), 6)) + " " + guardItem(s)
}

func (w *writer) paragraph(n ast.Node) string {
	lines := strings.Split(w.inline(n), "\n")
	for i, l := range lines {
		lines[i] = guardLine(strings.TrimSpace(l)) // of blanks of any kind: whoever trims later must not bare a mark
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func (w *writer) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		b.Write(at.Value(w.source))
	}
	return strings.TrimRight(b.String(), "\n")
}

func (w *writer) list(n *ast.List, depth int) string {
	var b strings.Builder
	number := n.Start
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		inner := w.blocks(c, depth+1, n.IsTight)
		if inner == "" {
			continue
		}
		mark := string(n.Marker) + " "
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + mark
			number++
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if !n.IsTight {
				b.WriteByte('\n')
			}
		}
		if depth >= maxDepth {
			b.WriteString(inner)
			continue
		}
		b.WriteString(indent(guardItem(inner), mark, strings.Repeat(" ", len(mark))))
	}
	return b.String()
}

func (w *writer) table(n *east.Table) string {
	var header []string
	var rows [][]string
	var right []int
	w.oneLine, w.inCell = true, true
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		var cells []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, strings.TrimSpace(w.inline(c)))
		}
		if r.Kind() == east.KindTableHeader {
			header = cells
		} else {
			rows = append(rows, cells)
		}
	}
	w.oneLine, w.inCell = false, false
	for i, a := range n.Alignments {
		if a == east.AlignRight {
			right = append(right, i)
		}
	}
	if len(rows) == 0 && len(header) > 0 {
		rows = [][]string{make([]string, len(header))}
	}
	return Table(header, rows, right...)
}

func indent(s, first, rest string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		switch {
		case i == 0:
			lines[i] = first + l
		case l == "":
			lines[i] = strings.TrimRight(rest, " ")
		default:
			lines[i] = rest + l
		}
	}
	return strings.Join(lines, "\n")
}

var languageName = regexp.MustCompile(`^[A-Za-z0-9+#._-]{1,32}$`)

// fence writes a code block whose fence is longer than any in it.
func fence(code, language string) string {
	longest, run := 2, 0
	for i := range len(code) {
		if code[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	if !languageName.MatchString(language) {
		language = ""
	}
	mark := strings.Repeat("`", longest+1)
	if code == "" {
		return mark + language + "\n" + mark
	}
	return mark + language + "\n" + quietCode(code) + "\n" + mark
}

var (
	opensBlock = regexp.MustCompile("^(?:#{1,6}(?:[ \t]|$)|>|[-+*](?:[ \t]|$)|=+[ \t]*$|-+[ \t]*$|~~~|(?:[*_-][ \t]*){3,}$|\\[(?:\\\\.|[^\\]\\\\])*\\]:|:?-+:?[ \t]*(?:\\||$))")
	opensList  = regexp.MustCompile(`^([0-9]{1,9})([.)])([ \t]|$)`)
	rule       = regexp.MustCompile(`^\|[ \t|:-]*-[ \t|:-]*$`)
	opensTask  = regexp.MustCompile(`^\[[ xX]\](\(?)`)
	deep       = regexp.MustCompile(`(?m)^((?:[ \t]*(?:>|[-+*][ \t]|[0-9]{1,9}[.)][ \t])){16}[ \t]*)(\S)`)
)

// guardLine keeps the start of a line of prose from opening a block.
func guardLine(l string) string {
	switch {
	case strings.HasPrefix(l, "```"):
		return gap + l // inline code with a long delimiter, not a code block
	case opensBlock.MatchString(l):
		return `\` + l
	case rule.MatchString(l):
		return `\` + l
	}
	return opensList.ReplaceAllString(l, `$1\$2$3`)
}

// guardItem keeps the start of a list item's text from making it a task: tasks are ours to make.
func guardItem(s string) string {
	switch m := opensTask.FindStringSubmatch(s); {
	case m == nil:
		return s
	case m[1] != "":
		return gap + s // a link that is named "x"
	}
	return `\` + s
}

// guardPipes escapes every | that would end a table cell.
func guardPipes(s string) string {
	if !strings.Contains(s, "|") {
		return s
	}
	var b strings.Builder
	slashes := 0
	for i := range len(s) {
		switch s[i] {
		case '\\':
			slashes++
		case '|':
			if slashes%2 == 0 {
				b.WriteByte('\\')
			}
			slashes = 0
		default:
			slashes = 0
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// maxBrackets is how many opening brackets a text may have and still have links.
const maxBrackets = 2000

// shallow ends absurd nesting before it is parsed, since parsing it takes time by the square.
func shallow(s string) string {
	if strings.Count(s, "[") > maxBrackets {
		s = strings.ReplaceAll(s, "[", `\[`)
	}
	return deep.ReplaceAllString(s, "$1"+gap+"$2")
}
