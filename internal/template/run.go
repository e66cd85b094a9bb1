package template

import (
	"slices"
	"text/template/parse"
)

// machine runs one template for one page.
type machine[H Host] struct {
	*Template[H]
	host  H
	out   *output
	steps int
	vars  []binding
	made  map[string]Value // fields, and functions that take nothing, by name
}

type binding struct {
	name  string
	value Value
}

// flow says how to go on after a node.
type flow uint8

const (
	onward   flow = iota
	leave         // {{break}}
	nextItem      // {{continue}}
)

// end is what a run is ended with from deep inside. It never leaves the package.
type end struct{ err error }

func (t *Template[H]) run(h H, name string) (text string, err error) {
	m := &machine[H]{Template: t, host: h, out: &output{guarded: t.mode == Guarded}, made: map[string]Value{}}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(end)
			if !ok {
				panic(r)
			}
			text, err = "", e.err
		}
	}()
	m.part(name, Value{kind: Group})
	return m.out.finish()
}

// step counts one node, and what was made of so many bytes.
func (m *machine[H]) step(bytes int) {
	if m.mode == Trusted {
		return // the program's own, and what it calls bounds itself
	}
	m.steps += 1 + bytes/256
	if m.steps > maxSteps || bytes > maxOut || m.out.Len() > maxOut {
		panic(end{ErrTooMuch})
	}
}

// toMarkdown counts Markdown of so many bytes: to read and write it is far dearer than to pass it on.
func (m *machine[H]) toMarkdown(bytes int) {
	m.steps += bytes / 32
	m.step(bytes)
}

func (m *machine[H]) part(name string, dot Value) {
	if m.trees[name] == nil {
		panic(end{ErrUnfit})
	}
	vars := m.vars
	m.vars = []binding{{"$", dot}}
	m.list(m.trees[name].Root, dot)
	m.vars = vars
}

func (m *machine[H]) list(l *parse.ListNode, dot Value) flow {
	if l == nil {
		return onward
	}
	for _, n := range l.Nodes {
		if f := m.node(n, dot); f != onward {
			return f
		}
	}
	return onward
}

func (m *machine[H]) node(n parse.Node, dot Value) flow {
	m.step(0)
	switch n := n.(type) {
	case *parse.TextNode:
		m.step(len(n.Text))
		m.out.literal(string(n.Text))
	case *parse.ActionNode:
		v := m.pipe(n.Pipe, dot)
		if len(n.Pipe.Decl) == 0 {
			m.print(v)
		}
	case *parse.IfNode:
		return m.branch(&n.BranchNode, dot)
	case *parse.WithNode:
		return m.branch(&n.BranchNode, dot)
	case *parse.RangeNode:
		return m.each(&n.BranchNode, dot)
	case *parse.TemplateNode:
		if n.Pipe == nil {
			panic(end{ErrUnfit})
		}
		m.part(n.Name, m.pipe(n.Pipe, dot))
	case *parse.BreakNode:
		return leave
	case *parse.ContinueNode:
		return nextItem
	}
	return onward
}

func (m *machine[H]) branch(n *parse.BranchNode, dot Value) flow {
	mark := len(m.vars)
	v := m.pipe(n.Pipe, dot)
	var f flow
	switch {
	case !m.full(v):
		f = m.list(n.ElseList, dot)
	case n.NodeType == parse.NodeWith:
		f = m.list(n.List, v)
	default:
		f = m.list(n.List, dot)
	}
	m.vars = m.vars[:mark]
	return f
}

func (m *machine[H]) each(n *parse.BranchNode, dot Value) flow {
	mark := len(m.vars)
	v := m.pipe(n.Pipe, dot)
	if len(v.entries) == 0 {
		m.vars = m.vars[:mark]
		return m.list(n.ElseList, dot)
	}
	for i, e := range v.entries {
		m.step(0)
		for k, d := range n.Pipe.Decl {
			value := e
			if k == 0 && len(n.Pipe.Decl) == 2 {
				value = Value{kind: Number, count: i}
			}
			m.set(d.Ident[0], value)
		}
		inner := len(m.vars)
		f := m.list(n.List, e)
		m.vars = m.vars[:inner]
		if f == leave {
			break
		}
	}
	m.vars = m.vars[:mark]
	return onward
}

func (m *machine[H]) set(name string, v Value) {
	for i := len(m.vars) - 1; i >= 0; i-- {
		if m.vars[i].name == name {
			m.vars[i].value = v
			return
		}
	}
}

func (m *machine[H]) variable(name string) Value {
	for _, b := range slices.Backward(m.vars) {
		if b.name == name {
			return b.value
		}
	}
	return Value{}
}

func (m *machine[H]) pipe(p *parse.PipeNode, dot Value) Value {
	var v Value
	for i, cmd := range p.Cmds {
		name, call := cmd.Args[0].(*parse.IdentifierNode)
		if !call {
			v = m.operand(cmd.Args[0], dot)
			continue
		}
		args := make([]Value, 0, len(cmd.Args))
		for _, a := range cmd.Args[1:] {
			args = append(args, m.operand(a, dot))
		}
		if i > 0 {
			args = append(args, v)
		}
		v = m.call(name.Ident, args)
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			m.set(d.Ident[0], v)
		} else {
			m.vars = append(m.vars, binding{d.Ident[0], v})
		}
	}
	return v
}

func (m *machine[H]) operand(n parse.Node, dot Value) Value {
	m.step(0)
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return m.fields(dot, n.Ident)
	case *parse.VariableNode:
		return m.fields(m.variable(n.Ident[0]), n.Ident[1:])
	case *parse.ChainNode:
		return m.fields(m.operand(n.Node, dot), n.Field)
	case *parse.PipeNode:
		return m.pipe(n, dot)
	case *parse.IdentifierNode:
		return m.call(n.Ident, nil)
	case *parse.StringNode:
		return NewLine(n.Text)
	case *parse.BoolNode:
		return NewFlag(n.True)
	case *parse.NumberNode:
		return Value{kind: Number, count: int(n.Int64)}
	}
	return Value{}
}

func (m *machine[H]) fields(v Value, names []string) Value {
	for _, name := range names {
		if v.columns != nil {
			v = v.columns[name]
			continue
		}
		full := name
		if v.group != "" {
			full = v.group + "." + name
		}
		v = m.fetch(full)
	}
	return v
}

// fetch gives a field of the vocabulary, or the group of that name. A template may ask for the
// same one in a loop, and some are dear to make.
func (m *machine[H]) fetch(name string) Value {
	f, ok := m.vocabulary.fields[name]
	if !ok {
		return Value{kind: Group, group: name}
	}
	v, ok := m.made[name]
	if !ok {
		v = f.Get(m.host)
		m.made[name] = v
	}
	m.step(len(v.words))
	return v
}

// full tells whether there is anything in a value.
func (m *machine[H]) full(v Value) bool {
	switch {
	case v.kind == Flag:
		return v.yes
	case v.kind == Number:
		return v.count != 0
	case v.kind == List:
		return len(v.entries) > 0
	case v.columns != nil:
		return true
	case v.kind == Group:
		for _, name := range m.vocabulary.under[v.group] {
			if m.full(m.fields(v, []string{name})) {
				return true
			}
		}
		return false
	}
	return v.words != ""
}

func (m *machine[H]) call(name string, args []Value) Value {
	m.step(0)
	f, takes, ok := m.function(name)
	chooses := name == "and" || name == "or"
	if !ok || chooses && len(args) == 0 || !chooses && len(args) != takes {
		panic(end{ErrUnfit})
	}
	var v Value
	switch name {
	case "and", "or":
		return m.choose(name == "or", args)
	case "not":
		return NewFlag(!m.full(args[0]))
	case "len":
		return Value{kind: Number, count: max(len(args[0].entries), len([]rune(args[0].words)))}
	case "eq", "ne":
		same := args[0].words == args[1].words && args[0].count == args[1].count && args[0].yes == args[1].yes
		return NewFlag(same == (name == "eq"))
	case "lt", "le", "gt", "ge":
		a, b := args[0].count, args[1].count
		return NewFlag(name[0] == 'l' && a < b || name[0] == 'g' && a > b || name[1] == 'e' && a == b)
	default:
		v = m.makes(f, args)
	}
	m.step(len(v.words))
	return v
}

// function gives a function and how many values it takes. Those of the language itself are none
// of the vocabulary's.
func (m *machine[H]) function(name string) (f Func[H], takes int, ok bool) {
	if kinds, own := logic[name]; own || name == "and" || name == "or" {
		return f, len(kinds), true
	}
	f, ok = m.vocabulary.funcs[name]
	return f, len(f.Takes), ok
}

func (m *machine[H]) makes(f Func[H], args []Value) Value {
	if len(args) > 0 {
		v := f.Call(m.host, args)
		m.toMarkdown(len(v.words))
		return v
	}
	key := f.Name + "()" // some share their name with a field
	v, ok := m.made[key]
	if !ok {
		v = f.Call(m.host, nil)
		m.toMarkdown(len(v.words))
		m.made[key] = v
	}
	return v
}

func (m *machine[H]) choose(first bool, args []Value) Value {
	picked, mixed := args[len(args)-1], false
	for _, a := range args {
		mixed = mixed || a.kind != args[0].kind || a.group != args[0].group || (a.columns == nil) != (args[0].columns == nil)
	}
	for _, a := range args {
		if m.full(a) == first {
			picked = a
			break
		}
	}
	if mixed {
		return NewFlag(m.full(picked))
	}
	return picked
}
