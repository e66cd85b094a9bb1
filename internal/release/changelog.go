package release

import (
	"regexp"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
)

// Log puts the notes into a change log, as a section with a heading of the level that its versions
// have: where its marks are, else above the newest version there is, else at the end. What is
// written has the line ends of the log. The error is ErrDamaged.
func (n Notes) Log(text string) (string, error) {
	at, level := newest(text)
	section := strings.Repeat("#", level) + " " + markdown.Line(n.Name)
	if md := n.Markdown(level + 1); md != "" {
		section += "\n\n" + md
	}
	from, to, err := find(text, n.Tag)
	if err != nil {
		return text, err
	}
	if from >= 0 {
		return replaced(text, from, to, section), nil
	}
	if n.Empty() {
		return text, nil
	}
	if text == "" {
		text = "# Changelog\n"
		at = len(text)
	}
	end := lineEnd(text)
	if at == len(text) {
		return text + gapAfter(text, end) + ended(n.block(section)+"\n", end), nil
	}
	return text[:at] + ended(n.block(section)+"\n\n", end) + text[at:], nil
}

// lineEnd is how most lines of a text end.
func lineEnd(text string) string {
	if 2*strings.Count(text, "\r\n") > strings.Count(text, "\n") {
		return "\r\n"
	}
	return "\n"
}

// ended gives a text of ours the line ends of its place.
func ended(text, end string) string { return strings.ReplaceAll(text, "\n", end) }

// gapAfter is what makes one empty line after a text.
func gapAfter(text, end string) string {
	switch {
	case strings.HasSuffix(text, "\n\n"), strings.HasSuffix(text, "\n\r\n"):
		return ""
	case strings.HasSuffix(text, "\n"):
		return end
	}
	return end + end
}

// numbered is a heading of the first level that is a version, and not the name of the log.
var numbered = regexp.MustCompile(`^# +\[?[vV]?\d+(\.\d|\]|\s|$)`)

// newest gives where the newest version of a change log begins, with the mark above it if it has
// one, and the level of its heading: the first of the second level, or of the first with a number,
// that is not for what is unreleased and stands neither in code nor in a comment. Without any it
// is the end, and level 2.
func newest(text string) (at, level int) {
	pos, mark, comment := 0, -1, false
	var code fence
	for l := range strings.SplitAfterSeq(text, "\n") {
		t := strings.TrimSpace(l)
		begins := t != endMark && marks.MatchString(strings.TrimRight(l, "\n"))
		switch {
		case comment:
			comment = !strings.Contains(t, "-->")
		case code.holds(t), begins:
		case strings.HasPrefix(t, "<!--"):
			comment = !strings.Contains(t, "-->")
		default:
			if level := versionLevel(l, mark >= 0); level > 0 {
				if mark >= 0 {
					pos = mark
				}
				return pos, level
			}
		}
		if begins && !comment && code == "" {
			mark = pos
		} else if t != "" {
			mark = -1
		}
		pos += len(l)
	}
	return len(text), 2
}

// versionLevel is the level of the heading of a version; 0 for any other line. Below a mark of
// ours each heading is one.
func versionLevel(line string, marked bool) int {
	switch {
	case strings.Contains(strings.ToLower(line), "unreleased"):
	case strings.HasPrefix(line, "## "):
		return 2
	case numbered.MatchString(line), marked && strings.HasPrefix(line, "# "):
		return 1
	}
	return 0
}

// fence is the run of characters that opened a block of code; empty outside of one.
type fence string

// holds tells whether a trimmed line belongs to a block of code, and follows its begin and end.
func (f *fence) holds(line string) bool {
	if *f != "" {
		if len(line) >= len(*f) && strings.Trim(line, string((*f)[:1])) == "" {
			*f = ""
		}
		return true
	}
	for _, c := range []string{"`", "~"} {
		run := line[:len(line)-len(strings.TrimLeft(line, c))]
		if len(run) >= 3 && (c == "~" || !strings.Contains(line[len(run):], c)) {
			*f = fence(run)
			return true
		}
	}
	return false
}
