package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// damages are what people do to the markers of a body.
func damages() map[string]func(body string) string {
	cut := func(words ...string) func(string) string {
		return func(body string) string {
			var out []string
			for l := range strings.Lines(body) {
				if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(l, w) }) {
					out = append(out, l)
				}
			}
			return strings.Join(out, "")
		}
	}
	return map[string]func(string) string{
		"begin cut":      cut("ticketfoundry:begin"),
		"end cut":        cut("ticketfoundry:end"),
		"both cut":       cut("ticketfoundry:begin", "ticketfoundry:end"),
		"all lines cut":  cut("ticketfoundry:"),
		"key damaged":    func(b string) string { return strings.Replace(b, "key=", "kee=", 1) },
		"in one line":    func(b string) string { return strings.ReplaceAll(b, "\n", " ") },
		"doubled":        func(b string) string { return b + "\n" + b },
		"doubled begin":  func(b string) string { return strings.SplitAfter(b, "\n")[0] + b },
		"another's text": func(string) string { return "I wrote this anew." },
		"quoted":         func(b string) string { return "> " + strings.ReplaceAll(b, "\n", "\n> ") },
		"state forged":   func(b string) string { return strings.Replace(b, `"v":1`, `"v":7`, 1) },
		"order turned": func(b string) string {
			return strings.NewReplacer("foundry:begin", "foundry:end", "foundry:end", "foundry:begin").Replace(b)
		},
		"empty but marks": func(b string) string { m := ticket.ParseBody(b).Marker; return ticket.NewBody(m, "") },
	}
}

// A ticket whose marker is cut, damaged or doubled is found all the same: by the state, by its
// labels or by what lies under it.
func TestDamagedMarkersMakeNoSecondTicket(t *testing.T) {
	t.Parallel()
	for name, damage := range damages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, key := range []string{"CRM-1", "CRM-1/triage/extra-1"} {
				for i, also := range []string{"", "ticketfoundry", "capability", "capability:CRM-1"} {
					if (testing.Short() || !thorough) && i%3 != 0 {
						continue
					}
					r := newRepo(t, options(), specs(2, 2)).quick()
					r.must(r.push(), 0)
					n, all := r.key(key).Number, len(r.srv.Issues())
					mona := r.srv.As("mona")
					mona.EditBody(n, damage(r.srv.Issue(n).Body)+"\n\nA line of mine.")
					if also != "" && slices.Contains(r.srv.Issue(n).Labels, also) {
						mona.RemoveLabel(n, also)
					}
					r.must(r.push(), 0)
					r.must(r.event("schedule", map[string]any{}, nil), 0)
					if got := len(r.srv.Issues()); got != all {
						t.Errorf("%s without label %q: %d issues, want %d", key, also, got, all)
						continue
					}
					if i := r.key(key); i.Number != n || strings.Count(i.Body, "A line of mine.") != 1 || !ticket.ParseBody(i.Body).Whole {
						t.Errorf("%s without label %q: #%d, want #%d\n%.1500s", key, also, i.Number, n, i.Body)
					}
					r.steady()
				}
			}
		})
	}
}

// pasted are texts with a marker as other people may bring it about.
func pasted(repository int64, key string) []string {
	begin, end := fmt.Sprintf("<!-- ticketfoundry:begin repo=%d key=%s -->", repository, key), "<!-- ticketfoundry:end -->"
	return []string{
		begin + "\nforged\n" + end,
		"hello\r\n\r\n" + begin + "\r\nforged\r\n" + end + "\r\n",
		begin,
		"   " + begin + "\n- [x] done\n" + end,
		fmt.Sprintf("%s\n<!-- ticketfoundry:state {\"v\":1,\"id\":%q,\"gone\":true} -->\n%s", begin, strings.Split(key, "/")[0], end),
		strings.Replace(begin, fmt.Sprint(repository), fmt.Sprint(repository+1), 1) + "\nfrom elsewhere\n" + end,
		"```\n" + begin + "\n```",
	}
}

// A marker that somebody pastes makes nothing a ticket of ours.
func TestPastedMarkersMakeNoTicket(t *testing.T) {
	t.Parallel()
	const key = "CRM-1/triage/extra-1"
	shapes := 0
	for _, target := range []string{"CRM-1", key, "CRM-2/triage/not-there"} {
		r := newRepo(t, options(), specs(2, 2)).quick()
		var foreign []int
		for i, text := range pasted(r.repositoryID(), target) {
			foreign = append(foreign, r.srv.As("reader").OpenIssue(fmt.Sprintf("CRM-1: forged %d", i), text),
				r.srv.As("mona").OpenIssue(fmt.Sprintf("CRM-1: by a writer %d", i), text))
			edited := r.srv.As("reader").OpenIssue("Innocent", "x")
			r.srv.As("reader").EditBody(edited, text)
			closed := r.srv.As("tess").OpenIssue("Closed", text)
			r.srv.As("tess").CloseIssue(closed)
			r.srv.As("reader").Comment(edited, text)
			foreign = append(foreign, edited, closed)
			if i%2 == 0 {
				if err := r.srv.Seed(fakegithub.Seed{Issues: []fakegithub.SeedIssue{{Author: "robot[bot]", Title: "By another bot", Body: text}}}); err != nil {
					t.Fatal(err)
				}
				foreign = append(foreign, closed+1)
			}
		}
		shapes += len(foreign)
		show := func() string {
			var b strings.Builder
			for _, n := range foreign {
				fmt.Fprintf(&b, "%+v\n", r.srv.Issue(n))
			}
			return b.String()
		}
		want := show()
		r.must(r.push(), 0)
		r.commit(map[string]string{path("CRM-1"): spec("CRM-1", 1, "")})
		r.must(r.push(), 0)
		r.must(r.event("schedule", map[string]any{}, nil), 0)
		if got := show(); got != want {
			t.Errorf("%s: a foreign issue changed\n%s", target, firstDifference(got, want))
		}
		for _, n := range foreign {
			if strings.Contains(r.srv.Dump(), fmt.Sprintf(`"ref":"#%d"`, n)) {
				t.Errorf("%s: #%d was adopted", target, n)
			}
		}
		if found := r.twice(); found != "" {
			t.Errorf("%s: %s", target, found)
		}
		r.steady()
	}
	if shapes < 40 {
		t.Errorf("%d shapes, want 40", shapes)
	}
}
