package simulation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

var huntMutants = flag.String("sim.mutants", "", "plant these mutants (names, or all) one by one, and look whether the seeds catch each")

// mutant is a small mistake in the program that the seeds have to catch.
type mutant struct {
	Name   string `json:"name"`
	Breaks string `json:"breaks"` // what goes wrong with it
	Edits  []struct {
		File string   `json:"file"` // in the module
		Old  []string `json:"old"`  // lines that stand there exactly once
		New  []string `json:"new"`  // and what stands there instead
	} `json:"edits"`
}

const module = "../../.."

func mutants(t *testing.T) []mutant {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(module, ".ci/mutants/mutants.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out []mutant
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// plant gives the files that a mutant changes, changed.
func (m mutant) plant() (map[string]string, error) {
	out := map[string]string{}
	for _, e := range m.Edits {
		text, here := out[e.File]
		if !here {
			raw, err := os.ReadFile(filepath.Join(module, filepath.FromSlash(e.File)))
			if err != nil {
				return nil, err
			}
			text = string(raw)
		}
		was := strings.Join(e.Old, "\n")
		if n := strings.Count(text, was); n != 1 {
			return nil, fmt.Errorf("%s: %d times in %s, want once: %q", m.Name, n, e.File, was)
		}
		out[e.File] = strings.Replace(text, was, strings.Join(e.New, "\n"), 1)
	}
	return out, nil
}

// The list cannot rot: what each mutant changes stands in the program.
func TestMutantsFit(t *testing.T) {
	all := mutants(t)
	if len(all) < 18 {
		t.Errorf("%d mutants, want at least 18", len(all))
	}
	var names []string
	for _, m := range all {
		if slices.Contains(names, m.Name) || m.Breaks == "" || len(m.Edits) == 0 {
			t.Errorf("%q is there twice, or says or changes nothing", m.Name)
		}
		names = append(names, m.Name)
		if _, err := m.plant(); err != nil {
			t.Error(err)
		}
	}
}

var firstFailure = regexp.MustCompile(`seed=(\d+): (.*)`)

// Each mutant is caught within as many seeds as every test run takes.
func TestMutantsAreCaught(t *testing.T) {
	if *huntMutants == "" {
		t.Skip("takes minutes; -sim.mutants=all")
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MUTANT\tSEED\tSECONDS\tLAW")
	caught, all := 0, slices.DeleteFunc(mutants(t), func(m mutant) bool {
		return *huntMutants != "all" && !slices.Contains(strings.Split(*huntMutants, ","), m.Name)
	})
	for _, m := range all {
		began := time.Now()
		seed, law, err := m.hunt(t)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			seed, law = "-", "NOT CAUGHT"
		} else {
			caught++
		}
		t.Logf("%s: seed %s: %.150s", m.Name, seed, law)
		fmt.Fprintf(w, "%s\t%s\t%.0f\t%.100s\n", m.Name, seed, time.Since(began).Seconds(), law)
	}
	if err := w.Flush(); err != nil {
		t.Error(err)
	}
	t.Logf("%d of %d mutants caught\n%s", caught, len(all), table.String())
}

// hunt builds the seeds with the mutant planted and runs them until one fails.
func (m mutant) hunt(t *testing.T) (seed, law string, err error) {
	planted, err := m.plant()
	if err != nil {
		return "", "", err
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range planted {
		real, err := filepath.Abs(filepath.Join(module, filepath.FromSlash(file)))
		if err != nil {
			return "", "", err
		}
		fake := filepath.Join(dir, fmt.Sprintf("%d.go", len(overlay.Replace)))
		overlay.Replace[real] = fake
		if err := os.WriteFile(fake, []byte(text), 0o644); err != nil {
			return "", "", err
		}
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", "", err
	}
	at, bin := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "seeds.test")
	if err := os.WriteFile(at, list, 0o644); err != nil {
		return "", "", err
	}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", at, "-o", bin, ".").CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("build: %w\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), bin, "-test.run", "^TestSeeds$").CombinedOutput()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		return "", "", err
	}
	found := firstFailure.FindStringSubmatch(string(out))
	if found == nil {
		return "", "", fmt.Errorf("no seed fails\n%.2000s", out)
	}
	return found[1], found[2], nil
}
