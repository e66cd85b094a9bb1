package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// logic are the functions that every vocabulary has, with what they take.
var logic = map[string][]Kind{
	"not": {Any}, "len": {List | Words},
	"eq": {Words | Number | Flag, Words | Number | Flag}, "ne": {Words | Number | Flag, Words | Number | Flag},
	"lt": {Number, Number}, "le": {Number, Number}, "gt": {Number, Number}, "ge": {Number, Number},
}

// function checks a call and gives what it makes.
func (c *checker[H]) function(n *parse.IdentifierNode, args []shape) shape {
	at, length := int(n.Position()), len([]rune(n.Ident))
	if len(args) > maxTakes {
		c.fail(at, length, "too-many-arguments", fmt.Sprintf("%q gets %d values; %d are allowed", n.Ident, len(args), maxTakes), "")
		return unknown
	}
	if n.Ident == "and" || n.Ident == "or" {
		return c.choice(n, args)
	}
	takes, gives := logic[n.Ident], Flag
	if n.Ident == "len" {
		gives = Number
	}
	if takes == nil {
		f, ok := c.vocabulary.funcs[n.Ident]
		if !ok {
			known := c.functions()
			hint := "there are: " + strings.Join(known, ", ")
			if near, ok := plain.Nearest(n.Ident, known); ok {
				hint = fmt.Sprintf("did you mean %q?", near)
			} else if where := c.elsewhere(n.Ident); where != "" {
				hint = where
			}
			c.fail(at, length, "unknown-function", fmt.Sprintf("there is no function %q", n.Ident), hint)
			return unknown
		}
		takes, gives = f.Takes, f.Gives
		if c.uses != nil {
			for _, name := range f.Uses {
				c.uses(name)
			}
		}
	}
	if len(args) != len(takes) {
		c.fail(at, length, "wrong-arguments", fmt.Sprintf("%q takes %s and gets %d", n.Ident, count(takes), len(args)), "")
		return unknown
	}
	for i, a := range args {
		if a.kind != 0 && (a.kind&takes[i] == 0 || a.kind == List && len(a.of) > 0 && takes[i] == List) {
			what := a.kind.String()
			if a.kind == List && len(a.of) > 0 {
				what = "list of groups"
			}
			c.fail(at, length, "wrong-arguments", fmt.Sprintf("%q cannot take a %s as its %s value", n.Ident, what, ordinal(i)), "it takes "+kinds(takes[i]))
			return unknown
		}
	}
	if (n.Ident == "eq" || n.Ident == "ne") && args[0].kind != 0 && args[1].kind != 0 && (args[0].kind|args[1].kind)&^Words != 0 && args[0].kind != args[1].kind {
		c.fail(at, length, "wrong-arguments", fmt.Sprintf("a %s and a %s are never equal", args[0].kind, args[1].kind), "compare like with like")
	}
	return shape{kind: gives}
}

// choice checks "and" and "or": of values that are alike they give one, else yes or no.
func (c *checker[H]) choice(n *parse.IdentifierNode, args []shape) shape {
	if len(args) == 0 {
		c.fail(int(n.Position()), len(n.Ident), "wrong-arguments", fmt.Sprintf("%q needs values to choose from", n.Ident), "")
		return unknown
	}
	for _, a := range args {
		if a.kind == 0 {
			return unknown
		}
	}
	for i, a := range args {
		for _, b := range args[:i] {
			if a.kind == b.kind && !alike(a, b) && (a.kind == List || a.entry && b.entry) {
				what := "lists of different entries"
				if a.entry {
					what = "entries of different lists"
				}
				c.fail(int(n.Position()), len(n.Ident), "wrong-arguments", fmt.Sprintf("%q cannot choose between %s", n.Ident, what), "ask for one after the other with {{if}} and {{else if}}")
				return unknown
			}
		}
	}
	if slices.ContainsFunc(args, func(a shape) bool { return !alike(a, args[0]) }) {
		return shape{kind: Flag}
	}
	return args[0]
}

func (c *checker[H]) functions() []string {
	known := slices.Concat([]string{"and", "or"}, slices.Collect(maps.Keys(logic)), slices.Collect(maps.Keys(c.vocabulary.funcs)))
	slices.Sort(known)
	return known
}

func count(takes []Kind) string {
	if len(takes) == 1 {
		return "1 value"
	}
	return fmt.Sprintf("%d values", len(takes))
}

func ordinal(i int) string {
	if names := []string{"first", "second", "third", "fourth"}; i < len(names) {
		return names[i]
	}
	return "last"
}

// kinds says what a function takes.
func kinds(mask Kind) string {
	switch {
	case mask == List:
		return "a list of lines"
	case mask&Words == Words && mask&^Words == 0:
		return "words: a line, a text or a part"
	}
	var out []string
	for k := Line; k <= Group; k <<= 1 {
		if mask&k != 0 {
			out = append(out, k.String())
		}
	}
	return strings.Join(out, ", ")
}
