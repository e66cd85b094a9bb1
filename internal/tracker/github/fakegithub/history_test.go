package fakegithub_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// log is an issue's events as REST shows them: "labeled by mona: Bug".
func (c *client) log(n int) string {
	c.t.Helper()
	var out []string
	for page := 1; ; page++ {
		a := c.do("GET", fmt.Sprintf("%s/issues/%d/events?per_page=100&page=%d", repo, n, page), nil)
		want(c.t, "status", a.status, 200)
		for k := range a.len() {
			line := fmt.Sprintf("%v by %v", a.at(k, "event"), a.at(k, "actor", "login"))
			if l := a.at(k, "label", "name"); l != nil {
				line += fmt.Sprintf(": %v", l)
			}
			if sha := a.at(k, "commit_id"); sha != nil {
				line += fmt.Sprintf(" in %v", sha)
			}
			out = append(out, line)
		}
		if !strings.Contains(a.header.Get("Link"), `rel="next"`) {
			return strings.Join(out, "; ")
		}
	}
}

func TestLogKeepsWhatWas(t *testing.T) {
	c := start(t, fakegithub.Options{})
	octocat, mona := c.srv.As("octocat"), c.srv.As("mona")
	octocat.CreateLabel("approved", "0e8a16", "")
	octocat.CreateLabel("plan", "0e8a16", "")

	n := mona.OpenIssue("Labelled at once", "x", "plan")
	octocat.RenameLabel("approved", "was approved")
	octocat.RenameLabel("plan", "approved")
	want(t, "after a rename", c.log(n), "labeled by mona: plan")
	want(t, "label now", c.srv.Issue(n).Labels[0], "approved")

	form := c.srv.As("reader").OpenForm("By form", "x", "approved")
	want(t, "by form", c.log(form), "labeled by reader: approved")
	want(t, "without form", c.log(c.srv.As("reader").OpenIssue("Without", "x", "approved")), "")

	c.srv.RenameUser("mona", "mona2")
	want(t, "after a person's rename", c.log(n), "labeled by mona2: plan")
	c.srv.DeleteUser("mona2")
	want(t, "after a person's end", c.log(n), "labeled by <nil>: plan")
	a := c.do("GET", fmt.Sprintf("%s/issues/%d", repo, n), nil)
	want(t, "author", a.at("user", "login"), "ghost")
	want(t, "author id", a.at("user", "id"), world.GhostID)
	q := c.query(fmt.Sprintf(`{repository(owner:"octo-org",name:"crm"){issue(number:%d){author{login}}}}`, n), nil)
	want(t, "author in GraphQL", dig(q.body, "data", "repository", "issue", "author"), nil)
	want(t, "role", c.do("GET", repo+"/collaborators/mona2/permission", nil).status, 404)
}

func TestAccountsKeepTheirIDs(t *testing.T) {
	c := start(t, fakegithub.Options{})
	before := c.do("GET", "/users/mona", nil).at("id")
	c.srv.RenameUser("mona", "lisa")
	want(t, "old login", c.do("GET", "/users/mona", nil).status, 404)
	want(t, "new login", c.do("GET", "/users/lisa", nil).at("id"), before)
	want(t, "role", c.do("GET", repo+"/collaborators/lisa/permission", nil).at("role_name"), "write")
	c.srv.SetRole("mona", world.RoleRead) // somebody else takes the free login
	if got := c.do("GET", "/users/mona", nil).at("id"); got == before {
		t.Error("the next one of that login is the same account")
	}
	c.srv.DeleteUser("lisa")
	c.srv.SetRole("lisa", world.RoleRead)
	ids := map[any]string{}
	for _, login := range []string{"octocat", "mona", "tess", "reader", "lisa"} {
		id := c.do("GET", "/users/"+login, nil).at("id")
		if other, twice := ids[id]; twice {
			t.Errorf("%s and %s have the id %v", login, other, id)
		}
		ids[id] = login
	}
}

func TestClosedFromCode(t *testing.T) {
	c := start(t, fakegithub.Options{})
	mona, octocat := c.srv.As("mona"), c.srv.As("octocat")
	byCommit, byPull, other := mona.OpenIssue("A", ""), mona.OpenIssue("B", ""), mona.OpenIssue("C", "")
	mona.CloseByCommit(byCommit, "c1")
	sha := commits.SHA("c1")
	want(t, "by commit", c.log(byCommit), "referenced by mona in "+sha+"; closed by mona in "+sha)
	want(t, "reason", c.srv.Issue(byCommit).StateReason, "completed")
	mona.CloseByCommit(byCommit, "c2")
	want(t, "closed twice", strings.Count(c.log(byCommit), "closed"), 1)

	text := fmt.Sprintf("Fixes #%d, see #%d, prefixes #%d", byPull, other, other)
	main := mona.OpenPull("Change", text, world.PullRequest{HeadRef: "x", HeadSHA: "c2", BaseRef: "main", BaseSHA: "c1"})
	side := mona.OpenPull("Change", fmt.Sprintf("Fixes #%d", other), world.PullRequest{HeadRef: "y", HeadSHA: "c2", BaseRef: "side", BaseSHA: "c1"})
	octocat.MergePull(main, "m1")
	octocat.MergePull(side, "m2")
	want(t, "by pull request", c.log(byPull), "closed by octocat")
	want(t, "mentioned, or fixed elsewhere", c.srv.Issue(other).State, "open")
	want(t, "merged", c.log(main), "merged by octocat in "+commits.SHA("m1")+"; closed by octocat")
	for name, act := range map[string]func(){
		"merge twice":           func() { octocat.MergePull(main, "m3") },
		"merge an issue":        func() { octocat.MergePull(other, "m3") },
		"merge with read":       func() { c.srv.As("reader").MergePull(side, "m3") },
		"push with triage":      func() { c.srv.As("tess").CloseByCommit(other, "c3") },
		"rename onto a login":   func() { c.srv.RenameUser("mona", "octocat") },
		"delete nobody":         func() { c.srv.DeleteUser("nobody") },
		"react with a word":     func() { octocat.React(mona.Comment(other, "x"), "shrug") },
		"react to no comment":   func() { octocat.React(7, "eyes") },
		"close a deleted issue": func() { octocat.DeleteIssue(byPull); mona.CloseByCommit(byPull, "c4") },
	} {
		if !panics(act) {
			t.Errorf("%s is taken", name)
		}
	}
}

func panics(act func()) (did bool) {
	defer func() { did = recover() != nil }()
	act()
	return false
}

func TestEventsByIDAndInPages(t *testing.T) {
	c := start(t, fakegithub.Options{})
	c.srv.SetRole("stale[bot]", world.RoleTriage)
	stale, octocat := c.srv.As("stale[bot]"), c.srv.As("octocat")
	n, gone := octocat.OpenIssue("Busy", ""), octocat.OpenIssue("Gone", "")
	for range 60 {
		stale.AddLabel(n, "stale")
		octocat.RemoveLabel(n, "stale")
	}
	stale.CloseIssueAs(n, "not_planned")
	first := c.do("GET", fmt.Sprintf("%s/issues/%d/events?per_page=1000", repo, n), nil)
	want(t, "a page", first.len(), 100)
	want(t, "actor", first.at(0, "actor", "type"), "Bot")
	want(t, "all", len(strings.Split(c.log(n), "; ")), 121)

	one := c.do("GET", fmt.Sprintf("%s/issues/events/%.0f", repo, first.at(99, "id")), nil)
	want(t, "by id", one.at("event"), "unlabeled")
	want(t, "its issue", one.at("issue", "number"), n)
	want(t, "unknown", c.do("GET", repo+"/issues/events/7", nil).status, 404)
	want(t, "of an unknown issue", c.do("GET", repo+"/issues/99/events", nil).status, 404)

	octocat.AddLabel(gone, "stale")
	id := c.srv.Issue(gone).Events[0].ID
	octocat.DeleteIssue(gone)
	want(t, "of a deleted issue", c.do("GET", fmt.Sprintf("%s/issues/%d/events", repo, gone), nil).status, 410)
	want(t, "by id of a deleted issue", c.do("GET", fmt.Sprintf("%s/issues/events/%d", repo, id), nil).status, 404)
}

func TestCommentsShowThatTheyWereEdited(t *testing.T) {
	c := start(t, fakegithub.Options{})
	mona := c.srv.As("mona")
	n := mona.OpenIssue("Talk", "")
	id := mona.Comment(n, "/approve")
	path := fmt.Sprintf("%s/issues/comments/%d", repo, id)
	a := c.do("GET", path, nil)
	want(t, "written", a.at("updated_at"), a.at("created_at"))
	want(t, "first reaction", c.do("POST", path+"/reactions", m{"content": "confused"}).status, 201)
	want(t, "same again", c.do("POST", path+"/reactions", m{"content": "confused"}).status, 200)
	want(t, "reacted", c.do("GET", path, nil).at("updated_at"), a.at("created_at"))
	want(t, "counted", c.do("GET", path, nil).at("reactions", "confused"), 1)
	c.srv.As("octocat").EditComment(id, "/approve, says somebody else")
	if b := c.do("GET", path, nil); b.at("updated_at") == b.at("created_at") {
		t.Error("an edit leaves no trace")
	}
	mona.DeleteComment(id)
	want(t, "deleted", c.do("GET", path, nil).status, 404)
	want(t, "reaction to a deleted one", c.do("POST", path+"/reactions", m{"content": "eyes"}).status, 404)
}
