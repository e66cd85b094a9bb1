package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
)

// grammar is the command line.
type grammar struct {
	Validate validateCommand `cmd:"" help:"Check capability files and the config file."`
	Plan     planCommand     `cmd:"" help:"Show what an apply would do. Writes nothing."`
	Apply    applyCommand    `cmd:"" help:"Make the tickets what the specs say."`
	Ticket   ticketCommand   `cmd:"" help:"Close, approve, reject or comment on a ticket in a folder."`
	Notes    notesCommand    `cmd:"" name:"release-notes" help:"Print what customers are told about a version, or keep it in a change log."`
	New      newCommand      `cmd:"" help:"Begin a capability file with the next free number."`
	Schema   schemaCommand   `cmd:"" help:"Print the JSON Schema of a file format."`
	Init     initCommand     `cmd:"" help:"Write a config, a first capability, issue forms and the workflow."`

	Version kong.VersionFlag `help:"Print the version."`
}

// common is what validate, plan and apply share.
type common struct {
	Paths  []string `arg:"" optional:"" help:"A folder to work in, or single capability files in this one."`
	Format string   `enum:"text, json, github, sarif" default:"text" help:"How findings are printed: ${enum}."`
	Config string   `default:".github/ticketfoundry.yml" help:"Config file, relative to the folder." placeholder:"PATH"`
}

// where is which tracker plan and apply work on.
type where struct {
	Tracker        string `enum:"auto, local, github" default:"auto" help:"local (a folder) or github; auto takes github when there is a token and a repository."`
	Repo           string `help:"Repository on GitHub, owner/name; default: $$GITHUB_REPOSITORY." placeholder:"OWNER/NAME"`
	Folder         string `help:"Folder of the local tracker; default: .ticketfoundry in the folder worked in." placeholder:"DIR"`
	AllowMassClose bool   `help:"Go on although many capabilities or tickets vanished at once."`
}

type validateCommand struct{ common }

// pace is how much apply may write, and what plan tells the time by.
type pace struct {
	MaxWrites       int          `help:"Stop cleanly after this many writes; 0 for no bound."`
	WritesPerMinute int          `default:"60" help:"Pace of writes to GitHub."`
	WritesPerHour   int          `default:"480" help:"Writes to GitHub that an hour may take, with those of earlier runs."`
	MaxMinutes      int          `default:"15" help:"Begin nothing more after this many minutes of writing to GitHub."`
	Shard           action.Shard `help:"Only a part of the capabilities, as 2/8: the second of eight." placeholder:"PART/PARTS"`
}

func (p pace) limits() limits {
	return limits{writes: p.MaxWrites, perMinute: max(1, p.WritesPerMinute), perHour: p.WritesPerHour, minutes: p.MaxMinutes, shard: p.Shard}
}

type planCommand struct {
	common
	where
	pace
}

type applyCommand struct {
	common
	where
	pace
	AllowFork bool `help:"Apply in a repository that is a fork."`
}

// bad is a mistake on the command line.
type bad struct{ error }

// commandLine parses the arguments and runs the command.
func commandLine(ctx context.Context, env Env) int {
	var g grammar
	exit := -1
	parser, err := kong.New(&g,
		kong.Name("ticketfoundry"),
		kong.Description("One approved capability spec in Git drives every ticket.\n\nExit codes: 0 fine, 1 findings, 2 could not run."),
		kong.Vars{"version": env.Version},
		kong.Writers(env.Stdout, env.Stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(env.Stderr, err)
		return ExitFailed
	}
	if len(env.Args) == 0 {
		env.Args = []string{"--help"}
	}
	cmd, err := parser.Parse(env.Args)
	if exit >= 0 { // --help and --version have printed and asked to leave
		return exit
	}
	if err != nil {
		fmt.Fprintf(env.Stderr, "ticketfoundry: %s\nSee %s --help.\n", err, about(err))
		return ExitFailed
	}
	cmd.BindTo(ctx, (*context.Context)(nil))
	code := ExitFine
	err = cmd.Run(env, &code)
	if err != nil {
		fmt.Fprintf(env.Stderr, "ticketfoundry: %s\n", err)
		return ExitFailed
	}
	return code
}

// about is the command that was not understood, as far as it was.
func about(err error) string {
	if wrong, ok := errors.AsType[*kong.ParseError](err); ok && wrong.Context != nil && wrong.Context.Selected() != nil {
		return wrong.Context.Selected().FullPath()
	}
	return "ticketfoundry"
}

// place is the folder worked in and the single files named, relative to it.
type place struct {
	dir   string
	files []string
}

// find makes sense of the paths: none is the working directory, one folder is worked in,
// files are looked at alone within the working directory.
func (c common) find(env Env) (place, error) {
	p := place{dir: env.Dir}
	for _, arg := range c.Paths {
		path := arg
		if !filepath.IsAbs(path) {
			path = filepath.Join(env.Dir, path)
		}
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return p, bad{fmt.Errorf("there is no %q; name a folder or capability files", arg)}
		case err != nil:
			return p, err
		case info.IsDir() && len(c.Paths) > 1:
			return p, bad{fmt.Errorf("%s is a folder; name one folder, or files only", arg)}
		case info.IsDir():
			p.dir = path
		default:
			rel, err := filepath.Rel(env.Dir, path)
			if err != nil || strings.HasPrefix(rel, "..") {
				return p, bad{fmt.Errorf("%s lies outside of this folder; change to its repository first", arg)}
			}
			p.files = append(p.files, filepath.ToSlash(rel))
		}
	}
	return p, nil
}

// progress shows what long work is at, on a terminal only.
func (env Env) progress(format string, args ...any) {
	if env.Terminal {
		fmt.Fprintf(env.Stderr, "\r\033[K"+format, args...)
	}
}

func (env Env) progressEnd() { env.progress("") }

func printf(w io.Writer, format string, args ...any) { fmt.Fprintf(w, format, args...) }
