package graph

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// introspectSchema answers __schema: enough to list the types and the roots.
func (r *run) introspectSchema() object {
	s := r.api.schema
	var types []object
	for name := range s.Types {
		types = append(types, r.introspect(name))
	}
	slices.SortFunc(types, func(a, b object) int { return strings.Compare(a["name"].(string), b["name"].(string)) })
	return object{"__typename": "__Schema", "description": nil, "types": types, "directives": []object{}, "subscriptionType": nil,
		"queryType": r.introspect("Query"), "mutationType": r.introspect("Mutation")}
}

// introspect answers __type(name); nil for a type the schema lacks.
func (r *run) introspect(name string) object {
	def := r.api.schema.Types[name]
	if def == nil {
		return nil
	}
	o := object{"__typename": "__Type", "kind": string(def.Kind), "name": def.Name, "description": nil, "ofType": nil, "specifiedByURL": nil,
		"isOneOf": false, "fields": nil, "inputFields": nil, "enumValues": nil, "interfaces": nil, "possibleTypes": nil}
	switch def.Kind {
	case ast.Object, ast.Interface:
		o["fields"] = func(args) (any, error) { return r.fieldList(def), nil }
	case ast.InputObject:
		o["inputFields"] = func(args) (any, error) {
			out := []object{}
			for _, f := range def.Fields {
				out = append(out, r.inputValue(f.Name, f.Type, f.DefaultValue))
			}
			return out, nil
		}
	case ast.Enum:
		values := []object{}
		for _, v := range def.EnumValues {
			values = append(values, object{"__typename": "__EnumValue", "name": v.Name, "description": nil, "isDeprecated": false, "deprecationReason": nil})
		}
		o["enumValues"] = func(args) (any, error) { return values, nil }
	}
	if def.Kind == ast.Object {
		o["interfaces"] = func(args) (any, error) { return r.typeList(def.Interfaces), nil }
	}
	if def.IsAbstractType() {
		var names []string
		for _, p := range r.api.schema.GetPossibleTypes(def) {
			names = append(names, p.Name)
		}
		o["possibleTypes"] = func(args) (any, error) { return r.typeList(names), nil }
	}
	return o
}

func (r *run) typeList(names []string) []object {
	out := []object{}
	for _, n := range names {
		out = append(out, r.introspect(n))
	}
	return out
}

func (r *run) fieldList(def *ast.Definition) []object {
	out := []object{}
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		arguments := []object{}
		for _, a := range f.Arguments {
			arguments = append(arguments, r.inputValue(a.Name, a.Type, a.DefaultValue))
		}
		out = append(out, object{"__typename": "__Field", "name": f.Name, "description": nil, "isDeprecated": false, "deprecationReason": nil,
			"args": func(args) (any, error) { return arguments, nil }, "type": r.typeRef(f.Type)})
	}
	return out
}

func (r *run) inputValue(name string, t *ast.Type, preset *ast.Value) object {
	o := object{"__typename": "__InputValue", "name": name, "description": nil, "defaultValue": nil, "isDeprecated": false,
		"deprecationReason": nil, "type": r.typeRef(t)}
	if preset != nil {
		o["defaultValue"] = preset.String()
	}
	return o
}

func (r *run) typeRef(t *ast.Type) object {
	wrap := func(kind string, inner *ast.Type) object {
		o := r.introspect("String") // for its shape
		o["kind"], o["name"], o["ofType"] = kind, nil, r.typeRef(inner)
		return o
	}
	switch {
	case t.NonNull:
		inner := *t
		inner.NonNull = false
		return wrap("NON_NULL", &inner)
	case t.Elem != nil:
		return wrap("LIST", t.Elem)
	}
	return r.introspect(t.NamedType)
}
