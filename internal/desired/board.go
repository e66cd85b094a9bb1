package desired

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Overview is what the board tells of all capabilities.
type Overview struct {
	Stages  map[string]Standing // of those that are worked on
	Shipped int
	Gone    int // cancelled or removed
}

// Standing counts the capabilities of one stage.
type Standing struct{ Capabilities, Blocked, OnHold, InRework, Again int }

// Board gives the issue that shows everything at a glance. It names no issue: a mention in a
// text that is written this often would put a line into each one's history. The links are
// searches.
func Board(cfg *config.Config, repo ticket.Repository, o Overview) ticket.Desired {
	return ticket.Desired{
		Key: ticket.Board, Title: "Ticket Foundry: all capabilities",
		Labels: []string{LabelOurs, LabelBoard}, Block: boardText(cfg, repo, o),
	}
}

func boardText(cfg *config.Config, repo ticket.Repository, o Overview) string {
	find := func(text, query string) string {
		if !strings.HasPrefix(repo.URL, "http") {
			return text
		}
		return "[" + text + "](" + strings.TrimSuffix(repo.URL, "/") + "/issues?q=" + url.QueryEscape("is:issue label:"+LabelCapability+" "+query) + ")"
	}
	named := func(label string) string { return "label:" + searchWord(cmp.Or(cfg.Labels.Map[label], label)) }
	var rows [][]string
	var all Standing
	count := func(n int, stage, label string) string {
		if n == 0 {
			return ""
		}
		return find(strconv.Itoa(n), "is:open "+named("stage:"+stage)+" "+named(label))
	}
	for _, s := range cfg.Pipeline.Stages {
		n := o.Stages[s.ID]
		if n.Capabilities == 0 {
			continue
		}
		all.Capabilities += n.Capabilities
		rows = append(rows, []string{
			cell(cmp.Or(s.Name, s.ID)), find(strconv.Itoa(n.Capabilities), "is:open "+named("stage:"+s.ID)),
			count(n.Blocked, s.ID, "blocked"), count(n.OnHold, s.ID, "on-hold"),
			count(n.InRework, s.ID, "in-rework"), count(n.Again, s.ID, "needs-reapproval"),
		})
	}
	shipped := "none"
	if o.Shipped > 0 {
		shipped = find(strconv.Itoa(o.Shipped), "is:closed "+named("stage:shipped"))
	}
	text := fmt.Sprintf("In the pipeline: **%s**. Shipped: %s.", capabilities(all.Capabilities), shipped)
	if o.Gone > 0 {
		text += fmt.Sprintf(" Cancelled or removed: %d.", o.Gone)
	}
	table := markdown.Table([]string{"Stage", "Capabilities", "Blocked", "On hold", "In rework", "To be decided again"}, rows)
	if len(rows) == 0 {
		table = ""
	}
	return paragraphs(text, table,
		"Write below this text what you like. Each capability's own issue tells more; the hidden line at the end saves the program reading all of them.")
}

func capabilities(n int) string {
	if n == 1 {
		return "1 capability"
	}
	return strconv.Itoa(n) + " capabilities"
}
