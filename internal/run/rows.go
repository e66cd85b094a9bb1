package run

import (
	"cmp"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/report"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// rows gives the overview of every capability in scope as it is after the run.
func (j *job) rows(p plan.Plan, m plan.Match, o apply.Outcome, s scope) []report.Row {
	made := map[ticket.Key]apply.Result{}
	for _, r := range o.Results {
		if r.Status == apply.Done {
			made[r.Key] = r
		}
	}
	changes := map[string][]plan.Change{}
	for _, c := range p.Changes {
		changes[c.Key.Capability()] = append(changes[c.Key.Capability()], c)
	}
	var out []report.Row
	for _, f := range j.files(s) {
		c := f.Capability
		status := j.status(f, m)
		row := report.Row{
			ID: c.ID, Title: c.Title, Owner: c.Owner, Priority: c.Priority, Status: c.Status,
			Stage: status.Stage, Since: status.Since.UTC().Format("2006-01-02"), Release: c.Release.Version, Target: c.Release.TargetDate,
			Band: string(c.Cogs.Band(bounds(j), j.cfg.Cogs.Currency, j.cfg.Cogs.Rates)),
		}
		if c.Cogs.Known() {
			row.Monthly = cogs.FormatMonthly(c.Cogs.Monthly(), cmp.Or(c.Cogs.Currency, j.cfg.Cogs.Currency))
		}
		for _, d := range j.dependencies(c, m) {
			if !d.Shipped {
				row.BlockedBy = append(row.BlockedBy, d.ID)
			}
		}
		for _, ch := range changes[c.ID] {
			ref, url, state, people := ch.Ref, ch.URL, ch.Observed.State, ch.Observed.Assignees
			if r, ok := made[ch.Key]; ok {
				ref, url = r.Ref, r.URL
				switch {
				case ch.Action == plan.Create:
					state, people = ticket.Open, ch.Desired.Assignees
				case ch.Patch.State != "":
					state = ch.Patch.State
				}
			}
			if ref == "" {
				continue
			}
			if ch.Key.IsCapability() {
				row.Ref, row.URL = string(ref), url
				continue
			}
			row.Tickets = append(row.Tickets, report.TicketRow{
				Key: string(ch.Key), Ref: string(ref), URL: url, Title: ch.Title, Stage: ch.Stage, Audience: ch.Audience,
				State: string(state), Assignees: slices.Clone(people),
			})
		}
		out = append(out, row)
	}
	return out
}

func bounds(j *job) cogs.Bounds {
	b := j.cfg.Cogs.Bands
	return cogs.Bounds{Medium: b.Medium, High: b.High}
}
