package ticket

import "strings"

// A mention of another ticket stands in a block as "\x00KEY\x00" until the ticket has a ref.
// NUL is refused in every input file, so no spec text can hold one.

// cutMention gives the text before the first mention, its key, and the text after it; false if
// there is none.
func cutMention(block string) (before string, key Key, after string, ok bool) {
	before, rest, ok := strings.Cut(block, "\x00")
	if !ok {
		return block, "", "", false
	}
	name, after, ok := strings.Cut(rest, "\x00")
	if !ok {
		return block, "", "", false
	}
	return before, Key(name), after, true
}

// Mention gives the text that stands for another ticket in a Desired.Block.
func Mention(k Key) string { return "\x00" + string(k) + "\x00" }

// Mentions gives the keys that a block mentions, in order, with repeats.
func Mentions(block string) []Key {
	var out []Key
	for {
		_, key, after, ok := cutMention(block)
		if !ok {
			return out
		}
		out, block = append(out, key), after
	}
}

// Resolve replaces mentions by refs ("#12"). A ticket without a ref is named by its key in
// code font; it is filled in when the ticket exists.
func Resolve(block string, refs map[Key]Ref) string {
	var b strings.Builder
	for {
		before, key, after, ok := cutMention(block)
		if !ok && b.Cap() == 0 {
			return block
		}
		if !ok {
			b.WriteString(block)
			return b.String()
		}
		if b.Cap() == 0 {
			b.Grow(len(block))
		}
		b.WriteString(before)
		if ref := refs[key]; ref != "" {
			b.WriteString(string(ref))
		} else {
			b.WriteString("`" + string(key) + "`")
		}
		block = after
	}
}
