package run

import (
	"context"
	"maps"
	"slices"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// about gives the capability that an event's issue belongs to; empty if it is not known.
func (w *shift) about() string {
	if w.ev.Name != "issues" && w.ev.Name != "issue_comment" {
		return ""
	}
	if id := ticket.ParseBody(w.ev.Issue.Body).Marker.Key.Capability(); w.j.set.ByID(id) != nil {
		return id
	}
	var labels []string
	for _, l := range w.ev.Issue.Labels {
		labels = append(labels, l.Name)
	}
	if ids := plan.CapabilityIDs(labels); len(ids) == 1 && w.j.set.ByID(ids[0]) != nil {
		return ids[0]
	}
	return ""
}

// list gives the issues that a scope starts from: all of ours, or those updated since the mark
// and those of the capabilities in focus.
func (j *job) list(ctx context.Context, s scope) ([]ticket.Observed, error) {
	if !s.focused {
		issues, err := j.tracker.List(ctx, ticket.Query{Label: plan.Root})
		j.memory.rows, j.memory.whole = issues, true
		return issues, err
	}
	out := slices.Clone(s.have)
	for _, o := range j.memory.rows { // without those of others, which would miss their tickets
		ids := capabilitiesOf(o)
		if len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(s.only, id) || slices.Contains(s.removed, id) }) {
			out = append(out, o)
		}
	}
	var ids, unsure []string
	var refs []ticket.Ref
	for _, id := range slices.Concat(s.only, s.removed) {
		switch e, ok := j.memory.index.Entry(id); {
		case !ok || slices.Contains(s.got, id):
		case e.Inputs == 0: // its state may not name all there is
			unsure = append(unsure, id)
		case e.Number != 0:
			ids, refs = append(ids, id), append(refs, numbered(e.Number))
		}
	}
	if len(ids) > mostLists {
		answers, err := j.tracker.Get(ctx, refs) // their states name their tickets
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			if a.Err == nil {
				out = append(out, a.Ticket)
			}
		}
		ids = nil
	}
	for _, id := range slices.Concat(ids, unsure) {
		issues, err := j.tracker.List(ctx, ticket.Query{Label: "capability:" + id})
		if err != nil {
			return nil, err
		}
		out = append(out, issues...)
	}
	return out, nil
}

// mostLists is for how many capabilities their issues are listed one by one; more are read by
// number, fifty in a request.
const mostLists = 2

// unlisted gives the capability issues that the index knows and the list did not show: somebody
// took their labels off.
func (j *job) unlisted(m plan.Match, looked map[ticket.Ref]bool) []ticket.Ref {
	var out []ticket.Ref
	elsewhere := j.elsewhere(m)
	for _, id := range slices.Sorted(maps.Keys(elsewhere)) {
		if ref := elsewhere[id].Ref; !looked[ref] {
			out = append(out, ref)
		}
	}
	return out
}

// blurred tells whether a focused look did not find what it must: a capability issue with its
// state.
func (j *job) blurred(m plan.Match, s scope) bool {
	for _, id := range slices.Concat(s.only, s.removed) {
		_, known := m.Applied[id]
		if e, ok := j.memory.index.Entry(id); ok && e.Number != 0 && !known {
			return true
		}
	}
	return false
}

// widened gives the scope with the capabilities whose tickets follow from what this run has found
// out, so that they follow in the same run: those that wait for what has just shipped, and those
// whose release is being decided on, where another one of it has come that far or fell back.
// False if there is none.
func (j *job) widened(m plan.Match, s scope) (scope, bool) {
	wider, got := false, slices.Clone(s.only)
	add := func(id string) {
		if !slices.Contains(s.only, id) {
			s.only, wider = append(slices.Clone(s.only), id), true
		}
	}
	for _, id := range got {
		f, stood, was := j.set.ByID(id), j.stood[id], m.Applied[id].Stage
		if f == nil || stood == nil || stood.verdict.Stage == was {
			continue
		}
		if stood.verdict.Stage == pipeline.Shipped {
			for _, other := range j.blocked()[id] {
				add(other)
			}
		}
		if c := f.Capability; ready(j.cfg, c, stood.verdict.Stage) != ready(j.cfg, c, was) {
			for _, o := range j.mates(c) {
				if j.ours(o.ID) && j.whereabouts(o.ID).stage == releaseStage {
					add(o.ID)
				}
			}
		}
	}
	s.have, s.got = m.Issues(), got
	slices.SortFunc(s.only, plan.CompareIDs)
	return s, wider
}

// labelFinder is a tracker that need not read all labels to know some.
type labelFinder interface {
	FindLabels(ctx context.Context, names []string) error
}

// fewLabels are the labels that a run needs to know besides the first ones: every capability
// has a label of its own, and reading them all takes longer than the rest. Those of a label
// event may be any.
func (w *shift) fewLabels() []string {
	if w.ev.Name == "label" {
		return nil
	}
	return desired.Vocabulary(w.j.cfg)
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

// scope says what a run looks at: what changed since the index was written, and what the event
// is about; everything where there is no index, and where everything was asked for.
func (w *shift) scope(ctx context.Context) (scope, error) {
	all := scope{brakes: !w.in.AllowMassClose}
	if err := w.j.look(ctx); err != nil {
		return all, err
	}
	if w.in.Scope == action.ScopeAll || !w.j.memory.same || !slices.Contains([]string{"push", "issues", "issue_comment", "release"}, w.ev.Name) {
		return all, nil
	}
	own := w.released()
	switch id := w.about(); {
	case id != "":
		own = append(own, id)
	case (w.ev.Name == "issues" || w.ev.Name == "issue_comment") && ticket.ParseBody(w.ev.Issue.Body).Marker.Key != ticket.Board:
		return all, nil // it is one of ours, and it does not say of what
	}
	s, ok, err := w.j.changed(ctx, own)
	if err != nil || !ok {
		return all, err
	}
	s.brakes = all.brakes
	return s, nil
}
