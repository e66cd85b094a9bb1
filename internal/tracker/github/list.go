package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/wire"
)

// List gives all issues with a label or by an author, open and closed (or only open ones), in
// ascending number, without pull requests. It never gives a short list: a page that cannot be read is an error.
func (t *Tracker) List(ctx context.Context, q ticket.Query) ([]ticket.Observed, error) {
	act := "list issues"
	if _, err := t.Repository(ctx); err != nil {
		return nil, err
	}
	values := url.Values{"state": {"all"}, "per_page": {"100"}, "sort": {"created"}, "direction": {"asc"}}
	if q.Open {
		values.Set("state", "open")
	}
	if q.Label != "" {
		if strings.Contains(q.Label, ",") {
			return nil, &ticket.Error{Kind: ticket.Rejected, Act: act, Detail: fmt.Sprintf("label %q holds a comma, which GitHub takes for two labels", q.Label)}
		}
		act += " with label " + q.Label
		values.Set("labels", q.Label)
	}
	if q.Author != "" {
		act += " by " + q.Author
		values.Set("creator", q.Author)
	}
	if !q.Since.IsZero() {
		values.Set("since", q.Since.UTC().Format(time.RFC3339))
	}
	issues, err := pages[restIssue](ctx, t, t.path("issues")+"?"+values.Encode())
	if err != nil {
		return nil, fail(err, act, "")
	}
	out, err := t.ours(issues)
	if err == nil {
		err = t.fillLinks(ctx, out)
	}
	if err != nil {
		return nil, fail(err, act, "")
	}
	return out, nil
}

// restLinks tells whether an issue in REST shows its links; servers that have sub-issues in
// GraphQL only leave them out.
func (i restIssue) restLinks() bool { return i.Children != nil || i.ParentURL != "" }

// fillLinks asks GraphQL for the parents, children and dependencies of issues that REST shows
// without them, a hundred in a request. On github.com it sends nothing.
func (t *Tracker) fillLinks(ctx context.Context, issues []ticket.Observed) error {
	s := t.server()
	if !s.parent {
		return nil
	}
	var bare []*ticket.Observed
	for i := range issues {
		if !t.known(issues[i].Number).links {
			bare = append(bare, &issues[i])
		}
	}
	for part := range slices.Chunk(bare, 100) {
		var b strings.Builder
		b.WriteString("query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {\n")
		for i, o := range part {
			fmt.Fprintf(&b, " i%d: issue(number: %d) { ...L }\n", i, o.Number)
		}
		b.WriteString("} }\nfragment L on Issue { number" + s.linkFields() + " }")
		var a struct{ Repository map[string]*graphIssue }
		if err := t.query(ctx, document{b.String(), t.where()}, &a); err != nil {
			return err
		}
		for i, o := range part {
			if g := a.Repository[fmt.Sprintf("i%d", i)]; g != nil && g.Number == o.Number {
				o.Children, o.Blocked = g.Children.Total, max(o.Blocked, g.Blocked.TotalBlockedBy)
				if g.Parent != nil {
					o.Parent = t.graphParent(*g.Parent)
				}
			}
		}
	}
	return nil
}

// filled is fillLinks for one.
func (t *Tracker) filled(ctx context.Context, o ticket.Observed) (ticket.Observed, error) {
	one := []ticket.Observed{o}
	err := t.fillLinks(ctx, one)
	return one[0], err
}

// ours drops pull requests and repeats (issues created while paging), and sorts by number.
func (t *Tracker) ours(issues []restIssue) ([]ticket.Observed, error) {
	out := make([]ticket.Observed, 0, len(issues))
	for _, i := range issues {
		if i.PullRequest != nil {
			continue
		}
		if i.Number <= 0 || !t.here(i) {
			return nil, &ticket.Error{Kind: ticket.Unavailable, Detail: "the list holds an issue of another repository: " + t.line(i.HTMLURL)}
		}
		out = append(out, t.observed(i))
	}
	slices.SortStableFunc(out, func(a, b ticket.Observed) int { return cmp.Compare(a.Number, b.Number) })
	return slices.CompactFunc(out, func(a, b ticket.Observed) bool { return a.Number == b.Number }), nil
}

const getBatch = 50

// maxTraces is for how many missing issues of one Get the reason is looked up.
const maxTraces = 10

// Get reads issues by ref, up to 50 in a request, in the order asked. BlockedBy is filled where the
// server's GraphQL tells it (up to 50). A ref that is gone has Err of kind Gone; its Detail
// holds the new address where GitHub gives one.
func (t *Tracker) Get(ctx context.Context, refs []ticket.Ref) ([]ticket.Created, error) {
	if _, err := t.Repository(ctx); err != nil {
		return nil, err
	}
	numbers := make([]int, len(refs))
	for i, ref := range refs {
		n, err := numberOf(ref)
		if err != nil {
			return nil, fail(err, "read "+string(ref), "")
		}
		numbers[i] = n
	}
	found := map[int]graphIssue{}
	if t.server().graphQL {
		var err error
		if found, err = t.getGraph(ctx, numbers, t.server().issueFields()); err != nil {
			return nil, fail(err, "read issues", "")
		}
	}
	out := make([]ticket.Created, len(refs))
	traces := 0
	for i, ref := range refs {
		if issue, ok := found[numbers[i]]; ok {
			out[i].Ticket = t.observedGraph(issue)
			continue
		}
		if traces++; traces > maxTraces && t.server().graphQL {
			out[i].Err = &ticket.Error{Kind: ticket.Gone, Act: "read " + string(ref), Detail: "there is no such issue"}
			continue
		}
		o, err := t.getREST(ctx, numbers[i])
		if err != nil && ticketKind(err) != ticket.Gone {
			return nil, fail(err, "read "+string(ref), "")
		}
		out[i] = ticket.Created{Ticket: o, Err: fail(err, "read "+string(ref), "")}
	}
	return out, nil
}

// getGraph reads issues by number with the fragment F, in requests as large as the server can
// answer in time. Those that are not there are left out.
func (t *Tracker) getGraph(ctx context.Context, numbers []int, fragment string) (map[int]graphIssue, error) {
	found := make(map[int]graphIssue, len(numbers))
	lost := 0
	for left := numbers; len(left) > 0; {
		part := left[:min(t.sizes.reads.now(), len(left))]
		err := t.getPart(ctx, part, fragment, found)
		if ticketKind(err) == ticket.Unavailable && len(part) > 1 {
			t.sizes.reads.lost()
			if lost++; t.sleep(ctx, pause(lost)) == nil {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		t.sizes.reads.went()
		left = left[len(part):]
	}
	return found, nil
}

// getPart reads so many issues in one request. Several are asked for once: when that is too
// much, asking for fewer helps more than asking again.
func (t *Tracker) getPart(ctx context.Context, numbers []int, fragment string, found map[int]graphIssue) error {
	var b strings.Builder
	b.WriteString("query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {\n")
	for i, n := range numbers {
		fmt.Fprintf(&b, " i%d: issue(number: %d) { ...F }\n", i, n)
	}
	doc := document{b.String() + "} }\n" + fragment, t.where()}
	var a struct{ Repository map[string]*graphIssue }
	var complaints []complaint
	var err error
	if len(numbers) > 1 {
		complaints, err = t.send(ctx, doc, wire.Call{Replay: wire.ReadOnce}, &a)
	} else {
		complaints, err = t.graph(ctx, doc, 0, &a)
	}
	if err != nil {
		return err
	}
	for _, c := range complaints {
		if k, _ := c.kind(); k != ticket.Gone || c.alias() == "" {
			return t.complain(c, false)
		}
	}
	for i, n := range numbers {
		issue := a.Repository[fmt.Sprintf("i%d", i)]
		if issue != nil && issue.Number == n && t.isHere(issue.Repository.NameWithOwner) {
			found[n] = *issue
		}
	}
	return nil
}

// getREST reads one issue. Moved, deleted, unreadable and pull requests are all Gone.
func (t *Tracker) getREST(ctx context.Context, number int) (ticket.Observed, error) {
	var i restIssue
	if _, err := t.rest(ctx, http.MethodGet, t.path("issues", number), nil, &i); err != nil {
		return ticket.Observed{}, err
	}
	return t.checked(i, number)
}

// checked refuses an answer that is about another issue than the one meant.
func (t *Tracker) checked(i restIssue, number int) (ticket.Observed, error) {
	switch {
	case i.Number == 0:
		return ticket.Observed{}, &ticket.Error{Kind: ticket.Unavailable, Detail: "the answer does not describe an issue"}
	case i.Number != number || !t.here(i):
		return ticket.Observed{}, &ticket.Error{Kind: ticket.Gone, Detail: "it was transferred to " + t.line(i.HTMLURL)}
	case i.PullRequest != nil:
		return ticket.Observed{}, &ticket.Error{Kind: ticket.Gone, Detail: "it is a pull request"}
	}
	return t.observed(i), nil
}
