// Package index owns the packed index of all capabilities of a repository: what a run must
// know of each of them to tell, without reading its tickets, that nothing has to be done. It
// is kept as one hidden line of the board issue's block, and it is a cache: an index that is
// missing, damaged, of another repository or too old costs one full read and nothing else.
//
// It refuses to guess. Anything that is not, byte for byte, what Pack writes is no index.
//
//	line, err := x.Hide()                // <!-- ticketfoundry:index AXl3... -->
//	x, ok := index.Find(block, "R_1")    // ok only if it is whole and about this repository
//	entry, ok := x.Entry("CRM-101")
package index

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxEntries is how many capabilities one index takes: their lines fill three quarters of the
// longest body GitHub keeps. A repository with more goes without an index.
const MaxEntries = 2000

// Index is what is known of a repository as of its mark. The zero value knows nothing.
type Index struct {
	Repository string    // id of the repository it is about; in another one it counts for nothing
	Rules      uint64    // fingerprint of what decides on every text (program, config); another one makes every entry stale
	Mark       time.Time // whole seconds: everything updated before it is in the entries
	Spent      []Spent   // writes of the last hour, oldest first
	Entries    []Entry   // in the order of Sort, each id once
}

// grain is how finely writes are told apart in time.
const (
	seconds = 10
	grain   = seconds * time.Second
)

// Spent is how many writes the runs made within ten seconds.
type Spent struct {
	At     time.Time // their beginning
	Writes int
}

// Entry is one capability.
type Entry struct {
	ID     string // "CRM-101"
	Number int    // of its capability issue; 0 if none is known
	Stage  string
	Inputs uint64 // 48 bits: fingerprint of what its tickets follow from; 0: look at it whatever happens
	Path   uint32 // 24 bits: fingerprint of the path of its spec; 0 if it has none
	Recent uint32 // 24 bits: fingerprint of what was updated shortly before the mark; 0 if nothing was
	Flags  Flags
}

// Flags are what else a run must know of a capability without reading it. Bits that this
// program does not know make an index unreadable.
type Flags uint8

// The flags. New ones go to the end: eight fit.
const (
	Gone            Flags = 1 << iota // cancelled, or its spec is gone
	OnHold                            // people stopped it for a while
	Blocked                           // waits for another capability
	InRework                          // a rejection is being worked on
	NeedsReapproval                   // bound content changed after its approval
	flagsEnd
)

const knownFlags = flagsEnd - 1

// Has tells whether all the given flags are set.
func (f Flags) Has(some Flags) bool { return f&some == some }

// Sort puts entries in the order in which an index has them: by product prefix, then by number.
func Sort(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int { return compareIDs(a.ID, b.ID) })
}

// Entry gives what is known of one capability. Entries must be sorted, as Unpack and Sort
// leave them.
func (x Index) Entry(id string) (Entry, bool) {
	i, found := slices.BinarySearchFunc(x.Entries, id, func(e Entry, id string) int {
		return compareIDs(e.ID, id)
	})
	if !found {
		return Entry{}, false
	}
	return x.Entries[i], true
}

// compareIDs orders ids by prefix, then by number; what is no id by its text, last within it.
func compareIDs(a, b string) int {
	if a == b {
		return 0
	}
	prefixA, numberA, _ := splitID(a)
	prefixB, numberB, _ := splitID(b)
	return cmp.Or(strings.Compare(prefixA, prefixB), cmp.Compare(numberA, numberB), strings.Compare(a, b))
}

// splitID takes an id apart: "CRM-101" is CRM and 101.
func splitID(id string) (prefix string, number uint64, ok bool) {
	prefix, digits, found := strings.Cut(id, "-")
	if !found || !validPrefix(prefix) || len(digits) == 0 || len(digits) > 7 || digits[0] == '0' {
		return id, 0, false
	}
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return id, 0, false
		}
		number = number*10 + uint64(c-'0')
	}
	return prefix, number, true
}

func joinID(prefix string, number uint64) string {
	return prefix + "-" + strconv.FormatUint(number, 10)
}

func validPrefix(prefix string) bool {
	if len(prefix) < 2 || len(prefix) > 10 || prefix[0] < 'A' || prefix[0] > 'Z' {
		return false
	}
	for _, c := range []byte(prefix) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// Inputs is the fingerprint of some texts, in their order: 48 bits, never 0.
func Inputs(parts ...string) uint64 { return fingerprint(parts) >> 16 }

// Short is the fingerprint of some texts, in their order: 24 bits, never 0.
func Short(parts ...string) uint32 { return uint32(fingerprint(parts) >> 40) }

// fingerprint gives 64 bits whose first 24 are never all 0. Each part goes in with its length,
// so that the border between two parts counts.
func fingerprint(parts []string) uint64 {
	sum := sha256.New()
	var length [8]byte
	for _, part := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		sum.Write(length[:])
		sum.Write([]byte(part))
	}
	digest := binary.BigEndian.Uint64(sum.Sum(nil))
	if digest>>40 == 0 {
		digest |= 1 << 40
	}
	return digest
}

// Spend gives the index with n more writes at a time, without what is more than an hour older.
func (x Index) Spend(at time.Time, n int) Index {
	oldest := at.UTC().Add(-time.Hour).Truncate(grain)
	kept := slices.DeleteFunc(slices.Clone(x.Spent), func(s Spent) bool { return s.At.Before(oldest) })
	x.Spent = byTime(append(kept, Spent{At: at, Writes: n}))
	return x
}

// byTime puts writes in order, one entry for ten seconds, and leaves out those without any.
func byTime(spent []Spent) []Spent {
	writes := make(map[int64]int, len(spent))
	for _, s := range spent {
		if s.Writes > 0 {
			writes[s.At.UTC().Truncate(grain).Unix()] += s.Writes
		}
	}
	var out []Spent
	for second, n := range writes {
		out = append(out, Spent{At: time.Unix(second, 0).UTC(), Writes: n})
	}
	slices.SortFunc(out, func(a, b Spent) int { return a.At.Compare(b.At) })
	return out
}
