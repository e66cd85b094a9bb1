package world

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// LabelInput is a label to be made.
type LabelInput struct{ Name, Colour, Description string }

// LabelPatch changes a label; a nil field is left alone.
type LabelPatch struct{ Name, Colour, Description *string }

var hexColour = regexp.MustCompile(`^[0-9a-fA-F]{6}$`)

// Label finds a label by name, ignoring case as GitHub does; nil if there is none.
func (w *World) Label(name string) *Label {
	for _, l := range w.Labels {
		if strings.EqualFold(l.Name, name) {
			return l
		}
	}
	return nil
}

func checkLabel(name, colour, description string) *Refusal {
	switch {
	case strings.TrimSpace(name) == "":
		return Invalid("Label", "name", "missing_field", "")
	case utf8.RuneCountInString(name) > MaxLabelName:
		return Invalid("Label", "name", "custom", fmt.Sprintf("name is too long (maximum is %d characters)", MaxLabelName))
	case !hexColour.MatchString(colour):
		return Invalid("Label", "color", "invalid", "")
	case utf8.RuneCountInString(description) > MaxLabelText:
		return Invalid("Label", "description", "custom", fmt.Sprintf("description is too long (maximum is %d characters)", MaxLabelText))
	case strings.ContainsFunc(description, func(r rune) bool { return r > 0xFFFF }):
		// Four-byte characters in descriptions are reported as refused.
		return Invalid("Label", "description", "custom", "description contains unicode characters above 0xffff")
	}
	return nil
}

func checkLabelNames(names []string) *Refusal {
	if len(names) > MaxIssueLabels {
		return Invalid("Issue", "labels", "custom", fmt.Sprintf("an issue can have at most %d labels", MaxIssueLabels))
	}
	for _, name := range names {
		if r := checkLabel(name, DefaultColour, ""); r != nil {
			return r
		}
	}
	return nil
}

func (w *World) labelWriter(a Actor) *Refusal {
	if r := w.writable(a); r != nil {
		return r
	}
	if !a.Role.AtLeast(RoleWrite) {
		if a.App {
			return Forbidden(a, "issues=write; pull_requests=write")
		}
		return NotFound()
	}
	return nil
}

// CreateLabel makes a label. An empty colour is GitHub's default one.
func (w *World) CreateLabel(a Actor, in LabelInput) (*Label, *Refusal) {
	if r := w.labelWriter(a); r != nil {
		return nil, r
	}
	if in.Colour == "" {
		in.Colour = DefaultColour
	}
	if r := checkLabel(in.Name, in.Colour, in.Description); r != nil {
		return nil, r
	}
	if w.Label(in.Name) != nil {
		return nil, Invalid("Label", "name", "already_exists", "")
	}
	w.tick()
	return w.newLabel(in), nil
}

func (w *World) newLabel(in LabelInput) *Label {
	l := &Label{ID: w.id(), Name: in.Name, Colour: strings.ToLower(in.Colour), Description: in.Description}
	l.NodeID = w.node("LA_", l.ID, l)
	w.Labels = append(w.Labels, l)
	return l
}

// UpdateLabel changes a label; issues keep it under its new name.
func (w *World) UpdateLabel(a Actor, name string, p LabelPatch) (*Label, *Refusal) {
	if r := w.labelWriter(a); r != nil {
		return nil, r
	}
	l := w.Label(name)
	if l == nil {
		return nil, NotFound()
	}
	next := *l
	if p.Name != nil {
		next.Name = *p.Name
	}
	if p.Colour != nil {
		next.Colour = *p.Colour
	}
	if p.Description != nil {
		next.Description = *p.Description
	}
	if r := checkLabel(next.Name, next.Colour, next.Description); r != nil {
		return nil, r
	}
	if other := w.Label(next.Name); other != nil && other != l {
		return nil, Invalid("Label", "name", "already_exists", "")
	}
	w.tick()
	l.Name, l.Colour, l.Description = next.Name, strings.ToLower(next.Colour), next.Description
	return l, nil
}

// DeleteLabel removes a label, from all issues too.
func (w *World) DeleteLabel(a Actor, name string) *Refusal {
	if r := w.labelWriter(a); r != nil {
		return r
	}
	l := w.Label(name)
	if l == nil {
		return NotFound()
	}
	at := w.tick()
	w.Labels = slices.DeleteFunc(w.Labels, func(x *Label) bool { return x == l })
	delete(w.nodes, l.NodeID)
	for _, i := range w.Issues {
		if i.Gone == "" && i.HasLabel(name) {
			w.dropLabel(a, i, l, at)
			w.touch(i, at)
		}
	}
	return nil
}

// HasLabel says whether the issue carries the label, ignoring case.
func (i *Issue) HasLabel(name string) bool {
	return slices.ContainsFunc(i.Labels, func(l *Label) bool { return strings.EqualFold(l.Name, name) })
}

// AddLabels puts labels on an issue; unknown ones are created in the default colour.
func (w *World) AddLabels(a Actor, n int, names []string) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	if r := checkLabelNames(names); r != nil {
		return nil, r
	}
	// GitHub counts what is sent against the cap even where it is on the issue already.
	if len(i.Labels)+len(names) > MaxIssueLabels {
		return nil, Invalid("Issue", "labels", "custom", fmt.Sprintf("an issue can have at most %d labels", MaxIssueLabels))
	}
	at := w.tick()
	w.setLabels(a, i, names, at)
	w.touch(i, at)
	return i, nil
}

// SetLabels replaces an issue's labels.
func (w *World) SetLabels(a Actor, n int, names []string) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	if r := checkLabelNames(names); r != nil {
		return nil, r
	}
	at := w.tick()
	w.replaceLabels(a, i, names, at)
	w.touch(i, at)
	return i, nil
}

// RemoveLabel takes one label off an issue; a label that is not on it is a 404.
func (w *World) RemoveLabel(a Actor, n int, name string) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	k := slices.IndexFunc(i.Labels, func(l *Label) bool { return strings.EqualFold(l.Name, name) })
	if k < 0 {
		return nil, &Refusal{Status: 404, Message: "Label does not exist"}
	}
	at := w.tick()
	w.dropLabel(a, i, i.Labels[k], at)
	w.touch(i, at)
	return i, nil
}

// RemoveLabels takes labels off an issue; those that are not on it are ignored.
func (w *World) RemoveLabels(a Actor, n int, names []string) (*Issue, *Refusal) {
	i, r := w.labelable(a, n)
	if r != nil {
		return nil, r
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !i.HasLabel(name) })
	if len(names) == 0 {
		return i, nil
	}
	at := w.tick()
	for _, name := range names {
		if i.HasLabel(name) { // not named twice
			w.dropLabel(a, i, w.Label(name), at)
		}
	}
	w.touch(i, at)
	return i, nil
}

// labelable finds an issue whose labels the actor may change: triage is enough, authorship is not.
func (w *World) labelable(a Actor, n int) (*Issue, *Refusal) {
	i, r := w.Find(n)
	if r != nil {
		return nil, r
	}
	if r := w.writable(a); r != nil {
		return nil, r
	}
	if !a.Role.AtLeast(RoleTriage) {
		return nil, Forbidden(a, "issues=write; pull_requests=write")
	}
	return i, nil
}

func (w *World) setLabels(a Actor, i *Issue, names []string, at time.Time) {
	for _, name := range names {
		if i.HasLabel(name) {
			continue
		}
		l := w.Label(name)
		if l == nil {
			l = w.newLabel(LabelInput{Name: name, Colour: DefaultColour})
		}
		i.Labels = append(i.Labels, l)
		w.event(a, i, at, Event{Kind: "labeled", Label: l})
	}
}

func (w *World) replaceLabels(a Actor, i *Issue, names []string, at time.Time) {
	for _, l := range slices.Clone(i.Labels) {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, l.Name) }) {
			w.dropLabel(a, i, l, at)
		}
	}
	w.setLabels(a, i, names, at)
}

func (w *World) dropLabel(a Actor, i *Issue, l *Label, at time.Time) {
	i.Labels = slices.DeleteFunc(i.Labels, func(x *Label) bool { return x == l })
	w.event(a, i, at, Event{Kind: "unlabeled", Label: l})
}
