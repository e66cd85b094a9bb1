package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

// effort tells what carrying out a plan takes; nothing where a tracker costs no requests.
func effort(e plan.Estimate) string {
	if e.Writes == 0 || e.Requests == 0 {
		return ""
	}
	text := fmt.Sprintf("an apply takes %s in %s, about %s", counted(e.Writes, "write"), counted(e.Requests, "request"), counted(max(1, e.Minutes), "minute"))
	if e.Runs > 1 {
		text += fmt.Sprintf(" of writing, in about %s: one an hour", counted(e.Runs, "run"))
	}
	return text
}

// ahead tells how far a run came that left something to do, and when the rest will be done.
func ahead(o apply.Outcome) string {
	r := o.Rest
	if r.Writes == 0 || r.Runs == 0 {
		return ""
	}
	text := fmt.Sprintf("%s of %s done; the rest takes about ", grouped(r.Total-r.Writes), counted(r.Total, "write is", "writes are"))
	if r.Runs == 1 {
		text += "one more run"
	} else {
		text += grouped(r.Runs) + " more runs of an hour"
	}
	if !r.Until.IsZero() {
		text += ": done about " + r.Until.UTC().Format("Mon 2 Jan 15:04 MST") + " if a run starts every hour"
	}
	return text
}

// counted is count with large numbers made readable.
func counted(n int, one string, many ...string) string {
	return strings.Replace(count(n, one, many...), strconv.Itoa(n), grouped(n), 1)
}

// grouped sets thousands apart: 22,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
