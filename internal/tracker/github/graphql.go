package github

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

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

// passing tells trouble of the server's own that another try, or a smaller request, may not meet.
func (c complaint) passing() bool {
	message := strings.ToLower(c.Message)
	for _, words := range []string{"something went wrong", "timeout", "timedout", "resource limits"} {
		if strings.Contains(message, words) {
			return true
		}
	}
	return c.Type == "INTERNAL" || c.Type == "SERVICE_UNAVAILABLE" || c.Type == "RESOURCE_LIMITS_EXCEEDED"
}

// kind sorts a complaint. sure is false where the server's own trouble is meant, so that a
// mutation may have been done all the same.
func (c complaint) kind() (k ticket.Kind, sure bool) {
	switch {
	case c.Type == "RATE_LIMITED" || wire.LimitWords(c.Message):
		return ticket.RateLimited, true
	case c.passing():
		return ticket.Unavailable, false
	case c.Type == "FORBIDDEN" && frozen(c.Message):
		return ticket.Rejected, true
	case c.Type == "FORBIDDEN" || c.Type == "INSUFFICIENT_SCOPES":
		return ticket.Unauthorised, true
	case c.Type == "NOT_FOUND":
		return ticket.Gone, true
	case c.Type == "UNPROCESSABLE" || c.Type == "VALIDATION" || c.schemaError():
		return ticket.Rejected, true
	case c.Type == "":
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

// askTries is how often a question is asked that the server answers with trouble of its own.
const askTries = 5

// graph sends a GraphQL request that writes so many things (0: a query) and decodes its data
// into out. Complaints come back beside the data, since an answer can be half good; err is for
// answers without any data. A server without GraphQL gives Gone. A query whose answer holds
// trouble of the server's own is asked again.
func (t *Tracker) graph(ctx context.Context, doc document, writes int, out any) ([]complaint, error) {
	if writes > 0 {
		return t.send(ctx, doc, wire.Call{Replay: wire.Once, Writes: writes}, out)
	}
	for n := 1; ; n++ {
		var data json.RawMessage
		complaints, err := t.send(ctx, doc, wire.Call{Replay: wire.Read}, &data)
		if n < askTries && slices.ContainsFunc(complaints, complaint.passing) && t.sleep(ctx, pause(n)) == nil {
			continue
		}
		if err == nil {
			err = t.decode(data, false, out)
		}
		return complaints, err
	}
}

// pause is how long to wait before a question is asked for the n+1st time.
func pause(n int) time.Duration { return 500 * time.Millisecond << (n - 1) }

// send is graph for one request.
func (t *Tracker) send(ctx context.Context, doc document, call wire.Call, out any) ([]complaint, error) {
	var answer struct {
		Data   json.RawMessage
		Errors []complaint
	}
	write := call.Writes > 0
	req, err := t.client.NewRequest(http.MethodPost, t.graphql, doc)
	if err != nil {
		return nil, &ticket.Error{Kind: ticket.Rejected, Detail: t.line(err.Error())}
	}
	if _, err := t.client.Do(wire.With(ctx, call), req, &answer); err != nil {
		return nil, t.translate(err, write)
	}
	if len(answer.Data) == 0 || string(answer.Data) == "null" {
		if len(answer.Errors) == 0 {
			kind := ticket.Unavailable
			if write {
				kind = ticket.Unknown
			}
			return nil, &ticket.Error{Kind: kind, Detail: "the answer holds neither data nor errors"}
		}
		return answer.Errors, t.complain(answer.Errors[0], write)
	}
	return answer.Errors, t.decode(answer.Data, write, out)
}

func (t *Tracker) decode(data json.RawMessage, write bool, out any) error {
	if err := json.Unmarshal(data, out); err != nil {
		return t.translate(err, write)
	}
	return nil
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
