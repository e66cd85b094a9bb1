package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// object is one resolved value of an object type: its __typename and its
// fields, each a value, an object, a slice of objects, or a func(args) of those.
type object map[string]any

type args map[string]any

// problem is one entry of the errors of an answer.
type problem struct {
	Type       string           `json:"type,omitempty"`
	Path       []any            `json:"path,omitempty"`
	Extensions map[string]any   `json:"extensions,omitempty"`
	Locations  []map[string]int `json:"locations,omitempty"`
	Message    string           `json:"message"`
}

// Error is the message.
func (p *problem) Error() string { return p.Message }

// run is one execution.
type run struct {
	api  *API
	view View
	doc  *ast.QueryDocument
	vars map[string]any
	cost cost
	errs []*problem
	ran  int // mutations so far
}

// Run executes one request. The answer is the JSON object GitHub would send
// with status 200: data, or errors, or both.
func (g *API) Run(v View, req Request) map[string]any {
	if strings.TrimSpace(req.Query) == "" {
		return failed(&problem{Message: "A query attribute must be specified and must be a string."})
	}
	doc, errs := gqlparser.LoadQueryWithRules(g.schema, req.Query, rules.NewDefaultRules())
	if len(errs) > 0 {
		return failed(translate(errs)...)
	}
	op := doc.Operations.ForName(req.Operation)
	if op == nil {
		return failed(&problem{Message: "An operation name is required"})
	}
	vars, err := validator.VariableValues(g.schema, op, req.Variables)
	if err != nil {
		return failed(variableProblem(op, err))
	}
	r := &run{api: g, view: v, doc: doc, vars: vars}
	root, definition := r.query(), g.schema.Query
	if op.Operation == ast.Mutation {
		root, definition = r.mutation(), g.schema.Mutation
	}
	if r.cost = r.price(op.SelectionSet); r.cost.problem != nil {
		return failed(r.cost.problem)
	}
	data, ok := r.selection(definition, root, op.SelectionSet, nil)
	answer := map[string]any{"data": data}
	if !ok {
		answer["data"] = nil
	}
	if len(r.errs) > 0 {
		answer["errors"] = r.errs
	}
	return answer
}

func failed(problems ...*problem) map[string]any { return map[string]any{"errors": problems} }

// selection resolves a selection set; ok is false when a non-null field came out null.
func (r *run) selection(def *ast.Definition, o object, set ast.SelectionSet, path []any) (out map[string]any, ok bool) {
	out = map[string]any{}
	for _, f := range r.collect(def, set, nil) {
		at := append(slices.Clone(path), f.Alias)
		if f.Name == "__typename" {
			out[f.Alias] = def.Name
			continue
		}
		v, err := r.resolve(o, f)
		if err != nil {
			r.fail(err, f, at)
			if f.Definition.Type.NonNull {
				return nil, false
			}
			out[f.Alias] = nil
			continue
		}
		v, ok := r.complete(f.Definition.Type, v, f, at)
		if !ok {
			return nil, false
		}
		out[f.Alias] = v
	}
	return out, true
}

func (r *run) resolve(o object, f *ast.Field) (any, error) {
	v, known := o[f.Name]
	if !known {
		return nil, fmt.Errorf("the fake serves no %s.%s", o["__typename"], f.Name)
	}
	if call, isCall := v.(func(args) (any, error)); isCall {
		a := f.ArgumentMap(r.vars)
		if _, isMutation := o["__mutation"]; isMutation {
			a["__alias"] = f.Alias
		}
		return call(a)
	}
	return v, nil
}

// complete brings a resolved value into the shape of its type.
func (r *run) complete(t *ast.Type, v any, f *ast.Field, path []any) (any, bool) {
	if v == nil {
		return nil, !t.NonNull
	}
	if o, isObject := v.(object); isObject {
		if o == nil {
			return nil, !t.NonNull
		}
		def := r.api.schema.Types[o["__typename"].(string)]
		out, ok := r.selection(def, o, f.SelectionSet, path)
		if !ok {
			return nil, !t.NonNull
		}
		return out, true
	}
	if list, isList := v.([]object); isList {
		out := make([]any, len(list))
		for k, o := range list {
			item, ok := r.complete(t.Elem, anyObject(o), f, append(slices.Clone(path), k))
			if !ok {
				return nil, !t.NonNull
			}
			out[k] = item
		}
		return out, true
	}
	return v, true
}

// anyObject keeps a nil object from becoming a non-nil interface.
func anyObject(o object) any {
	if o == nil {
		return nil
	}
	return o
}

// collect flattens fragments that apply to the type, and honours @skip and @include.
func (r *run) collect(def *ast.Definition, set ast.SelectionSet, out []*ast.Field) []*ast.Field {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if r.included(s.Directives) {
				out = merge(out, s)
			}
		case *ast.InlineFragment:
			if r.included(s.Directives) && r.applies(def, s.TypeCondition) {
				out = r.collect(def, s.SelectionSet, out)
			}
		case *ast.FragmentSpread:
			if r.included(s.Directives) && r.applies(def, s.Definition.TypeCondition) {
				out = r.collect(def, s.Definition.SelectionSet, out)
			}
		}
	}
	return out
}

// merge adds a field; the selections of two fields under one key are joined.
func merge(out []*ast.Field, f *ast.Field) []*ast.Field {
	for k, old := range out {
		if old.Alias == f.Alias {
			joined := *old
			joined.SelectionSet = append(slices.Clone(old.SelectionSet), f.SelectionSet...)
			out[k] = &joined
			return out
		}
	}
	return append(out, f)
}

func (r *run) included(ds ast.DirectiveList) bool {
	if d := ds.ForName("skip"); d != nil && d.ArgumentMap(r.vars)["if"] == true {
		return false
	}
	if d := ds.ForName("include"); d != nil && d.ArgumentMap(r.vars)["if"] != true {
		return false
	}
	return true
}

func (r *run) applies(def *ast.Definition, condition string) bool {
	return condition == "" || condition == def.Name || slices.Contains(def.Interfaces, condition)
}

func (r *run) fail(err error, f *ast.Field, path []any) {
	p := &problem{Message: err.Error()}
	errors.As(err, &p)
	p.Path = path
	p.Locations = []map[string]int{{"line": f.Position.Line, "column": f.Position.Column}}
	r.errs = append(r.errs, p)
}

// variableProblem says what is wrong with the variables in GitHub's words.
func variableProblem(op *ast.OperationDefinition, err error) *problem {
	p := &problem{Message: err.Error()}
	var g *gqlerror.Error
	if !errors.As(err, &g) || len(g.Path) < 2 {
		return p
	}
	name := fmt.Sprint(g.Path[1])
	v := op.VariableDefinitions.ForName(name)
	if v == nil {
		return p
	}
	var where []string
	for _, e := range g.Path[2:] {
		where = append(where, fmt.Sprint(e))
	}
	reason := g.Message
	if reason == "unknown field" {
		reason = "Field is not defined on " + v.Type.Name()
	}
	p.Message = fmt.Sprintf("Variable $%s of type %s was provided invalid value for %s (%s)",
		name, v.Type.String(), strings.Join(where, "."), reason)
	p.Extensions = map[string]any{"value": nil, "problems": []any{map[string]any{"path": where, "explanation": reason}}}
	return p
}
