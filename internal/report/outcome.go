package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
)

// maxUnbegun is how many changes a log names that wait for a later run; there can be thousands.
const maxUnbegun = 50

// OutcomeText writes what a run did, for a terminal or log: the counts, then every change that
// did not come out as planned, with the tracker's words and the next step.
func OutcomeText(w io.Writer, o apply.Outcome) {
	l := newLines(w)
	l.add("%s", did(o))
	if text := ahead(o); text != "" {
		l.add("%s", text)
	}
	for _, part := range troubles(o) {
		l.gap()
		l.add("%s; %s", part.title, part.next)
		for i, r := range part.results {
			if i == maxUnbegun && r.Status == apply.Pending {
				l.add("  and %s more", grouped(len(part.results)-i))
				break
			}
			l.add("  %s %s", mark(r.Action), subject(r))
			if r.Error != "" {
				l.add("      %s", r.Error)
			}
		}
	}
	if lost := left(o); len(lost) > 0 {
		l.gap()
		l.add("the tracker left out:")
		for _, line := range lost {
			l.add("  %s", line)
		}
	}
	_ = l.end()
}

// OutcomeMarkdown gives what a run did, for a job summary. Place is where the tickets lie: an
// address, or a folder's name. Everything that went wrong is shown; what was done is
// folded away.
func OutcomeMarkdown(o apply.Outcome, place string) string {
	head := sentence(did(o))
	switch {
	case strings.HasPrefix(place, "http"):
		head += " " + markdown.Link("All tickets", place)
	case place != "":
		head += " They lie in " + markdown.Code(place) + "."
	}
	parts := []string{head, sentence(ahead(o))}
	for _, part := range troubles(o) {
		var rows [][]string
		for _, r := range part.results {
			rows = append(rows, []string{mark(r.Action), linked(r), clip(literal(r.Error))})
		}
		parts = append(parts, "### "+literal(upper(part.title)), sentence(part.next), capped(rows, []string{"", "issue", "why, and what to do"}))
	}
	if md := bullets(left(o), maxNotices); md != "" {
		parts = append(parts, "### The tracker left out", md)
	}
	var rows [][]string
	for _, r := range o.Results {
		if r.Status == apply.Done {
			rows = append(rows, []string{mark(r.Action), linked(r)})
		}
	}
	if len(rows) > 0 {
		parts = append(parts, fold(count(len(rows), "issue")+" written", capped(rows, []string{"", "issue"})))
	}
	return joinParts(parts...)
}

// capped is a table of at most maxRows rows and a third of the room there is.
func capped(rows [][]string, header []string) string {
	room := maxMarkdown / 3
	shown := 0
	for _, r := range rows {
		if room -= len(strings.Join(r, "   ")) + 4; room < 0 || shown == maxRows {
			break
		}
		shown++
	}
	out := markdown.Table(header, rows[:shown])
	if rest := len(rows) - shown; rest > 0 {
		out += fmt.Sprintf("\n\nand %d more, in the log of the run", rest)
	}
	return out
}

// did counts: "created 4, updated 1; not done 2; left 12 as they were".
func did(o apply.Outcome) string {
	var done []string
	for _, k := range []struct {
		action plan.Action
		word   string
	}{{plan.Create, "created"}, {plan.Update, "updated"}, {plan.Close, "closed"}, {plan.Reopen, "reopened"}} {
		if n := o.Did(k.action); n > 0 {
			done = append(done, fmt.Sprintf("%s %d", k.word, n))
		}
	}
	parts := []string{"wrote nothing"}
	if len(done) > 0 {
		parts = []string{strings.Join(done, ", ")}
	}
	for _, k := range []struct {
		status apply.Status
		word   string
	}{{apply.Failed, "%d refused"}, {apply.Unknown, "%d uncertain"}, {apply.Pending, "%d not begun"}} {
		if n := o.Count(k.status); n > 0 {
			parts = append(parts, fmt.Sprintf(k.word, n))
		}
	}
	if o.Kept > 0 {
		parts = append(parts, fmt.Sprintf("%d as they should be", o.Kept))
	}
	return strings.Join(parts, "; ")
}

// trouble is the results that share a fate, and what comes next.
type trouble struct {
	title   string
	next    string
	results []apply.Result
}

func troubles(o apply.Outcome) []trouble {
	var out []trouble
	for _, k := range []struct {
		status apply.Status
		trouble
	}{
		{apply.Failed, trouble{title: "refused", next: "mend the cause and run again"}},
		{apply.Unknown, trouble{title: "uncertain, as the answer was lost", next: "the next run looks first and makes nothing twice"}},
		{apply.Pending, trouble{title: "not begun", next: "the next run goes on here"}},
	} {
		t := k.trouble
		if k.status == apply.Pending && o.Stopped != "" {
			t.next = o.Stopped + "; " + t.next
		}
		for _, r := range o.Results {
			if r.Status == k.status {
				t.results = append(t.results, r)
			}
		}
		if len(t.results) > 0 {
			out = append(out, t)
		}
	}
	if o.Stopped != "" && o.Count(apply.Pending) == 0 {
		out = append(out, trouble{title: "stopped early", next: o.Stopped})
	}
	return out
}

// left is what trackers dropped silently from issues that were otherwise written.
func left(o apply.Outcome) []string {
	var out []string
	for _, r := range o.Results {
		if len(r.Dropped) > 0 {
			out = append(out, subject(r)+": "+strings.Join(r.Dropped, ", "))
		}
	}
	return out
}

// subject names what a result is about: an issue, or a label or milestone.
func subject(r apply.Result) string {
	s := strings.TrimSpace(string(r.Ref) + " " + r.Title)
	switch {
	case r.Key == "" || r.Key.IsCapability():
		return s
	case s == "":
		return string(r.Key)
	}
	return s + " [" + string(r.Key) + "]"
}

func linked(r apply.Result) string {
	title := literal(r.Title)
	if r.Title == "" {
		title = markdown.Code(string(r.Key))
	}
	return strings.TrimSpace(reference(r.Ref, r.URL) + " " + title)
}
