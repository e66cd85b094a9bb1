// Package plain owns how text looks to people: characters that nobody can see or that pass for
// others, text in messages and as YAML would need it, names that are near one another, lines
// and columns counted as editors count them. It refuses to know what the text means.
//
//	plain.Nearest("tilte", []string{"title", "id"}) // "title", true
//	plain.Quote(`#crm`)                             // "#crm" in quotes, for a YAML reader
package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ASCII tells whether text holds nothing but visible ASCII, blanks and line ends.
func ASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf || b < ' ' && b != '\n' && b != '\t' && b != '\r' || b == 0x7f {
			return false
		}
	}
	return true
}

// Refused tells whether a character may stand nowhere in a file: control characters, line ends
// that editors do not show, and those that turn the direction of text.
func Refused(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return false
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	}
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// Hidden gives the first character of a name that people cannot see or would take for another:
// what Refused refuses, zero-width characters, and blanks other than the plain one.
func Hidden(text string) (rune, bool) {
	for _, r := range text {
		if r >= ' ' && r < 0x7f {
			continue
		}
		if Refused(r) || unicode.Is(unicode.Cf, r) || OddBlank(r) || r == '\u115f' || r == '\u3164' {
			return r, true
		}
	}
	return 0, false
}

// OddBlank tells whether a character is a blank that is not the plain one.
func OddBlank(r rune) bool { return r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r) }

// Name says which character it is, since printing it would show nothing.
func Name(r rune) string {
	known := map[rune]string{
		0: "NUL", '\u00a0': "no-break space", '\u200b': "zero-width space", '\u200c': "zero-width non-joiner",
		'\u200d': "zero-width joiner", '\u200e': "left-to-right mark", '\u200f': "right-to-left mark",
		'\u202a': "left-to-right embedding", '\u202b': "right-to-left embedding", '\u202c': "pop directional formatting",
		'\u202d': "left-to-right override", '\u202e': "right-to-left override", '\u2066': "left-to-right isolate",
		'\u2067': "right-to-left isolate", '\u2068': "first strong isolate", '\u2069': "pop directional isolate",
		'\u202f': "narrow no-break space", '\u2060': "word joiner", '\ufeff': "byte order mark", '\u00ad': "soft hyphen",
		'\u2028': "line separator", '\u2029': "paragraph separator", '\u0085': "next line", '\u3000': "wide space",
	}
	code := fmt.Sprintf(`\u{%x}`, r)
	if n, ok := known[r]; ok {
		return fmt.Sprintf("%s (%s)", code, n)
	}
	return code
}

// Curly tells whether the text begins with a quotation mark that only looks like one.
func Curly(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune("“”„‟‘’‚«»", r)
}

// Edges gives the first and last character.
func Edges(text string) (first, last rune) {
	first, _ = utf8.DecodeRuneInString(text)
	last, _ = utf8.DecodeLastRuneInString(text)
	return first, last
}

// Comment gives the text that somebody probably did not mean as a comment: # and a word,
// without the blank that people put into comments.
func Comment(text string) (string, bool) {
	if len(text) < 2 || text[0] != '#' {
		return "", false
	}
	text = strings.TrimRight(text, " \t")
	if len(text) < 2 || strings.ContainsRune(" \t#!-=", rune(text[1])) {
		return "", false
	}
	return text, true
}

// visible gives text with its invisible characters written out.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if _, bad := Hidden(string(r)); bad {
			fmt.Fprintf(&b, `\u{%x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Shorten quotes text for a message: one line, at most 60 characters.
func Shorten(text string) string {
	line, _, more := strings.Cut(text, "\n")
	if r := []rune(line); len(r) > 60 {
		line, more = string(r[:57]), true
	}
	if more {
		line += "…"
	}
	return `"` + visible(line) + `"`
}

// Quote writes text as a YAML reader takes it for text.
func Quote(text string) string {
	if strings.ContainsAny(text, `"\`) {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return `"` + text + `"`
}

// Slug gives the name in small letters, digits and hyphens that a text would be: "load-test" for
// "Load test". Empty if nothing of it is left.
func Slug(text string) string {
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(parts, "-")
}

// Brief gives text for an example: one line, not too long.
func Brief(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if r := []rune(line); len(r) > 40 {
		return string(r[:37]) + "…"
	}
	return line
}
