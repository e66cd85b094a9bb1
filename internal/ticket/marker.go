package ticket

import (
	"regexp"
	"strings"
)

// MaxBody is the longest body a tracker is sent, in bytes: GitHub takes 65,536 characters.
const MaxBody = 65_536

// Marker is what the first line of a managed block says: this issue is the ticket with this
// key in this repository. A copy in another repository carries a foreign id and counts for nothing.
type Marker struct {
	Repository string
	Key        Key
}

const endMarker = "<!-- ticketfoundry:end -->"

var (
	beginPattern = regexp.MustCompile(`(?m)^[ \t]*<!-- ticketfoundry:begin repo=([0-9A-Za-z._-]{1,64}) key=([A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,6}(?:/[a-z0-9-]{1,63}/[a-z0-9-]{1,63})?|board) -->[ \t]*$`)
	endPattern   = regexp.MustCompile(`(?m)^[ \t]*<!-- ticketfoundry:end -->[ \t]*$`)
	anyMarker    = regexp.MustCompile(`(?m)^[ \t]*<!-- ticketfoundry:(?:begin|end)\b.*$\n?`)
)

// Body is an issue's body taken apart at its markers.
type Body struct {
	Marker Marker // zero if there is none
	Before string // people's text above the block
	Block  string // inside of the block
	After  string // people's text below
	Whole  bool   // both markers are there, once, in order
}

// ParseBody takes a body apart. Line ends are normalised first, since GitHub's web editor
// rewrites bodies with CRLF. A body whose end marker was cut, or that has several blocks, is
// not Whole; its Block then holds everything from the first begin marker on.
func ParseBody(body string) Body {
	body = normalise(body)
	begin, end, count := findMarkers(body)
	if begin == nil {
		return Body{Before: body}
	}
	out := Body{
		Marker: Marker{Repository: body[begin[2]:begin[3]], Key: Key(body[begin[4]:begin[5]])},
		Before: body[:begin[0]],
	}
	from := begin[1]
	if strings.HasPrefix(body[from:], "\n") {
		from++
	}
	if end == nil || count != 2 {
		out.Block = body[from:]
		return out
	}
	out.Block = strings.TrimSuffix(body[from:end[0]], "\n")
	out.After = body[end[1]:]
	out.Whole = true
	return out
}

// findMarkers gives where the first begin marker and its parts lie, where the first end marker
// after it does, and how many lines there are that are markers or would be. Every body of every
// issue goes through here, most of them more than once: only lines that name us are matched.
func findMarkers(body string) (begin, end []int, count int) {
	const name = "<!-- ticketfoundry:"
	for at := 0; ; {
		i := strings.Index(body[at:], name)
		if i < 0 {
			return begin, end, count
		}
		at += i
		from := strings.LastIndexByte(body[:at], '\n') + 1
		to := len(body)
		if n := strings.IndexByte(body[at:], '\n'); n >= 0 {
			to = at + n
		}
		line := body[from:to]
		if anyMarker.MatchString(line) {
			count++
		}
		if begin == nil {
			begin = shifted(beginPattern.FindStringSubmatchIndex(line), from)
		} else if end == nil {
			end = shifted(endPattern.FindStringIndex(line), from)
		}
		at = to
	}
}

func shifted(at []int, by int) []int {
	for i := range at {
		at[i] += by
	}
	return at
}

// NewBody wraps a block for a new issue, leaving room for people below it.
func NewBody(m Marker, block string) string {
	return begin(m) + "\n" + block + "\n" + endMarker + "\n"
}

// MergeBody puts a new block into an existing body: text outside the block stays byte for
// byte (line ends apart), ticks that people made in the old block are kept by item. A damaged
// block is replaced at its place; lines in it that are not the program's stay, below the block.
//
// Where people's text leaves too little room (MaxBody), the block is cut, not theirs.
func MergeBody(existing string, m Marker, block string) string {
	merged := merge(existing, m, block)
	for over := len(merged) - MaxBody; over > 0 && block != ""; over = len(merged) - MaxBody {
		shorter := shorten(block, over)
		if shorter == block {
			break
		}
		block = shorter
		merged = merge(existing, m, block)
	}
	return merged
}

// shorten takes at least so many bytes of lines off a block, from its end, and says so. The
// line that carries the state stays.
func shorten(block string, over int) string {
	state := stateLine.FindString(block)
	lines := strings.Split(strings.TrimSuffix(WithoutState(block), cutNote), "\n")
	over += len(cutNote)
	for over > 0 && len(lines) > 0 {
		over -= len(lines[len(lines)-1]) + 1
		lines = lines[:len(lines)-1]
	}
	text := strings.TrimRight(strings.Join(lines, "\n"), "\n") + cutNote
	if state != "" {
		text += "\n\n" + state
	}
	if len(text) >= len(block) {
		return block
	}
	return text
}

const cutNote = "\n\n_Cut here: the other text in this issue leaves no room for more._"

func merge(existing string, m Marker, block string) string {
	old := ParseBody(existing)
	switch {
	case old.Marker.Key == "":
		// No marker left: everything is people's, but for our own lines, if they are still there.
		stray := foreignLines(anyMarker.ReplaceAllString(old.Before, ""), block)
		merged := begin(m) + "\n" + keepTicks(old.Before, block) + "\n" + endMarker + "\n"
		if strings.TrimSpace(stray) != "" {
			merged += "\n" + strings.Trim(stray, "\n") + "\n"
		}
		return merged
	case !old.Whole:
		stray := foreignLines(anyMarker.ReplaceAllString(old.Block, ""), block)
		merged := old.Before + begin(m) + "\n" + keepTicks(old.Block, block) + "\n" + endMarker + "\n"
		if strings.TrimSpace(stray) != "" {
			merged += "\n" + strings.Trim(stray, "\n") + "\n"
		}
		return merged
	default:
		return old.Before + begin(m) + "\n" + keepTicks(old.Block, block) + "\n" + endMarker + old.After
	}
}

// SameBody tells whether two bodies are equal but for line ends and trailing blanks, which
// trackers and editors change by themselves.
func SameBody(a, b string) bool { return a == b || trimLines(a) == trimLines(b) }

func begin(m Marker) string {
	return "<!-- ticketfoundry:begin repo=" + m.Repository + " key=" + string(m.Key) + " -->"
}

func normalise(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

func trimLines(s string) string {
	lines := strings.Split(normalise(s), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// foreignLines gives the lines of text that do not stand in block: what people wrote into a
// block whose borders are lost. Ticks do not make a line foreign.
func foreignLines(text, block string) string {
	ours := map[string]bool{"": true}
	for l := range strings.SplitSeq(block, "\n") {
		ours[plainLine(l)] = true
	}
	var out []string
	for l := range strings.SplitSeq(text, "\n") {
		if !ours[plainLine(l)] && !statePattern.MatchString(l) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func plainLine(l string) string {
	l = strings.TrimRight(l, " \t")
	if m := itemPattern.FindStringSubmatch(l); m != nil {
		return m[1] + " " + m[3]
	}
	return l
}
