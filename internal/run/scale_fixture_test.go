package run_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// perCapability is how many tickets each capability of a large product has besides its issue.
const perCapability = 19

// products are the id prefixes of a large product.
func products() []string { return []string{"CRM", "PAY", "WEB", "OPS", "BI"} }

// largeID is the id of the n-th capability, from 0, of a large product.
func largeID(n int) string {
	return fmt.Sprintf("%s-%d", products()[n%len(products())], 100+n/len(products()))
}

// ships tells whether the n-th capability is one that has shipped, and waits whether it is
// still being specified; the others are being built.
func ships(n int) bool { return n%20 == 19 }
func waits(n int) bool { return n%10 == 4 }

// largeSpec is the n-th capability of a large product. All have 19 tickets in the stage they
// start at: most are being built, of fifteen parts and four audience tickets; some are still
// being specified, some go out.
func largeSpec(n int) string {
	id := largeID(n)
	var b strings.Builder
	fmt.Fprintf(&b, "id: %s\ntitle: Scoring for partner portal %d\n", id, n+1)
	b.WriteString("summary: >\n  Gives every new lead a score between 0 and 100 within a second, so that sales people\n  call the right ones first; partners read it through an interface of their own.\n")
	fmt.Fprintf(&b, "owner: ada\npriority: p%d\n", n%4)
	b.WriteString("user: A sales person who decides each morning whom to call first.\nsuccess_criteria: [Half the time to the first call, Two of three sort by score]\n" +
		"scope: {in: [New leads, Partner portals], out: [Old leads]}\nlegal: Scoring people is profiling; the assessment is in the handbook.\n" +
		"documents: {architecture: \"https://wiki.example.com/scoring\"}\nchannel: \"#scoring\"\n" +
		"cogs:\n  currency: USD\n  as_of: 2026-02-01\n  drivers:\n" +
		"    - {name: Scoring calls, kind: api_calls, unit: call, unit_cost: \"0.00025\", quantity: \"1200000\"}\n" +
		"    - {name: Model tokens, kind: model_tokens, unit: token, unit_cost: \"0.0031\", quantity: \"9000\"}\n" +
		"acceptance_criteria:\n  - {id: AC-1, text: A new lead has a score within a second}\n  - {id: AC-2, text: A lead without a company has one as well, kind: edge}\n")
	fmt.Fprintf(&b, "release:\n  version: \"2.%d\"\n  target_date: 2026-0%d-13\n  notes: Leads now show how likely they are to buy.\n  docs: [reference/api]\n", n/len(products())%4, 5+n/len(products())%4)
	b.WriteString("press: {headline: Leads know their worth}\nmarketing: {campaign: Spring of leads, channels: [newsletter]}\n")
	switch {
	case waits(n):
		fmt.Fprintf(&b, "depends_on: [%s]\n", largeID(n-1))
		b.WriteString("start_stage: spec\n" + ownTickets("spec", perCapability-1))
	case ships(n):
		b.WriteString("start_stage: release\n" + ownTickets("release", perCapability-5))
	default:
		b.WriteString("start_stage: build\ntechnology:\n")
		for i, kind := range []string{"apis", "entities", "screens", "flows", "skills"} {
			fmt.Fprintf(&b, "  %s:\n", kind)
			for k := range 3 {
				fmt.Fprintf(&b, "    - {key: part-%d, name: \"Part %d of %s\", acceptance: [Answers within 200 ms, Answers 404 for unknown leads]}\n", 3*i+k+1, k+1, kind)
			}
		}
	}
	return b.String()
}

func ownTickets(stage string, count int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tickets:\n  %s:\n", stage)
	for i := range count {
		fmt.Fprintf(&b, "    - {key: own-%d, title: Piece of work %d, acceptance: [first, second]}\n", i+1, i+1)
	}
	return b.String()
}

// largeFiles are the specs of n capabilities, and the config that lets them start midway.
func largeFiles(n int) map[string]string {
	out := map[string]string{configFile: "version: 1\npipeline: {allow_start_stage: true}\n"}
	for i := range n {
		out[path(largeID(i))] = largeSpec(i)
	}
	return out
}

// unlimited lets one run write as much as it likes.
func (r *repo) unlimited() {
	r.inputs["WRITES-PER-MINUTE"], r.inputs["WRITES-PER-HOUR"], r.inputs["MAX-MINUTES"] = "6000", "1000000", "100000"
}

// rolledOut is a large product whose tickets the program has made, and which people have worked
// on: nothing is left to do for a run.
func rolledOut(t testing.TB, n int) hub {
	o := options()
	o.Users = append(staff(), world.User{Login: "octocat", ID: 583231, Role: world.RoleAdmin})
	h := hub{newRepo(t, o, largeFiles(n))}
	h.unlimited()
	h.must(h.push(), 0)
	return h
}

// keys gives the number of each ticket by its key: one pass instead of one for each.
func (h hub) keys() map[ticket.Key]int {
	out := map[ticket.Key]int{}
	for _, i := range h.srv.Issues() {
		if k := ticket.ParseBody(i.Body).Marker.Key; k != "" && out[k] == 0 {
			out[k] = i.Number
		}
	}
	return out
}
