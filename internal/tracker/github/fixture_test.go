package github

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// setup is what differs from the usual: a workflow's token with issues to write, in a public
// repository of an organisation on a complete server.
type setup struct {
	fakegithub.Features
	Repo       world.Repo
	Role       string // of the token on issues: "write" if empty
	Person     string // the token is this account's own, not a workflow's
	Users      []world.User
	PerMinute  int // 100,000 if zero: only tests of the pace wait for it
	MaxWait    time.Duration
	Trusted    []string
	Enterprise bool
	Enforce    bool // the server refuses what goes beyond the published limits
}

// fixture is a tracker on a fake GitHub; they share a clock that moves by sleeping.
type fixture struct {
	*Tracker
	t     testing.TB
	srv   *fakegithub.Server
	tap   *tap
	watch *watch
	o     Options
}

func newFixture(t testing.TB, s setup) *fixture {
	t.Helper()
	w := &watch{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	if s.Repo.Owner == "" {
		s.Repo.Owner, s.Repo.Name = "acme", "crm"
	}
	if s.Repo.IssueTypes == nil {
		s.Repo.IssueTypes = []string{"Task", "Bug"}
	}
	if s.Role == "" {
		s.Role = "write"
	}
	if s.Users == nil {
		s.Users = []world.User{{Login: "ada", ID: 101, Role: world.RoleAdmin}, {Login: "bob", ID: 102, Role: world.RoleWrite}, {Login: "stranger", ID: 103}}
	}
	token := fakegithub.Token{Value: canary, Login: fakegithub.BotLogin, App: true, Issues: s.Role, Contents: "read", Pulls: "read"}
	if s.Person != "" {
		token = fakegithub.Token{Value: canary, Login: s.Person}
	}
	srv := fakegithub.New(fakegithub.Options{
		Repo: s.Repo, Users: s.Users, Features: s.Features, Tokens: []fakegithub.Token{token},
		Now: w.time, HourlyLimit: 100_000, EnforceLimits: s.Enforce,
	})
	api, graphql := srv.Start(t)
	if s.Enterprise {
		api, graphql = api+"/api/v3", ""
	}
	host, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	if s.PerMinute == 0 {
		s.PerMinute = 100_000
	}
	f := &fixture{t: t, srv: srv, watch: w, tap: &tap{t: t, next: http.DefaultTransport, host: host.Host}}
	f.o = Options{
		Token: canary, Repository: s.Repo.Owner + "/" + s.Repo.Name, APIURL: api, GraphQLURL: graphql, UserAgent: "ticketfoundry/test",
		TrustedWriters: s.Trusted, PerMinute: s.PerMinute, MaxWait: s.MaxWait, Base: f.tap,
		Clock: w.time, Sleep: w.sleep, Jitter: func() float64 { return 0 },
	}
	return f.again()
}

// again is the next run: a new tracker that knows nothing, on the same server.
func (f *fixture) again() *fixture {
	f.t.Helper()
	tr, err := New(f.o)
	if err != nil {
		f.t.Fatal(err)
	}
	next := *f
	next.Tracker = tr
	return &next
}

func (f *fixture) seed(s fakegithub.Seed) {
	f.t.Helper()
	if err := f.srv.Seed(s); err != nil {
		f.t.Fatal(err)
	}
}

// seedIssues puts so many issues of the token's own there, with a label.
func (f *fixture) seedIssues(n int, label string) {
	f.t.Helper()
	var s fakegithub.Seed
	for i := range n {
		s.Issues = append(s.Issues, fakegithub.SeedIssue{Author: fakegithub.BotLogin, Title: fmt.Sprint(label, " ", i), Labels: []string{label}})
	}
	f.seed(s)
}

// issue is the server's own view of an issue.
func (f *fixture) issue(number int) fakegithub.Issue {
	f.t.Helper()
	for _, i := range f.srv.State().Issues {
		if i.Number == number {
			return i
		}
	}
	f.t.Fatalf("the server has no issue #%d", number)
	return fakegithub.Issue{}
}

func (f *fixture) noViolations() {
	f.t.Helper()
	if v := f.srv.Violations(); len(v) > 0 {
		f.t.Errorf("limits broken: %s", strings.Join(v, "; "))
	}
}

// noToken fails the test when an error shows the token.
func (f *fixture) noToken(err error) {
	f.t.Helper()
	if err != nil && strings.Contains(err.Error(), canary) {
		f.t.Errorf("the token stands in %q", err)
	}
}
