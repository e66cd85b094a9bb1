// Package mistake owns saying what a person did wrong when the YAML reader refuses a file: tabs,
// colons and brackets in text, quotes that are not closed, blanks that are none. It refuses to
// judge a file that can be read.
//
//	mistake.Find("a.yml", plain.Split([]byte("title: Scoring: v2")), err) // a.yml:1:15 put the text in quotes
package mistake

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

var (
	errorLine    = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	blockText    = regexp.MustCompile(`(?:^|[:-] +)[|>][+-]?[0-9]?[+-]?\s*(?:#.*)?$`)
	blockHeader  = regexp.MustCompile(`^[|>][+-]?[0-9]?[+-]?\s*(?:#.*)?$`)
	keyValue     = regexp.MustCompile(`^((?:\s*- +)*\s*)([^\s"'\[{#&*!|>@%` + "`" + `:-][^:#]*?)\s*:(\s+)(.*)$`)
	itemValue    = regexp.MustCompile(`^(\s*(?:- +)+)(.*)$`)
	reservedItem = regexp.MustCompile("(?:[\\[,{]\\s*|:\\s+)([@`%][^,\\]}]*)")
	hashItem     = regexp.MustCompile(`[\[,{:]\s+(#[^\s,\]}][^,\]}]*)[,\]}]`)
	noBlank      = regexp.MustCompile(`^\s*(?:- +)?[A-Za-z_][A-Za-z0-9_-]*(:)[^\s/]`)
)

// suspicion is a mistake that people make, found by looking at one line of a file that the
// YAML reader has refused. A sure one is never valid YAML.
type suspicion struct {
	line, column int
	sure         bool
	rule         string
	message      string
	hint         string
}

// Find turns the YAML reader's refusal of a file into a finding that a person can act on. The
// reader's line is often one off and never has a column, so the lines around it are looked at
// for the mistakes that people make; the nearest one is named.
func Find(path string, lines plain.Lines, err error) diag.Finding {
	f := file{lines}
	at, rule, message, hint := f.find(err)
	at.File = path
	return diag.Finding{Position: at, Severity: diag.Error, Rule: rule, Message: message, Hint: hint}
}

// file is a text that the YAML reader has refused.
type file struct{ lines plain.Lines }

func (f file) find(err error) (at diag.Position, rule, message, hint string) {
	reported, problem := 1, err.Error()
	if m := errorLine.FindStringSubmatch(problem); m != nil {
		problem = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			reported = min(max(n, 1), f.lines.Len())
		}
	}
	reported = f.locate(problem, reported)
	if strings.Contains(problem, "exceeded max depth") {
		return diag.Position{}, "too-deep", fmt.Sprintf("groups are nested more than %d deep", source.MaxDepth), "take some of the brackets or indentation out"
	}
	if s, ok := nearest(f.suspects(reported), reported); ok {
		return diag.Position{Line: s.line, Column: s.column}, s.rule, s.message, s.hint
	}
	line := f.lines.Line(reported)
	at = diag.Position{Line: reported, Column: utf8.RuneCountInString(line) - utf8.RuneCountInString(strings.TrimLeft(line, " ")) + 1}
	message, hint = inWords(problem)
	return at, "yaml-syntax", message, hint
}

// locate finds the line at which the reader gives up: the last one of the shortest beginning
// of the file that is refused for the same reason. The reader itself often names the line at
// which the group around the mistake begins. Large files are not read again and again.
func (f file) locate(problem string, reported int) int {
	const most = 2000 // lines
	if f.lines.Len() > most {
		return reported
	}
	refused := func(lines int) bool {
		var top yaml.Node
		err := yaml.Unmarshal([]byte(f.lines.First(lines)), &top)
		return err != nil && strings.HasSuffix(err.Error(), problem)
	}
	line := 1 + sort.Search(f.lines.Len(), func(i int) bool { return refused(i + 1) })
	if line > f.lines.Len() {
		return reported
	}
	return line
}

func nearest(all []suspicion, reported int) (suspicion, bool) {
	best, found := suspicion{}, false
	distance := func(s suspicion) int {
		d := max(s.line-reported, reported-s.line)
		if !s.sure {
			d += 1_000_000
		}
		return d
	}
	for _, s := range all {
		if !s.sure && max(s.line-reported, reported-s.line) > 2 {
			continue
		}
		if !found || distance(s) < distance(best) {
			best, found = s, true
		}
	}
	return best, found
}

// suspects looks at the lines around the reported one, outside of block texts.
func (f file) suspects(reported int) []suspicion {
	const around = 200 // lines; farther away is another mistake
	var out []suspicion
	inText, indent := false, 0
	for i := range f.lines.Len() {
		line := f.lines.Line(i + 1)
		plain := strings.TrimLeft(line, " ")
		if inText {
			if strings.TrimSpace(line) == "" || len(line)-len(plain) > indent {
				continue
			}
			inText = false
		}
		if plain == "" || plain[0] == '#' {
			continue
		}
		if max(i-reported, reported-i) > around {
			if strings.HasSuffix(line, "|") || strings.HasSuffix(line, ">") {
				inText, indent = true, len(line)-len(plain)
			}
			continue
		}
		if s, ok := suspect(line); ok {
			s.line = i + 1
			if s.rule == "unclosed-quote" {
				if f.closesLater(i, s.column) {
					continue
				}
				s.sure = true
			}
			out = append(out, s)
		}
		if blockText.MatchString(line) {
			inText, indent = true, len(line)-len(plain)
		}
	}
	return out
}

// closesLater tells whether a quote opened on a line is closed on a later one, with nothing
// behind it: then it is a text of several lines and all is well.
func (f file) closesLater(line, column int) bool {
	var text strings.Builder
	text.WriteString(f.lines.From(line+1, column))
	for next := line + 1; next < f.lines.Len() && next < line+100; next++ {
		text.WriteString("\n" + f.lines.Line(next+1))
		if end := plain.QuotedEnd(text.String(), 1); end > 0 {
			rest := string([]rune(text.String())[end-1:])
			return strings.TrimSpace(rest) == "" || strings.HasPrefix(rest, " #") || strings.ContainsAny(rest[:1], ",]}:")
		}
	}
	return false
}

func suspect(line string) (suspicion, bool) {
	if s, ok := suspectBlanks(line); ok {
		return s, true
	}
	if s, ok := suspectStart(line); ok {
		return s, true
	}
	key, value, column := "", "", 0
	m := keyValue.FindStringSubmatch(line)
	if m != nil && strings.Contains(m[1], "-") && (strings.ContainsRune(m[2], ' ') || strings.ToLower(m[2]) != m[2]) {
		m = nil // a list item of words, whatever colons it holds; keys are in small letters
	}
	if m != nil {
		key, value = m[2], m[4]
		column = utf8.RuneCountInString(line) - utf8.RuneCountInString(value) + 1
	} else if m := itemValue.FindStringSubmatch(line); m != nil {
		value, column = m[2], utf8.RuneCountInString(m[1])+1
	} else if m := noBlank.FindStringSubmatchIndex(line); m != nil {
		return suspicion{
			column: utf8.RuneCountInString(line[:m[2]]) + 1, rule: "missing-blank",
			message: "there is no blank after the colon", hint: "write \"key: value\", with a blank after the colon",
		}, true
	}
	if value == "" {
		return suspicion{}, false
	}
	s, ok := suspectValue(key, strings.TrimRight(value, " "))
	s.column += column
	return s, ok
}

func suspectBlanks(line string) (suspicion, bool) {
	for i, r := range []rune(line) {
		switch {
		case r == '\t':
			return suspicion{
				column: i + 1, sure: true, rule: "tab", message: "the line is indented with a tab",
				hint: "replace the tab by blanks, two for each level",
			}, true
		case plain.OddBlank(r):
			return suspicion{
				column: i + 1, sure: true, rule: "odd-blank",
				message: fmt.Sprintf("the line is indented with %s; it looks like a blank but is not", plain.Name(r)),
				hint:    "delete the blanks at the start of the line and type plain ones",
			}, true
		}
		if r != ' ' {
			break
		}
	}
	if key, rest, ok := strings.Cut(line, ":"); ok && rest != "" && !strings.ContainsAny(key, `"'#`) {
		if r, _ := utf8.DecodeRuneInString(rest); plain.OddBlank(r) {
			return suspicion{
				column: utf8.RuneCountInString(key) + 2, sure: true, rule: "odd-blank",
				message: fmt.Sprintf("%s stands after the colon; it looks like a blank but is not", plain.Name(r)),
				hint:    "delete it and type a plain blank",
			}, true
		}
	}
	return suspicion{}, false
}

// suspectStart looks at what a line begins with.
func suspectStart(line string) (suspicion, bool) {
	plain := strings.TrimLeft(line, " ")
	column := len(line) - len(plain) + 1
	switch {
	case strings.HasPrefix(line, "```"):
		return suspicion{
			column: 1, sure: true, rule: "code-fence", message: "the line ``` is Markdown's and belongs around code in a page, not into this file",
			hint: "delete it, and the line ``` at the end",
		}, true
	case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, "======="), strings.HasPrefix(line, ">>>>>>>"):
		return suspicion{
			column: 1, sure: true, rule: "merge-conflict", message: "an unresolved merge conflict stands here",
			hint: "keep one of the two versions and delete the lines with <<<<<<<, ======= and >>>>>>>",
		}, true
	case strings.HasPrefix(plain, "* "), strings.HasPrefix(plain, "• "):
		return suspicion{
			column: column, sure: plain[0] == '*', rule: "wrong-bullet", message: fmt.Sprintf("%c begins no list item here", []rune(plain)[0]),
			hint: "begin list items with \"- \"",
		}, true
	case len(plain) > 1 && plain[0] == '-' && plain[1] != ' ' && plain[1] != '-':
		return suspicion{
			column: column, rule: "missing-blank", message: "there is no blank after the hyphen", hint: "begin list items with \"- \"",
		}, true
	case line == "...":
		return suspicion{
			column: 1, sure: true, rule: "two-documents", message: "the line \"...\" ends the file for YAML", hint: "take the line out",
		}, true
	}
	return suspicion{}, false
}

// inWords says what is left to say when no usual mistake is in sight.
func inWords(problem string) (message, hint string) {
	switch {
	case strings.Contains(problem, "mapping values are not allowed"):
		return "a colon stands where no value may begin", "put text that holds a colon in quotes, and line keys up with those above"
	case strings.Contains(problem, "could not find expected ':'"):
		return "this line is no \"key: value\", and no text that continues the one above", "put a colon and a blank after the key; indent text that continues a line above"
	case strings.Contains(problem, "did not find expected key"), strings.Contains(problem, "did not find expected '-'"):
		return "this line does not line up with what stands above", "indent keys and \"- \" of one group by the same number of blanks"
	case strings.Contains(problem, "end of stream"):
		return "a quote or bracket that is opened here is never closed", "close it"
	case strings.Contains(problem, "',' or"):
		return "a bracket that is opened here is not closed", "close it, and put commas between the items; text that begins with a bracket needs quotes"
	case strings.Contains(problem, "block sequence entries"):
		return "a list begins where none may begin", "put each \"- \" on a line of its own below its key"
	case strings.Contains(problem, "escape"):
		return "a backslash inside double quotes has a meaning of its own", "use single quotes around the text, or write \\\\ for each backslash"
	default:
		return "this cannot be read as YAML (" + problem + ")", "look for unusual characters here and in the line above"
	}
}
