package github

import (
	"errors"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// translate turns what the client says into one of the tracker failures. What the transport
// decided already stands.
func (t *Tracker) translate(err error, write bool) *ticket.Error {
	if done, ok := errors.AsType[*ticket.Error](err); ok {
		return &ticket.Error{Kind: done.Kind, Detail: t.wire.Redact(done.Detail), Next: done.Next, Until: done.Until}
	}
	var answered *gogithub.ErrorResponse
	if errors.As(err, &answered) && answered.Response != nil {
		return t.refusal(answered, write)
	}
	kind := ticket.Unavailable
	if write {
		kind = ticket.Unknown // it was sent; the answer could not be read
	}
	return &ticket.Error{Kind: kind, Detail: t.line(err.Error())}
}

func (t *Tracker) refusal(e *gogithub.ErrorResponse, write bool) *ticket.Error {
	out := &ticket.Error{Kind: ticket.Rejected, Detail: t.line(sentence(e))}
	switch status := e.Response.StatusCode; {
	case status == http.StatusUnauthorized:
		out.Kind, out.Next = ticket.Unauthorised, "check that the token is valid and not expired"
	case status == http.StatusForbidden && frozen(e.Message):
		out.Kind = ticket.Rejected
	case status == http.StatusForbidden:
		out.Kind, out.Next = ticket.Unauthorised, permission(e.Response.Header.Get("X-Accepted-GitHub-Permissions"), write)
	case status == http.StatusNotFound:
		out.Kind = ticket.Gone
	case status == http.StatusGone, status >= 300 && status < 400:
		out.Kind = ticket.Gone
	case status >= 500:
		out.Kind = ticket.Unavailable
	}
	return out
}

// frozen tells a 403 about the thing (locked, archived) from one about the token.
func frozen(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "locked") || strings.Contains(message, "archived") || strings.Contains(message, "read-only")
}

// permission turns the header that names what an endpoint wants ("issues=write; pull_requests=write")
// into the line to put into the workflow.
func permission(header string, write bool) string {
	first, _, _ := strings.Cut(header, ";")
	first, _, _ = strings.Cut(first, ",")
	name, level, ok := strings.Cut(strings.TrimSpace(first), "=")
	if !ok {
		name, level = "issues", "read"
		if write {
			level = "write"
		}
	}
	return "give the job `permissions: " + strings.ReplaceAll(name, "_", "-") + ": " + level + "`"
}

// sentence puts GitHub's words and its list of details into one.
func sentence(e *gogithub.ErrorResponse) string {
	parts := []string{e.Message}
	if e.Message == "" {
		parts[0] = "the server answered HTTP " + e.Response.Status
	}
	for _, d := range e.Errors {
		switch {
		case d.Message != "" && d.Field != "":
			parts = append(parts, d.Field+" "+d.Message)
		case d.Message != "":
			parts = append(parts, d.Message)
		case d.Field != "" || d.Code != "":
			parts = append(parts, strings.TrimSpace(d.Field+" "+d.Code))
		}
	}
	return strings.Join(parts, ": ")
}

// line makes a text fit for an error message: one line, short, without the token.
func (t *Tracker) line(s string) string {
	s = strings.Join(strings.Fields(t.wire.Redact(s)), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}

// fail names the act and the key of a failure.
func fail(err error, act string, key ticket.Key) error {
	if err == nil {
		return nil
	}
	var e *ticket.Error
	if !errors.As(err, &e) {
		e = &ticket.Error{Kind: ticket.Unavailable, Detail: err.Error()}
	}
	named := *e
	if named.Act == "" {
		named.Act, named.Key = act, key
	}
	return &named
}

func says(err error, words ...string) bool {
	var e *ticket.Error
	if !errors.As(err, &e) {
		return false
	}
	detail := strings.ToLower(e.Detail)
	for _, w := range words {
		if strings.Contains(detail, w) {
			return true
		}
	}
	return false
}
