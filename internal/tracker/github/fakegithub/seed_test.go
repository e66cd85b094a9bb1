package fakegithub_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestSeeds(t *testing.T) {
	srv, err := fakegithub.FromSeed(fakegithub.Seed{Repo: &world.Repo{Owner: "acme", Name: "shop"},
		Users:  []world.User{{Login: "ann", Role: world.RoleMaintain}},
		Labels: []fakegithub.Label{{Name: "bug", Colour: "d73a4a"}}, Milestones: []string{"v1"},
		Issues: []fakegithub.SeedIssue{{Author: "ann", Title: "A", Labels: []string{"bug"}, Assignees: []string{"ann"}, Closed: true,
			Comments: []fakegithub.SeedComment{{Author: "ann", Body: "hi"}}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "state", srv.Dump(), "label bug #d73a4a \nmilestone v1 open\nissue #1 closed by ann: A\n  labels: bug\n  assignees: ann\n  reason: completed\n  comment by ann\n  > hi\n")
	for what, seed := range map[string]fakegithub.Seed{
		"already_exists": {Labels: []fakegithub.Label{{Name: "BUG", Colour: "d73a4a"}}},
		"milestone":      {Milestones: []string{"v1"}},
		"issue":          {Issues: []fakegithub.SeedIssue{{Title: ""}}},
		"fixed":          {Repo: &world.Repo{Owner: "x"}},
	} {
		if err := srv.Seed(seed); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestControlSeedsAndShows(t *testing.T) {
	srv := fakegithub.New(fakegithub.Options{})
	c := &client{t: t, srv: srv, token: fakegithub.DefaultToken}
	web := serve(t, srv.Control())
	c.api = web
	want(t, "seed", c.do("POST", "/__seed", m{"issues": []m{{"title": "A"}}}).status, http.StatusNoContent)
	want(t, "refused seed", c.do("POST", "/__seed", m{"issues": []m{{"title": ""}}}).status, http.StatusConflict)
	want(t, "unknown key", c.do("POST", "/__seed", m{"isues": 1}).status, http.StatusBadRequest)
	want(t, "served", c.do("GET", repo+"/issues/1", nil).at("title"), "A")
	want(t, "journal", c.do("GET", "/__journal", nil).len(), 1)
	want(t, "state", c.do("GET", "/__state", nil).at("issues", 0, "title"), "A")
}

func TestControlActs(t *testing.T) {
	srv := fakegithub.New(fakegithub.Options{})
	c := &client{t: t, srv: srv, token: fakegithub.DefaultToken}
	c.api = serve(t, srv.Control())
	srv.As("octocat").CreateLabel("bug", "d73a4a", "")
	want(t, "opened", c.do("POST", "/__act", m{"as": "reader", "do": "open", "text": "A", "body": "B"}).at("made"), 1.0)
	for _, act := range []m{
		{"as": "mona", "do": "label", "issue": 1, "text": "bug"},
		{"as": "mona", "do": "rename-label", "text": "bug", "to": "fault"},
		{"as": "mona", "do": "close", "issue": 1, "text": "not_planned"},
		{"as": "reader", "do": "comment", "issue": 1, "text": "why?\nI need it"},
		{"as": "mona", "do": "reopen", "issue": 1},
	} {
		want(t, act["do"].(string), c.do("POST", "/__act", act).status, http.StatusOK)
	}
	want(t, "state", srv.Dump(), "label fault #d73a4a \nissue #1 open by reader: A\n  labels: fault\n  | B\n  comment by reader\n  > why?\\r\n  > I need it\n")
	want(t, "taken off", c.do("POST", "/__act", m{"as": "mona", "do": "unlabel", "issue": 1, "text": "fault"}).status, http.StatusOK)
	want(t, "labels", len(srv.Issues()[0].Labels), 0)
	want(t, "refused", c.do("POST", "/__act", m{"as": "stranger", "do": "close", "issue": 1}).status, http.StatusConflict)
	want(t, "no such act", c.do("POST", "/__act", m{"as": "mona", "do": "dance"}).status, http.StatusConflict)
	want(t, "unknown key", c.do("POST", "/__act", m{"who": "mona"}).status, http.StatusBadRequest)
}
