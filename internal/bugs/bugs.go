// Package bugs owns what the program asks of people's bug and hotfix issues: that each names a
// capability or a component. It is pure: an issue as it is now goes in, what to do comes out. It
// refuses to do more: a bug walks no stages, and is never one of our tickets.
//
//	r := bugs.Rule{Labels: []string{"bug"}, Capabilities: []string{"CRM-101"}}
//	r.Judge(bugs.Issue{Title: "Scores are wrong", Labels: []string{"bug"}}) // bugs.Ask
package bugs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/naming"
)

// NeedsContext is the label of a bug that names nothing. The config may map it to another.
const NeedsContext = "needs-context"

// Mark tells our comment on a bug from others; it counts only in a comment of our own.
const Mark = "<!-- ticketfoundry:note needs-context -->"

// Rule is what counts as a bug here, and what it may name.
type Rule struct {
	Labels       []string // that make an issue a bug, in any case
	Needs        string   // what NeedsContext is called here
	Capabilities []string // ids of those there are
	Components   []string
	Browse       string // address where people see the capabilities, escaped; may be empty
}

// Issue is somebody's issue as it is now.
type Issue struct {
	Title  string
	Body   string
	Labels []string
	Open   bool
	Asked  bool // our question stands on it, as far as the caller looked
}

// Step is what is to be done about an issue.
type Step string

// The steps.
const (
	Nothing Step = ""
	Ask     Step = "ask"    // label it, and say once what is missing
	Settle  Step = "settle" // take the label off: it names something, or is no bug any more
)

// Judge says what to do. A bug that is closed is let be, and so is every bug where there is
// nothing that it could name.
func (r Rule) Judge(i Issue) Step {
	asked := has(i.Labels, r.Needs)
	switch {
	case !i.Open || len(r.Capabilities)+len(r.Components) == 0:
		return Nothing
	case !r.IsBug(i.Labels):
		if asked && i.Asked {
			return Settle // the label is ours to take off; another's is not
		}
		return Nothing
	case r.Names(i):
		if asked {
			return Settle
		}
		return Nothing
	case asked:
		return Nothing
	}
	return Ask
}

// IsBug tells whether one of the labels makes an issue a bug.
func (r Rule) IsBug(labels []string) bool {
	return slices.ContainsFunc(r.Labels, func(l string) bool { return has(labels, l) })
}

// Names tells whether an issue names a capability, by label or in its own words, or a component.
func (r Rule) Names(i Issue) bool {
	known := func(id string) bool { return slices.Contains(r.Capabilities, id) }
	for _, l := range i.Labels {
		if prefix, id, ok := strings.Cut(l, ":"); ok && strings.EqualFold(prefix, "capability") && known(strings.ToUpper(id)) {
			return true
		}
	}
	words := i.Title + "\n" + naming.Prose(i.Body)
	return len(naming.Capabilities(words, known)) > 0 ||
		slices.ContainsFunc(r.Components, func(c string) bool { return naming.Names(words, c) })
}

// maxNamed is how many components the question names.
const maxNamed = 10

// Question is the comment that asks for what is missing. It mentions nobody: whoever wrote the
// issue follows it anyway.
func (r Rule) Question() string {
	var choices []string
	if len(r.Capabilities) > 0 {
		choice := "the id of the capability it belongs to, like " + markdown.Code(r.Capabilities[0])
		if r.Browse != "" {
			choice += " (" + "[all capabilities](" + r.Browse + ")" + ")"
		}
		choices = append(choices, choice)
	}
	if len(r.Components) > 0 {
		var names []string
		for _, c := range r.Components[:min(len(r.Components), maxNamed)] {
			names = append(names, markdown.Code(c))
		}
		choice := "one of the components: " + strings.Join(names, ", ")
		if more := len(r.Components) - maxNamed; more > 0 {
			choice += fmt.Sprintf(" and %d more", more)
		}
		choices = append(choices, choice)
	}
	ask := "Which part of the product is this about? Please add to the title or the description "
	if len(choices) == 1 {
		ask += choices[0] + "."
	} else {
		ask += "either\n\n- " + strings.Join(choices, ", or\n- ") + "."
		ask += "\n"
	}
	return strings.TrimRight(ask, "\n") + "\n\nThe label " + markdown.Code(r.Needs) + " goes by itself then. Nothing else is needed here.\n\n" + Mark
}

func has(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(l string) bool { return strings.EqualFold(l, name) })
}
