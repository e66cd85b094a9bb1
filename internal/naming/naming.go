// Package naming owns what people's words name: which capabilities a title, a text or a branch
// is about, and whether it names a component. What they only quote, paste as code or leave of a
// form's hints names nothing. It refuses to know trackers, and to guess at what nobody knows: an
// id counts only if there is such a capability.
//
//	naming.Capabilities("Scores are wrong since CRM-101", known) // ["CRM-101"]
package naming

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxProse is how much of a text is read, in bytes: as much as an issue may hold.
const maxProse = 256 << 10

// blocks finds what is code, quote or comment. It is set up once and holds no state of a text;
// what stands inside of a block is read as it is.
func blocks() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	))
}

var (
	comments = regexp.MustCompile(`(?s)<!--.*?(?:-->|$)`)
	nesting  = regexp.MustCompile(`(?m)^([ \t]*(?:[>*+-][ \t]*){16})[>*+\t -]+`)
)

// Prose gives the words of a Markdown text that its author wrote as their own: without code
// blocks, quotes and HTML comments. Code in a line stays, as people write ids that way.
func Prose(markdown string) string {
	if len(markdown) > maxProse {
		markdown = strings.ToValidUTF8(markdown[:maxProse], "")
	}
	markdown = comments.ReplaceAllString(strings.ReplaceAll(markdown, "\r\n", "\n"), " ")
	source := []byte(nesting.ReplaceAllString(markdown, "$1")) // deep nesting is parsed by the square
	var b strings.Builder
	_ = ast.Walk(blocks().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindCodeBlock, ast.KindFencedCodeBlock, ast.KindBlockquote:
			return ast.WalkSkipChildren, nil
		}
		if n.Type() == ast.TypeBlock && entering && n.Lines() != nil {
			for i := range n.Lines().Len() {
				segment := n.Lines().At(i)
				b.Write(segment.Value(source))
			}
			b.WriteByte('\n')
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

var idPattern = regexp.MustCompile(`[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,6}`)

// Capabilities gives the known capabilities that a plain text names, in the order in which it
// names them, without repeats. An id stands by itself: "XCRM-101" and "CRM-1010" do not name
// CRM-101, and neither does "crm-101"; "CRM-101-fix" does.
func Capabilities(plain string, known func(id string) bool) []string {
	var out []string
	for at := 0; at < len(plain); {
		found := idPattern.FindStringIndex(plain[at:])
		if found == nil {
			break
		}
		start, end := at+found[0], at+found[1]
		at = end
		before, _ := utf8.DecodeLastRuneInString(plain[:start])
		after, _ := utf8.DecodeRuneInString(plain[end:])
		if start > 0 && (inWord(before) || before == '-') || end < len(plain) && inWord(after) {
			continue
		}
		if id := plain[start:end]; !slices.Contains(out, id) && known(id) {
			out = append(out, id)
		}
	}
	return out
}

// Branch gives the known capabilities that a branch name names, in any case: people write
// branches in lower case. Its parts may be joined by "-", "_", "/" and ".".
func Branch(name string, known func(id string) bool) []string {
	upper := strings.NewReplacer("_", " ", "/", " ", ".", " ").Replace(strings.ToUpper(name))
	words := strings.Fields(upper)
	for i, w := range words {
		// "FIX-CRM-101" names it too: the id may begin at any of the hyphens.
		parts := strings.Split(w, "-")
		for k := range parts {
			if k+1 < len(parts) {
				parts[k] += "-" + parts[k+1]
			}
		}
		words[i] = strings.Join(parts, " ")
	}
	return Capabilities(strings.Join(words, " "), known)
}

// Names tells whether a plain text names something by a word or words of its own, in any case:
// "auth-service" is not named by "auth-services".
func Names(plain, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	plain = strings.ToLower(plain)
	for at := 0; name != "" && at < len(plain); {
		found := strings.Index(plain[at:], name)
		if found < 0 {
			return false
		}
		start, end := at+found, at+found+len(name)
		before, _ := utf8.DecodeLastRuneInString(plain[:start])
		after, size := utf8.DecodeRuneInString(plain[end:])
		joined := after == '-' && end+size < len(plain) && alphanumeric(rune(plain[end+size]))
		if (start == 0 || !inWord(before) && before != '-') && (end == len(plain) || !inWord(after) && !joined) {
			return true
		}
		at = start + 1
		for at < len(plain) && !utf8.RuneStart(plain[at]) {
			at++
		}
	}
	return false
}

func inWord(r rune) bool { return r == '_' || alphanumeric(r) }

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
