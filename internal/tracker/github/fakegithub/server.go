// Package fakegithub is a GitHub in memory for tests: one repository behind
// REST and GraphQL that behaves as GitHub does and refuses what GitHub refuses,
// with a journal of every request, a meter of the published limits, faults on
// demand, and people who act beside the client under test.
//
// It owns the wiring: tokens, faults, limits, journal. The rules live in world,
// the two protocols in rest and graph. It is lenient in nothing: unknown fields
// and paths, bad ids, long titles, missing permissions get GitHub's answer.
//
//	srv := fakegithub.New(fakegithub.Options{})
//	apiURL, graphqlURL := srv.Start(t)
//	srv.As("octocat").CloseIssue(12)
package fakegithub

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/graph"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/journal"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/rest"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// What a server without options has.
const (
	DefaultToken = "ghs_workflow" // of github-actions[bot], with issues and pull requests to write and contents to read
	BotLogin     = "github-actions[bot]"
	BotID        = 41898282
)

// Request is a journalled request.
type Request = journal.Request

// Token is one credential and what it may do.
type Token struct {
	Value string `json:"value"`
	Login string `json:"login"`
	// App marks an installation token, such as a workflow's: its rights are the
	// three words below, none, read or write, and not its account's role.
	App      bool   `json:"app,omitempty"`
	Issues   string `json:"issues,omitempty"`
	Contents string `json:"contents,omitempty"`
	Pulls    string `json:"pull_requests,omitempty"`
}

// Features are what an older Enterprise Server lacks.
type Features struct {
	NoGraphQL        bool `json:"no_graphql,omitempty"`
	NoSubIssues      bool `json:"no_sub_issues,omitempty"` // neither in GraphQL nor in REST
	NoDependencies   bool `json:"no_dependencies,omitempty"`
	NoTypes          bool `json:"no_types,omitempty"`
	NoParentInCreate bool `json:"no_parent_in_create,omitempty"`
	// NoRESTSubIssues takes away REST's paths for sub-issues, as Enterprise
	// Server 3.17 and 3.18 lack them. Whether their issues still show
	// parent_issue_url and sub_issues_summary isn't known: NoRESTParentField takes those.
	NoRESTSubIssues   bool `json:"no_rest_sub_issues,omitempty"`
	NoRESTParentField bool `json:"no_rest_parent_field,omitempty"`
	// GraphQL without the mutations that add and remove single labels and assignees, without the
	// edit history of issues, and issues that neither API closes as duplicates.
	NoMarks      bool `json:"no_marks,omitempty"`
	NoEdits      bool `json:"no_edits,omitempty"`
	NoDuplicates bool `json:"no_duplicates,omitempty"`
}

// Options shape a server. The zero value is a public repository octo-org/crm on
// a complete server, with octocat (admin), mona (write), tess (triage) and
// reader (read), and DefaultToken.
type Options struct {
	Repo     world.Repo
	Users    []world.User
	Tokens   []Token
	Features Features
	// Now is the clock; without it the server has its own, which moves a second with each write.
	Now func() time.Time
	// Sleep waits for delays; without it they take real time.
	Sleep func(context.Context, time.Duration)
	// EnforceLimits answers as limited GitHub does beyond the limits. Without it they are only measured.
	EnforceLimits bool
	// HourlyLimit is the primary limit; 1,000 if zero.
	HourlyLimit int
	// HTML is the address of the web pages; https://github.com if empty.
	HTML string
}

// Server is one fake GitHub. Safe for concurrent use.
type Server struct {
	opts  Options
	graph *graph.API
	rest  *rest.API
	log   journal.Journal

	running atomic.Int64

	mu     sync.Mutex // guards what follows
	world  *world.World
	tokens map[string]Token
	lag    time.Duration
	window window

	faultMu sync.Mutex // one fault decision at a time; never held together with mu
	fault   func(Request) *Fault
}

// New makes a server.
func New(opts Options) *Server {
	opts.Repo.Owner, opts.Repo.Name = cmp.Or(opts.Repo.Owner, "octo-org"), cmp.Or(opts.Repo.Name, "crm")
	opts.HTML = cmp.Or(strings.TrimSuffix(opts.HTML, "/"), "https://github.com")
	opts.HourlyLimit = cmp.Or(opts.HourlyLimit, 1000)
	if opts.Users == nil {
		opts.Users = []world.User{{Login: "octocat", ID: 583231, Role: world.RoleAdmin}, {Login: "mona", ID: 583232, Role: world.RoleWrite},
			{Login: "tess", ID: 583233, Role: world.RoleTriage}, {Login: "reader", ID: 583234, Role: world.RoleRead}}
	}
	if opts.Tokens == nil {
		opts.Tokens = []Token{{Value: DefaultToken, Login: BotLogin, App: true, Issues: "write", Contents: "read", Pulls: "write"}}
	}
	if opts.Sleep == nil {
		opts.Sleep = wait
	}
	f := opts.Features
	s := &Server{
		opts: opts,
		graph: graph.New(graph.Features{NoSubIssues: f.NoSubIssues, NoParentInCreate: f.NoParentInCreate,
			NoDependencies: f.NoDependencies, NoTypes: f.NoTypes, NoMarks: f.NoMarks, NoEdits: f.NoEdits, NoDuplicates: f.NoDuplicates}),
		rest: rest.New(rest.Features{NoSubIssues: f.NoSubIssues, NoSubIssuePaths: f.NoRESTSubIssues, NoSubIssueFields: f.NoRESTParentField,
			NoDependencies: f.NoDependencies, NoTypes: f.NoTypes, NoDuplicates: f.NoDuplicates}),
		world:  world.New(opts.Repo, opts.Now),
		tokens: map[string]Token{},
	}
	s.world.AddUser(world.User{Login: BotLogin, ID: BotID, Type: "Bot"})
	for _, u := range opts.Users {
		s.world.AddUser(u)
	}
	for _, t := range opts.Tokens {
		s.tokens[t.Value] = t
	}
	return s
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// Start serves until the test ends, and prints the requests if it failed. The
// addresses are what GITHUB_API_URL and GITHUB_GRAPHQL_URL hold in a workflow.
func (s *Server) Start(t testing.TB) (apiURL, graphqlURL string) {
	t.Helper()
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		web.Close()
		if t.Failed() {
			t.Logf("requests to the fake GitHub:\n%s", journal.List(s.Requests()))
		}
	})
	return web.URL, web.URL + "/graphql"
}

// Start makes a server with default options and starts it.
func Start(t testing.TB) (srv *Server, apiURL, graphqlURL string) {
	t.Helper()
	srv = New(Options{})
	apiURL, graphqlURL = srv.Start(t)
	return srv, apiURL, graphqlURL
}

// Handler is the server as an http.Handler: REST under / and /api/v3, GraphQL
// at /graphql and /api/graphql.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// AddToken adds or replaces a credential.
func (s *Server) AddToken(t Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[t.Value] = t
}

// Requests are all requests so far, in order.
func (s *Server) Requests() []Request { return s.log.Requests() }

// Writes are the requests so far that could change something.
func (s *Server) Writes() []Request {
	var out []Request
	for _, r := range s.Requests() {
		if r.Write {
			out = append(out, r)
		}
	}
	return out
}

// ResetJournal forgets the requests so far and what the meter measured.
func (s *Server) ResetJournal() { s.log.Reset() }

// Summary counts the requests so far by kind, one kind a line.
func (s *Server) Summary() string { return journal.Summary(s.Requests()) }

// List prints the requests so far, one a line.
func (s *Server) List() string { return journal.List(s.Requests()) }

// Violations are the published limits that were broken so far. Give the server
// the client's clock, or the meter measures the server's own one.
func (s *Server) Violations() []string { return s.log.Violations() }

// Advance moves the server's own clock.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Advance(d)
}

// Now is the server's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Now()
}

// SetListLag makes every list of issues show the state of that long ago; single reads stay fresh.
func (s *Server) SetListLag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag = d
}

// actor is who the token stands for, and its rights on contents and pull requests.
func (s *Server) actor(t Token) (a world.Actor, contents, pulls world.Role) {
	a = s.world.Person(t.Login)
	if !t.App {
		return a, a.Role, a.Role
	}
	a.App = true
	role := func(word string) world.Role {
		switch {
		case word == "write":
			return world.RoleWrite
		case word == "read" || !s.world.Repo.Private:
			return world.RoleRead
		}
		return world.RoleNone
	}
	a.Role = role(t.Issues)
	return a, role(t.Contents), role(t.Pulls)
}
