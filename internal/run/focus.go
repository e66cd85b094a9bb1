package run

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/bugs"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// An event about one issue is answered by looking at its capability and at what else changed
// a short while ago: the runner drops queued runs, so that their events are this run's too.
// What lies further back is found by the next full sweep.
const (
	recently   = 15 * time.Minute
	mostOthers = 5 // other capabilities that one event looks at
)

// focus gives the capabilities that an event about an issue is looked at for, the issue's own
// first; none if it is not known which, and everything has to be looked at.
func (j *job) focus(ctx context.Context, labels []string, body string) ([]string, error) {
	id := ticket.ParseBody(body).Marker.Key.Capability()
	if ids := plan.CapabilityIDs(labels); id == "" && len(ids) == 1 {
		id = ids[0]
	}
	if j.set.ByID(id) == nil {
		return nil, nil
	}
	changed, err := j.tracker.List(ctx, ticket.Query{Label: plan.Root, Since: j.env.Now().Add(-recently)})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(changed, func(a, b ticket.Observed) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.Number, b.Number))
	})
	out := []string{id}
	for _, o := range changed {
		for _, other := range plan.CapabilityIDs(o.Labels) {
			if len(out) <= mostOthers && !slices.Contains(out, other) && j.set.ByID(other) != nil {
				out = append(out, other)
			}
		}
	}
	return out, nil
}

// list gives the issues that a scope starts from.
func (j *job) list(ctx context.Context, s scope) ([]ticket.Observed, error) {
	if !s.focused {
		return j.tracker.List(ctx, ticket.Query{Label: plan.Root})
	}
	var out []ticket.Observed
	for _, id := range s.only {
		issues, err := j.tracker.List(ctx, ticket.Query{Label: "capability:" + id})
		if err != nil {
			return nil, err
		}
		out = append(out, issues...)
	}
	return out, nil
}

// around gives the issues of capabilities that those in focus depend on, as the states name
// them: whether they have shipped must be known. Those that no state names are left out.
func (j *job) around(m plan.Match, s scope, looked map[ticket.Ref]bool) []ticket.Ref {
	var out []ticket.Ref
	for _, f := range j.files(s) {
		for _, dep := range f.Capability.DependsOn {
			ref := m.Applied[f.Capability.ID].Refs[dep]
			if _, here := m.Tickets[ticket.Key(dep)]; !here && ref != "" && !looked[ref] && !slices.Contains(out, ref) {
				out = append(out, ref)
			}
		}
	}
	return out
}

// blurred tells whether a focused look did not find what it must: a capability issue with its
// state, or a capability that another depends on.
func (j *job) blurred(m plan.Match, s scope) bool {
	for _, f := range j.files(s) {
		if _, known := m.Applied[f.Capability.ID]; !known {
			return true
		}
		for _, dep := range f.Capability.DependsOn {
			if _, known := m.Applied[dep]; !known && j.set.ByID(dep) != nil {
				return true
			}
		}
	}
	return false
}

// widened gives the scope with the capabilities that wait for what has just shipped, so that
// they move on in the same run; false if there is none.
func (j *job) widened(m plan.Match, s scope) (scope, bool) {
	wider := false
	for id, stood := range j.stood {
		if stood.verdict.Stage != pipeline.Shipped || m.Applied[id].Stage == pipeline.Shipped || !slices.Contains(s.only, id) {
			continue
		}
		for _, f := range j.set.Files {
			if slices.Contains(f.Capability.DependsOn, id) && !slices.Contains(s.only, f.Capability.ID) {
				s.only, wider = append(slices.Clone(s.only), f.Capability.ID), true
			}
		}
	}
	slices.SortFunc(s.only, plan.CompareIDs)
	return s, wider
}

// labelFinder is a tracker that need not read all labels to know some.
type labelFinder interface {
	FindLabels(ctx context.Context, names []string) error
}

// fewLabels are the labels that an event about one issue needs to know besides the first ones:
// every capability has a label of its own, and reading them all takes longer than the rest.
func (w *shift) fewLabels() []string {
	switch w.ev.Name {
	case "issues", "issue_comment", "release":
		return []string{desired.LabelApproved, desired.LabelRejected, bugs.NeedsContext}
	}
	return nil
}

// missing leaves of the labels to make those that are not there, where not all were read.
func (j *job) missing(ctx context.Context, labels []ticket.Label) ([]ticket.Label, error) {
	finder, ok := j.tracker.(labelFinder)
	if !ok || !j.repo.SomeLabels || len(labels) == 0 {
		return labels, nil
	}
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = l.Name
	}
	if err := finder.FindLabels(ctx, names); err != nil {
		return nil, err
	}
	if err := j.meet(ctx, j.tracker); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(labels, func(l ticket.Label) bool { return j.labelID(l.Name) != "" }), nil
}

// scope says what a run looks at: an event about one issue at its capability, everything else
// at everything.
func (w *shift) scope(ctx context.Context) (scope, error) {
	all := scope{brakes: !w.in.AllowMassClose}
	if w.j.published != nil {
		return scope{brakes: all.brakes, only: w.released(), partial: true, focused: true}, nil
	}
	if w.ev.Name != "issues" && w.ev.Name != "issue_comment" {
		return all, nil
	}
	var labels []string
	for _, l := range w.ev.Issue.Labels {
		labels = append(labels, l.Name)
	}
	ids, err := w.j.focus(ctx, labels, w.ev.Issue.Body)
	if err != nil || len(ids) == 0 {
		return all, err
	}
	slices.SortFunc(ids, plan.CompareIDs)
	return scope{brakes: all.brakes, only: ids, partial: true, focused: true}, nil
}
