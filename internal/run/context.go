package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/naming"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// maxNamed is how many capabilities a pull request gets the context of; each may cost a request.
const maxNamed = 5

// named gives the capabilities that a pull request names by its branch, its title or a label.
func (w *shift) named() []string {
	known := func(id string) bool { return w.j.set.ByID(id) != nil }
	pr := w.ev.PullRequest
	out := append(naming.Branch(pr.Head.Ref, known), naming.Capabilities(pr.Title, known)...)
	for _, l := range pr.Labels {
		if id, ok := strings.CutPrefix(strings.ToLower(l.Name), "capability:"); ok && known(strings.ToUpper(id)) {
			out = append(out, strings.ToUpper(id))
		}
	}
	slices.SortFunc(out, plan.CompareIDs)
	return slices.Compact(out)
}

// context gives the context bundles of the named capabilities as Markdown; empty for none. Where
// the tickets were read already they stand in m.
func (w *shift) context(ctx context.Context, ids []string, m plan.Match, read bool) (string, error) {
	if len(ids) == 0 {
		return "", nil
	}
	trust, err := w.j.trust(ctx)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, id := range ids[:min(len(ids), maxNamed)] {
		m := m
		if _, here := m.Tickets[ticket.Key(id)]; !here || !read {
			issues, err := w.j.tracker.List(ctx, ticket.Query{Label: "capability:" + id})
			if err != nil {
				return "", err
			}
			m = plan.NewMatch(issues, trust)
		}
		parts = append(parts, desired.Context(w.j.contextOf(id, m)))
	}
	if more := len(ids) - maxNamed; more > 0 {
		parts = append(parts, fmt.Sprintf("It names %d more capabilities: %s.", more, strings.Join(ids[maxNamed:min(len(ids), maxNamed+20)], ", ")))
	}
	return strings.Join(parts, "\n\n"), nil
}

// contextOf puts together what a pull request should tell about a capability.
func (j *job) contextOf(id string, m plan.Match) desired.ContextInput {
	prior := m.Applied[id]
	in := desired.ContextInput{
		File: j.set.ByID(id), Config: j.cfg, Repository: j.repo,
		Stage: prior.Stage, Issue: m.Tickets[ticket.Key(id)].Ref,
	}
	if since, err := time.Parse(time.RFC3339, prior.Since); err == nil {
		in.Since = since
	}
	for key, o := range m.Tickets {
		if key.Capability() == id && key.Stage() == "build" && o.State == ticket.Open {
			in.Tickets = append(in.Tickets, o)
		}
	}
	slices.SortFunc(in.Tickets, func(a, b ticket.Observed) int { return a.Number - b.Number })
	return in
}
