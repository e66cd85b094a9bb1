package github

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// With many labels, only those that are asked for are read beyond the first hundred.
func TestFewLabels(t *testing.T) {
	f := newFixture(t, setup{})
	var s fakegithub.Seed
	for i := range 350 {
		s.Labels = append(s.Labels, fakegithub.Label{Name: fmt.Sprintf("capability:CRM-%d", i+1), Colour: "ededed"})
	}
	s.Labels = append(s.Labels, fakegithub.Label{Name: "approved", Colour: "0e8a16"}, fakegithub.Label{Name: `needs "a lot" \ more`, Colour: "ededed"})
	f.seed(s)
	f.o.FewLabels = []string{"approved", "rejected"}
	f = f.again()
	f.srv.ResetJournal()
	got, err := f.Repository(t.Context())
	if err != nil || !got.SomeLabels || len(f.srv.Requests()) != 1 {
		t.Fatalf("SomeLabels %v after %d requests: %v", got.SomeLabels, len(f.srv.Requests()), err)
	}
	has := func(name string) bool {
		r, err := f.Repository(t.Context())
		return err == nil && slices.ContainsFunc(r.Labels, func(l ticket.Label) bool { return l.Name == name && l.ID != "" })
	}
	if !has("approved") || has("rejected") || has("capability:CRM-350") {
		t.Error("not just the labels asked for are known")
	}
	if err := f.FindLabels(t.Context(), []string{"capability:CRM-350", `needs "a lot" \ more`, "stage:none"}); err != nil {
		t.Fatal(err)
	}
	if !has("capability:CRM-350") || !has(`needs "a lot" \ more`) || has("stage:none") {
		t.Error("labels looked up are not known")
	}
	made := f.made(f.draft("CRM-350"))
	if made.Ref == "" || len(f.srv.Requests()) > 8 {
		t.Errorf("%d requests", len(f.srv.Requests()))
	}
}

// With few labels there is nothing to leave out.
func TestFewLabelsOfFew(t *testing.T) {
	f := newFixture(t, setup{})
	f.o.FewLabels = []string{"approved"}
	f = f.again()
	f.srv.ResetJournal()
	if got, err := f.Repository(t.Context()); err != nil || got.SomeLabels || len(f.srv.Requests()) != 1 {
		t.Errorf("SomeLabels %v after %d requests: %v", got.SomeLabels, len(f.srv.Requests()), err)
	}
}
