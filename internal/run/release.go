package run

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/action"
	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/release"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// What a published release finishes.
const (
	releaseStage = "release"
	releaseNotes = "release-notes"
)

// publication is a published release.
type publication struct {
	rests string // what the record names it by
	tag   string
	at    time.Time
}

// published takes the release from the event; false where it is not published, or a draft. A
// prerelease counts like any other: only the tag of a version is that version.
func published(ev action.Event) (publication, bool) {
	r := ev.Release
	if ev.Name != "release" || ev.Action != "published" || r.Draft || r.ID == 0 || r.TagName == "" {
		return publication{}, false
	}
	p := publication{rests: fmt.Sprintf("release:%d", r.ID), tag: r.TagName}
	p.at, _ = time.Parse(time.RFC3339, r.PublishedAt)
	return p, true
}

// of tells whether the release is the capability's: its tag is that of the product and version.
func (p publication) of(pattern string, c capability.Capability) bool {
	tag := release.Tag(pattern, c.Product(), c.Release.Version)
	return tag != "" && strings.EqualFold(tag, p.tag)
}

// release tells whether this run is about a published release, and notes which.
func (w *shift) release() bool {
	p, ok := published(w.ev)
	if ok {
		w.j.published = &p
	}
	return ok
}

// released gives the capabilities that the event's release is of.
func (w *shift) released() []string {
	p, ok := published(w.ev)
	if !ok {
		return nil
	}
	var out []string
	for _, f := range w.j.set.Files {
		if c := f.Capability; p.of(w.j.cfg.Release.Tag, c) && c.Status != "cancelled" {
			out = append(out, c.ID)
		}
	}
	slices.SortFunc(out, plan.CompareIDs)
	return out
}

// publish lets the release finish the release notes of this capability, as the program's own
// act. It approves nothing.
func (q *inquiry) publish() {
	p := q.w.j.published
	if p == nil || !p.of(q.w.j.cfg.Release.Tag, q.file.Capability) {
		return
	}
	key := ticket.Make(q.id, releaseStage, releaseNotes)
	if o, here := q.w.match.Tickets[key]; here && o.State == ticket.Open {
		at := p.at
		if at.IsZero() || at.After(q.c.Now) {
			at = q.c.Now
		}
		q.c.Acts = append(q.c.Acts, pipeline.Act{
			Verb: pipeline.Done, Ticket: key, Program: true, At: at.UTC().Truncate(time.Second),
			Rests: p.rests, Why: "the release " + p.tag + " is published",
		})
	}
}

// announce says on the notes that they are out, and on the capability issue what the release
// went out without.
func (q *inquiry) announce(v pipeline.Verdict) {
	p := q.w.j.published
	if p == nil || !p.of(q.w.j.cfg.Release.Tag, q.file.Capability) || q.issue.Ref == "" {
		return
	}
	link := q.releaseLink(*p)
	if slices.ContainsFunc(v.New, func(e record.Entry) bool { return e.Kind == record.Finished && e.Rests == p.rests }) {
		q.out.says = append(q.out.says, plan.Say{
			Key: ticket.Make(q.id, releaseStage, releaseNotes), Mark: p.rests,
			Text: "The release " + link + " is published: these notes are out, so this ticket is closed. If something is left to do here, open it again.",
		})
	}
	missing := q.missing(v)
	if len(missing) == 0 {
		return
	}
	q.out.missing = len(missing)
	q.out.says = append(q.out.says, plan.Say{Key: ticket.Key(q.id), Mark: p.rests,
		Text: "The release " + link + " is published. By the record this capability is not ready for it yet:\n\n- " +
			strings.Join(missing, "\n- ") + "\n\nPublishing approved nothing: please decide and close what is open here as usual."})
}

// missing lists what a capability lacks for its release, for people.
func (q *inquiry) missing(v pipeline.Verdict) []string {
	if v.Closed != "" {
		return nil
	}
	var out []string
	if v.Stage != releaseStage {
		out = append(out, "It stands in **"+q.stage(v.Stage)+"**, not in "+q.stage(releaseStage)+".")
	}
	for _, text := range v.Blockers {
		out = append(out, q.blocker(text))
	}
	for _, t := range v.Due() {
		gates := t.Stock.Gates == "" || pipeline.Has(q.file.Capability, t.Stock.Gates)
		if v.Stage == releaseStage || t.Stage != releaseStage || t.Approval || !gates || t.State != ticket.Open {
			continue
		}
		out = append(out, q.mention(t.Key.Within())+" is open")
	}
	return out
}

func (q *inquiry) releaseLink(p publication) string {
	name := markdown.Code(p.tag)
	base := q.w.j.repo.URL
	if !strings.HasPrefix(base, "http") {
		return name
	}
	return "[" + name + "](" + strings.TrimSuffix(base, "/") + "/releases/tag/" + url.PathEscape(p.tag) + ")"
}

// tell says in the summary what the release was about.
func (w *shift) tell(ids []string) {
	w.say("the release %s is of %s; it approves nothing", w.j.published.tag, strings.Join(ids, ", "))
	for _, id := range ids {
		switch s := w.j.stood[id]; {
		case s == nil || s.missing == 0:
		case s.missing == 1:
			w.say("%s was not ready for it: one thing is missing, named on its issue", id)
		default:
			w.say("%s was not ready for it: %d things are missing, named on its issue", id, s.missing)
		}
	}
}
