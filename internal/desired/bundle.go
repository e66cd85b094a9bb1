package desired

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func capabilityTitle(c capability.Capability) string {
	return markdown.TitleAround(c.ID+": ", c.Title, "")
}

// title is "[Build] Scoring endpoint · Lead scoring API (CRM-101)". Work for docs, press and
// marketing is named by audience, since the stage would tell those people nothing.
func (p page) title() string {
	where := cmp.Or(p.stage.Name, p.t.Stage)
	switch p.t.Audience {
	case "docs", "press", "marketing":
		where = audienceName(p.t.Audience)
	}
	return markdown.TitleAround("["+where+"] "+p.t.Title+" · ", p.c.Title, " ("+p.c.ID+")")
}

func audienceName(a string) string {
	if a == "" {
		return ""
	}
	return strings.ToUpper(a[:1]) + a[1:]
}

func stageName(cfg *config.Config, id string) string {
	if s, ok := cfg.Pipeline.Stage(id); ok && s.Name != "" {
		return s.Name
	}
	return id
}

// bundle is the context every ticket opens with: what it belongs to and where to look.
func (p page) bundle() string {
	head := []string{"Capability", ticket.Mention(p.key()) + " " + cell(p.c.Title)}
	rows := p.facts(showsCost(p.t), !public(p.t))
	return markdown.Table(head, rows)
}

// facts are the rows of the context bundle, with or without what it costs and how it is built.
func (b builder) facts(cost, inside bool) [][]string {
	which := [2]bool{cost, inside}
	if b.shared.facts[which] == nil {
		b.shared.facts[which] = slices.Clip(b.writeFacts(cost, inside))
	}
	return b.shared.facts[which]
}

func (b builder) writeFacts(cost, inside bool) [][]string {
	rows := [][]string{{"Spec", strings.Join(b.specLinks(), ", ")}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, value})
		}
	}
	if inside {
		add("Architecture", b.document(b.c.Documents.Architecture))
	}
	add("Channel", b.channel())
	add("Owner", markdown.Code(b.c.Owner))
	add("Release", b.release())
	if cost {
		add("Running cost", b.cost())
	}
	return rows
}

func (b builder) specLinks() []string {
	links := []string{b.specLink()}
	if doc := b.c.Documents.Spec; doc != "" && doc != b.File.Path {
		links = append(links, b.document(doc))
	}
	if b.Commit != "" {
		links[0] += " at " + b.commitLink()
	}
	return links
}

// commitLink links the spec as it was at the commit. A link to the commit itself would leave a
// trace there.
func (b builder) commitLink() string {
	short := markdown.Code(b.Commit[:min(len(b.Commit), 7)])
	if !strings.HasPrefix(b.Repository.URL, "http") {
		return short
	}
	return markdown.Link(short, strings.TrimSuffix(b.Repository.URL, "/")+"/blob/"+b.Commit+"/"+escapePath(b.File.Path))
}

func (b builder) channel() string {
	c := cmp.Or(b.c.Channel, b.Config.Products[b.c.Product()].Channel)
	if strings.HasPrefix(c, "http://") || strings.HasPrefix(c, "https://") {
		return markdown.Link(shortURL(c), c)
	}
	return cell(c)
}

func (b builder) release() string {
	var out []string
	if v := b.c.Release.Version; v != "" {
		out = append(out, cell(b.c.Product()+" "+v))
	}
	if d := b.c.Release.TargetDate; d != "" {
		out = append(out, cell("target "+written(d)))
	}
	return strings.Join(out, ", ")
}

// cost is the band and the monthly sum in one line.
func (b builder) cost() string {
	e := b.c.Cogs
	if !e.Known() {
		return ""
	}
	s := cogs.FormatMonthly(e.Monthly(), e.Currency)
	if !e.Budget.IsZero() {
		s += " of " + cogs.FormatMonthly(e.Budget, e.Currency) + " budgeted"
	}
	return s + " (" + strings.ReplaceAll(string(b.band()), "-", " ") + ")"
}
