package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Context is what a difference depends on besides the ticket itself.
type Context struct {
	Repository ticket.Repository
	Refs       map[ticket.Key]ticket.Ref
	Managed    func(label string) bool // is the label in the program's namespace
	Orphaned   map[ticket.Ref]bool     // parents that are duplicates: their children are taken over
	Full       map[ticket.Ref]bool     // parents that cannot take another sub-issue
}

// Diff gives the patch that makes observed what is desired, and its fields for people.
//
// The program's own (title, block, managed labels, links, state by rule) is restored whenever
// it differs. What people may change too (assignees, milestone, extra labels) follows the spec
// only: prior holds what was last applied, and without it (known false) nothing of theirs is
// touched. A closed ticket keeps the text it closed with.
func Diff(c Change, ctx Context) (ticket.Patch, []Field) {
	d := differ{c: c, ctx: ctx}
	d.state()
	if c.Observed.State == ticket.Open || d.patch.State == ticket.Open {
		d.title()
		d.body()
		d.labels()
		d.people()
		d.milestone()
		d.links()
	} else {
		d.identity()
	}
	return d.patch, d.fields
}

type differ struct {
	c      Change
	ctx    Context
	patch  ticket.Patch
	fields []Field
}

func (d *differ) add(name, before, after string) {
	d.fields = append(d.fields, Field{Name: name, Before: before, After: after})
}

func (d *differ) state() {
	want, is := d.c.Desired.State, d.c.Observed.State
	if want == "" && d.c.Known && d.c.Prior.Closed && is == ticket.NotPlanned {
		want = ticket.Open // closed by the program when its key left the spec; the key is back
	}
	if want == "" || want == is || want != ticket.Open && is != ticket.Open {
		return
	}
	d.patch.State = want
	d.add("state", string(is), string(want))
}

func (d *differ) title() {
	if d.c.Desired.Title != d.c.Observed.Title {
		d.patch.Title = d.c.Desired.Title
		d.add("title", d.c.Observed.Title, d.c.Desired.Title)
	}
}

func (d *differ) body() {
	merged := ticket.MergeBody(d.c.Observed.Body, d.ctx.Marker(d.c.Key), ticket.Resolve(d.c.Desired.Block, d.ctx.Refs))
	if !ticket.SameBody(merged, d.c.Observed.Body) {
		d.patch.Body = merged
		d.add("body", size(d.c.Observed.Body), resized(d.c.Observed.Body, merged))
	}
}

// Marker is the marker of a key in this repository.
func (c Context) Marker(key ticket.Key) ticket.Marker {
	return ticket.Marker{Repository: c.Repository.ID, Key: key}
}

func (d *differ) labels() {
	have := d.c.Observed.Labels
	var add, remove []string
	for _, l := range d.c.Desired.Labels {
		if !hasLabel(have, l) {
			add = append(add, l)
		}
	}
	for _, l := range have {
		if d.ctx.Managed(l) && !hasLabel(d.c.Desired.Labels, l) && !hasLabel(d.c.Desired.Extra, l) {
			remove = append(remove, l)
		}
	}
	remove = append(remove, d.deciding()...)
	if d.c.Known {
		more, less := threeWay(d.c.Prior.Extra, d.c.Desired.Extra, have)
		add, remove = append(add, more...), append(remove, less...)
	}
	d.setLabels(add, remove)
}

// identity puts back on a closed ticket only the labels that it is found by, and takes off
// those that decide and do not count.
func (d *differ) identity() {
	var add []string
	for _, l := range []string{Root, "capability:" + d.c.Key.Capability()} {
		if !hasLabel(d.c.Observed.Labels, l) {
			add = append(add, l)
		}
	}
	d.setLabels(add, d.deciding())
}

// deciding gives the labels that decide, where they are to be taken off.
func (d *differ) deciding() []string {
	var out []string
	for _, l := range d.c.Observed.Labels {
		if d.c.Desired.Clear && (strings.EqualFold(l, "approved") || strings.EqualFold(l, "rejected")) {
			out = append(out, l)
		}
	}
	return out
}

func (d *differ) setLabels(add, remove []string) {
	if len(add)+len(remove) == 0 {
		return
	}
	d.patch.AddLabels, d.patch.RemoveLabels = add, remove
	d.add("labels", joined("-", remove), joined("+", add))
}

func (d *differ) people() {
	if !d.c.Known {
		return
	}
	add, remove := threeWay(d.c.Prior.Assignees, d.c.Desired.Assignees, d.c.Observed.Assignees)
	if len(add)+len(remove) > 0 {
		d.patch.AddAssignees, d.patch.RemoveAssignees = add, remove
		d.add("assignees", joined("-", remove), joined("+", add))
	}
}

func (d *differ) milestone() {
	want, prior, is := d.c.Desired.Milestone, d.c.Prior.Milestone, d.c.Observed.Milestone
	if !d.c.Known || want == prior || want == is {
		return
	}
	switch {
	case want != "":
		d.patch.Milestone = want
	case is == prior:
		d.patch.ClearMilestone = true
	default:
		return // people chose another one; dropping ours is none of theirs
	}
	d.add("milestone", is, want)
}

func (d *differ) links() {
	if parent := d.ctx.Refs[d.c.Desired.Parent]; parent != "" && d.ctx.Repository.Features.SubIssues {
		is := d.c.Observed.Parent
		switch {
		case is == "" && !d.ctx.Full[parent]:
			d.patch.Parent = parent
			d.add("parent", "", string(parent))
		case is != parent && d.ctx.Orphaned[is]:
			d.patch.Parent, d.patch.Reparent = parent, true
			d.add("parent", string(is), string(parent))
		}
	}
	if !d.ctx.Repository.Features.Dependencies {
		return
	}
	want := d.blockers()
	prior := want
	if d.c.Known {
		prior = d.c.Prior.BlockedBy
	}
	add, remove := threeWay(refTexts(prior), refTexts(want), nil)
	if d.c.Observed.Blocked < len(want) && len(add) == 0 {
		add = refTexts(want) // somebody took a link away; adding one that is there changes nothing
	}
	if len(add)+len(remove) == 0 {
		return
	}
	d.patch.AddBlockedBy, d.patch.RemoveBlockedBy = asRefs(add), asRefs(remove)
	d.add("blocked_by", joined("-", remove), joined("+", add))
}

func (d *differ) blockers() []ticket.Ref {
	var out []ticket.Ref
	for _, key := range d.c.Desired.BlockedBy {
		if ref := d.ctx.Refs[key]; ref != "" {
			out = append(out, ref)
		}
	}
	return out
}

// threeWay gives what to add and remove: what the spec gained since it was last applied and
// is not there, and what it lost. What people added or removed meanwhile stays as they have it.
func threeWay(prior, want, have []string) (add, remove []string) {
	for _, w := range want {
		if !hasLabel(prior, w) && !hasLabel(have, w) {
			add = append(add, w)
		}
	}
	for _, p := range prior {
		if !hasLabel(want, p) && (have == nil || hasLabel(have, p)) {
			remove = append(remove, p)
		}
	}
	return add, remove
}

func refTexts(refs []ticket.Ref) []string {
	var out []string
	for _, r := range refs {
		out = append(out, string(r))
	}
	return out
}

func asRefs(texts []string) []ticket.Ref {
	var out []ticket.Ref
	for _, t := range texts {
		out = append(out, ticket.Ref(t))
	}
	return out
}

func joined(sign string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	names = slices.Clone(names)
	for i, n := range names {
		names[i] = sign + n
	}
	return strings.Join(names, " ")
}

func size(text string) string {
	return fmt.Sprintf("%d lines", strings.Count(strings.TrimRight(text, "\n"), "\n")+1)
}

// resized is the size of a text, and how many of its lines the old one does not have.
func resized(before, after string) string {
	had := map[string]int{}
	for l := range strings.Lines(strings.ReplaceAll(before, "\r\n", "\n")) {
		had[strings.TrimRight(l, " \t\n")]++
	}
	fresh := 0
	for l := range strings.Lines(after) {
		l = strings.TrimRight(l, " \t\n")
		if had[l]--; had[l] < 0 && !strings.HasPrefix(l, "<!-- ticketfoundry:") {
			fresh++
		}
	}
	if fresh == 0 {
		return size(after)
	}
	return fmt.Sprintf("%s, %d of them new", size(after), fresh)
}
