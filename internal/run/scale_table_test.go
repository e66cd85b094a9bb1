package run_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

var (
	scaleSizes = flag.String("scale", "", "numbers of capabilities, with commas, to print the table of costs for")
	scalePaced = flag.Int("scale-paced", 0, "number of capabilities to roll out at the default pace in virtual time")
	scaleInto  = flag.String("scale-into", "", "file that gets the table")
)

// TestScaleTable prints what runs of the program cost, as the documentation shows it: the
// program as it is released, in a process of its own, against the fake GitHub over HTTP. It
// asserts nothing but that every run ends well; TestScale holds the limits.
func TestScaleTable(t *testing.T) {
	var b strings.Builder
	if *scaleSizes != "" {
		b.WriteString("| capabilities | issues | run | requests | writes | CPU, s | in all, s | peak memory, MB |\n|--:|--:|---|--:|--:|--:|--:|--:|\n")
		bin := released(t)
		for size := range strings.SplitSeq(*scaleSizes, ",") {
			n, err := strconv.Atoi(size)
			if err != nil || n < 1 {
				t.Fatalf("-scale: %q is no number of capabilities", size)
			}
			measureRuns(t, bin, n, &b)
		}
	}
	if *scalePaced > 0 {
		p := rollOutPaced(t, *scalePaced)
		fmt.Fprintf(&b, "\nFirst roll-out of %d capabilities with %d issues at the default pace: %d writes in %d hourly runs, %s; the pace implies %s.\n",
			*scalePaced, *scalePaced*(perCapability+1), p.writes, p.runs, p.took.Round(time.Minute), p.implied.Round(time.Minute))
	}
	if b.Len() == 0 {
		return
	}
	if err := os.WriteFile(*scaleInto, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// measureRuns writes the rows of a product of n capabilities.
func measureRuns(t *testing.T, bin string, n int, b *strings.Builder) {
	o := options()
	o.Users = append(staff(), world.User{Login: "octocat", ID: 583231, Role: world.RoleAdmin})
	var ahead atomic.Int64 // hours pass between the runs, at the server
	o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load()) * time.Hour) }
	h := hub{newRepo(t, o, largeFiles(n))}
	h.unlimited()
	push := func() effort {
		return h.process(bin, "push", map[string]any{"ref": "refs/heads/main", "after": h.sha})
	}
	id := largeID(0)
	for _, run := range []struct {
		name   string
		before func()
		run    func() effort
	}{
		{"fresh", func() {}, push},
		{"no-op", func() { push(); ahead.Add(1) }, push}, // the first one after a roll-out may move the mark
		{"one spec changed", func() {
			h.commit(map[string]string{path(id): strings.Replace(h.files[path(id)], "Leads know their worth", "Every lead has its worth", 1)})
		}, push},
		{"one ticket closed", func() { h.srv.As("ada").CloseIssue(h.found(id + "/build/part-1")) }, func() effort {
			i := h.srv.Issue(h.found(id + "/build/part-1"))
			labels := []any{}
			for _, l := range i.Labels {
				labels = append(labels, map[string]any{"name": l})
			}
			return h.process(bin, "issues", map[string]any{"action": "closed",
				"issue": map[string]any{"number": i.Number, "title": i.Title, "body": i.Body, "labels": labels}})
		}},
		{"full sweep", func() {}, func() effort { return h.process(bin, "schedule", map[string]any{}) }},
	} {
		ahead.Add(1)
		run.before()
		h.srv.ResetJournal()
		e := run.run()
		if e.Code != 0 {
			t.Fatalf("%s, %d capabilities: exit code %d\n%s", run.name, n, e.Code, e.Output)
		}
		requests, writes := bill(h.srv.Requests())
		fmt.Fprintf(b, "| %d | %d | %s | %d | %d | %.1f | %.1f | %d |\n", n, len(h.srv.Issues()), run.name, requests, writes, e.CPU.Seconds(), e.Wall.Seconds(), e.Peak>>20)
	}
}
