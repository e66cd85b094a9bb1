package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Row is one capability as the overview shows it. All texts are for people.
type Row struct {
	ID, Title, Ref, URL string
	Stage               string // name of the current stage
	Since               string // day it was entered
	Owner, Priority     string
	Release, Target     string // version, and day it should ship
	Band, Monthly       string // COGS: "medium", "$712.24/month"
	Status              string // active (or empty), on_hold, cancelled, shipped
	BlockedBy           []string
	Tickets             []TicketRow
}

// TicketRow is one ticket under a capability.
type TicketRow struct {
	Key, Ref, URL, Title string
	Stage, Audience      string
	State                string // open, completed, not_planned or duplicate
	Assignees            []string
}

func (t TicketRow) open() bool { return t.State == "" || t.State == string(ticket.Open) }

// stateWords are the states as people say them.
func stateWord(state string) string {
	switch ticket.State(state) {
	case ticket.Completed:
		return "done"
	case ticket.NotPlanned:
		return "dropped"
	}
	return cmp.Or(state, string(ticket.Open))
}

// Tree writes every capability with its tickets below it: refs, titles, states, and who has
// them.
func Tree(w io.Writer, caps []Row) {
	l := newLines(w)
	for i, c := range caps {
		if i > 0 {
			l.gap()
		}
		l.add("%s", strings.TrimSpace(c.Ref+" "+c.ID+": "+c.Title))
		l.add("%s %s", stem(len(c.Tickets) == 0), strings.Join(c.facts(), " · "))
		refs, titles := widths(c)
		for j, t := range c.Tickets {
			branch := "├─"
			if j == len(c.Tickets)-1 {
				branch = "└─"
			}
			who := people(t.Assignees)
			l.add("%s %s  %s  %-9s %s", branch, pad(t.Ref, refs), pad(short(t.Title, c.ID), titles), stateWord(t.State), who)
		}
	}
	_ = l.end()
}

func stem(last bool) string {
	if last {
		return " "
	}
	return "│"
}

// facts are what is worth knowing of a capability in one line.
func (c Row) facts() []string {
	if c.Status == "cancelled" {
		return []string{c.Status}
	}
	var out []string
	if c.Stage != "" {
		s := "stage " + c.Stage
		if c.Since != "" {
			s += " since " + c.Since
		}
		out = append(out, s)
	}
	if c.Status != "" && c.Status != "active" {
		out = append(out, strings.ReplaceAll(c.Status, "_", " "))
	}
	if c.Owner != "" {
		out = append(out, "owner "+c.Owner)
	}
	if c.Priority != "" {
		out = append(out, c.Priority)
	}
	if s := c.cost(); s != "" {
		out = append(out, s)
	}
	if s := c.ships(); s != "" {
		out = append(out, s)
	}
	if len(c.BlockedBy) > 0 {
		out = append(out, "waits for "+strings.Join(c.BlockedBy, ", "))
	}
	return out
}

func (c Row) cost() string {
	if c.Band == "" && c.Monthly == "" {
		return ""
	}
	if c.Monthly == "" {
		return "cost " + c.Band
	}
	return c.costCell()
}

func (c Row) costCell() string {
	if c.Monthly == "" {
		return c.Band
	}
	return strings.TrimSpace(c.Monthly + " " + parens(c.Band))
}

func (c Row) ships() string {
	switch {
	case c.Release != "":
		return strings.TrimSpace("release " + c.Release + " " + parens(c.Target))
	case c.Target != "":
		return "ships " + c.Target
	}
	return ""
}

func parens(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func widths(c Row) (refs, titles int) {
	const most = 64
	for _, t := range c.Tickets {
		refs = max(refs, utf8.RuneCountInString(t.Ref))
		titles = max(titles, min(most, utf8.RuneCountInString(short(t.Title, c.ID))))
	}
	return refs, titles
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// Board gives the overview as Markdown: every capability that is neither shipped nor cancelled,
// then whose open tickets wait for them. Without any it says so.
func Board(caps []Row) string {
	var rows [][]string
	for _, c := range caps {
		if c.Status != "cancelled" && c.Status != "shipped" {
			rows = append(rows, c.cells())
		}
	}
	if len(rows) == 0 {
		return "No capability is under way."
	}
	header := []string{"capability", "stage", "since", "open", "done", "waits for", "cost", "release", "target"}
	parts := []string{markdown.Table(header, rows, 3, 4, 6)}
	if md := waiting(caps); md != "" {
		parts = append(parts, "### Waiting for people", md)
	}
	return strings.Join(parts, "\n\n")
}

func (c Row) cells() []string {
	open, done := 0, 0
	for _, t := range c.Tickets {
		switch {
		case t.open():
			open++
		case t.State == string(ticket.Completed):
			done++
		}
	}
	name := strings.TrimSpace(reference(ticket.Ref(c.Ref), c.URL) + " " + literal(c.ID+" "+c.Title))
	stage := literal(c.Stage)
	if c.Status == "on_hold" {
		stage += " (on hold)"
	}
	return []string{
		name, stage, literal(c.Since), fmt.Sprint(open), fmt.Sprint(done),
		literal(strings.Join(c.BlockedBy, ", ")), literal(c.costCell()),
		literal(c.Release), literal(c.Target),
	}
}

// waiting lists the open tickets by assignee, the fullest desk first and nobody's last. What is
// on hold or closed with its capability waits for nobody.
func waiting(caps []Row) string {
	byWhom := map[string][]string{}
	for _, c := range caps {
		if c.Status != "" && c.Status != "active" {
			continue
		}
		for _, t := range c.Tickets {
			if !t.open() {
				continue
			}
			who := t.Assignees
			if len(who) == 0 {
				who = []string{""}
			}
			for _, login := range who {
				item := strings.TrimSpace(reference(ticket.Ref(t.Ref), t.URL) + " " + literal(short(t.Title, c.ID)+" ("+c.ID+")"))
				byWhom[login] = append(byWhom[login], item)
			}
		}
	}
	logins := slices.SortedFunc(maps.Keys(byWhom), func(a, b string) int {
		if (a == "") != (b == "") {
			return strings.Compare(b, a)
		}
		return cmp.Or(cmp.Compare(len(byWhom[b]), len(byWhom[a])), strings.Compare(a, b))
	})
	var rows [][]string
	for _, login := range logins {
		rows = append(rows, []string{literal(cmp.Or(login, "nobody")), fmt.Sprint(len(byWhom[login])), list(byWhom[login], maxWaiting)})
	}
	return markdown.Table([]string{"who", "tickets", "which"}, rows, 1)
}

// maxWaiting is how many tickets are named per person.
const maxWaiting = 8
