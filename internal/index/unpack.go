package index

import (
	"encoding/binary"
	"math"
	"time"
)

// Unpack reads what Pack wrote about the same repository. Anything else gives false: damaged,
// cut, lengthened, of another repository or version, with entries out of order or repeated.
// The caller then knows nothing and reads everything.
func Unpack(text, repository string) (Index, bool) {
	packed, err := encoding.DecodeString(text)
	// The decoder skips line ends, which Pack does not write.
	if err != nil || encoding.EncodedLen(len(packed)) != len(text) {
		return Index{}, false
	}
	if len(packed) < 1+checksumSize || packed[0] != version || [checksumSize]byte(packed[1:]) != checksum(packed) {
		return Index{}, false
	}
	r := reader{rest: packed[1+checksumSize:]}
	x := r.index(repository)
	if r.bad || len(r.rest) != 0 {
		return Index{}, false
	}
	return x, true
}

// reader takes a packed index apart. After the first thing that does not fit it is bad for
// good, and gives zeros.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) index(repository string) Index {
	x := Index{Repository: r.text()}
	if x.Repository == "" || x.Repository != repository {
		r.bad = true
	}
	x.Rules = r.fixed(8)
	x.Mark = r.second(r.number(math.MaxInt64))
	x.Spent = r.spent()
	stages := r.stages()
	x.Entries = r.ids()
	r.rows(x.Entries, stages)
	r.recent(x.Entries)
	return x
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) fixed(width int) uint64 {
	var out uint64
	for _, b := range r.take(width) {
		out = out<<8 | uint64(b)
	}
	return out
}

func (r *reader) text() string { return string(r.take(int(r.fixed(1)))) }

// number reads a varint of at most so much, in its shortest form.
func (r *reader) number(most uint64) uint64 {
	n, size := binary.Uvarint(r.rest)
	if r.bad || size <= 0 || n > most || size > 1 && r.rest[size-1] == 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count reads how many of something follow, each of which takes at least so many bytes: a
// number that the rest cannot hold must not make us allocate for it.
func (r *reader) count(size int) int { return int(r.number(uint64(len(r.rest) / size))) }

func (r *reader) second(since uint64) time.Time {
	if since > uint64(lastSecond-firstSecond) {
		r.bad = true
		return time.Time{}
	}
	return time.Unix(int64(since)+firstSecond, 0).UTC()
}

func (r *reader) spent() []Spent {
	n := r.count(2)
	if n == 0 {
		return nil
	}
	out := make([]Spent, 0, n)
	past := uint64(0)
	for i := range n {
		step := r.number(uint64(lastSecond-firstSecond) / seconds)
		past += step
		s := Spent{At: r.second(past * seconds), Writes: int(r.number(math.MaxInt32))}
		if r.bad || s.Writes == 0 || step == 0 && i > 0 {
			r.bad = true
			return nil
		}
		out = append(out, s)
	}
	return out
}

func (r *reader) stages() []string {
	n := r.count(1)
	if n > maxStages {
		r.bad = true
		return nil
	}
	out := make([]string, 0, n)
	for i := range n {
		stage := r.text()
		if i > 0 && stage <= out[i-1] {
			r.bad = true
		}
		if r.bad {
			return nil
		}
		out = append(out, stage)
	}
	return out
}

// ids reads the entries with nothing but their ids.
func (r *reader) ids() []Entry {
	var out []Entry
	before := ""
	for range r.count(1 + 2 + 1 + 1) {
		prefix := r.text()
		n := r.count(rowSize + 1)
		if r.bad || !validPrefix(prefix) || prefix <= before || n == 0 || len(out)+n > MaxEntries {
			r.bad = true
			return nil
		}
		before = prefix
		number := uint64(0)
		for range n {
			step := r.number(maxNumber)
			number += step
			if r.bad || step == 0 || number > maxNumber {
				r.bad = true
				return nil
			}
			out = append(out, Entry{ID: joinID(prefix, number)})
		}
	}
	return out
}

const (
	maxNumber = 9_999_999
	rowSize   = 1 + 1 + 6 + 3 // without the issue number
)

func (r *reader) rows(entries []Entry, stages []string) {
	width := int(r.fixed(1))
	if r.bad || width > 4 {
		r.bad = true
		return
	}
	used := make([]bool, len(stages))
	unused := len(stages)
	for i := range entries {
		e := &entries[i]
		stage := int(r.fixed(1))
		e.Flags = Flags(r.fixed(1))
		e.Inputs, e.Path, e.Number = r.fixed(6), uint32(r.fixed(3)), int(r.fixed(width))
		if r.bad || stage >= len(stages) || e.Flags&^knownFlags != 0 {
			r.bad = true
			return
		}
		e.Stage = stages[stage]
		if !used[stage] {
			used[stage] = true
			unused--
		}
	}
	if unused != 0 || widthOf(entries) != width {
		r.bad = true
	}
}

func (r *reader) recent(entries []Entry) {
	bits := r.take((len(entries) + 7) / 8)
	if r.bad {
		return
	}
	for i := range 8 * len(bits) {
		if bits[i/8]&(1<<(i%8)) == 0 {
			continue
		}
		if i >= len(entries) {
			r.bad = true
			return
		}
		if entries[i].Recent = uint32(r.fixed(3)); entries[i].Recent == 0 {
			r.bad = true
			return
		}
	}
}
