package run_test

import (
	"fmt"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// BenchmarkNoOp1100 is a push after which nothing changes: 100 capabilities, 1,000 tickets.
func BenchmarkNoOp1100(b *testing.B) {
	r := newRepo(b, options(), specs(100, 9))
	r.must(r.push(), 0)
	r.srv.ResetJournal()
	for b.Loop() {
		r.must(r.push(), 0)
	}
	r.unwritten()
	b.ReportMetric(float64(len(r.srv.Requests()))/float64(b.N), "requests/op")
}

// BenchmarkFullSweep20000 reads and plans everything of 1,000 capabilities with 20,000 issues;
// the time of the fake GitHub is in it.
func BenchmarkFullSweep20000(b *testing.B) {
	h := rolledOut(b, 1000)
	h.srv.ResetJournal()
	for b.Loop() {
		h.must(h.event("schedule", map[string]any{}, nil), 0)
	}
	b.ReportMetric(float64(len(h.srv.Requests()))/float64(b.N), "requests/op")
}

// BenchmarkList20000 reads and decodes a list of 20,000 issues of three kilobytes.
func BenchmarkList20000(b *testing.B) {
	const issues = 20_000
	r := newRepo(b, options(), nil)
	seed := fakegithub.Seed{Labels: []fakegithub.Label{{Name: "ticketfoundry", Colour: "1d76db"}}}
	for i := range issues {
		seed.Issues = append(seed.Issues, fakegithub.SeedIssue{Title: fmt.Sprintf("Issue %d", i+1), Labels: []string{"ticketfoundry"},
			Body: ticket.NewBody(ticket.Marker{Repository: "71", Key: ticket.Make(fmt.Sprintf("CRM-%d", i+1), "build", "part")}, largeSpec(i))})
	}
	if err := r.srv.Seed(seed); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		tracker, err := github.New(github.Options{Token: fakegithub.DefaultToken, Repository: "octo-org/crm", APIURL: r.api, GraphQLURL: r.gql,
			Clock: r.clock.Now, Sleep: r.clock.Sleep})
		if err != nil {
			b.Fatal(err)
		}
		all, err := tracker.List(b.Context(), ticket.Query{Label: "ticketfoundry"})
		if err != nil || len(all) != issues {
			b.Fatalf("%d issues: %v", len(all), err)
		}
	}
}
