package run_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// requests counts those besides creating labels and milestones and linking dependencies.
func (r *repo) requests() (n int) {
	for _, q := range r.srv.Requests() {
		if q.Method == "POST" && (strings.HasSuffix(q.Path, "/labels") && !strings.Contains(q.Path, "/issues/") || strings.HasSuffix(q.Path, "/milestones")) ||
			strings.Contains(q.Path, "/dependencies/") {
			continue
		}
		n++
	}
	return n
}

func TestFreshRepositoryCostsFewRequests(t *testing.T) {
	for _, extra := range []int{0, 5, 8, 9, 18, 19, 40} {
		r := newRepo(t, options(), map[string]string{path("CRM-1"): spec("CRM-1", extra, "")})
		res := r.must(r.push(), 0)
		k := extra + 1
		if got := len(r.srv.Issues()); got != k+1 {
			t.Errorf("%d tickets due: %d issues, want %d", k, got, k+1)
		}
		if got, want := r.requests(), (k+1+9)/10+6; got > want {
			t.Errorf("%d tickets due: %d requests, want at most %d\n%s", k, got, want, r.srv.List())
		}
		if res.outputs["created"] != fmt.Sprint(k+1) || res.outputs["valid"] != "true" {
			t.Errorf("outputs %v", res.outputs)
		}
	}
}

func TestSecondRunWritesNothing(t *testing.T) {
	t.Parallel()
	capabilities := 100
	if !thorough {
		capabilities = 10
	}
	r := newRepo(t, options(), specs(capabilities, 9))
	r.must(r.push(), 0)
	if got := len(r.live()); got != 11*capabilities {
		t.Fatalf("%d issues, want %d", got, 11*capabilities)
	}
	r.clock.Advance(time.Hour)
	r.must(r.push(), 0) // may move the mark, which spares the next run listing what the first one wrote
	r.srv.ResetJournal()
	r.must(r.push(), 0)
	if writes := r.srv.Writes(); len(writes) > 0 {
		t.Errorf("%d writes\n%s", len(writes), r.srv.List())
	}
	if got := len(r.srv.Requests()); got > 3 {
		t.Errorf("%d requests, want at most 3\n%s", got, r.srv.List())
	}
	r.inputs["SCOPE"] = "all"
	r.srv.ResetJournal()
	res := r.must(r.push(), 0)
	if writes := r.srv.Writes(); len(writes) > 0 {
		t.Errorf("looking at everything: %d writes\n%s", len(writes), r.srv.List())
	}
	if got := len(r.srv.Requests()); got > 14 {
		t.Errorf("looking at everything: %d requests, want at most 14\n%s", got, r.srv.List())
	}
	if res.outputs["unchanged"] != fmt.Sprint(11*capabilities) {
		t.Errorf("outputs %v", res.outputs)
	}
}

func TestReportFolder(t *testing.T) {
	r := newRepo(t, options(), specs(1, 1))
	r.inputs["REPORT-DIR"] = "out/report"
	res := r.must(r.push(), 0)
	if res.outputs["plan"] != "out/report/plan.json" {
		t.Errorf("outputs %v", res.outputs)
	}
	for name, field := range map[string]string{"plan.json": `"action": "create"`, "findings.json": `"rule": "not-ready"`} {
		text, err := os.ReadFile(filepath.Join(r.dir, "out", "report", name))
		if err != nil || !json.Valid(text) || !strings.Contains(string(text), field) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

func TestFailOn(t *testing.T) {
	broken := map[string]string{path("CRM-1"): "id: CRM-1\n"}
	for _, c := range []struct {
		failOn string
		files  map[string]string
		code   int
	}{
		{"error", specs(1, 0), 0}, {"warning", specs(1, 0), 1}, {"never", specs(1, 0), 0},
		{"error", broken, 1}, {"warning", broken, 1}, {"never", broken, 0},
	} {
		r := newRepo(t, options(), c.files)
		r.inputs["FAIL-ON"] = c.failOn
		res := r.must(r.push(), c.code)
		if want := fmt.Sprint(c.code == 0); res.outputs["valid"] != want {
			t.Errorf("%s: valid is %s, want %s", c.failOn, res.outputs["valid"], want)
		}
	}
}

// A first run of hundreds of issues keeps to GitHub's published limits by itself.
func TestPaceKeepsTheLimits(t *testing.T) {
	r := newRepo(t, options(), specs(30, 9))
	began := r.clock.Now()
	r.must(r.push(), 0)
	if got := r.srv.Violations(); len(got) > 0 {
		t.Errorf("limits broken: %q", got)
	}
	if took := r.clock.Now().Sub(began); took > 20*time.Minute {
		t.Errorf("330 issues took %s", took)
	}
}
