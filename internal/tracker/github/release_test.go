package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestDraftReleases(t *testing.T) {
	f := newFixture(t, setup{Person: "ada"})
	for i := range 101 {
		f.srv.As("ada").SaveRelease(world.Release{Tag: fmt.Sprint("v", i), Body: "out"})
	}
	made, err := f.DraftRelease(t.Context(), "CRM-v2.4", "CRM 2.4", "notes")
	if err != nil || made.ID == 0 || !made.Draft || made.Body != "notes" {
		t.Fatalf("%+v, %v", made, err)
	}
	all, err := f.Releases(t.Context())
	if err != nil || len(all) != 102 || all[0].ID != made.ID || all[0].Body != "notes" || all[101].Tag != "v0" || all[101].Draft {
		t.Fatalf("%d releases, %v", len(all), err)
	}
	if err := f.WriteDraft(t.Context(), made, "more"); err != nil {
		t.Fatal(err)
	}
	if now, err := f.Release(t.Context(), made.ID); err != nil || now.Body != "more" || !now.Draft {
		t.Errorf("%+v, %v", now, err)
	}
	got := f.srv.Releases()[101]
	if got.Body != "more" || !got.Draft || got.Name != "CRM 2.4" || got.Tag != "CRM-v2.4" {
		t.Errorf("%+v", got)
	}
	before := f.tap.count(func(call) bool { return true })
	if err := f.WriteDraft(t.Context(), all[101], "more"); ticket.KindOf(err) != ticket.Rejected {
		t.Errorf("a published release was written: %v", err)
	}
	if n := f.tap.count(func(call) bool { return true }); n != before {
		t.Errorf("%d requests to write a published release", n-before)
	}
}

func TestDraftReleaseNeedsAPermission(t *testing.T) {
	f := newFixture(t, setup{})
	f.srv.As("ada").SaveRelease(world.Release{Tag: "v1", Draft: true})
	if all, err := f.Releases(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
	_, err := f.DraftRelease(t.Context(), "v1", "1", "notes")
	if ticket.KindOf(err) != ticket.Unauthorised || !strings.Contains(err.Error(), "`permissions: contents: write`") {
		t.Error(err)
	}
	if n := f.tap.count(func(c call) bool { return c.method == http.MethodPost && strings.HasSuffix(c.path, "/releases") }); n != 1 {
		t.Errorf("%d were sent", n)
	}
}

// What is not there is not taken for a permission that is missing.
func TestDraftReleaseThatIsGone(t *testing.T) {
	f := newFixture(t, setup{Person: "ada"})
	if _, err := f.Release(t.Context(), 4711); ticket.KindOf(err) != ticket.Gone {
		t.Error(err)
	}
	if err := f.WriteDraft(t.Context(), Release{ID: 4711, Draft: true}, "more"); ticket.KindOf(err) != ticket.Gone {
		t.Error(err)
	}
}

func TestReleasesWithLongTexts(t *testing.T) {
	f := newFixture(t, setup{Person: "ada"})
	for i := range 100 {
		f.srv.As("ada").SaveRelease(world.Release{Tag: fmt.Sprint("v", i), Body: strings.Repeat("0123456789", 12_000)})
	}
	if all, err := f.Releases(t.Context()); err != nil || len(all) != 100 {
		t.Errorf("%d releases, %v", len(all), err)
	}
}

func TestReleasesThatAreRefused(t *testing.T) {
	f := newFixture(t, setup{Person: "ada"})
	for _, tag := range []string{"v2..4", "v2.", "v2.lock", "a//v2", "v@{2", "/v2", "-v2", "v 2", ".v2", "a/.v2"} {
		if _, err := f.DraftRelease(t.Context(), tag, "2", "notes"); ticket.KindOf(err) != ticket.Rejected {
			t.Errorf("%q: %v", tag, err)
		}
	}
	if _, err := f.DraftRelease(t.Context(), "v2", "2", strings.Repeat("é", 125_001)); ticket.KindOf(err) != ticket.Rejected || !strings.Contains(err.Error(), "too long") {
		t.Error(err)
	}
	if _, err := f.DraftRelease(t.Context(), "a/v2.4-rc1@x", "2", strings.Repeat("é", 125_000)); err != nil {
		t.Error(err)
	}
}
