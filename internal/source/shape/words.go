package shape

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

func (c *checker) patternWords(path []any, text, pattern, location string) (message, hint string) {
	label := fieldName(path)
	if r, bad := plain.Hidden(text); bad && !strings.ContainsRune(text, '\n') {
		return fmt.Sprintf("%s holds %s, which nobody can see", label, plain.Name(r)), "delete the text and type it again"
	}
	if message, hint := c.owner(path, text); message != "" {
		return label + ": " + message, hint
	}
	if text == "" {
		return label + " is an empty text", c.about(path)
	}
	if plain.Curly(text) {
		return fmt.Sprintf("%s: the curly quotes in %s become part of the text", label, plain.Shorten(text)), "use straight quotes, or none"
	}
	if strings.Contains(strings.TrimSpace(text), "\n") || strings.HasSuffix(text, "\n") {
		return label + " is text of several lines, or ends in a line break", "write it as one line, right behind the key, without | or >"
	}
	for _, r := range text {
		if r >= utf8.RuneSelf && !free(pattern) {
			return fmt.Sprintf("%s holds %q (\\u{%x}), which may look like a plain letter or hyphen but is none", label, r, r), "delete the text and type it again"
		}
	}
	words, ok := c.schema.wordsAt(location)
	if !ok {
		words = c.about(path)
	}
	return fmt.Sprintf("%s cannot be %s", label, plain.Shorten(text)), words
}

// owner asks the file's owner for better words.
func (c *checker) owner(path []any, text string) (message, hint string) {
	if c.schema.explain == nil {
		return "", ""
	}
	parent := ""
	if i := slices.IndexFunc(path, func(step any) bool { return step == lastKey(path) }); i > 0 {
		parent = lastKey(path[:i])
	}
	return c.schema.explain(parent, lastKey(path), text)
}

// near tells whether a text is a slip of one of the known ones.
func near(text string, known []string) bool {
	_, ok := plain.Nearest(text, known)
	return ok
}

// about gives the first sentence of the field's description, as a hint: what belongs there.
func (c *checker) about(path []any) string {
	sch := c.schema.root
	for i := range path {
		switch step := path[i].(type) {
		case string:
			sch = property(branch(sch, "object"), step)
		case int:
			sch = itemSchema(branch(sch, "array"))
		}
		if sch == nil {
			return ""
		}
	}
	text := sch.Description
	if text == "" {
		text = resolve(sch).Description
	}
	text, _, _ = strings.Cut(text, ". ")
	text = strings.TrimSuffix(text, ".")
	if word, _, _ := strings.Cut(text, " "); len(word) > 1 && strings.ToLower(word[1:]) == word[1:] {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// fieldName names a place in words: "title", item 2 of "contacts".
func fieldName(path []any) string {
	switch len(path) {
	case 0:
		return "the file"
	default:
		if i, ok := path[len(path)-1].(int); ok {
			return fmt.Sprintf("item %d of %s", i+1, fieldName(path[:len(path)-1]))
		}
		return fmt.Sprintf("%q", path[len(path)-1])
	}
}

func lastKey(path []any) string {
	for _, step := range slices.Backward(path) {
		if key, ok := step.(string); ok {
			return key
		}
	}
	return ""
}

func texts(values []any) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

func rat(r *big.Rat) string { return strings.TrimSuffix(strings.TrimRight(r.FloatString(6), "0"), ".") }
