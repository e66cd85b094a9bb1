package report

import (
	"io"
	"strings"
	"testing"
)

func sampleRows() []Row {
	return []Row{
		{
			ID: "CRM-101", Title: "Lead scoring API", Ref: "#1", URL: "https://github.com/octo/crm/issues/1",
			Stage: "Build", Since: "2026-11-22", Owner: "mara-ilves", Priority: "p1", Release: "2.4", Target: "2027-02-26",
			Band: "medium", Monthly: "$712.24/month", Status: "active",
			Tickets: []TicketRow{
				{Key: "CRM-101/build/scoring-endpoint", Ref: "#2", URL: "https://github.com/octo/crm/issues/2", Title: "[Build] Scoring endpoint · Lead scoring API (CRM-101)", Stage: "build", Audience: "engineering", State: "open", Assignees: []string{"jonas-ferber"}},
				{Key: "CRM-101/build/score-store", Ref: "#10", URL: "https://github.com/octo/crm/issues/10", Title: "[Build] Score store · Lead scoring API (CRM-101)", State: "completed", Assignees: []string{"jonas-ferber"}},
				{Key: "CRM-101/release/press-release", Ref: "#11", Title: "[Press] Write the press release · Lead scoring API (CRM-101)", State: "open"},
			},
		},
		{
			ID: "CRM-103", Title: "Follow-up | suggestions", Ref: "#12", Stage: "Architecture", Since: "2026-11-22", Owner: "mara-ilves", Priority: "p1",
			Band: "unknown", Status: "active", BlockedBy: []string{"CRM-100", "CRM-101"},
			Tickets: []TicketRow{{Key: "CRM-103/architecture/design", Ref: "#13", Title: "[Architecture] Design the architecture · Follow-up | suggestions (CRM-103)", State: "open", Assignees: []string{"jonas-ferber", "priya-nandan"}}},
		},
		{ID: "CRM-106", Title: "Fax import", Status: "cancelled", Stage: "Triage"},
		{ID: "CRM-107", Title: "Territory map", Ref: "#15", Status: "on_hold", Stage: "Spec approval",
			Tickets: []TicketRow{{Key: "CRM-107/spec-approval/approve-spec", Ref: "#16", Title: "[Spec approval] Approve the spec", State: "not_planned", Assignees: []string{"priya-nandan"}}}},
	}
}

func TestOverview(t *testing.T) {
	golden(t, "tree.text", shown(func(w io.Writer) { Tree(w, sampleRows()) }))
	golden(t, "board.md", Board(sampleRows())+"\n")
}

func TestEmptyBoardSaysSo(t *testing.T) {
	if got := Board([]Row{{ID: "CRM-1", Status: "shipped"}}); got != "No capability is under way." {
		t.Errorf("got %q", got)
	}
}

func TestBoardLeavesOutWhoHasNothing(t *testing.T) {
	if got := Board(sampleRows()); strings.Contains(got, "Fax import") || strings.Contains(got, "Approve the spec") {
		t.Errorf("what is cancelled or on hold waits for somebody:\n%s", got)
	}
}
