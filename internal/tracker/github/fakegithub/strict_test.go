package fakegithub_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

type m = map[string]any

// populated has issues 1 to 3, a label, a milestone, and a closed milestone.
func populated(t *testing.T, o fakegithub.Options) *client {
	t.Helper()
	c := start(t, o)
	p := c.srv.As("octocat")
	p.CreateLabel("Bug", "d73a4a", "broken")
	p.OpenIssue("One", "first", "Bug")
	p.OpenIssue("Two", "second")
	p.OpenIssue("Three", "third")
	p.CreateMilestone("v1")
	p.CloseMilestone(p.CreateMilestone("v0"))
	return c
}

func TestRefusesWhatGitHubRefuses(t *testing.T) {
	long := strings.Repeat("x", 65537)
	for _, c := range []struct {
		name, method, path string
		body               any
		status             int
		field, code        string
	}{
		{"no title", "POST", "/issues", m{"body": "x"}, 422, "title", "missing_field"},
		{"title too long", "POST", "/issues", m{"title": strings.Repeat("é", 257)}, 422, "title", "custom"},
		{"title at the limit", "POST", "/issues", m{"title": strings.Repeat("é", 256)}, 201, "", ""},
		{"body too long", "POST", "/issues", m{"title": "x", "body": long}, 422, "body", "custom"},
		{"body at the limit", "POST", "/issues", m{"title": "x", "body": long[1:]}, 201, "", ""},
		{"unassignable", "POST", "/issues", m{"title": "x", "assignees": []string{"nobody"}}, 422, "assignees", "invalid"},
		{"bot as assignee", "POST", "/issues", m{"title": "x", "assignees": []string{fakegithub.BotLogin}}, 422, "assignees", "invalid"},
		{"unknown milestone", "POST", "/issues", m{"title": "x", "milestone": 9}, 422, "milestone", "invalid"},
		{"unknown type", "POST", "/issues", m{"title": "x", "type": "Epic"}, 422, "type", "invalid"},
		{"label name too long", "POST", "/issues", m{"title": "x", "labels": []string{long[:51]}}, 422, "name", "custom"},
		{"title of the wrong type", "POST", "/issues", m{"title": 7}, 422, "", ""},
		{"patch too long", "PATCH", "/issues/1", m{"body": long}, 422, "body", "custom"},
		{"patch bad state", "PATCH", "/issues/1", m{"state": "done"}, 422, "state", "invalid"},
		{"patch bad reason", "PATCH", "/issues/1", m{"state": "closed", "state_reason": "bored"}, 422, "state_reason", "invalid"},
		{"unknown issue", "GET", "/issues/99", nil, 404, "", ""},
		{"unknown path", "GET", "/flavours", nil, 404, "", ""},
		{"bad list state", "GET", "/issues?state=done", nil, 422, "state", "invalid"},
		{"page too deep", "GET", "/issues?page=100&per_page=100", nil, 422, "", ""},
		{"label twice", "POST", "/labels", m{"name": "bUG", "color": "000000"}, 422, "name", "already_exists"},
		{"label name", "POST", "/labels", m{"name": long[:51], "color": "000000"}, 422, "name", "custom"},
		{"label colour", "POST", "/labels", m{"name": "a", "color": "#000000"}, 422, "color", "invalid"},
		{"label description", "POST", "/labels", m{"name": "a", "color": "000000", "description": long[:101]}, 422, "description", "custom"},
		{"label description with emoji", "POST", "/labels", m{"name": "a", "color": "000000", "description": "🚀"}, 422, "description", "custom"},
		{"label unknown", "PATCH", "/labels/nope", m{"color": "000000"}, 404, "", ""},
		{"label of the issue unknown", "DELETE", "/issues/1/labels/nope", nil, 404, "", ""},
		{"milestone twice", "POST", "/milestones", m{"title": "v0"}, 422, "title", "already_exists"},
		{"milestone without title", "POST", "/milestones", m{}, 422, "title", "missing_field"},
		{"milestone due", "POST", "/milestones", m{"title": "v2", "due_on": "tomorrow"}, 422, "due_on", "invalid"},
		{"empty comment", "POST", "/issues/1/comments", m{"body": " "}, 422, "body", "missing_field"},
		{"long comment", "POST", "/issues/1/comments", m{"body": long}, 422, "body", "custom"},
		{"sub-issue by number", "POST", "/issues/1/sub_issues", m{"sub_issue_id": 2}, 404, "", ""},
		{"sub-issue id as text", "POST", "/issues/1/sub_issues", m{"sub_issue_id": "2"}, 422, "", ""},
		{"sub-issue missing", "POST", "/issues/1/sub_issues", m{}, 422, "", ""},
		{"dependency by number", "POST", "/issues/1/dependencies/blocked_by", m{"issue_id": 2}, 404, "", ""},
		{"no parent", "GET", "/issues/1/parent", nil, 404, "", ""},
		{"unassignable", "GET", "/assignees/nobody", nil, 404, "", ""},
		{"assignable", "GET", "/assignees/mona", nil, 204, "", ""},
		{"unknown collaborator", "GET", "/collaborators/nobody/permission", nil, 404, "", ""},
		{"bad reaction", "POST", "/issues/1/reactions", m{"content": "shrug"}, 422, "content", "invalid"},
		{"release without right", "POST", "/releases", m{"tag_name": "v1"}, 403, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := populated(t, fakegithub.Options{})
			before := cl.srv.Dump()
			a := cl.do(c.method, repo+c.path, c.body)
			want(t, "status", a.status, c.status)
			if c.field != "" {
				want(t, "field", a.at("errors", 0, "field"), c.field)
				want(t, "code", a.at("errors", 0, "code"), c.code)
			}
			if c.status >= 400 {
				if a.at("message") == nil {
					t.Error("a refusal has no message")
				}
				if cl.srv.Dump() != before {
					t.Error("a refusal changed something")
				}
			}
		})
	}
}

func TestTokens(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	none := *c
	none.token = "wrong"
	want(t, "bad credentials", none.do("GET", repo, nil).status, 401)
	user := c.do("GET", "/user", nil)
	want(t, "workflow token has no user", user.status, 403)
	want(t, "message", user.at("message"), "Resource not accessible by integration")
	want(t, "person", c.person("mona").do("GET", "/user", nil).at("login"), "mona")
	want(t, "viewer", dig(c.query(`{viewer{login databaseId}}`, nil).body, "data", "viewer", "login"), fakegithub.BotLogin)
	want(t, "bot by name", c.do("GET", "/users/github-actions%5Bbot%5D", nil).at("id"), fakegithub.BotID)

	read := c.as(fakegithub.Token{Value: "ro", Login: fakegithub.BotLogin, App: true, Issues: "read", Contents: "read"})
	a := read.do("PATCH", repo+"/issues/1", m{"title": "x"})
	want(t, "read-only", a.status, 403)
	want(t, "wanted", a.header.Get("X-Accepted-GitHub-Permissions"), "issues=write")
	want(t, "comment", read.do("POST", repo+"/issues/1/comments", m{"body": "x"}).status, 403)
	want(t, "pulls", read.do("GET", repo+"/pulls/1", nil).status, 404)
	g := read.query(`mutation($i:ID!){closeIssue(input:{issueId:$i}){issue{id}}}`, m{"i": c.srv.Issue(1).NodeID})
	want(t, "graph", dig(g.body, "errors", 0, "type"), "FORBIDDEN")
	want(t, "still open", c.srv.Issue(1).State, "open")
}

func TestSilentDropsWithoutPush(t *testing.T) {
	c := populated(t, fakegithub.Options{Repo: world.Repo{IssueTypes: []string{"Task"}}})
	a := c.person("reader").do("POST", repo+"/issues", m{"title": "x", "labels": []string{"Bug"}, "assignees": []string{"nobody"}, "milestone": 1, "type": "Task"})
	want(t, "created", a.status, 201)
	got := c.srv.Issue(4)
	want(t, "labels", len(got.Labels), 0)
	want(t, "assignees", len(got.Assignees), 0)
	want(t, "milestone", got.Milestone, "")
	want(t, "type", got.Type, "")
	want(t, "own title", c.person("reader").do("PATCH", repo+"/issues/4", m{"title": "y", "labels": []string{"Bug"}}).status, 200)
	want(t, "still no labels", len(c.srv.Issue(4).Labels), 0)
	want(t, "another's", c.person("reader").do("PATCH", repo+"/issues/1", m{"title": "y"}).status, 403)
	want(t, "another's labels", c.person("reader").do("POST", repo+"/issues/1/labels", m{"labels": []string{"x"}}).status, 403)
	want(t, "triage labels", c.person("tess").do("POST", repo+"/issues/1/labels", m{"labels": []string{"x"}}).status, 200)
	want(t, "assign drops the unknown", c.do("POST", repo+"/issues/1/assignees", m{"assignees": []string{"nobody", "mona"}}).status, 201)
	want(t, "assigned", strings.Join(c.srv.Issue(1).Assignees, ","), "mona")
}

func TestRepositoryStates(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.srv.Archive(true)
	want(t, "archived create", c.do("POST", repo+"/issues", m{"title": "x"}).status, 403)
	want(t, "archived read", c.do("GET", repo+"/issues", nil).len(), 3)
	c.srv.Archive(false)
	c.srv.DisableIssues(true)
	want(t, "disabled create", c.do("POST", repo+"/issues", m{"title": "x"}).status, 410)
	want(t, "disabled list", c.do("GET", repo+"/issues", nil).status, 410)
	app := start(t, fakegithub.Options{Repo: world.Repo{Private: true, Fork: true},
		Tokens: []fakegithub.Token{{Value: fakegithub.DefaultToken, Login: fakegithub.BotLogin, App: true, Contents: "read"}}})
	want(t, "its own repository", app.do("GET", repo, nil).at("visibility"), "private")
	hidden := app.do("GET", repo+"/issues", nil)
	want(t, "issues without permission", hidden.status, 403)
	want(t, "wanted", hidden.header.Get("X-Accepted-GitHub-Permissions"), "issues=read")
	want(t, "create without permission", app.do("POST", repo+"/issues", m{"title": "x"}).status, 403)
	want(t, "issues in graph", dig(app.query(`{repository(owner:"octo-org",name:"crm"){issues(first:1){totalCount}}}`, nil).body, "errors", 0, "type"), "FORBIDDEN")
	app.srv.SetRole("stranger", world.RoleNone)
	stranger := app.person("stranger")
	want(t, "stranger", stranger.do("GET", repo, nil).status, 404)
	want(t, "stranger in graph", dig(stranger.query(`{repository(owner:"octo-org",name:"crm"){id}}`, nil).body, "errors", 0, "type"), "NOT_FOUND")
}

func TestGoneIssues(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	p := c.srv.As("octocat")
	p.DeleteIssue(1)
	p.TransferIssue(2)
	p.ConvertToDiscussion(3)
	want(t, "deleted", c.do("GET", repo+"/issues/1", nil).status, 410)
	moved := c.do("GET", repo+"/issues/2", nil)
	want(t, "transferred", moved.status, 301)
	want(t, "address", moved.header.Get("Location"), c.api+"/repositories/1071/issues/402")
	want(t, "patch of a transferred one", c.do("PATCH", repo+"/issues/2", m{"title": "x"}).status, 301)
	want(t, "workflow token there", c.do("GET", moved.header.Get("Location"), nil).status, 404)
	want(t, "person there", c.person("mona").do("GET", moved.header.Get("Location"), nil).at("title"), "Two")
	want(t, "converted", c.do("GET", repo+"/issues/3", nil).status, 404)
	want(t, "list", c.do("GET", repo+"/issues?state=all", nil).len(), 0)
	want(t, "graph", dig(c.query(`{repository(owner:"octo-org",name:"crm"){issue(number:2){id}}}`, nil).body, "errors", 0, "type"), "NOT_FOUND")
}

func TestStateReasonCountsOnlyWithTheState(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.do("PATCH", repo+"/issues/1", m{"state_reason": "not_planned"})
	want(t, "open", c.srv.Issue(1).StateReason, "")
	a := c.do("PATCH", repo+"/issues/1", m{"state": "closed", "state_reason": "duplicate", "duplicate_issue_id": c.srv.Issue(2).ID})
	want(t, "closed", a.at("state_reason"), "duplicate")
	want(t, "of", c.srv.Issue(1).DuplicateOf, 2)
	c.do("PATCH", repo+"/issues/1", m{"state": "closed", "state_reason": "completed"})
	want(t, "unchanged", c.srv.Issue(1).StateReason, "duplicate")
	want(t, "reopened", c.do("PATCH", repo+"/issues/1", m{"state": "open"}).at("state_reason"), "reopened")
}

func TestLabelsAndClearing(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	want(t, "new name", c.do("PATCH", repo+"/labels/bug", m{"new_name": "stage: a/b?"}).at("name"), "stage: a/b?")
	want(t, "kept by the issue", c.srv.Issue(1).Labels[0], "stage: a/b?")
	want(t, "escaped path", c.do("GET", repo+"/labels/stage:%20a%2Fb%3F", nil).at("color"), "d73a4a")
	want(t, "escaped delete", c.do("DELETE", repo+"/issues/1/labels/stage:%20a%2Fb%3F", nil).len(), 0)
	c.do("PATCH", repo+"/issues/1", m{"labels": []string{"x", "y"}, "milestone": 1, "assignees": []string{"mona"}})
	c.do("PATCH", repo+"/issues/1", m{"labels": []string{"y"}, "milestone": nil, "assignees": []string{}})
	got := c.srv.Issue(1)
	want(t, "replaced", strings.Join(got.Labels, ","), "y")
	want(t, "cleared", got.Milestone+strings.Join(got.Assignees, ","), "")
	want(t, "milestones", c.do("GET", repo+"/milestones", nil).len(), 1)
	want(t, "all milestones", c.do("GET", repo+"/milestones?state=all", nil).len(), 2)
	many := make([]string, 101)
	for k := range many {
		many[k] = fmt.Sprint("l", k)
	}
	want(t, "101 labels", c.do("PUT", repo+"/issues/1/labels", m{"labels": many}).status, 422)
	want(t, "100 labels", c.do("PUT", repo+"/issues/1/labels", m{"labels": many[1:]}).status, 200)
}

func TestListsAndPages(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	p := c.srv.As("mona")
	for k := range 32 {
		p.OpenIssue(fmt.Sprint("Nr ", k), "", "bug", "extra")
	}
	p.OpenPull("Change", "", world.PullRequest{HeadRef: "x", BaseRef: "main"})
	first := c.do("GET", repo+"/issues", nil)
	want(t, "default page", first.len(), 30)
	want(t, "pull request first", first.at(0, "pull_request", "url") != nil, true)
	link := first.header.Get("Link")
	next, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !strings.Contains(next, "/repositories/71/issues?after=") || !strings.Contains(link, `rel="last"`) {
		t.Fatalf("Link: %s", link)
	}
	want(t, "rest", c.do("GET", next, nil).len(), 6)
	want(t, "AND of labels", c.do("GET", repo+"/issues?labels=EXTRA,bug&per_page=100", nil).len(), 32)
	want(t, "creator", c.do("GET", repo+"/issues?creator=octocat", nil).len(), 3)
	want(t, "oldest first", c.do("GET", repo+"/issues?direction=asc&per_page=1", nil).at(0, "number"), 1)
	want(t, "cap of 100", c.do("GET", repo+"/labels?per_page=500", nil).len(), 2)
	since := c.srv.Now().Format("2006-01-02T15:04:05Z")
	c.srv.As("octocat").CloseIssue(1)
	want(t, "since", c.do("GET", repo+"/issues?state=closed&since="+since, nil).len(), 1)
	g := c.query(`{repository(owner:"octo-org",name:"crm"){issues(first:30,filterBy:{labels:["Bug"],createdBy:"mona",states:[OPEN]},orderBy:{field:CREATED_AT,direction:DESC}){totalCount pageInfo{hasNextPage endCursor}}}}`, nil)
	page := dig(g.body, "data", "repository", "issues")
	want(t, "graph count", dig(page, "totalCount"), 32)
	want(t, "graph more", dig(page, "pageInfo", "hasNextPage"), true)
	g = c.query(`query($a:String){repository(owner:"octo-org",name:"crm"){issues(first:30,after:$a,labels:["extra"]){nodes{number}}}}`, m{"a": dig(page, "pageInfo", "endCursor")})
	nodes, _ := dig(g.body, "data", "repository", "issues", "nodes").([]any)
	want(t, "graph rest", len(nodes), 2)
}

func TestSubIssuesAndDependencies(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	one, two, three := c.srv.Issue(1).ID, c.srv.Issue(2).ID, c.srv.Issue(3).ID
	add := func(parent int, child int64, replace bool) answer {
		return c.do("POST", fmt.Sprintf("%s/issues/%d/sub_issues", repo, parent), m{"sub_issue_id": child, "replace_parent": replace})
	}
	want(t, "add", add(1, two, false).at("sub_issues_summary", "total"), 1)
	want(t, "twice", add(1, two, false).status, 422)
	second := add(3, two, false)
	want(t, "one parent", second.status, 422)
	if text, _ := second.at("message").(string); !strings.Contains(text, "Sub issue may only have one parent") {
		t.Errorf("message %q", text)
	}
	want(t, "cycle", add(2, one, false).status, 422)
	want(t, "replace", add(3, two, true).status, 201)
	want(t, "parent", c.do("GET", repo+"/issues/2/parent", nil).at("number"), 3)
	want(t, "address", c.do("GET", repo+"/issues/2", nil).at("parent_issue_url"), c.api+repo+"/issues/3")
	want(t, "wrong parent", c.do("DELETE", repo+"/issues/1/sub_issue", m{"sub_issue_id": two}).status, 404)
	want(t, "remove", c.do("DELETE", repo+"/issues/3/sub_issue", m{"sub_issue_id": two}).status, 200)
	for k := range 100 {
		n := c.srv.As("mona").OpenIssue(fmt.Sprint(k), "")
		c.srv.As("mona").SetParent(n, 1)
		if k == 0 {
			c.srv.As("mona").CloseIssue(n)
		}
	}
	full := add(1, two, false)
	want(t, "101st child", full.status, 422)
	want(t, "message", full.at("message"), "Parent cannot have more than 100 sub-issues")
	want(t, "page", c.do("GET", repo+"/issues/1/sub_issues?per_page=100", nil).len(), 100)

	block := func(n int, id int64) answer {
		return c.do("POST", fmt.Sprintf("%s/issues/%d/dependencies/blocked_by", repo, n), m{"issue_id": id})
	}
	want(t, "block", block(1, three).status, 201)
	want(t, "again", block(1, three).status, 422)
	want(t, "itself", block(1, one).status, 422)
	want(t, "back", block(3, one).status, 422)
	want(t, "summary", c.do("GET", repo+"/issues/3", nil).at("issue_dependencies_summary", "blocking"), 1)
	want(t, "unblock", c.do("DELETE", fmt.Sprintf("%s/issues/1/dependencies/blocked_by/%d", repo, three), nil).status, 200)
	want(t, "gone", c.do("GET", repo+"/issues/1/dependencies/blocked_by", nil).len(), 0)
}

func TestEventsNameTheirActor(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	p := c.srv.As("tess")
	p.AddLabel(2, "stage:build")
	p.CloseIssue(2)
	a := c.do("GET", repo+"/issues/2/events", nil)
	want(t, "kind", a.at(0, "event"), "labeled")
	want(t, "actor", a.at(0, "actor", "login"), "tess")
	id := int64(a.at(0, "id").(float64))
	one := c.do("GET", fmt.Sprintf("%s/issues/events/%d", repo, id), nil)
	want(t, "by id", one.at("label", "name"), "stage:build")
	want(t, "its issue", one.at("issue", "number"), 2)
	c.srv.As("octocat").DeleteIssue(2)
	want(t, "with its issue", c.do("GET", fmt.Sprintf("%s/issues/events/%d", repo, id), nil).status, 404)
	for login, role := range map[string]string{"octocat": "admin", "mona": "write", "tess": "triage", "reader": "read"} {
		want(t, login, c.do("GET", repo+"/collaborators/"+login+"/permission", nil).at("role_name"), role)
	}
	want(t, "triage reads as", c.do("GET", repo+"/collaborators/tess/permission", nil).at("permission"), "read")
	want(t, "in the user", c.do("GET", repo+"/collaborators/tess/permission", nil).at("user", "role_name"), "triage")
}

func TestPeopleEditAsTheWebDoes(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.srv.As("octocat").EditBody(1, "a\nb")
	want(t, "body", c.do("GET", repo+"/issues/1", nil).at("body"), "a\r\nb")
	g := c.query(`{repository(owner:"octo-org",name:"crm"){issue(number:1){lastEditedAt userContentEdits(first:5){totalCount nodes{editor{login}}}}}}`, nil)
	want(t, "editor", dig(g.body, "data", "repository", "issue", "userContentEdits", "nodes", 0, "editor", "login"), "octocat")
	c.srv.As("octocat").Lock(1)
	want(t, "locked", c.person("reader").do("POST", repo+"/issues/1/comments", m{"body": "x"}).status, 403)
	defer func() {
		if recover() == nil {
			t.Error("a reader closed another's issue")
		}
	}()
	c.srv.As("reader").CloseIssue(1)
}

func TestOldServers(t *testing.T) {
	c := populated(t, fakegithub.Options{Features: fakegithub.Features{NoSubIssues: true, NoDependencies: true, NoTypes: true}})
	for _, path := range []string{"/issues/1/sub_issues", "/issues/1/dependencies/blocked_by", "/issue-types"} {
		want(t, path, c.do("GET", "/api/v3"+repo+path, nil).status, 404)
	}
	issue, _ := c.do("GET", repo+"/issues/1", nil).body.(map[string]any)
	for _, key := range []string{"type", "sub_issues_summary", "issue_dependencies_summary"} {
		if _, there := issue[key]; there {
			t.Errorf("an old server shows %s", key)
		}
	}
	paths := populated(t, fakegithub.Options{Features: fakegithub.Features{NoRESTSubIssues: true}})
	want(t, "no path", paths.do("GET", repo+"/issues/1/sub_issues", nil).status, 404)
	want(t, "field", paths.do("GET", repo+"/issues/1", nil).at("sub_issues_summary", "total"), 0)
	fields := populated(t, fakegithub.Options{Features: fakegithub.Features{NoRESTParentField: true}})
	want(t, "path", fields.do("GET", repo+"/issues/1/sub_issues", nil).status, 200)
	want(t, "no field", fields.do("GET", repo+"/issues/1", nil).at("sub_issues_summary"), nil)
	no := populated(t, fakegithub.Options{Features: fakegithub.Features{NoGraphQL: true}})
	want(t, "no GraphQL", no.do("POST", "/api/graphql", m{"query": "{viewer{login}}"}).status, 404)
}
