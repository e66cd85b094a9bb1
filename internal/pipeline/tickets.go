package pipeline

import (
	"cmp"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Ticket is one ticket of a capability, due or not.
type Ticket struct {
	Key       ticket.Key
	Stage     string // where it belongs
	OpensAt   string // stage at which it opens
	Title     string // "Scoring endpoint", without stage and capability
	Audience  string
	Type      string // task, story, bug or tech_debt
	Approval  bool   // decided, not done: closing it decides nothing
	Approvers []string
	Due       bool         // should exist now
	State     ticket.State // as it is, or as rule makes it; empty for one that is not there yet

	origin
}

// origin is what a ticket comes from. There are tens of thousands of tickets and they are copied
// a lot, so it is shared, and none of it may be changed.
type origin struct {
	Stock  *config.StageTicket     // the pipeline's own ticket; zero for another one, never nil
	Item   *Item                   // the technology item it builds; zero for none, never nil
	Added  *capability.StageTicket // the spec's own ticket; zero for another one, never nil
	Rework *record.Entry           // the way back it was made for; zero for none, never nil
}

// NoTicket is one that is nothing and comes from nowhere, where a ticket is needed all the same.
func NoTicket() Ticket {
	return Ticket{origin: origin{&config.StageTicket{}, &Item{}, &capability.StageTicket{}, &record.Entry{}}}
}

// Item is a technology item and the kind of list it stands in.
type Item struct {
	capability.Item
	Group string // "api", "entity", "screen", "flow" or "skill"; empty for no item
}

// Items gives everything the spec found to build, list by list, in file order.
func Items(t capability.Technology) []Item {
	var out []Item
	for _, l := range []struct {
		group string
		items []capability.Item
	}{
		{"api", t.APIs}, {"entity", t.Entities}, {"screen", t.Screens}, {"flow", t.Flows}, {"skill", t.Skills},
	} {
		for _, it := range l.items {
			out = append(out, Item{Item: it, Group: l.group})
		}
	}
	return out
}

// expand lists every ticket of the capability, stage by stage: the pipeline's own, one per
// technology item where the pipeline says so, and those the spec adds.
func expand(c capability.Capability, cfg *config.Config, stages []config.Stage) []Ticket {
	items, none := Items(c.Technology), NoTicket().origin
	expected := len(items) + len(c.Tickets)
	for _, s := range stages {
		expected += len(s.Tickets)
	}
	out := make([]Ticket, 0, expected)
	for _, s := range stages {
		for _, st := range s.Stock() {
			if !applies(st.When, c, cfg) {
				continue
			}
			base := Ticket{
				Stage: s.ID, OpensAt: cmp.Or(st.OpensAt, s.ID), Title: st.Title, origin: none,
				Audience: cmp.Or(st.Audience, "engineering"), Type: cmp.Or(st.Type, "task"),
				Approval: s.Kind == "approval" && st.OpensAt == "", Approvers: approvers(cfg, c, s, st),
			}
			base.Stock = &st
			if st.For != "technology" || len(items) == 0 {
				base.Key = ticket.Make(c.ID, s.ID, st.Key)
				out = append(out, base)
				continue
			}
			for k := range items {
				it, t := &items[k], base
				t.Key, t.Title, t.Item = ticket.Make(c.ID, s.ID, it.Key), it.Name, it
				t.Type = cmp.Or(it.Type, t.Type)
				out = append(out, t)
			}
		}
		for k := range c.Tickets {
			added := &c.Tickets[k]
			if added.Stage != s.ID {
				continue
			}
			t := Ticket{
				Key: ticket.Make(c.ID, s.ID, added.Key), Stage: s.ID, OpensAt: cmp.Or(added.OpensAt, s.ID),
				Title: added.Title, Audience: cmp.Or(added.Audience, "engineering"), Type: cmp.Or(added.Type, "task"),
				origin: none,
			}
			t.Added = added
			out = append(out, t)
		}
	}
	return out
}

// approvers are the ticket's own, else the audience's for the product, else the stage's.
func approvers(cfg *config.Config, c capability.Capability, s config.Stage, st config.StageTicket) []string {
	if len(st.Approvers) > 0 {
		return st.Approvers
	}
	if s.Kind == "approval" {
		if a := cfg.AudienceFor(c.Product(), st.Audience); len(a.Approvers) > 0 {
			return a.Approvers
		}
	}
	return s.Approvers
}

func applies(when string, c capability.Capability, cfg *config.Config) bool {
	switch when {
	case "cogs.over_threshold":
		return overThreshold(c, cfg)
	case "":
		return true
	default:
		return Has(c, when)
	}
}

// overThreshold tells whether the monthly cost calls for a cost review. A cost in a currency
// without a rate cannot be compared and is reviewed.
func overThreshold(c capability.Capability, cfg *config.Config) bool {
	p := cfg.Cogs.Policies
	if p.CostReview != cogs.Block || p.CostReviewAbove.IsZero() || !c.Cogs.Known() {
		return false
	}
	monthly, ok := c.Cogs.MonthlyIn(cfg.Cogs.Currency, cfg.Cogs.Rates)
	return !ok || monthly.GreaterThan(p.CostReviewAbove.Decimal)
}
