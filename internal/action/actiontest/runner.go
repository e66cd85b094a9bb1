// Package actiontest owns the runner's view of a log, for tests: which commands it would obey,
// and text that tries to become one. It prints nothing and refuses nothing.
//
//	if c := actiontest.Commands(log); len(c) != 1 { t.Errorf("the runner obeys %v", c) }
package actiontest

import (
	"strings"
	"unicode"
)

// Command is one command as the runner reads it from a line of the log.
type Command struct {
	Name  string
	Props map[string]string
	Data  string
}

// registered are the names the runner obeys; a line with another name is plain text.
var registered = []string{
	"add-mask", "add-matcher", "remove-matcher", "add-path", "set-env", "set-output", "save-state",
	"debug", "notice", "warning", "error", "group", "endgroup", "echo", "stop-commands",
	"internal-set-repo-path",
}

// Commands reads commands from a log as the runner does: line by line (a CR, an LF or
// both end one), the "::" form at the start after blanks, the older "##[" form anywhere.
// It is stricter than the runner in one way: marks are also found when characters
// without a width or combining ones stand in or before them, since the runner compares
// by culture.
func Commands(log string) []Command {
	var out []Command
	for line := range strings.FieldsFuncSeq(log, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimLeftFunc(withoutInvisible(line), unicode.IsSpace)
		if c, ok := parseNew(line); ok {
			out = append(out, c)
		} else if c, ok := parseOld(line); ok {
			out = append(out, c)
		}
	}
	return out
}

func withoutInvisible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) || unicode.Is(unicode.Cc, r) && r != '\t' {
			return -1
		}
		return r
	}, s)
}

func parseNew(line string) (Command, bool) {
	line, ok := strings.CutPrefix(line, "::")
	if !ok {
		return Command{}, false
	}
	head, data, ok := strings.Cut(line, "::")
	if !ok {
		return Command{}, false
	}
	return parseHead(head, data, ",", strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%"))
}

func parseOld(line string) (Command, bool) {
	_, line, ok := strings.Cut(line, "##[")
	if !ok {
		return Command{}, false
	}
	head, data, ok := strings.Cut(line, "]")
	if !ok {
		return Command{}, false
	}
	return parseHead(head, data, ";", strings.NewReplacer("%3B", ";", "%0D", "\r", "%0A", "\n", "%5D", "]", "%25", "%"))
}

func parseHead(head, data, separator string, unescape *strings.Replacer) (Command, bool) {
	name, rest, _ := strings.Cut(head, " ")
	known := false
	for _, r := range registered {
		known = known || strings.EqualFold(r, name)
	}
	if !known {
		return Command{}, false
	}
	c := Command{Name: strings.ToLower(name), Props: map[string]string{}, Data: unescape.Replace(data)}
	for pair := range strings.SplitSeq(rest, separator) {
		if k, v, ok := strings.Cut(pair, "="); ok && v != "" {
			c.Props[k] = unescape.Replace(v)
		}
	}
	return c, true
}

// Hostile is text that somebody may put into a spec to be obeyed by the runner, a terminal
// or the reader's eye.
func Hostile() []string {
	out := []string{
		"::add-mask::a", "  ::error::x", "\t::set-output name=a::b", "a\n::stop-commands::x", "a\r::error::x",
		"a\r\n::error::x", "##[error]x", "text ##[add-mask]x", "###[group]x", "##[command]x", "::::error::x",
		"\u00a0::error::x", "\u3000::error::x", "\u2028::error::x", "a\u2028::error::x", "a\u0085::error::x",
		"\u200b::error::x", ":\u200b:error::x", "\u00ad::error::x", ":\u0301:error::x", "\u0301::error::x",
		":\ufe0f:error::x", "#\ufe0f#[error]x", "##\u200b[error]x", "##\u0301[error]x", "\u3164::error::x",
		"\u115f::error::x", "\U000e0020::error::x", "\x1b[31m::error::x", "\x1b]0;title\x07", "a\x1b[2J",
		"\x00::error::x", "\xff::error::x", "\xef\xbb\xbf::error::x", "%0A::error::x", "%0D%0A::error::x",
		"%250A::error::x", "X<<EOF\n::error::x\nEOF", "\v::error::x", "\f::error::x", "\b\b::error::x",
		"::", ":::", "::::", "##[", "##[]", ":", "#", "", "\n", "\r", "\u202e::rorre::", "file=a,line=1::x",
		"::ERROR::x", "##[ERROR]x", "::error file=/etc/passwd,line=1::x", "::group::\n::endgroup::",
		" : :error::x", "# #[error]x", "a ::error::x", "::error", "\u2066::error::x\u2069",
	}
	for _, name := range registered {
		for _, blank := range []string{"", " ", "\t", "\u2003", "\u200d", "\ufeff"} {
			out = append(out, blank+"::"+name+"::x", blank+"##["+name+"]x", "before "+blank+"##["+name+" a=b]x")
		}
	}
	return out
}
