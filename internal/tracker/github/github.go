// Package github owns GitHub Issues as a tracker: it reads and writes issues, labels,
// milestones, sub-issues, dependencies and comments of one repository, and reads what a run
// must know of the repository itself (files at a commit, pull requests, accounts). It refuses
// to decide anything: what to write comes as ticket.Draft and ticket.Patch. It never searches,
// never deletes an issue, and never sends a creation twice before it has looked for the first.
//
//	tracker, err := github.New(github.Options{Token: token, Repository: "acme/crm", Clock: clock, Sleep: sleep})
//	where, err := tracker.Repository(ctx)
package github

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/wire"
)

// Options is what a Tracker needs. Token, Repository, Clock and Sleep must be there.
type Options struct {
	Token          string
	Repository     string // "owner/name"
	APIURL         string // default https://api.github.com
	GraphQLURL     string // default: derived from APIURL
	UserAgent      string // "ticketfoundry/1.2.3"
	TrustedWriters []string
	// FewLabels has only the first hundred labels read and these ones, however many there are;
	// FindLabels finds others. Empty: all are read.
	FewLabels []string
	// Commit is one whose first parent will be asked for: it is read along with the repository.
	Commit    string
	PerMinute int           // writes a minute, default 60
	MaxWait   time.Duration // for all waiting on limits together, default 5 minutes
	Timeout   time.Duration // for one request, default 30 s

	Clock  func() time.Time
	Sleep  func(context.Context, time.Duration) error // returns early with the context's error
	Base   http.RoundTripper                          // for tests; default a fresh http transport
	Jitter func() float64                             // in [0,1); default random
}

// Tracker is one repository's issues. It is safe for concurrent use; writes go one by one.
type Tracker struct {
	o       Options
	wire    *wire.Transport
	client  *gogithub.Client
	graphql string
	clock   func() time.Time
	sleep   func(context.Context, time.Duration) error
	started time.Time
	sizes   sizes

	spares   sync.Pool // of *bytes.Buffer
	mu       sync.Mutex
	owner    string
	name     string
	loaded   bool
	repo     ticket.Repository
	repoID   string // node id
	schema   schema
	labels   map[string]label     // by folded name
	miles    map[string]milestone // by title
	people   map[string]string    // assignable: folded login to node id
	others   bool                 // there are more assignable people than those
	types    map[string]string    // issue type: folded name to node id
	issues   map[int]handle
	roles    map[string]string
	accounts map[string]ticket.Account
	absent   map[string]struct{} // folded names of labels that are not there
	parents  map[string]string   // first parents by commit
}

var (
	_ ticket.Reader     = (*Tracker)(nil)
	_ ticket.Writer     = (*Tracker)(nil)
	_ ticket.Historian  = (*Tracker)(nil)
	_ ticket.Batcher    = (*Tracker)(nil)
	_ ticket.Timekeeper = (*Tracker)(nil)
)

// handle is how the two APIs address an issue besides its number.
type handle struct {
	node  string
	id    int64
	links bool // REST shows its links
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)

// New makes a Tracker. It sends nothing; the error is about the options.
func New(o Options) (*Tracker, error) {
	if !repositoryName.MatchString(o.Repository) {
		return nil, fmt.Errorf("repository %q is not of the form owner/name", o.Repository)
	}
	if o.Token == "" {
		return nil, fmt.Errorf("no token for %s", o.Repository)
	}
	if o.Clock == nil || o.Sleep == nil {
		return nil, errors.New("a tracker needs a clock and a way to sleep")
	}
	if o.APIURL == "" {
		o.APIURL = "https://api.github.com"
	}
	api, err := absolute(o.APIURL)
	if err != nil {
		return nil, fmt.Errorf("API address: %w", err)
	}
	if o.GraphQLURL == "" {
		o.GraphQLURL = strings.TrimSuffix(strings.TrimSuffix(o.APIURL, "/"), "/v3") + "/graphql"
	}
	graphql, err := absolute(o.GraphQLURL)
	if err != nil {
		return nil, fmt.Errorf("GraphQL address: %w", err)
	}
	if o.UserAgent == "" {
		o.UserAgent = "ticketfoundry"
	}
	owner, name, _ := strings.Cut(o.Repository, "/")
	transport := wire.New(wire.Options{
		Token: o.Token, APIURL: api, GraphQLURL: graphql, UserAgent: o.UserAgent, Base: o.Base,
		Clock: o.Clock, Sleep: o.Sleep, Jitter: o.Jitter,
		PerMinute: o.PerMinute, MaxWait: o.MaxWait, Timeout: o.Timeout,
	})
	client := gogithub.NewClient(&http.Client{Transport: transport, CheckRedirect: wire.NoRedirect})
	base := *api
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	client.BaseURL = &base
	client.UserAgent = o.UserAgent
	return &Tracker{
		o: o, wire: transport, client: client, graphql: graphql.String(), clock: o.Clock, sleep: o.Sleep,
		started: o.Clock(), sizes: newSizes(), owner: owner, name: name,
		labels: map[string]label{}, miles: map[string]milestone{}, people: map[string]string{},
		types: map[string]string{}, issues: map[int]handle{}, roles: map[string]string{},
		accounts: map[string]ticket.Account{}, absent: map[string]struct{}{}, parents: map[string]string{},
	}, nil
}

func absolute(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return nil, fmt.Errorf("%q is not an http address", u.Redacted())
	}
	return u, nil
}

// Counts tells how many requests and writes were sent so far.
func (t *Tracker) Counts() wire.Counts { return t.wire.Counts() }

// ServerTime is GitHub's time now by its last answer, in whole seconds and never later than it is
// there. Zero before the first answer.
func (t *Tracker) ServerTime() time.Time { return t.wire.ServerTime() }

// path gives the address of something in the repository, each part escaped: label names may
// hold '?', '#', '/' and '%', which would otherwise address something else.
func (t *Tracker) path(parts ...any) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	b.WriteString("repos/" + url.PathEscape(t.owner) + "/" + url.PathEscape(t.name))
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(fmt.Sprint(p)))
	}
	return b.String()
}

// rest sends one REST request and decodes the answer into out, which may be nil. The error is
// an *ticket.Error without act and key; see fail.
func (t *Tracker) rest(ctx context.Context, method, path string, body, out any) (*gogithub.Response, error) {
	// A label named ".." would address what stands above it: the repository itself.
	where, _, _ := strings.Cut(path, "?")
	for part := range strings.SplitSeq(where, "/") {
		if part == "." || part == ".." {
			return nil, &ticket.Error{Kind: ticket.Rejected, Detail: fmt.Sprintf("a thing named %q cannot be addressed", part)}
		}
	}
	req, err := t.client.NewRequest(method, path, body)
	if err != nil {
		return nil, &ticket.Error{Kind: ticket.Rejected, Detail: t.wire.Redact(err.Error())}
	}
	answer := t.spare()
	defer t.spares.Put(answer)
	resp, err := t.client.Do(wire.Detach(ctx), req, answer)
	if err == nil && out != nil && answer.Len() > 0 {
		err = json.Unmarshal(answer.Bytes(), out)
	}
	if to, moved := t.moved(path, resp); moved {
		return resp, &ticket.Error{Kind: ticket.Gone, Detail: "it was transferred to " + t.line(to)}
	}
	if err != nil {
		return resp, t.translate(err, method != http.MethodGet)
	}
	return resp, nil
}

// spare gives an empty buffer for an answer. A page of issues takes a megabyte, and there are
// hundreds; a decoder that reads from a stream would copy each several times besides.
func (t *Tracker) spare() *bytes.Buffer {
	b, ok := t.spares.Get().(*bytes.Buffer)
	if !ok {
		return new(bytes.Buffer)
	}
	b.Reset()
	return b
}

var issuePath = regexp.MustCompile(`^repos/[^/]+/[^/]+/issues/([0-9]+)(/|$)`)

// moved tells whether a question about an issue was answered from another repository: GitHub
// redirects to where the issue was transferred. A renamed repository keeps its id.
func (t *Tracker) moved(path string, resp *gogithub.Response) (string, bool) {
	path, _, _ = strings.Cut(path, "?")
	m := issuePath.FindStringSubmatch(path)
	if m == nil || resp == nil || resp.Response == nil || resp.Request == nil {
		return "", false
	}
	at := resp.Request.URL.EscapedPath() + "/"
	t.mu.Lock()
	renamed := "/repositories/" + t.repo.ID + "/issues/" + m[1] + "/"
	t.mu.Unlock()
	return resp.Request.URL.Redacted(), !strings.HasSuffix(at, "/"+path+"/") && !strings.Contains(at, renamed)
}

// remember keeps how to address an issue, and whether REST shows its links.
func (t *Tracker) remember(number int, node string, id int64, links bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.issues[number]
	h.links = h.links || links
	if node != "" {
		h.node = node
	}
	if id != 0 {
		h.id = id
	}
	t.issues[number] = h
}

func (t *Tracker) known(number int) handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issues[number]
}
