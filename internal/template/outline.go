package template

import (
	"slices"
	"strings"
	"text/template/parse"
)

// Section is a part of a template under one heading, with the fields it is made of.
type Section struct {
	Title string   // as it stands; empty for what comes before the first
	Uses  []string // names of fields, in the order of their first use
}

// Outline tells which fields make which section of a template: what the call "section" names, or
// a heading in the text itself. It follows the text from top to bottom, through every branch.
func (t *Template[H]) Outline() []Section {
	var out []Section
	used := func(name string) {
		if len(out) == 0 {
			out = append(out, Section{})
		}
		last := &out[len(out)-1]
		if !slices.Contains(last.Uses, name) {
			last.Uses = append(last.Uses, name)
		}
	}
	c := &checker[H]{vocabulary: t.vocabulary, trees: t.trees, done: map[string]bool{}, uses: used}
	c.vars = []variable{{"$", top}}
	for _, n := range t.trees[main].Root.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			for l := range strings.Lines(string(n.Text)) {
				if title, ok := strings.CutPrefix(l, "### "); ok {
					out = append(out, Section{Title: strings.TrimSpace(title)})
				}
			}
		case *parse.ActionNode:
			if title, ok := sectionTitle(n); ok {
				out = append(out, Section{Title: title})
			}
		}
		c.node(n, top)
	}
	return out
}

func sectionTitle(n *parse.ActionNode) (string, bool) {
	args := n.Pipe.Cmds[0].Args
	if name, ok := args[0].(*parse.IdentifierNode); !ok || name.Ident != "section" || len(args) < 2 {
		return "", false
	}
	title, ok := args[1].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return title.Text, true
}
