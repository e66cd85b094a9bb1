package github

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

type restLabel struct {
	NodeID      string `json:"node_id"`
	Name        string
	Color       string
	Description string
}

func (l restLabel) label() label {
	return label{ticket.Label{Name: l.Name, Color: l.Color, Description: l.Description}, l.NodeID}
}

type restMilestone struct {
	NodeID      string `json:"node_id"`
	Number      int
	Title       string
	Description string
	DueOn       *time.Time `json:"due_on"`
}

func (m restMilestone) milestone() milestone {
	return milestone{ticket.Milestone{Title: m.Title, Due: day(m.DueOn), Description: m.Description}, m.NodeID, m.Number}
}

// loadREST is load for servers without GraphQL.
func (t *Tracker) loadREST(ctx context.Context) error {
	var r struct {
		ID            int64
		FullName      string `json:"full_name"`
		HTMLURL       string `json:"html_url"`
		Private       bool
		Archived      bool
		Fork          bool
		HasIssues     bool   `json:"has_issues"`
		DefaultBranch string `json:"default_branch"`
	}
	if _, err := t.rest(ctx, http.MethodGet, t.path(), nil, &r); err != nil {
		return err
	}
	if r.ID == 0 {
		return &ticket.Error{Kind: ticket.Unavailable, Detail: "the answer does not describe a repository"}
	}
	t.mu.Lock()
	if owner, name, ok := strings.Cut(r.FullName, "/"); ok {
		t.owner, t.name = owner, name
	}
	t.repo = ticket.Repository{
		ID: strconv.FormatInt(r.ID, 10), Name: r.FullName, URL: r.HTMLURL, DefaultBranch: r.DefaultBranch,
		Public: !r.Private, Archived: r.Archived, IssuesOff: !r.HasIssues, Fork: r.Fork,
	}
	t.others = true
	t.mu.Unlock()
	for _, step := range []func(context.Context) error{t.headREST, t.labelsREST, t.milestonesREST, t.featuresREST, t.boardsREST, t.findWriter} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.loaded = true
	return nil
}

func (t *Tracker) headREST(ctx context.Context) error {
	var b struct{ Commit struct{ SHA string } }
	_, err := t.rest(ctx, http.MethodGet, t.path("branches", t.snapshot().DefaultBranch), nil, &b)
	if ticketKind(err) == ticket.Gone {
		return nil // an empty repository
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repo.Head = b.Commit.SHA
	return err
}

func (t *Tracker) labelsREST(ctx context.Context) error {
	labels, err := pages[restLabel](ctx, t, t.path("labels")+"?per_page=100")
	for _, l := range labels {
		t.keepLabel(l.label())
	}
	return err
}

func (t *Tracker) milestonesREST(ctx context.Context) error {
	found, err := pages[restMilestone](ctx, t, t.path("milestones")+"?state=all&per_page=100")
	for _, m := range found {
		t.keepMilestone(m.milestone())
	}
	return err
}

// featuresREST looks at any issue: a server with sub-issues or dependencies shows their summary.
func (t *Tracker) featuresREST(ctx context.Context) error {
	var issues []restIssue
	_, err := t.rest(ctx, http.MethodGet, t.path("issues")+"?state=all&per_page=1", nil, &issues)
	if ticketKind(err) == ticket.Gone || err == nil && len(issues) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repo.Features.SubIssues = issues[0].Children != nil
	t.repo.Features.Dependencies = issues[0].Dependencies != nil
	return nil
}

func (t *Tracker) boardsREST(ctx context.Context) error {
	values := url.Values{"labels": {boardLabel}, "state": {"all"}, "sort": {"created"}, "direction": {"asc"}, "per_page": {"10"}}
	var issues []restIssue
	_, err := t.rest(ctx, http.MethodGet, t.path("issues")+"?"+values.Encode(), nil, &issues)
	if ticketKind(err) == ticket.Gone {
		return nil // issues are switched off
	}
	if err != nil {
		return err
	}
	boards, err := t.ours(issues)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repo.Boards = boards
	return err
}

// findWriter finds the token's own account. A workflow's token may not ask who it is: it is
// then taken for the first trusted writer; without one the writer stays unknown.
func (t *Tracker) findWriter(ctx context.Context) error {
	var me restAccount
	_, err := t.rest(ctx, http.MethodGet, "user", nil, &me)
	who := me.account()
	switch k := ticketKind(err); {
	case k == ticket.Unauthorised || k == ticket.Gone:
		if len(t.o.TrustedWriters) == 0 {
			return nil
		}
		if who, err = t.Account(ctx, t.o.TrustedWriters[0]); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.repo.Writer = who
	return nil
}

// pages reads a list to its end by the server's own next links. An error means that the list
// is not complete; what was read so far is then thrown away.
func pages[T any](ctx context.Context, t *Tracker, first string) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for next := first; next != ""; {
		var page []T
		resp, err := t.rest(ctx, http.MethodGet, next, nil, &page)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		seen[next] = true
		next, err = t.nextLink(resp.Header.Get("Link"))
		if err != nil {
			return nil, err
		}
		if seen[next] {
			return nil, &ticket.Error{Kind: ticket.Unavailable, Detail: "the list's next page leads back to a page already read"}
		}
	}
	return all, nil
}

// nextLink takes the address of the next page from a Link header; empty on the last page.
func (t *Tracker) nextLink(header string) (string, error) {
	for link := range strings.SplitSeq(header, ",") {
		address, params, ok := strings.Cut(strings.TrimSpace(link), ";")
		if !ok || !strings.Contains(params, `rel="next"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(strings.TrimSpace(address), "<>"))
		if err != nil {
			return "", &ticket.Error{Kind: ticket.Unavailable, Detail: "the list's next page has no readable address"}
		}
		if u.Host != "" && (!strings.EqualFold(u.Host, t.client.BaseURL.Host) || u.Scheme != t.client.BaseURL.Scheme) {
			return "", &ticket.Error{Kind: ticket.Unavailable, Detail: "refused to follow the list to another host, " + u.Host}
		}
		return u.String(), nil
	}
	return "", nil
}
