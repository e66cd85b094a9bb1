package ticket

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the kind of a tracker's failure. Ask by KindOf, never by text.
type Kind string

// The kinds of failure.
const (
	Unauthorised Kind = "unauthorised" // the token may not do this; a person must change permissions
	Gone         Kind = "gone"         // not there: deleted, transferred, converted or never was
	Rejected     Kind = "rejected"     // the tracker refuses what was sent; sending it again will not help
	RateLimited  Kind = "rate-limited" // come back at Until
	Unavailable  Kind = "unavailable"  // the tracker is down or talks nonsense; nothing was changed
	Unknown      Kind = "unknown"      // the answer was lost: it may have been done
)

// Error is a tracker's failure, in the tracker's own words with the next step.
type Error struct {
	Kind   Kind
	Act    string    // what was being done: "create", "add label stage:build"
	Key    Key       // to which ticket; empty if none
	Detail string    // the tracker's own words, redacted
	Next   string    // what to do about it: "give the job `issues: write`"
	Until  time.Time // RateLimited: when it may be tried again
}

// Error is one line: the act, the key, the tracker's words, the next step.
func (e *Error) Error() string {
	s := e.Act
	if e.Key != "" {
		s += " " + string(e.Key)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if !e.Until.IsZero() {
		s += fmt.Sprintf(" (until %s)", e.Until.UTC().Format("15:04:05 MST"))
	}
	if e.Next != "" {
		s += "; " + e.Next
	}
	return s
}

// KindOf gives the kind of a tracker's failure; empty if err is nil or not a tracker's.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
