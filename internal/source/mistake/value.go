package mistake

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// suspectValue looks at what stands after "key: " or "- "; columns count from its start.
func suspectValue(key, value string) (suspicion, bool) {
	example := func(text string) string {
		if key == "" {
			return "- " + plain.Quote(text)
		}
		return key + ": " + plain.Quote(text)
	}
	first, _ := utf8.DecodeRuneInString(value)
	_, _, colon := strings.Cut(value, ": ")
	colon = colon || strings.HasSuffix(value, ":")
	switch {
	case first == '@':
		return suspicion{
			sure: true, rule: "needs-quotes", message: fmt.Sprintf("the text %s begins with @, which YAML keeps for itself", plain.Shorten(value)),
			hint: fmt.Sprintf("leave the @ out, or put the text in quotes: %s", example(value)),
		}, true
	case first == '`' || first == '%':
		return suspicion{
			sure: true, rule: "needs-quotes", message: fmt.Sprintf("the text %s begins with %c, which YAML keeps for itself", plain.Shorten(value), first),
			hint: "put the text in quotes: " + example(value),
		}, true
	case plain.Curly(value) && colon:
		return suspicion{
			sure: true, rule: "curly-quotes", message: "the curly quotes around the text are no quotes for YAML",
			hint: "use straight quotes: " + example(strings.Trim(value, "“”„‟‘’‚«»")),
		}, true
	case first == '"' || first == '\'':
		return suspectQuoted(value, example)
	case first == '[' || first == '{':
		return suspectBrackets(value, example)
	case first == '*' || first == '&' || first == '!':
		return suspicion{
			rule: "needs-quotes", message: fmt.Sprintf("the text %s begins with %c, which has a meaning of its own in YAML", plain.Shorten(value), first),
			hint: "put the text in quotes: " + example(value),
		}, true
	case strings.HasPrefix(value, "? "):
		return suspicion{
			sure: true, rule: "needs-quotes", message: fmt.Sprintf("the text %s begins with ?, which has a meaning of its own in YAML", plain.Shorten(value)),
			hint: "put the text in quotes: " + example(value),
		}, true
	case (first == '|' || first == '>') && !blockHeader.MatchString(value):
		return suspicion{
			sure: true, rule: "needs-quotes", message: fmt.Sprintf("the text %s begins with %c, which YAML takes for the start of a longer text", plain.Shorten(value), first),
			hint: "put the text in quotes: " + example(value),
		}, true
	case colon && first != '#' && (key != "" || strings.Count(value, ": ") > 1 && !strings.ContainsAny(value[:1], "[{")):
		at := strings.Index(value+" ", ": ")
		return suspicion{
			column: utf8.RuneCountInString(value[:at]), sure: true, rule: "needs-quotes",
			message: fmt.Sprintf("the text %s holds a colon, which begins a new value for YAML", plain.Shorten(value)),
			hint:    "put the text in quotes: " + example(value),
		}, true
	case strings.HasPrefix(value, "- ") && key != "":
		return suspicion{
			sure: true, rule: "yaml-syntax", message: "a list begins on the line of its key",
			hint: fmt.Sprintf("put each \"- \" on a line of its own below %q, indented by two blanks", key+":"),
		}, true
	}
	return suspicion{}, false
}

func suspectQuoted(value string, example func(string) string) (suspicion, bool) {
	end := plain.QuotedEnd(value, 1)
	if end == 0 {
		return suspicion{
			rule: "unclosed-quote", message: fmt.Sprintf("the quote before %s is not closed", plain.Shorten(value[1:])),
			hint: fmt.Sprintf("put a %c at the end of the text", value[0]),
		}, true
	}
	behind := string([]rune(value)[end-1:])
	rest := strings.TrimSpace(behind)
	if value[0] == '"' && strings.Contains(value, `\`) {
		return suspicion{
			rule: "needs-quotes", message: "a backslash inside double quotes has a meaning of its own",
			hint: "use single quotes around the text, or write \\\\ for each backslash",
		}, true
	}
	if rest == "" || rest[0] == '#' {
		return suspicion{}, false
	}
	inner := value
	if value[len(value)-1] == value[0] {
		inner = value[1 : len(value)-1] // an apostrophe inside
	}
	return suspicion{
		column: end - 1 + len(behind) - len(strings.TrimLeft(behind, " ")), sure: true, rule: "needs-quotes", message: fmt.Sprintf("text goes on after the closing quote: %s", plain.Shorten(rest)),
		hint: "put quotes around all of it: " + example(inner),
	}, true
}

func suspectBrackets(value string, example func(string) string) (suspicion, bool) {
	if m := reservedItem.FindStringSubmatchIndex(value); m != nil {
		item := strings.TrimSpace(value[m[2]:m[3]])
		return suspicion{
			column: utf8.RuneCountInString(value[:m[2]]), sure: true, rule: "needs-quotes",
			message: fmt.Sprintf("the text %s begins with %c, which YAML keeps for itself", plain.Shorten(item), item[0]),
			hint:    "put it in quotes: " + plain.Quote(item),
		}, true
	}
	if m := hashItem.FindStringSubmatchIndex(value); m != nil {
		item := strings.TrimRight(value[m[2]:m[3]], " ]},")
		return suspicion{
			column: utf8.RuneCountInString(value[:m[2]]), sure: true, rule: "swallowed-by-comment",
			message: fmt.Sprintf("everything after # is a comment here, so %s and what follows on the line are lost", plain.Shorten(item)),
			hint:    "put it in quotes: " + plain.Quote(item),
		}, true
	}
	open, shut := value[:1], "]"
	if open == "{" {
		shut = "}"
	}
	end := strings.LastIndex(value, shut)
	switch {
	case end < 0:
		return suspicion{
			rule: "yaml-syntax", message: fmt.Sprintf("the bracket %s is not closed on this line", open),
			hint: fmt.Sprintf("close it with %s, or put the text in quotes if the bracket belongs to it: %s", shut, example(value)),
		}, true
	case end < len(value)-1 && !strings.HasPrefix(strings.TrimSpace(value[end+1:]), "#"):
		return suspicion{
			sure: true, rule: "needs-quotes", message: fmt.Sprintf("the text %s begins with a bracket, which begins a list or group for YAML", plain.Shorten(value)),
			hint: "put the text in quotes: " + example(value),
		}, true
	}
	return suspicion{}, false
}
