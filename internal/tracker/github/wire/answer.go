package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// maxAnswer is the longest answer that is read, in bytes after decompression.
const maxAnswer = 10 << 20

const apiVersion = "2022-11-28"

const maxHops = 3

type verdict int

const (
	final    verdict = iota // an answer for the caller
	refused                 // err says why there is none
	limit                   // a limit refused it; nothing was done
	unsent                  // no connection; nothing was done
	vanished                // sent, but the answer is lost or unreadable
)

// answer is what came back for one attempt.
type answer struct {
	verdict verdict
	resp    *http.Response
	body    []byte
	err     error
}

// words says in one line what came back, for people.
func (a answer) words() string {
	if a.err != nil {
		return oneLine(a.err.Error())
	}
	var said struct{ Message string }
	if json.Unmarshal(a.body, &said) == nil && said.Message != "" {
		return fmt.Sprintf("%s (HTTP %d)", oneLine(said.Message), a.resp.StatusCode)
	}
	if g, ok := graphQLErrors(a.body); ok {
		return oneLine(g.Errors[0].Message)
	}
	return fmt.Sprintf("the server answered HTTP %d", a.resp.StatusCode)
}

// response rebuilds the answer for the client above. The rate limit headers are left out: the
// client would refuse later requests by itself, without asking the server.
func (a answer) response() *http.Response {
	a.resp.Body = bodyReader(a.body)
	a.resp.ContentLength = int64(len(a.body))
	for _, h := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Used", "X-Ratelimit-Reset", "Retry-After"} {
		a.resp.Header.Del(h)
	}
	return a.resp
}

// send makes one attempt, following a read's redirects on the same host.
func (t *Transport) send(req *http.Request, body []byte, call Call) answer {
	target := req.URL
	for hop := 0; ; hop++ {
		a := t.attempt(req, target, body, call)
		t.judge(&a, call)
		if a.verdict != final || a.resp.StatusCode < 300 || a.resp.StatusCode >= 400 || a.resp.StatusCode == http.StatusNotModified {
			return a
		}
		next, err := target.Parse(a.resp.Header.Get("Location"))
		switch {
		case call.Writes > 0:
			return refuse(ticket.Gone, "it was transferred or moved to "+shown(next, err)+"; nothing was written")
		case req.Method != http.MethodGet:
			return refuse(ticket.Unavailable, fmt.Sprintf("the address of the API redirects (HTTP %d) to %s", a.resp.StatusCode, shown(next, err)))
		case err != nil || a.resp.Header.Get("Location") == "":
			return refuse(ticket.Unavailable, fmt.Sprintf("a redirect (HTTP %d) without a usable address", a.resp.StatusCode))
		case !sameHost(next, t.o.APIURL):
			return refuse(ticket.Unavailable, "refused to follow a redirect to another host, "+next.Host)
		case hop >= maxHops:
			return refuse(ticket.Unavailable, "too many redirects")
		}
		target = next
		if err := t.enter(req, call); err != nil {
			return answer{verdict: refused, err: err}
		}
	}
}

func refuse(k ticket.Kind, detail string) answer {
	return answer{verdict: refused, err: &ticket.Error{Kind: k, Detail: detail}}
}

// shown is where a redirect points, without query, for an error message.
func shown(u *url.URL, err error) string {
	if err != nil || u == nil {
		return "an unreadable address"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// attempt sends the request once and reads the whole answer.
func (t *Transport) attempt(req *http.Request, target *url.URL, body []byte, call Call) answer {
	ctx, cancel := t.lifetime(stopOf(req), call)
	defer cancel()
	out := req.Clone(ctx)
	out.URL, out.Host = target, target.Host
	out.Body, out.ContentLength = bodyReader(body), int64(len(body))
	// The base transport uses this for a POST only when a stale connection took nothing of it.
	out.GetBody = func() (io.ReadCloser, error) { return bodyReader(body), nil }
	out.Header.Set("Authorization", "Bearer "+t.o.Token)
	if t.o.Token == "" {
		out.Header.Del("Authorization")
	}
	out.Header.Set("User-Agent", t.o.UserAgent)
	out.Header.Set("X-GitHub-Api-Version", apiVersion)
	resp, err := t.o.Base.RoundTrip(out)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	text, err := t.readAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d MiB", maxAnswer>>20)
	}
	t.heed(resp.Header, bucketOf(t, req))
	return answer{resp: resp, body: text, err: err}
}

// readAll reads an answer into memory of the size that the answer before took: those of a list
// are all alike, and one that is compressed does not say how long it is.
func (t *Transport) readAll(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(t.size.Load()) + bytes.MinRead)
	_, err := b.ReadFrom(r)
	t.size.Store(int64(b.Len()) + int64(b.Len())/32)
	return b.Bytes(), err
}

// judge decides what an answer means for sending again.
func (t *Transport) judge(a *answer, call Call) {
	switch {
	case a.err != nil && a.resp == nil && notSent(a.err):
		a.verdict = unsent
	case a.err != nil:
		a.verdict = vanished
	case limited(a.resp, a.body):
		a.verdict = limit
	case a.resp.StatusCode >= 500:
		a.verdict = vanished
	case !readable(a.resp, a.body):
		a.verdict = vanished
		a.err = fmt.Errorf("the answer (HTTP %d) is not the JSON it should be", a.resp.StatusCode)
	default:
		a.verdict = final
	}
}

// readable tells whether an answer carries what it must: a success JSON, unless it says "no
// content"; a refusal JSON or nothing. A proxy's page that says "not found" tells nothing about
// an issue, and must not be taken for one that is gone. (Servers without GraphQL answer its
// address with a page.)
func readable(resp *http.Response, body []byte) bool {
	switch status := resp.StatusCode; {
	case status == http.StatusNoContent || status == http.StatusResetContent:
		return true
	case status >= 200 && status < 300:
		return whole(body)
	case status >= 400 && status < 500:
		page := strings.HasSuffix(resp.Request.URL.Path, "/graphql") && status == http.StatusNotFound
		return len(body) == 0 || json.Valid(body) || page
	default:
		return true
	}
}

// whole tells whether a body is JSON to its end. Of long ones, which are lists, only the ends are
// looked at: reading them checks the rest, and doing it twice would take a tenth of a sweep.
func whole(body []byte) bool {
	if len(body) <= 64<<10 {
		return json.Valid(body)
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return false
	}
	first, last := body[0], body[len(body)-1]
	return first == '[' && last == ']' || first == '{' && last == '}'
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
