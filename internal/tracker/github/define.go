package github

import (
	"context"
	"net/http"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Define makes or changes a label or milestone. One that is there already is fine: labels are
// the same whatever their case. A label that exists under the name keeps its spelling.
func (t *Tracker) Define(ctx context.Context, d ticket.Definition) error {
	if _, err := t.Repository(ctx); err != nil {
		return err
	}
	switch {
	case d.Label.Name != "":
		return fail(t.defineLabel(ctx, d), "define label "+d.Label.Name, "")
	case d.Milestone.Title != "":
		return fail(t.defineMilestone(ctx, d.Milestone), "define milestone "+d.Milestone.Title, "")
	default:
		return &ticket.Error{Kind: ticket.Rejected, Act: "define", Detail: "neither a label nor a milestone is named"}
	}
}

func (t *Tracker) defineLabel(ctx context.Context, d ticket.Definition) error {
	t.mu.Lock()
	known, exists := t.labels[strings.ToLower(d.Label.Name)]
	t.mu.Unlock()
	body := map[string]any{"color": d.Label.Color, "description": d.Label.Description}
	var l restLabel
	switch {
	case d.Rename != "":
		body["new_name"] = d.Label.Name
		if _, err := t.rest(ctx, http.MethodPatch, t.path("labels", d.Rename), body, &l); err != nil {
			return err
		}
		t.mu.Lock()
		delete(t.labels, strings.ToLower(d.Rename))
		t.mu.Unlock()
	case exists:
		if _, err := t.rest(ctx, http.MethodPatch, t.path("labels", known.Name), body, &l); err != nil {
			return err
		}
	default:
		body["name"] = d.Label.Name
		if err := t.makeLabel(ctx, d.Label.Name, body, &l); err != nil {
			return err
		}
	}
	if l.Name == "" {
		return &ticket.Error{Kind: ticket.Unknown, Detail: "the answer does not describe a label"}
	}
	t.keepLabel(l.label())
	return nil
}

// makeLabel makes a label, or reads the one that is there. One whose making was uncertain, and
// that is not there, is made once more: it would come without its colour otherwise, with the
// first issue that carries it.
func (t *Tracker) makeLabel(ctx context.Context, name string, body map[string]any, l *restLabel) error {
	for again := false; ; again = true {
		_, err := t.rest(ctx, http.MethodPost, t.path("labels"), body, l)
		if !says(err, "already_exists", "already exists") && ticketKind(err) != ticket.Unknown {
			return err
		}
		_, read := t.rest(ctx, http.MethodGet, t.path("labels", name), nil, l)
		if read == nil {
			return nil
		}
		if again || ticketKind(read) != ticket.Gone {
			return err
		}
	}
}

func (t *Tracker) defineMilestone(ctx context.Context, m ticket.Milestone) error {
	t.mu.Lock()
	known, exists := t.miles[m.Title]
	t.mu.Unlock()
	body := map[string]any{"title": m.Title}
	if m.Description != "" {
		body["description"] = m.Description
	}
	if m.Due != "" {
		body["due_on"] = m.Due + "T12:00:00Z" // noon is the same day in nearly every zone
	} else if exists && known.Due != "" {
		body["due_on"] = nil
	}
	var made restMilestone
	if exists {
		if _, err := t.rest(ctx, http.MethodPatch, t.path("milestones", known.number), body, &made); err != nil {
			return err
		}
	} else {
		_, err := t.rest(ctx, http.MethodPost, t.path("milestones"), body, &made)
		if says(err, "already_exists", "already exists") || ticketKind(err) == ticket.Unknown {
			if _, again := t.milestone(ctx, m.Title); again != nil {
				return err
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
	if made.Number == 0 {
		return &ticket.Error{Kind: ticket.Unknown, Detail: "the answer does not describe a milestone"}
	}
	t.keepMilestone(made.milestone())
	return nil
}

// milestone gives a milestone by title, reading them all again, closed ones too, if it is not
// known.
func (t *Tracker) milestone(ctx context.Context, title string) (milestone, error) {
	t.mu.Lock()
	m, ok := t.miles[title]
	t.mu.Unlock()
	if ok {
		return m, nil
	}
	if err := t.milestonesREST(ctx); err != nil {
		return milestone{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if m, ok := t.miles[title]; ok {
		return m, nil
	}
	for _, m := range t.miles {
		if strings.EqualFold(m.Title, title) {
			return m, nil
		}
	}
	return milestone{}, &ticket.Error{Kind: ticket.Rejected, Detail: "there is no milestone " + title}
}
