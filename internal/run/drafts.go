package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
)

// drafts keeps a draft release for each version in step with what the specs tell customers. It
// looks at releases only when something of that has changed, or everything is looked at anyway.
// What could not be written does not count as told, so that the next run tries again; what the
// token may not write does, so that a run says once what is missing. The code is that of the run:
// a draft that could not be written makes it one of findings, a permission that is missing not.
func (w *shift) drafts(ctx context.Context, p *plan.Plan, m plan.Match) int {
	if w.j.set.Unreadable {
		return ExitFine
	}
	d := drafting{shift: w, match: m, all: w.j.notes()}
	if !d.look(*p) {
		return ExitFine
	}
	err := d.write(ctx)
	if n := d.made + d.written; n > 0 {
		w.say("draft releases with the release notes: %d made, %d brought up to date", d.made, d.written)
	}
	switch {
	case err == nil:
		return ExitFine
	case ticket.KindOf(err) == ticket.Unauthorised:
		w.say("the release notes are not in a draft release: %s, and start the workflow once by hand; everything else is done as usual", err)
		return ExitFine
	}
	for i, g := range p.Groups {
		p.Groups[i].Next.Notes = g.Prior.Notes
	}
	if ctx.Err() != nil {
		return ExitFine // the rest of the run says so
	}
	w.say("the release notes could not be brought up to date in a draft release: %s; the next run over everything tries again", err)
	return ExitFindings
}

// notes are the release notes of all versions.
func (j *job) notes() []release.Notes {
	specs := make([]capability.Capability, len(j.set.Files))
	for i, f := range j.set.Files {
		specs[i] = f.Capability
	}
	return release.Collect(specs, j.cfg)
}

// drafting is the work on drafts in one run.
type drafting struct {
	*shift
	match         plan.Match
	all           []release.Notes
	told          []string // capabilities of which something else is told than before
	afresh        bool     // drafts that are missing are made again, whatever is told
	made, written int
}

// look finds out which capabilities tell customers something else than when they were applied
// last, and tells whether there is a reason to look at the releases. A run of several parts looks
// always: what belongs in a draft may have changed in another part.
func (d *drafting) look(p plan.Plan) bool {
	for _, g := range p.Groups {
		if g.Prior.Notes != g.Next.Notes {
			d.told = append(d.told, g.Capability)
		}
	}
	switch d.ev.Name {
	case "workflow_dispatch", "repository_dispatch":
		d.afresh = true
	}
	tells := slices.ContainsFunc(d.all, func(n release.Notes) bool { return !n.Empty() })
	return len(d.told) > 0 || tells && (d.afresh || d.ev.Name == "schedule" || !d.j.shard.Whole())
}

// mine tells whether the draft is this part's to write, in a run of several.
func (d *drafting) mine(n release.Notes) bool {
	if len(n.Of) == 0 {
		return d.j.shard.Index <= 1
	}
	return d.j.ours(n.Of[0])
}

// write makes and updates what differs. It stops at the first failure: one permission is missing
// for all of them.
func (d *drafting) write(ctx context.Context) error {
	there, err := d.gh.Releases(ctx)
	if err != nil {
		return err
	}
	var damaged error
	for _, n := range d.withGone(there) {
		if d.held(n) || !d.mine(n) {
			continue
		}
		err := d.one(ctx, n, there)
		if errors.Is(err, release.ErrDamaged) {
			damaged = errors.Join(damaged, err)
		} else if err != nil {
			return err
		}
	}
	return damaged
}

// withGone adds the releases whose drafts have a block of ours and that no spec names any more.
func (d *drafting) withGone(there []github.Release) []release.Notes {
	out := slices.Clone(d.all)
	for _, r := range there {
		if !r.Draft || !slices.ContainsFunc(release.Tags(r.Body), func(tag string) bool { return strings.EqualFold(tag, r.Tag) }) {
			continue
		}
		if !slices.ContainsFunc(out, func(n release.Notes) bool { return strings.EqualFold(n.Tag, r.Tag) }) {
			out = append(out, release.Notes{Tag: r.Tag})
		}
	}
	return out
}

// held tells whether notes may lack what a file with errors says: they stay as they are.
func (d *drafting) held(n release.Notes) bool {
	if len(d.j.set.Broken) > 0 && len(n.Products) == 0 {
		return true
	}
	for _, b := range d.j.set.Broken {
		for _, id := range b.IDs {
			if slices.ContainsFunc(n.Products, func(p release.Product) bool { return strings.HasPrefix(id, p.Prefix+"-") }) {
				return true
			}
		}
	}
	return false
}

// one writes the draft of one release. What is published is never touched, nor is a second one
// made beside it.
func (d *drafting) one(ctx context.Context, n release.Notes, there []github.Release) error {
	var draft github.Release
	for _, r := range there {
		switch {
		case !strings.EqualFold(r.Tag, n.Tag):
		case !r.Draft:
			return nil
		case draft.ID == 0 || len(release.Tags(r.Body)) > 0 || len(release.Tags(draft.Body)) == 0:
			draft = r // the oldest, but rather one with a block of ours
		}
	}
	body, err := n.Fold(draft.Body)
	if err != nil {
		return fmt.Errorf("the draft of %s: %w", n.Tag, err)
	}
	switch {
	case draft.ID == 0:
		if n.Empty() || !d.due(n) {
			return nil
		}
		if _, err := d.gh.DraftRelease(ctx, n.Tag, n.Name, body); err != nil {
			return err
		}
		d.made++
	case body != draft.Body:
		if err := d.gh.WriteDraft(ctx, draft, body); err != nil {
			return err
		}
		d.written++
	}
	return nil
}

// due tells whether a release that has no draft gets one: something new is told, and not all of
// it has shipped long ago. One whose draft people deleted does not get it back just so.
func (d *drafting) due(n release.Notes) bool {
	return slices.ContainsFunc(n.Of, func(id string) bool {
		return (d.afresh || slices.Contains(d.told, id)) && d.j.stageOf(id, d.match) != pipeline.Shipped
	})
}
