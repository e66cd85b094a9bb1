package index_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/index"
)

const repository = "R_kgDOLf3k7g"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// worst gives an index whose entries say as much as entries can, with the writes of an hour.
func worst(n int) index.Index {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	stages := strings.Fields("triage spec spec-approval architecture architecture-approval compliance build ci-cd uat release shipped")
	numbers := r.Perm(50_000)
	x := index.Index{Repository: repository, Rules: r.Uint64(), Mark: noon}
	for i := range 60 {
		x.Spent = append(x.Spent, index.Spent{At: noon.Add(time.Duration(i-60) * time.Minute), Writes: 1 + r.IntN(500)})
	}
	for p, prefix := range []string{"BILLING", "CRM", "ERP", "PAY2", "WEB"} {
		for i, number := range r.Perm(9999)[:(n+4-p)/5] {
			x.Entries = append(x.Entries, index.Entry{
				ID:     fmt.Sprintf("%s-%d", prefix, number+1),
				Number: 1 + numbers[i*5+p],
				Stage:  stages[r.IntN(len(stages))],
				Inputs: 1 + r.Uint64()>>17,
				Path:   1 + r.Uint32()>>9,
				Recent: 1 + r.Uint32()>>9,
				Flags:  index.Flags(r.IntN(32)),
			})
		}
	}
	index.Sort(x.Entries)
	return x
}

func TestSize(t *testing.T) {
	for _, c := range []struct{ entries, most int }{{2000, 48_000}, {1000, 24_000}, {0, 600}} {
		x := worst(c.entries)
		if len(x.Entries) != c.entries {
			t.Fatalf("%d entries, want %d", len(x.Entries), c.entries)
		}
		text := pack(t, x)
		t.Logf("%d capabilities: %d characters", c.entries, len(text))
		if len(text) > c.most {
			t.Errorf("%d capabilities take %d characters, want at most %d", c.entries, len(text), c.most)
		}
		got, ok := index.Unpack(text, repository)
		if !ok || !reflect.DeepEqual(got, x) {
			t.Errorf("%d capabilities do not come back", c.entries)
		}
	}
}

func TestRefused(t *testing.T) {
	good := func() index.Index {
		return index.Index{Repository: repository, Mark: noon, Entries: []index.Entry{{ID: "CRM-1", Stage: "build"}}}
	}
	pack(t, good())
	for want, spoil := range map[string]func(*index.Index){
		"2001 entries, 2000 fit": func(x *index.Index) {
			for i := range 2000 {
				x.Entries = append(x.Entries, index.Entry{ID: fmt.Sprintf("CRM-%d", i+2)})
			}
		},
		"repository id":           func(x *index.Index) { x.Repository = "" },
		"too long":                func(x *index.Index) { x.Repository = strings.Repeat("r", 256) },
		"no usable time":          func(x *index.Index) { x.Mark = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"spent":                   func(x *index.Index) { x.Spent = []index.Spent{{At: noon, Writes: 1 << 40}} },
		`"crm-1" is no`:           func(x *index.Index) { x.Entries[0].ID = "crm-1" },
		`"CRM-01" is no`:          func(x *index.Index) { x.Entries[0].ID = "CRM-01" },
		`"CRM-12345678" is no`:    func(x *index.Index) { x.Entries[0].ID = "CRM-12345678" },
		`"board" is no`:           func(x *index.Index) { x.Entries[0].ID = "board" },
		"CRM-1 comes twice":       func(x *index.Index) { x.Entries = append(x.Entries, x.Entries[0]) },
		"issue number -1":         func(x *index.Index) { x.Entries[0].Number = -1 },
		"issue number 4294967296": func(x *index.Index) { x.Entries[0].Number = 1 << 32 },
		"stage":                   func(x *index.Index) { x.Entries[0].Stage = strings.Repeat("s", 256) },
		"too many bits":           func(x *index.Index) { x.Entries[0].Inputs = 1 << 48 },
		"fingerprint":             func(x *index.Index) { x.Entries[0].Path = 1 << 24 },
		"a fingerprint":           func(x *index.Index) { x.Entries[0].Recent = 1 << 24 },
		"unknown flags 0x20":      func(x *index.Index) { x.Entries[0].Flags = 1 << 5 },
		"257 stages, 256 fit":     func(x *index.Index) { x.Entries = staged(257) },
	} {
		x := good()
		spoil(&x)
		if _, err := x.Hide(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	x := good()
	x.Entries = staged(256)
	pack(t, x)
}

func staged(n int) (out []index.Entry) {
	for i := range n {
		out = append(out, index.Entry{ID: fmt.Sprintf("CRM-%d", i+1), Stage: fmt.Sprintf("s%d", i)})
	}
	return out
}

func TestDamaged(t *testing.T) {
	x := worst(12)
	text := pack(t, x)
	wrong := []string{"", text + "A", text + "=", text + "\n", "\n" + text, text[:40] + "\r\n" + text[40:], text + text}
	for i := range len(text) {
		wrong = append(wrong, text[:i], text[i+1:], text[:i]+text[i+1:])
		for _, c := range []byte("A_+/9-\n\xff") {
			if c != text[i] {
				wrong = append(wrong, text[:i]+string(c)+text[i+1:])
			}
			wrong = append(wrong, text[:i]+string(c)+text[i:])
		}
	}
	packed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(packed) {
		packed[i/8] ^= 1 << (i % 8)
		wrong = append(wrong, base64.RawStdEncoding.EncodeToString(packed))
		packed[i/8] ^= 1 << (i % 8)
	}
	for _, damaged := range wrong {
		if _, ok := index.Unpack(damaged, repository); ok && damaged != text {
			t.Fatalf("damaged index is taken:\n%s\nwhole:\n%s", damaged, text)
		}
	}
	for _, other := range []string{"", "R_other", repository + "x"} {
		if _, ok := index.Unpack(text, other); ok {
			t.Errorf("an index of another repository is taken in %q", other)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawn(t)
		text, err := want.Pack()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := index.Unpack(text, want.Repository)
		if !ok || !same(got, want) {
			t.Fatalf("packed %+v, unpacked %v %+v", want, ok, got)
		}

		shuffled := want
		shuffled.Entries = rapid.Permutation(want.Entries).Draw(t, "order")
		if again, err := shuffled.Pack(); err != nil || again != text {
			t.Fatalf("another order of entries gives another text: %v", err)
		}

		for _, e := range want.Entries {
			if found, ok := got.Entry(e.ID); !ok || found != e {
				t.Fatalf("entry %s is %v %+v, want %+v", e.ID, ok, found, e)
			}
		}
		if e, ok := got.Entry("NONE-1"); ok {
			t.Fatalf("there is an entry %+v", e)
		}
	})
}

func TestHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawn(t)
		line, err := x.Hide()
		if err != nil {
			t.Fatal(err)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(line, "<!--"), "-->")
		if strings.Contains(inside, "--") || strings.ContainsAny(inside, "<>\n\r") || len(inside) != len(line)-7 {
			t.Fatalf("does not survive in an HTML comment: %s", line)
		}
		above := rapid.SampledFrom([]string{"", "Overview\n", "| a |\n|---|\n\n"}).Draw(t, "above")
		below := rapid.SampledFrom([]string{"", "\n", "\n<!-- ticketfoundry:state {} -->", "\n- [ ] more"}).Draw(t, "below")
		block := above + line + below
		if got, ok := index.Find(block, x.Repository); !ok || !same(got, x) {
			t.Fatalf("not found in %q", block)
		}
		if got, ok := index.Find(strings.ReplaceAll(block, "\n", "\r\n"), x.Repository); !ok || !same(got, x) {
			t.Fatalf("not found with other line ends in %q", block)
		}
		for _, none := range []string{line + "\n" + line, "> " + line, line + " x", strings.Replace(line, ":index ", ":index  ", 1)} {
			if _, ok := index.Find(none, x.Repository); ok {
				t.Fatalf("an index is found in %q", none)
			}
		}
	})
}

func TestFindsNoneInBrokenLines(t *testing.T) {
	for _, block := range []string{
		"a\n<!-- ticketfoundry:index broken text -->\nb", "a\n<!-- ticketfoundry:index -->", "a\r\nb\n",
		"see <!-- ticketfoundry:index x --> there",
	} {
		if _, ok := index.Find(block, repository); ok {
			t.Errorf("an index is found in %q", block)
		}
	}
}

func TestSort(t *testing.T) {
	entries := []index.Entry{{ID: "CRM-10"}, {ID: "PAY-1"}, {ID: "CRM-9"}, {ID: "CRM2-1"}, {ID: "CRM-100"}}
	index.Sort(entries)
	var got []string
	for _, e := range entries {
		got = append(got, e.ID)
	}
	if want := strings.Fields("CRM-9 CRM-10 CRM-100 CRM2-1 PAY-1"); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestFingerprints(t *testing.T) {
	if index.Inputs("ab", "c") == index.Inputs("a", "bc") || index.Short("ab", "c") == index.Short("a", "bc") {
		t.Error("the border between two parts does not count")
	}
	if index.Inputs() == index.Inputs("") || index.Inputs("a", "b") == index.Inputs("b", "a") {
		t.Error("the number or the order of parts does not count")
	}
	// Kept in trackers: another result makes every stored index stale.
	if got := index.Inputs("CRM-101", "build"); got != 0xd3cd0506be6c {
		t.Errorf("fingerprint %#x", got)
	}
	if got := index.Short("capabilities/CRM-101.yml"); got != 0x2ce330 {
		t.Errorf("short fingerprint %#x", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.String()).Draw(t, "parts")
		if n := index.Inputs(parts...); n == 0 || n>>48 != 0 {
			t.Fatalf("fingerprint %#x", n)
		}
		if n := index.Short(parts...); n == 0 || n>>24 != 0 {
			t.Fatalf("short fingerprint %#x", n)
		}
	})
}

func TestSpend(t *testing.T) {
	var x index.Index
	at := func(minute, second int) time.Time {
		return noon.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
	}
	since := func(x index.Index, t time.Time) (n int) {
		for _, s := range x.Spent {
			if !s.At.Before(t) {
				n += s.Writes
			}
		}
		return n
	}
	x = x.Spend(at(0, 11), 3).Spend(at(0, 19), 4).Spend(at(30, 0), 5).Spend(at(45, 0), 0)
	want := []index.Spent{{At: at(0, 10), Writes: 7}, {At: at(30, 0), Writes: 5}}
	if !reflect.DeepEqual(x.Spent, want) {
		t.Errorf("spent %v, want %v", x.Spent, want)
	}
	if got := since(x.Spend(at(60, 19), 1), at(0, 0)); got != 13 {
		t.Errorf("after an hour %d writes, want 13: the first may still be within it", got)
	}
	if got := since(x.Spend(at(60, 20), 1), at(0, 0)); got != 6 {
		t.Errorf("after more than an hour %d writes, want 6", got)
	}
	// A run whose clock is behind adds to what is there; nothing of it is lost.
	if got := x.Spend(at(10, 0), 2); since(got, at(0, 0)) != 14 || !slices.IsSortedFunc(got.Spent, func(a, b index.Spent) int { return a.At.Compare(b.At) }) {
		t.Errorf("spent %v", got.Spent)
	}
}

func TestFlags(t *testing.T) {
	if f := index.Gone | index.Blocked; !f.Has(index.Gone) || f.Has(index.OnHold|index.Gone) || f.Has(index.NeedsReapproval) {
		t.Errorf("flags %#x have the wrong ones", f)
	}
}

// TestSeconds: the mark must never come back later than it was.
func TestSeconds(t *testing.T) {
	mark := noon.Add(1999 * time.Millisecond).In(time.FixedZone("", 3600))
	got, ok := index.Unpack(pack(t, index.Index{Repository: repository, Mark: mark}), repository)
	if !ok || got.Mark != noon.Add(time.Second) {
		t.Errorf("mark %v %s", ok, got.Mark)
	}
}

func BenchmarkUnpack(b *testing.B) {
	text, err := worst(2000).Pack()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := index.Unpack(text, repository); !ok {
			b.Fatal("no index")
		}
	}
}

func pack(t *testing.T, x index.Index) string {
	t.Helper()
	text, err := x.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func same(a, b index.Index) bool {
	return a.Repository == b.Repository && a.Rules == b.Rules && a.Mark.Equal(b.Mark) &&
		slices.Equal(a.Spent, b.Spent) && slices.Equal(a.Entries, b.Entries)
}

// drawn gives a sorted index.
func drawn(t *rapid.T) index.Index {
	entry := rapid.Custom(func(t *rapid.T) index.Entry {
		return index.Entry{
			ID:     rapid.StringMatching(`[A-C][A-B0-1]{1,2}-[1-9][0-9]{0,6}`).Draw(t, "id"),
			Number: rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 1<<32-1)).Draw(t, "number"),
			Stage:  rapid.OneOf(rapid.SampledFrom([]string{"", "spec", "build"}), rapid.StringN(0, 20, 200)).Draw(t, "stage"),
			Inputs: rapid.Uint64Range(0, 1<<48-1).Draw(t, "inputs"),
			Path:   rapid.Uint32Range(0, 1<<24-1).Draw(t, "path"),
			Recent: rapid.Uint32Range(0, 1<<24-1).Draw(t, "recent"),
			Flags:  index.Flags(rapid.IntRange(0, 31).Draw(t, "flags")),
		}
	})
	x := index.Index{
		Repository: rapid.StringN(1, 20, 200).Draw(t, "repository"),
		Rules:      rapid.Uint64().Draw(t, "rules"),
		Mark:       time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "mark"), 0).UTC(),
		Entries:    rapid.SliceOfNDistinct(entry, 0, 40, func(e index.Entry) string { return e.ID }).Draw(t, "entries"),
	}
	index.Sort(x.Entries)
	for range rapid.IntRange(0, 5).Draw(t, "spent") {
		x = x.Spend(noon.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "second"))*time.Second), rapid.IntRange(1, 500).Draw(t, "writes"))
	}
	return x
}
