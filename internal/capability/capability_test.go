package capability_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

const least = "id: CRM-101\ntitle: Lead scoring API\nsummary: Scores every new lead.\nowner: octocat\n"

func parse(t *testing.T, text string) *capability.File {
	t.Helper()
	f, findings := capability.Parse("capabilities/CRM-101.yml", []byte(text), capability.Vocabulary{})
	if f == nil {
		t.Fatalf("refused: %v", findings)
	}
	return f
}

func TestDefaultsAreFilledIn(t *testing.T) {
	c := parse(t, strings.Replace(least, "octocat", `"@octocat"`, 1)+`
acceptance_criteria: [Works]
technology: {apis: [{key: a, name: A}]}
tickets: {build: [{key: b, title: B, assignees: ["@ada"]}], spec: [{key: c, title: C}]}
cogs: {currency: USD, drivers: [{name: Calls, kind: api_calls, unit_cost: 0.1, quantity: 2}]}
`).Capability
	want := capability.Capability{
		Version: 1, ID: "CRM-101", Title: "Lead scoring API", Summary: "Scores every new lead.", Owner: "octocat",
		Priority: "p2", Status: "active", Track: "standard",
		AcceptanceCriteria: []capability.Criterion{{Text: "Works", Kind: "normal"}},
		Documents:          capability.Documents{Spec: "capabilities/CRM-101.yml"},
		Technology:         capability.Technology{APIs: []capability.Item{{Key: "a", Name: "A", Type: "task"}}},
		Tickets: capability.StageTickets{
			{Stage: "build", Key: "b", Title: "B", Audience: "engineering", Type: "task", Assignees: []string{"ada"}},
			{Stage: "spec", Key: "c", Title: "C", Audience: "engineering", Type: "task"},
		},
	}
	if c.Cogs.Period != "month" || c.Cogs.Monthly().Canonical() != "0.2" {
		t.Errorf("cogs: %+v", c.Cogs)
	}
	c.Cogs = want.Cogs
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestVersionsAndDatesStayAsWritten(t *testing.T) {
	c := parse(t, least+"release: {version: 1.10, target_date: 2026-03-13}\n").Capability
	if c.Release.Version != "1.10" || c.Release.TargetDate != "2026-03-13" {
		t.Errorf("got %+v", c.Release)
	}
}

func TestHashIsOfContentOnly(t *testing.T) {
	same := []string{
		least + "scope:\n  in: [One, Two]\nlegal: \"It's fine\"\ncogs: {budget: 1.50, currency: USD}\n",
		"# comment\n" + strings.ReplaceAll(least, "\n", "\r\n") + "legal: 'It''s fine'\r\ncogs:\r\n  currency: USD\r\n  budget: '1.5'\r\nscope: {in: [\"One\", Two], out: []}\r\n",
		least + "version: 1\npriority: p2\ndata:\ndepends_on: []\nuser: ''\nlegal: It's fine\nscope: {in: [One, Two]}\ncogs: {budget: \"1.500\", currency: USD, drivers: []}\ndocuments: {}\n",
	}
	first := parse(t, same[0])
	for _, text := range same[1:] {
		if got := parse(t, text); got.Hash != first.Hash {
			t.Errorf("hash %s differs from %s for the same content:\n%s", got.Hash, first.Hash, text)
		}
	}
	other, findings := capability.Parse("elsewhere/CRM-101.yml", []byte(same[0]), capability.Vocabulary{})
	if other == nil || other.Hash != first.Hash {
		t.Errorf("the path changes the hash; findings %v", findings)
	}
	for _, text := range []string{same[0] + "priority: p1\n", strings.Replace(same[0], "Two", "Too", 1), strings.Replace(same[0], "1.50", "1.51", 1)} {
		if parse(t, text).Hash == first.Hash {
			t.Errorf("other content has the same hash:\n%s", text)
		}
	}
}

func TestSetHoldsBackOnlyWhatIsBroken(t *testing.T) {
	spec := func(id, more string) []byte {
		return []byte(strings.Replace(least, "CRM-101", id, 1) + more)
	}
	texts := []capability.Text{
		{Path: "c/CRM-10.yml", Content: spec("CRM-10", "depends_on: [CRM-2]\n")},
		{Path: "c/CRM-9.yml", Content: spec("CRM-9", "depends_on: [CRM-7]\n")},
		{Path: "c/CRM-2.yml", Content: spec("CRM-2", "titel: x\n")},
		{Path: "c/CRM-7.yml", Content: spec("CRM-7", "")},
		{Path: "c/CRM-7b.yml", Content: spec("CRM-7", "")},
		{Path: "c/ERP-1.yml", Content: spec("ERP-1", "")},
	}
	set := capability.Check(texts, capability.Vocabulary{})
	var ids []string
	for _, f := range set.Files {
		ids = append(ids, f.Capability.ID)
	}
	if got := strings.Join(ids, " "); got != "CRM-9 CRM-10 ERP-1" {
		t.Errorf("usable: %s\n%v", got, set.Findings)
	}
	want := []capability.Broken{
		{Path: "c/CRM-2.yml", IDs: []string{"CRM-2"}}, {Path: "c/CRM-7.yml", IDs: []string{"CRM-7"}}, {Path: "c/CRM-7b.yml", IDs: []string{"CRM-7"}},
	}
	if !reflect.DeepEqual(set.Broken, want) {
		t.Errorf("broken: %+v", set.Broken)
	}
	if set.Unreadable {
		t.Error("files whose ids are known count as unreadable")
	}
	if set.ByID("CRM-10") == nil || set.ByID("CRM-7") != nil || set.ByID("") != nil {
		t.Error("ByID does not follow the list of usable files")
	}
	if p := set.ByID("CRM-10").At("depends_on", 0); p.String() != "c/CRM-10.yml:5:14" {
		t.Errorf("position %s", p)
	}
}

func TestUnreadable(t *testing.T) {
	for text, want := range map[string]bool{
		least:                                   false,
		least + "x: y\n":                        false,
		strings.Replace(least, "CRM", "crm", 1): true, // nobody knows which capability it is
		least + "scope: [\n":                    true, // may hold anything
		"":                                      true,
		"\x00":                                  true,
	} {
		set := capability.Check([]capability.Text{{Path: "c.yml", Content: []byte(text)}}, capability.Vocabulary{})
		if set.Unreadable != want {
			t.Errorf("%q: unreadable is %v\n%v", text, set.Unreadable, set.Findings)
		}
	}
}

// TestFilesThatGitCannotHold covers what testdata/err cannot.
func TestFilesThatGitCannotHold(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "capabilities", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "capabilities"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("CRM-1.yml", strings.Replace(least, "CRM-101", "CRM-1", 1))
	write("CRM-2.yml", strings.Replace(least, "CRM-101", "CRM-2", 1)+"# "+strings.Repeat("x", 300<<10))
	write("CRM-3.yml", "id: CRM-3\ntitle: a\x00b\n")
	write("CRM-4.yml", "id: CRM-4\ntitle: caf\xe9\n")
	write("CRM-5.yml", "\xff\xfei\x00d\x00")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "capabilities", "CRM-6.yml")); err != nil {
		t.Skip("links cannot be made here: ", err)
	}
	got, _ := findings(t, dir)
	want := `capabilities/CRM-2.yml: the file has 301 KiB; 256 KiB are allowed; move long texts into their own files and name them under documents [file-too-large]
capabilities/CRM-3.yml:2:9: the file holds NUL (\u{0}): it is not plain text; save it as plain text in UTF-8; documents of word processors and spreadsheets cannot be read [not-text]
capabilities/CRM-4.yml:2:11: the byte \xe9 is not UTF-8 text; save the file as UTF-8 and type the character at this place again [not-utf8]
capabilities/CRM-5.yml: the file is saved as UTF-16; save it as UTF-8 [not-utf8]
capabilities/CRM-6.yml: this is a symbolic link; links are not followed; put the real file in its place [symlink]
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	ws, err := source.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	set, err := capability.Load(ws, config.Default().Capabilities, capability.Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	if !set.Unreadable || len(set.Files) != 1 || len(set.Broken) != 5 {
		t.Errorf("unreadable %v, %d usable, broken %+v", set.Unreadable, len(set.Files), set.Broken)
	}
}

// TestOrderOfFilesIsIrrelevant: the same texts in any order give the same set.
func TestOrderOfFilesIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "files")
		texts := make([]capability.Text, n)
		for i := range texts {
			id := fmt.Sprintf("CRM-%d", rapid.IntRange(1, 6).Draw(t, "id"))
			on := rapid.SliceOfN(rapid.SampledFrom([]string{"CRM-1", "CRM-2", "CRM-3", "CRM-4", "CRM-9"}), 0, 3).Draw(t, "depends on")
			status := rapid.SampledFrom([]string{"active", "cancelled", "gone"}).Draw(t, "status")
			texts[i] = capability.Text{
				Path:    fmt.Sprintf("c/%d.yml", i),
				Content: fmt.Appendf(nil, "id: %s\ntitle: Title of it\nsummary: x\nowner: o\nstatus: %s\ndepends_on: [%s]\n", id, status, strings.Join(on, ", ")),
			}
		}
		print := func(s *capability.Set) string {
			var b strings.Builder
			for _, f := range s.Files {
				fmt.Fprintln(&b, f.Path, f.Capability.ID, f.Hash)
			}
			fmt.Fprintln(&b, s.Broken, s.Unreadable)
			for _, f := range s.Findings {
				fmt.Fprintln(&b, f)
			}
			return b.String()
		}
		want := print(capability.Check(texts, capability.Vocabulary{}))
		got := print(capability.Check(rapid.Permutation(texts).Draw(t, "order"), capability.Vocabulary{}))
		if got != want {
			t.Fatalf("another order gives another set:\n%s\nwant:\n%s", got, want)
		}
	})
}

// TestManyFilesInOneKnot: 2,000 capabilities that all wait for one another are refused without
// working out every way round.
func TestManyFilesInOneKnot(t *testing.T) {
	const n = 2000
	texts := make([]capability.Text, n)
	for i := range texts {
		var on []string
		for j := range 20 {
			on = append(on, fmt.Sprintf("CRM-%d", (i+1+j*j)%n+1))
		}
		texts[i] = capability.Text{
			Path:    fmt.Sprintf("CRM-%d.yml", i+1),
			Content: fmt.Appendf(nil, "id: CRM-%d\ntitle: Title of it\nsummary: x\nowner: o\ndepends_on: [%s]\n", i+1, strings.Join(on, ", ")),
		}
	}
	set := capability.Check(texts, capability.Vocabulary{})
	cycles := 0
	for _, f := range set.Findings {
		if f.Rule == "dependency-cycle" {
			cycles++
		}
	}
	if cycles != n || len(set.Files) != 0 {
		t.Errorf("%d findings about cycles, %d usable files", cycles, len(set.Files))
	}
}

// TestWrongFilesStayCheap: files at the limit of size, wrong in every place, cost no more than
// the share of memory that a file has.
func TestWrongFilesStayCheap(t *testing.T) {
	v := config.Default().Vocabulary()
	for name, text := range map[string]string{
		"unknown keys":  least + numbered("unknown%d: x\n", 9000),
		"wrong items":   least + "acceptance_criteria:\n" + strings.Repeat("  - {id: x, text: [], kind: y}\n", 2500),
		"wrong texts":   least + "success_criteria:\n" + strings.Repeat("  - [x]\n", 9000),
		"many tickets":  least + "tickets:\n  build:\n" + numbered("    - {key: k%d, title: t}\n", 3500),
		"same tickets":  least + "tickets:\n  build:\n" + strings.Repeat("    - {key: k, title: t}\n", 95),
		"one long text": least + "user: " + strings.Repeat("long ", 50_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, findings := capability.Parse("CRM-101.yml", []byte(text), v)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d MiB were allocated", name, used>>20)
		}
		if f != nil || !findings.HasErrors() || len(findings) > 300 {
			t.Errorf("%s: usable %v, %d findings", name, f != nil, len(findings))
		}
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestFieldsNameWhatPipelinesAskFor(t *testing.T) {
	fields := capability.Fields()
	for _, s := range config.Default().Pipeline.Stages {
		for _, field := range s.Ready {
			if !slices.Contains(fields, field) {
				t.Errorf("%s asks for %q, which specs do not have", s.ID, field)
			}
		}
	}
}

// FuzzParse: whatever the text, a file is either usable, with a hash and its decoded form in
// JSON and back, or refused with an error that stands in it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(least))
	f.Add([]byte(realisticSpec))
	f.Add([]byte(least + "tickets: {build: [{key: a, title: b}]}\ncogs: {drivers: [{unit_cost: 1.5}]}\n"))
	f.Add([]byte(least + "sections: {a: b}\ndepends_on: [CRM-101]\nacceptance_criteria: [{id: a, text: b}, c]\n"))
	v := config.Default().Vocabulary()
	f.Fuzz(func(t *testing.T, text []byte) {
		file, findings := capability.Parse("capabilities/CRM-101.yml", text, v)
		if (file == nil) != findings.HasErrors() {
			t.Fatalf("usable %v with findings %v", file != nil, findings)
		}
		if slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.Rule == "schema" }) {
			t.Fatalf("the schema accepts what does not decode: %v", findings)
		}
		if file == nil {
			return
		}
		out, err := json.Marshal(file.Capability)
		if err != nil {
			t.Fatal(err)
		}
		var back capability.Capability
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(out) {
			t.Errorf("JSON and back: %s\nthen: %s (%v)", out, again, err)
		}
	})
}
