// Package record owns the record of truth: what was decided about a capability, by whom and
// why, as comments on its issue. A comment counts only if a trusted writer wrote it and nobody
// edited it; everything else about a capability's way follows from these comments, its spec
// and its tickets. It refuses to know trackers: comments come in and texts go out.
//
//	r := record.Read("CRM-101", comments, trusted)
//	text, err := record.Write("CRM-101", entries)
package record

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Kind is what an entry says.
type Kind string

// The kinds of entries.
const (
	Entered  Kind = "entered"  // To: where it entered the pipeline; Why says so if it was adopted midway
	Moved    Kind = "moved"    // From, To
	Approved Kind = "approved" // Ticket, Hash, Saw
	Rejected Kind = "rejected" // Ticket, To, Tickets
	Carried  Kind = "carried"  // Ticket, Hash, Saw: an approval that holds for later content too
	Voided   Kind = "voided"   // Rests: the evidence of a decision is gone or another person's
	Finished Kind = "finished" // Ticket: done by comment
	Dropped  Kind = "dropped"  // Ticket: not needed, by comment
	Waived   Kind = "waived"   // Tickets: the dependency that need not be waited for
	Held     Kind = "held"
	Resumed  Kind = "resumed"
	Reworked Kind = "reworked" // From, To, by command
	Undone   Kind = "undone"   // Ticket: a close by a bot, reopened
)

// Entry is one line of the record.
type Entry struct {
	Kind    Kind      `json:"k"`
	From    string    `json:"f,omitempty"`
	To      string    `json:"t,omitempty"`
	Ticket  string    `json:"n,omitempty"`  // key within the capability: "spec-approval/approve-spec"
	Tickets []string  `json:"ns,omitempty"` // keys within it, or capability ids
	Who     string    `json:"w,omitempty"`  // login then; empty for the program itself
	ID      int64     `json:"id,omitempty"` // account id: what counts
	At      time.Time `json:"at"`           // when it was done, not when it was recorded
	Why     string    `json:"y,omitempty"`
	Commit  string    `json:"c,omitempty"` // of the spec
	Rests   string    `json:"r,omitempty"` // "event:123" or "comment:456"
	Hash    string    `json:"h,omitempty"` // of the content it is bound to
	Saw     Content   `json:"s,omitempty"` // that content, field by field
}

// Content is what an approval is bound to: the text of each field that is not empty.
type Content map[string]string

// Record is the entries of one capability, oldest first.
type Record struct {
	Entries  []Entry
	Comments int // comments read, of whatever kind
}

type line struct {
	Version    int     `json:"v"`
	Capability string  `json:"id"`
	Base       int     `json:"b"` // how many entries the record had when this was written
	Entries    []Entry `json:"e"`
}

var linePattern = regexp.MustCompile(`(?m)^<!-- ticketfoundry:record ([A-Za-z0-9+/=]+) -->\s*$`)

// Read gives the record among a capability issue's comments. trusted tells by account id who
// may write it. A comment that somebody edited counts for nothing.
func Read(capability string, comments []ticket.Comment, trusted func(ticket.Account) bool) Record {
	r := Record{Comments: len(comments)}
	for _, c := range comments {
		if !trusted(c.Author) || c.Edited() {
			continue
		}
		l, ok := decode(c.Body)
		if !ok || l.Capability != capability {
			continue
		}
		r.take(l)
	}
	return r
}

// take adds the entries of a comment. One that was written without knowing all that stands
// before it, by a run at the same time, counts only for the acts of people that are new in it:
// what follows from them the next run finds anew. A comment that knew more than there is now
// stands: one before it was deleted or edited, and takes only its own entries with it.
func (r *Record) take(l line) {
	blind := l.Base < len(r.Entries)
	for _, e := range l.Entries {
		if r.repeats(e) || blind && e.Rests == "" {
			continue
		}
		r.Entries = append(r.Entries, e)
	}
}

// repeats tells whether the record has the act that an entry rests on already.
func (r Record) repeats(e Entry) bool {
	return e.Rests != "" && slices.ContainsFunc(r.Entries, func(o Entry) bool {
		return o.Kind == e.Kind && o.Ticket == e.Ticket && o.Rests == e.Rests
	})
}

// maxLine keeps a hidden line well within a comment's 65,536 characters.
const maxLine = 40_000

// Hide gives the hidden line of a comment that adds entries to a record. What is too long for
// one comment is left out: contents first, whose hashes still bind, then reasons.
func (r Record) Hide(capability string, entries []Entry) (string, error) {
	slim := slices.Clone(entries)
	text, err := encode(line{1, capability, len(r.Entries), slim})
	for _, lighten := range []func(*Entry){func(e *Entry) { e.Saw = nil }, func(e *Entry) { e.Why = "" }} {
		if err != nil || len(text) <= maxLine {
			break
		}
		for i := range slim {
			lighten(&slim[i])
		}
		text, err = encode(line{1, capability, len(r.Entries), slim})
	}
	if err != nil {
		return "", fmt.Errorf("record %s: %w", capability, err)
	}
	return "<!-- ticketfoundry:record " + text + " -->", nil
}

func encode(l line) (string, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(text); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// maxText bounds what a hidden line may unfold to.
const maxText = 1 << 20

func decode(body string) (line, bool) {
	m := linePattern.FindStringSubmatch(strings.ReplaceAll(body, "\r\n", "\n"))
	if m == nil {
		return line{}, false
	}
	packed, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil {
		return line{}, false
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxText))
	if err != nil {
		return line{}, false
	}
	var l line
	if err := json.Unmarshal(text, &l); err != nil || l.Version != 1 {
		return line{}, false
	}
	return l, true
}

// Stage gives the stage the record puts the capability in, since when, and where it entered;
// empty without any entry.
func (r Record) Stage() (stage, entered string, since time.Time) {
	for _, e := range r.Entries {
		switch e.Kind {
		case Entered:
			stage, since = e.To, e.At
			if entered == "" {
				entered = e.To
			}
		case Moved, Rejected, Reworked:
			stage, since = e.To, e.At
		}
	}
	return stage, entered, since
}

// Has tells whether the record rests on the event or comment already.
func (r Record) Has(rests string) bool {
	if rests == "" {
		return false
	}
	for _, e := range r.Entries {
		if e.Rests == rests && e.Kind != Voided {
			return true
		}
	}
	return false
}

// Held tells whether people hold the capability, and why.
func (r Record) Held() (bool, string) {
	held, why := false, ""
	for _, e := range r.Entries {
		switch e.Kind {
		case Held:
			held, why = true, e.Why
		case Resumed:
			held, why = false, ""
		}
	}
	return held, why
}

// Waives tells whether the dependency need not be waited for.
func (r Record) Waives(id string) bool {
	for _, e := range r.Entries {
		if e.Kind == Waived && len(e.Tickets) == 1 && e.Tickets[0] == id {
			return true
		}
	}
	return false
}
