package graph

import (
	"fmt"
	"regexp"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// wording turns a validation message into GitHub's, with its code.
type wording struct {
	match *regexp.Regexp
	say   string
	code  string
}

func wordings() []wording {
	return []wording{
		{regexp.MustCompile(`^Cannot query field "([^"]+)" on type "([^"]+)".*`), "Field '$1' doesn't exist on type '$2'", "undefinedField"},
		{regexp.MustCompile(`^Field "([^"]+)" is not defined by type "([^"]+)".*`), "InputObject '$2' doesn't accept argument '$1'", "argumentNotAccepted"},
		{regexp.MustCompile(`^Unknown argument "([^"]+)" on field "[^".]+\.([^"]+)".*`), "Field '$2' doesn't accept argument '$1'", "argumentNotAccepted"},
		{regexp.MustCompile(`^Unknown type "([^"]+)".*`), "$1 isn't a defined input type", "variableRequiresValidType"},
	}
}

// translate gives the errors of validation in GitHub's words.
func translate(errs gqlerror.List) []*problem {
	var out []*problem
	for _, e := range errs {
		p := &problem{Message: e.Message}
		for _, w := range wordings() {
			if w.match.MatchString(e.Message) {
				p.Message = w.match.ReplaceAllString(e.Message, w.say)
				p.Extensions = map[string]any{"code": w.code}
				break
			}
		}
		for _, l := range e.Locations {
			p.Locations = append(p.Locations, map[string]int{"line": l.Line, "column": l.Column})
		}
		out = append(out, p)
	}
	return out
}

// refused is a world's refusal as a GraphQL error.
func refused(r *world.Refusal) error {
	if r == nil {
		return nil
	}
	p := &problem{Type: "UNPROCESSABLE", Message: r.Message}
	switch r.Status {
	case 403:
		p.Type = "FORBIDDEN"
	case 301, 404, 410:
		p.Type = "NOT_FOUND"
	}
	if len(r.Errors) > 0 {
		e := r.Errors[0]
		p.Message = e.Message
		if p.Message == "" {
			p.Message = fmt.Sprintf("%s %s is %s", e.Resource, e.Field, e.Code)
		}
		if e.Code == "already_exists" {
			p.Message = "Name has already been taken"
		}
	}
	return p
}

func unresolved(id string) error {
	return &problem{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a node with the global id of '%s'.", id)}
}

// ErrorTypes lists the types of the errors in an answer, for tests and journals.
func ErrorTypes(answer map[string]any) []string {
	list, _ := answer["errors"].([]*problem)
	var out []string
	for _, p := range list {
		out = append(out, p.Type)
	}
	return out
}
