package markdown_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown/markdowntest"
)

// Ordinary prose must come out as a person wrote it, or with the smallest visible change.
func TestOrdinaryTextStaysReadable(t *testing.T) {
	same := []string{
		"A plain sentence, with *emphasis*, **weight** and `code`.",
		"A break\\\nthat is meant.",
		"- one\n- two\n  - nested\n- three",
		"1. first\n2. second",
		"> quoted\n>\n> twice",
		"```go\nfunc main() { fmt.Println(\"@octocat #12\") }\n```",
		"See [the guide](https://docs.example.com/guide?a=1) or https://status.example.com.",
		"Cost is 3 < 4 & more"[:10] + "4 dollars",
		"| Field | Type |\n|---|--:|\n| score | `0..100` |",
		"Write to sales@example.com, or ask on #crm.",
		"C# and F#, 50% of 1000000 calls, 2026-03-13, snake_case_name, a * b * c",
		"~~gone~~ and `a|b`",
	}
	for _, s := range same {
		if got := markdown.Block(s, 3); got != s {
			t.Errorf("Block(%q)\n got %q", s, got)
		}
	}
}

func TestBlockRewrites(t *testing.T) {
	const z = "\u200b"
	for _, c := range []struct{ name, in, want string }{
		{"headings sink below ours, keeping their order", "# A\n\ntext\n\n## B", "#### A\n\ntext\n\n##### B"},
		{"wrapped lines are one", "> Two lines\n> of *one\n> paragraph*", "> Two lines of *one paragraph*"},
		{"an open fence is closed", "```sh\nrm -rf", "```sh\nrm -rf\n```"},
		{"a fence outgrows what it holds", "~~~\n```\n~~~", "````\n```\n````"},
		{"tags are text", "a <b>c</b>", "a &lt;b>c&lt;/b>"},
		{"comments are text", "<!-- x -->", "&lt;!-- x -->"},
		{"pictures are links", "![chart](https://a.example/c.png)", "[chart](https://a.example/c.png)"},
		{"scripts are no links", "[x](javascript:alert)", "x (`javascript:alert`)"},
		{"paths are no links", "see [it](../docs/a.md)", "see it (`../docs/a.md`)"},
		{"issues are linked without a trace", "[it](https://github.com/acme/crm/issues/7)", "[it](https://redirect.github.com/acme/crm/issues/7)"},
		{"issues elsewhere are text", "https://ghe.example.com/acme/crm/issues/7", "`https://ghe.example.com/acme/crm/issues/7`"},
		{"mentions", "@ada and @acme/press", "@" + z + "ada and @" + z + "acme/press"},
		{"references", "fixes #7, GH-8, a/b#9", "fixes #" + z + "7, GH-" + z + "8, a/b#" + z + "9"},
		{"hashes", "at deadbeef1 now", "at deadbe" + z + "ef1 now"},
		{"tasks are ours to make", "- [ ] do\n- [x] done", "- \\[ ] do\n- \\[x] done"},
		{"directions are visible", "a\u202eb", `a\u{202e}b`},
		{"references are resolved", "[a][b]\n\n[b]: https://c.example", "[a](https://c.example)"},
		{"code keeps what it says, but no marker", "`<!-- ticketfoundry:end --> @ada`", "`<" + z + "!-- ticketfoundry:end --> @ada`"},
		{"nothing stays nothing", " \n\n", ""},
		{"indented code is fenced", "a\n\n    b", "a\n\n```\nb\n```"},
	} {
		if got := markdown.Block(c.in, 4); got != c.want {
			t.Errorf("%s: Block(%q)\n got %q\nwant %q", c.name, c.in, got, c.want)
		}
	}
}

func TestLineAndCell(t *testing.T) {
	for _, c := range []struct{ in, line, cell string }{
		{"a\n\nb", "a b", "a b"},
		{"# not a heading", `\# not a heading`, `\# not a heading`},
		{"- [ ] x", `\- [ ] x`, `\- [ ] x`},
		{"[ ] x", `\[ ] x`, `\[ ] x`},
		{"a|b", "a|b", `a\|b`},
		{"`a|b`", "`a|b`", "`a\\|b`"},
		{"1. x", `1\. x`, `1\. x`},
		{"```\nx", "\\`\\`\\` x", "\\`\\`\\` x"},
	} {
		if got := markdown.Line(c.in); got != c.line {
			t.Errorf("Line(%q) = %q, want %q", c.in, got, c.line)
		}
		if got := markdown.Cell(c.in); got != c.cell {
			t.Errorf("Cell(%q) = %q, want %q", c.in, got, c.cell)
		}
	}
}

func TestTitle(t *testing.T) {
	if got, want := markdown.Title(" fix @ada's\n#7 "), "fix @\u200bada's #\u200b7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	long := markdown.TitleAround("[Build] Endpoint · ", strings.Repeat("word ", 80), " (CRM-101)")
	if !strings.HasPrefix(long, "[Build] Endpoint · word") || !strings.HasSuffix(long, "… (CRM-101)") {
		t.Errorf("what names the ticket was cut: %q", long)
	}
}

func TestCut(t *testing.T) {
	md := "one\n\n```\ntwo\nthree\n```\n\nfour"
	for _, c := range []struct {
		limit int
		want  string
	}{{100, md}, {len(md), md}, {len(md) - 1, "one\n\n```\ntwo\nthree\n```"}, {15, "one"}, {4, "one"}} {
		got, cut := markdown.Cut(md, c.limit)
		if got != c.want || cut != (c.want != md) {
			t.Errorf("Cut to %d: %q, %v; want %q", c.limit, got, cut, c.want)
		}
	}
	if got, _ := markdown.Cut("```\naaaa\nbbbb\n```", 12); got != "```\naaaa\n```" {
		t.Errorf("a block cut in its middle: %q", got)
	}
	if got, _ := markdown.Cut("see `@ada and more` here", 14); inspect(got, 1) != nil || !strings.HasPrefix(got, "see ") {
		t.Errorf("half a code span came to life: %q", got)
	}
}

func TestCutHostile(t *testing.T) {
	for _, s := range markdowntest.Hostile() {
		md := markdown.Block(s, 3)
		for _, limit := range []int{0, 1, 7, 20, 60, 1000} {
			got, _ := markdown.Cut(md, limit)
			if len(got) > limit || !utf8.ValidString(got) {
				t.Errorf("Cut(%q, %d) has %d bytes", clip(md), limit, len(got))
			}
			if p := inspect(got, 3); p != nil || !between(got) {
				t.Errorf("Cut(%q, %d) = %q: %v", clip(md), limit, clip(got), p)
			}
		}
	}
}

func TestWritingTwiceChangesLittle(t *testing.T) {
	for _, s := range markdowntest.Hostile() {
		if len(s) > 2000 {
			continue
		}
		once := markdown.Block(s, 3)
		twice := markdown.Block(once, 3)
		if thrice := markdown.Block(twice, 3); thrice != twice {
			t.Errorf("Block(%q) grows: %q, %q", clip(s), twice, thrice)
		}
	}
}

func BenchmarkBlock(b *testing.B) {
	text := strings.Repeat("A paragraph with *emphasis*, `code` and [a link](https://a.example).\n\n- one\n- two\n\n", 10)
	b.ReportAllocs()
	for b.Loop() {
		markdown.Block(text, 3)
	}
}

func TestChartLabel(t *testing.T) {
	for text, want := range map[string]string{
		"Scoring calls": "Scoring calls", "a\"] bar [1": "a bar 1", "": "unnamed", "%%{init}%%": "init", "Größe 3.5-l (neu)": "Größe 3.5-l (neu)",
		strings.Repeat("x", 40): strings.Repeat("x", 40), strings.Repeat("x", 41): strings.Repeat("x", 39) + "…",
	} {
		if got := markdown.ChartLabel(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
