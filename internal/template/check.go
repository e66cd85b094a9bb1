package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// shape is what a value will be when the template runs.
type shape struct {
	kind  Kind
	of    []Column // of a list, or of the entry that a group is
	entry bool     // a group that is an entry of a list
	group string   // of the vocabulary
}

var top = shape{kind: Group}

// unknown stands for what has been complained about already.
var unknown = shape{}

type variable struct {
	name  string
	shape shape
}

// checker walks through a template as running it would, with shapes in place of values.
type checker[H Host] struct {
	vocabulary *Vocabulary[H]
	path, text string
	trees      map[string]*parse.Tree
	findings   diag.List
	vars       []variable
	active     []string        // parts being checked, outermost first
	done       map[string]bool // parts checked, each with what its dot was
	uses       func(name string)
}

// body checks a part with what its dot will be.
func (c *checker[H]) body(name string, dot shape) {
	key := name + "\x01" + fmt.Sprint(dot.kind, dot.group, dot.entry, dot.of)
	if c.done[key] {
		return
	}
	c.done[key] = true
	vars := c.vars
	c.vars = []variable{{"$", dot}}
	c.active = append(c.active, name)
	c.list(c.trees[name].Root, dot)
	c.active = c.active[:len(c.active)-1]
	c.vars = vars
}

func (c *checker[H]) list(l *parse.ListNode, dot shape) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		c.node(n, dot)
	}
}

func (c *checker[H]) node(n parse.Node, dot shape) {
	switch n := n.(type) {
	case *parse.ActionNode:
		got := c.pipe(n.Pipe, dot)
		if len(n.Pipe.Decl) > 0 {
			return
		}
		switch got.kind {
		case List:
			c.fail(int(n.Position()), 0, "not-printable", fmt.Sprintf("%s is a list", quoted(n.Pipe)), "write bullets or tasks in front of it, or {{range}}")
		case Group:
			c.fail(int(n.Position()), 0, "not-printable", fmt.Sprintf("%s is a group of fields", quoted(n.Pipe)), "name one of them: "+strings.Join(c.names(got), ", "))
		}
	case *parse.IfNode:
		c.branch(&n.BranchNode, dot)
	case *parse.WithNode:
		c.branch(&n.BranchNode, dot)
	case *parse.RangeNode:
		c.branch(&n.BranchNode, dot)
	case *parse.TemplateNode:
		c.call(n, dot)
	case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
	default:
		c.fail(int(n.Position()), 0, "template-syntax", fmt.Sprintf("%s cannot be used here", quoted(n)), "")
	}
}

func (c *checker[H]) branch(n *parse.BranchNode, dot shape) {
	mark := len(c.vars)
	got := c.pipe(n.Pipe, dot)
	inner := dot
	switch n.NodeType {
	case parse.NodeWith:
		inner = got
	case parse.NodeRange:
		inner = c.entries(n, got)
	}
	declared := len(c.vars)
	if n.NodeType == parse.NodeRange {
		declared = mark // where there is nothing to go through, its variables are not set
	}
	c.list(n.List, inner)
	c.vars = c.vars[:declared]
	c.list(n.ElseList, dot)
	c.vars = c.vars[:mark]
}

// entries gives what dot is inside of a range, and sets its variables.
func (c *checker[H]) entries(n *parse.BranchNode, got shape) shape {
	inner := unknown
	switch {
	case got.kind == List && len(got.of) > 0:
		inner = shape{kind: Group, of: got.of, entry: true}
	case got.kind == List:
		inner = shape{kind: Line}
	case got.kind != 0:
		c.fail(int(n.Pipe.Position()), 0, "not-a-list", fmt.Sprintf("%s is no list but a %s", quoted(n.Pipe), got.kind), "only lists can be gone through")
	}
	for i, d := range n.Pipe.Decl {
		s := inner
		if i == 0 && len(n.Pipe.Decl) == 2 {
			s = shape{kind: Number}
		}
		c.set(d.Ident[0], s)
	}
	return inner
}

func (c *checker[H]) set(name string, s shape) {
	for i := len(c.vars) - 1; i >= 0; i-- {
		if c.vars[i].name == name {
			c.vars[i].shape = s
			return
		}
	}
}

// call checks a part where it is used.
func (c *checker[H]) call(n *parse.TemplateNode, dot shape) {
	at := int(n.Position())
	c.done[n.Name+"\x01"] = true
	got := unknown
	if n.Pipe != nil {
		got = c.pipe(n.Pipe, dot)
	}
	switch {
	case c.trees[n.Name] == nil || n.Name == main:
		known := slices.Sorted(maps.Keys(c.trees))
		known = slices.DeleteFunc(known, func(s string) bool { return s == main })
		hint := fmt.Sprintf("define it: {{define %q}}…{{end}}", n.Name)
		if near, ok := plain.Nearest(n.Name, known); ok {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		c.fail(at, 0, "unknown-part", fmt.Sprintf("there is no part %q", n.Name), hint)
	case slices.Contains(c.active, n.Name):
		c.fail(at, 0, "endless", fmt.Sprintf("the part %q uses itself", n.Name), "a template must come to an end; use {{range}} for lists")
	case n.Pipe == nil:
		c.fail(at, 0, "no-dot", fmt.Sprintf("the part %q gets nothing to write about", n.Name), fmt.Sprintf("write {{template %q .}}", n.Name))
	case got.kind != 0:
		c.body(n.Name, got)
	case !c.findings.HasErrors(): // what nobody has complained about must not go unchecked
		c.fail(at, 0, "no-dot", fmt.Sprintf("what the part %q gets to write about is not clear", n.Name), fmt.Sprintf("write {{template %q .}}", n.Name))
	}
}

func (c *checker[H]) pipe(p *parse.PipeNode, dot shape) shape {
	var got shape
	for i, cmd := range p.Cmds {
		var last *shape
		if i > 0 {
			last = &got
		}
		got = c.command(cmd, dot, last)
	}
	for _, d := range p.Decl {
		if !p.IsAssign {
			c.vars = append(c.vars, variable{d.Ident[0], got})
			continue
		}
		was := c.variable(d.Ident[0], int(d.Position()))
		if was.kind != 0 && got.kind != 0 && !alike(was, got) {
			c.fail(int(d.Position()), 0, "other-kind", fmt.Sprintf("%s was a %s and would become a %s", d.Ident[0], was.kind, got.kind), "use another variable")
		}
	}
	return got
}

// alike tells whether one value can stand where the other did.
func alike(a, b shape) bool {
	return a.kind == b.kind && a.entry == b.entry && a.group == b.group && slices.Equal(a.of, b.of)
}

// variable gives what a variable is. The parser lets some through that are set in another branch,
// or never.
func (c *checker[H]) variable(name string, at int) shape {
	for _, v := range slices.Backward(c.vars) {
		if v.name == name {
			return v.shape
		}
	}
	c.fail(at, len([]rune(name)), "no-value", fmt.Sprintf("%s has no value here", name), fmt.Sprintf("set it before with {{%s := …}}; what a branch sets, or {{range}}, ends with it", name))
	return unknown
}

func (c *checker[H]) command(cmd *parse.CommandNode, dot shape, last *shape) shape {
	first := cmd.Args[0]
	if name, ok := first.(*parse.IdentifierNode); ok {
		args := make([]shape, 0, len(cmd.Args))
		for _, a := range cmd.Args[1:] {
			args = append(args, c.operand(a, dot))
		}
		if last != nil {
			args = append(args, *last)
		}
		return c.function(name, args)
	}
	if len(cmd.Args) > 1 || last != nil {
		c.fail(int(first.Position()), 0, "not-a-function", fmt.Sprintf("%s is no function, so nothing can follow it", quoted(first)), "")
		return unknown
	}
	return c.operand(first, dot)
}

func (c *checker[H]) operand(n parse.Node, dot shape) shape {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return c.fields(dot, n.Ident, c.begin(n, n.Ident, "."))
	case *parse.VariableNode:
		at := c.begin(n, n.Ident, "")
		return c.fields(c.variable(n.Ident[0], at), n.Ident[1:], at+len(n.Ident[0]))
	case *parse.ChainNode:
		return c.fields(c.operand(n.Node, dot), n.Field, int(n.Position()))
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.IdentifierNode:
		return c.function(n, nil)
	case *parse.StringNode:
		return shape{kind: Line}
	case *parse.BoolNode:
		return shape{kind: Flag}
	case *parse.NumberNode:
		if n.IsInt && n.Int64 == int64(int32(n.Int64)) {
			return shape{kind: Number}
		}
	}
	c.fail(int(n.Position()), 0, "template-syntax", fmt.Sprintf("%s cannot be used here", quoted(n)), "fields, functions, texts in quotes and whole numbers can")
	return unknown
}

// begin finds where a chain of names begins: the parser gives the place of its second link.
func (c *checker[H]) begin(n parse.Node, names []string, dot string) int {
	at := int(n.Position())
	chain := dot + strings.Join(names, ".")
	for _, from := range []int{at, at - len(dot+names[0])} {
		if from >= 0 && strings.HasPrefix(c.text[min(from, len(c.text)):], chain) {
			return from
		}
	}
	return at
}

// fields follows names down from a value; at is where the dot before the first stands.
func (c *checker[H]) fields(from shape, names []string, at int) shape {
	for _, name := range names {
		if from.kind == 0 {
			return unknown
		}
		from = c.field(from, name, at+1)
		at += 1 + len(name)
	}
	return from
}

func (c *checker[H]) field(from shape, name string, at int) shape {
	if from.kind != Group {
		c.fail(at, len(name), "unknown-field", fmt.Sprintf("a %s has no field %q", from.kind, name), c.elsewhere(name))
		return unknown
	}
	if from.entry {
		if i := slices.IndexFunc(from.of, func(col Column) bool { return col.Name == name }); i >= 0 {
			return shape{kind: from.of[i].Kind}
		}
	} else {
		full := strings.TrimPrefix(from.group+"."+name, ".")
		if f, ok := c.vocabulary.fields[full]; ok {
			if c.uses != nil {
				c.uses(full)
			}
			return shape{kind: f.Kind, of: f.Of}
		}
		if c.vocabulary.under[full] != nil {
			return shape{kind: Group, group: full}
		}
	}
	hint := c.elsewhere(name)
	if near, ok := plain.Nearest(name, c.names(from)); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if hint == "" {
		hint = "there are: " + strings.Join(c.names(from), ", ")
	}
	c.fail(at, len(name), "unknown-field", fmt.Sprintf("there is no field %q here", name), hint)
	return unknown
}

// elsewhere tells where a field of this name is, if it is not here.
func (c *checker[H]) elsewhere(name string) string {
	for _, f := range c.vocabulary.Fields {
		if f.Name == name || strings.HasSuffix(f.Name, "."+name) {
			return fmt.Sprintf("did you mean \"$.%s\"?", f.Name)
		}
	}
	return ""
}

// names gives the fields of a group.
func (c *checker[H]) names(s shape) []string {
	if !s.entry {
		return c.vocabulary.siblings(s.group)
	}
	var out []string
	for _, col := range s.of {
		out = append(out, col.Name)
	}
	return out
}

func quoted(n parse.Node) string {
	s := n.String()
	if r := []rune(s); len(r) > 60 {
		s = string(r[:57]) + "…"
	}
	return `"` + s + `"`
}
