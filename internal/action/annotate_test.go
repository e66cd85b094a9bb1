package action

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/action/actiontest"
	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

func finding(severity diag.Severity, file string, line int, message string) diag.Finding {
	return diag.Finding{
		Position: diag.Position{File: file, Line: line, Column: 3, EndColumn: 8},
		Severity: severity, Rule: "unknown-key", Message: message, Hint: "mend it",
	}
}

// annotations is what the runner reads when the findings are annotated.
func annotations(list diag.List) (log string, cmds []actiontest.Command) {
	var b bytes.Buffer
	New(env(nil), &b).Annotate(list)
	return b.String(), actiontest.Commands(b.String())
}

func TestAnnotateOne(t *testing.T) {
	f := finding(diag.Error, "capabilities/CRM-101.yml", 12, `unknown key "titel"`)
	log, _ := annotations(diag.List{f})
	want := `::error col=3,endColumn=7,file=capabilities/CRM-101.yml,line=12::unknown key "titel"; mend it [unknown-key]` + "\n"
	if log != want {
		t.Errorf("got  %swant %s", log, want)
	}
}

func TestAnnotateWithoutAPlace(t *testing.T) {
	log, _ := annotations(diag.List{
		{Severity: diag.Error, Rule: "input", Message: "input mode: wrong"},
		{Position: diag.Position{File: "a.yml"}, Severity: diag.Warning, Rule: "r", Message: "whole file"},
	})
	if want := "::error::input mode: wrong [input]\n::warning file=a.yml::whole file [r]\n"; log != want {
		t.Errorf("got %q, want %q", log, want)
	}
}

func TestAnnotateMergesBeyondTen(t *testing.T) {
	var one, two, many diag.List
	for i := range 30 {
		one.Add(finding(diag.Error, "a.yml", i+1, "wrong"))
		two.Add(finding(diag.Warning, fmt.Sprintf("%c.yml", 'a'+i%2), i+1, "wrong"))
		many.Add(finding(diag.Notice, fmt.Sprintf("%02d.yml", i), 1, "wrong"))
	}
	_, cmds := annotations(one)
	if len(cmds) != 10 || cmds[8].Data != "wrong; mend it [unknown-key]" || cmds[8].Props["line"] != "9" {
		t.Errorf("one file: %v", cmds)
	}
	if last := cmds[9]; last.Props["line"] != "10" || !strings.Contains(last.Data, "\nline 30: wrong; mend it [unknown-key]") {
		t.Errorf("one file, the tenth: %v", last)
	}
	_, cmds = annotations(two)
	if len(cmds) != 10 || cmds[4].Props["file"] != "a.yml" || cmds[5].Props["file"] != "b.yml" {
		t.Errorf("two files do not share evenly: %v", cmds)
	}
	_, cmds = annotations(many)
	if want := "\n… and 20 notices more in 21 files; the full list is in the job summary"; len(cmds) != 10 || !strings.HasSuffix(cmds[9].Data, want) {
		t.Errorf("many files: %v", cmds)
	}
}

func TestAnnotationLengthIsBounded(t *testing.T) {
	long := strings.Repeat("ж", 6000)
	for name, list := range map[string]diag.List{
		"one long":         {finding(diag.Error, "a.yml", 1, long)},
		"two long":         {finding(diag.Error, "a.yml", 1, long), finding(diag.Error, "a.yml", 1, long+"b")},
		"short, then long": {finding(diag.Error, "a.yml", 1, "a"), finding(diag.Error, "a.yml", 1, "b"+long)},
	} {
		_, cmds := annotations(list)
		if len(cmds) != 1 || len(cmds[0].Data) > maxMessage || !strings.Contains(cmds[0].Data, "job summary") {
			t.Errorf("%s: %d annotations, %d bytes, %q", name, len(cmds), len(cmds[0].Data), cmds[0].Data[max(0, len(cmds[0].Data)-90):])
		}
	}
}

// TestAnnotateLaws: whatever the findings say, the runner reads at most ten commands of
// each kind and no other, each within its length, and every file it names has a finding.
func TestAnnotateLaws(t *testing.T) {
	corpus := actiontest.Hostile()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom(corpus), rapid.String())
		list := diag.List(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) diag.Finding {
			return diag.Finding{
				Position: diag.Position{
					File: text.Draw(t, "file"), Line: rapid.IntRange(0, 40).Draw(t, "line"), Column: rapid.IntRange(0, 9).Draw(t, "column"),
				},
				Severity: rapid.SampledFrom([]diag.Severity{diag.Error, diag.Warning, diag.Notice}).Draw(t, "severity"),
				Rule:     "r", Message: text.Draw(t, "message"), Hint: text.Draw(t, "hint"),
			}
		}), 0, 80).Draw(t, "findings"))
		log, cmds := annotations(list)
		if strings.Count(log, "\n") != len(cmds) {
			t.Fatalf("%d lines, %d commands:\n%s", strings.Count(log, "\n"), len(cmds), log)
		}
		kinds := map[string]int{}
		for _, c := range cmds {
			kinds[c.Name]++
			if len(c.Data) > maxMessage {
				t.Fatalf("message of %d bytes", len(c.Data))
			}
			for key := range maps.Keys(c.Props) {
				if !slices.Contains([]string{"file", "line", "col", "endColumn"}, key) {
					t.Fatalf("foreign property %q in %q", key, log)
				}
			}
		}
		for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
			if got := kinds[string(s)]; got > maxAnnotations || (got == 0) != (list.Count(s) == 0) {
				t.Fatalf("%d annotations for %d findings of kind %s", got, list.Count(s), s)
			}
			delete(kinds, string(s))
		}
		if len(kinds) > 0 {
			t.Fatalf("foreign commands: %v", kinds)
		}
	})
}
