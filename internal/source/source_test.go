package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

func workspace(t *testing.T, files map[string]string) *Workspace {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ws, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

func symlink(t *testing.T, ws *Workspace, target, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(ws.Dir(), name)); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
}

func rules(l diag.List) string {
	var out []string
	for _, f := range l {
		out = append(out, f.File+" "+f.Rule)
	}
	return strings.Join(out, ", ")
}

func TestReadRefuses(t *testing.T) {
	ws := workspace(t, map[string]string{
		"in/fine.yml": "a: b\n",
		"in/big.yml":  strings.Repeat("x", MaxFileSize+1),
		"in/most.yml": strings.Repeat("x", MaxFileSize),
	})
	symlink(t, ws, "/etc/passwd", "in/passwd.yml")
	symlink(t, ws, "fine.yml", "in/other.yml")
	symlink(t, ws, "in", "way")
	symlink(t, ws, "nowhere", "in/broken.yml")
	for name, want := range map[string]string{
		"in/fine.yml":        "",
		"in/most.yml":        "",
		"in/big.yml":         "in/big.yml file-too-large",
		"in/passwd.yml":      "in/passwd.yml symlink",
		"in/\xff.yml":        "in/\xff.yml file-name",
		"in/other.yml":       "in/other.yml symlink",
		"in/broken.yml":      "in/broken.yml symlink",
		"way/fine.yml":       "way/fine.yml symlink",
		"in":                 "in not-a-file",
		"in/missing.yml":     "in/missing.yml no-such-file",
		"in/fine.yml/x":      "in/fine.yml/x no-such-file",
		"../fine.yml":        "../fine.yml outside-workspace",
		"/etc/passwd":        "/etc/passwd outside-workspace",
		"in/../in/fine.yml":  "in/../in/fine.yml outside-workspace",
		"in/fine.yml\x00.md": "in/fine.yml\x00.md outside-workspace",
		"":                   " outside-workspace",
	} {
		text, findings, err := ws.Read(name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if got := rules(findings); got != want {
			t.Errorf("%q: found %q, want %q", name, got, want)
		}
		if (text == nil) != (want != "") {
			t.Errorf("%q: content is there: %v", name, text != nil)
		}
	}
}

func TestGlob(t *testing.T) {
	ws := workspace(t, map[string]string{
		"capabilities/CRM-1.yml":           "",
		"capabilities/deep/er/CRM-2.yaml":  "",
		"capabilities/README.md":           "",
		"capabilities/.git/CRM-9.yml":      "",
		"other/CRM-3.yml":                  "",
		"capabilities/folder.yml/CRM-4.md": "",
	})
	symlink(t, ws, "/etc/passwd", "capabilities/passwd.yml")
	symlink(t, ws, "../other", "capabilities/link")
	symlink(t, ws, "/etc", "capabilities/etc")
	symlink(t, ws, "README.md", "capabilities/readme")
	symlink(t, ws, "capabilities", "caps")
	for _, test := range []struct {
		patterns []string
		want     string
		findings string
	}{
		{
			[]string{"capabilities/**/*.{yml,yaml}"}, "capabilities/CRM-1.yml capabilities/deep/er/CRM-2.yaml",
			"capabilities/etc symlink, capabilities/link symlink, capabilities/passwd.yml symlink",
		},
		{[]string{"capabilities/*.yml", "./capabilities/CRM-*.yml"}, "capabilities/CRM-1.yml", "capabilities/passwd.yml symlink"},
		{[]string{"other"}, "other/CRM-3.yml", ""},
		{[]string{"other/CRM-3.yml"}, "other/CRM-3.yml", ""},
		{[]string{"other/CRM-4.yml"}, "", "other/CRM-4.yml no-such-file"},
		{[]string{"nothing/**/*.yml"}, "", ""},
		{[]string{"caps/*.yml"}, "", "caps symlink"},
		{[]string{"../*.yml", "/etc/*"}, "", "../*.yml outside-workspace, /etc/* outside-workspace"},
		{[]string{"other/{a"}, "", "other/{a bad-glob"},
		{[]string{"other/" + strings.Repeat("{a,aa}", 10)}, "", "other/" + strings.Repeat("{a,aa}", 10) + " bad-glob"},
		{[]string{"other/" + strings.Repeat("{CRM-3,x}", 9) + "*"}, "", ""},
	} {
		got, findings, err := ws.Glob(test.patterns)
		if err != nil {
			t.Errorf("%v: %v", test.patterns, err)
			continue
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%v: got %q, want %q", test.patterns, s, test.want)
		}
		if s := rules(slices.Compact(findings.Sorted())); s != test.findings {
			t.Errorf("%v: found %q, want %q", test.patterns, s, test.findings)
		}
	}
}

func TestGlobStopsAtTheLimit(t *testing.T) {
	ws := workspace(t, nil)
	for i := range MaxFiles + 2 {
		f, err := os.Create(filepath.Join(ws.Dir(), "f"+strings.Repeat("0", 4)+string(rune('a'+i%26))+strings.Repeat("x", i/26%200)+string(rune('a'+i/26/200))+".yml"))
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	got, findings, err := ws.Glob([]string{"*.yml"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != MaxFiles || len(findings) != 1 || findings[0].Rule != "too-many-files" {
		t.Errorf("%d files, findings %v", len(got), findings)
	}
}

func TestTangled(t *testing.T) {
	for pattern, want := range map[string]bool{
		"capabilities/**/*.{yml,yaml}":                      false,
		strings.Repeat("{a,b}", 9):                          false,
		strings.Repeat("{a,b}", 10):                         true,
		strings.Repeat("{a,", 10):                           false, // not closed: no pattern
		strings.Repeat("{a,", 10) + strings.Repeat("}", 10): true,
		"{" + strings.Repeat("a,", 999) + "a}":              false,
		"{" + strings.Repeat("a,", 1000):                    true,
		"a,b},{c":                                           false,
	} {
		if got := Tangled(pattern); got != want {
			t.Errorf("%.40q: %v, want %v", pattern, got, want)
		}
	}
}
