package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
)

// approved is the label by which a person approves.
const approved = "approved"

// programAccount is the account that the program itself writes as in a folder.
const programAccount = "ticketfoundry"

// ticketCommand is what people do to tickets in a folder, under their own name.
type ticketCommand struct {
	List    listTickets   `cmd:"" help:"List tickets."`
	Close   closeTicket   `cmd:"" help:"Close a ticket: its work is done."`
	Reopen  reopenTicket  `cmd:"" help:"Open a closed ticket again."`
	Approve approveTicket `cmd:"" help:"Approve what a ticket asks about."`
	Reject  rejectTicket  `cmd:"" help:"Reject what a ticket asks about."`
	Comment commentTicket `cmd:"" help:"Comment on a ticket; a line such as /hold REASON is a command."`
}

// shelf is where the tickets lie.
type shelf struct {
	Folder string `help:"Folder of the local tracker; default: .ticketfoundry in the folder worked in." placeholder:"DIR"`
}

// act is what all commands that change a ticket share.
type act struct {
	shelf
	Dir string `default:"." help:"Folder worked in." placeholder:"DIR"`
	As  string `help:"Login of who does it; default: $$USER." placeholder:"LOGIN"`
	Ref string `arg:"" help:"Ticket: 12, #12 or its key, CRM-101/build/implement."`
}

type listTickets struct {
	shelf
	Open bool   `help:"Only open ones."`
	Dir  string `arg:"" optional:"" default:"." help:"Folder worked in."`
}

type closeTicket struct {
	act
	NotPlanned bool `help:"It is not going to be done."`
}

type reopenTicket struct{ act }

type approveTicket struct{ act }

type rejectTicket struct {
	act
	Reason []string `arg:"" help:"Why; may begin with to:STAGE."`
}

type commentTicket struct {
	act
	Text []string `arg:"" help:"What to say."`
}

// open opens the folder of a tracker that is there; it never makes one.
func (s shelf) open(env Env, dir string, write bool) (*local.Tracker, error) {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(env.Dir, dir)
	}
	folder := cmp.Or(s.Folder, filepath.Join(dir, ".ticketfoundry"))
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(env.Dir, folder)
	}
	_, err := os.Stat(filepath.Join(folder, "repository.yml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, bad{fmt.Errorf("there are no tickets in %s; run `ticketfoundry apply` first, or name their folder with --folder", folder)}
	}
	if err != nil {
		return nil, err
	}
	return local.Open(folder, local.Options{Clock: env.Now, Account: programAccount, Create: write})
}

// Run prints the tickets.
func (c *listTickets) Run(ctx context.Context, env Env) error {
	t, err := c.open(env, c.Dir, false)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	all, err := t.List(ctx, ticket.Query{})
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	for _, o := range all {
		if !c.Open || o.State == ticket.Open {
			printf(table, "%s\t%s\t%s\t%s\n", o.Ref, o.State, o.Title, strings.Join(o.Assignees, ", "))
		}
	}
	return table.Flush()
}

// desk is one ticket, and the person who is to do something to it.
type desk struct {
	ctx    context.Context
	person *local.Tracker
	login  string
	ticket ticket.Observed
}

// do finds the ticket, lets change act on it, and says what it says was done.
func (a act) do(ctx context.Context, env Env, change func(desk) (string, error)) error {
	login := strings.TrimPrefix(cmp.Or(a.As, env.Getenv("USER"), env.Getenv("USERNAME")), "@")
	switch {
	case login == "":
		return bad{errors.New("who does it? say --as LOGIN")}
	case strings.EqualFold(login, programAccount):
		return bad{fmt.Errorf("%s is the program's own account: nothing it does is a decision; say --as LOGIN", login)}
	case strings.ContainsFunc(login, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return bad{fmt.Errorf("%q is no login; say --as LOGIN", login)}
	}
	t, err := a.open(env, a.Dir, true)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	o, err := lookUp(ctx, t, a.Ref)
	if err != nil {
		return err
	}
	done, err := change(desk{ctx, t.As(login), login, o})
	if err != nil {
		return err
	}
	printf(env.Stdout, "%s %s %s, as %s\nrun `ticketfoundry apply` to let the pipeline move\n", done, o.Ref, o.Title, login)
	return nil
}

// lookUp finds a ticket by number or key; of several with one key the lowest is meant.
func lookUp(ctx context.Context, t *local.Tracker, ref string) (ticket.Observed, error) {
	all, err := t.List(ctx, ticket.Query{})
	if err != nil {
		return ticket.Observed{}, err
	}
	at := slices.IndexFunc(all, func(o ticket.Observed) bool {
		return string(o.Ref) == "#"+strings.TrimPrefix(ref, "#") ||
			ref != "" && strings.EqualFold(string(ticket.ParseBody(o.Body).Marker.Key), ref)
	})
	if at < 0 {
		return ticket.Observed{}, bad{fmt.Errorf("there is no ticket %s; `ticketfoundry ticket list` shows them", ref)}
	}
	return all[at], nil
}

// last gives who did one of these things to the ticket last, and which it was.
func (d desk) last(label string, kinds ...string) (ticket.Event, error) {
	events, err := d.person.Events(d.ctx, d.ticket.Ref)
	if err != nil {
		return ticket.Event{}, err
	}
	for _, e := range slices.Backward(events) {
		if slices.Contains(kinds, e.Kind) && strings.EqualFold(e.Label, label) {
			return e, nil
		}
	}
	return ticket.Event{}, nil
}

func (d desk) update(patches ...ticket.Patch) error {
	for _, p := range patches {
		if _, err := d.person.Update(d.ctx, d.ticket.Ref, p); err != nil {
			return err
		}
	}
	return nil
}

func (d desk) say(text string) error {
	_, err := d.person.Comment(d.ctx, d.ticket.Ref, 0, text)
	return err
}

// Run closes the ticket. One that was closed in an editor, by nobody that is known, is opened
// and closed, so that the close has a name.
func (c *closeTicket) Run(ctx context.Context, env Env) error {
	return c.do(ctx, env, func(d desk) (string, error) {
		state, done := ticket.Completed, "closed"
		if c.NotPlanned {
			state, done = ticket.NotPlanned, "closed as not planned"
		}
		if d.ticket.State == ticket.Open {
			return done, d.update(ticket.Patch{State: state})
		}
		e, err := d.last("", "closed", "reopened")
		if err != nil || e.Kind == "closed" && d.ticket.State == state {
			return "closed already:", err
		}
		return done, d.update(ticket.Patch{State: ticket.Open}, ticket.Patch{State: state})
	})
}

// Run opens the ticket.
func (c *reopenTicket) Run(ctx context.Context, env Env) error {
	return c.do(ctx, env, func(d desk) (string, error) {
		if d.ticket.State == ticket.Open {
			return "open already:", nil
		}
		return "reopened", d.update(ticket.Patch{State: ticket.Open})
	})
}

// Run puts the label on. One that another person or nobody known put there is taken off first:
// the label counts for who set it.
func (c *approveTicket) Run(ctx context.Context, env Env) error {
	return c.do(ctx, env, func(d desk) (string, error) {
		add := ticket.Patch{AddLabels: []string{approved}}
		if !slices.ContainsFunc(d.ticket.Labels, func(l string) bool { return strings.EqualFold(l, approved) }) {
			return "approved", d.update(add)
		}
		e, err := d.last(approved, "labeled", "unlabeled")
		if err != nil || e.Kind == "labeled" && strings.EqualFold(e.Actor.Login, d.login) {
			return "approved already:", err
		}
		return "approved", d.update(ticket.Patch{RemoveLabels: []string{approved}}, add)
	})
}

// Run writes the command that rejects.
func (c *rejectTicket) Run(ctx context.Context, env Env) error {
	reason := strings.TrimSpace(strings.Join(c.Reason, " "))
	if reason == "" {
		return bad{errors.New("a rejection needs a reason: what should be different?")}
	}
	return c.do(ctx, env, func(d desk) (string, error) { return "rejected", d.say("/reject " + reason) })
}

// Run writes a comment.
func (c *commentTicket) Run(ctx context.Context, env Env) error {
	text := strings.Join(c.Text, " ")
	if strings.TrimSpace(text) == "" {
		return bad{errors.New("the comment is empty")}
	}
	return c.do(ctx, env, func(d desk) (string, error) { return "commented on", d.say(text) })
}
