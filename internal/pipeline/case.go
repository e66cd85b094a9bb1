package pipeline

import (
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Case is everything that a capability's way follows from.
type Case struct {
	Capability capability.Capability
	Config     *config.Config
	Record     record.Record
	Kept       []record.Entry      // what was remembered of the record before it was read; nil if it was not read
	Facts      map[ticket.Key]Fact // of the tickets that exist
	Acts       []Act               // what people did that the record does not know
	Shipped    func(id string) bool
	Texts      map[string]string // documents of the repository, by path
	Gone       map[string]bool   // evidence ("event:1") that was looked for and is gone or another person's
	Removed    bool              // its file is gone from the default branch
	Commit     string            // where the spec was read
	Began      time.Time         // when its issue was made; Now for a new one
	Entered    string            // the first stage when it began, for a record without a line; may be empty
	Now        time.Time
}

// Fact is what a tracker shows of a ticket, as far as the pipeline asks.
type Fact struct {
	State     ticket.State
	ClosedAt  time.Time
	Closer    Closer
	ClosedBy  string       // login of the person who closed it
	Applied   ticket.State // what rule last made it; a ticket that differs was changed by people
	Assignees []string
	Shown     Shown
}

// Closer is who closed a ticket.
type Closer string

// The closers. A ticket whose closer nobody has looked up yet counts as open.
const (
	Unread  Closer = ""
	Person  Closer = "person"  // or a commit or pull request of theirs
	Program Closer = "program" // by rule, as the record says
	Robot   Closer = "robot"   // some other program
)

// Shown is the content an approval ticket shows people to decide on.
type Shown struct {
	Hash   string
	Since  time.Time // since when it is the content, as the ticket says
	Told   time.Time // when the ticket was written to show it; Since if that is not known
	Before string    // the hash it showed before that
}

// at gives what was shown at a time; empty if nothing is known of it.
func (s Shown) at(t time.Time) string {
	told := s.Told
	if told.IsZero() {
		told = s.Since
	}
	if t.Before(told) && s.Before != "" {
		return s.Before
	}
	return s.Hash
}

// Verb is what a person asks for, by label or comment.
type Verb string

// The verbs.
const (
	Approve   Verb = "approve"
	Reject    Verb = "reject"
	Done      Verb = "done"
	NotNeeded Verb = "not-needed"
	Waive     Verb = "waive"
	Hold      Verb = "hold"
	Resume    Verb = "resume"
	Rework    Verb = "rework"
	Report    Verb = "status"
)

// Act is one thing that one person did, not yet decided upon.
type Act struct {
	Verb    Verb
	Ticket  ticket.Key // where: an approval or work ticket, or the capability issue
	To      string     // reject, rework: the stage to go back to
	Tickets []string   // reject: tickets to reopen; waive: the dependency
	Why     string
	Who     ticket.Account
	Role    string // that they hold now: read, triage, write, maintain, admin; empty if it could not be read
	At      time.Time
	Rests   string // "event:1" or "comment:2"
	Label   bool   // by label, which is taken off again if it does not count
	Void    string // why it does not count, whatever its author may do: a label that is not the one it was
	Program bool   // Done by rule, by no person: a published release finishes its notes
}

// Refusal is an act that does not count, and why.
type Refusal struct {
	Act  Act
	Text string // for people, one sentence
}

// Reply is an answer to a command that asks for one.
type Reply struct {
	Act  Act
	Text string
}

// Approval is where the decision on one ticket stands.
type Approval struct {
	Hash   string         // of the content to decide on
	Saw    record.Content // that content
	Since  time.Time      // since when the ticket shows it
	By     []record.Entry // approvals that hold
	Needed int            // how many must hold
	Lost   int            // approvals given for other content
	Stale  bool           // it was approved, for other content
	Before record.Content // what was approved then; nil if unknown
}

// Holds tells whether enough approvals hold.
func (a Approval) Holds() bool { return len(a.By) >= max(1, a.Needed) }

// Verdict is where a capability stands and what follows.
type Verdict struct {
	Status
	New      []record.Entry              // to be recorded, before anything follows from it
	Refusals []Refusal                   // to be undone and explained, once
	Replies  []Reply                     //
	Want     map[ticket.Key]ticket.State // of tickets whose state is a matter of rule
	Clear    []ticket.Key                // tickets that lose approved and rejected
	Unread   []ticket.Key                // closed tickets whose closer must be known to go on
	Rests    []string                    // evidence recorded earlier that the new moves rest on
}
