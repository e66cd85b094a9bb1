package world

import (
	"fmt"
	"slices"
	"strings"
)

// Ref resolves a branch name, refs/heads/ name or commit hash; an empty ref is the default branch.
func (w *World) Ref(ref string) string {
	if ref == "" || ref == "HEAD" {
		ref = w.Repo.DefaultBranch
	}
	if sha, ok := w.Branches[strings.TrimPrefix(ref, "refs/heads/")]; ok {
		return sha
	}
	return ref
}

// Dump is the repository's state as text without ids and times: two worlds that
// look the same to people dump the same. Issues are named by their number.
func (w *World) Dump() string {
	var b strings.Builder
	labels := slices.Clone(w.Labels)
	slices.SortFunc(labels, func(x, y *Label) int { return strings.Compare(x.Name, y.Name) })
	for _, l := range labels {
		fmt.Fprintf(&b, "label %s #%s %s\n", l.Name, l.Colour, l.Description)
	}
	for _, m := range w.Milestones {
		fmt.Fprintf(&b, "milestone %s %s\n", m.Title, openWord(m.Closed))
	}
	for _, i := range w.Issues {
		dumpIssue(&b, i)
	}
	return b.String()
}

func dumpIssue(b *strings.Builder, i *Issue) {
	if i.Gone != "" {
		fmt.Fprintf(b, "issue #%d %s\n", i.Number, i.Gone)
		return
	}
	kind := "issue"
	if i.PR != nil {
		kind = "pull"
	}
	fmt.Fprintf(b, "%s #%d %s by %s: %s\n", kind, i.Number, openWord(i.Closed), i.Author.Login, i.Title)
	var names, people []string
	for _, l := range i.Labels {
		names = append(names, l.Name)
	}
	for _, u := range i.Assignees {
		people = append(people, u.Login)
	}
	slices.Sort(names)
	slices.Sort(people)
	list(b, "labels", strings.Join(names, ", "))
	list(b, "assignees", strings.Join(people, ", "))
	if i.Closed {
		list(b, "reason", i.StateReason)
	}
	if i.Milestone != nil {
		list(b, "milestone", i.Milestone.Title)
	}
	if i.Type != nil {
		list(b, "type", i.Type.Name)
	}
	if i.Parent != 0 {
		fmt.Fprintf(b, "  parent: #%d\n", i.Parent)
	}
	blockers := slices.Sorted(slices.Values(i.BlockedBy))
	for _, n := range blockers {
		fmt.Fprintf(b, "  blocked by: #%d\n", n)
	}
	if i.Locked {
		list(b, "locked", "yes")
	}
	text(b, "| ", i.Body)
	for _, c := range i.Comments {
		fmt.Fprintf(b, "  comment by %s\n", c.Author.Login)
		text(b, "> ", c.Body)
	}
}

func list(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "  %s: %s\n", name, value)
	}
}

// text quotes a body; a CR is shown, as it is part of the state.
func text(b *strings.Builder, mark, body string) {
	if body == "" {
		return
	}
	for line := range strings.SplitSeq(body, "\n") {
		fmt.Fprintf(b, "  %s%s\n", mark, strings.ReplaceAll(line, "\r", "\\r"))
	}
}

func openWord(closed bool) string {
	if closed {
		return "closed"
	}
	return "open"
}
