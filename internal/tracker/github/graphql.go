package github

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/wire"
)

// document is a GraphQL request. Values always travel as variables, never in the text.
type document struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables,omitempty"`
}

// complaint is one entry of a GraphQL answer's errors.
type complaint struct {
	Type       string
	Message    string
	Path       []any
	Extensions struct{ Code string }
}

// alias gives the first of the named top-level aliases that the complaint is about.
func (c complaint) alias() string {
	for _, p := range slices.Backward(c.Path) {
		if s, ok := p.(string); ok && len(s) > 1 && s[1] >= '0' && s[1] <= '9' {
			return s
		}
	}
	return ""
}

// schemaError tells whether the server does not know something the request asks for.
func (c complaint) schemaError() bool {
	switch c.Extensions.Code {
	case "undefinedField", "undefinedType", "argumentNotAccepted", "missingRequiredInputObjectAttribute", "argumentLiteralsIncompatible":
		return true
	}
	return strings.Contains(c.Message, "doesn't exist on type") || strings.Contains(c.Message, "isn't defined in")
}

// kind sorts a complaint. sure is false where the server's own trouble is meant, so that a
// mutation may have been done all the same.
func (c complaint) kind() (k ticket.Kind, sure bool) {
	switch {
	case c.Type == "RATE_LIMITED" || wire.LimitWords(c.Message):
		return ticket.RateLimited, true
	case strings.Contains(c.Message, "Something went wrong"), strings.Contains(strings.ToLower(c.Message), "timeout"), strings.Contains(strings.ToLower(c.Message), "timedout"):
		return ticket.Unavailable, false
	case c.Type == "FORBIDDEN" || c.Type == "INSUFFICIENT_SCOPES":
		return ticket.Unauthorised, true
	case c.Type == "NOT_FOUND":
		return ticket.Gone, true
	case c.Type == "UNPROCESSABLE" || c.Type == "VALIDATION" || c.schemaError():
		return ticket.Rejected, true
	case c.Type == "" || c.Type == "INTERNAL" || c.Type == "SERVICE_UNAVAILABLE":
		return ticket.Unavailable, false
	default:
		return ticket.Rejected, true
	}
}

func (t *Tracker) complain(c complaint, write bool) *ticket.Error {
	kind, sure := c.kind()
	e := &ticket.Error{Kind: kind, Detail: t.line(c.Message)}
	switch {
	case kind == ticket.Unauthorised:
		e.Next = permission("", write)
	case kind == ticket.RateLimited:
		e.Next = "run again later: it goes on where it stopped"
	case write && !sure:
		e.Kind = ticket.Unknown
	}
	return e
}

// graph sends a GraphQL request that writes so many things (0: a query) and decodes its data
// into out. Complaints come back beside the data, since an answer can be half good; err is for
// answers without any data. A server without GraphQL gives Gone.
func (t *Tracker) graph(ctx context.Context, doc document, writes int, out any) ([]complaint, error) {
	call := wire.Call{Replay: wire.Read}
	if writes > 0 {
		call = wire.Call{Replay: wire.Once, Writes: writes}
	}
	var answer struct {
		Data   json.RawMessage
		Errors []complaint
	}
	req, err := t.client.NewRequest(http.MethodPost, t.graphql, doc)
	if err != nil {
		return nil, &ticket.Error{Kind: ticket.Rejected, Detail: t.line(err.Error())}
	}
	if _, err := t.client.Do(wire.With(ctx, call), req, &answer); err != nil {
		return nil, t.translate(err, writes > 0)
	}
	if len(answer.Data) == 0 || string(answer.Data) == "null" {
		if len(answer.Errors) == 0 {
			kind := ticket.Unavailable
			if writes > 0 {
				kind = ticket.Unknown
			}
			return nil, &ticket.Error{Kind: kind, Detail: "the answer holds neither data nor errors"}
		}
		return answer.Errors, t.complain(answer.Errors[0], writes > 0)
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		return answer.Errors, t.translate(err, writes > 0)
	}
	return answer.Errors, nil
}

// query is graph for questions that must be answered in full.
func (t *Tracker) query(ctx context.Context, doc document, out any) error {
	complaints, err := t.graph(ctx, doc, 0, out)
	if err != nil {
		return err
	}
	if len(complaints) > 0 {
		return t.complain(complaints[0], false)
	}
	return nil
}
