package source

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

// checkText refuses what no text file should hold, before anything parses it.
func checkText(path string, text []byte) diag.List {
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return whole(path, "not-utf8", "the file is saved as UTF-16", "save it as UTF-8")
	}
	if plainASCII(text) {
		return nil
	}
	var findings diag.List
	line, column := 1, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		column++
		at := diag.Position{File: path, Line: line, Column: column, EndColumn: column + 1}
		switch {
		case r == utf8.RuneError && size == 1:
			findings.Add(diag.Finding{
				Position: at, Severity: diag.Error, Rule: "not-utf8",
				Message: fmt.Sprintf("the byte \\x%02x is not UTF-8 text", text[i]),
				Hint:    "save the file as UTF-8 and type the character at this place again",
			})
			return findings
		case refused(r):
			findings.Add(diag.Finding{
				Position: at, Severity: diag.Error, Rule: "hidden-character",
				Message: fmt.Sprintf("the invisible character %s stands here", name(r)),
				Hint:    "delete it, or type the line again; it can make text look like something else",
			})
			if len(findings) == 10 {
				return findings
			}
		}
		i += size
		if r == '\n' || r == '\r' && (i >= len(text) || text[i] != '\n') {
			line, column = line+1, 0
		}
	}
	return findings
}

func plainASCII(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf || b < ' ' && b != '\n' && b != '\t' && b != '\r' || b == 0x7f {
			return false
		}
	}
	return true
}

// refused tells whether a character may stand nowhere in a file: control characters, line ends
// that editors do not show, and those that turn the direction of text.
func refused(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return false
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	}
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// hidden gives the first character of a name that people cannot see or would take for another:
// what refused refuses, zero-width characters, and blanks other than the plain one.
func hidden(text string) (rune, bool) {
	for _, r := range text {
		if r >= ' ' && r < 0x7f {
			continue
		}
		if refused(r) || unicode.Is(unicode.Cf, r) || oddSpace(r) || r == '\u115f' || r == '\u3164' {
			return r, true
		}
	}
	return 0, false
}

func oddSpace(r rune) bool { return r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r) }

// name says which character it is, since printing it would show nothing.
func name(r rune) string {
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

// curly tells whether the text begins with a quotation mark that only looks like one.
func curly(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune("“”„‟‘’‚«»", r)
}

// tooDense refuses a file that must hold far more than MaxNodes nodes, before the parser
// builds them: outside of texts each node costs a separator. Files this dense are bombs; the
// exact count follows after parsing.
func tooDense(path string, text []byte) (diag.Finding, bool) {
	separators, depth, deepest := 0, 0, 0
	for _, b := range text {
		switch b {
		case ',', '\n':
			separators++
		case '[', '{':
			separators++
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	if separators > 3*MaxNodes || deepest > 30*MaxDepth {
		return diag.Finding{
			Position: diag.Position{File: path}, Severity: diag.Error, Rule: "too-many-values",
			Message: fmt.Sprintf("the file has far more than %d values or brackets in brackets", MaxNodes),
			Hint:    "split the capability, or move long texts into their own files and name them under documents",
		}, true
	}
	return diag.Finding{}, false
}
