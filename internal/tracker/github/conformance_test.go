package github_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/trackertest"
)

// TestConformance runs the suite of all trackers, on a complete server and on those that lack
// what the tracker has fallbacks for.
func TestConformance(t *testing.T) {
	for name, features := range map[string]fakegithub.Features{
		"complete":            {},
		"no parent in create": {NoParentInCreate: true},
		"no REST sub-issues":  {NoRESTSubIssues: true},
		"old server":          {NoSubIssues: true, NoDependencies: true, NoTypes: true, NoEdits: true},
		"no marks":            {NoMarks: true},
		"REST only":           {NoGraphQL: true},
	} {
		t.Run(name, func(t *testing.T) {
			trackertest.Run(t, func(t *testing.T) trackertest.Harness { return harness(t, features) })
		})
	}
}

func harness(t *testing.T, features fakegithub.Features) trackertest.Harness {
	srv := fakegithub.New(fakegithub.Options{HourlyLimit: 1_000_000, Features: features, Repo: world.Repo{IssueTypes: []string{"Task", "Bug"}}})
	api, graphql := srv.Start(t)
	srv.SetRole("max", world.RoleTriage)
	octocat, member := srv.As("octocat"), srv.As("max")
	token := fakegithub.DefaultToken
	if features.NoGraphQL {
		// Without GraphQL a workflow's token cannot ask whose it is; a person's can.
		token = "ghp_mona"
		srv.AddToken(fakegithub.Token{Value: token, Login: "mona"})
	}
	return trackertest.Harness{
		Reopen: func() trackertest.Tracker {
			tracker, err := github.New(github.Options{
				Token: token, Repository: "octo-org/crm", APIURL: api, GraphQLURL: graphql, Clock: srv.Now,
				Sleep: func(ctx context.Context, d time.Duration) error {
					srv.Advance(d)
					return ctx.Err()
				},
				Jitter: func() float64 { return 0 },
			})
			if err != nil {
				t.Fatal(err)
			}
			return tracker
		},
		Logins:  []string{"mona", "tess"},
		History: !features.NoGraphQL && !features.NoEdits,
		Person: trackertest.Person{
			Login: "octocat",
			Open: func(title, body string, labels ...string) ticket.Ref {
				return ticket.Ref("#" + strconv.Itoa(octocat.OpenIssue(title, body, labels...)))
			},
			Edit:    func(ref ticket.Ref, body string) { octocat.EditBody(number(t, ref), body) },
			Close:   func(ref ticket.Ref) { octocat.CloseIssue(number(t, ref)) },
			Label:   func(ref ticket.Ref, name string) { octocat.AddLabel(number(t, ref), name) },
			Comment: func(ref ticket.Ref, body string) { octocat.Comment(number(t, ref), body) },
			Delete:  func(ref ticket.Ref) { octocat.DeleteIssue(number(t, ref)) },
		},
		Member: trackertest.Member{
			Login:         "max",
			Label:         func(ref ticket.Ref, name string) { member.AddLabel(number(t, ref), name) },
			Unlabel:       func(ref ticket.Ref, name string) { member.RemoveLabel(number(t, ref), name) },
			Close:         func(ref ticket.Ref) { member.CloseIssue(number(t, ref)) },
			Reopen:        func(ref ticket.Ref) { member.ReopenIssue(number(t, ref)) },
			Comment:       func(ref ticket.Ref, body string) int64 { return member.Comment(number(t, ref), body) },
			EditComment:   func(_ ticket.Ref, id int64, body string) { member.EditComment(id, body) },
			DeleteComment: func(_ ticket.Ref, id int64) { member.DeleteComment(id) },
		},
	}
}

func number(t *testing.T, ref ticket.Ref) int {
	t.Helper()
	n, err := strconv.Atoi(string(ref[1:]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
