package run_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
)

// TestMain lets the test binary be the program, for scripts and for killing it.
func TestMain(m *testing.M) {
	debug.SetGCPercent(200) // thousands of short runs
	checks := "40"          // whole runs are slow; the flag still overrides it
	if !thorough {
		checks = "8"
	}
	if err := flag.Set("rapid.checks", checks); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"ticketfoundry": func() { os.Exit(program()) }})
}

// program is main with a clock that stands still.
func program() int {
	dir, err := os.Getwd()
	if err != nil {
		return run.ExitFailed
	}
	return run.Main(context.Background(), run.Env{
		Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Dir: dir, Version: "test",
		Now:   func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
}

func TestCommandLine(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("USER", "ada")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs the program and checks its exit code: exits CODE ARGS...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	err := ts.Exec("ticketfoundry", args[1:]...)
	code := "0"
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		code = strings.TrimPrefix(failed.Error(), "exit status ")
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// A local apply that is killed at any moment and run again ends where an unkilled one ends.
func TestKilledLocalApply(t *testing.T) {
	exe, err := exec.LookPath("ticketfoundry")
	if err != nil {
		t.Fatal(err)
	}
	apply := func(dir string, after time.Duration) (killed bool) {
		cmd := exec.Command(exe, "apply", "--tracker", "local")
		cmd.Dir = dir
		if after == 0 {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			return false
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		return cmd.Wait() != nil
	}
	folder := func(files map[string]string) string {
		dir := filepath.Join(t.TempDir(), "crm") // the folder's name is the repository's
		for name, text := range files {
			full := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	files := specs(4, 5)
	whole := folder(files)
	began := time.Now()
	apply(whole, 0)
	took := time.Since(began)
	want := tickets(t, whole)
	if want == "" {
		t.Fatal("the local tracker holds nothing")
	}
	kills, tries := 0, 30
	if !thorough {
		tries = 6
	}
	for i := range tries {
		dir := folder(files)
		if apply(dir, took/time.Duration(tries+2)*time.Duration(i+1)) {
			kills++
		}
		apply(dir, 0)
		if got := tickets(t, dir); got != want {
			t.Fatalf("killed after %d/%d: ends elsewhere\n%s", i+1, tries+2, firstDifference(got, want))
		}
	}
	if kills < tries/3 {
		t.Errorf("only %d of %d runs were killed in time", kills, tries)
	}
}

// counted is what the local tracker numbers: a killed run may leave out a number.
var counted = regexp.MustCompile(`(?m)#\d+|\b0\d{3}\b|^(number|parent|id|next): \d+$`)

// tickets are the files of the local tracker, in the order of their numbers.
func tickets(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	root := filepath.Join(dir, ".ticketfoundry")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "events" {
			return filepath.SkipDir // a log: a killed run may leave out a number of it
		}
		if err != nil || d.IsDir() || d.Name() == ".lock" {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		plain := indexLine.ReplaceAllString(string(text), "(index)")
		out.WriteString(counted.ReplaceAllString("== "+rel+"\n"+plain, "N"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
