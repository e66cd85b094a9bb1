package ticket

import (
	"regexp"
	"strings"
)

// A mention of another ticket stands in a block as "\x00KEY\x00" until the ticket has a ref.
// NUL is refused in every input file, so no spec text can hold one.
var mentionPattern = regexp.MustCompile("\x00([^\x00]*)\x00")

// Mention gives the text that stands for another ticket in a Desired.Block.
func Mention(k Key) string { return "\x00" + string(k) + "\x00" }

// Mentions gives the keys that a block mentions, in order, with repeats.
func Mentions(block string) []Key {
	var out []Key
	for _, m := range mentionPattern.FindAllStringSubmatch(block, -1) {
		out = append(out, Key(m[1]))
	}
	return out
}

// Resolve replaces mentions by refs ("#12"). A ticket without a ref is named by its key in
// code font; it is filled in when the ticket exists.
func Resolve(block string, refs map[Key]Ref) string {
	return mentionPattern.ReplaceAllStringFunc(block, func(m string) string {
		key := Key(strings.Trim(m, "\x00"))
		if ref, ok := refs[key]; ok && ref != "" {
			return string(ref)
		}
		return "`" + string(key) + "`"
	})
}
