// Package run wires everything: it reads the environment that main hands in, chooses what to
// do (by the workflow's event, or by the command line), takes one run through the rooms from
// files to report, and gives the exit code. It is the only package that knows all others; it
// holds no rules of its own about specs, stages or tickets.
//
//	code := run.Main(ctx, run.Env{Args: os.Args[1:], Getenv: os.Getenv, ...})
package run

import (
	"context"
	"io"
	"net/http"
	"time"
)

// The exit codes.
const (
	ExitFine     = 0 // nothing wrong
	ExitFindings = 1 // a spec, the config or a ticket needs a person
	ExitFailed   = 2 // the run could not be carried out
)

// Env is everything the program takes from outside.
type Env struct {
	Args    []string
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
	Dir     string // working directory, absolute
	Now     func() time.Time
	Sleep   func(context.Context, time.Duration) error
	HTTP    http.RoundTripper // nil for the network
	Version string
	// Terminal tells whether a person watches Stderr: progress is shown then.
	Terminal bool
}

// Main runs the program and gives its exit code. Started by a workflow runner without
// arguments it does what the event asks for, else what the command line says.
func Main(ctx context.Context, env Env) int {
	if env.Getenv("GITHUB_ACTIONS") == "true" && len(env.Args) == 0 {
		return workflow(ctx, env)
	}
	return commandLine(ctx, env)
}
