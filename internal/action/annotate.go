package action

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	githubactions "github.com/sethvargo/go-githubactions"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

const (
	// maxAnnotations is how many of one kind the runner shows for a step; the rest would
	// only stand in the log. https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations
	maxAnnotations = 10
	// maxMessage is where the runner cuts an annotation, in characters. We stay under it
	// in bytes, which is never more than it allows.
	maxMessage = 4096
)

// Annotate marks the findings in the pull request's files, at most ten of a kind. Where
// there are more, files come first: each file gets its own mark while that is possible,
// a mark may then speak for several places of its file, and the tenth says what is not
// shown. The whole list belongs in the job summary, to which the last line points.
func (a *Action) Annotate(findings diag.List) {
	sorted := findings.Sorted()
	for _, severity := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
		var kind diag.List
		for _, f := range sorted {
			if f.Severity == severity {
				kind = append(kind, f)
			}
		}
		for _, m := range marks(kind) {
			a.command(func() {
				a.sdk.IssueCommand(&githubactions.Command{
					Name:       string(severity),
					Properties: properties(m.at),
					Message:    m.message,
				})
			})
		}
	}
}

// mark is one annotation: a place and what to say there.
type mark struct {
	at      diag.Position
	message string
}

func marks(kind diag.List) []mark {
	files := slices.Collect(groups(kind, func(a, b diag.Finding) bool { return a.File == b.File }))
	var out []mark
	if len(files) > maxAnnotations {
		for _, file := range files[:maxAnnotations-1] {
			out = append(out, merged(file))
		}
		return append(out, rest(slices.Concat(files[maxAnnotations-1:]...), len(files)-maxAnnotations+1))
	}
	places := make([][]diag.List, len(files))
	for i, file := range files {
		places[i] = slices.Collect(groups(file, func(a, b diag.Finding) bool { return a.Position == b.Position }))
	}
	for i, share := range shares(places) {
		alone, last := places[i][:share-1], places[i][share-1:]
		for _, place := range alone {
			out = append(out, merged(place))
		}
		out = append(out, merged(slices.Concat(last...)))
	}
	return out
}

// groups cuts a sorted list where same says no.
func groups(list diag.List, same func(a, b diag.Finding) bool) iter.Seq[diag.List] {
	return func(yield func(diag.List) bool) {
		for start := 0; start < len(list); {
			end := start + 1
			for end < len(list) && same(list[start], list[end]) {
				end++
			}
			if !yield(list[start:end]) {
				return
			}
			start = end
		}
	}
}

// shares deals the marks out to the files: one each, then round and round to those that
// have places without a mark of their own.
func shares(places [][]diag.List) []int {
	out := make([]int, len(places))
	left := maxAnnotations
	for dealt := true; dealt && left > 0; {
		dealt = false
		for i := range places {
			if left > 0 && out[i] < len(places[i]) {
				out[i]++
				left--
				dealt = true
			}
		}
	}
	return out
}

// merged says all findings of one file in one mark, at the first of them.
func merged(list diag.List) mark {
	first := list[0].Position
	var b strings.Builder
	for i, f := range list {
		line := Plain(fmt.Sprintf("%s [%s]", oneLine(f.Text()), f.Rule))
		if f.Position != first && f.Line > 0 {
			line = fmt.Sprintf("line %d: %s", f.Line, line)
		}
		if i > 0 {
			line = "\n" + line
		}
		note := fmt.Sprintf("\n… and %d more in this file; the full list is in the job summary", len(list)-i)
		if b.Len()+len(line) > maxMessage-len(note) {
			if i == 0 {
				b.WriteString(cut(line, maxMessage-len(note)))
				note = fmt.Sprintf("\n… and %d more in this file; the full list is in the job summary", len(list)-1)
				if len(list) == 1 {
					note = "\n… the whole text is in the job summary"
				}
			}
			b.WriteString(note)
			break
		}
		b.WriteString(line)
	}
	return mark{at: first, message: b.String()}
}

// rest is the tenth mark: what there was no room for.
func rest(list diag.List, files int) mark {
	m := merged(list[:1])
	note := fmt.Sprintf("\n… and %s more in %s; the full list is in the job summary",
		count(len(list)-1, string(list[0].Severity)), count(files, "file"))
	return mark{at: m.at, message: cut(m.message, maxMessage-len(note)) + note}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// oneLine keeps a message from having lines of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cut shortens to at most n bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func properties(p diag.Position) githubactions.CommandProperties {
	out := githubactions.CommandProperties{}
	set := func(key string, n int) {
		if n > 0 {
			out[key] = strconv.Itoa(n)
		}
	}
	if p.File == "" {
		return out
	}
	out["file"] = Plain(oneLine(p.File))
	set("line", p.Line)
	if p.Line > 0 {
		set("col", p.Column)
		if p.Column > 0 && p.EndColumn > p.Column {
			set("endColumn", p.EndColumn-1) // the runner wants the last column itself
		}
	}
	return out
}
