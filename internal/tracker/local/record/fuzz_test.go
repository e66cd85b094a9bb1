package record_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

var changed = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// FuzzIssue: a ticket file that people wrote by hand, and that is read, is the same ticket after
// the program wrote it, its text byte for byte.
func FuzzIssue(f *testing.F) {
	for _, text := range []string{
		"---\ntitle: Scoring endpoint\n---\ntext\n", "---\nnumber: 12\ntitle: 'a: b'\nstate: closed\nlabels: [\"x, y\", '#1', yes, 1.0]\ncreated: 2026-03-01T09:00:00Z\n---\r\n---\r\n",
		"---\ntitle: \"\u00e4\\t\U0001f600\"\nassignees: [ada]\nblocked_by: [3, 7]\nparent: 1\n---\n\ufeff", "---\ntitle: x\nstate: duplicate\nduplicate_of: 3\nclosed: 2026-03-01\nupdated: 2027-01-01T00:00:00+02:00\n---",
		"---\ntitle: >\n  folded\n  text\n---\n", "---\ntitle: !!str 12\nlabels: []\nmilestone: ~\n---\nx", "---\n- a\n---\n", "title: x\n", "---\nnumber: 13\ntitle: x\n---\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := record.ParseIssue("0012-x.md", 12, text, changed)
		if err != nil {
			return
		}
		file, err := first.Content()
		if err != nil {
			t.Fatalf("%+v is read from %q and cannot be written: %v", first, text, err)
		}
		again, err := record.ParseIssue(file.Name, 12, file.Content, file.At)
		if err != nil {
			t.Fatalf("%q is written as %q, which cannot be read: %v", text, file.Content, err)
		}
		if again.Body != first.Body || !reflect.DeepEqual(again.Head, first.Head) {
			t.Errorf("%q is\n%+v, and written and read again\n%+v", text, first, again)
		}
	})
}

// FuzzSettings: settings that are read can be written and are the same then, and no two labels
// have one name.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{
		"version: 1\nid: local-1\nname: acme/crm\nnext: 3\nlabels:\n- {name: x, color: ff0000}\n- {name: y}\nmilestones: [{title: CRM 2.4, due: 2026-03-13}]\nissue_types: [Task]\n",
		"version: 1\nid: a\nnext: 1\nlabels: [{name: a}, {name: A}]\n", "version: 2\n", "version: 1\nid: ../x\nnext: 1\n", "", "[]", "version: 1\nid: a\nnext: -1\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := record.ParseSettings("repository.yml", text)
		if err != nil {
			return
		}
		if s.Next < 1 || record.BadID(s.ID) != "" {
			t.Errorf("%q is taken: %+v", text, s)
		}
		for i, l := range s.Labels {
			if at := s.Label(l.Name); at != i {
				t.Errorf("label %d, %q, is found at %d", i, l.Name, at)
			}
		}
		if c := s.Clone(); !reflect.DeepEqual(c, s) {
			t.Errorf("%+v is cloned as %+v", s, c)
		}
	})
}

// FuzzLog: ids only grow, and what is added comes after them.
func FuzzLog(f *testing.F) {
	for _, text := range []string{
		"events:\n- {id: 1, at: 2026-03-02T09:00:00Z, by: ada, did: labeled, label: approved}\n- {id: 2, at: 2026-03-02T09:00:00Z, by: ada, did: closed, as: completed}\n",
		"events: [{id: 2}, {id: 1}]", "events: []", "", "events: [{id: -3}]", "events: [{id: 9223372036854775807}]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := record.ParseLog("x.events.yml", text)
		if err != nil {
			return
		}
		more := l.Add([]record.Event{{Did: "closed"}, {Did: "reopened"}})
		if len(more.Events) != len(l.Events)+2 || !slices.Equal(more.Events[:len(l.Events)], l.Events) {
			t.Fatalf("%+v became %+v", l, more)
		}
		last := 0
		for _, e := range more.Events {
			if e.ID <= last {
				t.Fatalf("event %d comes after event %d in %+v", e.ID, last, more)
			}
			last = e.ID
		}
	})
}
