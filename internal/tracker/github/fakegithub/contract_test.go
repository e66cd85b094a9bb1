package fakegithub_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// contract loads GitHub's OpenAPI description from beside the repository; where
// it is absent the test is skipped.
func contract(t *testing.T) *openapi3.T {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	path := filepath.Join(dir, "..", "shared", "contracts", "github.json")
	if _, err := os.Stat(path); err != nil {
		t.Skip("GitHub's API description is not there: ../shared/contracts/github.json")
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAnswersMatchGitHubsDescription(t *testing.T) {
	doc := contract(t)
	c := populated(t, fakegithub.Options{Repo: world.Repo{IssueTypes: []string{"Task"}},
		Tokens: []fakegithub.Token{{Value: fakegithub.DefaultToken, Login: fakegithub.BotLogin, App: true, Issues: "write", Contents: "write", Pulls: "write"}}})
	if err := c.srv.Seed(fakegithub.Seed{
		Commits: []commits.Commit{{SHA: "c1", Files: map[string]string{"a/b.txt": "1\n", "gone": "x"}},
			{SHA: "c2", Parents: []string{"c1"}, Files: map[string]string{"a/b.txt": "2\n", "new": "y"}}},
		Branches: map[string]string{"main": "c2"},
		Issues:   []fakegithub.SeedIssue{{Title: "Change", Body: "why", Pull: &world.PullRequest{HeadRef: "x", HeadSHA: "c2", HeadRepo: "mona/crm", BaseRef: "main", BaseSHA: "c1"}}},
	}); err != nil {
		t.Fatal(err)
	}
	id := func(n int) int64 { return c.srv.Issue(n).ID }
	comment := c.srv.As("mona").Comment(1, "hello")
	c.srv.As("octocat").EditTitle(1, "One, renamed")
	c.srv.As("mona").Review(4, world.Approved)
	c1, c2 := commits.SHA("c1"), commits.SHA("c2")
	const r = "/repos/{owner}/{repo}"
	for _, s := range []struct {
		method, template, path string
		body                   any
		status                 int
	}{
		{"GET", "/rate_limit", "/rate_limit", nil, 200},
		{"GET", "/users/{username}", "/users/mona", nil, 200},
		{"GET", r, "", nil, 200},
		{"GET", r + "/assignees", "/assignees", nil, 200},
		{"GET", r + "/collaborators/{username}/permission", "/collaborators/tess/permission", nil, 200},
		{"GET", r + "/issue-types", "/issue-types", nil, 200},
		{"POST", r + "/issues", "/issues", m{"title": "A", "body": "b", "labels": []string{"Bug"}, "assignees": []string{"mona"}, "milestone": 1, "type": "Task"}, 201},
		{"GET", r + "/issues", "/issues?state=all", nil, 200},
		{"GET", r + "/issues/{issue_number}", "/issues/1", nil, 200},
		{"PATCH", r + "/issues/{issue_number}", "/issues/3", m{"state": "closed"}, 200},
		{"GET", r + "/issues/comments", "/issues/comments", nil, 200},
		{"GET", r + "/issues/comments/{comment_id}", fmt.Sprint("/issues/comments/", comment), nil, 200},
		{"PATCH", r + "/issues/comments/{comment_id}", fmt.Sprint("/issues/comments/", comment), m{"body": "x"}, 200},
		{"GET", r + "/issues/{issue_number}/comments", "/issues/1/comments", nil, 200},
		{"POST", r + "/issues/{issue_number}/comments", "/issues/1/comments", m{"body": "x"}, 201},
		{"POST", r + "/issues/{issue_number}/assignees", "/issues/1/assignees", m{"assignees": []string{"mona"}}, 201},
		{"DELETE", r + "/issues/{issue_number}/assignees", "/issues/1/assignees", m{"assignees": []string{"mona"}}, 200},
		{"GET", r + "/issues/{issue_number}/labels", "/issues/1/labels", nil, 200},
		{"POST", r + "/issues/{issue_number}/labels", "/issues/1/labels", m{"labels": []string{"x"}}, 200},
		{"PUT", r + "/issues/{issue_number}/labels", "/issues/1/labels", []string{"x", "y"}, 200},
		{"DELETE", r + "/issues/{issue_number}/labels/{name}", "/issues/1/labels/x", nil, 200},
		{"POST", r + "/issues/{issue_number}/sub_issues", "/issues/1/sub_issues", m{"sub_issue_id": id(2)}, 201},
		{"GET", r + "/issues/{issue_number}/sub_issues", "/issues/1/sub_issues", nil, 200},
		{"GET", r + "/issues/{issue_number}/parent", "/issues/2/parent", nil, 200},
		{"DELETE", r + "/issues/{issue_number}/sub_issue", "/issues/1/sub_issue", m{"sub_issue_id": id(2)}, 200},
		{"POST", r + "/issues/{issue_number}/dependencies/blocked_by", "/issues/1/dependencies/blocked_by", m{"issue_id": id(3)}, 201},
		{"GET", r + "/issues/{issue_number}/dependencies/blocked_by", "/issues/1/dependencies/blocked_by", nil, 200},
		{"GET", r + "/issues/{issue_number}/dependencies/blocking", "/issues/3/dependencies/blocking", nil, 200},
		{"DELETE", r + "/issues/{issue_number}/dependencies/blocked_by/{issue_id}", fmt.Sprint("/issues/1/dependencies/blocked_by/", id(3)), nil, 200},
		{"GET", r + "/labels", "/labels", nil, 200},
		{"POST", r + "/labels", "/labels", m{"name": "new", "color": "0e8a16"}, 201},
		{"POST", r + "/labels", "/labels", m{"name": "NEW", "color": "0e8a16"}, 422},
		{"GET", r + "/labels/{name}", "/labels/new", nil, 200},
		{"PATCH", r + "/labels/{name}", "/labels/new", m{"description": "d"}, 200},
		{"GET", r + "/milestones", "/milestones?state=all", nil, 200},
		{"POST", r + "/milestones", "/milestones", m{"title": "v2", "due_on": "2026-07-01T00:00:00Z"}, 201},
		{"PATCH", r + "/milestones/{milestone_number}", "/milestones/1", m{"state": "closed"}, 200},
		{"GET", r + "/pulls/{pull_number}", "/pulls/4", nil, 200},
		{"GET", r + "/pulls/{pull_number}/files", "/pulls/4/files", nil, 200},
		{"GET", r + "/pulls/{pull_number}/reviews", "/pulls/4/reviews", nil, 200},
		{"GET", r + "/contents/{path}", "/contents/a/b.txt?ref=" + c1, nil, 200},
		{"GET", r + "/contents/{path}", "/contents/a", nil, 200},
		{"GET", r + "/compare/{basehead}", "/compare/" + c1 + "..." + c2, nil, 200},
		{"GET", r + "/branches/{branch}", "/branches/main", nil, 200},
		{"GET", r + "/git/commits/{commit_sha}", "/git/commits/" + c1, nil, 200},
		{"GET", r + "/git/ref/{ref}", "/git/ref/heads/main", nil, 200},
		{"GET", r + "/git/trees/{tree_sha}", "/git/trees/" + c2 + "?recursive=1", nil, 200},
		{"POST", r + "/releases", "/releases", m{"tag_name": "v1", "draft": true}, 201},
		{"GET", r + "/releases", "/releases", nil, 200},
		{"GET", r + "/issues/{issue_number}", "/issues/99", nil, 404},
		{"POST", r + "/issues", "/issues", m{}, 422},
	} {
		t.Run(fmt.Sprintf("%s %s %d", s.method, s.template, s.status), func(t *testing.T) {
			path := s.path
			if len(s.template) >= len(r) && s.template[:len(r)] == r {
				path = repo + s.path
			}
			a := c.do(s.method, path, s.body)
			if a.status != s.status {
				t.Fatalf("status %d, want %d: %s", a.status, s.status, a.raw)
			}
			conforms(t, doc, s.method, s.template, a)
		})
	}
}

// conforms checks an answer against the schema of its operation and status.
func conforms(t *testing.T, doc *openapi3.T, method, template string, a answer) {
	t.Helper()
	item := doc.Paths.Value(template)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("the description has no %s %s", method, template)
	}
	res := item.GetOperation(method).Responses.Status(a.status)
	if res == nil {
		t.Fatalf("the description has no status %d", a.status)
	}
	media := res.Value.Content.Get("application/json")
	if media == nil {
		t.Fatal("the description has no JSON answer")
	}
	var body any
	if err := json.Unmarshal(a.raw, &body); err != nil {
		t.Fatal(err)
	}
	if err := media.Schema.Value.VisitJSON(body, openapi3.MultiErrors()); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if strings.Contains(line, "rror at") {
				t.Error(line)
			}
		}
		if !t.Failed() {
			t.Error(err)
		}
	}
}
