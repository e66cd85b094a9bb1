package pipeline

import (
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func TestCommand(t *testing.T) {
	for body, want := range map[string]string{
		"/approve":                              "approve",
		"/approve looks good":                   "approve why=looks good",
		"\n\n/approve\r\nthanks":                "approve why=thanks",
		"/reject":                               "reject",
		"/reject too slow":                      "reject why=too slow",
		"/reject to:spec too slow":              "reject to=spec why=too slow",
		"/reject tickets:a,b to:build too slow": "reject to=build tickets=a+b why=too slow",
		"/reject too to:spec slow":              "reject why=too to:spec slow",
		"/waive crm-100 we stub it":             "waive tickets=CRM-100 why=we stub it",
		"/waive":                                "waive",
		"/rework spec wrong users":              "rework to=spec why=wrong users",
		"/hold budget":                          "hold why=budget",
		"/resume":                               "resume",
		"/status":                               "status",
		"/done":                                 "done",
		"/not-needed we have it":                "not-needed why=we have it",
		"approve":                               "",
		"> /approve":                            "",
		" /approve":                             "",
		"```\n/approve\n```":                    "",
		"please /approve":                       "",
		"/approved":                             "",
		"/Approve":                              "",
		"/approve/":                             "",
		"//approve":                             "",
		"":                                      "",
	} {
		got := ""
		if a, ok := Command(ticket.Comment{Body: body}); ok {
			got = string(a.Verb)
			if a.To != "" {
				got += " to=" + a.To
			}
			if len(a.Tickets) > 0 {
				got += " tickets=" + strings.Join(a.Tickets, "+")
			}
			if a.Why != "" {
				got += " why=" + a.Why
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
	at := time.Now()
	if _, ok := Command(ticket.Comment{Body: "/approve", CreatedAt: at, UpdatedAt: at.Add(time.Second)}); ok {
		t.Error("an edited comment is a command")
	}
}

func TestLabelActs(t *testing.T) {
	ada, bob := ticket.Account{ID: 1, Login: "ada"}, ticket.Account{ID: 2, Login: "bob"}
	on := func(id int64, who ticket.Account, label string) ticket.Event {
		return ticket.Event{ID: id, Kind: "labeled", Actor: who, Label: label}
	}
	off := func(id int64, label string) ticket.Event {
		return ticket.Event{ID: id, Kind: "unlabeled", Actor: bob, Label: label}
	}
	for name, c := range map[string]struct {
		labels []string
		events []ticket.Event
		want   string
	}{
		"set":                       {[]string{"approved"}, []ticket.Event{on(1, ada, "approved")}, "approve by ada event:1"},
		"set in another case":       {[]string{"Approved"}, []ticket.Event{on(1, ada, "Approved")}, "approve by ada event:1"},
		"not there any more":        {nil, []ticket.Event{on(1, ada, "approved")}, ""},
		"taken off and set again":   {[]string{"approved"}, []ticket.Event{on(1, ada, "approved"), off(2, "approved"), on(3, bob, "approved")}, "approve by bob event:3"},
		"taken off last":            {[]string{"approved"}, []ticket.Event{on(1, ada, "approved"), off(2, "approved")}, ""},
		"renamed into it":           {[]string{"approved"}, []ticket.Event{on(1, ada, "looks-nice")}, ""},
		"there without any event":   {[]string{"approved"}, nil, ""},
		"both":                      {[]string{"approved", "rejected"}, []ticket.Event{on(1, ada, "approved"), on(2, bob, "rejected")}, "approve by ada event:1; reject by bob event:2"},
		"other labels do not count": {[]string{"approved-by-legal"}, []ticket.Event{on(1, ada, "approved-by-legal")}, ""},
	} {
		var got []string
		for _, a := range LabelActs(c.labels, c.events) {
			got = append(got, string(a.Verb)+" by "+a.Who.Login+" "+a.Rests)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
