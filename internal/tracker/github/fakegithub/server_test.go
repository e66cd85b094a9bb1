package fakegithub_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// client talks to a started server with one token.
type client struct {
	t          *testing.T
	srv        *fakegithub.Server
	api, graph string
	token      string
}

func start(t *testing.T, o fakegithub.Options) *client {
	t.Helper()
	srv := fakegithub.New(o)
	api, graph := srv.Start(t)
	return &client{t: t, srv: srv, api: api, graph: graph, token: fakegithub.DefaultToken}
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web.URL
}

// as is the same client with another token, which it registers.
func (c *client) as(tok fakegithub.Token) *client {
	c.srv.AddToken(tok)
	out := *c
	out.token = tok.Value
	return &out
}

// person is the client of a person with a token of their own.
func (c *client) person(login string) *client {
	return c.as(fakegithub.Token{Value: "pat_" + login, Login: login})
}

type answer struct {
	status int
	header http.Header
	raw    []byte
	body   any
}

func noRedirects() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// do sends a request; path is below the API, or a whole address.
func (c *client) do(method, path string, body any) answer {
	c.t.Helper()
	a, err := c.try(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (c *client) try(method, path string, body any) (answer, error) {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	if !strings.Contains(path, "://") {
		path = c.api + path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, path, in)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := noRedirects().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, header: res.Header, raw: raw}
	_ = json.Unmarshal(raw, &a.body) // not every answer is JSON
	return a, err
}

const repo = "/repos/octo-org/crm"

// at walks maps by key and lists by number.
func (a answer) at(path ...any) any { return dig(a.body, path...) }

func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a answer) len() int {
	l, _ := a.body.([]any)
	return len(l)
}

func (c *client) query(q string, vars map[string]any) answer {
	c.t.Helper()
	a := c.do("POST", c.graph, map[string]any{"query": q, "variables": vars})
	if a.status != 200 {
		c.t.Fatalf("GraphQL status %d: %s", a.status, a.raw)
	}
	return a
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if n, ok := want.(int); ok {
		if f, isFloat := got.(float64); isFloat {
			got, want = f, float64(n)
		}
	}
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestFirstSteps(t *testing.T) {
	c := start(t, fakegithub.Options{})
	want(t, "repo", c.do("GET", repo, nil).at("full_name"), "octo-org/crm")
	a := c.do("POST", repo+"/issues", map[string]any{"title": "Leads", "body": "x", "labels": []string{"new"}})
	want(t, "created", a.status, 201)
	want(t, "author", a.at("user", "login"), fakegithub.BotLogin)
	want(t, "label", a.at("labels", 0, "color"), "ededed")
	want(t, "list", c.do("GET", repo+"/issues?labels=NEW", nil).len(), 1)
	want(t, "v3", c.do("GET", "/api/v3"+repo+"/issues/1", nil).at("title"), "Leads")
	q := c.query(`query($o:String!){repository(owner:$o,name:"crm"){id issues(first:10){nodes{...I} totalCount}}} fragment I on Issue{n:number title author{__typename login ... on Bot{databaseId}}}`, map[string]any{"o": "octo-org"})
	want(t, "graph", dig(q.body, "data", "repository", "issues", "nodes", 0, "title"), "Leads")
	want(t, "bot", dig(q.body, "data", "repository", "issues", "nodes", 0, "author", "databaseId"), fakegithub.BotID)
	id := dig(q.body, "data", "repository", "id")
	m := c.query(`mutation($a:CreateIssueInput!,$b:CreateIssueInput!){a:createIssue(input:$a){issue{id number parent{number}}} b:createIssue(input:$b){issue{number}}}`,
		map[string]any{"a": map[string]any{"repositoryId": id, "title": "A", "parentIssueId": a.at("node_id")}, "b": map[string]any{"repositoryId": id, "title": ""}})
	want(t, "parent", dig(m.body, "data", "a", "issue", "parent", "number"), 1)
	want(t, "b", dig(m.body, "data", "b"), nil)
	want(t, "path", dig(m.body, "errors", 0, "path", 0), "b")
	if t.Failed() {
		t.Logf("%s\n%s", q.raw, m.raw)
	}
}
