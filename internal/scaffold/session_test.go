package scaffold_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
)

// TestREADMESession does what the README tells a newcomer to type, and looks whether the
// capabilities are then where it says.
func TestREADMESession(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)<!-- session -->\n```sh\n(.*?)```\n").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no session")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../testdata/crm")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".ticketfoundry")); err != nil { // left by a run by hand
		t.Fatal(err)
	}
	var out bytes.Buffer
	for line := range strings.Lines(string(block[1])) {
		command := strings.TrimPrefix(strings.TrimSpace(line), "cd testdata/crm && ")
		args, ok := strings.CutPrefix(command, "ticketfoundry ")
		if !ok {
			t.Fatalf("the session has the line %q", line)
		}
		out.Reset()
		code := run.Main(t.Context(), run.Env{
			Args: words(args), Stdout: &out, Stderr: &out, Dir: dir, Version: "test",
			Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) },
		})
		if code != run.ExitFine {
			t.Fatalf("%s: exit code %d\n%s", command, code, out.String())
		}
	}
	for _, want := range []string{
		`(?m)CRM-105: .*\n.* stage spec since`,
		`(?m)CRM-100 Contact timeline \| shipped`,
		`(?m)CRM-102: .*\n.* stage build since`,
		`\[Build\] Rework 1: merged contacts lose their notes`,
	} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("after the session nothing matches %s in\n%s", want, out.String())
		}
	}
	records, err := filepath.Glob(filepath.Join(dir, ".ticketfoundry", "comments", "*", "*"))
	if err != nil || len(records) == 0 {
		t.Errorf("the record is not where the README says: %v", err)
	}
}

// words splits a command line at its spaces; quoted words stay together.
func words(line string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}
