package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ticketfoundry/ticketfoundry/internal/action/actiontest"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// ours are the commands that the program itself gives to the runner.
var ours = []string{"add-mask", "group", "endgroup", "error", "warning", "notice"}

// evil is text that wants to be obeyed: by the runner, by GitHub, by our own parser.
func evil() []string {
	out := []string{
		"<!-- ticketfoundry:end -->", "<!-- ticketfoundry:begin repo=1 key=CRM-9 -->",
		"<!-- ticketfoundry:state {\"v\":1,\"id\":\"CRM-1\",\"gone\":true} -->", "<!-- ticketfoundry:sticky -->",
		"--> out", "</details>", "@octo-org/everyone look", "@mona", "fixes #1", "Closes octo-org/crm#1", "Resolves https://github.com/octo-org/crm/issues/1",
		"```\nunclosed", "[x](javascript:alert(1))", "<script>alert(1)</script>", "![](https://example.com/pixel.png)", "| a | b |", "- [x] done", "# Heading",
		"Duplicate of #1", "${{ secrets.TOKEN }}", "\\", "`", "``` mermaid", "%%{init}%%",
	}
	for i, h := range actiontest.Hostile() {
		if i%9 == 0 {
			out = append(out, h)
		}
	}
	return out
}

// printable tells whether a YAML file may hold the text at all.
func printable(s string) bool {
	return strings.ToValidUTF8(s, "") == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f })
}

func hostileSpec(t *testing.T, id, text string) string {
	line := strings.Join(strings.Fields(text), " ")
	spec := map[string]any{
		"id": id, "title": strings.TrimSpace("Title " + line), "summary": text, "owner": "octocat", "user": text, "legal": text,
		"success_criteria": []string{"Goal " + line}, "acceptance_criteria": []string{"It does " + line},
		"tickets": map[string]any{"triage": []any{map[string]any{"key": "extra", "title": "Extra " + line, "body": text, "acceptance": []string{"Then " + line}}}},
		"cogs":    map[string]any{"currency": "USD", "drivers": []any{map[string]any{"name": "Driver " + line, "kind": "other", "unit": "call", "unit_cost": "1", "quantity": "1"}}},
	}
	out, err := yaml.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// obeyed fails if the runner finds a command in the log that is none of ours, or one of ours
// more often than we gave it.
func obeyed(t *testing.T, log string) {
	t.Helper()
	open := 0
	for _, c := range actiontest.Commands(log) {
		switch {
		case !slices.Contains(ours, c.Name):
			t.Errorf("the runner obeys %+v", c)
		case c.Name == "group":
			open++
		case c.Name == "endgroup":
			open--
		case c.Name == "add-mask" && c.Data != "ghs_workflow":
			t.Errorf("masks %q", c.Data)
		case (c.Name == "error" || c.Name == "warning") && c.Props["file"] != "" && !strings.HasPrefix(c.Props["file"], "capabilities/"):
			t.Errorf("marks %+v", c)
		}
	}
	if open != 0 {
		t.Errorf("%d groups are left open", open)
	}
}

func TestHostileSpecsAreInert(t *testing.T) {
	files, n := map[string]string{}, 0
	for _, text := range evil() {
		if !printable(text) {
			continue
		}
		n++
		id := fmt.Sprintf("CRM-%d", n)
		files[path(id)] = hostileSpec(t, id, text)
	}
	r := newRepo(t, options(), files)
	res := r.push()
	obeyed(t, res.stdout+res.stderr)
	silent(t, "the summary", res.summary, "<script", "<!-- ticketfoundry", "\n::error")
	issues := r.srv.Issues()
	if len(issues) < n {
		t.Fatalf("%d issues of %d specs: too many are refused\n%.3000s", len(issues), n, res.stdout)
	}
	for _, i := range issues {
		b := ticket.ParseBody(i.Body)
		if b.Marker.Key == ticket.Board {
			continue
		}
		if !b.Whole || !slices.Contains(i.Labels, "capability:"+b.Marker.Key.Capability()) || strings.TrimSpace(b.Before+b.After) != "" {
			t.Errorf("#%d %s: its markers are broken:\n%s", i.Number, i.Title, i.Body)
		}
		for _, live := range []string{"@mona", "@octo-org", "fixes #1", "Closes octo-org/crm#1", "<script", "Duplicate of #1"} {
			if strings.Contains(outsideCode(b.Block), live) {
				t.Errorf("#%d %s: %q is live:\n%s", i.Number, i.Title, live, i.Body)
			}
		}
		if b.Marker.Key.IsCapability() {
			if a, ok := ticket.FindApplied(i.Body, string(b.Marker.Key)); !ok || a.Gone {
				t.Errorf("#%d: its state is not ours", i.Number)
			}
		}
	}
	r.srv.ResetJournal()
	r.push()
	r.unwritten()
	p := r.open(map[string]string{path("CRM-999"): hostileSpec(t, "CRM-999", strings.Join(evil()[:24], "\n")), "capabilities/x.yml": "id: CRM-998\n\"::error::x\\n##[error]\": <!-- -->\n"})
	pr := p.run()
	obeyed(t, pr.stdout+pr.stderr)
	for _, c := range p.comments() {
		silent(t, "the comment", outsideCode(strings.TrimPrefix(c.Body, "<!-- ticketfoundry:sticky -->")), "@mona", "fixes #1", "<!-- ticketfoundry", "<script")
	}
}

// outsideCode leaves out code spans and fences, in which nothing is live.
func outsideCode(md string) string {
	var out []string
	fence := false
	for l := range strings.SplitSeq(md, "\n") {
		if strings.HasPrefix(strings.TrimLeft(l, " >"), "```") {
			fence = !fence
			continue
		}
		if !fence {
			out = append(out, spans.ReplaceAllString(l, ""))
		}
	}
	return strings.Join(out, "\n")
}
