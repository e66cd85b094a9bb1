package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// prepare looks up by id what the drafts name: parents, assignees, labels. On a warm cache it
// sends nothing.
func (t *Tracker) prepare(ctx context.Context, jobs []*job) error {
	if _, err := t.Repository(ctx); err != nil {
		return err
	}
	var logins, names []string
	for _, j := range jobs {
		logins = append(logins, j.draft.Assignees...)
		names = append(names, j.draft.Labels...)
	}
	if err := t.learnPeople(ctx, logins); err != nil {
		return err
	}
	for _, name := range names {
		if err := t.learnLabel(ctx, name); err != nil {
			return err
		}
	}
	return t.learnParents(ctx, jobs)
}

// learnParents finds how to address each parent. One that is gone is left out.
func (t *Tracker) learnParents(ctx context.Context, jobs []*job) error {
	if !t.features().SubIssues {
		return nil
	}
	for _, j := range jobs {
		n, err := numberOf(j.draft.Parent)
		if err != nil {
			continue // none, or one of another repository: it ends in Dropped
		}
		h, err := t.address(ctx, n)
		if ticketKind(err) == ticket.Gone {
			continue
		}
		if err != nil {
			return err
		}
		j.parent, j.number = h, n
	}
	return nil
}

// address gives an issue's ids, from memory or by reading it.
func (t *Tracker) address(ctx context.Context, number int) (handle, error) {
	if h := t.known(number); h.node != "" && h.id != 0 {
		return h, nil
	}
	if _, err := t.getREST(ctx, number); err != nil {
		return handle{}, err
	}
	return t.known(number), nil
}

// learnLabel asks for a label that was not there when the repository was read. One that is not
// there now either is remembered as such until Define makes it.
func (t *Tracker) learnLabel(ctx context.Context, name string) error {
	t.mu.Lock()
	_, ok := t.labels[strings.ToLower(name)]
	_, absent := t.absent[strings.ToLower(name)]
	t.mu.Unlock()
	if ok || absent || name == "" {
		return nil
	}
	var l restLabel
	switch _, err := t.rest(ctx, http.MethodGet, t.path("labels", name), nil, &l); {
	case err == nil:
		t.keepLabel(l.label())
	case ticketKind(err) == ticket.Gone:
		t.mu.Lock()
		t.absent[strings.ToLower(name)] = struct{}{}
		t.mu.Unlock()
	default:
		return err
	}
	return nil
}

// learnPeople finds out which of the logins can be assigned. GitHub refuses a whole issue for
// one login that cannot.
func (t *Tracker) learnPeople(ctx context.Context, logins []string) error {
	var ask []string
	t.mu.Lock()
	for _, l := range logins {
		if _, ok := t.people[strings.ToLower(l)]; !ok && l != "" {
			t.people[strings.ToLower(l)] = ""
			if t.others {
				ask = append(ask, l)
			}
		}
	}
	t.mu.Unlock()
	if len(ask) == 0 {
		return nil
	}
	var err error
	if t.server().graphQL {
		err = t.askPeople(ctx, ask)
	} else {
		err = t.askPeopleREST(ctx, ask)
	}
	if err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, l := range ask {
			delete(t.people, strings.ToLower(l))
		}
	}
	return err
}

func (t *Tracker) askPeople(ctx context.Context, logins []string) error {
	var vars, fields strings.Builder
	doc := document{Variables: t.where()}
	for i, l := range logins {
		fmt.Fprintf(&vars, " $u%d: String", i)
		fmt.Fprintf(&fields, " u%d: assignableUsers(query: $u%d, first: 20) { nodes { id login } }\n", i, i)
		doc.Variables[fmt.Sprintf("u%d", i)] = l
	}
	doc.Query = "query($owner: String!, $name: String!" + vars.String() + ") { repository(owner: $owner, name: $name) {\n" + fields.String() + "} }"
	var a struct{ Repository map[string]graphPeople }
	if err := t.query(ctx, doc, &a); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, l := range logins {
		for _, p := range a.Repository[fmt.Sprintf("u%d", i)].Nodes {
			if strings.EqualFold(p.Login, l) {
				t.people[strings.ToLower(l)] = p.ID
			}
		}
	}
	return nil
}

func (t *Tracker) askPeopleREST(ctx context.Context, logins []string) error {
	for _, l := range logins {
		_, err := t.rest(ctx, http.MethodGet, t.path("assignees", l), nil, nil)
		if ticketKind(err) == ticket.Gone {
			continue
		}
		if err != nil {
			return err
		}
		t.mu.Lock()
		t.people[strings.ToLower(l)] = l // REST assigns by login
		t.mu.Unlock()
	}
	return nil
}

// createREST makes one issue on a server without GraphQL. Assignees come afterwards: a create
// with one who cannot be assigned is refused as a whole.
func (t *Tracker) createREST(ctx context.Context, j *job) {
	body := map[string]any{"title": j.draft.Title, "body": j.draft.Body}
	if len(j.draft.Labels) > 0 {
		body["labels"] = j.draft.Labels
	}
	t.mu.Lock()
	if m, ok := t.miles[j.draft.Milestone]; ok {
		body["milestone"] = m.number
	}
	var people []string
	for _, a := range j.draft.Assignees {
		if t.people[strings.ToLower(a)] != "" {
			people = append(people, a)
		}
	}
	t.mu.Unlock()
	var made restIssue
	_, err := t.rest(ctx, http.MethodPost, t.path("issues"), body, &made)
	if err == nil && made.Number == 0 {
		err = &ticket.Error{Kind: ticket.Unknown, Detail: "the answer does not describe an issue"}
	}
	switch {
	case ticketKind(err) == ticket.Unknown:
		t.find(ctx, []*job{j})
	case err != nil:
		j.refuse(err)
	default:
		j.succeed(t.observed(made))
	}
	if j.out.Err != nil {
		return
	}
	if len(people) > 0 {
		var after restIssue
		if _, err := t.rest(ctx, http.MethodPost, t.path("issues", j.out.Ticket.Number, "assignees"), map[string]any{"assignees": people}, &after); err == nil && after.Number == j.out.Ticket.Number {
			j.succeed(t.observed(after))
		}
	}
	t.linkNew(ctx, j)
}

// linkNew makes a new issue a sub-issue where createIssue could not. A link that is refused or
// whose answer is lost ends in Dropped; the next run sees whether it is there.
func (t *Tracker) linkNew(ctx context.Context, j *job) {
	if j.out.Err != nil || j.number == 0 || j.out.Ticket.Parent != "" {
		return
	}
	if err := t.link(ctx, j.number, j.out.Ticket.Number, false); err == nil {
		j.out.Ticket.Parent = refOf(j.number)
	}
}

// link makes child a sub-issue of parent. A child with another parent stays there without an
// error, unless replace says to take it from there.
func (t *Tracker) link(ctx context.Context, parent, child int, replace bool) error {
	p, err := t.address(ctx, parent)
	if err != nil {
		if ticketKind(err) == ticket.Gone {
			return &ticket.Error{Kind: ticket.Rejected, Detail: "the parent " + string(refOf(parent)) + " is gone"}
		}
		return err
	}
	c, err := t.address(ctx, child)
	if err != nil {
		return err
	}
	for range 3 { // the first two may meet another writer adding to the same parent
		if t.server().addSubIssue {
			err = t.linkGraph(ctx, p, c, replace)
		} else {
			body := map[string]any{"sub_issue_id": c.id}
			if replace {
				body["replace_parent"] = true
			}
			_, err = t.rest(ctx, http.MethodPost, t.path("issues", parent, "sub_issues"), body, nil)
		}
		if !says(err, priorityTaken) {
			break
		}
	}
	if err != nil && hasParent(err.Error()) {
		return nil
	}
	return err
}

// priorityTaken is what somebody meets who adds to a parent at the same time as another.
const priorityTaken = "priority has already been taken"

// hasParent tells the refusal to link an issue that has a parent, this one or another.
func hasParent(message string) bool {
	message = strings.ToLower(message)
	return slices.ContainsFunc([]string{"only have one parent", "already a sub-issue", "already has a parent", "duplicate sub-issues"},
		func(words string) bool { return strings.Contains(message, words) })
}

func (t *Tracker) linkGraph(ctx context.Context, parent, child handle, replace bool) error {
	in := map[string]any{"issueId": parent.node, "subIssueId": child.node}
	if replace {
		in["replaceParent"] = true
	}
	doc := document{
		Query:     "mutation($in: AddSubIssueInput!) { addSubIssue(input: $in) { issue { id } } }",
		Variables: map[string]any{"in": in},
	}
	return t.mutate(ctx, doc)
}

// mutate sends a single mutation whose answer does not matter beyond its success.
func (t *Tracker) mutate(ctx context.Context, doc document) error {
	var a map[string]any
	complaints, err := t.graph(ctx, doc, 1, &a)
	if len(complaints) > 0 {
		return t.complain(complaints[0], true)
	}
	return err
}

// learnEdits looks up by id what the edits name, as prepare does for drafts. What is not found
// stays unknown.
func (t *Tracker) learnEdits(ctx context.Context, edits []*edit) error {
	if _, err := t.Repository(ctx); err != nil {
		return err
	}
	var logins, labels []string
	var refs []ticket.Ref
	for _, e := range edits {
		n, err := numberOf(e.Ref)
		if e.number, e.alone = n, err != nil || !t.server().graphQL; e.alone {
			continue
		}
		p := e.Patch
		logins = slices.Concat(logins, p.AddAssignees, p.RemoveAssignees)
		labels = slices.Concat(labels, p.AddLabels, p.RemoveLabels)
		refs = slices.Concat(refs, []ticket.Ref{e.Ref, p.Parent, p.DuplicateOf}, p.AddBlockedBy, p.RemoveBlockedBy)
	}
	if err := t.learnPeople(ctx, logins); err != nil {
		return err
	}
	for _, name := range labels {
		if err := t.learnLabel(ctx, name); err != nil && ticketKind(err) != ticket.Rejected {
			return err
		}
	}
	return t.learnIssues(ctx, refs)
}

// learnIssues asks for the node ids of issues that were not seen yet.
func (t *Tracker) learnIssues(ctx context.Context, refs []ticket.Ref) error {
	var ask []int
	for _, ref := range refs {
		if n, err := numberOf(ref); err == nil && t.known(n).node == "" && !slices.Contains(ask, n) {
			ask = append(ask, n)
		}
	}
	id := "databaseId"
	if t.server().fullID {
		id = "fullDatabaseId"
	}
	found, err := t.getGraph(ctx, ask, "fragment F on Issue { id "+id+" number repository { nameWithOwner } }")
	for _, issue := range found {
		t.observedGraph(issue) // keeps how to address it
	}
	return err
}
