package run_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A disk that fills up under the local tracker leaves nothing half-done: with room again, the
// next run ends where one with room from the start ends.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	exe, err := exec.LookPath("ticketfoundry")
	if err != nil {
		t.Fatal(err)
	}
	// apply lets no file grow beyond so many blocks of 512 bytes; 0 is no bound.
	apply := func(dir string, blocks int) error {
		cmd := exec.Command(exe, "apply", "--tracker", "local")
		if blocks > 0 {
			cmd = exec.Command("sh", "-c", fmt.Sprintf(`trap "" XFSZ; ulimit -f %d; exec "$0" apply --tracker local`, blocks), exe)
		}
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if blocks == 0 && err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return err
	}
	folder := func() string {
		dir := filepath.Join(t.TempDir(), "crm") // the folder's name is the repository's
		for name, text := range specs(3, 4) {
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
	whole := folder()
	_ = apply(whole, 0)
	sorted := func(dir string) string { // what could not be made in its turn has a later number
		parts := strings.Split(tickets(t, dir), "== ")
		slices.Sort(parts)
		return strings.Join(parts, "")
	}
	want := sorted(whole)
	full, step := 0, 1
	if testing.Short() || !thorough {
		step = 3
	}
	for blocks := 1; blocks <= 12; blocks += step {
		dir := folder()
		if apply(dir, blocks) != nil {
			full++
		}
		_ = apply(dir, 0)
		if got := sorted(dir); got != want {
			t.Errorf("full at %d blocks: ends elsewhere\n%s", blocks, firstDifference(got, want))
		}
	}
	if full < 1 {
		t.Errorf("the disk was full only %d times", full)
	}
}
