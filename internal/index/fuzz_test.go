package index

import (
	"encoding/binary"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

// FuzzUnpack: a text is taken only if it is, byte for byte, what Pack writes for what was read.
// Half of the texts get a true checksum first, or none would come past it.
func FuzzUnpack(f *testing.F) {
	small := Index{
		Repository: "R_1", Rules: 7, Mark: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
		Spent: []Spent{{At: time.Date(2026, 3, 2, 11, 30, 0, 0, time.UTC), Writes: 12}},
		Entries: []Entry{
			{ID: "CRM-7", Number: 12, Stage: "build", Inputs: 1, Path: 2, Recent: 3, Flags: Blocked},
			{ID: "CRM-9", Number: 3, Stage: "spec", Inputs: 4},
			{ID: "PAY-1", Number: 70_000, Stage: "build", Path: 5, Flags: Gone},
		},
	}
	for _, x := range []Index{{Repository: "R_1"}, small} {
		text, err := x.Pack()
		if err != nil {
			f.Fatal(err)
		}
		packed, err := encoding.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed, true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, sealed bool) {
		text := string(raw)
		if sealed {
			if len(raw) < 1+checksumSize {
				return
			}
			text = seal(append([]byte{version}, raw[1:]...))
		}
		x, ok := Unpack(text, "R_1")
		if !ok {
			if !reflect.DeepEqual(x, Index{}) {
				t.Fatalf("refused, but gives %+v", x)
			}
			return
		}
		again, err := x.Pack()
		if err != nil {
			t.Fatalf("taken, but does not pack again: %v", err)
		}
		if again != text {
			t.Fatalf("taken, but is not what Pack writes:\n%x\n%x", text, again)
		}
		for _, e := range x.Entries {
			if found, ok := x.Entry(e.ID); !ok || found != e {
				t.Fatalf("entry %s is not found: %v %+v", e.ID, ok, found)
			}
		}
	})
}

// TestBounded: counts that the text is too short for are refused before anything is made for
// them.
func TestBounded(t *testing.T) {
	head := append(make([]byte, 1+checksumSize), "\x03R_1\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	head[0] = version
	for _, before := range []string{
		"",                        // of minutes
		"\x00",                    // of stages
		"\x00\x01\x01a",           // of products
		"\x00\x01\x01a\x01\x02AB", // of entries
	} {
		for _, count := range []uint64{200, 1_000_000, 1 << 62} {
			bounded(t, seal(binary.AppendUvarint(append(slices.Clone(head), before...), count)))
		}
	}
}

func bounded(t *testing.T, text string) {
	t.Helper()
	const runs = 100
	var start, end runtime.MemStats
	runtime.ReadMemStats(&start)
	for range runs {
		if _, ok := Unpack(text, "R_1"); ok {
			t.Fatalf("%q is taken", text)
		}
	}
	runtime.ReadMemStats(&end)
	if made := (end.TotalAlloc - start.TotalAlloc) / runs; made > 1024 {
		t.Errorf("%d bytes are made for %q", made, text)
	}
}
