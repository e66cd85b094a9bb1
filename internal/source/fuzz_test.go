package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

// FuzzGlob: whatever a pattern says, what comes back are regular files of the workspace that
// match it, none of them in .git or behind a link, and it does not take long.
func FuzzGlob(f *testing.F) {
	outside := f.TempDir()
	dir := filepath.Join(outside, "ws")
	files := []string{
		"capabilities/CRM-1.yml", "capabilities/web/CRM-2.yaml", "capabilities/.hidden.yml", "capabilities/[x].yml",
		"capabilities/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.txt", ".git/config.yml", "a b/{c}.yml",
	}
	for _, name := range append([]string{"../secret.yml"}, files...) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("id: CRM-1\n"), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	for name, to := range map[string]string{"capabilities/up": "../..", "capabilities/CRM-9.yml": "CRM-1.yml"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			f.Fatal(err)
		}
	}
	ws, err := source.Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = ws.Close() })
	for _, pattern := range []string{
		"capabilities/**/*.{yml,yaml}", "capabilities", "capabilities/CRM-1.yml", "**", "../**", "/etc/*", "./capabilities//*.yml",
		`capabilities\*.yml`, "capabilities/up/*.yml", "capabilities/[[]x].yml", "[^a]*/*", "{a,b", "[a", "*\x00", ".git/**", "a b/\\{c\\}.yml",
		"capabilities/" + strings.Repeat("a*", 20) + "b", strings.Repeat("**/", 12) + "x", strings.Repeat("{a,", 12) + strings.Repeat("}", 12),
		"capabilities/" + strings.Repeat("{a,aa}", 30) + "b", "{capabilities,docs}/**/*.{yml,yaml}",
	} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if len(pattern) > 200 {
			t.Skip()
		}
		start := time.Now()
		got, findings, err := ws.Glob([]string{pattern})
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("%q takes %s", pattern, took)
		}
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("%q gives %q, which is not sorted or has repeats", pattern, got)
		}
		plain := filepath.ToSlash(filepath.Clean(strings.ReplaceAll(pattern, `\`, "/")))
		for _, name := range got {
			if !slices.Contains(files, name) {
				t.Errorf("%q gives %q, which is no regular file of the workspace", pattern, name)
			}
			// A file may be named by its path; a folder stands for the YAML files below it.
			matches, err := doublestar.Match(plain, name)
			if below := strings.HasPrefix(name, plain+"/") || plain == "."; name != plain && !below && (err != nil || !matches) {
				t.Errorf("%q gives %q, which it does not match", pattern, name)
			}
			if strings.HasPrefix(name, ".git/") && name != plain {
				t.Errorf("%q looks into .git: %q", pattern, name)
			}
		}
		for _, finding := range findings {
			if finding.Rule == "" || finding.Message == "" || !utf8.ValidString(finding.Text()) || strings.ContainsAny(finding.Text(), "\n\r\x00") {
				t.Errorf("%q gives a finding that is not one line of text: %+v", pattern, finding)
			}
		}
	})
}

// FuzzRead: a path never leads out of the workspace, nor through a link.
func FuzzRead(f *testing.F) {
	outside := f.TempDir()
	dir := filepath.Join(outside, "ws")
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o755); err != nil {
		f.Fatal(err)
	}
	for name, text := range map[string]string{"../secret.yml": "secret", "in/a.yml": "inside", "b.yml": "inside"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	for name, to := range map[string]string{"up": "..", "in/up": "../..", "a.yml": "../secret.yml", "c.yml": "b.yml", "self": "self"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			f.Fatal(err)
		}
	}
	ws, err := source.Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = ws.Close() })
	for _, name := range []string{"b.yml", "in/a.yml", "in", "", ".", "..", "../secret.yml", "up/secret.yml", "in/../b.yml", "/b.yml", "a.yml", "c.yml", "self", "b.yml/x", "in/up/secret.yml", "b.yml\x00", "\xff", "in//a.yml"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		text, findings, err := ws.Read(name)
		if err != nil && len(name) < 200 {
			t.Fatalf("%q: %v", name, err)
		}
		switch {
		case text != nil && (string(text) != "inside" || name != "b.yml" && name != "in/a.yml"):
			t.Errorf("%q reads %q", name, text)
		case text == nil && err == nil && len(findings) == 0:
			t.Errorf("%q gives nothing and says nothing", name)
		}
	})
}
