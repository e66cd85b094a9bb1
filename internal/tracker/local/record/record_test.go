package record_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// TestRoundTrip: whatever stands in a ticket's settings and text comes back as it was.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[^\x00-\x1f\x7f-\x9f]{1,40}`)
		want := record.Head{
			Number: rapid.IntRange(1, 99_999).Draw(t, "number"), Title: line.Draw(t, "title"),
			State:  rapid.SampledFrom([]ticket.State{ticket.Open, ticket.Completed, ticket.NotPlanned, ticket.Duplicate}).Draw(t, "state"),
			Labels: filled(rapid.SliceOf(line).Draw(t, "labels")), Assignees: filled(rapid.SliceOf(line).Draw(t, "assignees")),
			Milestone: line.Draw(t, "milestone"), Parent: rapid.IntRange(0, 99).Draw(t, "parent"),
			BlockedBy: filled(rapid.SliceOf(rapid.IntRange(1, 99)).Draw(t, "blocked by")),
			Author:    line.Draw(t, "author"),
			Created:   time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "created"), 0).UTC(),
		}
		body := rapid.OneOf(rapid.String(), rapid.StringMatching(`((---|title: x|  |\r?|\x{feff}|- a)\r?\n){0,9}`)).Draw(t, "body")
		text, err := folder.Join(want, body)
		if err != nil {
			t.Fatal(err)
		}
		var got record.Head
		gotBody, found, err := folder.Split("x.md", text, &got)
		if err != nil || !found || gotBody != body || !reflect.DeepEqual(got, want) {
			t.Fatalf("wrote %+v and %q, read %+v and %q, %v; the file is\n%s", want, body, got, gotBody, err, text)
		}
	})
}

func filled[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

func TestFileName(t *testing.T) {
	for key, want := range map[ticket.Key]string{
		"": "0012.md", "CRM-101": "0012-crm-101.md", "CRM-101/build/scoring-endpoint": "0012-crm-101-build-scoring-endpoint.md",
		"../../ETC/ümlaut": "0012-------etc--mlaut.md",
	} {
		if got := record.FileName(12, key); got != want {
			t.Errorf("key %q has file %s, want %s", key, got, want)
		}
		if n, ok := record.Numbered(record.FileName(12, key)); n != 12 || !ok {
			t.Errorf("file %s has number %d", record.FileName(12, key), n)
		}
	}
	if got := record.FileName(123456, "CRM-1"); got != "123456-crm-1.md" {
		t.Errorf("number 123456 has file %s", got)
	}
	for _, name := range []string{"x.md", "0012.txt", "0000.md", "0012 copy.md", "12345678901.md", "-1.md"} {
		if n, ok := record.Numbered(name); ok {
			t.Errorf("%s counts as ticket %d", name, n)
		}
	}
}
