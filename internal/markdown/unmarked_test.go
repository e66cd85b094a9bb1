package markdown

import (
	"testing"

	"pgregory.net/rapid"
)

// What is not parsed for lack of marks comes out as it would if it were.
func TestUnmarkedTextIsAsParsed(t *testing.T) {
	parts := rapid.SampledFrom([]string{"a", "Z", "word", "GH-1", "gh-", "1a2b3c4d", "1.", "-", "+", "=", "---", "(x)", "(", ")", "'", `"`, "%", "?", ",", ";", ".", "/", "//",
		"http", "https", "ftp", "example.com", "ww", "w.", "é", "漢", "x/y/issues/1", "TicketFoundry", "$", "^", "^1", "ſ", "K", "…"})
	rapid.Check(t, func(t *rapid.T) {
		src := ""
		for _, p := range rapid.SliceOf(parts).Draw(t, "parts") {
			src += p + rapid.SampledFrom([]string{"", " "}).Draw(t, "gap")
		}
		src = oneLine(src)
		if !unmarked(src) {
			t.Skip()
		}
		if got, want := Line(src), parsedLine(src); got != want {
			t.Fatalf("%q: %q, parsed it is %q", src, got, want)
		}
	})
}

func TestUnmarkedIsOnlyProse(t *testing.T) {
	for src, want := range map[string]bool{
		"Answers within 200 ms, or 404": true, "A (small) thing - twice": true, "": false, "1. first": false, "- item": false, "a *b*": false,
		"see www.example.com": false, "see http://x.y": false, "mail a@b.example": false, "`x`": false, "a | b": false, "#12 is done": false, "x &amp; y": false,
	} {
		if got := unmarked(src); got != want {
			t.Errorf("unmarked(%q) is %v", src, got)
		}
	}
}
