package run_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local"
)

// office is a place where people work on tickets, and the program after them.
type office interface {
	// commit puts files on the default branch; push lets the program run for it.
	commit(change map[string]string)
	// act is what a person does to a ticket: close, drop, reopen, approved (the label),
	// rejected, or comment.
	act(who, verb, key, text string)
	// follow lets the program run for what happened to a ticket; without a key, for a push.
	follow(key string)
	// desk shows the tickets, by number.
	desk() []folder
}

// folder is a ticket as people see it.
type folder struct {
	key, ref, title, state string
	labels                 []string
	said                   []string // comments of the program, without hidden lines
}

var hiddenLine = regexp.MustCompile(`(?m)^<!-- .* -->\n?`)

func plainly(text string) string {
	return strings.TrimSpace(hiddenLine.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), ""))
}

// staff are people with the roles that their work asks for.
func staff() []world.User {
	return []world.User{
		{Login: "ada", ID: 2001, Role: world.RoleWrite}, {Login: "mia", ID: 2002, Role: world.RoleMaintain},
		{Login: "max", ID: 2003, Role: world.RoleAdmin}, {Login: "eve", ID: 2004, Role: world.RoleWrite},
		{Login: "rob", ID: 2005, Role: world.RoleRead}, {Login: "tidy[bot]", ID: 2006, Role: world.RoleWrite, Type: "Bot"},
	}
}

// wide is a capability file that lacks nothing on the way to shipped.
func wide(id, title, more string) string {
	return fmt.Sprintf("id: %s\ntitle: %s\nsummary: What it is for.\nowner: ada\n", id, title) +
		"user: A salesperson.\nsuccess_criteria: [Half the time]\nscope: {in: [Scoring], out: [Routing]}\nlegal: None known.\n" +
		"documents: {architecture: https://example.com/architecture}\n" +
		"cogs: {currency: USD, drivers: [{name: Calls, kind: api_calls, unit: call, unit_cost: \"0.01\", quantity: \"1000\"}]}\n" +
		"acceptance_criteria: [A lead has a score]\n" + more
}

// hub is an office on the fake GitHub.
type hub struct{ *repo }

func newHub(t testing.TB, files map[string]string) hub {
	o := options()
	o.Users = staff()
	return hub{newRepo(t, o, files)}
}

// found gives the number of the ticket with the key: the lowest that is not gone.
func (h hub) found(key string) int {
	h.t.Helper()
	for _, i := range h.srv.Issues() {
		if string(ticket.ParseBody(i.Body).Marker.Key) == key {
			return i.Number
		}
	}
	h.t.Fatalf("there is no ticket %s", key)
	return 0
}

func (h hub) act(who, verb, key, text string) {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	n, p := h.found(key), h.srv.As(who)
	switch verb {
	case "close":
		p.CloseIssue(n)
	case "drop":
		p.CloseIssueAs(n, "not_planned")
	case "reopen":
		p.ReopenIssue(n)
	case "approved", "rejected":
		p.AddLabel(n, verb)
	case "comment":
		p.Comment(n, text)
	case "retitle":
		p.EditTitle(n, text)
	case "unlabel":
		p.RemoveLabel(n, text)
	case "delete":
		p.DeleteIssue(n)
	default:
		h.t.Fatalf("nobody can %s", verb)
	}
	h.clock.Advance(time.Minute)
}

func (h hub) follow(key string) {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	if key == "" {
		h.must(h.push(), 0)
		return
	}
	h.must(h.issueEvent("edited", h.found(key), nil), 0)
}

func (h hub) desk() []folder {
	var out []folder
	for _, i := range h.srv.Issues() {
		f := folder{key: string(ticket.ParseBody(i.Body).Marker.Key), ref: fmt.Sprintf("#%d", i.Number), title: i.Title, state: i.State, labels: i.Labels}
		if i.State != "open" {
			f.state = i.StateReason
		}
		for _, c := range i.Comments {
			if c.Author == fakegithub.BotLogin {
				f.said = append(f.said, plainly(c.Body))
			}
		}
		if f.key != "" {
			out = append(out, f)
		}
	}
	return out
}

// stageOf is the stage that a capability issue shows.
func (h hub) stageOf(id string) string {
	h.t.Helper()
	for _, l := range h.srv.Issue(h.found(id)).Labels {
		if s, ok := strings.CutPrefix(l, "stage:"); ok {
			return s
		}
	}
	return ""
}

// home is an office in a folder: the local tracker, and the command line.
type home struct {
	t     testing.TB
	dir   string
	clock *clock
	n     int
}

func newHome(t testing.TB, files map[string]string) *home {
	h := &home{t: t, dir: t.TempDir(), clock: &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	h.commit(files)
	return h
}

func (h *home) commit(change map[string]string) {
	h.t.Helper()
	r := &repo{t: h.t, dir: h.dir}
	for path, text := range change {
		r.write(filepath.Join(h.dir, filepath.FromSlash(path)), text)
	}
	h.n++
	r.checkout(commits.SHA(fmt.Sprintf("commit %d", h.n)))
}

func (h *home) command(args ...string) {
	h.t.Helper()
	h.clock.Advance(time.Minute)
	var stdout, stderr bytes.Buffer
	code := run.Main(h.t.Context(), run.Env{
		Args: args, Stdout: &stdout, Stderr: &stderr, Dir: h.dir, Version: "test", Getenv: func(string) string { return "" },
		Now: h.clock.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if code != 0 {
		h.t.Fatalf("ticketfoundry %q: exit code %d\n%s%s", args, code, stdout.String(), stderr.String())
	}
}

func (h *home) act(who, verb, key, text string) {
	h.t.Helper()
	switch verb {
	case "drop":
		h.command("ticket", "close", "--not-planned", key, "--as", who)
	case "approved":
		h.command("ticket", "approve", key, "--as", who)
	case "comment":
		h.command("ticket", "comment", key, text, "--as", who)
	default:
		h.command("ticket", verb, key, "--as", who)
	}
}

func (h *home) follow(string) { h.t.Helper(); h.command("apply", "--tracker", "local") }

func (h *home) desk() []folder {
	h.t.Helper()
	tr, err := local.Open(filepath.Join(h.dir, ".ticketfoundry"), local.Options{Clock: h.clock.Now, Account: "ticketfoundry"})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = tr.Close() }()
	all, err := tr.List(h.t.Context(), ticket.Query{})
	if err != nil {
		h.t.Fatal(err)
	}
	var out []folder
	for _, o := range all {
		f := folder{key: string(ticket.ParseBody(o.Body).Marker.Key), ref: string(o.Ref), title: o.Title, state: string(o.State), labels: o.Labels}
		comments, err := tr.Comments(h.t.Context(), o.Ref)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, c := range comments {
			if c.Author.Login == "ticketfoundry" {
				f.said = append(f.said, plainly(c.Body))
			}
		}
		out = append(out, f)
	}
	return out
}

// diary writes down what people do and what then stands on the tickets.
type diary struct {
	office
	text   strings.Builder
	before map[string]folder
}

// note writes a heading, and what is different on the tickets since the last one.
func (d *diary) note(heading string) {
	fmt.Fprintf(&d.text, "## %s\n\n", heading)
	quiet := true
	for _, f := range d.desk() {
		was, known := d.before[f.ref]
		var parts []string
		if !known {
			parts = append(parts, "new")
		}
		if f.state != was.state {
			parts = append(parts, f.state)
		}
		if l := telling(f); l != telling(was) {
			parts = append(parts, "labels "+cmp.Or(l, "none"))
		}
		if f.title != was.title {
			parts = append(parts, fmt.Sprintf("%q", f.title))
		}
		if len(parts) > 0 {
			fmt.Fprintf(&d.text, "- %s `%s`: %s\n", f.ref, f.key, strings.Join(parts, ", "))
			quiet = false
		}
		for _, said := range f.said[min(len(was.said), len(f.said)):] {
			fmt.Fprintf(&d.text, "- %s `%s`: comment\n%s\n", f.ref, f.key, indented(said))
			quiet = false
		}
		d.before[f.ref] = f
	}
	if quiet {
		d.text.WriteString("Nothing changes.\n")
	}
	d.text.WriteString("\n")
}

// telling are the labels that change on the way.
func telling(f folder) string {
	var out []string
	for _, l := range f.labels {
		switch {
		case !strings.Contains(f.key, "/") && strings.HasPrefix(l, "stage:"):
			out = append(out, l)
		case slices.Contains([]string{"blocked", "on-hold", "in-rework", "needs-reapproval", "approved", "rejected"}, l):
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func indented(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text + "\n") {
		b.WriteString(strings.TrimRight("  > "+l, " \n") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

var clockTime = regexp.MustCompile(`\d\d:\d\d UTC`)

// read gives the diary without times of day.
func (d *diary) read() string { return clockTime.ReplaceAllString(d.text.String(), "00:00 UTC") }
