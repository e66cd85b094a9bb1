package github

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

const canary = "ghs_canaryTOKEN0123456789"

func TestNewAddresses(t *testing.T) {
	w := &watch{}
	for _, tt := range []struct{ api, graphql, wantAPI, wantGraphQL string }{
		{"", "", "https://api.github.com/", "https://api.github.com/graphql"},
		{"https://api.github.com", "", "https://api.github.com/", "https://api.github.com/graphql"},
		{"https://ghe.example.com/api/v3", "", "https://ghe.example.com/api/v3/", "https://ghe.example.com/api/graphql"},
		{"https://ghe.example.com/api/v3/", "https://ghe.example.com/api/graphql", "https://ghe.example.com/api/v3/", "https://ghe.example.com/api/graphql"},
		{"http://127.0.0.1:8080", "", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/graphql"},
	} {
		tr, err := New(Options{Token: canary, Repository: "acme/crm", APIURL: tt.api, GraphQLURL: tt.graphql, Clock: w.time, Sleep: w.sleep})
		if err != nil {
			t.Errorf("%q: %v", tt.api, err)
			continue
		}
		if got := tr.client.BaseURL.String(); got != tt.wantAPI || tr.graphql != tt.wantGraphQL {
			t.Errorf("%q gives %s and %s, want %s and %s", tt.api, got, tr.graphql, tt.wantAPI, tt.wantGraphQL)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	w := &watch{}
	for name, o := range map[string]Options{
		"no clock":           {Token: canary, Repository: "acme/crm"},
		"no token":           {Repository: "acme/crm"},
		"no repository":      {Token: canary},
		"no owner":           {Token: canary, Repository: "crm"},
		"path in name":       {Token: canary, Repository: "acme/crm/issues"},
		"query in name":      {Token: canary, Repository: "acme/crm?x"},
		"relative API":       {Token: canary, Repository: "acme/crm", APIURL: "api.github.com"},
		"secret in address":  {Token: canary, Repository: "acme/crm", APIURL: "https://x:" + canary + "@ghe.example.com/"},
		"file GraphQL":       {Token: canary, Repository: "acme/crm", GraphQLURL: "file:///etc/passwd"},
		"unreadable address": {Token: canary, Repository: "acme/crm", APIURL: "https://%zz/"},
	} {
		o.Clock, o.Sleep = w.time, w.sleep
		if name == "no clock" {
			o.Clock = nil
		}
		if _, err := New(o); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func plain(t testing.TB) *Tracker {
	t.Helper()
	w := &watch{}
	tr, err := New(Options{Token: canary, Repository: "acme/crm", Clock: w.time, Sleep: w.sleep})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestPathEscapes(t *testing.T) {
	tr := plain(t)
	for name, want := range map[string]string{
		"a?b": "a%3Fb", "a#b": "a%23b", "a/b": "a%2Fb", "a%b": "a%25b", "stage:build": "stage:build", "a b": "a%20b",
	} {
		if got := tr.path("labels", name); got != "repos/acme/crm/labels/"+want {
			t.Errorf("%q gives %s", name, got)
		}
	}
}

func TestPathsThatClimbAreRefused(t *testing.T) {
	tr := plain(t)
	for _, name := range []string{"..", "."} {
		_, err := tr.rest(t.Context(), http.MethodPatch, tr.path("labels", name), map[string]any{}, nil)
		if ticket.KindOf(err) != ticket.Rejected {
			t.Errorf("%q: %v", name, err)
		}
	}
	if n := tr.Counts().Requests; n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestRefusalKinds(t *testing.T) {
	tr := plain(t)
	tests := map[string]struct {
		status int
		header string
		body   string
		write  bool
		kind   ticket.Kind
		says   []string
	}{
		"bad token":       {401, "", `{"message":"Bad credentials"}`, false, ticket.Unauthorised, []string{"Bad credentials", "valid and not expired"}},
		"no permission":   {403, "issues=write; pull_requests=write", `{"message":"Resource not accessible by integration"}`, true, ticket.Unauthorised, []string{"give the job `permissions: issues: write`"}},
		"other scope":     {403, "pull_requests=read", `{"message":"Resource not accessible by integration"}`, false, ticket.Unauthorised, []string{"`permissions: pull-requests: read`"}},
		"no header":       {403, "", `{"message":"Must have admin rights"}`, false, ticket.Unauthorised, []string{"`permissions: issues: read`"}},
		"locked":          {403, "", `{"message":"Unable to create comment because issue is locked."}`, true, ticket.Rejected, []string{"locked"}},
		"archived":        {403, "", `{"message":"Repository was archived so is read-only."}`, true, ticket.Rejected, []string{"archived"}},
		"not found":       {404, "", `{"message":"Not Found"}`, false, ticket.Gone, []string{"Not Found"}},
		"deleted":         {410, "", `{"message":"This issue was deleted"}`, false, ticket.Gone, []string{"was deleted"}},
		"validation":      {422, "", `{"message":"Validation Failed","errors":[{"resource":"Issue","field":"title","code":"missing_field"}]}`, true, ticket.Rejected, []string{"Validation Failed: title missing_field"}},
		"words":           {422, "", `{"message":"Validation Failed","errors":[{"message":"Sub issue may only have one parent"}]}`, true, ticket.Rejected, []string{"may only have one parent"}},
		"token in answer": {422, "", `{"message":"bad ` + canary + `"}`, true, ticket.Rejected, []string{"bad ***"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			answer := &gogithub.ErrorResponse{Response: &http.Response{StatusCode: tt.status, Header: http.Header{}}}
			answer.Response.Header.Set("X-Accepted-GitHub-Permissions", tt.header)
			if err := json.Unmarshal([]byte(tt.body), answer); err != nil {
				t.Fatal(err)
			}
			err := fail(tr.translate(answer, tt.write), "create", "CRM-101/build/x")
			if got := ticket.KindOf(err); got != tt.kind {
				t.Errorf("kind %q, want %q", got, tt.kind)
			}
			for _, s := range append(tt.says, "create CRM-101/build/x: ") {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the token stands in %q", err)
			}
		})
	}
}

func TestComplaintKinds(t *testing.T) {
	for _, tt := range []struct {
		answer string
		kind   ticket.Kind
		sure   bool
	}{
		{`{"type":"RATE_LIMITED","message":"API rate limit exceeded"}`, ticket.RateLimited, true},
		{`{"message":"createIssue was submitted too quickly"}`, ticket.RateLimited, true},
		{`{"type":"FORBIDDEN","message":"Resource not accessible by integration"}`, ticket.Unauthorised, true},
		{`{"type":"NOT_FOUND","message":"Could not resolve to an Issue"}`, ticket.Gone, true},
		{`{"type":"UNPROCESSABLE","message":"Title can't be blank"}`, ticket.Rejected, true},
		{`{"message":"Field 'x' doesn't exist on type 'Issue'","extensions":{"code":"undefinedField"}}`, ticket.Rejected, true},
		{`{"message":"Something went wrong while executing your query"}`, ticket.Unavailable, false},
		{`{"type":"UNPROCESSABLE","message":"Something went wrong while executing your query"}`, ticket.Unavailable, false},
		{`{"message":"a word nobody knows"}`, ticket.Unavailable, false},
	} {
		var c complaint
		if err := json.Unmarshal([]byte(tt.answer), &c); err != nil {
			t.Fatal(err)
		}
		if kind, sure := c.kind(); kind != tt.kind || sure != tt.sure {
			t.Errorf("%s: %q %v, want %q %v", tt.answer, kind, sure, tt.kind, tt.sure)
		}
	}
}

func TestNextLink(t *testing.T) {
	tr := plain(t)
	for header, want := range map[string]string{
		"": "",
		`<https://api.github.com/repositories/1/issues?page=2>; rel="next", <https://api.github.com/repositories/1/issues?page=9>; rel="last"`: "https://api.github.com/repositories/1/issues?page=2",
		`<https://api.github.com/x?page=1>; rel="first", <https://api.github.com/x?page=8>; rel="prev"`:                                        "",
		`<https://api.github.com/x?after=Y3Vyc29y>; rel="next"`:                                                                                "https://api.github.com/x?after=Y3Vyc29y",
		`<https://evil.example.net/x?page=2>; rel="next"`:                                                                                      "error",
		`<http://api.github.com/x?page=2>; rel="next"`:                                                                                         "error",
		`<https://%zz/>; rel="next"`:                                                                                                           "error",
	} {
		got, err := tr.nextLink(header)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q gives %q (%v), want %q", header, got, err, want)
		}
	}
}

func TestRefAt(t *testing.T) {
	tr := plain(t)
	tr.repo.ID = "77"
	for address, want := range map[string]ticket.Ref{
		"": "",
		"https://api.github.com/repos/acme/crm/issues/12":        "#12",
		"https://api.github.com/repos/ACME/CRM/issues/12":        "#12",
		"https://ghe.example.com/api/v3/repos/acme/crm/issues/1": "#1",
		"https://api.github.com/repositories/77/issues/4":        "#4",
		"https://api.github.com/repos/acme/other/issues/3":       "acme/other#3",
		"https://api.github.com/repos/acme/crm/issues/x":         "",
	} {
		if got := tr.refAt(address); got != want {
			t.Errorf("%s gives %q, want %q", address, got, want)
		}
	}
}

func TestNumberOf(t *testing.T) {
	if n, err := numberOf("#12"); n != 12 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, ref := range []ticket.Ref{"", "12", "#", "#0", "#-1", "acme/other#3", "#1x"} {
		if _, err := numberOf(ref); ticket.KindOf(err) != ticket.Rejected {
			t.Errorf("%q: %v", ref, err)
		}
	}
}

func TestMissing(t *testing.T) {
	d := ticket.Draft{Labels: []string{"Stage:Build", "x"}, Assignees: []string{"Ada", "bob"}, Milestone: "CRM 2.4", Type: "Task", Parent: "#1"}
	full := ticket.Observed{Labels: []string{"stage:build", "X"}, Assignees: []string{"ada", "Bob"}, Milestone: "CRM 2.4", Type: "task", Parent: "#1"}
	if got := missing(d, full); len(got) != 0 {
		t.Errorf("missing %q from a full ticket", got)
	}
	want := []string{"label Stage:Build", "label x", "assignee Ada", "assignee bob", "milestone CRM 2.4", "type Task", "parent"}
	if got := missing(d, ticket.Observed{}); !slices.Equal(got, want) {
		t.Errorf("missing %q, want %q", got, want)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add(`{"number":1,"state":"closed","state_reason":"duplicate","repository_url":"https://api.github.com/repos/acme/crm","labels":[{"name":"x"}],"milestone":null,"user":null}`)
	f.Add(`{"number":1,"stateReason":"COMPLETED","parent":{"number":2,"repository":{"nameWithOwner":"acme/other"}},"fullDatabaseId":"9999999999","author":null}`)
	f.Add(`{"errors":[{"path":["c0",1,null],"extensions":{"code":"undefinedField"}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		tr := plain(t)
		var r restIssue
		if json.Unmarshal([]byte(body), &r) == nil {
			o, err := tr.checked(r, 1)
			if err == nil && (o.Ref != "#1" || o.State == "") {
				t.Errorf("%+v from %q", o, body)
			}
			var e *ticket.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("%T from %q", err, body)
			}
		}
		var g graphIssue
		if json.Unmarshal([]byte(body), &g) == nil {
			if o := tr.observedGraph(g); o.State == "" || o.Author.Bot && !strings.HasSuffix(o.Author.Login, "[bot]") {
				t.Errorf("%+v from %q", o, body)
			}
		}
		var c complaint
		if json.Unmarshal([]byte(body), &c) == nil {
			if k, _ := c.kind(); k == "" {
				t.Errorf("no kind for %q, alias %q", body, c.alias())
			}
		}
	})
}
