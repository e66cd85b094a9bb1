package action

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/action/actiontest"
)

func TestPlain(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""},
		{"plain text, with a colon: and # hash\n", "plain text, with a colon: and # hash\n"},
		{"a::b std::vector", "a::b std::vector"},
		{"Größe ✓ 顧客\tend", "Größe ✓ 顧客\tend"},
		{"::error::x", `:\:error::x`},
		{"  ::error::x", `  :\:error::x`},
		{"ok\n::error::x\n", "ok\n:\\:error::x\n"},
		{"see ##[error]x", `see ##\[error]x`},
		{"## [link]", "## [link]"},
		{"line\r\nnext\r\n", "line\nnext\n"},
		{"a\rb", `a\u{d}b`},
		{"\x1b[31mred", `\u{1b}[31mred`},
		{"a\u2028b\u202ec\u200bd", `a\u{2028}b\u{202e}c\u{200b}d`},
		{"bad \xff byte", `bad \x{ff} byte`},
		{"\uFFFD", "\uFFFD"},
	} {
		if got := Plain(tc.in); got != tc.want {
			t.Errorf("Plain(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
	if got, want := OneLine("a\r\nb\rc\n::d"), "a b c ::d"; got != want {
		t.Errorf("OneLine = %q, want %q", got, want)
	}
}

func TestHostileTextIsInert(t *testing.T) {
	missed := 0
	for _, text := range actiontest.Hostile() {
		if len(actiontest.Commands(text)) == 0 {
			missed++
		}
		if got := actiontest.Commands(Plain(text)); len(got) > 0 {
			t.Errorf("Plain(%q) = %q is read as %v", text, Plain(text), got)
		}
		if got := actiontest.Commands(OneLine(text)); len(got) > 0 {
			t.Errorf("OneLine(%q) is read as %v", text, got)
		}
	}
	// The parser must be able to find commands, or this test could not fail.
	if found := len(actiontest.Hostile()) - missed; found < 300 {
		t.Errorf("the parser finds commands in only %d of %d raw texts", found, len(actiontest.Hostile()))
	}
}

// TestSafeWriterAtEveryCut writes the corpus cut in two at every byte.
func TestSafeWriterAtEveryCut(t *testing.T) {
	for _, text := range actiontest.Hostile() {
		want := Plain(text + "\n")
		for i := range len(text) + 1 {
			var b bytes.Buffer
			w := NewSafeWriter(&b)
			for _, part := range []string{text[:i], text[i:]} {
				if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatalf("Write = %d, %v", n, err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if got := b.String(); strings.TrimRight(got, "\n") != strings.TrimRight(want, "\n") {
				t.Fatalf("%q cut at %d gives %q, want %q", text, i, got, want)
			}
		}
	}
}

func TestSafeWriterHoldsAndCutsLongLines(t *testing.T) {
	var b bytes.Buffer
	w := NewSafeWriter(&b)
	if _, err := w.Write([]byte(":")); err != nil || b.Len() != 0 {
		t.Fatalf("half a line was passed on: %q, %v", b.String(), err)
	}
	if _, err := w.Write(bytes.Repeat([]byte("x"), maxPartialLine)); err != nil {
		t.Fatal(err)
	}
	if got := b.Len(); got != maxPartialLine+2 {
		t.Errorf("%d bytes passed on, want the long line and its end", got)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestBrokenStdoutIsReportedNotPanicked(t *testing.T) {
	gone := errors.New("gone")
	a := New(env(nil), brokenWriter{gone})
	a.Group("x")()
	if err := a.Flush(); !errors.Is(err, gone) {
		t.Errorf("Flush = %v, want the writer's error", err)
	}
}

func FuzzPlain(f *testing.F) {
	for _, text := range actiontest.Hostile()[:80] {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Plain(text)
		if cmds := actiontest.Commands(got); len(cmds) > 0 {
			t.Errorf("Plain(%q) = %q is read as %v", text, got, cmds)
		}
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x1b\x00\u2028\u202e") {
			t.Errorf("Plain(%q) = %q keeps a control", text, got)
		}
		if strings.Count(got, "\n") != strings.Count(text, "\n") {
			t.Errorf("Plain(%q) = %q changes the number of lines", text, got)
		}
		if again := Plain(got); again != got {
			t.Errorf("Plain(%q) = %q is not stable: %q", text, got, again)
		}
	})
}

func TestCommands(t *testing.T) {
	for _, text := range []string{"::add-mask::x", "a\n  ::error::x", "a ##[error]x", ":\u200b:debug::x", "#\u200b#\u200b[group]", "a\r\n\u200b::x"} {
		if !Commands(text) {
			t.Errorf("%q is taken for none", text)
		}
	}
	for _, text := range []string{"", "plain\r\n", "a :: b", "@\u200bmona", "## [1.0]", "std::string\n# [x]", "é\u0301"} {
		if Commands(text) {
			t.Errorf("%q is taken for one", text)
		}
	}
}
