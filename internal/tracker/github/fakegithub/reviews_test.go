package fakegithub_test

import (
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestReviews(t *testing.T) {
	c := populated(t, fakegithub.Options{Repo: world.Repo{Private: true}})
	n := c.srv.As("mona").OpenPull("Change", "", world.PullRequest{HeadRef: "x", HeadSHA: "c2", BaseRef: "main", BaseSHA: "c1"})
	refused := func(what string, act func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s was not refused", what)
			}
		}()
		act()
	}
	refused("approving one's own", func() { c.srv.As("mona").Review(n, world.Approved) })
	refused("reviewing an issue", func() { c.srv.As("mona").Review(1, world.Approved) })
	refused("reviewing what one cannot read", func() {
		c.srv.SetRole("stranger", world.RoleNone)
		c.srv.As("stranger").Review(n, world.Approved)
	})
	first := c.srv.As("tess").Review(n, world.Approved)
	refused("dismissing without write", func() { c.srv.As("tess").DismissReview(n, first) })
	c.srv.As("mona").DismissReview(n, first)
	refused("dismissing twice", func() { c.srv.As("mona").DismissReview(n, first) })
	c.srv.As("mona").PushToPull(n, "later")
	c.srv.As("tess").Review(n, world.Commented)

	app := c.as(fakegithub.Token{Value: "pulls", Login: fakegithub.BotLogin, App: true, Issues: "write", Contents: "read", Pulls: "read"})
	page := app.do("GET", repo+"/pulls/4/reviews?per_page=1&page=2", nil)
	want(t, "status", page.status, 200)
	want(t, "earlier reviews first", page.at(0, "state"), "COMMENTED")
	want(t, "at the head of then", page.at(0, "commit_id"), "later")
	want(t, "dismissed", app.do("GET", repo+"/pulls/4/reviews", nil).at(0, "state"), "DISMISSED")
	want(t, "an issue has none", app.do("GET", repo+"/pulls/1/reviews", nil).status, 404)

	blind := c.as(fakegithub.Token{Value: "blind", Login: fakegithub.BotLogin, App: true, Issues: "write", Contents: "read"})
	a := blind.do("GET", repo+"/pulls/4/reviews", nil)
	want(t, "without the permission", a.status, 403)
	want(t, "wanted", a.header.Get("X-Accepted-GitHub-Permissions"), "pull_requests=read")
}
