package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// editBatch is how many edits one request carries to begin with, and partsPerEdit how many
// mutations it holds at most for each: what takes longer than ten seconds is cut in the middle.
const (
	editBatch    = 10
	partsPerEdit = 3
)

// priorityTries is how often a link is sent that met another writer at the same parent.
const priorityTries = 3

// UpdateAll changes issues as Update does, in order, up to ten in a request. Each edit is
// answered at its place and fails alone; an edit that the mutations cannot express is left to
// Update. A failure that the following edits would meet as well (a limit, a missing right, no
// answer) ends the run of requests: they are answered with it, unsent. After a lost answer the
// issues are read again; what is not there is sent once more, in requests of half the size, down
// to one by itself, and then reported as Unknown.
func (t *Tracker) UpdateAll(ctx context.Context, edits []ticket.Edit) []ticket.Created {
	all := make([]*edit, len(edits))
	for i, e := range edits {
		all[i] = &edit{Edit: e}
	}
	if err := t.learnEdits(ctx, all); err != nil {
		for _, e := range all {
			e.stop(t, err)
		}
	}
	for left := all; len(left) > 0 && !left[0].done; {
		batch := t.nextEdits(left)
		left = left[len(batch):]
		t.updateBatch(ctx, batch)
		if i := slices.IndexFunc(batch, func(e *edit) bool { return hopeless(e.out.Err) }); i >= 0 {
			for _, e := range left {
				e.stop(t, t.behind(batch[i].out.Err))
			}
		}
	}
	out := make([]ticket.Created, len(all))
	for i, e := range all {
		out[i] = e.out
	}
	return out
}

// nextEdits takes as many edits as go into one request. One for Update comes by itself.
func (t *Tracker) nextEdits(left []*edit) []*edit {
	size := t.sizes.edits.now()
	parts := 0
	for i, e := range left {
		t.divide(e)
		parts += len(e.parts)
		if i > 0 && (i == size || e.alone || parts > size*partsPerEdit) {
			return left[:i]
		}
		if e.alone {
			return left[:1]
		}
	}
	return left
}

// updateBatch carries edits to their end.
func (t *Tracker) updateBatch(ctx context.Context, batch []*edit) {
	for limits := 0; ; {
		work := unfinished(batch)
		if len(work) == 0 {
			break
		}
		if limits == limitRounds {
			for _, e := range work {
				e.stop(t, &ticket.Error{Kind: ticket.RateLimited, Detail: "GitHub keeps refusing to write more", Until: t.clock(), Next: "run again later: it goes on where it stopped"})
			}
			break
		}
		for rest := work; len(rest) > 0; {
			part := together(rest, t.sizes.edits.now())
			rest = rest[len(part):]
			t.sendEdits(ctx, part)
			t.settle(ctx, part)
		}
		if slices.ContainsFunc(work, func(e *edit) bool { return e.limited }) {
			limits++
			t.wire.StayAway(limits)
		}
	}
	t.readBack(ctx, batch)
	for _, e := range batch {
		if e.alone && !e.done {
			t.updateAlone(ctx, e)
		}
	}
}

// together takes as many edits as size and their own losses allow in one request.
func together(rest []*edit, size int) []*edit {
	for i, e := range rest {
		if e.within > 0 {
			size = min(size, e.within)
		}
		if i > 0 && i >= size {
			return rest[:i]
		}
	}
	return rest
}

// unfinished are the edits with something to send.
func unfinished(batch []*edit) []*edit {
	return slices.DeleteFunc(slices.Clone(batch), func(e *edit) bool { return e.done || e.alone || len(e.open()) == 0 })
}

// updateAlone has Update do what is left of an edit.
func (t *Tracker) updateAlone(ctx context.Context, e *edit) {
	patch := e.rest()
	if len(e.parts) == 0 {
		patch = e.Patch
	}
	o, err := t.Update(ctx, e.Ref, patch)
	if ticketKind(err) == ticket.Rejected && e.refused != nil {
		err = e.refused
	}
	if err == nil {
		err = e.refused
	}
	e.finish(o, err)
	if e.Patch.Body == "" || e.Base == "" || o.Ref == "" || !t.server().history {
		return
	}
	if found, err := t.getGraph(ctx, []int{e.number}, t.editedFields()); err == nil {
		t.replaced(e, found[e.number].Edits.Nodes)
	}
}

// sendEdits sends the open parts of edits in one request and notes what became of each.
func (t *Tracker) sendEdits(ctx context.Context, batch []*edit) {
	var vars, calls strings.Builder
	doc := document{Variables: map[string]any{}}
	sent := 0
	for i, e := range batch {
		e.lost, e.limited, e.seen = false, false, nil
		open := e.open()
		sent += len(open)
		for k, p := range e.parts {
			if p.done {
				continue
			}
			alias := fmt.Sprintf("e%d_%d", i, k)
			fmt.Fprintf(&vars, "$%s: %sInput! ", alias, strings.ToUpper(p.mutation[:1])+p.mutation[1:])
			pick := "clientMutationId"
			if p == open[len(open)-1] {
				pick = p.shows + " { ...F" + t.editsOf(e) + " }"
			}
			fmt.Fprintf(&calls, " %s: %s(input: $%s) { %s }\n", alias, p.mutation, alias, pick)
			doc.Variables[alias] = p.input
		}
	}
	doc.Query = "mutation(" + strings.TrimSpace(vars.String()) + ") {\n" + calls.String() + "}\n" + t.server().issueFields()
	if strings.Contains(calls.String(), "...H") {
		doc.Query += "\n" + historyFields
	}
	var answers map[string]map[string]*graphIssue
	complaints, err := t.graph(ctx, doc, sent, &answers)
	if err != nil && len(complaints) == 0 {
		t.unanswered(batch, err)
		return
	}
	byAlias, general := sortComplaints(complaints)
	for i, e := range batch {
		for k, p := range e.parts {
			alias := fmt.Sprintf("e%d_%d", i, k)
			if answer, ok := answers[alias]; ok && answer != nil && !p.done {
				p.done, e.seen = true, answer[p.shows]
				continue
			}
			c, said := byAlias[alias]
			if !said && general != nil {
				c, said = *general, true
			}
			if !p.done {
				t.weigh(e, p, c, said)
			}
		}
	}
}

// unanswered notes that a request came back without any data.
func (t *Tracker) unanswered(batch []*edit, err error) {
	for _, e := range batch {
		switch ticketKind(err) {
		case ticket.Unknown:
			e.lost = true
		case ticket.Gone: // the server has no GraphQL any more
			e.alone = true
		default:
			e.stop(t, err)
		}
	}
}

// sortComplaints gives each alias its complaint, and the first that is about none.
func sortComplaints(complaints []complaint) (byAlias map[string]complaint, general *complaint) {
	byAlias = map[string]complaint{}
	for _, c := range complaints {
		if alias := c.alias(); alias != "" {
			byAlias[alias] = c
		} else if general == nil {
			general = &c
		}
	}
	return byAlias, general
}

// weigh decides about a part that was not done.
func (t *Tracker) weigh(e *edit, p *part, c complaint, said bool) {
	if e.done {
		return
	}
	p.tries++
	switch kind, sure := c.kind(); {
	case !said || !sure:
		e.lost = true
	case kind == ticket.RateLimited:
		e.limited = true
	case p.holdsAlready(c):
		p.done = true
	case strings.Contains(strings.ToLower(c.Message), priorityTaken) && p.tries < priorityTries:
		// it stays open, and is sent again
	case kind == ticket.Gone, kind == ticket.Rejected && (c.schemaError() || p.patch.State == ticket.Duplicate):
		e.alone = true // Update can tell what is gone, and knows another way
	case kind == ticket.Rejected:
		p.done = true
		if e.refused == nil {
			e.refused = t.complain(c, true)
		}
	default:
		e.stop(t, t.complain(c, true))
	}
}

// holdsAlready tells a refusal that means no failure: what was asked for is so, or (a full
// parent) is known to the caller by the ticket it gets.
func (p *part) holdsAlready(c complaint) bool {
	kind, _ := c.kind()
	switch p.mutation {
	case "addSubIssue":
		return hasParent(c.Message) || parentFull(c.Message)
	case "addBlockedBy":
		return strings.Contains(strings.ToLower(c.Message), "already")
	case "removeBlockedBy":
		return kind == ticket.Gone || kind == ticket.Rejected
	default:
		return false
	}
}

// settle finds out about edits whose answer was lost: they are read again, and what they should
// have done is looked for. What is not there stays to be sent once more, in smaller requests.
func (t *Tracker) settle(ctx context.Context, batch []*edit) {
	lost := slices.DeleteFunc(slices.Clone(batch), func(e *edit) bool { return !e.lost || e.done || e.alone })
	if len(lost) == 0 {
		t.sizes.edits.went()
		return
	}
	t.sizes.edits.lost()
	found, err := t.getGraph(ctx, numbersOf(lost), t.editedFields())
	for _, e := range lost {
		issue, there := found[e.number]
		switch {
		case err == nil && !there:
			e.alone = true // Update tells what became of it
		case err == nil && t.holds(t.observedGraph(issue), e.rest()):
			for _, p := range e.parts {
				p.done = true
			}
			e.seen = &issue
		case err != nil || e.within > 0 && len(batch) == 1:
			e.stop(t, &ticket.Error{Kind: ticket.Unknown, Detail: "the answer was lost", Next: "the next run looks whether it was done"})
		default:
			e.within = max(1, len(batch)/2)
		}
	}
}

func numbersOf(batch []*edit) []int {
	var out []int
	for _, e := range batch {
		if !slices.Contains(out, e.number) {
			out = append(out, e.number)
		}
	}
	return out
}

// readBack gives the edits their tickets, reading those that the answers did not show.
func (t *Tracker) readBack(ctx context.Context, batch []*edit) {
	var unseen []*edit
	for _, e := range batch {
		if !e.done && !e.alone && e.seen == nil {
			unseen = append(unseen, e)
		}
	}
	found, err := t.getGraph(ctx, numbersOf(unseen), t.editedFields())
	for _, e := range unseen {
		issue, there := found[e.number]
		switch {
		case err != nil:
			e.stop(t, err)
		case !there:
			e.alone = true
		default:
			e.seen = &issue
		}
	}
	for _, e := range batch {
		if !e.done && !e.alone {
			t.conclude(e)
		}
	}
}

// conclude answers an edit by the issue that it left.
func (t *Tracker) conclude(e *edit) {
	if e.seen.Number != e.number || !t.isHere(e.seen.Repository.NameWithOwner) {
		e.stop(t, &ticket.Error{Kind: ticket.Gone, Detail: "it was transferred to " + t.line(e.seen.URL)})
		return
	}
	o := t.observedGraph(*e.seen)
	if e.refused != nil && t.holds(o, e.Patch) {
		e.refused = nil // closing what is closed may be refused, and needs no doing
	}
	e.finish(o, e.refused)
	if e.Patch.Body != "" {
		t.replaced(e, e.seen.Edits.Nodes)
	}
}
