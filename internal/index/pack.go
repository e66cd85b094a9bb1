package index

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The layout, all of it canonical: one index has one text. Integers are varints unless sized.
//
//	version   1 byte
//	checksum  8 bytes, of the version and of all that follows
//	repository, rules (8 bytes), mark (seconds since year 1)
//	spent     count, then (tens of seconds since the one before, writes)...
//	stages    count, then texts, sorted; each is used
//	products  count, then (prefix, count, (number less the one before)...)..., sorted
//	width     1 byte: of issue numbers
//	entries   (stage, flags, inputs 6, path 3, number) of fixed size; columns of varints would
//	          be longer, since issue numbers follow no order
//	recent    1 bit for each entry, then 3 bytes for each bit that is set
const (
	version      = 1
	checksumSize = 8
	maxText      = 255 // repository, stage
	maxStages    = 256
)

// Times are counted in Unix seconds from the zero time to the end of the year 9999.
const (
	firstSecond int64 = -62135596800
	lastSecond  int64 = 253402300799
)

// encoding has neither "-" nor ">" in its alphabet, so that no text ends an HTML comment.
var encoding = base64.RawStdEncoding.Strict()

// Pack gives the index as a text of one line, for an HTML comment. The order of entries does
// not matter. An index that does not fit (more than MaxEntries, an id that is none or comes
// twice, a fingerprint of too many bits) is an error; the caller then does without an index.
func (x Index) Pack() (string, error) {
	entries := slices.Clone(x.Entries)
	Sort(entries)
	if err := x.check(entries); err != nil {
		return "", fmt.Errorf("pack the index: %w", err)
	}
	stages := stagesOf(entries)
	out := make([]byte, 1+checksumSize, 256+18*len(entries))
	out[0] = version
	out = appendText(out, x.Repository)
	out = binary.BigEndian.AppendUint64(out, x.Rules)
	out = binary.AppendUvarint(out, uint64(x.Mark.Unix()-firstSecond))
	out = appendSpent(out, x.Spent)
	out = binary.AppendUvarint(out, uint64(len(stages)))
	for _, stage := range stages {
		out = appendText(out, stage)
	}
	out = appendIDs(out, entries)
	out = appendRows(out, entries, stages)
	out = appendRecent(out, entries)
	return seal(out), nil
}

// seal puts the checksum in its place and gives the text.
func seal(packed []byte) string {
	sum := checksum(packed)
	copy(packed[1:], sum[:])
	return encoding.EncodeToString(packed)
}

func checksum(packed []byte) (sum [checksumSize]byte) {
	h := sha256.New()
	h.Write(packed[:1])
	h.Write(packed[1+checksumSize:])
	copy(sum[:], h.Sum(nil))
	return sum
}

// check refuses what the layout cannot hold. Entries are sorted.
func (x Index) check(entries []Entry) error {
	switch second := x.Mark.Unix(); {
	case len(entries) > MaxEntries:
		return fmt.Errorf("%d entries, %d fit", len(entries), MaxEntries)
	case x.Repository == "" || len(x.Repository) > maxText:
		return fmt.Errorf("repository id %q is empty or too long", x.Repository)
	case second < firstSecond || second > lastSecond:
		return fmt.Errorf("mark %s is no usable time", x.Mark)
	}
	for i, s := range byTime(x.Spent) {
		if second := s.At.Unix(); second < firstSecond || second > lastSecond || s.Writes > math.MaxInt32 {
			return fmt.Errorf("spent: entry %d is out of range", i)
		}
	}
	for i, e := range entries {
		if err := e.check(); err != nil {
			return err
		}
		if i > 0 && entries[i-1].ID == e.ID {
			return fmt.Errorf("%s comes twice", e.ID)
		}
	}
	if n := len(stagesOf(entries)); n > maxStages {
		return fmt.Errorf("%d stages, %d fit", n, maxStages)
	}
	return nil
}

func (e Entry) check() error {
	_, _, ok := splitID(e.ID)
	switch {
	case !ok:
		return fmt.Errorf("%q is no capability id", e.ID)
	case e.Number < 0 || e.Number > math.MaxUint32:
		return fmt.Errorf("%s: issue number %d is out of range", e.ID, e.Number)
	case len(e.Stage) > maxText:
		return fmt.Errorf("%s: stage %q is too long", e.ID, e.Stage)
	case e.Inputs>>48 != 0 || e.Path>>24 != 0 || e.Recent>>24 != 0:
		return fmt.Errorf("%s: a fingerprint has too many bits", e.ID)
	case e.Flags&^knownFlags != 0:
		return fmt.Errorf("%s: unknown flags %#x", e.ID, e.Flags&^knownFlags)
	}
	return nil
}

func stagesOf(entries []Entry) []string {
	seen := map[string]bool{}
	var out []string
	for _, e := range entries {
		if !seen[e.Stage] {
			seen[e.Stage] = true
			out = append(out, e.Stage)
		}
	}
	slices.Sort(out)
	return out
}

func appendText(out []byte, text string) []byte {
	return append(append(out, byte(len(text))), text...)
}

func appendSpent(out []byte, spent []Spent) []byte {
	spent = byTime(spent)
	out = binary.AppendUvarint(out, uint64(len(spent)))
	before := int64(0)
	for _, s := range spent {
		past := (s.At.Unix() - firstSecond) / seconds
		out = binary.AppendUvarint(out, uint64(past-before))
		out = binary.AppendUvarint(out, uint64(s.Writes))
		before = past
	}
	return out
}

func appendIDs(out []byte, entries []Entry) []byte {
	type product struct {
		prefix  string
		numbers []uint64
	}
	var products []product
	for _, e := range entries {
		prefix, number, _ := splitID(e.ID)
		if n := len(products); n == 0 || products[n-1].prefix != prefix {
			products = append(products, product{prefix: prefix})
		}
		last := &products[len(products)-1]
		last.numbers = append(last.numbers, number)
	}
	out = binary.AppendUvarint(out, uint64(len(products)))
	for _, p := range products {
		out = appendText(out, p.prefix)
		out = binary.AppendUvarint(out, uint64(len(p.numbers)))
		before := uint64(0)
		for _, number := range p.numbers {
			out = binary.AppendUvarint(out, number-before)
			before = number
		}
	}
	return out
}

func appendRows(out []byte, entries []Entry, stages []string) []byte {
	width := widthOf(entries)
	out = append(out, byte(width))
	for _, e := range entries {
		stage, _ := slices.BinarySearchFunc(stages, e.Stage, strings.Compare)
		out = append(out, byte(stage), byte(e.Flags))
		out = appendFixed(out, e.Inputs, 6)
		out = appendFixed(out, uint64(e.Path), 3)
		out = appendFixed(out, uint64(e.Number), width)
	}
	return out
}

// widthOf gives the bytes that the longest issue number takes.
func widthOf(entries []Entry) int {
	width := 0
	for _, e := range entries {
		for uint64(e.Number)>>(8*width) != 0 {
			width++
		}
	}
	return width
}

func appendRecent(out []byte, entries []Entry) []byte {
	bits := make([]byte, (len(entries)+7)/8)
	var recent []byte
	for i, e := range entries {
		if e.Recent != 0 {
			bits[i/8] |= 1 << (i % 8)
			recent = appendFixed(recent, uint64(e.Recent), 3)
		}
	}
	return append(append(out, bits...), recent...)
}

// appendFixed writes the lowest bytes of a number, highest first.
func appendFixed(out []byte, number uint64, width int) []byte {
	for shift := 8 * (width - 1); shift >= 0; shift -= 8 {
		out = append(out, byte(number>>shift))
	}
	return out
}
