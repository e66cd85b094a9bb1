// Package ticket owns the neutral ticket: its key, what we want it to be (Desired), what a
// tracker shows of it (Observed), the marker that makes it ours, the state hidden in it, and
// the kinds of failure every tracker speaks. It refuses to know any tracker's own types.
//
//	key := ticket.Key("CRM-101/build/scoring-endpoint")
//	key.Capability() // "CRM-101"
package ticket

import (
	"context"
	"strings"
	"time"
)

// Key is a ticket's identity for life: "CRM-101" for a capability issue,
// "CRM-101/build/scoring-endpoint" for a ticket under it. Titles may change, keys do not.
type Key string

// Capability gives the capability id, the first part of the key.
func (k Key) Capability() string {
	id, _, _ := strings.Cut(string(k), "/")
	return id
}

// Stage gives the stage the ticket belongs to; empty for a capability issue.
func (k Key) Stage() string {
	_, rest, _ := strings.Cut(string(k), "/")
	stage, _, _ := strings.Cut(rest, "/")
	return stage
}

// Name gives the last part of the key; empty for a capability issue.
func (k Key) Name() string {
	_, rest, _ := strings.Cut(string(k), "/")
	_, name, _ := strings.Cut(rest, "/")
	return name
}

// IsCapability tells whether the key is that of a capability issue.
func (k Key) IsCapability() bool { return k != "" && k != Board && !strings.Contains(string(k), "/") }

// Board is the key of the one issue of a repository that shows everything at a glance, and
// hides the index that saves reads.
const Board Key = "board"

// Within gives the key without its capability: "build/scoring-endpoint".
func (k Key) Within() string {
	_, rest, _ := strings.Cut(string(k), "/")
	return rest
}

// Make builds a ticket's key.
func Make(capability, stage, name string) Key {
	return Key(capability + "/" + stage + "/" + name)
}

// Ref is how a tracker and its people name an issue: "#12". Empty means none.
type Ref string

// State is whether a ticket is open, and if not, how it was closed.
type State string

// The states, in the words of the GitHub API.
const (
	Open       State = "open"
	Completed  State = "completed"
	NotPlanned State = "not_planned"
	Duplicate  State = "duplicate"
)

// Label is a label as a repository has it.
type Label struct {
	ID          string `json:"-"` // the tracker's own for life, kept over renames; not part of a plan
	Name        string `json:"name"`
	Color       string `json:"color"`       // six hex digits, no #
	Description string `json:"description"` // at most 100 characters
}

// Milestone is a version that tickets ship in.
type Milestone struct {
	Title       string `json:"title"`
	Due         string `json:"due,omitempty"` // YYYY-MM-DD; empty for none
	Description string `json:"description,omitempty"`
}

// Account is who wrote or did something. ID is the tracker's own for life; logins can be renamed.
type Account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Bot   bool   `json:"bot,omitempty"`
}

// Desired is what a ticket should be, as specs, config and stage say.
type Desired struct {
	Key       Key
	Title     string
	Block     string   // inside of the managed block; may hold mentions of other keys (Mention)
	Labels    []string // managed labels: restored whenever they differ
	Extra     []string // the spec's own labels: added and removed only when the spec changes
	Assignees []string // logins; changed only when the spec changes
	Milestone string   // title; changed only when the spec changes
	Type      string   // the native issue type's name, used where the repository has one
	Parent    Key      // the capability issue it is a sub-issue of
	BlockedBy []Key    // native dependency links
	State     State    // what rule makes it; empty leaves it as people have it
	Stage     string   // where it belongs, for people
	Audience  string   // whom it is for
	Path      string   // spec file it comes from
	Note      string   // why State is what it is, for people
	Clear     bool     // take off the labels that decide, approved and rejected
}

// Observed is a ticket as a tracker shows it.
type Observed struct {
	Ref       Ref       `json:"ref"`
	Number    int       `json:"number"`       // creation order: the lowest of duplicates stays
	ID        string    `json:"id,omitempty"` // the tracker's own handle for API calls
	URL       string    `json:"url,omitempty"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	State     State     `json:"state"`
	Labels    []string  `json:"labels,omitempty"`
	Assignees []string  `json:"assignees,omitempty"`
	Milestone string    `json:"milestone,omitempty"`
	Type      string    `json:"type,omitempty"`
	Author    Account   `json:"author"`
	Parent    Ref       `json:"parent,omitempty"`    // empty where there is none or the server has no sub-issues
	BlockedBy []Ref     `json:"blockedBy,omitempty"` // as far as it was asked for; Blocked counts them all
	Blocked   int       `json:"blocked,omitempty"`   // how many dependencies block it, as the list tells
	Children  int       `json:"children,omitempty"`  // how many sub-issues it has, as the list tells
	Comments  int       `json:"comments,omitempty"`  // how many comments it has
	ClosedAt  time.Time `json:"closedAt,omitzero"`   // zero while it is open
	Locked    bool      `json:"locked,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// Repository is what a tracker knows of the place it writes to.
type Repository struct {
	ID            string // for life; stands in every marker
	Name          string // "owner/name"
	URL           string // for people
	DefaultBranch string
	Head          string // commit of the default branch; empty if unknown
	Public        bool
	Archived      bool
	IssuesOff     bool
	Fork          bool
	Writer        Account // the token's own account
	Labels        []Label
	SomeLabels    bool // there are more labels than those
	Milestones    []Milestone
	IssueTypes    []string
	Features      Features
	Boards        []Observed // issues labelled "board", oldest first, ten at most: one may be the Board
}

// Features is what the server can do, found out once. What it lacks is written as text.
type Features struct {
	SubIssues    bool
	Dependencies bool
	Types        bool
	History      bool // the answer to an edit shows what it overwrote
}

// Draft is a ticket to create. Body is the whole body, markers included.
type Draft struct {
	Key       Key
	Title     string
	Body      string
	Labels    []string
	Assignees []string
	Milestone string
	Type      string
	Parent    Ref // empty: none
}

// Created answers one Draft: the ticket as the tracker wrote it, or why not.
type Created struct {
	Ticket  Observed
	Err     error    // nil, or an *Error; Kind Unknown when it may or may not exist
	Dropped []string // what the tracker silently left out: "assignee octocat", "label x"

	// Overwritten is the whole body that somebody else saved between Edit.Base and this write,
	// as the tracker's edit history shows it: the caller merges it back. Empty for none, or
	// where the tracker keeps no history.
	Overwritten string
	// Own tells that Overwritten was saved by the token's own account, by another run: what it
	// lacks nobody took away.
	Own bool
}

// Edit is one change of many.
type Edit struct {
	Ref   Ref
	Patch Patch
	Base  string // the body that Patch.Body was made from
}

// Patch changes a ticket. The zero value of a field leaves that part alone.
type Patch struct {
	Title           string
	Body            string
	State           State
	DuplicateOf     Ref // with State Duplicate
	AddLabels       []string
	RemoveLabels    []string
	AddAssignees    []string
	RemoveAssignees []string
	Milestone       string
	ClearMilestone  bool
	Type            string
	Parent          Ref  // makes it a sub-issue of this one; refused where it has another parent
	Reparent        bool // with Parent: takes it from the parent it has
	AddBlockedBy    []Ref
	RemoveBlockedBy []Ref
}

// Empty tells whether the patch changes nothing.
func (p Patch) Empty() bool {
	return p.Title == "" && p.Body == "" && p.State == "" && p.Milestone == "" && !p.ClearMilestone &&
		p.Type == "" && p.Parent == "" &&
		len(p.AddLabels)+len(p.RemoveLabels)+len(p.AddAssignees)+len(p.RemoveAssignees)+
			len(p.AddBlockedBy)+len(p.RemoveBlockedBy) == 0
}

// Comment is a comment as a tracker shows it.
type Comment struct {
	ID        int64     `json:"id"`
	URL       string    `json:"url,omitempty"`
	Author    Account   `json:"author"`
	Body      string    `json:"body"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	Disliked  int       `json:"disliked,omitempty"` // reactions "-1" to it, the program's own included
}

// Query selects tickets to list. Pull requests are never listed; closed tickets are unless Open
// says otherwise.
type Query struct {
	Since  time.Time // only issues that changed then or later; zero for all
	Label  string    // with this label
	Author string    // or: written by this login
	Open   bool      // only open ones are of interest; a tracker may give the others too
}

// Reader is the reading half of a tracker.
type Reader interface {
	// Repository says where we are and what the server can do. The first call of a run; the
	// answer is kept.
	Repository(ctx context.Context) (Repository, error)
	// List gives all issues that match, in ascending number. An incomplete list is an error.
	List(ctx context.Context, q Query) ([]Observed, error)
	// Get reads issues by ref, in the order asked. A ref that is gone (deleted, transferred,
	// converted, a pull request) has Err of kind Gone at its place.
	Get(ctx context.Context, refs []Ref) ([]Created, error)
	// Comments gives the comments of an issue, oldest first.
	Comments(ctx context.Context, ref Ref) ([]Comment, error)
}

// Writer is the writing half of a tracker. Each call says what it did or an *Error; a call
// whose outcome cannot be known says so with kind Unknown.
type Writer interface {
	// Create makes tickets. The answers are in the order of the drafts. A draft whose creation
	// is uncertain has been looked for again by its key before the answer is given.
	Create(ctx context.Context, drafts []Draft) []Created
	// Update changes one ticket and gives it as it is afterwards.
	Update(ctx context.Context, ref Ref, p Patch) (Observed, error)
	// Comment adds a comment (id 0) or edits one of our own.
	Comment(ctx context.Context, ref Ref, id int64, body string) (Comment, error)
	// Define makes or changes a label or milestone. Exactly one of the two is set.
	Define(ctx context.Context, d Definition) error
}

// Batcher is a Writer that carries out many changes in few requests.
type Batcher interface {
	// UpdateAll changes tickets as Writer.Update does, in order, and answers each edit at its
	// place. Edits fail alone.
	UpdateAll(ctx context.Context, edits []Edit) []Created
}

// Timekeeper is a tracker with a clock of its own, by which it dates what happens.
type Timekeeper interface {
	// ServerTime is the tracker's time now, to the second, never later than it is there; zero
	// before its first answer.
	ServerTime() time.Time
}

// Definition is a label or milestone to make or change.
type Definition struct {
	Label     Label
	Milestone Milestone
	Rename    string // existing label to rename to Label.Name, keeping its issues; or empty
}
