package action

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/action/actiontest"
)

// parseOutputs reads an output file as the runner does.
func parseOutputs(text string) (map[string]string, error) {
	out := map[string]string{}
	for text != "" {
		head, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return nil, fmt.Errorf("no line end after %q", head)
		}
		name, delimiter, ok := strings.Cut(head, "<<")
		if !ok || strings.Contains(name, "=") {
			return nil, fmt.Errorf("line %q is no output", head)
		}
		value, after, ok := strings.Cut("\n"+rest, "\n"+delimiter+"\n")
		if !ok {
			return nil, fmt.Errorf("the delimiter of %s is missing", name)
		}
		out[name] = strings.TrimPrefix(value, "\n")
		text = after
	}
	return out, nil
}

func TestSetOutputs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	a := New(env(map[string]string{"GITHUB_OUTPUT": path}), &bytes.Buffer{})
	if err := a.SetOutputs(Outputs{Valid: true, Created: 6, Plan: "a\nvalid<<X\nfalse\nX", CogsDelta: "+12.50 USD"}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseOutputs(string(b))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"valid": "true", "created": "6", "errors": "0", "plan": "a\nvalid<<X\nfalse\nX", "cogs-delta": "+12.50 USD", "cogs-monthly": "",
	} {
		if got[name] != want {
			t.Errorf("output %s = %q, want %q", name, got[name], want)
		}
	}
	if want := len((Outputs{}).list()); len(got) != want {
		t.Errorf("%d outputs, want %d", len(got), want)
	}
	if err := New(env(nil), &bytes.Buffer{}).SetOutputs(Outputs{}); err != nil {
		t.Errorf("by hand: %v", err)
	}
	if err := New(env(map[string]string{"GITHUB_OUTPUT": t.TempDir()}), &bytes.Buffer{}).SetOutputs(Outputs{}); err == nil {
		t.Error("a folder as output file gave no error")
	}
}

func TestOutputValuesComeBackByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.String(), rapid.SampledFrom(actiontest.Hostile())).Draw(t, "value")
		// The first delimiter is guessed right, as no writer of a spec can: it must not be used.
		guesses := []string{"guessed"}
		random := func() string {
			if len(guesses) > 0 {
				g := guesses[0]
				guesses = nil
				return g
			}
			return rand.Text()
		}
		value += rapid.SampledFrom([]string{"", "\nend_guessed\nother<<X\n1\nX"}).Draw(t, "attack")
		var b bytes.Buffer
		writeOutput(&b, output{"plan", value}, random)
		got, err := parseOutputs(b.String())
		if err != nil || len(got) != 1 || got["plan"] != value {
			t.Fatalf("%q came back as %q, %v", value, got, err)
		}
	})
}

func TestSummaryStaysUnderTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary")
	a := New(env(map[string]string{"GITHUB_STEP_SUMMARY": path}), &bytes.Buffer{})
	if err := a.Summary("# Plan"); err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("y", 99) + "\n"
	if err := a.Summary(strings.Repeat(line, 20_000)); err != nil {
		t.Fatal(err)
	}
	if err := a.Summary(strings.Repeat(line, 20_000)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if len(text) >= maxSummary || len(text) < maxSummary-8<<10 {
		t.Errorf("%d bytes, want just under %d", len(text), maxSummary)
	}
	body, ok := strings.CutSuffix(text, line+summaryNote)
	if !ok || !strings.HasPrefix(body, "# Plan\n"+line) || strings.Count(text, "This summary was cut") != 1 {
		t.Errorf("begins %q, ends %q", text[:120], text[len(text)-160:])
	}
	if err := New(env(nil), &bytes.Buffer{}).Summary("x"); err != nil {
		t.Errorf("by hand: %v", err)
	}
}

func TestFitClosesAnOpenFence(t *testing.T) {
	text := "a\n````mermaid\n```\nline\nline\nline\n````\nend\n" + strings.Repeat("z", 200) + "\n"
	room := len(summaryNote) + len("a\n````mermaid\n```\nline\n") + len("````\n") + 2
	if got, want := fit(text, room), "a\n````mermaid\n```\nline\n````\n"+summaryNote; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fit("short\n", 6); got != "short\n" {
		t.Errorf("what fits was cut: %q", got)
	}
	if got := fit(text, 10); got != "" {
		t.Errorf("no room for the note, yet %q", got)
	}
}
