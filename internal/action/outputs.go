package action

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Outputs is what the step gives to later steps.
type Outputs struct {
	Valid       bool   // no finding that fails the check
	Errors      int    // findings by severity
	Warnings    int    //
	Created     int    // tickets made
	Updated     int    // tickets changed
	Closed      int    //
	Reopened    int    //
	Unchanged   int    // tickets that were as they should be
	Pending     int    // changes that are left to do
	DoneAbout   string // when they will be done, RFC 3339; empty if nothing is left or nobody can tell
	Plan        string // path of the plan as JSON, relative to the workspace; empty if none was kept
	CogsMonthly string // cost per month with its currency; empty when nobody estimated it
	CogsDelta   string // its change, signed
	Cogs        string // the cost of all capabilities in several ways, as JSON
}

type output struct{ name, value string }

// list gives the outputs by the names action.yml has for them, in its order.
func (o Outputs) list() []output {
	return []output{
		{"valid", strconv.FormatBool(o.Valid)},
		{"errors", strconv.Itoa(o.Errors)},
		{"warnings", strconv.Itoa(o.Warnings)},
		{"created", strconv.Itoa(o.Created)},
		{"updated", strconv.Itoa(o.Updated)},
		{"closed", strconv.Itoa(o.Closed)},
		{"reopened", strconv.Itoa(o.Reopened)},
		{"unchanged", strconv.Itoa(o.Unchanged)},
		{"pending", strconv.Itoa(o.Pending)},
		{"done-about", o.DoneAbout},
		{"plan", o.Plan},
		{"cogs-monthly", o.CogsMonthly},
		{"cogs-delta", o.CogsDelta},
		{"cogs", o.Cogs},
	}
}

// SetOutputs hands the outputs to the runner; by hand it does nothing.
func (a *Action) SetOutputs(o Outputs) error {
	path := a.getenv("GITHUB_OUTPUT")
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	for _, out := range o.list() {
		writeOutput(&b, out, rand.Text)
	}
	if err := appendTo(path, b.Bytes()); err != nil {
		return fmt.Errorf("setting the step's outputs: %w", err)
	}
	return nil
}

// writeOutput writes one output with a delimiter that nobody can guess and that is not in
// the value. The SDK's delimiter is always the same, so a capability could end its own
// output with it and begin another.
func writeOutput(b *bytes.Buffer, o output, random func() string) {
	delimiter := "end_" + random()
	for strings.Contains(o.value, delimiter) {
		delimiter = "end_" + random()
	}
	fmt.Fprintf(b, "%s<<%s\n%s\n%s\n", o.name, delimiter, o.value, delimiter)
}

// maxSummary is where GitHub drops a step's summary as a whole, in bytes.
const maxSummary = 1 << 20

const summaryNote = "\n*This summary was cut: GitHub shows at most 1 MiB. The log has the rest.*\n"

// Summary adds Markdown to the job summary; by hand it does nothing. What does not fit
// under GitHub's limit is cut at the end of a line, with a note; a code fence that is open
// there is closed. What comes after a cut is dropped.
func (a *Action) Summary(markdown string) error {
	path := a.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.summaryCut {
		return nil
	}
	var used int64
	if info, err := os.Stat(path); err == nil {
		used = info.Size()
	}
	// The runner counts after masking, which may lengthen the text a little.
	room := maxSummary - 4<<10 - int(min(used, maxSummary))
	if !strings.HasSuffix(markdown, "\n") {
		markdown += "\n"
	}
	a.summaryCut = len(markdown) > room
	if err := appendTo(path, []byte(fit(markdown, room))); err != nil {
		return fmt.Errorf("writing the job summary: %w", err)
	}
	return nil
}

// fit cuts at a line end so that text, a closing fence and the note take at most room
// bytes. Without room for the note it gives nothing.
func fit(text string, room int) string {
	if len(text) <= room {
		return text
	}
	room -= len(summaryNote)
	if room < 0 {
		return ""
	}
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		next := fenceAfter(fence, line)
		if b.Len()+len(line)+len(next)+1 > room {
			break
		}
		b.WriteString(line)
		fence = next
	}
	if fence != "" {
		b.WriteString(fence + "\n")
	}
	return b.String() + summaryNote
}

// fenceAfter gives the code fence that is open after a line: its characters, or nothing.
func fenceAfter(open, line string) string {
	text := strings.TrimSpace(line)
	if text == "" || text[0] != '`' && text[0] != '~' {
		return open
	}
	marks := text[:len(text)-len(strings.TrimLeft(text, text[:1]))]
	switch {
	case open == "" && len(marks) >= 3:
		return marks
	case open != "" && marks == text && marks[0] == open[0] && len(marks) >= len(open):
		return ""
	default:
		return open
	}
}

func appendTo(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
