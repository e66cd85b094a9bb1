package record

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// FuzzEntries is FuzzRead behind the packing: what a trusted comment says, in any order and
// with anything left out or repeated, never counts twice, and comes back as it was.
func FuzzEntries(f *testing.F) {
	first, err := json.Marshal(line{1, "CRM-1", 0, entries()})
	if err != nil {
		f.Fatal(err)
	}
	second, err := json.Marshal(line{1, "CRM-1", 3, []Entry{{Kind: Held, Who: "ada", ID: 7, At: at, Rests: "comment:3"}, {Kind: Moved, From: "spec", To: "build", At: at}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(first), string(second))
	f.Add(string(second), string(first))
	f.Add(string(first), string(first))
	f.Add(`{"v":1,"id":"CRM-1","b":-1,"e":[{"k":"waived","ns":["CRM-2"]},{}]}`, `{"v":1,"id":"CRM-1","b":9999,"e":null}`)
	f.Add(`{"v":2,"id":"CRM-1","e":[{"k":"moved","t":"build"}]}`, `{"v":1,"id":"CRM-2","e":[{"k":"moved","t":"build"}]}`)
	f.Fuzz(func(t *testing.T, first, second string) {
		var comments []ticket.Comment
		said := 0
		for _, text := range []string{first, second} {
			var l line
			if json.Unmarshal([]byte(text), &l) != nil {
				return
			}
			packed, err := encode(l)
			if err != nil {
				return
			}
			if l.Version == 1 && l.Capability == "CRM-1" {
				said += len(l.Entries)
			}
			comments = append(comments, ticket.Comment{Author: bot, Body: "words\n<!-- ticketfoundry:record " + packed + " -->\n"})
		}
		r := Read("CRM-1", comments, trusted)
		if len(r.Entries) > said || r.Comments != 2 {
			t.Fatalf("%d entries of %d said, %d comments", len(r.Entries), said, r.Comments)
		}
		for _, e := range r.Entries {
			if e.Rests != "" && e.Kind != Voided && !r.Has(e.Rests) {
				t.Errorf("it does not know that it rests on %q", e.Rests)
			}
		}
		acts := map[[3]string]bool{}
		for _, e := range r.Entries {
			act := [3]string{string(e.Kind), e.Ticket, e.Rests}
			if e.Rests != "" && acts[act] {
				t.Errorf("the act %q counts twice", act)
			}
			acts[act] = true
		}
		edited := comments[0]
		edited.CreatedAt, edited.UpdatedAt = at, at.Add(1)
		stranger := comments[1]
		stranger.Author.ID = 2
		if r := Read("CRM-1", []ticket.Comment{edited, stranger}, trusted); len(r.Entries) != 0 {
			t.Errorf("an edited comment and a stranger's count: %+v", r.Entries)
		}
		line, err := Record{}.Hide("CRM-1", r.Entries)
		if err != nil {
			t.Fatal(err)
		}
		if back := Read("CRM-1", []ticket.Comment{{Author: bot, Body: line}}, trusted); len(line) < maxLine && len(r.Entries) > 0 && !reflect.DeepEqual(back.Entries, r.Entries) {
			t.Errorf("%+v comes back as %+v", r.Entries, back.Entries)
		}
	})
}
