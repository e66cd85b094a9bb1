package run_test

import (
	"strings"
	"testing"
	"time"
)

// A spent hour ends a run in time, and the run says when all will be done; one run an hour
// gets there.
func TestASpentHourEndsTheRun(t *testing.T) {
	r := newRepo(t, options(), specs(6, 3)) // 12 labels and more, 6 issues, 24 tickets, 6 records
	r.inputs["WRITES-PER-HOUR"] = "30"
	begin := r.clock.Now()
	res := r.must(r.push(), 0)
	says(t, "the log", res.stdout, "an apply takes", "the 30 writes that one hour may take are spent", "writes are done; the rest takes about", "if a run starts every hour")
	says(t, "the summary", res.summary, "writes are done; the rest takes about")
	until, err := time.Parse(time.RFC3339, res.outputs["done-about"])
	if err != nil || !until.After(begin.Add(50*time.Minute)) || res.outputs["pending"] == "0" {
		t.Errorf("outputs %v", res.outputs)
	}
	if took := r.clock.Now().Sub(begin); took > time.Minute {
		t.Errorf("it slept: %s", took)
	}
	for range 6 {
		r.clock.Advance(time.Hour)
		if res = r.must(r.push(), 0); res.outputs["pending"] == "0" {
			break
		}
	}
	if res.outputs["done-about"] != "" || res.outputs["pending"] != "0" {
		t.Errorf("outputs %v", res.outputs)
	}
	if off := r.clock.Now().Sub(until); off < -90*time.Minute || off > 90*time.Minute {
		t.Errorf("foretold was %s, done %s", until, r.clock.Now())
	}
	r.once()
	if v := r.srv.Violations(); len(v) > 0 {
		t.Errorf("limits broken: %s", strings.Join(v, "\n"))
	}
}

func TestAWrongShardIsRefused(t *testing.T) {
	r := newRepo(t, options(), specs(1, 0))
	r.inputs["SHARD"] = "9/8"
	res := r.must(r.push(), 2)
	says(t, "the log", res.stdout, "there is no part 9 of 8")
	if n := len(r.srv.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}
