package run

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/markdown"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/plan"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// close takes the last verdict: what is to be recorded, said and remembered.
func (q *inquiry) close(v pipeline.Verdict) error {
	s := q.out
	s.verdict, s.again = v, len(q.retry) > 0
	s.record = q.c.Record
	s.record.Entries = slices.Concat(q.c.Record.Entries, v.New)
	before := q.remembered()
	q.remember(v)
	if len(v.New) > 0 {
		say, err := q.recording(v)
		if err != nil {
			return err
		}
		s.says = append(s.says, say)
	}
	for _, r := range v.Refusals {
		q.refuse(r)
	}
	for _, r := range v.Replies {
		s.says = append(s.says, plan.Say{Key: r.Act.Ticket, Text: q.report(v), Mark: answer(r.Act.Rests)})
	}
	q.reopened(v)
	q.late(v)
	for _, key := range v.Clear {
		s.clear[key] = true
	}
	// Counting comments anew is worth a write only together with something else, or when
	// reading them again each time would cost more.
	s.quiet = len(v.New)+len(s.says) == 0 && q.reads < 3 && !before.worth(s.cache)
	q.announce(v)
	s.deciding = q.prior.Deciding
	if !s.quiet || s.voided {
		s.deciding = q.deciders() // worth no write of its own
	}
	return nil
}

type memory map[ticket.Key]ticket.Touched

// remembered is the cache as it was.
func (q *inquiry) remembered() memory {
	out := memory{}
	for key := range q.out.cache {
		out[key] = q.prior.Tickets[key.Within()]
	}
	return out
}

// worth tells whether more changed than numbers of comments.
func (m memory) worth(now memory) bool {
	for key, t := range now {
		was := m[key]
		if t.State != was.State || t.ClosedAt != was.ClosedAt || t.Closer != was.Closer || t.Hash != was.Hash {
			return true
		}
	}
	return false
}

// remember notes what rule makes of each ticket, and what approvals are shown.
func (q *inquiry) remember(v pipeline.Verdict) {
	for _, t := range v.Due() {
		c := q.out.cache[t.Key]
		if want := v.Want[t.Key]; want != "" {
			c.State = want // kept until rule makes it something else: what differs, people did
		}
		if a, ok := v.Approvals[t.Key]; ok && a.Hash != c.Hash {
			c.HashBefore, c.Hash, c.HashSince, c.HashShown = c.Hash, a.Hash, stamp(q.c.Now), ""
		}
		q.out.cache[t.Key] = c
	}
}

// short is the record as it is remembered: without what approvals saw.
func (s *standing) short() (json.RawMessage, error) {
	if len(s.record.Entries) == 0 {
		return nil, nil
	}
	slim := slices.Clone(s.record.Entries)
	for i := range slim {
		slim[i].Saw = nil
		if slim[i].Kind != record.Approved {
			slim[i].Commit = ""
		}
		later := slices.ContainsFunc(slim[i+1:], func(e record.Entry) bool { return e.Kind == record.Held || e.Kind == record.Resumed })
		if !slices.Contains([]record.Kind{record.Rejected, record.Reworked, record.Held}, slim[i].Kind) || slim[i].Kind == record.Held && later {
			slim[i].Why = ""
		}
	}
	text, err := json.Marshal(slim)
	if len(text) > mostKept {
		return json.RawMessage(`"too long"`), err // which is no record: the next run reads it
	}
	return text, err
}

// recording is the one comment that records what is new.
func (q *inquiry) recording(v pipeline.Verdict) (plan.Say, error) {
	var b strings.Builder
	for _, e := range v.New {
		b.WriteString("- " + q.line(e) + "\n")
	}
	hidden, err := q.c.Record.Hide(q.id, v.New)
	if err != nil {
		return plan.Say{}, err
	}
	text, _ := markdown.Cut(b.String(), mostText-len(hidden))
	return plan.Say{Key: ticket.Key(q.id), Text: strings.TrimRight(text, "\n") + "\n\n" + hidden, First: true}, nil
}

const (
	mostText = 60_000 // bytes of a comment, well within GitHub's 65,536
	mostKept = 20_000 // bytes of the record that an issue remembers besides its text
)

// line is an entry for people.
func (q *inquiry) line(e record.Entry) string {
	who := "The program"
	if e.Who != "" {
		who = markdown.Code(e.Who)
	}
	on := q.mention(e.Ticket)
	why := ""
	if e.Why != "" {
		why = ": " + markdown.Line(e.Why)
	}
	when := e.At.UTC().Format("2 Jan 2006 15:04 MST")
	spec := ""
	if e.Commit != "" {
		spec = ", spec at " + markdown.Code(e.Commit[:min(7, len(e.Commit))])
	}
	switch e.Kind {
	case record.Entered:
		return fmt.Sprintf("**Entered at %s**%s (%s%s)", q.stage(e.To), why, when, spec)
	case record.Moved:
		return fmt.Sprintf("**%s → %s**%s (%s%s)", q.stage(e.From), q.stage(e.To), why, when, spec)
	case record.Approved:
		return fmt.Sprintf("%s **approved** %s, content %s%s (%s%s)", who, on, markdown.Code(e.Hash), why, when, spec)
	case record.Rejected:
		named := ""
		if len(e.Tickets) > 0 {
			var refs []string
			for _, t := range e.Tickets {
				refs = append(refs, q.mention(t))
			}
			named = "; to be done again: " + strings.Join(refs, ", ")
		}
		return fmt.Sprintf("%s **rejected** %s, back to %s%s%s (%s%s)", who, on, q.stage(e.To), why, named, when, spec)
	case record.Carried:
		return fmt.Sprintf("The approval of %s **holds** for content %s too%s", on, markdown.Code(e.Hash), why)
	case record.Voided:
		return fmt.Sprintf("The approval of %s by %s **fell**%s", on, who, why)
	case record.Finished:
		return fmt.Sprintf("%s **finished** %s%s (%s)", who, on, why, when)
	case record.Dropped:
		return fmt.Sprintf("%s says that %s is **not needed**%s (%s)", who, on, why, when)
	case record.Waived:
		return fmt.Sprintf("%s **waived** waiting for %s%s (%s)", who, markdown.Code(strings.Join(e.Tickets, ", ")), why, when)
	case record.Held:
		return fmt.Sprintf("%s put it **on hold**%s (%s)", who, why, when)
	case record.Resumed:
		return fmt.Sprintf("%s **resumed** it%s (%s)", who, why, when)
	case record.Reworked:
		return fmt.Sprintf("%s sent it **back to %s**%s (%s)", who, q.stage(e.To), why, when)
	case record.Undone:
		return fmt.Sprintf("%s is **open again**%s", on, why)
	}
	return string(e.Kind)
}

func (q *inquiry) stage(id string) string {
	i := slices.IndexFunc(q.w.j.cfg.Pipeline.Stages, func(s config.Stage) bool { return s.ID == id })
	if i < 0 || q.w.j.cfg.Pipeline.Stages[i].Name == "" {
		return markdown.Line(id)
	}
	return markdown.Line(q.w.j.cfg.Pipeline.Stages[i].Name)
}

// mention names a ticket by its issue where it has one, with its key.
func (q *inquiry) mention(within string) string {
	if within == "" {
		return ""
	}
	if o, ok := q.w.match.Tickets[ticket.Key(q.id+"/"+within)]; ok {
		return string(o.Ref) + " " + markdown.Code(within)
	}
	return markdown.Code(within)
}

// refuse undoes a decision that does not count, and explains it once. People who may not even
// triage get no comment, only a reaction: a public issue must not become a loudspeaker.
func (q *inquiry) refuse(r pipeline.Refusal) {
	a := r.Act
	if a.Label {
		q.out.clear[a.Ticket] = true
	}
	kind, id, _ := strings.Cut(a.Rests, ":")
	if !slices.Contains([]string{"triage", "write", "maintain", "admin"}, a.Role) {
		if kind == "comment" {
			var comment int64
			if _, err := fmt.Sscan(id, &comment); err == nil {
				q.out.says = append(q.out.says, plan.Say{Key: a.Ticket, React: "-1", Comment: comment})
			}
		}
		return
	}
	what := "command"
	if a.Label {
		what = "label"
	}
	q.out.says = append(q.out.says, plan.Say{
		Key: a.Ticket, Mark: answer(a.Rests), First: a.Label, // before the label goes, which cannot be asked why afterwards
		Text: fmt.Sprintf("The %s of %s does not count: %s.", what, markdown.Code(a.Who.Login), markdown.Line(r.Text)),
	})
}

// reopened explains, once, why a closed approval ticket is open again, or one that was just
// approved still is.
func (q *inquiry) reopened(v pipeline.Verdict) {
	for _, t := range v.Due() {
		a, ok := v.Approvals[t.Key]
		o, here := q.w.match.Tickets[t.Key]
		overtaken := slices.ContainsFunc(v.New, func(e record.Entry) bool {
			return e.Kind == record.Approved && e.Ticket == t.Key.Within() && e.Hash != a.Hash
		})
		if !ok || !here || v.Want[t.Key] != ticket.Open || o.State == ticket.Open && !(overtaken && a.Stale) {
			continue
		}
		switch {
		case a.Stale:
			q.out.says = append(q.out.says, plan.Say{Key: t.Key, Mark: "stale:" + a.Hash, First: true, Text: difference(a)})
		case q.prior.Tickets[t.Key.Within()].State != ticket.Completed:
			q.out.says = append(q.out.says, plan.Say{Key: t.Key, Mark: "closed:" + stamp(o.ClosedAt), First: true,
				Text: "Closing decides nothing here. To decide, comment `/approve` or `/reject reason`, or set the label `approved` or `rejected`."})
		}
	}
}

// late says, once, that the spec of what has shipped was changed: it reopens nothing.
func (q *inquiry) late(v pipeline.Verdict) {
	if v.Stage == pipeline.Shipped && q.prior.Stage == pipeline.Shipped && q.prior.Hash != "" && q.prior.Hash != q.file.Hash {
		q.out.says = append(q.out.says, plan.Say{Key: ticket.Key(q.id), Mark: "late:" + q.file.Hash,
			Text: "The spec has changed since this shipped" + q.at() + ". Nothing is reopened: what is new belongs into a new capability."})
	}
}

// at names the commit that the specs were read at.
func (q *inquiry) at() string {
	if q.c.Commit == "" {
		return ""
	}
	return ", at " + markdown.Code(q.c.Commit[:min(7, len(q.c.Commit))])
}

// answer marks a comment as the answer to an act, so that it is given once.
func answer(rests string) string { return "answer:" + rests }

var answerPattern = regexp.MustCompile(`<!-- ticketfoundry:note answer:((?:event|comment):[0-9]+) -->`)

func answers(body string) []string {
	var out []string
	for _, m := range answerPattern.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return out
}

// report answers /status.
func (q *inquiry) report(v pipeline.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, since %s.\n", q.stage(v.Stage), v.Since.UTC().Format("2 Jan 2006"))
	for _, text := range v.Blockers {
		b.WriteString("\n- " + q.blocker(text))
	}
	return strings.TrimRight(b.String(), "\n")
}

// blocker turns "#spec/write-spec is open" into a mention of the issue.
func (q *inquiry) blocker(text string) string {
	within, rest, ok := strings.Cut(strings.TrimPrefix(text, "#"), " ")
	if !strings.HasPrefix(text, "#") || !ok {
		return markdown.Line(text)
	}
	return q.mention(within) + " " + markdown.Line(rest)
}

// difference tells what changed since an approval, field by field, line by line.
func difference(a pipeline.Approval) string {
	fields := pipeline.Changed(a.Before, a.Saw)
	if a.Before == nil {
		return "What was approved has changed since; please look again and decide: `/approve` or `/reject reason`."
	}
	var b strings.Builder
	b.WriteString("What was approved has changed since: " + strings.Join(fields, ", ") + ". Please decide again: `/approve` or `/reject reason`.\n")
	for _, f := range fields {
		b.WriteString("\n" + markdown.Code(f) + "\n\n" + markdown.Fence(lineDiff(a.Before[f], a.Saw[f]), "diff") + "\n")
	}
	text, _ := markdown.Cut(b.String(), 20_000)
	return text
}
