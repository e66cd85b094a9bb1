package markdown

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// gap is a zero-width space: invisible, and it ends every mention, reference and hash.
const gap = "\u200b"

var (
	hashNumber  = regexp.MustCompile(`#([0-9])`)
	ghNumber    = regexp.MustCompile(`(?i)(^|[^A-Za-z0-9])(GH-)([0-9])`)
	wordRun     = regexp.MustCompile(`[0-9A-Za-z]{7,}`)
	hexRun      = regexp.MustCompile(`^[0-9a-fA-F]{7,40}$`)
	decimals    = regexp.MustCompile(`^[0-9]{1,19}$`)
	issueText   = regexp.MustCompile(`(?i)\S*(?:https?://|www\.)\S*/(?:issues|pull|pulls|discussions|commit|commits|compare)\b`)
	addressHead = regexp.MustCompile(`(?i)(https?://|www\.)\x{200b}?`)
	ownPrefix   = regexp.MustCompile(`(?i)(ticketfoundry):`)
	ownComment  = regexp.MustCompile(`(?i)<(!--\s*ticketfoundry)`)
	emailDomain = regexp.MustCompile(`^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
	hexLabel    = regexp.MustCompile(`^[0-9a-fA-F]{7,40}\b`)
	entity      = regexp.MustCompile(`^&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});`)
)

// clean gives text with \n line ends in which control and direction characters are visible.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if hidden(r) {
			fmt.Fprintf(&b, `\u{%x}`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden tells characters that change how text reads without being seen.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7F && r <= 0x9F:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return r == 0x200E || r == 0x200F || r == 0x061C || r == 0x2028 || r == 0x2029 || r == 0xFEFF
}

// inert breaks up everything in plain text that a tracker would turn into a mention, a
// reference or a marker. Applied twice it changes nothing more.
func inert(s string) string {
	s = quietMentions(s)
	if strings.Contains(s, "#") { // most prose has none of these: looking is cheaper than matching
		s = hashNumber.ReplaceAllString(s, "#"+gap+"$1")
	}
	if mayHaveGH(s) {
		s = ghNumber.ReplaceAllString(s, "$1$2"+gap+"$3")
	}
	if strings.Contains(s, "://") || strings.Contains(s, "/") && strings.Contains(strings.ToLower(s), "www.") {
		s = issueText.ReplaceAllStringFunc(s, func(m string) string { return addressHead.ReplaceAllString(m, "$1"+gap) })
	}
	if mayHaveHash(s) {
		s = wordRun.ReplaceAllStringFunc(s, quietHash)
	}
	if strings.Contains(s, ":") {
		s = ownPrefix.ReplaceAllString(s, "$1"+gap+":")
	}
	return s
}

// mayHaveGH tells whether "GH-" stands before a digit.
func mayHaveGH(s string) bool {
	for i := 2; i < len(s)-1; i++ {
		if s[i] == '-' && s[i-1]|0x20 == 'h' && s[i-2]|0x20 == 'g' && s[i+1] >= '0' && s[i+1] <= '9' {
			return true
		}
	}
	return false
}

// mayHaveHash tells whether seven hexadecimal digits stand together.
func mayHaveHash(s string) bool {
	run := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			if run++; run == 7 {
				return true
			}
		default:
			run = 0
		}
	}
	return false
}

// quietMentions puts a gap behind every @ that could name somebody; addresses stay whole.
func quietMentions(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] != '@' || isAddress(s, i) {
			continue
		}
		if rest := s[i+1:]; rest != "" && (word(rest[0]) || rest[0] == '-') {
			b.WriteString(gap)
		}
	}
	return b.String()
}

// isAddress tells whether the @ at i stands in an e-mail address. "user@1a2b3c4" is a
// reference to a commit, not an address.
func isAddress(s string, i int) bool {
	return i > 0 && word(s[i-1]) && s[i-1] != '_' &&
		emailDomain.MatchString(s[i+1:]) && !hexLabel.MatchString(s[i+1:])
}

func word(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quietHash breaks what may be a commit hash, also between underscores, which may turn out to be
// emphasis. Plain decimal numbers are left whole: prices and quantities must stay copyable.
func quietHash(s string) string {
	if decimals.MatchString(s) || !hexRun.MatchString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i += 6 {
		if i > 0 {
			b.WriteString(gap)
		}
		b.WriteString(s[i:min(i+6, len(s))])
	}
	return b.String()
}

// quietCode is what code needs: no comment that looks like a marker of ours.
func quietCode(s string) string { return ownComment.ReplaceAllString(s, "<"+gap+"$1") }

// prose rewrites the raw source of a text node so that it stays text wherever it is put:
// entities and escapes that could hide a mention are resolved, what could open HTML, code or a
// link is escaped, the rest is left as the author wrote it.
func prose(raw string, inLink bool) string {
	var b strings.Builder
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '\\':
			i += escape(&b, raw[i:])
		case c == '&':
			i += reference(&b, raw[i:])
		case c == '<':
			b.WriteString("&lt;")
			i++
		case c == '`', inLink && (c == '[' || c == ']'):
			b.WriteByte('\\')
			b.WriteByte(c)
			i++
		case c == ']' && i+1 < len(raw) && strings.IndexByte("([:", raw[i+1]) >= 0,
			c == '[' && i+1 < len(raw) && raw[i+1] == '^':
			b.WriteByte('\\')
			b.WriteByte(c)
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return inert(b.String())
}

// escape writes a backslash and what follows, and gives how much of the source that took.
func escape(b *strings.Builder, s string) int {
	if len(s) == 1 {
		b.WriteString(`\\`)
		return 1
	}
	switch c := s[1]; {
	case c == '<':
		b.WriteString("&lt;")
	case c == '&' && entity.MatchString(s[1:]):
		b.WriteString("&amp;")
	case c == '@' || c == '#' || c == '-':
		b.WriteByte(c) // escaped or not, a tracker sees the character: keep it where inert sees it too
	case c < utf8.RuneSelf && !word(c) && c > ' ':
		b.WriteString(s[:2])
	default:
		b.WriteByte('\\')
		return 1
	}
	return 2
}

// reference writes an HTML entity and gives how much of the source that took. One that stands
// for a letter, digit or @ becomes that character; one that stands for syntax stays.
func reference(b *strings.Builder, s string) int {
	m := entity.FindString(s)
	if m == "" {
		b.WriteByte('&')
		return 1
	}
	switch decoded := html.UnescapeString(m); {
	case decoded == m:
		b.WriteString("&amp;")
		return 1
	case strings.ContainsFunc(decoded, hidden):
		b.WriteString(clean(decoded))
	case strings.ContainsAny(decoded, "<>&*_[]()`~\\|!\"'$ \t\n\u00a0") || strings.Contains(decoded, gap):
		if m[1] != '#' {
			b.WriteString(m)
			break
		}
		for _, r := range decoded { // in hex: "#91" would pass for a reference
			fmt.Fprintf(b, "&#x%x;", r)
		}
	default:
		b.WriteString(decoded)
	}
	return len(m)
}
