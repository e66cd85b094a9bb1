package desired_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/capability"
	"github.com/ticketfoundry/ticketfoundry/internal/cogs"
	"github.com/ticketfoundry/ticketfoundry/internal/config"
	"github.com/ticketfoundry/ticketfoundry/internal/desired"
	"github.com/ticketfoundry/ticketfoundry/internal/pipeline"
	"github.com/ticketfoundry/ticketfoundry/internal/record"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

var update = flag.Bool("update", false, "rewrite golden files")

var since = time.Date(2027, 2, 1, 10, 0, 0, 0, time.UTC)

func settings() *config.Config {
	cfg := config.Default()
	cfg.Products["CRM"] = config.Product{Name: "Customer relations"}
	cfg.Audiences["press"] = config.Audience{
		Assignees: []string{"pia"}, Due: config.Due{Before: "embargo", Days: 5},
		Intro: "House style is in the handbook.", Checklist: []string{"Legal has read it"},
	}
	cfg.Compliance.Checklist = []string{"Data processing agreement checked"}
	cfg.Cogs.Policies.CostReviewAbove = cogs.MustDecimal("100")
	for i, s := range cfg.Pipeline.Stages {
		if s.ID == "spec-approval" {
			cfg.Pipeline.Stages[i].Approvers = []string{"role:maintain", "linus"}
		}
	}
	return cfg
}

func parse(t testing.TB, text string, cfg *config.Config) *capability.File {
	t.Helper()
	f, findings := capability.Parse("capabilities/CRM-101.yml", []byte(text), cfg.Vocabulary())
	if f == nil {
		t.Fatalf("spec: %v", findings)
	}
	return f
}

func sample(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/capability.yml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func input(f *capability.File, cfg *config.Config, stage string) desired.Input {
	return desired.Input{
		File: f, Config: cfg,
		Status: status(f, cfg, stage),
		Repository: ticket.Repository{
			ID: "42", Name: "acme/crm", URL: "https://github.com/acme/crm", DefaultBranch: "main",
			Features: ticket.Features{SubIssues: true, Dependencies: true, Types: true}, IssueTypes: []string{"Task", "Bug", "Story"},
		},
		Depends: []desired.Dependency{{ID: "CRM-100", Title: "Lead import", Stage: "uat", Known: true}},
		Blocks:  []string{"CRM-104"},
		Together: desired.Together{
			Late: []desired.Late{{ID: "CRM-103", Title: "Score history"}, {ID: "CRM-106", Title: "Call notes, #12", Why: "on hold"}},
			Costs: cogs.Exchange{Currency: "USD"}.Add([]cogs.Entry{
				{Estimate: f.Capability.Cogs}, {Estimate: cogs.Estimate{}},
				{Estimate: cogs.Estimate{Currency: "USD", Drivers: []cogs.Driver{{Name: "Disks", Kind: "storage", UnitCost: cogs.MustDecimal("0.1"), Quantity: cogs.MustDecimal("500")}}}},
			}),
		},
		Commit: "0123456789abcdef0123456789abcdef01234567",
	}
}

// status is that of a capability that has walked from the first stage to another, with
// everything on the way done and approved.
func status(f *capability.File, cfg *config.Config, stage string) pipeline.Status {
	in := pipeline.Case{Capability: f.Capability, Config: cfg, Now: since, Began: since, Facts: map[ticket.Key]pipeline.Fact{}}
	for _, step := range pipeline.Decide(in).Steps {
		if step.Stage.ID == stage {
			break
		}
		for i, t := range step.Tickets {
			in.Facts[t.Key] = pipeline.Fact{State: ticket.Completed, ClosedAt: since, Closer: pipeline.Person}
			if t.Approval {
				in.Record.Entries = append(in.Record.Entries, record.Entry{
					Kind: record.Approved, Ticket: t.Key.Within(), Who: "linus", ID: int64(i + 1), At: since,
					Hash: pipeline.Hash(pipeline.Bound(t, f.Capability, nil)), Rests: "event:" + string(t.Key),
				})
			}
		}
		in.Record.Entries = append(in.Record.Entries, record.Entry{Kind: record.Moved, From: step.Stage.ID, To: next(cfg, f, step.Stage.ID), At: since})
	}
	return pipeline.Decide(in).Status
}

func next(cfg *config.Config, f *capability.File, stage string) string {
	walked := pipeline.Stages(cfg, f.Capability.Track)
	for i := range walked[:len(walked)-1] {
		if walked[i].ID == stage {
			return walked[i+1].ID
		}
	}
	return pipeline.Shipped
}

// Every kind of ticket has one golden file, to be read as the person who gets it.
func TestGoldenBodies(t *testing.T) {
	cfg := settings()
	cfg.Audiences["press"] = audienceWith(cfg.Audiences["press"], "lena")
	for i := range cfg.Pipeline.Stages {
		cfg.Pipeline.Stages[i].Split = true
	}
	f := parse(t, sample(t), cfg)
	want := map[string]bool{}
	for _, s := range cfg.Pipeline.Stages {
		model := desired.Build(input(f, cfg, s.ID))
		for _, d := range model.Tickets {
			name := strings.ReplaceAll(d.Key.Within(), "/", "-") + ".md"
			if d.Key.IsCapability() {
				name = "capability-in-" + s.ID + ".md"
				if s.ID != "triage" && s.ID != "build" && s.ID != "shipped" {
					continue
				}
			}
			if want[name] {
				continue
			}
			want[name] = true
			checkGolden(t, filepath.Join("testdata", "bodies", name), render(d))
		}
	}
	files, _ := filepath.Glob("testdata/bodies/*.md")
	if len(files) != len(want) || len(want) < 15 {
		t.Errorf("%d golden files for %d kinds of tickets", len(files), len(want))
	}
}

func audienceWith(a config.Audience, approver string) config.Audience {
	a.Approvers = []string{approver}
	return a
}

func render(d ticket.Desired) string {
	refs := map[ticket.Key]ticket.Ref{"CRM-101": "#1", "CRM-100": "#99", "CRM-104": "#98"}
	for _, k := range ticket.Mentions(d.Block) {
		if refs[k] == "" {
			refs[k] = ticket.Ref(fmt.Sprintf("#%d", len(refs)-1))
		}
	}
	head := "title: " + d.Title + "\nlabels: " + strings.Join(d.Labels, ", ") + "\n"
	if len(d.Extra) > 0 {
		head += "own labels: " + strings.Join(d.Extra, ", ") + "\n"
	}
	head += "assignees: " + strings.Join(d.Assignees, ", ") + "\nmilestone: " + d.Milestone + "\n"
	if d.Type != "" {
		head += "type: " + d.Type + "\n"
	}
	if d.State != "" {
		head += "state: " + string(d.State) + "\n"
	}
	return head + "\n" + ticket.Resolve(d.Block, refs) + "\n"
}

func checkGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read it):\n%s", path, got)
	}
}
