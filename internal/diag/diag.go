// Package diag owns findings: what is wrong with somebody's file, where, and how to mend it.
//
// A finding is a value, never an error: a run collects all findings of all files and prints
// them once, sorted. Errors that are ours (a file system that fails, a tracker that refuses)
// stay Go errors. Printed, a finding is one line:
//
//	capabilities/CRM-101.yml:12:11: unknown key "titel"; did you mean "title"? [unknown-key]
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding does to the run.
type Severity string

// The severities, gravest first.
const (
	Error   Severity = "error"   // the file cannot be used; the check fails
	Warning Severity = "warning" // usable, but somebody should look
	Notice  Severity = "notice"  // for information
)

func (s Severity) rank() int {
	switch s {
	case Error:
		return 0
	case Warning:
		return 1
	default:
		return 2
	}
}

// Position is a place in a file. Lines and columns count from 1, columns in characters;
// 0 means the whole file.
type Position struct {
	File      string `json:"file"`                // slash-separated, relative to the workspace
	Line      int    `json:"line,omitempty"`      // 1-based; 0 for the file as a whole
	Column    int    `json:"column,omitempty"`    // 1-based, in characters
	EndColumn int    `json:"endColumn,omitempty"` // column after the last character, on the same line; 0 if unknown
}

// String gives path:line:col, leaving out what is unknown.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Finding is one thing that is wrong, at the exact place.
type Finding struct {
	Position
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`              // stable id in kebab-case, "unknown-key"
	Message  string   `json:"message"`           // what is wrong, the offending text quoted; lower case, no full stop
	Hint     string   `json:"hint,omitempty"`    // what is allowed or how to mend it; lower case, no full stop
	Subject  string   `json:"subject,omitempty"` // the capability id it is about, when known
}

// Text is the finding without its place: "message; hint".
func (f Finding) Text() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + "; " + f.Hint
}

// String is the finding on one line, as people see it in a log. A finding without a file
// (a wrong input, say) begins with its message.
func (f Finding) String() string {
	prefix := ""
	if f.Severity != Error {
		prefix = string(f.Severity) + ": "
	}
	if place := f.Position.String(); place != "" {
		prefix = place + ": " + prefix
	}
	return fmt.Sprintf("%s%s [%s]", prefix, f.Text(), f.Rule)
}

// List is the findings of a run. The zero value is empty and ready.
type List []Finding

// Add appends findings.
func (l *List) Add(f ...Finding) { *l = append(*l, f...) }

// Sorted returns the findings by file, line, column, severity, rule and text, without repeats.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Text(), b.Text()),
		)
	})
	return slices.Compact(out)
}

// Count gives how many findings have the severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, f := range l {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// HasErrors tells whether any finding is an error.
func (l List) HasErrors() bool { return l.Count(Error) > 0 }

// ErrorsIn gives the errors that stand in the file.
func (l List) ErrorsIn(file string) List {
	var out List
	for _, f := range l {
		if f.File == file && f.Severity == Error {
			out = append(out, f)
		}
	}
	return out
}
