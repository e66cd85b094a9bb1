package document

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

const sample = `id: CRM-1
"title": 'It''s "here"' # comment
list:
  - one
  - {key: "ü b", n: 7}
text: |
  several
  lines
wide: äöü end
quoted: "with \" mark"
empty:
`

func TestPositions(t *testing.T) {
	doc, findings := Parse("f.yml", []byte(sample))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, test := range []struct {
		path              []any
		line, column, end int
	}{
		{[]any{"id"}, 1, 5, 10},
		{[]any{"title"}, 2, 10, 24},
		{[]any{"list"}, 4, 3, 0},
		{[]any{"list", 0}, 4, 5, 8},
		{[]any{"list", 1, "key"}, 5, 11, 16},
		{[]any{"list", 1, "n"}, 5, 21, 22},
		{[]any{"list", 9}, 4, 3, 0},
		{[]any{"list", 1, "no", "such"}, 5, 5, 0},
		{[]any{"text"}, 6, 7, 0},
		{[]any{"wide"}, 9, 7, 14},
		{[]any{"quoted"}, 10, 9, 23},
		{[]any{"nothing"}, 1, 1, 0},
		{nil, 1, 1, 0},
	} {
		p := doc.At(test.path...)
		if p.File != "f.yml" || p.Line != test.line || p.Column != test.column || p.EndColumn != test.end {
			t.Errorf("%v: got %+v, want %d:%d-%d", test.path, p, test.line, test.column, test.end)
		}
	}
	if p := doc.KeyAt("list", 1, "n"); p.Line != 5 || p.Column != 18 || p.EndColumn != 19 {
		t.Errorf("key: %+v", p)
	}
}

func TestDecodeLeavesTextAsItStands(t *testing.T) {
	doc, findings := Parse("f.yml", []byte("version: 1.10\ndate: 2026-03-13\nhex: 0x1F\nempty:\nlist: []\nnone: ''\n"))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	got := struct {
		Version, Date, Hex string
		Empty, List        []string
		None               bool
	}{Empty: []string{"kept"}, None: true}
	if err := doc.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "1.10" || got.Date != "2026-03-13" || got.Hex != "0x1F" || len(got.Empty) != 1 || !got.None {
		t.Errorf("got %+v", got)
	}
}

// FuzzParse: whatever the text, parsing neither panics nor places a finding outside of it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	for _, text := range []string{
		"a: b: c", "a:\n\t- b", "a: @b", "a: [@b, `c`]", "a: “b: c”", "- a\n-b", "a: \"b\" c", "a: > b", "\ufeffa: b", "a: #b", "a:\u00a0b\nc: d",
		"a: {b: c", "? [a]\n: b", "a: 'b\nc: d", "a: &b c\nd: *b", "a: !!str b", "---\na: b\n---\nc: d", "a: \xff", "%YAML 1.1\n---\na: b",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, findings := Parse("f.yml", text)
		if doc == nil && !findings.HasErrors() {
			t.Error("refused without saying why")
		}
		lines := plain.Split(bytes.TrimPrefix(text, []byte("\ufeff")))
		for _, finding := range findings {
			if finding.Line > lines.Len() {
				t.Fatalf("%s is beyond the %d lines", finding, lines.Len())
			}
			if !utf8.ValidString(finding.Text()) || strings.ContainsAny(finding.Text(), "\n\r\x00") {
				t.Errorf("the finding is not one line of text: %q", finding.Text())
			}
		}
	})
}
