package github

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// createBatch is how many issues one request makes to begin with.
const createBatch = 10

// limitRounds is how often the items of one batch that a limit refused are sent again.
const limitRounds = 4

// errNotTried marks drafts behind one whose failure concerns them all.
var errNotTried = errors.New("not tried")

// job is one draft on its way.
type job struct {
	draft    ticket.Draft
	parent   handle // zero: none, or none that can be used
	number   int    // of the parent
	dropped  []string
	noParent bool
	out      ticket.Created
	done     bool
}

func (j *job) succeed(o ticket.Observed) { j.out.Ticket, j.out.Err, j.done = o, nil, true }

func (j *job) refuse(err error) {
	j.out.Err, j.done = fail(err, "create", j.draft.Key), true
}

// Create makes issues, up to ten in a request where the server has GraphQL, each with its labels,
// assignees, milestone, type and parent. What GitHub silently left out stands in Dropped. A
// draft whose answer was lost is looked for by its key among the token's own newest issues
// before the answer is given; it is never sent again without.
func (t *Tracker) Create(ctx context.Context, drafts []ticket.Draft) []ticket.Created {
	jobs := make([]*job, len(drafts))
	for i, d := range drafts {
		jobs[i] = &job{draft: d}
	}
	if err := t.prepare(ctx, jobs); err != nil {
		for _, j := range jobs {
			j.refuse(err)
		}
	}
	for left := jobs; len(left) > 0; {
		batch := left[:min(t.sizes.creates.now(), len(left))]
		left = left[len(batch):]
		t.createAll(ctx, open(batch))
		if i := slices.IndexFunc(batch, func(j *job) bool { return hopeless(j.out.Err) }); i >= 0 {
			for _, j := range open(jobs) {
				j.refuse(t.behind(batch[i].out.Err))
			}
		}
	}
	out := make([]ticket.Created, len(jobs))
	for i, j := range jobs {
		if j.out.Err == nil {
			j.out.Dropped = append(j.dropped, missing(j.draft, j.out.Ticket)...)
			slices.Sort(j.out.Dropped)
			j.out.Dropped = slices.Compact(j.out.Dropped)
		}
		out[i] = j.out
	}
	return out
}

func open(jobs []*job) []*job {
	var out []*job
	for _, j := range jobs {
		if !j.done {
			out = append(out, j)
		}
	}
	return out
}

// hopeless tells failures that the next draft would meet as well.
func hopeless(err error) bool {
	switch ticketKind(err) {
	case ticket.RateLimited, ticket.Unauthorised, ticket.Unavailable:
		return true
	}
	return false
}

// behind is the failure of a draft that was not sent since an earlier one could not be.
func (t *Tracker) behind(err error) error {
	var e *ticket.Error
	if !errors.As(err, &e) {
		return &ticket.Error{Kind: ticket.Unavailable, Detail: errNotTried.Error()}
	}
	return &ticket.Error{Kind: e.Kind, Detail: "not sent: " + e.Detail, Next: e.Next, Until: e.Until}
}

// createAll carries one batch to its end: sent, sent again where that is safe, looked for
// where the outcome is not known.
func (t *Tracker) createAll(ctx context.Context, batch []*job) {
	if len(batch) == 0 {
		return
	}
	if !t.server().graphQL {
		for _, j := range batch {
			t.createREST(ctx, j)
			if hopeless(j.out.Err) {
				return
			}
		}
		return
	}
	for round := 1; len(open(batch)) > 0 && round <= limitRounds; round++ {
		r := t.createGraph(ctx, open(batch))
		if len(r.unknown) > 0 {
			t.sizes.creates.lost()
		} else {
			t.sizes.creates.went()
		}
		t.find(ctx, r.unknown)
		t.withoutParent(ctx, r.full)
		if len(r.limited) == 0 {
			break
		}
		t.wire.StayAway(round)
	}
	for _, j := range open(batch) {
		j.refuse(&ticket.Error{Kind: ticket.RateLimited, Detail: "GitHub keeps refusing to create more", Until: t.clock(), Next: "run again later: it goes on where it stopped"})
	}
	if !t.server().parentInCreate {
		for _, j := range batch {
			t.linkNew(ctx, j)
		}
	}
}

// withoutParent makes tickets whose parent takes no more sub-issues. The issue may be there
// although linking it was refused, so it is looked for first.
func (t *Tracker) withoutParent(ctx context.Context, full []*job) {
	if len(full) == 0 {
		return
	}
	t.look(ctx, full)
	left := open(full)
	for _, j := range left {
		j.noParent = true
	}
	if len(left) == 0 {
		return
	}
	r := t.createGraph(ctx, left)
	t.find(ctx, r.unknown)
}

// leftover is what is still to be done about a batch: jobs that a limit refused, whose outcome is
// unknown, or whose parent is full.
type leftover struct {
	limited, unknown, full []*job
}

type createAnswer map[string]*struct{ Issue *graphIssue }

// createGraph sends one batch of createIssue mutations. Items fail alone; jobs that are neither
// done nor in the leftover were refused.
func (t *Tracker) createGraph(ctx context.Context, batch []*job) leftover {
	var vars, calls strings.Builder
	doc := document{Variables: map[string]any{}}
	for i, j := range batch {
		fmt.Fprintf(&vars, "$c%d: CreateIssueInput! ", i)
		fmt.Fprintf(&calls, " c%d: createIssue(input: $c%d) { issue { ...F } }\n", i, i)
		doc.Variables[fmt.Sprintf("c%d", i)] = t.input(j)
	}
	doc.Query = "mutation(" + strings.TrimSpace(vars.String()) + ") {\n" + calls.String() + "}\n" + t.server().issueFields()
	var a createAnswer
	complaints, err := t.graph(ctx, doc, len(batch), &a)
	var out leftover
	if err != nil && len(complaints) == 0 {
		if ticketKind(err) == ticket.Unknown {
			out.unknown = batch
			return out
		}
		for _, j := range batch {
			j.refuse(err)
		}
		return out
	}
	byAlias, general := sortComplaints(complaints)
	for i, j := range batch {
		alias := fmt.Sprintf("c%d", i)
		if got := a[alias]; got != nil && got.Issue != nil && got.Issue.Number > 0 {
			j.succeed(t.observedGraph(*got.Issue))
			continue
		}
		c, ok := byAlias[alias]
		if !ok && general != nil {
			c, ok = *general, true
		}
		t.sortOut(&out, j, c, ok)
	}
	return out
}

// sortOut decides about an item that came back without an issue.
func (t *Tracker) sortOut(out *leftover, j *job, c complaint, said bool) {
	kind, sure := c.kind()
	switch {
	case !said:
		out.unknown = append(out.unknown, j)
	case parentFull(c.Message) && !j.noParent:
		out.full = append(out.full, j)
	case !sure:
		out.unknown = append(out.unknown, j)
	case kind == ticket.RateLimited:
		out.limited = append(out.limited, j)
	case kind == ticket.Gone: // something the draft names is not there
		e := t.complain(c, true)
		e.Kind = ticket.Rejected
		j.refuse(e)
	default:
		j.refuse(t.complain(c, true))
	}
}

func parentFull(message string) bool {
	return strings.Contains(strings.ToLower(message), "more than 100 sub-issues")
}

// input is the CreateIssueInput of a draft. What cannot be named by id is left out, and so
// ends in Dropped.
func (t *Tracker) input(j *job) map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	in := map[string]any{"repositoryId": t.repoID, "title": j.draft.Title, "body": j.draft.Body}
	var labels, people []string
	for _, l := range j.draft.Labels {
		if known, ok := t.labels[strings.ToLower(l)]; ok && known.node != "" {
			labels = append(labels, known.node)
		}
	}
	for _, a := range j.draft.Assignees {
		if id := t.people[strings.ToLower(a)]; id != "" {
			people = append(people, id)
		}
	}
	if len(labels) > 0 {
		in["labelIds"] = labels
	}
	if len(people) > 0 {
		in["assigneeIds"] = people
	}
	if m, ok := t.miles[j.draft.Milestone]; ok && m.node != "" {
		in["milestoneId"] = m.node
	}
	if j.parent.node != "" && !j.noParent && t.schema.parentInCreate {
		in["parentIssueId"] = j.parent.node
	}
	if id := t.types[strings.ToLower(j.draft.Type)]; id != "" && t.schema.typeInCreate {
		in["issueTypeId"] = id
	}
	return in
}

// missing names what a draft asked for and the ticket does not have.
func missing(d ticket.Draft, o ticket.Observed) []string {
	var out []string
	lacks := func(what, want string, have []string) {
		if want != "" && !slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, want) }) {
			out = append(out, what+" "+want)
		}
	}
	for _, l := range d.Labels {
		lacks("label", l, o.Labels)
	}
	for _, a := range d.Assignees {
		lacks("assignee", a, o.Assignees)
	}
	lacks("milestone", d.Milestone, []string{o.Milestone})
	lacks("type", d.Type, []string{o.Type})
	if d.Parent != "" && o.Parent != d.Parent {
		out = append(out, "parent")
	}
	return out
}
