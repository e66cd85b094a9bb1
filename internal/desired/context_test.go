package desired_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func contextInput(t *testing.T) desired.ContextInput {
	cfg := settings()
	in := input(parse(t, sample(t), cfg), cfg, "build")
	return desired.ContextInput{
		File: in.File, Config: cfg, Repository: in.Repository, Stage: "build", Since: since, Issue: "#1",
		Tickets: []ticket.Observed{
			{Ref: "#14", Title: "[Build] Scoring endpoint · Lead scoring API (CRM-101)", Assignees: []string{"octocat", "mona"}},
			{Ref: "#15", Title: "[Build] Score table · Lead scoring API (CRM-101)"},
		},
	}
}

func TestGoldenContext(t *testing.T) {
	checkGolden(t, filepath.Join("testdata", "context.md"), desired.Context(contextInput(t))+"\n")
	in := contextInput(t)
	in.File.Capability.Status = "on_hold"
	in.Stage, in.Issue, in.Tickets = "", "", nil
	got := desired.Context(in)
	for _, want := range []string{"status: on_hold", "not made yet"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Open in") || strings.Contains(got, "| Stage") {
		t.Errorf("what is not known is left out:\n%s", got)
	}
}

// What spec and tickets say is data here too, and never takes over the comment.
func TestContextIsInertAndBounded(t *testing.T) {
	in := contextInput(t)
	in.File.Capability.Title = "@octocat <!-- ticketfoundry:sticky --> closes #3"
	in.File.Capability.Summary = strings.Repeat("Very long. ", 20_000)
	in.Tickets[0].Title = "@mona fixes #4\n### Heading"
	for i := range 100 {
		in.Tickets = append(in.Tickets, ticket.Observed{Ref: ticket.Ref(fmt.Sprintf("#%d", 100+i)), Title: "More"})
	}
	got := desired.Context(in)
	for _, bad := range []string{"@octocat ", "@mona", "<!--", "closes #3", "fixes #4", "\n### "} {
		if strings.Contains(got, bad) {
			t.Errorf("%q stands in it", bad)
		}
	}
	if len(got) > 15_000 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestLabelsOfPeople(t *testing.T) {
	cfg := settings()
	cfg.Labels.Map = map[string]string{"approved": "lgtm", "audience:docs": "documentation"}
	for _, l := range desired.Labels(cfg, []string{"approved", "rejected", "needs-context"}) {
		if l.Description == "" || len(l.Description) > 100 || len(l.Color) != 6 {
			t.Errorf("%+v", l)
		}
		if desired.Managed(l.Name) {
			t.Errorf("%s is not ours to put back or take off", l.Name)
		}
	}
	for name, want := range map[string]bool{"approved": true, "Rejected": true, "needs-context": false, "lgtm": false} {
		if desired.Deciding(name) != want {
			t.Errorf("Deciding(%q) is %v", name, !want)
		}
	}
}
