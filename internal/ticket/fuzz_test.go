package ticket

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func FuzzParseBody(f *testing.F) {
	for _, body := range []string{
		"", "mine", NewBody(mark, "block"), "above\r\n" + NewBody(mark, "- [x] a") + "below", NewBody(Marker{"77", "board"}, ""),
		begin(mark), endMarker + "\n" + begin(mark), NewBody(mark, "a") + NewBody(mark, "b"), "  " + begin(mark) + "\t\n" + endMarker,
		"> " + begin(mark), begin(mark) + "\rx\r" + endMarker,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		text := normalise(body)
		at, _, count := findMarkers(text)
		if want := beginPattern.FindStringSubmatchIndex(text); !slices.Equal(at, want) {
			t.Fatalf("%q begins at %v, want %v", text, at, want)
		}
		if want := len(anyMarker.FindAllString(text, -1)); count != want {
			t.Fatalf("%q holds %d markers, want %d", text, count, want)
		}
		b := ParseBody(body)
		switch {
		case b.Marker == Marker{}:
			if b.Whole || b.Block != "" || b.After != "" || b.Before != normalise(body) {
				t.Fatalf("%q has no marker and is %+v", body, b)
			}
			return
		case !beginPattern.MatchString(begin(b.Marker)):
			t.Fatalf("%q names %+v, which no marker can", body, b.Marker)
		case !b.Whole:
			if b.After != "" {
				t.Fatalf("%q has no end and text after it: %+v", body, b)
			}
			return
		}
		for _, part := range []string{b.Before, b.Block, b.After} {
			if strings.Contains(part, "\r") || ParseBody(part).Marker != (Marker{}) {
				t.Fatalf("%q leaves a marker or a line end in %q", body, part)
			}
		}
		// Put together again from its parts, it is the same.
		again := ParseBody(b.Before + begin(b.Marker) + "\n" + b.Block + "\n" + endMarker + b.After)
		if again != b {
			t.Fatalf("%q is %+v, and then %+v", body, b, again)
		}
	})
}

func FuzzMergeBody(f *testing.F) {
	f.Add("mine", "block")
	f.Add(NewBody(mark, "- [x] a")+"mine", "- [ ] a")
	f.Add("\r\n"+begin(mark), "x")
	f.Add("above\n"+NewBody(mark, "- [x] a\n- [X] a\n```\n- [x] a\n```")+"- [x] a", "- [ ] a\n- [ ] `b` a\n- [ ] a")
	f.Add(NewBody(mark, OursLine+"\n- [x] a\n## b\n- [x] a"), "- [ ] a\n"+OursLine+"\n- [ ] a")
	f.Add("mine\n"+strings.TrimSuffix(NewBody(mark, "old\nmine too"), endMarker+"\n"), "old")
	f.Add(NewBody(mark, "a")+"mine\n"+NewBody(mark, "b"), "a\nc")
	f.Fuzz(func(t *testing.T, existing, block string) {
		if strings.Contains(block, "ticketfoundry:begin") || strings.Contains(block, "ticketfoundry:end") || strings.Contains(block, "\r") {
			t.Skip("no block holds a marker")
		}
		once := MergeBody(existing, mark, block)
		if twice := MergeBody(once, mark, block); !SameBody(once, twice) {
			t.Fatalf("merging again changes\n%q\ninto\n%q", once, twice)
		}
		old, now := ParseBody(existing), ParseBody(once)
		if old.Whole {
			if !now.Whole || now.Marker != mark || now.Before != old.Before || now.After != old.After {
				t.Fatalf("people's text around the block changed:\n%q\nbecame\n%q", existing, once)
			}
		}
		if len(existing)+len(block) > MaxBody-1000 {
			return // the block may be cut
		}
		checkLines(t, existing, old, block, once)
		checkTicks(t, old, now, block)
	})
}

// checkLines: what people wrote into a body whose block is damaged is still there.
func checkLines(t *testing.T, existing string, old Body, block, once string) {
	t.Helper()
	if old.Whole {
		return
	}
	now := strings.Split(once, "\n")
	for l := range strings.SplitSeq(foreignLines(anyMarker.ReplaceAllString(normalise(existing), ""), block), "\n") {
		if strings.TrimSpace(l) != "" && !slices.Contains(now, l) {
			t.Fatalf("lost the line %q of\n%q\nin\n%q", l, existing, once)
		}
	}
}

// checkTicks: an item that was there before keeps its tick, and no other text changes.
func checkTicks(t *testing.T, old, now Body, block string) {
	t.Helper()
	if !old.Whole {
		return
	}
	was := map[item]bool{}
	eachItem(old.Block, func(_ int, it item, done bool) { was[it] = done })
	fresh := map[item]bool{}
	eachItem(block, func(_ int, it item, done bool) { fresh[it] = done })
	eachItem(now.Block, func(_ int, it item, done bool) {
		want, known := was[it]
		if !known {
			want = fresh[it]
		}
		if done != want {
			t.Fatalf("item %+v is ticked: %v, want %v (old block %q, new %q)", it, done, want, old.Block, block)
		}
	})
	untick := strings.NewReplacer("[x]", "[ ]", "[X]", "[ ]")
	if got, want := untick.Replace(now.Block), untick.Replace(block); got != want {
		t.Fatalf("merging changed more than ticks of the block\n%q\ninto\n%q", want, got)
	}
}

func FuzzApplied(f *testing.F) {
	for _, a := range []Applied{
		{Capability: "CRM-101"},
		{
			Capability: "CRM-101", Path: "capabilities/CRM-101--x.yml", Hash: "ab", Stage: "build", Since: "2026-03-02T09:00:00Z",
			Milestone: Milestone{Title: "CRM 2--> <!-- 4", Due: "2026-03-13"}, Record: json.RawMessage(`{"e":["--",null]}`),
			Tickets: map[string]Touched{"": {Ref: "#1"}, "build/x": {Ref: "#2", Assignees: []string{"ada"}, Closed: true, State: Open}},
		},
	} {
		line, err := a.Hide()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
		f.Add("text\r\n" + line + "\r\n" + line)
	}
	f.Add(`<!-- ticketfoundry:state {"v":1,"id":"CRM-101","tickets":null,"rec":"--\u003e"} -->`)
	f.Fuzz(func(t *testing.T, body string) {
		a, ok := FindApplied(body, "CRM-101")
		if !ok {
			return
		}
		line, err := a.Hide()
		if err != nil {
			t.Fatalf("%+v was read and cannot be written: %v", a, err)
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(line, "<!--"), "-->")
		if strings.Contains(inside, "--") || strings.ContainsAny(inside, "<>\n\r") {
			t.Fatalf("the comment would end early: %s", line)
		}
		back, ok := FindApplied(line, "CRM-101")
		if !ok {
			t.Fatalf("hidden, it is not found: %s", line)
		}
		if again, err := back.Hide(); err != nil || again != line {
			t.Fatalf("%s\nis read as\n%s (%v)", line, again, err)
		}
		if strings.Contains(WithoutState("a\n"+line+"\nb"), "ticketfoundry:state") {
			t.Fatalf("it does not go away: %s", line)
		}
	})
}

// FuzzRejoin: of a body that a person and the program changed at the same time, the person's
// text stays as it is around the block, what ours has beyond base is there, the block is ours,
// and the ticks of both are in it.
func FuzzRejoin(f *testing.F) {
	base := NewBody(mark, "- [ ] a\n- [ ] b")
	tick := func(text, name string) string {
		return strings.Replace(text, "- [ ] "+name, "- [x] "+name, 1)
	}
	f.Add(base, tick(base, "a"), tick(base, "b"))
	f.Add(base+"mine", base+"mine\nmore", "above\n"+base+"mine, reworded")
	f.Add(tick(base, "a"), base, tick(base, "a")+"- [ ] a")
	f.Add(base, tick(base, "a"), "- [ ] a\n- [ ] b\n"+base)
	f.Add(base, NewBody(mark, "new"), "")
	f.Add(base, NewBody(mark, "- [x] b\n- [ ] c"), strings.ReplaceAll(tick(base, "b"), "\n", "\r\n")+"mine\r\n")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		program, person := ParseBody(ours), ParseBody(theirs)
		if !program.Whole || program.Marker != mark || len(base)+len(ours)+len(theirs) > MaxBody-1000 {
			t.Skip()
		}
		merged := Rejoin(base, ours, theirs, mark, false)
		got := ParseBody(merged)
		if person.Whole {
			if !got.Whole || got.Marker != mark || got.Before != person.Before || !strings.HasPrefix(got.After, strings.TrimRight(person.After, "\n")) {
				t.Fatalf("people's text around the block changed:\n%q\nbecame\n%q", theirs, merged)
			}
			checkRejoinedTicks(t, ParseBody(base), program, person, got)
		}
		now := strings.Split(merged, "\n")
		had := outside(base)
		for _, line := range outside(ours) {
			if strings.TrimSpace(line) != "" && !slices.Contains(had, line) && !slices.Contains(now, line) && !anyMarker.MatchString(line) {
				t.Fatalf("lost the line %q of\n%q\nin\n%q", line, ours, merged)
			}
		}
	})
}

func checkRejoinedTicks(t *testing.T, base, program, person, got Body) {
	t.Helper()
	ticks := func(block string) map[item]bool {
		out := map[item]bool{}
		eachItem(block, func(_ int, it item, done bool) { out[it] = done })
		return out
	}
	was, mine, hers := ticks(base.Block), ticks(program.Block), ticks(person.Block)
	for it, done := range ticks(got.Block) {
		want, hasHers := hers[it]
		before, known := was[it]
		switch {
		case !hasHers:
			want = mine[it]
		case known && want == before:
			want = mine[it]
		}
		if done != want {
			t.Fatalf("item %+v is ticked: %v, want %v (base %q, ours %q, theirs %q, merged %q)", it, done, want, base.Block, program.Block, person.Block, got.Block)
		}
	}
}
