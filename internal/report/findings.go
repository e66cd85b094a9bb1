package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// Formats are the formats of findings, for people first.
func Formats() []string { return []string{"text", "json", "sarif"} }

// Findings writes the findings, sorted and without repeats, in one of the Formats. As text it
// is one finding a line and a closing line; as JSON an object of findings and how many of them
// are errors and warnings; as SARIF a log of version 2.1.0. The error is the writer's, or that
// the format is none of these.
func Findings(w io.Writer, format string, list diag.List) error {
	list = list.Sorted()
	switch format {
	case "text":
		return findingsText(w, list)
	case "json":
		return findingsJSON(w, list)
	case "sarif":
		return findingsSARIF(w, list)
	}
	return fmt.Errorf("format %q is none of %s", format, strings.Join(Formats(), ", "))
}

func findingsText(w io.Writer, list diag.List) error {
	l := newLines(w)
	for _, f := range list {
		l.add("%s", f.String())
	}
	l.add("%s", tally(list))
	return l.end()
}

func findingsJSON(w io.Writer, list diag.List) error {
	if list == nil {
		list = diag.List{}
	}
	return writeJSON(w, struct {
		Findings diag.List `json:"findings"`
		Errors   int       `json:"errors"`
		Warnings int       `json:"warnings"`
	}{list, list.Count(diag.Error), list.Count(diag.Warning)})
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// tally is the closing line: "2 errors, 1 warning in 3 files".
func tally(list diag.List) string {
	var parts []string
	for _, k := range []struct {
		severity diag.Severity
		word     string
	}{{diag.Error, "error"}, {diag.Warning, "warning"}, {diag.Notice, "notice"}} {
		if n := list.Count(k.severity); n > 0 {
			parts = append(parts, count(n, k.word))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	files := map[string]bool{}
	for _, f := range list {
		if f.File != "" {
			files[f.File] = true
		}
	}
	text := strings.Join(parts, ", ")
	if len(files) > 0 {
		text += " in " + count(len(files), "file")
	}
	return text
}

// FindingsMarkdown gives the findings as a table, errors first, with at most limit rows (0 for
// all) and a line that counts the rest. Without any it says so.
func FindingsMarkdown(list diag.List, limit int) string {
	list = list.Sorted()
	if len(list) == 0 {
		return "No findings."
	}
	var rows [][]string
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
		for _, f := range list {
			if f.Severity == s {
				rows = append(rows, []string{string(s), markdown.Code(f.Position.String()), clip(literal(f.Text())), markdown.Code(f.Rule)})
			}
		}
	}
	rest := 0
	if limit > 0 && len(rows) > limit {
		rest = len(rows) - limit
		rows = slices.Clip(rows[:limit])
	}
	out := tally(list) + "\n\n" + markdown.Table([]string{"", "where", "what is wrong, and how to mend it", "rule"}, rows)
	if rest > 0 {
		out += fmt.Sprintf("\n\nand %d more, in the log of the run", rest)
	}
	return out
}

// clip keeps one message from filling a whole comment.
func clip(md string) string {
	const most = 1000
	cut, was := markdown.Cut(md, most)
	if was {
		cut += " …"
	}
	return cut
}
