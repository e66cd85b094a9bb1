package bugs_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/bugs"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func rule() bugs.Rule {
	return bugs.Rule{
		Labels: []string{"bug", "hotfix"}, Needs: bugs.NeedsContext,
		Capabilities: []string{"CRM-101", "CRM-7"}, Components: []string{"auth-service"},
		Browse: "https://github.com/octo-org/crm/issues?q=label%3Acapability",
	}
}

func TestJudge(t *testing.T) {
	bug := []string{"bug"}
	for name, c := range map[string]struct {
		issue bugs.Issue
		want  bugs.Step
	}{
		"names nothing":            {bugs.Issue{Title: "It broke", Body: "Really.", Labels: bug}, bugs.Ask},
		"hotfix, another case":     {bugs.Issue{Title: "It broke", Labels: []string{"HotFix"}}, bugs.Ask},
		"no bug":                   {bugs.Issue{Title: "A question", Labels: []string{"question"}}, bugs.Nothing},
		"no label":                 {bugs.Issue{Title: "It broke"}, bugs.Nothing},
		"id in the title":          {bugs.Issue{Title: "CRM-101: it broke", Labels: bug}, bugs.Nothing},
		"id in the text":           {bugs.Issue{Title: "It broke", Body: "Since `CRM-7` it does.", Labels: bug}, bugs.Nothing},
		"id in a form":             {bugs.Issue{Title: "It broke", Body: "### Capability or component\n\nCRM-7\n\n### What happened\n\nBoom", Labels: bug}, bugs.Nothing},
		"component in a form":      {bugs.Issue{Title: "It broke", Body: "### Capability or component\n\nAuth-Service\n", Labels: bug}, bugs.Nothing},
		"form left empty":          {bugs.Issue{Title: "It broke", Body: "### Capability or component\n\n_No response_\n", Labels: bug}, bugs.Ask},
		"label of a capability":    {bugs.Issue{Title: "It broke", Labels: []string{"bug", "capability:CRM-101"}}, bugs.Nothing},
		"label of none":            {bugs.Issue{Title: "It broke", Labels: []string{"bug", "capability:CRM-999"}}, bugs.Ask},
		"id that nobody knows":     {bugs.Issue{Title: "CRM-999", Labels: bug}, bugs.Ask},
		"longer id":                {bugs.Issue{Title: "CRM-1010", Labels: bug}, bugs.Ask},
		"id in lower case":         {bugs.Issue{Title: "crm-101", Labels: bug}, bugs.Ask},
		"id only in a log":         {bugs.Issue{Title: "It broke", Body: "```\nCRM-101 auth-service\n```", Labels: bug}, bugs.Ask},
		"id only quoted":           {bugs.Issue{Title: "It broke", Body: "> CRM-101", Labels: bug}, bugs.Ask},
		"id only in a form's hint": {bugs.Issue{Title: "It broke", Body: "<!-- such as CRM-101 -->", Labels: bug}, bugs.Ask},
		"asked already":            {bugs.Issue{Title: "It broke", Labels: []string{"bug", "needs-context"}}, bugs.Nothing},
		"asked, names it now":      {bugs.Issue{Title: "CRM-7 broke", Labels: []string{"bug", "Needs-Context"}}, bugs.Settle},
		"asked by us, no bug":      {bugs.Issue{Title: "It broke", Labels: []string{"needs-context"}, Asked: true}, bugs.Settle},
		"asked, no bug any more":   {bugs.Issue{Title: "It broke", Labels: []string{"needs-context"}}, bugs.Nothing},
	} {
		c.issue.Open = true
		if got := rule().Judge(c.issue); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		c.issue.Open = false
		if got := rule().Judge(c.issue); got != bugs.Nothing {
			t.Errorf("%s, closed: got %q", name, got)
		}
	}
	nothing := bugs.Rule{Labels: bug, Needs: bugs.NeedsContext}
	if got := nothing.Judge(bugs.Issue{Title: "It broke", Labels: bug, Open: true}); got != bugs.Nothing {
		t.Errorf("nothing to name: got %q", got)
	}
}

func TestQuestion(t *testing.T) {
	many := rule()
	many.Components = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "@octo/k", "l"}
	ids := rule()
	ids.Components, ids.Browse = nil, ""
	for name, r := range map[string]bugs.Rule{"both": rule(), "many": many, "ids": ids} {
		path, got := filepath.Join("testdata", name+".md"), r.Question()+"\n"
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs (-update rewrites it)\n%s", path, got)
		}
	}
}
