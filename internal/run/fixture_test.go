package run_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// clock is virtual time: it moves when somebody sleeps, and a second with each reading by the
// server, as requests take time.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Advance(d)
	return ctx.Err()
}

// repo is a repository on the fake GitHub with a checkout of its default branch.
type repo struct {
	t        testing.TB
	srv      *fakegithub.Server
	api, gql string
	dir      string
	files    map[string]string
	sha      string
	n        int
	clock    *clock
	inputs   map[string]string
	ctx      context.Context   // of the runs; the test's own if nil
	http     http.RoundTripper // of the runs; the network if nil
}

// options of the fake server that most tests take.
func options() fakegithub.Options { return fakegithub.Options{} }

func newRepo(t testing.TB, o fakegithub.Options, files map[string]string) *repo {
	t.Helper()
	r := &repo{t: t, dir: t.TempDir(), files: map[string]string{}, inputs: map[string]string{"WRITES-PER-HOUR": "20000", "MAX-MINUTES": "300"},
		clock: &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	if o.Now == nil {
		o.Now = r.clock.Now
	}
	if o.Sleep == nil {
		o.Sleep = func(_ context.Context, d time.Duration) { r.clock.Advance(d) }
	}
	if o.HourlyLimit == 0 {
		o.HourlyLimit = 1_000_000
	}
	r.srv = fakegithub.New(o)
	r.api, r.gql = r.srv.Start(t)
	r.commit(files)
	return r
}

// commit puts files (empty text removes one) on the default branch and checks it out.
func (r *repo) commit(change map[string]string) {
	r.t.Helper()
	parent := r.sha
	for path, text := range change {
		full := filepath.Join(r.dir, filepath.FromSlash(path))
		if text == "" {
			delete(r.files, path)
			if err := os.Remove(full); err != nil {
				r.t.Fatal(err)
			}
			continue
		}
		r.files[path] = text
		r.write(full, text)
	}
	r.sha = r.add(parent, r.files)
	if err := r.srv.Seed(fakegithub.Seed{Branches: map[string]string{"main": r.sha}}); err != nil {
		r.t.Fatal(err)
	}
	r.checkout(r.sha)
}

func (r *repo) checkout(sha string) { r.write(filepath.Join(r.dir, ".git", "HEAD"), sha+"\n") }

func (r *repo) write(path, text string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// add makes a commit without checking it out.
func (r *repo) add(parent string, files map[string]string) string {
	r.t.Helper()
	r.n++
	c := commits.Commit{SHA: commits.SHA(fmt.Sprintf("commit %d", r.n)), Files: maps.Clone(files)}
	if parent != "" {
		c.Parents = []string{parent}
	}
	if err := r.srv.Seed(fakegithub.Seed{Commits: []commits.Commit{c}}); err != nil {
		r.t.Fatal(err)
	}
	return c.SHA
}

// result is what a run left.
type result struct {
	code    int
	stdout  string
	stderr  string
	outputs map[string]string
	summary string
}

// push runs the action for a push of the commit that is checked out.
func (r *repo) push() result {
	r.t.Helper()
	return r.event("push", map[string]any{"ref": "refs/heads/main", "after": r.sha}, nil)
}

// event runs the action for an event.
func (r *repo) event(name string, payload map[string]any, env map[string]string) result {
	r.t.Helper()
	payload["repository"] = map[string]any{"id": r.repositoryID(), "full_name": "octo-org/crm", "default_branch": "main"}
	text, err := json.Marshal(payload)
	if err != nil {
		r.t.Fatal(err)
	}
	side := r.t.TempDir()
	event, out, summary := filepath.Join(side, "event.json"), filepath.Join(side, "out"), filepath.Join(side, "summary")
	r.write(event, string(text))
	vars := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": event, "GITHUB_OUTPUT": out, "GITHUB_STEP_SUMMARY": summary,
		"GITHUB_REPOSITORY": "octo-org/crm", "GITHUB_SHA": r.sha, "GITHUB_REF": "refs/heads/main", "GITHUB_WORKSPACE": r.dir,
		"GITHUB_API_URL": r.api, "GITHUB_GRAPHQL_URL": r.gql, "INPUT_TOKEN": fakegithub.DefaultToken,
	}
	for k, v := range r.inputs {
		vars["INPUT_"+strings.ToUpper(k)] = v
	}
	maps.Copy(vars, env)
	var stdout, stderr bytes.Buffer
	res := result{outputs: map[string]string{}}
	ctx := r.ctx
	if ctx == nil {
		ctx = r.t.Context()
	}
	res.code = run.Main(ctx, run.Env{
		Stdout: &stdout, Stderr: &stderr, Dir: r.dir, Version: "test",
		Getenv: func(k string) string { return vars[k] }, Now: r.clock.Now, Sleep: r.clock.Sleep, HTTP: r.http,
	})
	res.stdout, res.stderr = stdout.String(), stderr.String()
	if text, err := os.ReadFile(summary); err == nil {
		res.summary = string(text)
	}
	res.outputs = readOutputs(r.t, out)
	return res
}

func readOutputs(t testing.TB, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the run set no outputs: %v", err)
	}
	out := map[string]string{}
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		name, end, ok := strings.Cut(lines[i], "<<")
		if !ok {
			continue
		}
		var value []string
		for i++; lines[i] != end; i++ {
			value = append(value, lines[i])
		}
		out[name] = strings.Join(value, "\n")
	}
	return out
}

func (r *repo) repositoryID() int64 { return r.srv.State().Repo.ID }

// must fails unless the run ended with the code.
func (r *repo) must(res result, code int) result {
	r.t.Helper()
	if res.code != code {
		r.t.Fatalf("exit code %d, want %d\n%s%s", res.code, code, res.stdout, res.stderr)
	}
	return res
}

// titled gives the one issue with the title, which may be cut.
func (r *repo) titled(prefix string) fakegithub.Issue {
	r.t.Helper()
	var found []fakegithub.Issue
	for _, i := range r.srv.Issues() {
		if strings.HasPrefix(i.Title, prefix) && !i.PullRequest && i.Gone == "" {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		r.t.Fatalf("%d issues are titled %q, want 1", len(found), prefix)
	}
	return found[0]
}

// indexLine is what the board remembers: it holds times, so no two are alike.
var indexLine = regexp.MustCompile(`<!-- ticketfoundry:index [^ ]+ -->`)

// dump gives everything there is, but for what the board remembers.
func (r *repo) dump() string { return indexLine.ReplaceAllString(r.srv.Dump(), "(index)") }

// live gives the open issues, without pull requests and the board.
func (r *repo) live() []fakegithub.Issue {
	var out []fakegithub.Issue
	for _, i := range r.srv.Issues() {
		if ticket.ParseBody(i.Body).Marker.Key == ticket.Board {
			continue
		}
		if i.State == "open" && !i.PullRequest && i.Gone == "" {
			out = append(out, i)
		}
	}
	return out
}

// spec is a capability file with so many tickets of its own in triage.
func spec(id string, tickets int, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "id: %s\ntitle: Capability %s\nsummary: A summary of what it is for.\nowner: octocat\n%s", id, id, more)
	if tickets > 0 {
		b.WriteString("tickets:\n  triage:\n")
	}
	for i := range tickets {
		fmt.Fprintf(&b, "    - {key: extra-%d, title: Extra ticket %d, acceptance: [first, second]}\n", i+1, i+1)
	}
	return b.String()
}

func path(id string) string { return "capabilities/" + id + ".yml" }

// specs are n capabilities, CRM-1 on, each with triage and so many tickets more.
func specs(n, tickets int) map[string]string {
	out := map[string]string{}
	for i := range n {
		id := fmt.Sprintf("CRM-%d", i+1)
		out[path(id)] = spec(id, tickets, "")
	}
	return out
}

var numbers = regexp.MustCompile(`#\d+`)

// spans are code spans of up to two backticks.
var spans = regexp.MustCompile("``[^`].*?``|`[^`]+`")
