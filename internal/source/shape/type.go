package shape

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/source/document"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

func (c *checker) wrongType(path []any, n *yaml.Node, want []string) {
	label := fieldName(path)
	sch := c.schema.at(path)
	must := fmt.Sprintf("%s must be %s", label, c.typeWords(sch, want))
	switch {
	case document.IsNull(n):
		c.emptyItem(n, label)
	case slices.Contains(want, "string") && n.Kind == yaml.MappingNode && len(n.Content) > 0 && n.Content[0].Line == n.Content[1].Line:
		key, value := n.Content[0].Value, n.Content[1].Value
		c.add(n, "wrong-type", fmt.Sprintf("%s, but the colon after %s makes it a key", must, plain.Shorten(key)),
			"put all of it in quotes: "+plain.Quote(strings.TrimSuffix(key+": "+value, ": ")))
	case slices.Contains(want, "boolean"):
		c.add(n, "wrong-type", fmt.Sprintf("%s, not %s", must, c.kindWords(n)), "write true or false, without quotes")
	case slices.Contains(want, "integer") && n.Kind == yaml.ScalarNode:
		c.add(n, "wrong-type", fmt.Sprintf("%s, not %s", must, plain.Shorten(n.Value)), "write digits only, without quotes")
	case slices.Contains(want, "array") && n.Kind != yaml.AliasNode:
		c.add(n, "wrong-type", fmt.Sprintf("%s, not %s", must, c.kindWords(n)), c.listHint(path, itemSchema(branch(sch, "array")), n))
	case slices.Contains(want, "string") && n.Kind == yaml.SequenceNode:
		c.add(n, "wrong-type", fmt.Sprintf("%s, not a list", must), c.oneHint(branch(sch, "string"), lastKey(path)))
	case slices.Contains(want, "object"):
		c.add(n, "wrong-type", fmt.Sprintf("%s, not %s", must, c.kindWords(n)), c.groupHint(path, branch(sch, "object"), n))
	default:
		c.add(n, "wrong-type", fmt.Sprintf("%s, not %s", must, c.kindWords(n)), c.about(path))
	}
}

// bullet is what people begin list items with when it is no hyphen.
var bullet = regexp.MustCompile(`^([•◦▪–—·*]|[0-9]+[.)]) `)

// listHint says how to write the list that should stand there.
func (c *checker) listHint(path []any, item *jsonschema.Schema, n *yaml.Node) string {
	text := branch(item, "string") != nil
	first, _, several := strings.Cut(n.Value, ",")
	mark := bullet.FindStringSubmatch(n.Value)
	switch {
	case n.Kind == yaml.MappingNode && text && branch(item, "object") == nil:
		return "write each item on a line of its own, as \"  - text\", without keys"
	case n.Kind == yaml.ScalarNode && text && c.inBraces(path):
		return fmt.Sprintf("put it in brackets: [%s]", plain.Brief(n.Value))
	case n.Kind == yaml.MappingNode:
		return "begin the first line of each item with \"- \" and indent its other lines by two more blanks"
	case !text:
		return fmt.Sprintf("put each item on a line of its own below it, as \"  - %s\"", example(branch(item, "object")))
	case mark != nil:
		return fmt.Sprintf("begin each line with a hyphen and a blank, \"- \", instead of %q", mark[1])
	case several:
		return fmt.Sprintf("put each item on a line of its own below the key, as \"  - %s\"", plain.Brief(first))
	default:
		return fmt.Sprintf("put it on the line below the key, as \"  - %s\"", plain.Brief(n.Value))
	}
}

// groupHint says how to write the group of keys that should stand there.
func (c *checker) groupHint(path []any, group *jsonschema.Schema, n *yaml.Node) string {
	switch {
	case group != nil && len(group.Required) > 0 && n.Kind == yaml.ScalarNode:
		return fmt.Sprintf("write it as %s", example(group))
	case n.Kind == yaml.ScalarNode && group != nil && len(group.Properties) > 0 && c.inBraces(path):
		return fmt.Sprintf("write it as {%s: …}", strings.Join(slices.Sorted(maps.Keys(group.Properties)), ": …, "))
	case n.Kind == yaml.ScalarNode:
		return "put \"key: value\" lines below it, indented by two blanks"
	case group != nil && len(group.Properties) > 0:
		return "write \"key: value\" lines, without hyphens before the keys"
	default:
		return c.about(path) + "; write a key and a colon above what belongs together"
	}
}

// inBraces tells whether what stands around a value is written in braces or brackets, where no
// line can be added.
func (c *checker) inBraces(path []any) bool {
	if len(path) == 0 {
		return false
	}
	around, _ := document.Find(c.doc.Root(), path[:len(path)-1])
	return around.Style&yaml.FlowStyle != 0
}

// oneHint says how to write the one text that should stand there.
func (c *checker) oneHint(text *jsonschema.Schema, key string) string {
	if text != nil && text.Pattern != nil && !free(text.Pattern.String()) {
		if words, ok := c.schema.wordsAt(text.Location); ok {
			return words
		}
	}
	return "write it on one line, in quotes if it has brackets; a longer text goes below \"" + key + ": |\", indented"
}

// free tells whether a pattern allows any text, rather than names and numbers of some form.
func free(pattern string) bool { return strings.HasPrefix(strings.TrimPrefix(pattern, "^"), "[^") }

// example gives a group with its required keys: {key: …, name: …}.
func example(group *jsonschema.Schema) string {
	if group == nil || len(group.Required) == 0 {
		return "key: value"
	}
	return "{" + strings.Join(group.Required, ": …, ") + ": …}"
}

// typeWords says what a value must be: "a list of texts".
func (c *checker) typeWords(sch *jsonschema.Schema, want []string) string {
	var words []string
	for _, w := range want {
		switch w {
		case "string":
			words = append(words, "a text")
		case "integer":
			words = append(words, "a whole number")
		case "number":
			words = append(words, "a number")
		case "boolean":
			words = append(words, "true or false")
		case "array":
			item := itemSchema(branch(sch, "array"))
			text, group := branch(item, "string") != nil, branch(item, "object") != nil
			words = append(words, map[[2]bool]string{
				{true, false}: "a list of texts", {false, true}: "a list of groups of keys",
				{true, true}: "a list of texts or groups of keys", {false, false}: "a list",
			}[[2]bool{text, group}])
		case "object":
			group := "a group of keys"
			if o := branch(sch, "object"); o != nil && len(o.Properties) > 0 && len(o.Properties) <= 8 {
				group += " (" + strings.Join(slices.Sorted(maps.Keys(o.Properties)), ", ") + ")"
			}
			words = append(words, group)
		}
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " or ")
}

func (c *checker) kindWords(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a group of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	default:
		return "the text " + plain.Shorten(n.Value)
	}
}
