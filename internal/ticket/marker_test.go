package ticket

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var mark = Marker{Repository: "1001", Key: "CRM-101/build/scoring-endpoint"}

func TestParseBodyTakesApartWhatNewBodyMade(t *testing.T) {
	b := ParseBody("above\n" + NewBody(mark, "line 1\nline 2") + "below\n")
	if !b.Whole || b.Marker != mark || b.Before != "above\n" || b.Block != "line 1\nline 2" || b.After != "\nbelow\n" {
		t.Errorf("got %+v", b)
	}
}

func TestParseBodyRefusesWhatIsNoMarker(t *testing.T) {
	for _, body := range []string{
		"", "text",
		"<!-- ticketfoundry:begin repo=1 key=crm-1 -->\n<!-- ticketfoundry:end -->",
		"<!-- ticketfoundry:begin repo=1 key=CRM-0 -->\n<!-- ticketfoundry:end -->",
		"<!-- ticketfoundry:begin repo=1 key=CRM-1/build -->\n<!-- ticketfoundry:end -->",
		"<!-- ticketfoundry:begin repo=1 key=CRM-1/build/x/y -->\n<!-- ticketfoundry:end -->",
		"> <!-- ticketfoundry:begin repo=1 key=CRM-1 -->", // quoted by a person
		"see <!-- ticketfoundry:begin repo=1 key=CRM-1 --> there",
		"<!-- ticketfoundry:begin key=CRM-1 -->",
	} {
		if b := ParseBody(body); b.Marker.Key != "" {
			t.Errorf("ParseBody(%q) found key %q", body, b.Marker.Key)
		}
	}
}

func TestMergeKeepsPeoplesText(t *testing.T) {
	old := NewBody(mark, "old")
	for name, c := range map[string]struct{ existing, want string }{
		"above and below": {"mine\n" + old + "\nalso mine", "mine\n" + NewBody(mark, "new") + "\nalso mine"},
		"windows line ends": {
			strings.ReplaceAll("mine\n"+old+"also mine\n", "\n", "\r\n"),
			"mine\n" + NewBody(mark, "new") + "also mine\n",
		},
		"empty":            {"", NewBody(mark, "new")},
		"no marker left":   {"only mine", NewBody(mark, "new") + "\nonly mine\n"},
		"end marker cut":   {strings.TrimSuffix(old, endMarker+"\n") + "mine", NewBody(mark, "new") + "\nold\nmine\n"},
		"begin marker cut": {strings.TrimPrefix(old, begin(mark)+"\n") + "mine", NewBody(mark, "new") + "\nold\nmine\n"},
		"two blocks":       {old + "mine\n" + old, NewBody(mark, "new") + "\nold\nmine\nold\n"},
		"end before begin": {endMarker + "\n" + "mine\n" + begin(mark) + "\nold", endMarker + "\nmine\n" + NewBody(mark, "new") + "\nold\n"},
		"another key":      {NewBody(Marker{"1001", "CRM-7"}, "old") + "mine", NewBody(mark, "new") + "mine"},
	} {
		if got := MergeBody(c.existing, mark, "new"); got != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

func TestMergeMakesRoomForPeoplesText(t *testing.T) {
	mine := strings.Repeat("mine mine mine\n", 4000) // 60,000 bytes
	line, err := Applied{Capability: "CRM-101"}.Hide()
	if err != nil {
		t.Fatal(err)
	}
	block := strings.Repeat("block block\n", 1000) + "\n" + line
	got := MergeBody(NewBody(mark, "old")+mine, mark, block)
	b := ParseBody(got)
	if len(got) > MaxBody || !b.Whole || b.After != "\n"+mine {
		t.Errorf("%d bytes, whole %v, %d bytes of people's text", len(got), b.Whole, len(b.After))
	}
	if _, ok := FindApplied(got, "CRM-101"); !ok || !strings.Contains(b.Block, "Cut here") || !strings.HasPrefix(b.Block, "block block\n") {
		t.Error("the block lost its state, its beginning or the note")
	}
	if again := MergeBody(got, mark, block); again != got {
		t.Error("merging again changes the body")
	}
}

func TestMergeDropsOldStateOfDamagedBlock(t *testing.T) {
	old := strings.TrimSuffix(NewBody(mark, "text\n<!-- ticketfoundry:index AAAA -->\n<!-- ticketfoundry:state {} -->"), endMarker+"\n") + "mine"
	if got := MergeBody(old, mark, "text"); got != NewBody(mark, "text")+"\nmine\n" {
		t.Errorf("got %q", got)
	}
}

func TestMergeRestoresItsOwnLines(t *testing.T) {
	existing := strings.Replace(NewBody(mark, "a\nb\nc"), "b\n", "b changed by hand\n", 1) + "mine"
	if got := MergeBody(existing, mark, "a\nb\nc"); got != NewBody(mark, "a\nb\nc")+"mine" {
		t.Errorf("got %q", got)
	}
}

func TestMergeKeepsTicks(t *testing.T) {
	old := NewBody(mark, "## Criteria\n- [ ] `fast` under 100 ms\n- [ ] twice\n- [ ] twice\n- [ ] goes\n\n## Ready\n"+OursLine+"\n- [ ] legal")
	ticked := strings.NewReplacer("[ ] `fast`", "[x] `fast`", "[ ] goes", "[x] goes", "[ ] legal", "[x] legal").Replace(old)
	ticked = strings.Replace(ticked, "- [ ] twice\n- [ ] twice", "- [ ] twice\n- [X] twice", 1)
	block := "## Criteria\n- [ ] twice\n- [ ] new\n- [ ] twice\n- [ ] `fast` under 50 ms, reworded\n\n## Ready\n" + OursLine + "\n- [ ] legal\n- [x] scope"
	want := "## Criteria\n- [ ] twice\n- [ ] new\n- [x] twice\n- [x] `fast` under 50 ms, reworded\n\n## Ready\n" + OursLine + "\n- [ ] legal\n- [x] scope"
	if got := ParseBody(MergeBody(ticked, mark, block)).Block; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTicksInCodeAreNoItems(t *testing.T) {
	block := "```\n- [ ] sample\n```\n- [ ] real"
	existing := strings.ReplaceAll(NewBody(mark, block), "[ ]", "[x]")
	if got := ParseBody(MergeBody(existing, mark, block)).Block; got != "```\n- [ ] sample\n```\n- [x] real" {
		t.Errorf("got %q", got)
	}
}

// Whatever people do to a body, merging finds its own state again at the first try, twice
// changes nothing, and every line of theirs outside the block is still there.
func TestMergeLaws(t *testing.T) {
	line := rapid.SampledFrom([]string{
		"mine", "", "- [ ] mine to do", "- [x] a", "## Heading", begin(mark), endMarker, "```", "  indented",
		"<!-- ticketfoundry:state {} -->", "😀", begin(Marker{"77", "CRM-1"}),
	})
	rapid.Check(t, func(t *rapid.T) {
		existing := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "lines"), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "ends"))
		block := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"text", "- [ ] a", "- [ ] b", "## Heading", ""}), 0, 6).Draw(t, "block"), "\n")
		once := MergeBody(existing, mark, block)
		if twice := MergeBody(once, mark, block); !SameBody(once, twice) {
			t.Fatalf("merging again changes\n%q\ninto\n%q", once, twice)
		}
		got := ParseBody(once)
		if !strings.Contains(existing, begin(Marker{"77", "CRM-1"})) && got.Marker != mark {
			t.Fatalf("lost the marker: %q", once)
		}
		for _, l := range []string{"mine", "😀", "- [ ] mine to do"} {
			before := ParseBody(existing)
			if strings.Contains(before.Before+before.After, l) && !strings.Contains(once, l) {
				t.Fatalf("lost %q of\n%q\nin\n%q", l, existing, once)
			}
		}
	})
}

func TestAppliedSurvivesHiding(t *testing.T) {
	a := Applied{
		Version: 1, Capability: "CRM-101", Path: "capabilities/CRM-101--x.yml", Hash: "ab", Stage: "build",
		Milestone: Milestone{Title: "CRM 2--> <!-- 4", Due: "2026-03-13"},
		Tickets:   map[string]Touched{"": {Ref: "#1"}, "build/x": {Ref: "#2", Assignees: []string{"ada"}, Closed: true}},
	}
	line, err := a.Hide()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(line, "--") != 2 || strings.Contains(line, "\n") {
		t.Errorf("the comment would end early: %s", line)
	}
	got, ok := FindApplied("text\r\n"+line+"\r\nmore", "CRM-101")
	if !ok || got.Tickets["build/x"].Assignees[0] != "ada" || got.Milestone != a.Milestone || got.Path != a.Path {
		t.Errorf("got %+v, %v", got, ok)
	}
	for name, body := range map[string]string{
		"none": "text", "cut": line[:len(line)-10], "other version": strings.Replace(line, `"v":1`, `"v":2`, 1),
		"unknown field": strings.Replace(line, `"v":1`, `"v":1,"x":2`, 1),
	} {
		if _, ok := FindApplied(body, "CRM-101"); ok {
			t.Errorf("%s: read a state that is not there", name)
		}
	}
	if _, ok := FindApplied(line, "CRM-102"); ok {
		t.Error("read another capability's state")
	}
	if got := WithoutState("block\n\n" + line); got != "block" {
		t.Errorf("WithoutState: %q", got)
	}
}

func TestResolveNamesWhatHasNoRefYet(t *testing.T) {
	block := "see " + Mention("CRM-1/spec/write-spec") + " and " + Mention("CRM-2")
	if got := Resolve(block, map[Key]Ref{"CRM-2": "#7"}); got != "see `CRM-1/spec/write-spec` and #7" {
		t.Errorf("got %q", got)
	}
}

func TestKeyParts(t *testing.T) {
	k := Make("CRM-101", "build", "scoring-endpoint")
	if k.Capability() != "CRM-101" || k.Stage() != "build" || k.Name() != "scoring-endpoint" || k.Within() != "build/scoring-endpoint" || k.IsCapability() {
		t.Errorf("parts of %q", k)
	}
	if c := Key("CRM-101"); !c.IsCapability() || c.Stage() != "" || c.Name() != "" || c.Within() != "" {
		t.Errorf("parts of %q", c)
	}
}
