package github

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

type label struct {
	ticket.Label
	node string
}

type milestone struct {
	ticket.Milestone
	node   string
	number int
}

type pageInfo struct {
	HasNextPage bool
	EndCursor   string
}

type graphLabel struct{ ID, Name, Color, Description string }

type graphLabels struct {
	Nodes    []graphLabel
	PageInfo pageInfo
}

type graphMilestones struct {
	Nodes []struct {
		ID, Title, Description string
		Number                 int
		DueOn                  *time.Time
	}
	PageInfo pageInfo
}

type graphPeople struct {
	Nodes    []struct{ ID, Login string }
	PageInfo pageInfo
}

type named []struct{ Name string }

func (n named) has(name string) bool {
	return slices.ContainsFunc(n, func(f struct{ Name string }) bool { return f.Name == name })
}

const (
	labelFields     = "nodes { id name color description } pageInfo { hasNextPage endCursor }"
	milestoneFields = "nodes { id number title description dueOn } pageInfo { hasNextPage endCursor }"
	peopleFields    = "nodes { id login } pageInfo { hasNextPage endCursor }"
)

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)

// boardLabel is the label by which the board issue is found.
const boardLabel = string(ticket.Board)

// repositoryQuery asks for all in one, as a server of that schema understands it.
func repositoryQuery(s schema, labels []string, commit string) string {
	optional := ""
	if commitPattern.MatchString(commit) {
		optional = ` commit: object(oid: "` + commit + `") { ... on Commit { oid parents(first: 1) { nodes { oid } } } }` + "\n"
	}
	if s.issueType {
		optional += " issueTypes(first: 50) { nodes { id name isEnabled } }\n"
	}
	return `query($owner: String!, $name: String!) {
 viewer { login databaseId }
 repository(owner: $owner, name: $name) {
  id databaseId nameWithOwner url isPrivate isArchived isFork hasIssuesEnabled
  defaultBranchRef { name target { oid } }
  labels(first: 100) { ` + labelFields + ` }
  milestones(first: 100) { ` + milestoneFields + ` }
  assignableUsers(first: 100) { ` + peopleFields + ` }
  boards: issues(first: 10, labels: ["` + boardLabel + `"], orderBy: {field: CREATED_AT, direction: ASC}) { nodes { ...F } }
` + namedLabels(labels) + optional + ` }
 create: __type(name: "CreateIssueInput") { inputFields { name } }
 issue: __type(name: "Issue") { fields { name args { name } } }
 place: __type(name: "Repository") { fields { name } }
 change: __type(name: "Mutation") { fields { name } }
 update: __type(name: "UpdateIssueInput") { inputFields { name } }
 close: __type(name: "CloseIssueInput") { inputFields { name } }
}
` + s.issueFields()
}

type repositoryAnswer struct {
	Viewer struct {
		Login      string
		DatabaseID int64 `json:"databaseId"`
	}
	Repository *struct {
		ID               string
		DatabaseID       int64  `json:"databaseId"`
		NameWithOwner    string `json:"nameWithOwner"`
		URL              string
		IsPrivate        bool
		IsArchived       bool
		IsFork           bool
		HasIssuesEnabled bool
		DefaultBranchRef struct {
			Name   string
			Target struct{ OID string }
		}
		Labels          graphLabels
		Milestones      graphMilestones
		AssignableUsers graphPeople
		Boards          struct{ Nodes []graphIssue }
		Commit          struct {
			OID     string
			Parents struct{ Nodes []struct{ OID string } }
		}
		IssueTypes struct {
			Nodes []struct {
				ID, Name  string
				IsEnabled bool
			}
		}
	}
	Create struct{ InputFields named }
	Issue  struct {
		Fields []struct {
			Name string
			Args named
		}
	}
	Place  struct{ Fields named }
	Change struct{ Fields named }
	Update struct{ InputFields named }
	Close  struct{ InputFields named }
}

// Repository says where we are and what the server can do, in one GraphQL query (two on a
// server that does not know all that issues have; more only for more than 100 labels or milestones).
// The answer is kept; Define keeps it up to date.
func (t *Tracker) Repository(ctx context.Context) (ticket.Repository, error) {
	const act = "read the repository"
	t.mu.Lock()
	loaded := t.loaded
	t.mu.Unlock()
	if !loaded {
		if err := t.load(ctx); err != nil {
			return ticket.Repository{}, fail(err, act, "")
		}
	}
	return t.snapshot(), nil
}

// snapshot copies what is known, lists in stable order.
func (t *Tracker) snapshot() ticket.Repository {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.repo
	r.IssueTypes = slices.Clone(t.repo.IssueTypes)
	r.Boards = slices.Clone(t.repo.Boards)
	r.Labels, r.Milestones = nil, nil
	for _, l := range t.labels {
		r.Labels = append(r.Labels, l.Label)
	}
	for _, m := range t.miles {
		r.Milestones = append(r.Milestones, m.Milestone)
	}
	slices.SortFunc(r.Labels, func(a, b ticket.Label) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Milestones, func(a, b ticket.Milestone) int { return cmp.Compare(a.Title, b.Title) })
	return r
}

func (t *Tracker) load(ctx context.Context) error {
	a, named, complaints, err := t.askRepository(ctx, newest)
	if slices.ContainsFunc(complaints, complaint.schemaError) {
		a, named, complaints, err = t.askRepository(ctx, schema{})
	}
	if ticketKind(err) == ticket.Gone && len(complaints) == 0 {
		return t.loadREST(ctx)
	}
	if err != nil {
		return err
	}
	if a.Repository == nil || a.Repository.DatabaseID == 0 {
		e := &ticket.Error{Kind: ticket.Gone, Detail: "there is no repository " + t.o.Repository, Next: "check its name, and that the token may read it"}
		if len(complaints) > 0 {
			e.Detail = t.line(complaints[0].Message)
			if k, _ := complaints[0].kind(); k != ticket.Gone {
				e = t.complain(complaints[0], false)
			}
		}
		return e
	}
	for _, c := range complaints {
		// An account that cannot be read is found out later, and issue types are the
		// organisation's to show; anything else missing would look as if it were not there.
		if len(c.Path) == 0 || c.Path[0] != "viewer" && !slices.Contains(c.Path, any("issueTypes")) {
			return t.complain(c, false)
		}
	}
	t.adopt(a)
	t.takeNamed(t.o.FewLabels, named)
	if err := t.restOfPages(ctx, a); err != nil {
		return err
	}
	if a.Viewer.Login == "" {
		if err := t.findWriter(ctx); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.loaded = true
	return nil
}

// askRepository sends the one query; named are the labels asked for by name, by alias.
func (t *Tracker) askRepository(ctx context.Context, s schema) (a repositoryAnswer, named map[string]json.RawMessage, complaints []complaint, err error) {
	var data json.RawMessage
	complaints, err = t.graph(ctx, document{repositoryQuery(s, t.o.FewLabels, t.o.Commit), t.where()}, 0, &data)
	if err != nil || len(data) == 0 {
		return a, nil, complaints, err
	}
	var again struct{ Repository map[string]json.RawMessage }
	if err = t.decode(data, false, &a); err == nil {
		err = t.decode(data, false, &again)
	}
	return a, again.Repository, complaints, err
}

func ticketKind(err error) ticket.Kind { return ticket.KindOf(err) }

func (t *Tracker) where() map[string]any {
	t.mu.Lock()
	defer t.mu.Unlock()
	return map[string]any{"owner": t.owner, "name": t.name}
}

// adopt keeps the answer. The repository's own spelling of its name counts from here on: after
// a rename the old one answers writes with redirects.
func (t *Tracker) adopt(a repositoryAnswer) {
	r, s := a.Repository, a.schema()
	t.mu.Lock()
	if owner, name, ok := strings.Cut(r.NameWithOwner, "/"); ok {
		t.owner, t.name = owner, name
	}
	t.schema, t.repoID = s, r.ID
	t.repo = ticket.Repository{
		ID: strconv.FormatInt(r.DatabaseID, 10), Name: r.NameWithOwner, URL: r.URL,
		DefaultBranch: r.DefaultBranchRef.Name, Head: r.DefaultBranchRef.Target.OID,
		Public: !r.IsPrivate, Archived: r.IsArchived, IssuesOff: !r.HasIssuesEnabled, Fork: r.IsFork,
		Writer: ticket.Account{ID: a.Viewer.DatabaseID, Login: a.Viewer.Login, Bot: strings.HasSuffix(a.Viewer.Login, "[bot]")},
		Features: ticket.Features{
			SubIssues:    s.addSubIssue || s.parentInCreate,
			Dependencies: s.addBlockedBy || s.blocked,
			Types:        s.issueTypes && s.issueType,
			History:      s.history,
		},
	}
	for _, n := range r.IssueTypes.Nodes {
		if n.IsEnabled {
			t.types[strings.ToLower(n.Name)] = n.ID
			t.repo.IssueTypes = append(t.repo.IssueTypes, n.Name)
		}
	}
	slices.Sort(t.repo.IssueTypes)
	t.others = r.AssignableUsers.PageInfo.HasNextPage
	for _, p := range r.AssignableUsers.Nodes {
		t.people[strings.ToLower(p.Login)] = p.ID
	}
	t.mu.Unlock()
	var boards []ticket.Observed
	for _, i := range r.Boards.Nodes {
		boards = append(boards, t.observedGraph(i))
	}
	t.mu.Lock()
	t.repo.Boards = boards
	if c := r.Commit; c.OID != "" && len(c.Parents.Nodes) > 0 {
		t.parents[c.OID] = c.Parents.Nodes[0].OID
	}
	t.mu.Unlock()
	t.addLabels(r.Labels)
	t.addMilestones(r.Milestones)
}

func (t *Tracker) addLabels(page graphLabels) {
	for _, l := range page.Nodes {
		t.keepLabel(label{ticket.Label{Name: l.Name, Color: l.Color, Description: l.Description}, l.ID})
	}
}

func (t *Tracker) addMilestones(page graphMilestones) {
	for _, m := range page.Nodes {
		t.keepMilestone(milestone{ticket.Milestone{Title: m.Title, Due: day(m.DueOn), Description: m.Description}, m.ID, m.Number})
	}
}

func (t *Tracker) keepLabel(l label) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.ID = l.node
	t.labels[strings.ToLower(l.Name)] = l
	delete(t.absent, strings.ToLower(l.Name))
}

// meetLabel learns a label that an issue shows, so that it need not be asked for.
func (t *Tracker) meetLabel(l restLabel) {
	t.mu.Lock()
	_, known := t.labels[strings.ToLower(l.Name)]
	t.mu.Unlock()
	if !known && l.NodeID != "" {
		t.keepLabel(l.label())
	}
}

func (t *Tracker) keepMilestone(m milestone) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.miles[m.Title] = m
}

// day is the date of a milestone as GitHub shows it.
func day(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

// restOfPages reads the labels and milestones beyond the first hundred.
func (t *Tracker) restOfPages(ctx context.Context, a repositoryAnswer) error {
	if next := a.Repository.Labels.PageInfo; next.HasNextPage && len(t.o.FewLabels) > 0 {
		t.mu.Lock()
		t.repo.SomeLabels = true
		t.mu.Unlock()
		a.Repository.Labels.PageInfo.HasNextPage = false
	}
	for next := a.Repository.Labels.PageInfo; next.HasNextPage; {
		var page struct{ Repository struct{ Labels graphLabels } }
		if err := t.page(ctx, "labels", labelFields, next.EndCursor, &page); err != nil {
			return err
		}
		t.addLabels(page.Repository.Labels)
		next = page.Repository.Labels.PageInfo
	}
	for next := a.Repository.Milestones.PageInfo; next.HasNextPage; {
		var page struct {
			Repository struct{ Milestones graphMilestones }
		}
		if err := t.page(ctx, "milestones", milestoneFields, next.EndCursor, &page); err != nil {
			return err
		}
		t.addMilestones(page.Repository.Milestones)
		next = page.Repository.Milestones.PageInfo
	}
	return nil
}

func (t *Tracker) page(ctx context.Context, list, fields, after string, out any) error {
	vars := t.where()
	vars["after"] = after
	text := fmt.Sprintf("query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) { %s(first: 100, after: $after) { %s } } }", list, fields)
	return t.query(ctx, document{text, vars}, out)
}

func (t *Tracker) features() ticket.Features {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.repo.Features
}

func (t *Tracker) server() schema {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.schema
}
