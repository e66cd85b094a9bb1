package document

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

// fill repeats a text up to nearly the largest file.
func fill(unit string) string { return strings.Repeat(unit, (source.MaxFileSize-100)/len(unit)) }

// bombs are files that try to make a parser use far more than their own size.
func bombs() map[string]string {
	return map[string]string{
		"brackets":          "a: " + fill("["),
		"braces":            "a: " + fill("{"),
		"braces with keys":  "a: " + fill("{a: "),
		"brackets under":    "a: " + strings.Repeat(strings.Repeat("[", 900)+strings.Repeat("]", 900)+"\nb: ", 100),
		"commas":            "a: [" + fill("a,"),
		"commas under":      "a: [" + strings.Repeat("a, ", 3*source.MaxNodes-10) + "]",
		"empty lists":       "a: [" + strings.Repeat("[],", 29_000) + "]",
		"dashes":            fill("- "),
		"questions":         fill("? "),
		"dashes on lines":   fill("-\n"),
		"lines":             fill("\n"),
		"comments":          fill("#\n"),
		"comments under":    "a:\n" + strings.Repeat(" #\n", 3*source.MaxNodes-10),
		"long comments":     strings.Repeat("# "+strings.Repeat("x", 5000)+"\n", 50) + "a: b\n",
		"one plain text":    "a: " + fill("x"),
		"words":             "a: " + fill("x "),
		"one quoted text":   `a: "` + fill(`\u0041`) + `"`,
		"unclosed quote":    `a: "` + fill("x"),
		"quotes":            fill(`"a"`),
		"block text":        "a: |\n" + fill(" x"),
		"plain lines":       "a:\n" + strings.Repeat(" xx\n", 3*source.MaxNodes-10),
		"colons":            fill(": "),
		"keys":              manyKeys(),
		"keys on one line":  "{" + fill("a: b, ") + "}",
		"anchors":           "a: [" + strings.Repeat("&a b, ", 40_000) + "]",
		"aliases":           "a: &a [x]\nb: [" + strings.Repeat("*a,", 3*source.MaxNodes-10) + "]",
		"laughs":            laughs(),
		"tags":              "a: " + fill("!a "),
		"directives":        fill("%TAG ! a\n"),
		"documents":         strings.Repeat("---\na: b\n", 20_000),
		"document ends":     "a: b\n" + fill("...\n"),
		"deep indentation":  deep(),
		"merge keys":        "a: &a {x: y}\nb: {" + strings.Repeat("<<: *a, ", 20_000) + "}",
		"tabs":              "a:\n" + fill("\t"),
		"carriage returns":  "a: b" + fill("\r"),
		"wide characters":   "a: " + fill("𝔸"),
		"hidden characters": "a: " + fill("\u202e"),
		"bad bytes":         "a: " + fill("\xff"),
		"zeros":             fill("\x00"),
		"percent":           fill("%"),
		"bars":              fill("|\n"),
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := range source.MaxNodes * 3 / 2 {
		fmt.Fprintf(&b, "k%d: \n", i)
	}
	return b.String()[:min(b.Len(), source.MaxFileSize)]
}

func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x]\n")
	for i := range 500 {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i)
	}
	return b.String()
}

func deep() string {
	var b strings.Builder
	for i := range 700 {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// TestBombs holds each to its share of memory. Time is not asserted, since a busy machine
// would make it fail; it is logged, and what is allocated bounds it.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory; TestBombsAreRefused reads the same files")
	}
	const most = 64 << 20
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			if len(text) > source.MaxFileSize {
				t.Fatalf("the bomb has %d bytes; only files up to %d are parsed", len(text), source.MaxFileSize)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			doc, findings := Parse("bomb.yml", []byte(text))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > most {
				t.Errorf("%d MiB were allocated; at most %d are allowed", used>>20, most>>20)
			} else {
				t.Logf("%s, %d KiB, findings: %.200v", took.Round(time.Microsecond), used>>10, findings)
			}
			if doc == nil && !findings.HasErrors() {
				t.Error("the file is refused without saying why")
			}
			if len(findings) > 1000 {
				t.Errorf("%d findings for one file", len(findings))
			}
		})
	}
}

func TestBombsAreRefused(t *testing.T) {
	harmless := map[string]bool{
		"one plain text": true, "words": true, "one quoted text": true, "block text": true, "plain lines": true,
		"comments under": true, "long comments": true, "wide characters": true, "carriage returns": true,
	}
	for name, text := range bombs() {
		_, findings := Parse("bomb.yml", []byte(text))
		if findings.HasErrors() == harmless[name] {
			t.Errorf("%s: refused is %v; findings: %.300v", name, findings.HasErrors(), findings)
		}
	}
}
