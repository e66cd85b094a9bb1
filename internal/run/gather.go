package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// standing is where one capability stands, and what was read to know it.
type standing struct {
	verdict  pipeline.Verdict
	record   record.Record
	comments int                           // on the capability issue, as far as they are in record
	cache    map[ticket.Key]ticket.Touched // what is remembered of each ticket
	says     []plan.Say
	quiet    bool                      // nothing is new but numbers of comments
	clear    map[ticket.Key]bool       // tickets whose deciding labels are taken off
	deciding map[string]ticket.Decider // the labels by which people decide, as they are now
	voided   bool                      // a decision was made by a label that is not the one it was
	missing  int                       // what it lacked when it was released
	again    bool                      // something could not be read: to be looked at by the next run
}

// witness finds out what people did. It reads only what differs from what was looked at last:
// comments by their number, closes by their time, labels that decide.
type witness struct {
	j      *job
	match  plan.Match
	trust  plan.Trust
	roles  map[string]string
	stood  map[string]*standing
	denied map[string]bool // capabilities whose record does not say that they shipped
}

// witness begins with what the list of issues showed.
func (j *job) witness(m plan.Match, t plan.Trust) *witness {
	return &witness{j: j, match: m, trust: t, roles: map[string]string{}, stood: map[string]*standing{}, denied: map[string]bool{}}
}

// inquiry is the reading for one capability.
type inquiry struct {
	w      *witness
	id     string
	file   *capability.File
	prior  ticket.Applied
	known  bool
	issue  ticket.Observed // of the capability; zero while there is none
	c      pipeline.Case
	out    *standing
	read   bool                // the record was read
	looked map[string]bool     // "events KEY", "comments KEY", "rests ID"
	retry  map[ticket.Key]bool // something could not be read: look again next time
	reads  int
}

// stand says where a capability stands. Those it depends on are looked at first, so that what
// ships in this run counts in this run.
func (w *witness) stand(ctx context.Context, f *capability.File) (*standing, error) {
	id := f.Capability.ID
	if s, ok := w.stood[id]; ok {
		return s, nil
	}
	for _, dep := range f.Capability.DependsOn {
		if other := w.j.set.ByID(dep); other != nil && other != f {
			if _, err := w.stand(ctx, other); err != nil {
				return nil, err
			}
		}
	}
	q := w.inquiry(f)
	if err := q.settle(ctx); err != nil {
		return nil, fmt.Errorf("find out where %s stands: %w", id, err)
	}
	w.stood[id] = q.out
	return q.out, nil
}

func (w *witness) inquiry(f *capability.File) *inquiry {
	id := f.Capability.ID
	q := &inquiry{w: w, id: id, file: f, looked: map[string]bool{}, retry: map[ticket.Key]bool{}}
	q.prior, q.known = w.match.Applied[id]
	q.issue = w.match.Tickets[ticket.Key(id)]
	q.out = &standing{cache: map[ticket.Key]ticket.Touched{}, clear: map[ticket.Key]bool{}, comments: q.prior.Comments}
	now := w.j.env.Now().UTC().Truncate(time.Second)
	q.c = pipeline.Case{
		Capability: f.Capability, Config: w.j.cfg, Commit: w.j.commit, Now: now, Began: now, Entered: q.prior.Entered,
		Texts: w.j.texts(f.Capability), Facts: map[ticket.Key]pipeline.Fact{}, Gone: map[string]bool{},
		Shipped: w.shipped,
	}
	switch since, err := time.Parse(time.RFC3339, q.prior.Since); {
	case q.known && err == nil:
		q.c.Began = since
	case q.issue.Ref != "":
		q.c.Began = q.issue.CreatedAt.UTC()
	}
	if q.known && len(q.prior.Record) > 0 {
		if json.Unmarshal(q.prior.Record, &q.c.Record.Entries) != nil {
			q.known = false // damaged: the record is read whole
		}
	}
	for _, key := range w.match.Under(id) {
		q.fact(key)
	}
	q.publish()
	return q
}

// shipped tells whether a capability has shipped, in this run or before.
func (w *witness) shipped(id string) bool {
	if w.denied[id] {
		return false
	}
	if s, ok := w.stood[id]; ok {
		return s.verdict.Stage == pipeline.Shipped
	}
	return w.match.Applied[id].Stage == pipeline.Shipped || w.match.Elsewhere[id].Stage == pipeline.Shipped
}

// fact takes what the list shows of a ticket, with what is remembered of it.
func (q *inquiry) fact(key ticket.Key) {
	o, t := q.w.match.Tickets[key], q.prior.Tickets[key.Within()]
	f := pipeline.Fact{State: o.State, ClosedAt: o.ClosedAt.UTC(), Assignees: o.Assignees, Applied: t.State,
		Shown: pipeline.Shown{Hash: t.Hash, Before: t.HashBefore}}
	f.Shown.Since, _ = time.Parse(time.RFC3339, t.HashSince)
	f.Shown.Told, _ = time.Parse(time.RFC3339, t.HashShown)
	if t.Closed {
		f.State = ticket.Open // closed because it had left the spec; it is about to be reopened
	}
	if f.State != ticket.Open && t.ClosedAt == stamp(o.ClosedAt) {
		f.Closer, f.ClosedBy = pipeline.Closer(t.Closer), t.ClosedBy
	}
	q.c.Facts[key] = f
	q.out.cache[key] = t
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// settle decides, looks at what the decision turns out to need, and decides again, until
// nothing more is needed.
func (q *inquiry) settle(ctx context.Context) error {
	if q.issue.Ref != "" && (!q.known || q.issue.Comments != q.prior.Comments) {
		if err := q.readRecord(ctx); err != nil {
			return err
		}
	}
	for {
		v := pipeline.Decide(q.c)
		more, err := q.look(ctx, v)
		if err != nil {
			return err
		}
		if !more {
			return q.close(v)
		}
	}
}

// once tells whether something is to be looked at for the first time.
func (q *inquiry) once(what string) bool {
	if q.looked[what] {
		return false
	}
	q.looked[what] = true
	return true
}

// look reads what a verdict needs and nobody has read; false if there is nothing.
func (q *inquiry) look(ctx context.Context, v pipeline.Verdict) (bool, error) {
	more := false
	for _, t := range v.Due() {
		o, here := q.w.match.Tickets[t.Key]
		if !here {
			continue
		}
		read, err := q.lookAt(ctx, v, t, o)
		if err != nil {
			return false, err
		}
		more = more || read
	}
	stale := slices.ContainsFunc(v.Due(), func(t pipeline.Ticket) bool { return v.Approvals[t.Key].Lost > 0 })
	if (len(v.New) > 0 || stale || q.follows(v)) && q.issue.Ref != "" && !q.read {
		return true, q.readRecord(ctx)
	}
	unsure, err := q.confirm(ctx, v)
	if err != nil || unsure {
		return unsure, err
	}
	for _, rests := range v.Rests {
		if q.once("rests " + rests) {
			gone, err := q.gone(ctx, rests)
			if err != nil {
				return false, err
			}
			if gone {
				q.c.Gone[rests], more = true, true
			}
		}
	}
	return more, nil
}

// follows tells whether anything is to be made, opened or closed because of where the capability
// stands. What its issue remembers of that can be edited by people, so the record is read first.
func (q *inquiry) follows(v pipeline.Verdict) bool {
	if v.Closed == ticket.Completed && q.issue.State == ticket.Open {
		return true
	}
	return slices.ContainsFunc(v.Due(), func(t pipeline.Ticket) bool {
		o, here := q.w.match.Tickets[t.Key]
		want := v.Want[t.Key]
		return !here || want != "" && want != o.State
	})
}

// lookAt reads a ticket's log and comments where they may tell something new.
func (q *inquiry) lookAt(ctx context.Context, v pipeline.Verdict, t pipeline.Ticket, o ticket.Observed) (bool, error) {
	more := false
	decides := hasName(o.Labels, "approved") || hasName(o.Labels, "rejected")
	undecided := t.Approval && !v.Approvals[t.Key].Holds() && decides
	if t.Approval && t.Stage == v.Stage && hasName(o.Labels, "rejected") {
		undecided = true // it is approved, but its stage is not left yet
	}
	if undecided || slices.Contains(v.Unread, t.Key) {
		if q.once("events " + string(t.Key)) {
			more = true
			if err := q.readEvents(ctx, t, o); err != nil {
				return false, err
			}
		}
	}
	open := q.c.Facts[t.Key].State == ticket.Open || t.Approval && (t.Stage == v.Stage || !v.Approvals[t.Key].Holds()) // GitHub's "close with comment" may hold the decision
	if open && o.Comments != q.prior.Tickets[t.Key.Within()].Comments && q.once("comments "+string(t.Key)) {
		more = true
		comments, err := q.w.j.tracker.Comments(ctx, o.Ref)
		if err != nil {
			return false, err
		}
		q.reads++
		if err := q.commands(ctx, t.Key, comments, q.prior.Tickets[t.Key.Within()].Seen); err != nil {
			return false, err
		}
		cached := q.out.cache[t.Key]
		if !q.retry[t.Key] {
			cached.Comments = len(comments)
			if len(comments) > 0 {
				cached.Seen = comments[len(comments)-1].ID
			}
		}
		q.out.cache[t.Key] = cached
	}
	return more, nil
}

// readEvents takes decisions by label, and who closed the ticket, from its log.
func (q *inquiry) readEvents(ctx context.Context, t pipeline.Ticket, o ticket.Observed) error {
	h, ok := q.w.j.tracker.(ticket.Historian)
	if !ok {
		return nil
	}
	events, err := h.Events(ctx, o.Ref)
	if err != nil {
		return err
	}
	if t.Approval {
		for _, a := range pipeline.LabelActs(o.Labels, events) {
			a.Ticket, a.Void = t.Key, q.void(a)
			if err := q.take(ctx, a); err != nil {
				return err
			}
		}
	}
	if o.State != ticket.Open {
		f := q.c.Facts[t.Key]
		f.Closer, f.ClosedBy = pipeline.ClosedBy(events, func(a ticket.Account) bool { return q.w.trust.Writers[a.ID] })
		q.c.Facts[t.Key] = f
		cached := q.out.cache[t.Key]
		cached.ClosedAt, cached.Closer, cached.ClosedBy = stamp(o.ClosedAt), string(f.Closer), f.ClosedBy
		q.out.cache[t.Key] = cached
	}
	return nil
}

// readRecord reads the comments of the capability issue: the record, and commands.
func (q *inquiry) readRecord(ctx context.Context) error {
	comments, err := q.w.j.tracker.Comments(ctx, q.issue.Ref)
	if err != nil {
		return err
	}
	if !q.read {
		q.c.Kept = q.c.Record.Entries
	}
	q.read = true
	q.c.Record = record.Read(q.id, comments, func(a ticket.Account) bool { return q.w.trust.Writers[a.ID] })
	q.out.comments = len(comments)
	if err := q.commands(ctx, ticket.Key(q.id), comments, 0); err != nil {
		return err
	}
	if q.retry[ticket.Key(q.id)] {
		q.out.comments = q.prior.Comments
	}
	return nil
}

// commands takes the commands among comments that are newer than seen, and were neither
// recorded nor answered before.
func (q *inquiry) commands(ctx context.Context, key ticket.Key, comments []ticket.Comment, seen int64) error {
	answered := map[string]bool{}
	for _, c := range comments {
		if q.w.trust.Writers[c.Author.ID] {
			for _, rests := range answers(c.Body) {
				answered[rests] = true
			}
		}
	}
	for _, c := range comments {
		a, ok := pipeline.Command(c)
		a.Rests, a.Ticket = pipeline.RestOnComment(c.ID), key
		if !ok || c.ID <= seen || answered[a.Rests] || q.w.trust.Writers[c.Author.ID] {
			continue
		}
		disliked, err := q.disliked(ctx, c)
		if err != nil {
			return err
		}
		if disliked {
			continue
		}
		if err := q.take(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// take adds an act with the role that its author holds now. A role that cannot be read grants
// nothing now, and the act is looked at again by the next run.
func (q *inquiry) take(ctx context.Context, a pipeline.Act) error {
	if q.w.trust.Writers[a.Who.ID] || a.Who.Bot || a.Who.ID == 0 || q.c.Record.Has(a.Rests) {
		return nil
	}
	role, err := q.w.role(ctx, a.Who.Login)
	if errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil {
		q.retry[a.Ticket] = true
		q.w.j.notices = append(q.w.j.notices, plan.Notice{Key: a.Ticket, Text: fmt.Sprintf("what %s did is not decided on: %s", a.Who.Login, err)})
		return nil
	}
	a.Role = role
	q.c.Acts = append(q.c.Acts, a)
	return nil
}

// texts reads the documents of the repository that a spec points to. One that cannot be read
// counts as empty; the check of the spec says so.
func (j *job) texts(c capability.Capability) map[string]string {
	out := map[string]string{}
	for _, path := range []string{c.Documents.Spec, c.Documents.Architecture} {
		f := j.set.ByID(c.ID)
		if path == "" || strings.Contains(path, "://") || f != nil && path == f.Path {
			continue
		}
		if text, _, err := j.ws.Read(path); err == nil {
			out[path] = string(text)
		}
	}
	return out
}

func hasName(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}
