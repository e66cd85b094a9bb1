package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// labels plans the labels that changes need and the repository lacks. A label that is there
// under the same name, whatever its case and colour, is used as it is.
func (b *builder) labels() {
	names := map[string]string{}
	need := func(ls []string) {
		for _, l := range ls {
			names[strings.ToLower(l)] = l
		}
	}
	for _, c := range b.plan.Changes {
		if c.Action == Create {
			need(c.Desired.Labels)
			need(c.Desired.Extra)
		}
		need(c.Patch.AddLabels)
	}
	need(b.in.Needed)
	for _, l := range b.in.Repository.Labels {
		delete(names, strings.ToLower(l.Name))
	}
	if len(names) > 0 {
		b.plan.Labels = b.in.Define(slices.Sorted(maps.Values(names)))
	}
}

// milestones plans those that changes need and the repository lacks, and moves the due date
// where the spec moved it. Two dates for one version: the later one; the specs' check warns.
func (b *builder) milestones(models []Model) {
	want, moved := map[string]ticket.Milestone{}, map[string]bool{}
	for _, m := range models {
		ms := m.Milestone
		if ms.Title == "" || m.Closed {
			continue
		}
		if had, ok := want[ms.Title]; !ok || ms.Due > had.Due {
			want[ms.Title] = ms
		}
		moved[ms.Title] = moved[ms.Title] || b.in.Match.Applied[m.Capability].Milestone != ms
	}
	for _, m := range models { // what is closed may still be put into its version, but moves no date
		if _, known := want[m.Milestone.Title]; m.Closed && !known && m.Milestone.Title != "" {
			want[m.Milestone.Title] = m.Milestone
		}
	}
	for _, v := range b.in.Versions {
		if had, ok := want[v.Title]; ok && v.Due > had.Due {
			want[v.Title] = v
		}
	}
	used := map[string]bool{}
	for _, c := range b.plan.Changes {
		if c.Action == Create {
			used[c.Desired.Milestone] = true
		}
		used[c.Patch.Milestone] = true
	}
	for _, title := range slices.Sorted(maps.Keys(want)) {
		i := slices.IndexFunc(b.in.Repository.Milestones, func(m ticket.Milestone) bool { return m.Title == title })
		switch {
		case i < 0 && used[title],
			i >= 0 && moved[title] && b.in.Repository.Milestones[i].Due != want[title].Due && want[title].Due != "":
			b.plan.Milestones = append(b.plan.Milestones, want[title])
		}
	}
}

// brakes stops what looks like a mistake rather than a decision: many capabilities gone from
// the files at once, or many tickets gone from the tracker. A cancelled capability is a decision.
func (b *builder) brakes(models []Model) {
	if !b.in.Braked {
		return
	}
	var vanished []string
	alive := 0
	for _, m := range models {
		prior, known := b.in.Match.Applied[m.Capability]
		if !known || prior.Gone {
			continue
		}
		alive++
		if m.gone {
			vanished = append(vanished, m.Capability)
		}
	}
	alive += len(b.in.Held)
	n := len(vanished)
	switch {
	case n > 0 && b.in.Known == 0:
		b.brake("no-specs", fmt.Sprintf("no spec file was found at all, but the tracker knows %s: look whether the checkout is complete and the paths are right", some(vanished)))
	case n > maxVanished, n >= 2 && n*5 > alive:
		b.brake("mass-close", fmt.Sprintf("%d of %d capabilities have no spec file any more (%s); closing all their tickets may be a mistake: look whether the checkout is complete and the paths are right", n, alive, some(vanished)))
	}
	lost := slices.Sorted(maps.Keys(b.in.Match.Lost))
	if len(lost) > maxLost {
		names := make([]string, len(lost))
		for i, k := range lost {
			names[i] = string(k)
		}
		b.brake("mass-lost", fmt.Sprintf("%d tickets that were made before are not found any more (%s); making them all anew may be a mistake: look whether the token can read every issue of this repository", len(lost), some(names)))
	}
}

const (
	maxVanished = 5
	maxLost     = 25
)

func (b *builder) brake(rule, text string) {
	b.plan.Brakes = append(b.plan.Brakes, Brake{Rule: rule, Text: text})
}

// some names the first few and counts the rest.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
