package plan

import (
	"fmt"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// many is an input of so many capabilities with so many tickets each, all of them applied.
func many(b *testing.B, capabilities, tickets int) Input {
	in := Input{
		Repository: ticket.Repository{ID: repoID, Name: "octo-org/crm", Features: ticket.Features{SubIssues: true, Dependencies: true}},
		Whole:      true, Known: capabilities, Braked: true,
		Managed: func(l string) bool { return l == Root || len(l) > 6 && (l[:6] == "stage:" || l[:6] == "capabi") },
		Define:  func(names []string) []ticket.Label { return nil },
	}
	var issues []ticket.Observed
	for c := range capabilities {
		id := fmt.Sprintf("CRM-%d", c+1)
		m := Model{Capability: id, Path: "capabilities/" + id + ".yml", Priority: "p2", Hash: "h", Stage: "triage", Entered: "triage"}
		head := len(issues) + 1
		touched := map[string]ticket.Touched{}
		for t := range tickets + 1 {
			key := ticket.Key(id)
			if t > 0 {
				key = ticket.Make(id, "triage", fmt.Sprintf("ticket-%d", t))
			}
			d := ticket.Desired{Key: key, Title: string(key), Block: "A line of text.\n\n- [ ] first\n- [ ] second\n", Labels: []string{Root, "capability:" + id}}
			o := issue(len(issues)+1, key, d.Block)
			if t == 0 {
				d.Title, d.Labels = o.Title, append(d.Labels, "capability")
			} else {
				d.Parent, o.Parent = ticket.Key(id), ticket.Ref(fmt.Sprintf("#%d", head))
			}
			touched[key.Within()] = ticket.Touched{Ref: o.Ref}
			m.Tickets = append(m.Tickets, d)
			issues = append(issues, o)
		}
		line, err := ticket.Applied{Capability: id, Path: m.Path, Hash: "h", Stage: "triage", Entered: "triage", Tickets: touched}.Hide()
		if err != nil {
			b.Fatal(err)
		}
		at := &issues[head-1]
		at.Body = ticket.NewBody(ticket.Marker{Repository: repoID, Key: ticket.Key(id)}, m.Tickets[0].Block+"\n"+line)
		in.Models = append(in.Models, m)
	}
	in.Match = NewMatch(issues, trust)
	return in
}

// BenchmarkPlan1000 plans 1,000 capabilities of 20 tickets each, nothing changed.
func BenchmarkPlan1000(b *testing.B) {
	in := many(b, 1000, 20)
	if p := Build(in); !p.Empty() {
		b.Fatalf("the plan is not empty: %s", p.Summary)
	}
	for b.Loop() {
		Build(in)
	}
}
