package action

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/action/actiontest"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

// FuzzSafeWriter: however a text is cut into writes, the runner obeys nothing in it, and what
// is written is the same.
func FuzzSafeWriter(f *testing.F) {
	for i, text := range actiontest.Hostile()[:80] {
		f.Add(text, uint8(i), uint8(3*i))
	}
	f.Fuzz(func(t *testing.T, text string, first, second uint8) {
		a := min(int(first), len(text))
		b := min(a+int(second), len(text))
		var out bytes.Buffer
		w := NewSafeWriter(&out)
		for _, part := range []string{text[:a], text[a:b], text[b:]} {
			if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
				t.Fatalf("Write = %d, %v", n, err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		want := text
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if got := out.String(); got != Plain(want) {
			t.Errorf("%q cut at %d and %d gives %q, want %q", text, a, b, got, Plain(want))
		}
		if cmds := actiontest.Commands(out.String()); len(cmds) > 0 {
			t.Errorf("%q cut at %d and %d is read as %v", text, a, b, cmds)
		}
	})
}

// FuzzOneLine: a title or a login never brings a line of its own.
func FuzzOneLine(f *testing.F) {
	for _, text := range actiontest.Hostile()[:80] {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := OneLine(text)
		if strings.ContainsAny(got, "\n\r\v\f\u0085\u2028\u2029") || !utf8.ValidString(got) {
			t.Errorf("OneLine(%q) = %q takes several lines", text, got)
		}
		if cmds := actiontest.Commands(got); len(cmds) > 0 {
			t.Errorf("OneLine(%q) = %q is read as %v", text, got, cmds)
		}
	})
}

// FuzzAnnotate: one finding is one command of its own kind, with its own place and words.
func FuzzAnnotate(f *testing.F) {
	for i, text := range actiontest.Hostile()[:80] {
		f.Add(text, "capabilities/CRM-101.yml", i, i%7, "words")
		f.Add("capabilities/CRM-101.yml", text, 1, 1, text)
	}
	f.Fuzz(func(t *testing.T, file, message string, line, column int, hint string) {
		log, cmds := annotations(diag.List{{
			Position: diag.Position{File: file, Line: line, Column: column}, Severity: diag.Warning, Rule: "r", Message: message, Hint: hint,
		}})
		if len(cmds) != 1 || cmds[0].Name != "warning" || strings.Count(log, "\n") != 1 {
			t.Fatalf("%d commands %v in %q", len(cmds), cmds, log)
		}
		if len(cmds[0].Data) > maxMessage || !utf8.ValidString(log) {
			t.Errorf("%d bytes, or no text: %q", len(cmds[0].Data), log)
		}
		for name, value := range cmds[0].Props {
			if !slices.Contains([]string{"file", "line", "col"}, name) {
				t.Errorf("a foreign property %s=%s in %q", name, value, log)
			}
		}
		if len(message) < 100 && len(hint) < 100 && !strings.HasSuffix(cmds[0].Data, " [r]") {
			t.Errorf("the words end early: %q", cmds[0].Data)
		}
	})
}

// FuzzOutput: a value comes back byte for byte, and brings no output of its own.
func FuzzOutput(f *testing.F) {
	for _, value := range []string{"", "12", "a\nb", "end_", "x\nend_AAAA\nplan<<y\nz\ny", "\r\n", "valid=true", "EOF"} {
		f.Add(value, "after")
	}
	f.Fuzz(func(t *testing.T, value, next string) {
		var b bytes.Buffer
		writeOutput(&b, output{"plan", value}, rand.Text)
		writeOutput(&b, output{"cogs-delta", next}, rand.Text)
		got, err := parseOutputs(b.String())
		if err != nil || len(got) != 2 || got["plan"] != value || got["cogs-delta"] != next {
			t.Errorf("%q and %q are read as %q (%v)", value, next, got, err)
		}
	})
}

// FuzzFit: a summary that is cut is as short as it must be, of whole lines, without an open
// fence.
func FuzzFit(f *testing.F) {
	f.Add(strings.Repeat("| a | b |\n", 40), 200)
	f.Add("```diff\n+ a\n- b\n"+strings.Repeat("x\n", 100)+"```\n", 150)
	f.Add("~~~~\n```\n~~~\n"+strings.Repeat("x\n", 100), 140)
	f.Fuzz(func(t *testing.T, text string, room int) {
		if room < 0 {
			room = -(room + 1)
		}
		room %= 2 * (len(text) + 1)
		got := fit(text, room)
		if len(got) > room {
			t.Fatalf("%d bytes where %d fit: %q", len(got), room, got)
		}
		kept, cut := strings.CutSuffix(got, summaryNote)
		if !cut {
			if got != text && got != "" {
				t.Fatalf("cut without a note: %q", got)
			}
			return
		}
		fence := ""
		for line := range strings.Lines(kept) {
			fence = fenceAfter(fence, line)
		}
		if fence != "" {
			t.Errorf("%q leaves %q open", got, fence)
		}
	})
}

// FuzzGlobs: an input never leads out of the repository, and says what is wrong with one that
// would.
func FuzzGlobs(f *testing.F) {
	for _, given := range []string{"", "capabilities/**/*.{yml,yaml}", "a.yml, b.yml\nc.yml", "../x", "/etc/passwd", "a,{b,c", `a\..\b`, "x/../y", "a\x00b", "}{,a"} {
		f.Add(given)
	}
	f.Fuzz(func(t *testing.T, given string) {
		r := inputReader{get: func(string) string { return given }}
		got := r.globs("capabilities")
		seen := map[string]bool{}
		for _, glob := range got {
			if seen[glob] || glob == "" || strings.TrimSpace(glob) != glob || strings.ContainsAny(glob, "\n\r\x00") {
				t.Errorf("%q gives %q", given, got)
			}
			seen[glob] = true
			if !inside(glob) || strings.HasPrefix(glob, "/") || slices.Contains(strings.Split(glob, "/"), "..") {
				t.Errorf("%q leads out by %q", given, glob)
			}
		}
		if strings.TrimSpace(strings.ReplaceAll(given, ",", " ")) != "" && len(got)+len(r.findings) == 0 {
			t.Errorf("%q gives nothing and says nothing", given)
		}
		if p := (&inputReader{get: func(string) string { return given }}).path("config", "fallback"); !inside(p) || p == "" {
			t.Errorf("%q gives the path %q", given, p)
		}
	})
}
