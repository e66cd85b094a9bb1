package record

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

var (
	at  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	bot = ticket.Account{ID: 1, Login: "github-actions[bot]"}
)

func trusted(a ticket.Account) bool { return a.ID == 1 }

func entries() []Entry {
	return []Entry{
		{Kind: Entered, To: "triage", At: at},
		{Kind: Approved, Ticket: "spec-approval/approve-spec", Who: "ada", ID: 7, At: at, Why: "--> fine", Rests: "event:9", Hash: "ab", Saw: Content{"title": "--> <!-- ☂"}},
		{Kind: Moved, From: "triage", To: "spec", At: at.Add(time.Hour)},
	}
}

func commentAfter(t *testing.T, known Record, list []Entry) ticket.Comment {
	t.Helper()
	line, err := known.Hide("CRM-1", list)
	if err != nil {
		t.Fatal(err)
	}
	return ticket.Comment{Author: bot, Body: line, CreatedAt: at, UpdatedAt: at}
}

func comment(t *testing.T, id string, list []Entry, change ...func(*ticket.Comment)) ticket.Comment {
	t.Helper()
	line, err := Record{}.Hide(id, list)
	if err != nil {
		t.Fatal(err)
	}
	c := ticket.Comment{ID: 5, Author: bot, Body: "for people\n\n" + line, CreatedAt: at, UpdatedAt: at}
	for _, f := range change {
		f(&c)
	}
	return c
}

func TestReadGivesWhatWasHidden(t *testing.T) {
	r := Read("CRM-1", []ticket.Comment{comment(t, "CRM-1", entries())}, trusted)
	if !reflect.DeepEqual(r.Entries, entries()) || r.Comments != 1 {
		t.Errorf("got %+v", r)
	}
	crlf := comment(t, "CRM-1", entries(), func(c *ticket.Comment) { c.Body = strings.ReplaceAll(c.Body, "\n", "\r\n") })
	if r := Read("CRM-1", []ticket.Comment{crlf}, trusted); len(r.Entries) != 3 {
		t.Errorf("with windows line ends: %+v", r)
	}
	if line, _ := (Record{}).Hide("CRM-1", entries()); strings.Count(line, "--") != 2 {
		t.Errorf("the comment would end early: %s", line)
	}
}

func TestTwoRunsAtOnceRecordOnce(t *testing.T) {
	first := entries()
	both := []Entry{{Kind: Rejected, Ticket: "x/y", Rests: "comment:3", To: "triage"}, {Kind: Moved, From: "spec", To: "triage"}}
	more := append(both[:2:2], Entry{Kind: Held, Rests: "comment:4"}, Entry{Kind: Moved, From: "triage", To: "spec"})
	known := Record{Entries: first}
	r := Read("CRM-1", []ticket.Comment{comment(t, "CRM-1", first), commentAfter(t, known, both), commentAfter(t, known, more)}, trusted)
	var kinds []string
	for _, e := range r.Entries[3:] {
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); got != "rejected moved held" {
		t.Errorf("got %s", got)
	}
	if stage, _, _ := r.Stage(); stage != "triage" {
		t.Errorf("stage %s", stage)
	}
}

func TestADeletedCommentTakesOnlyItsOwnEntries(t *testing.T) {
	list := entries()
	known := Record{Entries: list[:2]}
	r := Read("CRM-1", []ticket.Comment{comment(t, "CRM-1", list[:1]), commentAfter(t, known, list[2:])}, trusted)
	if stage, _, _ := r.Stage(); stage != "spec" || len(r.Entries) != 2 {
		t.Errorf("stage %s, %+v", stage, r.Entries)
	}
}

func TestWhatDoesNotCount(t *testing.T) {
	for name, c := range map[string]ticket.Comment{
		"a person's":         comment(t, "CRM-1", entries(), func(c *ticket.Comment) { c.Author = ticket.Account{ID: 2, Login: bot.Login} }),
		"edited":             comment(t, "CRM-1", entries(), func(c *ticket.Comment) { c.UpdatedAt = at.Add(time.Second) }),
		"another capability": comment(t, "CRM-2", entries()),
		"quoted":             comment(t, "CRM-1", entries(), func(c *ticket.Comment) { c.Body = "> " + strings.ReplaceAll(c.Body, "\n", "\n> ") }),
		"cut":                comment(t, "CRM-1", entries(), func(c *ticket.Comment) { c.Body = strings.Replace(c.Body, "record ", "record A", 1) }),
		"plain":              comment(t, "CRM-1", nil, func(c *ticket.Comment) { c.Body = "/approve" }),
	} {
		if r := Read("CRM-1", []ticket.Comment{c}, trusted); len(r.Entries) != 0 {
			t.Errorf("%s: counted %+v", name, r.Entries)
		}
	}
}

func TestLongContentLeavesItsHash(t *testing.T) {
	list := entries()
	var b strings.Builder
	for i := range 60_000 {
		b.WriteByte(byte('a' + i*7919%26 ^ i%13))
	}
	list[1].Saw = Content{"sections": b.String()}
	line, err := Record{}.Hide("CRM-1", list)
	if err != nil || len(line) > 60_000 {
		t.Fatalf("%d bytes, %v", len(line), err)
	}
	r := Read("CRM-1", []ticket.Comment{comment(t, "CRM-1", list)}, trusted)
	if len(r.Entries) != 3 || r.Entries[1].Hash != "ab" || list[1].Saw == nil {
		t.Errorf("got %+v", r.Entries)
	}
}

func TestFolding(t *testing.T) {
	r := Record{Entries: append(entries(),
		Entry{Kind: Waived, Tickets: []string{"CRM-9"}}, Entry{Kind: Held, Why: "budget"})}
	stage, entered, since := r.Stage()
	if stage != "spec" || entered != "triage" || !since.Equal(at.Add(time.Hour)) {
		t.Errorf("stage %s entered %s since %s", stage, entered, since)
	}
	if held, why := r.Held(); !held || why != "budget" {
		t.Error("not held")
	}
	r.Entries = append(r.Entries, Entry{Kind: Resumed})
	if held, _ := r.Held(); held || !r.Waives("CRM-9") || r.Waives("CRM-8") || !r.Has("event:9") || r.Has("event:8") || r.Has("") {
		t.Error("folds wrongly")
	}
}

func FuzzRead(f *testing.F) {
	line, err := Record{}.Hide("CRM-1", entries())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add("<!-- ticketfoundry:record AAAA -->")
	f.Fuzz(func(t *testing.T, body string) {
		r := Read("CRM-1", []ticket.Comment{{Author: bot, Body: body}}, trusted)
		if len(r.Entries) == 0 {
			return
		}
		again, err := Record{}.Hide("CRM-1", r.Entries)
		if err != nil {
			t.Fatal(err)
		}
		if back := Read("CRM-1", []ticket.Comment{{Author: bot, Body: again}}, trusted); len(again) < maxLine && !reflect.DeepEqual(back.Entries, r.Entries) {
			t.Errorf("%+v comes back as %+v", r.Entries, back.Entries)
		}
	})
}
