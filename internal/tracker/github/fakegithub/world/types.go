// Package world is what a GitHub repository is made of, and the rules GitHub
// keeps when somebody changes it: one repository with its people, labels,
// milestones, issues, pull requests, commits and event log.
//
// It owns state and refusals. It knows nothing of HTTP, JSON or GraphQL, and
// it is not safe for concurrent use: whoever serves it holds one lock. Nothing
// is lenient for a test's convenience: what GitHub answers with 4xx is a
// *Refusal here, and what GitHub drops in silence is dropped in silence.
//
//	w := world.New(world.Repo{Owner: "octo-org", Name: "crm"}, nil)
//	n, err := w.CreateIssue(w.Person("octocat"), world.IssueInput{Title: "Leads"})
package world

import (
	"fmt"
	"time"
)

// Limits that GitHub documents or is known to keep.
const (
	MaxTitle        = 256      // characters of an issue title
	MaxBody         = 65536    // of an issue or comment body; counted in bytes, the strictest reading
	MaxLabelName    = 50       // characters
	MaxLabelText    = 100      // characters of a label's description
	MaxIssueLabels  = 100      // labels on one issue
	MaxAssignees    = 10       // assignees of one issue
	MaxSubIssues    = 100      // children of one parent, closed ones included
	MaxDepth        = 8        // levels of sub-issues
	MaxDependencies = 50       // blocking issues of one issue
	DefaultColour   = "ededed" // of a label that was made by naming it
)

// Role is what a person may do in the repository, weakest first.
type Role string

// The built-in roles.
const (
	RoleNone     Role = "none"
	RoleRead     Role = "read"
	RoleTriage   Role = "triage"
	RoleWrite    Role = "write"
	RoleMaintain Role = "maintain"
	RoleAdmin    Role = "admin"
)

// AtLeast says whether r allows all that other allows.
func (r Role) AtLeast(other Role) bool { return r.rank() >= other.rank() }

func (r Role) rank() int {
	for i, known := range []Role{RoleRead, RoleTriage, RoleWrite, RoleMaintain, RoleAdmin} {
		if r == known {
			return i + 1
		}
	}
	return 0
}

// Permission is the coarse word the permission endpoint uses for r: maintain
// reads as write, triage as read.
func (r Role) Permission() string {
	switch r {
	case RoleMaintain:
		return "write"
	case RoleTriage:
		return "read"
	case "":
		return "none"
	}
	return string(r)
}

// User is an account. Type is User, Bot or Organization.
type User struct {
	Login  string `json:"login"`
	ID     int64  `json:"id"`
	NodeID string `json:"node_id,omitempty"`
	Type   string `json:"type,omitempty"`
	Role   Role   `json:"role,omitempty"`
	// CustomRole is the organisation's own name for the role, if it has one.
	CustomRole string `json:"custom_role,omitempty"`
	// Gone marks a deleted account: what it wrote stays, under the ghost's name.
	Gone bool `json:"-"`
}

// Actor is somebody doing something: an account, and what its token allows.
type Actor struct {
	User *User
	// Role is what the actor may do with issues here, by its own role and its token's scopes.
	Role Role
	// App is set for an installation token such as a workflow's GITHUB_TOKEN.
	App bool
}

// Repo is the repository itself.
type Repo struct {
	Owner         string `json:"owner"`
	Name          string `json:"name"`
	ID            int64  `json:"id,omitempty"`
	DefaultBranch string `json:"default_branch,omitempty"`
	Private       bool   `json:"private,omitempty"`
	Fork          bool   `json:"fork,omitempty"`
	Archived      bool   `json:"archived,omitempty"`
	Disabled      bool   `json:"disabled,omitempty"`
	IssuesOff     bool   `json:"issues_off,omitempty"`
	// IssueTypes are the names of the organisation's issue types.
	IssueTypes []string `json:"issue_types,omitempty"`
}

// FullName is owner/name.
func (r Repo) FullName() string { return r.Owner + "/" + r.Name }

// Label is one label of the repository.
type Label struct {
	ID          int64
	NodeID      string
	Name        string
	Colour      string
	Description string
}

// Milestone is one milestone of the repository.
type Milestone struct {
	ID          int64
	NodeID      string
	Number      int
	Title       string
	Description string
	Closed      bool
	DueOn       time.Time // zero if it has none
	Creator     *User
	CreatedAt   time.Time
	UpdatedAt   time.Time
	ClosedAt    time.Time
}

// Comment is one comment on an issue or pull request.
type Comment struct {
	ID        int64
	NodeID    string
	Issue     int
	Author    *User
	Body      string
	Edits     []Edit
	Reactions []Reaction
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Edit is one form of a text, as GitHub keeps it in the edit history. The history of a text that
// was edited begins with its first form; that of another one is empty.
type Edit struct {
	Editor *User
	At     time.Time
	Body   string // the text after the edit
}

// Reaction is one person's reaction.
type Reaction struct {
	ID      int64
	User    *User
	Content string // +1, -1, laugh, confused, heart, hooray, rocket or eyes
	At      time.Time
}

// IssueType is one of the organisation's issue types.
type IssueType struct {
	ID     int64
	NodeID string
	Name   string
}

// Issue is an issue, or a pull request seen as one (PR is set then).
type Issue struct {
	ID          int64
	NodeID      string
	Number      int
	Author      *User
	Title       string
	Body        string
	BodyNull    bool // never had a body: null, not ""
	Closed      bool
	StateReason string // completed, not_planned, duplicate, reopened, or empty
	DuplicateOf int
	Labels      []*Label
	Assignees   []*User
	Milestone   *Milestone
	Type        *IssueType
	Locked      bool
	LockReason  string
	Comments    []*Comment
	Edits       []Edit
	Reactions   []Reaction
	ClosedBy    *User
	CreatedAt   time.Time
	UpdatedAt   time.Time
	ClosedAt    time.Time
	Parent      int   // number of the parent, 0 if none
	Children    []int // numbers, in their order
	BlockedBy   []int // numbers
	PR          *PullRequest
	Reviews     []*Review // of a pull request, oldest first
	// Gone says how the issue left: "" (it is here), deleted, transferred, discussion.
	Gone   string
	GoneAt time.Time
	// MovedTo is where a transferred issue lives now.
	MovedTo string
	Events  []*Event

	versions []version
}

// version is an issue as it was from a moment on.
type version struct {
	from  time.Time
	issue Issue
}

// PullRequest is what a pull request has beyond an issue.
type PullRequest struct {
	HeadRef  string `json:"head_ref"`
	HeadSHA  string `json:"head_sha"`
	HeadRepo string `json:"head_repo,omitempty"` // owner/name; another one than ours for a fork
	BaseRef  string `json:"base_ref"`
	BaseSHA  string `json:"base_sha"`
	Draft    bool   `json:"draft,omitempty"`
	Merged   bool   `json:"merged,omitempty"`
}

// Event is one line of an issue's event log.
type Event struct {
	ID        int64
	NodeID    string
	Issue     int
	Kind      string // labeled, unlabeled, closed, reopened, renamed, assigned, …
	Actor     *User
	At        time.Time
	Label     *Label // labeled, unlabeled: as it was then
	Assignee  *User
	Milestone string
	From, To  string // renamed
	Commit    string // closed, referenced, merged: the commit that did it
	Reason    string // closed
}

// FieldError is one entry of the errors of a 422.
type FieldError struct {
	Resource string `json:"resource"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
	Value    any    `json:"value,omitempty"`
}

// Refusal is GitHub saying no.
type Refusal struct {
	Status   int // the REST status
	Message  string
	Errors   []FieldError
	Plain    []string // errors given as bare strings
	Location string   // of a redirect
	Needs    string   // the permission that was missing, as X-Accepted-GitHub-Permissions says it
}

// Error is the message with its first field.
func (r *Refusal) Error() string {
	if len(r.Errors) > 0 {
		return fmt.Sprintf("%d %s: %s %s", r.Status, r.Message, r.Errors[0].Field, r.Errors[0].Code)
	}
	return fmt.Sprintf("%d %s", r.Status, r.Message)
}

// NotFound is the answer for what is not there or not to be seen.
func NotFound() *Refusal { return &Refusal{Status: 404, Message: "Not Found"} }

// Invalid is a 422 about one field.
func Invalid(resource, field, code, message string) *Refusal {
	return &Refusal{Status: 422, Message: "Validation Failed",
		Errors: []FieldError{{Resource: resource, Field: field, Code: code, Message: message}}}
}

// Unprocessable is a 422 that is one sentence.
func Unprocessable(message string) *Refusal { return &Refusal{Status: 422, Message: message} }

// Forbidden is the answer to an actor that may see but not do this; needs is
// the permission as the response header names it, "issues=write".
func Forbidden(a Actor, needs string) *Refusal {
	if a.App {
		return &Refusal{Status: 403, Message: "Resource not accessible by integration", Needs: needs}
	}
	return &Refusal{Status: 403, Message: "Must have push access to repository", Needs: needs}
}
