package capability_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

var update = flag.Bool("update", false, "write the expected findings anew")

// findings reads a workspace as a run does, and prints what people see.
func findings(t *testing.T, dir string) (string, diag.List) {
	t.Helper()
	ws, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	c, all, err := config.Load(ws, config.Path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := capability.Load(ws, c.Capabilities, c.Vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, set.Findings...).Sorted()
	var b strings.Builder
	for _, f := range all {
		b.WriteString(f.String() + "\n")
	}
	return b.String(), all
}

func TestGolden(t *testing.T) {
	for _, kind := range []struct {
		dir     string
		invalid bool
		least   int
	}{{"ok", false, 4}, {"err", true, 45}} {
		root := filepath.Join("..", "..", "testdata", kind.dir)
		cases, err := os.ReadDir(root)
		if err != nil {
			t.Fatal(err)
		}
		if len(cases) < kind.least {
			t.Errorf("%s has %d cases; at least %d are expected", root, len(cases), kind.least)
		}
		for _, c := range cases {
			t.Run(kind.dir+"/"+c.Name(), func(t *testing.T) { golden(t, filepath.Join(root, c.Name()), kind.invalid) })
		}
	}
}

func golden(t *testing.T, dir string, invalid bool) {
	files := 0
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if ext := filepath.Ext(name); err == nil && !d.IsDir() && (ext == ".yml" || ext == ".yaml") {
			files++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatal("the case holds no file to check")
	}
	got, all := findings(t, dir)
	out := filepath.Join(dir, "want.out")
	if *update {
		if err := os.WriteFile(out, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("the case has no expected findings (run with -update): %v", err)
	}
	if got != string(want) {
		t.Errorf("findings differ\ngot:\n%s\nwant:\n%s", got, want)
	}
	if all.HasErrors() != invalid {
		t.Errorf("errors found: %v, want %v\n%s", all.HasErrors(), invalid, got)
	}
}
