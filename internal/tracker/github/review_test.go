package github

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// reviewed is a fixture with one pull request of eve, and its number.
func reviewed(t *testing.T, s setup) (*fixture, int) {
	f := newFixture(t, s)
	return f, f.srv.As("eve").OpenPull("Change", "", world.PullRequest{HeadRef: "x", HeadSHA: "head", BaseRef: "main", BaseSHA: "base"})
}

func TestReviews(t *testing.T) {
	f, n := reviewed(t, setup{})
	decided := func() string {
		t.Helper()
		all, err := f.Reviews(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range all {
			out = append(out, fmt.Sprintf("%s %v %s", r.Author.Login, r.Approved, r.Commit))
		}
		return strings.Join(out, ", ")
	}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, ""},
		{func() { f.srv.As("bob").Review(n, world.Commented) }, ""},
		{func() { f.srv.As("bob").ReviewAt(n, world.Approved, "older") }, "bob true older"},
		{func() { f.srv.As("ada").Review(n, world.Approved) }, "bob true older, ada true head"},
		{func() { f.srv.As("bob").Review(n, world.Approved) }, "ada true head, bob true head"},
		{func() { f.srv.As("bob").Review(n, world.Commented) }, "ada true head, bob true head"},
		{func() { f.srv.As("ada").Review(n, world.ChangesRequested) }, "bob true head, ada false head"},
		{func() { f.srv.As("ada").DismissReview(n, f.srv.As("ada").Review(n, world.Approved)) }, "bob true head, ada false head"},
		{func() { f.srv.DeleteUser("bob") }, "ada false head"},
	} {
		step.do()
		if got := decided(); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
	for i := range 120 {
		f.srv.As(fmt.Sprintf("reader-%d", i)).Review(n, world.Approved)
	}
	if all, err := f.Reviews(t.Context(), n); err != nil || len(all) != 121 || all[120].Author.Login != "reader-119" {
		t.Errorf("%d decisions, %v", len(all), err)
	}
	f.noViolations()
}

func TestReviewsNeedAPermission(t *testing.T) {
	for _, refused := range []*fakegithub.Fault{nil, fakegithub.Refuse(404, "Not Found")} {
		f, n := reviewed(t, setup{Repo: world.Repo{Owner: "acme", Name: "crm", Private: true}})
		f.srv.AddToken(fakegithub.Token{Value: canary, Login: fakegithub.BotLogin, App: true, Issues: "write", Contents: "read"})
		f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return refused })
		all, err := f.Reviews(t.Context(), n)
		if ticket.KindOf(err) != ticket.Unauthorised || all != nil || !strings.Contains(err.Error(), "`permissions: pull-requests: read`") {
			t.Errorf("%+v, %v", all, err)
		}
	}
	f, n := reviewed(t, setup{})
	f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.Refuse(500, "x") })
	if all, err := f.Reviews(t.Context(), n); ticket.KindOf(err) != ticket.Unavailable || all != nil {
		t.Errorf("%+v, %v", all, err)
	}
}
