// Package report owns how findings, plans, outcomes and the overview read: as lines for a
// terminal or log, as Markdown for comments and summaries, and as data for other programs. It
// writes what it is given and decides nothing; it refuses to know trackers, the clock and the
// environment, so the same values always give the same text. Text from specs is shown, never
// obeyed: control characters are visible and Markdown in it is inert.
//
//	report.PlanText(os.Stdout, p) // opens 6 tickets: 3 engineering, ...
package report

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// lines writes text line by line; the buffer keeps the first error of the writer beneath.
type lines struct{ w *bufio.Writer }

func newLines(w io.Writer) lines { return lines{bufio.NewWriter(w)} }

// add writes one line. What is in it stays on that line.
func (l lines) add(format string, args ...any) {
	fmt.Fprintln(l.w, action.OneLine(fmt.Sprintf(format, args...)))
}

func (l lines) gap() { fmt.Fprintln(l.w) }

// end gives the first error of the writer. Terminals and logs that are gone have no reader left
// to tell it to; files and pipes that must be whole are written by those functions that return it.
func (l lines) end() error { return l.w.Flush() }

// Inert gives a text of ours or a tracker's, on one line, as Markdown that only shows it.
func Inert(s string) string { return literal(s) }

// Remark gives a line of ours as a paragraph: with a capital, unless it begins with a name, and a
// full stop.
func Remark(s string) string {
	if first, _, _ := strings.Cut(s, " "); strings.ContainsAny(first, "/_-") {
		return literal(s + ".")
	}
	return sentence(s)
}

// count says "1 ticket" or "3 tickets"; an irregular plural is given after the singular.
func count(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0:
		return fmt.Sprintf("%d %s", n, many[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// mark is how a reader sees at a glance what happens to an issue.
func mark(a plan.Action) string {
	switch a {
	case plan.Create:
		return "+"
	case plan.Update:
		return "~"
	case plan.Close:
		return "-"
	case plan.Reopen:
		return "↺"
	}
	return " "
}

// short takes off a ticket's title what its capability's heading says already:
// "[Build] Scoring endpoint · Lead scoring API (CRM-101)" becomes "[Build] Scoring endpoint".
func short(title, capability string) string {
	if !strings.HasSuffix(title, "("+capability+")") {
		return title
	}
	if i := strings.LastIndex(title, " · "); i > 0 {
		return title[:i]
	}
	return title
}

// literal gives a text of one line as Markdown that shows its punctuation as it stands; only
// code between backticks keeps its meaning, since findings use it.
func literal(s string) string {
	escape := punctuation
	if strings.Contains(s, "](") { // otherwise brackets are only brackets
		escape = brackets
	}
	parts := strings.Split(s, "`")
	if len(parts)%2 == 0 { // a lone backtick is no code
		return markdown.Line(escape.Replace(strings.ReplaceAll(s, "`", "\\`")))
	}
	for i := 0; i < len(parts); i += 2 {
		parts[i] = escape.Replace(parts[i])
	}
	return markdown.Line(strings.Join(parts, "`"))
}

var (
	punctuation = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, `~`, `\~`, `<`, `\<`, `>`, `\>`, `&`, `\&`)
	brackets    = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, `~`, `\~`, `<`, `\<`, `>`, `\>`, `&`, `\&`, `[`, `\[`, `]`, `\]`, `!`, `\!`)
)

// inHTML gives a text for the inside of an HTML element, where Markdown is not read but
// mentions and references still are.
func inHTML(s string) string { return html.EscapeString(markdown.Title(s)) }

// reference names an issue and leads to it: "#12" alone where there is no address.
func reference(ref ticket.Ref, url string) string {
	switch {
	case ref == "":
		return ""
	case strings.HasPrefix(url, "http"):
		return markdown.Link(string(ref), url)
	case ownRef.MatchString(string(ref)):
		return string(ref)
	}
	return literal(string(ref))
}

// ownRef is an issue of the same repository: a tracker makes the link itself.
var ownRef = regexp.MustCompile(`^#[0-9]+$`)

// people lists logins for a reader; nobody is said aloud.
func people(logins []string) string {
	if len(logins) == 0 {
		return "nobody"
	}
	return strings.Join(logins, ", ")
}

// fold hides a long part behind a line that tells what is in it.
func fold(summary, body string) string {
	return "<details><summary>" + summary + "</summary>\n\n" + body + "\n\n</details>"
}
