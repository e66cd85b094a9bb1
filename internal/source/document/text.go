package document

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// checkText refuses what no text file should hold, before anything parses it.
func checkText(path string, text []byte) diag.List {
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return diag.List{source.Whole(path, "not-utf8", "the file is saved as UTF-16", "save it as UTF-8")}
	}
	if plain.ASCII(text) {
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
		case r == 0:
			return diag.List{{
				Position: at, Severity: diag.Error, Rule: "not-text", Message: "the file holds NUL (\\u{0}): it is not plain text",
				Hint: "save it as plain text in UTF-8; documents of word processors and spreadsheets cannot be read",
			}}
		case plain.Refused(r):
			findings.Add(diag.Finding{
				Position: at, Severity: diag.Error, Rule: "hidden-character",
				Message: fmt.Sprintf("the invisible character %s stands here", plain.Name(r)),
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

// tooDense refuses a file that must hold far more than source.MaxNodes nodes, before the parser
// builds them: outside of texts each node costs a separator. Files this dense are bombs; the
// exact count follows after parsing.
func tooDense(path string, text []byte) (diag.Finding, bool) {
	if len(text) <= 3*source.MaxNodes && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= 30*source.MaxDepth {
		return diag.Finding{}, false // the usual file: too short for the one, too plain for the other
	}
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
	if separators > 3*source.MaxNodes || deepest > 30*source.MaxDepth {
		return diag.Finding{
			Position: diag.Position{File: path}, Severity: diag.Error, Rule: "too-many-values",
			Message: fmt.Sprintf("the file has far more than %d values or brackets in brackets", source.MaxNodes),
			Hint:    "split the capability, or move long texts into their own files and name them under documents",
		}, true
	}
	return diag.Finding{}, false
}
