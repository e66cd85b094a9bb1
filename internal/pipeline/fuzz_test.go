package pipeline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// FuzzCommand: only a comment whose first words are a known verb is a command, its words are
// all kept, and nothing is in it that was not in the comment.
func FuzzCommand(f *testing.F) {
	for _, body := range []string{
		"/approve", "\n\n/approve\r\nthanks", "/reject to:spec tickets:a,b,,c too slow", "/reject tickets: to:", "/waive crm-100 we stub it",
		"/waive", "/rework", "> /approve", " /approve", "```\n/approve\n```", "/approved", "/APPROVE", "/not-needed  we\thave it\n\n- list",
		"/approve\u00a0x", "\ufeff/approve", "/status\x00", "/", "//approve",
	} {
		f.Add(body)
	}
	who := ticket.Account{ID: 7, Login: "ada"}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body string) {
		c := ticket.Comment{Body: body, Author: who, CreatedAt: at, UpdatedAt: at}
		a, ok := Command(c)
		line, _, _ := strings.Cut(strings.TrimLeft(strings.ReplaceAll(body, "\r\n", "\n"), "\n"), "\n")
		word, _, _ := strings.Cut(line, " ")
		if !ok {
			if word == "/approve" || word == "/reject" {
				t.Errorf("%q is no command", body)
			}
			return
		}
		if a.Who != who || !a.At.Equal(at) || a.Label || a.Program || word != "/"+string(a.Verb) {
			t.Errorf("%q is %+v", body, a)
		}
		if a.To != "" && a.Verb != Reject && a.Verb != Rework || len(a.Tickets) > 0 && a.Verb != Reject && a.Verb != Waive {
			t.Errorf("%q is %+v", body, a)
		}
		if a.Why != strings.TrimSpace(a.Why) {
			t.Errorf("the reason of %q has blanks around it: %q", body, a.Why)
		}
		for _, said := range append(strings.Fields(a.Why), a.To) {
			if !strings.Contains(body, said) {
				t.Errorf("%q does not say %q", body, said)
			}
		}
		for _, name := range a.Tickets {
			if name == "" || strings.ContainsAny(name, " \n") {
				t.Errorf("%q names %q", body, a.Tickets)
			}
		}
		c.UpdatedAt = at.Add(time.Second)
		if a, ok := Command(c); ok {
			t.Errorf("edited, %q is still the command %+v", body, a)
		}
	})
}

// FuzzLabelActs: a decision by label is always one that the log has: the newest time that
// person put it on, and nobody took it off since.
func FuzzLabelActs(f *testing.F) {
	f.Add([]byte{0x00})
	f.Add([]byte{0x00, 0x10, 0x00})
	f.Add([]byte{0x01, 0x12, 0x00, 0x25})
	f.Add([]byte{0x02, 0x10, 0x04, 0x40})
	names := []string{"approved", "rejected", "Approved", "else"}
	f.Fuzz(func(t *testing.T, script []byte) {
		var log []ticket.Event
		for i, b := range script {
			kind := "labeled"
			if b&0x10 != 0 {
				kind = "unlabeled"
			}
			log = append(log, ticket.Event{
				ID: int64(i + 1), Kind: kind, Label: names[b&3], Actor: ticket.Account{ID: int64(b>>2&3) + 1, Bot: b&0x20 != 0},
				At: time.Unix(int64(i), 0),
			})
		}
		for _, a := range LabelActs(names[:2], log) {
			name := map[Verb]string{Approve: "approved", Reject: "rejected"}[a.Verb]
			last := slices.IndexFunc(log, func(e ticket.Event) bool { return restOnEvent(e.ID) == a.Rests })
			if last < 0 || log[last].Kind != "labeled" || !strings.EqualFold(log[last].Label, name) || log[last].Actor != a.Who || !log[last].At.Equal(a.At) || !a.Label {
				t.Fatalf("%+v rests on nothing in %+v", a, log)
			}
			for _, e := range log[last+1:] {
				if strings.EqualFold(e.Label, name) {
					t.Fatalf("%+v is not the newest word in %+v", a, log)
				}
			}
		}
		if acts := LabelActs(nil, log); len(acts) > 0 {
			t.Fatalf("labels that are not there decide: %+v", acts)
		}
	})
}
