package github

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// restAccount is a user or bot as REST shows it.
type restAccount struct {
	ID    int64
	Login string
	Type  string
}

// The account that GitHub shows in place of deleted users. All of them share it, so it is nobody.
const (
	ghostLogin = "ghost"
	ghostID    = 10137
)

// account gives nobody, the zero Account, for a deleted user.
func (a restAccount) account() ticket.Account {
	if a.Login == ghostLogin && a.ID == ghostID {
		return ticket.Account{}
	}
	return ticket.Account{ID: a.ID, Login: a.Login, Bot: a.Type == "Bot"}
}

// restIssue is an issue as REST shows it, with the parts the client library does not know.
type restIssue struct {
	ID            int64
	NodeID        string `json:"node_id"`
	Number        int
	Title         string
	Body          string
	State         string
	StateReason   string `json:"state_reason"`
	HTMLURL       string `json:"html_url"`
	URL           string
	RepositoryURL string `json:"repository_url"`
	ParentURL     string `json:"parent_issue_url"`
	User          restAccount
	Labels        []restLabel
	Assignees     []restAccount
	Milestone     struct{ Title string }
	Type          struct{ Name string }
	Locked        bool
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
	ClosedAt      time.Time `json:"closed_at"`
	Comments      int
	PullRequest   *struct{} `json:"pull_request"`
	Children      *struct {
		Total int
	} `json:"sub_issues_summary"`
	Dependencies *struct {
		Blocked int `json:"total_blocked_by"`
	} `json:"issue_dependencies_summary"`
}

// observed gives the neutral form, and keeps how to address the issue.
func (t *Tracker) observed(i restIssue) ticket.Observed {
	t.remember(i.Number, i.NodeID, i.ID, i.restLinks())
	o := ticket.Observed{
		Ref: refOf(i.Number), Number: i.Number, ID: i.NodeID, URL: i.HTMLURL, Title: i.Title, Body: i.Body,
		State: stateOf(i.State, i.StateReason), Milestone: i.Milestone.Title, Type: i.Type.Name,
		Author: i.User.account(), Parent: t.refAt(i.ParentURL), Locked: i.Locked,
		CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt, Comments: i.Comments,
	}
	if o.State != ticket.Open {
		o.ClosedAt = i.ClosedAt
	}
	for _, l := range i.Labels {
		o.Labels = append(o.Labels, l.Name)
		t.meetLabel(l)
	}
	for _, a := range i.Assignees {
		o.Assignees = append(o.Assignees, a.Login)
	}
	if i.Children != nil {
		o.Children = i.Children.Total
	}
	if i.Dependencies != nil {
		o.Blocked = i.Dependencies.Blocked
	}
	return o
}

// here tells whether an answer is about our repository: a transferred issue answers from
// another one.
func (t *Tracker) here(i restIssue) bool {
	repo := i.RepositoryURL
	if repo == "" {
		repo, _, _ = strings.Cut(i.URL, "/issues/")
	}
	return t.isHere(repo)
}

func (t *Tracker) isHere(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 2 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	last, before := parts[len(parts)-1], parts[len(parts)-2]
	if before == "repositories" {
		return last == t.repo.ID && last != ""
	}
	return strings.EqualFold(last, t.name) && strings.EqualFold(before, t.owner)
}

// refAt turns the API address of an issue into a ref: "#12" here, "acme/other#3" elsewhere.
func (t *Tracker) refAt(address string) ticket.Ref {
	repo, number, ok := strings.Cut(address, "/issues/")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n <= 0 {
		return ""
	}
	if t.isHere(repo) {
		return refOf(n)
	}
	parts := strings.Split(repo, "/")
	if len(parts) < 2 {
		return ""
	}
	return ticket.Ref(strings.Join(parts[len(parts)-2:], "/") + "#" + number)
}

// stateOf maps GitHub's state and reason, in either API's spelling. A reason that is not known
// counts as completed.
func stateOf(state, reason string) ticket.State {
	if !strings.EqualFold(state, "closed") {
		return ticket.Open
	}
	switch strings.ToLower(reason) {
	case "not_planned":
		return ticket.NotPlanned
	case "duplicate":
		return ticket.Duplicate
	default:
		return ticket.Completed
	}
}

func refOf(number int) ticket.Ref { return ticket.Ref("#" + strconv.Itoa(number)) }

// numberOf reads a ref of this repository.
func numberOf(ref ticket.Ref) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(string(ref), "#"))
	if err != nil || n <= 0 || !strings.HasPrefix(string(ref), "#") {
		return 0, &ticket.Error{Kind: ticket.Rejected, Detail: "\"" + string(ref) + "\" does not name an issue of this repository"}
	}
	return n, nil
}

// graphIssue is an issue as GraphQL shows it (see issueFields).
type graphIssue struct {
	ID             string
	DatabaseID     int64  `json:"databaseId"`
	FullDatabaseID string `json:"fullDatabaseId"`
	Number         int
	URL            string
	Title          string
	Body           string
	State          string
	StateReason    string `json:"stateReason"`
	Locked         bool
	CreatedAt      time.Time `json:"createdAt"`
	UpdatedAt      time.Time `json:"updatedAt"`
	ClosedAt       time.Time `json:"closedAt"`
	Comments       struct {
		TotalCount int `json:"totalCount"`
	}
	Repository struct {
		NameWithOwner string `json:"nameWithOwner"`
	}
	Author struct {
		Typename   string `json:"__typename"`
		Login      string
		DatabaseID int64 `json:"databaseId"`
	}
	Labels    struct{ Nodes []struct{ Name string } }
	Assignees struct{ Nodes []struct{ Login string } }
	Milestone struct{ Title string }
	Type      struct{ Name string } `json:"issueType"`
	Parent    *graphRef
	Children  struct{ Total int }          `json:"subIssuesSummary"`
	Blocked   struct{ TotalBlockedBy int } `json:"issueDependenciesSummary"`
	BlockedBy struct{ Nodes []graphRef }   `json:"blockedBy"`
	Edits     struct{ Nodes []graphEdit }  `json:"userContentEdits"`
}

// graphEdit is one form of an issue's body: the text as that edit left it.
type graphEdit struct {
	Diff   *string
	Editor struct{ Login string }
}

type graphRef struct {
	Number     int
	Repository struct {
		NameWithOwner string `json:"nameWithOwner"`
	}
}

func (t *Tracker) observedGraph(i graphIssue) ticket.Observed {
	id := i.DatabaseID
	if full, err := strconv.ParseInt(i.FullDatabaseID, 10, 64); err == nil {
		id = full
	}
	t.remember(i.Number, i.ID, id, false)
	o := ticket.Observed{
		Ref: refOf(i.Number), Number: i.Number, ID: i.ID, URL: i.URL, Title: i.Title, Body: i.Body,
		State: stateOf(i.State, i.StateReason), Milestone: i.Milestone.Title, Type: i.Type.Name,
		Author: ticket.Account{ID: i.Author.DatabaseID, Login: i.Author.Login, Bot: i.Author.Typename == "Bot"},
		Locked: i.Locked, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt, Children: i.Children.Total,
		Blocked: i.Blocked.TotalBlockedBy, Comments: i.Comments.TotalCount,
	}
	if o.State != ticket.Open {
		o.ClosedAt = i.ClosedAt
	}
	if o.Author.Login == ghostLogin && o.Author.ID == ghostID {
		o.Author = ticket.Account{}
	}
	// GraphQL names bots without the suffix that REST, events and people use.
	if o.Author.Bot && !strings.HasSuffix(o.Author.Login, "[bot]") {
		o.Author.Login += "[bot]"
	}
	for _, l := range i.Labels.Nodes {
		o.Labels = append(o.Labels, l.Name)
	}
	for _, a := range i.Assignees.Nodes {
		o.Assignees = append(o.Assignees, a.Login)
	}
	if i.Parent != nil {
		o.Parent = t.graphParent(*i.Parent)
	}
	for _, b := range i.BlockedBy.Nodes {
		o.BlockedBy = append(o.BlockedBy, t.graphParent(b))
	}
	return o
}

func (t *Tracker) graphParent(p graphRef) ticket.Ref {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.Repository.NameWithOwner == "" || strings.EqualFold(p.Repository.NameWithOwner, t.owner+"/"+t.name) {
		return refOf(p.Number)
	}
	return ticket.Ref(p.Repository.NameWithOwner) + refOf(p.Number)
}
