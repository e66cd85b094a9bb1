package fakegithub

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/graph"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/rest"
)

// maxRequest is how much of a request is read.
const maxRequest = 4 << 20

// reply is an answer on its way out.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// visit is one request while it is served.
type visit struct {
	entry   Request
	graph   graph.Request
	api     string // address of the API, prefix included
	escaped string // path without prefix, as it was sent
	token   string
	accept  string
	fault   *Fault
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	running := int(s.running.Add(1))
	defer s.running.Add(-1)
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		http.Error(w, "reading the request", http.StatusBadRequest)
		return
	}
	v := s.visit(r, body)
	v.entry = s.log.Begin(v.entry, running)
	v.fault = s.decide(v.entry)
	if v.fault == nil {
		v.fault = &Fault{}
	}
	if v.fault.delay > 0 {
		s.opts.Sleep(r.Context(), v.fault.delay)
	}
	out := s.answer(&v, body)
	v.entry.Fault = v.fault.name
	if !v.fault.drop {
		v.entry.Status = out.status
	}
	s.log.End(v.entry)
	s.send(w, r, out, v.fault)
}

// visit describes the request for the journal.
func (s *Server) visit(r *http.Request, body []byte) visit {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	v := visit{api: scheme + r.Host, escaped: r.URL.EscapedPath(), accept: r.Header.Get("Accept"), token: credential(r)}
	if rest, ok := strings.CutPrefix(v.escaped, "/api/v3"); ok {
		v.escaped, v.api = rest, v.api+"/api/v3"
	} else if v.escaped == "/api/graphql" {
		v.escaped = "/graphql"
	}
	v.entry = Request{At: s.Now(), Method: r.Method, Path: v.escaped, Query: r.URL.RawQuery, Body: string(body)}
	s.mu.Lock()
	v.entry.Login = s.tokens[v.token].Login
	s.mu.Unlock()
	v.entry.Write = r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
	if v.escaped == "/graphql" {
		v.entry.GraphQL = true
		if g, err := graph.Decode(body); err == nil {
			v.graph = g
			op := graph.Describe(g)
			v.entry.Write, v.entry.Ops = op.Mutation, op.Fields
		}
	}
	v.entry.Creates = creates(v.entry)
	return v
}

func credential(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(kind, "bearer") || strings.EqualFold(kind, "token") {
		return strings.TrimSpace(token)
	}
	return ""
}

// creates names what a request would create.
func creates(r Request) []string {
	var out []string
	if r.GraphQL {
		kinds := map[string]string{"createIssue": "issue", "addComment": "comment", "createLabel": "label", "addSubIssue": "link", "addBlockedBy": "link"}
		for _, op := range r.Ops {
			if k := kinds[op]; k != "" && r.Write {
				out = append(out, k)
			}
		}
		return out
	}
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	if r.Method != http.MethodPost || len(parts) < 3 {
		return nil
	}
	if len(parts) >= 4 && parts[0] == "repos" {
		parts = parts[3:]
	} else {
		parts = parts[2:]
	}
	last := parts[len(parts)-1]
	kinds := map[string]string{"issues": "issue", "comments": "comment", "milestones": "milestone", "releases": "release",
		"reactions": "reaction", "sub_issues": "link", "blocked_by": "link"}
	if len(parts) == 1 {
		kinds["labels"] = "label"
	}
	if k := kinds[last]; k != "" {
		out = append(out, k)
	}
	return out
}

// answer applies the request as its fault says and gives what goes back.
func (s *Server) answer(v *visit, body []byte) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := v.fault
	out := reply{status: f.status, header: f.header.Clone(), body: []byte(f.body)}
	if (f.status != 0 || f.drop) && !f.apply {
		return s.finish(v, out)
	}
	token, known := s.tokens[v.token]
	if !known {
		return s.finish(v, document(401, map[string]any{"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}))
	}
	if limited := s.limited(v); limited != nil && s.opts.EnforceLimits {
		return s.finish(v, reply{status: limited.status, header: limited.header.Clone(), body: []byte(limited.body)})
	}
	truth := s.apply(v, token, body)
	if f.status != 0 || f.drop {
		return s.finish(v, out)
	}
	if f.truncate > 0 {
		truth.body = truth.body[:min(f.truncate, len(truth.body))]
	}
	return s.finish(v, truth)
}

func (s *Server) apply(v *visit, token Token, body []byte) reply {
	actor, contents, pulls := s.actor(token)
	now := s.world.Now()
	var asOf time.Time
	if lag := max(s.lag, v.fault.lag); lag > 0 {
		asOf = now.Add(-lag)
	}
	limit, remaining, reset := s.window.left(s.opts.HourlyLimit, v.entry.GraphQL, now)
	if v.entry.GraphQL {
		if s.opts.Features.NoGraphQL {
			return document(404, map[string]any{"message": "Not Found"})
		}
		answer := s.graph.Run(graph.View{World: s.world, Actor: actor, AsOf: asOf, Shift: v.fault.shift, Fail: v.fault.fail, Cut: v.fault.cut, HTML: s.opts.HTML,
			Limit: limit, Remaining: remaining, Reset: reset}, v.graph)
		v.entry.Errors = graph.ErrorTypes(answer)
		return document(200, answer)
	}
	query, err := url.ParseQuery(v.entry.Query)
	if err != nil {
		query = url.Values{}
	}
	a := s.rest.Serve(rest.Call{World: s.world, Actor: actor, Method: v.entry.Method, Path: v.escaped, Query: query, Accept: v.accept, Body: body,
		API: v.api, HTML: s.opts.HTML, Contents: contents, Pulls: pulls, AsOf: asOf, Shift: v.fault.shift,
		Limit: limit, Remaining: remaining, Reset: reset})
	if a.Raw != "" {
		return reply{status: a.Status, header: http.Header{"Content-Type": {"application/vnd.github.raw; charset=utf-8"}}, body: []byte(a.Raw)}
	}
	if a.Body == nil {
		return reply{status: a.Status, header: a.Header}
	}
	out := document(a.Status, a.Body)
	maps.Copy(out.header, a.Header)
	return out
}

func document(status int, body any) reply {
	raw, err := json.Marshal(body)
	if err != nil {
		// Only a body that JSON can't hold gets here: a bug of the fake that a test must see.
		return reply{status: 500, header: http.Header{}, body: []byte(err.Error())}
	}
	return reply{status: status, header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body: raw}
}

// finish adds the headers that every answer has; those of a fault stay.
func (s *Server) finish(v *visit, out reply) reply {
	if out.header == nil {
		out.header = http.Header{}
	}
	limit, remaining, reset := s.window.left(s.opts.HourlyLimit, v.entry.GraphQL, s.world.Now())
	resource := "core"
	if v.entry.GraphQL {
		resource = "graphql"
	}
	for k, value := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "X-Github-Request-Id": fmt.Sprintf("FAKE:%04X", v.entry.Seq),
		"X-Ratelimit-Limit": strconv.Itoa(limit), "X-Ratelimit-Remaining": strconv.Itoa(remaining), "X-Ratelimit-Used": strconv.Itoa(limit - remaining),
		"X-Ratelimit-Reset": strconv.FormatInt(reset.Unix(), 10), "X-Ratelimit-Resource": resource, "X-Github-Media-Type": "github.v3; format=json",
		"Date": s.world.Now().Format(http.TimeFormat),
	} {
		if out.header.Get(k) == "" {
			out.header.Set(k, value)
		}
	}
	return out
}

// send puts the answer on the wire, or cuts the wire.
func (s *Server) send(w http.ResponseWriter, r *http.Request, out reply, f *Fault) {
	if f.drop {
		if h, ok := w.(http.Hijacker); ok {
			if conn, _, err := h.Hijack(); err == nil {
				_ = conn.Close()
				return
			}
		}
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), out.header)
	if out.status == 200 && r.Method == http.MethodGet {
		sum := sha256.Sum256(out.body)
		tag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
		w.Header().Set("Etag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(out.status)
	if out.status != http.StatusNoContent {
		_, _ = w.Write(out.body) // the client went away: nobody is left to tell
	}
}

// window counts requests in the current hour, REST and GraphQL apart.
type window struct {
	start       time.Time
	core, graph int
}

func (w *window) roll(now time.Time) {
	if now.Sub(w.start) >= time.Hour {
		*w = window{start: now}
	}
}

func (w *window) left(limit int, graphQL bool, now time.Time) (of, remaining int, reset time.Time) {
	w.roll(now)
	used := w.core
	if graphQL {
		used = w.graph
	}
	return limit, max(0, limit-used), w.start.Add(time.Hour)
}

// limited counts the request and says how GitHub would refuse it; nil if it may go.
func (s *Server) limited(v *visit) *Fault {
	now := s.world.Now()
	_, remaining, reset := s.window.left(s.opts.HourlyLimit, v.entry.GraphQL, now)
	if v.escaped == "/rate_limit" {
		return nil
	}
	if v.entry.GraphQL {
		s.window.graph++
	} else {
		s.window.core++
	}
	if remaining == 0 && v.entry.GraphQL {
		return GraphQLLimit(reset)
	}
	if remaining == 0 {
		return PrimaryLimit(403, reset)
	}
	if until := s.log.Blocked(v.entry); !until.IsZero() {
		return SecondaryLimit(403, int(until.Sub(now).Seconds()))
	}
	return nil
}
