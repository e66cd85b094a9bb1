package ticket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Applied is what the program last did for one capability, hidden in its issue's managed
// block: the middle of every three-way comparison, and the second way to find a ticket whose
// marker or label was lost.
type Applied struct {
	Version    int                `json:"v"`
	Capability string             `json:"id"`
	Path       string             `json:"path,omitempty"`   // spec file
	Hash       string             `json:"hash,omitempty"`   // content of the spec that was applied
	Commit     string             `json:"commit,omitempty"` // where that spec was read
	Stage      string             `json:"stage,omitempty"`
	Entered    string             `json:"entered,omitempty"` // stage it entered the pipeline at
	Since      string             `json:"since,omitempty"`   // RFC 3339: when the stage was entered
	Gone       bool               `json:"gone,omitempty"`    // cancelled, or its file is gone: closed by the program
	Milestone  Milestone          `json:"milestone,omitzero"`
	Notes      string             `json:"nt,omitempty"`      // what it tells customers in the release notes, in short
	Deciding   map[string]Decider `json:"dl,omitempty"`      // by name: the labels by which people decide
	Record     json.RawMessage    `json:"rec,omitempty"`     // the record of truth in short, as of Comments
	Comments   int                `json:"c,omitempty"`       // comments on the capability issue that are in Record
	Refs       map[string]Ref     `json:"rf,omitempty"`      // capability issues that its text names, by id
	Tickets    map[string]Touched `json:"tickets,omitempty"` // by Key.Within; "" is the capability issue
}

// Decider is a label by which people decide, as it was when it was looked at: one of that name
// with another id was renamed or made anew, and what was decided by the old one is not by it.
type Decider struct {
	ID    string `json:"i"`
	Since string `json:"s,omitempty"` // RFC 3339: when this id was first seen in the place of another
}

// Touched is what was last applied to one ticket.
type Touched struct {
	Ref        Ref      `json:"ref"`
	Assignees  []string `json:"as,omitempty"`
	Extra      []string `json:"ls,omitempty"`
	Milestone  string   `json:"ms,omitempty"`
	BlockedBy  []Ref    `json:"bb,omitempty"`
	Closed     bool     `json:"gone,omitempty"` // closed by the program because its key left the spec
	State      State    `json:"st,omitempty"`   // what rule made it
	Comments   int      `json:"c,omitempty"`    // comments that were looked at
	Seen       int64    `json:"se,omitempty"`   // id of the newest of them
	ClosedAt   string   `json:"ca,omitempty"`   // RFC 3339: the close that Closer is about
	Closer     string   `json:"cl,omitempty"`   // who closed it: person, program or robot
	ClosedBy   string   `json:"cb,omitempty"`   // login of the person
	Hash       string   `json:"h,omitempty"`    // content that an approval ticket shows
	HashSince  string   `json:"hs,omitempty"`   // RFC 3339: since when
	HashShown  string   `json:"hw,omitempty"`   // RFC 3339, the tracker's time: when the ticket was written to show it
	HashBefore string   `json:"hb,omitempty"`   // what it showed before
}

var stateLine = regexp.MustCompile(`(?m)^<!-- ticketfoundry:state (.*) -->$`)

// Hide gives the line that carries the state inside a managed block.
func (a Applied) Hide() (string, error) {
	a.Version = 1
	text, err := json.Marshal(a) // escapes < and >; "--" would end an HTML comment early
	if err != nil {
		return "", fmt.Errorf("hide state of %s: %w", a.Capability, err)
	}
	return "<!-- ticketfoundry:state " + string(bytes.ReplaceAll(text, []byte("--"), []byte(`-\u002d`))) + " -->", nil
}

// FindApplied reads the state hidden in a body; without a capability, of whichever. No state, or one that is damaged, of another
// version or of another capability, gives false: the caller then knows nothing and looks
// everything up.
func FindApplied(body, capability string) (Applied, bool) {
	m := stateLine.FindStringSubmatch(normalise(body))
	if m == nil {
		return Applied{}, false
	}
	var a Applied
	dec := json.NewDecoder(strings.NewReader(m[1]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil || a.Version != 1 || capability != "" && a.Capability != capability {
		return Applied{}, false
	}
	return a, true
}

// WithoutState gives a block without the line that carries the state.
func WithoutState(block string) string {
	return strings.TrimRight(stateLine.ReplaceAllString(normalise(block), ""), "\n")
}
