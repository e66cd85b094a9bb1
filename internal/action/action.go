// Package action owns the workflow runner: what it hands to the program (inputs, event,
// environment) and what it reads back (commands in the log, outputs, the job summary).
//
// It refuses to print text of others as it stands. The runner reads commands out of every
// line of stdout and stderr, so a capability titled "::add-mask::a" could hide log text or
// forge annotations; whatever passes through here is shown, but never obeyed. It decides
// nothing about capabilities or tickets.
//
//	a := action.New(os.Getenv, os.Stdout)
//	in, findings := a.Inputs()
//	a.Mask(in.Token)
//	a.Annotate(findings)
//	end := a.Group("Plan")
//	fmt.Fprintln(a.Log(), title) // inert, whatever the title says
//	end()
package action

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	githubactions "github.com/sethvargo/go-githubactions"

	"github.com/ticketfoundry/ticketfoundry/internal/action/payload"
)

// Action is one run of the program as the workflow runner sees it. Its methods may be
// called from several goroutines.
type Action struct {
	getenv func(string) string
	sdk    *githubactions.Action

	mu  sync.Mutex // keeps commands and log lines from cutting into each other
	log *SafeWriter

	summaryCut bool // the job summary is full
}

// New reads the environment through getenv and talks to the runner on stdout. Once stdout
// refuses a write, later log text is dropped and [Action.Flush] gives the error.
func New(getenv func(string) string, stdout io.Writer) *Action {
	a := &Action{getenv: getenv, log: NewSafeWriter(stdout)}
	a.sdk = githubactions.New(githubactions.WithGetenv(getenv), githubactions.WithWriter(commandWriter{a.log}))
	return a
}

// commandWriter lets the SDK's own commands pass unescaped, in order with the log text.
// It never returns an error, because the SDK would panic; the log keeps it.
type commandWriter struct{ log *SafeWriter }

func (w commandWriter) Write(p []byte) (int, error) {
	w.log.raw(p)
	return len(p), nil
}

// Running tells whether a workflow runner started the program.
func (a *Action) Running() bool { return a.getenv("GITHUB_ACTIONS") == "true" }

// Log takes text for the run's log and makes it inert; see [SafeWriter].
func (a *Action) Log() io.Writer { return lockedWriter{a} }

type lockedWriter struct{ a *Action }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.a.mu.Lock()
	defer w.a.mu.Unlock()
	return w.a.log.Write(p)
}

// Flush ends a last line that is still open, and returns the first error that stdout ever
// gave.
func (a *Action) Flush() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Flush()
}

// Group folds what is logged until end is called under a title. Groups do not nest: the
// runner closes an open one when the next begins.
func (a *Action) Group(title string) (end func()) {
	a.command(func() { a.sdk.Group(OneLine(title)) })
	return sync.OnceFunc(func() { a.command(a.sdk.EndGroup) })
}

// Mask makes the runner replace the secret in everything it logs from now on. By hand it
// does nothing: naming the secret is how it is masked, and nobody is there to hide the line.
func (a *Action) Mask(secret Secret) {
	if !a.Running() {
		return
	}
	for line := range strings.FieldsFuncSeq(string(secret), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != "" {
			a.command(func() { a.sdk.AddMask(line) })
		}
	}
}

func (a *Action) command(issue func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.log.endLine()
	issue()
}

// Run is what the environment says about the workflow run. Fields the runner did not set
// are empty, but for the three addresses, which fall back to github.com's.
type Run struct {
	Repository      string // owner/name
	RepositoryID    int64  // 0 when unknown
	SHA             string // commit the run was started for; a merge commit on pull requests
	Ref             string // refs/heads/main, refs/pull/7/merge
	BaseRef         string // short name of a pull request's target branch
	HeadRef         string // short name of a pull request's source branch
	Workspace       string // absolute path of the checkout
	Temp            string // absolute path that is emptied after the job
	APIURL          string // REST root, without a slash at the end
	GraphQLURL      string // whole address; not APIURL plus a path on Enterprise Server
	ServerURL       string // for links, without a slash at the end
	ID              string // id of the workflow run
	Attempt         int    // counts from 1; 0 when unknown
	Workflow        string
	Job             string
	Actor           string // who started the first attempt; proves nothing about who did what
	TriggeringActor string // who started this attempt
}

// Run reads the runner's environment.
func (a *Action) Run() Run {
	or := func(name, fallback string) string {
		if v := strings.TrimRight(a.getenv(name), "/"); v != "" {
			return v
		}
		return fallback
	}
	id, _ := strconv.ParseInt(a.getenv("GITHUB_REPOSITORY_ID"), 10, 64)
	attempt, _ := strconv.Atoi(a.getenv("GITHUB_RUN_ATTEMPT"))
	return Run{
		Repository:      a.getenv("GITHUB_REPOSITORY"),
		RepositoryID:    id,
		SHA:             a.getenv("GITHUB_SHA"),
		Ref:             a.getenv("GITHUB_REF"),
		BaseRef:         a.getenv("GITHUB_BASE_REF"),
		HeadRef:         a.getenv("GITHUB_HEAD_REF"),
		Workspace:       a.getenv("GITHUB_WORKSPACE"),
		Temp:            a.getenv("RUNNER_TEMP"),
		APIURL:          or("GITHUB_API_URL", "https://api.github.com"),
		GraphQLURL:      or("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql"),
		ServerURL:       or("GITHUB_SERVER_URL", "https://github.com"),
		ID:              a.getenv("GITHUB_RUN_ID"),
		Attempt:         attempt,
		Workflow:        a.getenv("GITHUB_WORKFLOW"),
		Job:             a.getenv("GITHUB_JOB"),
		Actor:           a.getenv("GITHUB_ACTOR"),
		TriggeringActor: a.getenv("GITHUB_TRIGGERING_ACTOR"),
	}
}

// URL links to the workflow run; empty by hand.
func (r Run) URL() string {
	if r.ID == "" || r.Repository == "" {
		return ""
	}
	return r.ServerURL + "/" + r.Repository + "/actions/runs/" + r.ID
}

type (
	// Event is what started the run.
	Event = payload.Event
	// Label is a label in an event.
	Label = payload.Label
)

// Event reads the payload the runner left on disk. Without a payload (GITHUB_EVENT_PATH
// unset, a run by hand) only what the environment says is filled in. A payload that cannot
// be read, is too large, or has a part of the wrong type is an error.
func (a *Action) Event() (Event, error) {
	run := a.Run()
	ev := Event{Name: a.getenv("GITHUB_EVENT_NAME")}
	if path := a.getenv("GITHUB_EVENT_PATH"); path != "" {
		f, err := os.Open(path)
		if err != nil {
			return Event{}, fmt.Errorf("opening the event's payload: %w", err)
		}
		defer func() { _ = f.Close() }()
		if ev, err = payload.Decode(ev.Name, f); err != nil {
			return Event{}, fmt.Errorf("reading the payload of event %q: %w", ev.Name, err)
		}
	}
	if ev.Repository.FullName == "" {
		ev.Repository.FullName = run.Repository
	}
	if ev.Repository.ID == 0 {
		ev.Repository.ID = run.RepositoryID
	}
	if ev.Name == "push" && ev.Ref == "" {
		ev.Ref = run.Ref
	}
	return ev, nil
}
