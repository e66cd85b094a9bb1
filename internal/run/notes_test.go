package run_test

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
)

// releaseNotes runs the command of that name, on a workflow runner or not.
func (r *repo) releaseNotes(stdout io.Writer, runner bool, args ...string) {
	r.t.Helper()
	vars := map[string]string{}
	if runner {
		vars["GITHUB_ACTIONS"] = "true"
	}
	var errs bytes.Buffer
	code := run.Main(r.t.Context(), run.Env{Args: append([]string{"release-notes"}, args...), Stdout: stdout, Stderr: &errs, Dir: r.dir, Version: "test",
		Getenv: func(k string) string { return vars[k] }, Now: r.clock.Now, Sleep: r.clock.Sleep})
	if code != 0 {
		r.t.Fatalf("exit code %d\n%s", code, errs.String())
	}
}

// On a workflow runner notes are no commands, whatever they say; elsewhere and in files they are
// as they are.
func TestReleaseNotesGiveNoCommands(t *testing.T) {
	const risky = "    Hi\n\n    ::add-mask::secret\n\n        ::error file=x::boom\n\n    See ##[group]x\n"
	for notes, live := range map[string]bool{risky: true, "    Hi, std::string\n": false} {
		r := newRepo(t, options(), map[string]string{path("CRM-1"): spec("CRM-1", 0, "release:\n  version: \"2.4\"\n  notes: |\n"+notes)})
		for _, format := range []string{"markdown", "changelog", "json"} {
			var off, on bytes.Buffer
			r.releaseNotes(&off, false, "2.4", "--format", format)
			r.releaseNotes(&on, true, "2.4", "--format", format)
			f, err := os.Create(filepath.Join(t.TempDir(), "notes"))
			if err != nil {
				t.Fatal(err)
			}
			r.releaseNotes(f, true, "2.4", "--format", format)
			filed, err := os.ReadFile(f.Name())
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if err != nil || string(filed) != off.String() {
				t.Errorf("%s: a file gets %q, want %q (%v)", format, filed, off.String(), err)
			}
			switch {
			case !live && on.String() != off.String():
				t.Errorf("%s: %q became %q for no reason", format, off.String(), on.String())
			case live && format == "json":
				if strings.Contains(on.String(), "##[") || strings.ReplaceAll(on.String(), `\u0023`, "#") != off.String() {
					t.Errorf("json: %q", on.String())
				}
			case live:
				begin, rest, _ := strings.Cut(on.String(), "\n")
				token, ok := strings.CutPrefix(begin, "::stop-commands::")
				if !ok || len(token) < 20 || rest != off.String()+"::"+token+"::\n" {
					t.Errorf("%s: %q", format, on.String())
				}
			}
		}
	}
}

// A change log is replaced whole, keeps its mode, and nothing beside it is touched.
func TestChangelogFile(t *testing.T) {
	r := newRepo(t, options(), map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", "")})
	beside := map[string]string{"CHANGELOG.md.new": "mine\n", "CHANGELOG.md~": "old\n"}
	for name, text := range beside {
		r.write(filepath.Join(r.dir, "docs", name), text)
	}
	log := filepath.Join(r.dir, "docs", "CHANGELOG.md")
	r.releaseNotes(io.Discard, false, "2.4", "--changelog", "docs/CHANGELOG.md")
	if err := os.Chmod(log, 0o600); err != nil {
		t.Fatal(err)
	}
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Two.", "")})
	r.releaseNotes(io.Discard, false, "2.4", "--changelog", "docs/CHANGELOG.md")
	text, err := os.ReadFile(log)
	if err != nil || !strings.Contains(string(text), "Two.") {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(log); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
	files, err := os.ReadDir(filepath.Join(r.dir, "docs"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if want := append(slices.Sorted(maps.Keys(beside)), "CHANGELOG.md"); !slices.Equal(names, slices.Sorted(slices.Values(want))) {
		t.Errorf("the folder has %q", names)
	}
	for name, want := range beside {
		if got, err := os.ReadFile(filepath.Join(r.dir, "docs", name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
