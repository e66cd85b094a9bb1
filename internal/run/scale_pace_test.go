package run_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// paced is a product that is rolled out on a GitHub that enforces its published limits, at the
// pace that a step has without any input, by a workflow that runs once an hour.
type paced struct {
	runs, writes  int
	took, implied time.Duration
}

func rollOutPaced(t testing.TB, n int) paced {
	o := options()
	o.Users = append(staff(), world.User{Login: "octocat", ID: 583231, Role: world.RoleAdmin})
	o.EnforceLimits, o.HourlyLimit = true, 1000
	h := hub{newRepo(t, o, largeFiles(n))}
	delete(h.inputs, "WRITES-PER-HOUR")
	delete(h.inputs, "MAX-MINUTES")
	began, out := h.clock.Now(), paced{}
	for pending := "some"; pending != "0"; out.runs++ {
		if out.runs > 10*n+10 {
			t.Fatalf("it does not end: %s are pending after %d runs", pending, out.runs)
		}
		if next := began.Add(time.Duration(out.runs) * time.Hour); h.clock.Now().Before(next) {
			h.clock.Advance(next.Sub(h.clock.Now()))
		}
		res := h.must(h.push(), 0)
		pending = res.outputs["pending"]
	}
	out.took = h.clock.Now().Sub(began)
	_, out.writes = bill(h.srv.Requests())
	// 480 writes an hour: the last hour takes as long as its writes do at 60 a minute.
	out.implied = time.Duration((out.writes-1)/480)*time.Hour + time.Duration((out.writes-1)%480+1)*time.Second
	limited := 0
	for _, r := range h.srv.Requests() {
		if r.Status == 429 || r.Status == 403 && !strings.HasSuffix(r.Path, "/releases") { // which the token may not draft
			limited++
		}
	}
	if v := h.srv.Violations(); limited > 0 || len(v) > 0 {
		t.Errorf("%d answers were limits, and %d limits were broken: %v", limited, len(v), v[:min(len(v), 5)])
	}
	if got, want := len(h.keys()), n*(perCapability+1); got < want {
		t.Errorf("%d tickets, want %d", got, want)
	}
	return out
}

// The first roll-out at the default pace trips no limit and takes as long as the pace implies.
func TestFirstRollOutKeepsThePace(t *testing.T) {
	n := 60
	if testing.Short() || !thorough {
		n = 20
	}
	p := rollOutPaced(t, n)
	t.Logf("%d writes in %d runs took %s; the pace implies %s", p.writes, p.runs, p.took, p.implied)
	if off := (p.took - p.implied).Abs(); off > p.implied/20 {
		t.Errorf("%d writes took %s, want %s within a twentieth", p.writes, p.took, p.implied)
	}
}
