// Package graph is the GraphQL half of the fake: GitHub's schema as far as an
// issue client needs it, in our own words, and an executor that runs requests
// against a world.
//
// It owns parsing, validation, page limits, the shape of errors, and nothing of
// the rules, which are the world's. A field or input that the served schema
// lacks is refused as GitHub refuses it: HTTP 200, "Field 'x' doesn't exist on
// type 'Issue'".
//
//	api := graph.New(graph.Features{NoTypes: true})
//	answer := api.Run(graph.View{World: w, Actor: a}, request)
package graph

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

//go:embed schema/*.graphql
var files embed.FS

// Features are what an older server lacks.
type Features struct {
	NoSubIssues      bool
	NoParentInCreate bool
	NoDependencies   bool
	NoTypes          bool
	NoMarks          bool // no mutations that add and remove single labels and assignees
	NoEdits          bool // no edit history of issues
	NoDuplicates     bool // issues cannot be closed as duplicates
}

// API serves one schema. It keeps no state and may be shared.
type API struct{ schema *ast.Schema }

// New loads the schema without the parts a server lacks.
func New(f Features) *API {
	parts := []string{"base"}
	if !f.NoSubIssues {
		parts = append(parts, "subissues")
	}
	if !f.NoSubIssues && !f.NoParentInCreate {
		parts = append(parts, "parent")
	}
	if !f.NoDependencies {
		parts = append(parts, "dependencies")
	}
	if !f.NoTypes {
		parts = append(parts, "types")
	}
	if !f.NoMarks {
		parts = append(parts, "marks")
	}
	if !f.NoEdits {
		parts = append(parts, "edits")
	}
	if f.NoDuplicates {
		parts = append(parts, "reasons")
	} else {
		parts = append(parts, "duplicates")
	}
	var sources []*ast.Source
	for _, p := range parts {
		text, err := files.ReadFile("schema/" + p + ".graphql")
		if err != nil {
			panic(err) // the files are embedded: only a broken build gets here
		}
		sources = append(sources, &ast.Source{Name: p, Input: string(text)})
	}
	return &API{schema: gqlparser.MustLoadSchema(sources...)}
}

// View is what a request sees: the world, who asks, and the state of the limits.
type View struct {
	World *world.World
	Actor world.Actor
	// AsOf makes lists of issues stale: they show that moment. Zero is now.
	AsOf time.Time
	// Shift repeats the last entry of the page before on every later page.
	Shift bool
	// Fail makes mutations fail: the alias (or name) of a mutation to the message it fails with.
	Fail map[string]string
	// Cut, if not 0, ends the request's time after so many mutations: the later ones fail and do nothing.
	Cut int
	// HTML is the address of the web pages, without a slash at the end.
	HTML             string
	Limit, Remaining int
	Reset            time.Time
}

// Request is the JSON body of a GraphQL call.
type Request struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
	Operation string         `json:"operationName"`
}

// Operation is what a request asks for, as a journal wants to know it.
type Operation struct {
	Mutation bool
	// Fields are the top-level field names in order, once for each alias.
	Fields []string
}

// Decode reads a request body.
func Decode(body []byte) (Request, error) {
	var r Request
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("reading a GraphQL request: %w", err)
	}
	return r, nil
}

// Describe says what the request asks for; it is empty for what can't be parsed.
func Describe(r Request) Operation {
	doc, err := parser.ParseQuery(&ast.Source{Input: r.Query})
	if err != nil {
		return Operation{}
	}
	op := doc.Operations.ForName(r.Operation)
	if op == nil {
		return Operation{}
	}
	out := Operation{Mutation: op.Operation == ast.Mutation}
	out.Fields = topFields(doc, op.SelectionSet)
	return out
}

func topFields(doc *ast.QueryDocument, set ast.SelectionSet) []string {
	var out []string
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			out = append(out, s.Name)
		case *ast.InlineFragment:
			out = append(out, topFields(doc, s.SelectionSet)...)
		case *ast.FragmentSpread:
			if f := doc.Fragments.ForName(s.Name); f != nil {
				out = append(out, topFields(doc, f.SelectionSet)...)
			}
		}
	}
	return out
}
