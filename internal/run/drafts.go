package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/apply"
	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
)

// publisher is a tracker with releases.
type publisher interface {
	// Releases lists all, newest first, and the drafts where the token may see them.
	Releases(ctx context.Context) ([]github.Release, error)
	// Release reads one as it is now.
	Release(ctx context.Context, id int64) (github.Release, error)
	// DraftRelease makes a draft.
	DraftRelease(ctx context.Context, tag, name, body string) (github.Release, error)
	// WriteDraft replaces the text of a draft.
	WriteDraft(ctx context.Context, r github.Release, body string) error
}

// drafting is the work on draft releases in one run. It keeps one for each version in step with
// what the specs tell customers, and looks at releases only when something of that has changed,
// or everything is looked at anyway. What could not be written does not count as told, so that the
// next run tries again; what the token may not write does, so that a run says once what is missing.
type drafting struct {
	j      *job
	match  plan.Match
	sweep  bool // everything is looked at, whatever is told
	afresh bool // and drafts that are missing are made again
	limits limits
	say    func(format string, args ...any)

	gh      publisher
	all     []release.Notes
	told    map[string]bool // capabilities that tell something else than before, and whether they told something then
	kept    map[string]bool // capabilities of which nothing counts as told in this run
	room    int             // drafts that may still be written
	refused error           // what was refused, of single drafts

	made, written, waiting int
}

// errWaits says that the limits of the run allow no more drafts.
var errWaits = errors.New("no more may be written in this run")

// drafts brings the drafts up to date in a workflow; the code is that of the run.
func (w *shift) drafts(ctx context.Context, p *plan.Plan, m plan.Match) int {
	d := &drafting{j: w.j, match: m, sweep: w.ev.Name == "schedule", limits: w.limits(), say: w.say}
	d.afresh = w.ev.Name == "workflow_dispatch" || w.ev.Name == "repository_dispatch"
	return d.run(ctx, p)
}

// run brings the drafts up to date, and gives the code of the run: a draft that could not be
// written makes it one of findings, a permission that is missing not.
func (d *drafting) run(ctx context.Context, p *plan.Plan) int {
	gh, ok := d.j.tracker.(publisher)
	if !ok {
		return ExitFine
	}
	d.gh, d.all, d.told, d.kept = gh, d.j.notes(), map[string]bool{}, map[string]bool{}
	defer d.settle(p)
	d.hold(*p)
	if !d.look(*p) {
		return ExitFine
	}
	d.room = d.j.room(*p, d.limits)
	err := d.write(ctx)
	if n := d.made + d.written; n > 0 {
		d.say("draft releases with the release notes: %d made, %d brought up to date", d.made, d.written)
	}
	if d.waiting > 0 {
		d.say("draft releases that wait for the next run, as this one may write no more: %d", d.waiting)
	}
	if ctx.Err() != nil {
		return ExitFine // the rest of the run says so
	}
	if ticket.KindOf(err) == ticket.Unauthorised {
		d.say("the release notes are not in a draft release: %s, and start the workflow once by hand; everything else is done as usual", err)
		err = nil
	}
	if err = errors.Join(d.refused, err); err == nil {
		return ExitFine
	}
	d.say("the release notes could not be brought up to date in a draft release: %s; the next run tries again", strings.ReplaceAll(err.Error(), "\n", "; "))
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

// hold keeps what cannot be told in full, as a file with errors may say something of it, too.
func (d *drafting) hold(p plan.Plan) {
	for _, n := range d.all {
		if d.held(n) {
			d.keep(n)
		}
	}
	for _, g := range p.Groups {
		product, _, _ := strings.Cut(g.Capability, "-")
		if d.j.set.Unreadable || d.broken(product) {
			d.kept[g.Capability] = true
		}
	}
}

// held tells whether notes may lack what a file with errors says: they stay as they are.
func (d *drafting) held(n release.Notes) bool {
	switch {
	case d.j.set.Unreadable:
		return true
	case len(n.Products) == 0:
		return len(d.j.set.Broken) > 0
	}
	return slices.ContainsFunc(n.Products, func(p release.Product) bool { return d.broken(p.Prefix) })
}

// broken tells whether a file of the product has errors.
func (d *drafting) broken(product string) bool {
	return slices.ContainsFunc(d.j.set.Broken, func(b capability.Broken) bool {
		return slices.ContainsFunc(b.IDs, func(id string) bool { return strings.HasPrefix(id, product+"-") })
	})
}

// keep lets nothing of these notes count as told, nor what may have left them: anything of their
// products that told something before. Of a release that nothing belongs to any more, nobody knows
// whose it was.
func (d *drafting) keep(n release.Notes) {
	for _, id := range n.Of {
		d.kept[id] = true
	}
	for id, before := range d.told {
		product, _, _ := strings.Cut(id, "-")
		theirs := len(n.Products) == 0 || slices.ContainsFunc(n.Products, func(p release.Product) bool { return p.Prefix == product })
		d.kept[id] = d.kept[id] || before && theirs
	}
}

// settle has it recorded for the next run what does not count as told, and has that run look at it.
func (d *drafting) settle(p *plan.Plan) {
	for i, g := range p.Groups {
		if !d.kept[g.Capability] || g.Prior.Notes == g.Next.Notes {
			continue
		}
		p.Groups[i].Next.Notes = g.Prior.Notes
		if s := d.j.stood[g.Capability]; s != nil {
			s.again = true
		}
	}
}

// look finds out which capabilities tell customers something else than when they were applied
// last, and tells whether there is a reason to look at the releases. A run of several parts looks
// always: what belongs in a draft may have changed in another part.
func (d *drafting) look(p plan.Plan) bool {
	for _, g := range p.Groups {
		if g.Prior.Notes != g.Next.Notes && !d.kept[g.Capability] {
			d.told[g.Capability] = g.Prior.Notes != ""
		}
	}
	if d.j.set.Unreadable {
		return false
	}
	parts := !d.j.shard.Whole()
	for _, f := range d.j.set.Files {
		id := f.Capability.ID
		if was := d.match.Applied[id].Notes; parts && !d.kept[id] && was != release.Fingerprint(d.j.cfg.Release.Tag, f.Capability) {
			d.told[id] = was != ""
		}
	}
	tells := slices.ContainsFunc(d.all, func(n release.Notes) bool { return !n.Empty() })
	return len(d.told) > 0 || tells && (d.sweep || d.afresh || parts)
}

// write makes and updates what differs, past single drafts that are refused. The error is one that
// every further draft would meet, too.
func (d *drafting) write(ctx context.Context) error {
	there, err := d.gh.Releases(ctx)
	if err != nil {
		return d.end(err, d.all)
	}
	all := d.withGone(there)
	for i, n := range all {
		switch {
		case d.held(n):
			d.keep(n)
			continue
		case config.TagFault(n.Tag) != "":
			continue // a finding says so, and trying again changes nothing
		case !d.mine(n):
			if !d.stands(n, there) { // then this part's capabilities of it are not told yet
				d.keep(n)
			}
			continue
		}
		err := d.one(ctx, n, there)
		switch kind := ticket.KindOf(err); {
		case err == nil:
		case errors.Is(err, errWaits):
			d.waiting++
			d.keep(n)
		case kind == ticket.Unauthorised, kind == ticket.RateLimited, kind == ticket.Unavailable, ctx.Err() != nil:
			return d.end(err, all[i:])
		default:
			d.refused = errors.Join(d.refused, err)
			d.keep(n)
		}
	}
	return nil
}

// end keeps the rest, unless a permission is missing: that is said once.
func (d *drafting) end(err error, rest []release.Notes) error {
	if ticket.KindOf(err) != ticket.Unauthorised {
		for _, n := range slices.Concat(rest, []release.Notes{{}}) { // and what left a release that is not read yet
			d.keep(n)
		}
	}
	return err
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

// mine tells whether the draft is this part's to write, in a run of several.
func (d *drafting) mine(n release.Notes) bool {
	if len(n.Of) == 0 {
		return d.j.shard.Index <= 1
	}
	return d.j.ours(n.Of[0])
}

// due tells whether a release that has no draft gets one: something new is told, and not all of
// it has shipped long ago. One whose draft people deleted does not get it back just so.
func (d *drafting) due(n release.Notes) bool {
	return slices.ContainsFunc(n.Of, func(id string) bool {
		_, told := d.told[id]
		return (d.afresh || told) && d.j.stageOf(id, d.match) != pipeline.Shipped
	})
}

// stands tells whether nothing is left to write for the release.
func (d *drafting) stands(n release.Notes, there []github.Release) bool {
	draft, out := pick(n, there)
	if out {
		return true
	}
	if draft.ID == 0 {
		return n.Empty() || !d.due(n)
	}
	body, err := n.Fold(draft.Body)
	return err == nil && body == draft.Body
}

// pick gives the draft of a release: the oldest, but rather one with a block of ours; and whether
// the release is published. What is published is never touched, nor is a second one made beside it.
func pick(n release.Notes, there []github.Release) (draft github.Release, out bool) {
	for _, r := range there {
		switch {
		case !strings.EqualFold(r.Tag, n.Tag):
		case !r.Draft:
			return r, true
		case draft.ID == 0 || len(release.Tags(r.Body)) > 0 || len(release.Tags(draft.Body)) == 0:
			draft = r
		}
	}
	return draft, false
}

// draftTries is how often a draft is looked at that people change while it is written.
const draftTries = 4

// one brings the draft of one release up to date. It is read again right before it is written, as
// people may have published it, deleted it or saved their text since it was listed.
func (d *drafting) one(ctx context.Context, n release.Notes, there []github.Release) error {
	draft, out := pick(n, there)
	if out {
		return nil
	}
	for range draftTries {
		body, err := n.Fold(draft.Body)
		switch {
		case err != nil:
			return fmt.Errorf("the draft of %s: %w", n.Tag, err)
		case draft.ID == 0:
			return d.begin(ctx, n, body)
		case body == draft.Body:
			return nil
		case d.room <= 0:
			return errWaits
		}
		now, err := d.gh.Release(ctx, draft.ID)
		switch {
		case ticket.KindOf(err) == ticket.Gone, err == nil && !strings.EqualFold(now.Tag, n.Tag):
			draft = github.Release{}
			continue
		case err != nil:
			return err
		case !now.Draft:
			return nil
		case now.Body != draft.Body:
			draft = now
			continue
		}
		if err := d.gh.WriteDraft(ctx, now, body); ticket.KindOf(err) != ticket.Gone {
			d.wrote(&d.written, err)
			return err
		}
	}
	return fmt.Errorf("the draft of %s was changed again and again while it was to be written", n.Tag)
}

// begin makes the draft of a release that has none, if it is due.
func (d *drafting) begin(ctx context.Context, n release.Notes, body string) error {
	switch {
	case n.Empty() || !d.due(n):
		return nil
	case d.room <= 0:
		return errWaits
	}
	_, err := d.gh.DraftRelease(ctx, n.Tag, n.Name, body)
	d.wrote(&d.made, err)
	return err
}

// wrote counts a write that was sent, and what came of it.
func (d *drafting) wrote(done *int, err error) {
	d.room--
	d.j.drafted = append(d.j.drafted, apply.Written{At: d.j.env.Now(), Writes: 1})
	if err == nil {
		*done++
	}
}
