package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// crowd is what people do to the tickets while runs are on. Each act draws on the seed alone.
type crowd struct {
	s    *sim
	rng  *rand.Rand
	said int // texts so far: each is another
	mine []ticketAct
}

type ticketAct struct {
	verb string
	by   []string
	do   func(c *crowd, who string, i fakegithub.Issue) string // what was done, for the journal; empty for nothing
}

func newCrowd(s *sim, seed uint64) *crowd {
	c := &crowd{s: s, rng: rand.New(rand.NewPCG(seed, 2))}
	c.mine = slices.Concat(decisions(), edits(), meddling())
	return c
}

func anyOf[T any](c *crowd, list []T) T { return list[c.rng.IntN(len(list))] }

// act lets somebody do something to some ticket.
func (c *crowd) act() {
	ours := c.ours()
	if len(ours) == 0 || c.rng.IntN(25) == 0 {
		c.foreign(ours)
		return
	}
	if c.rng.IntN(3) == 0 {
		c.forward(ours)
		return
	}
	a := anyOf(c, c.mine)
	c.on(a, anyOf(c, a.by), anyOf(c, ours))
}

// forward lets somebody do what a ticket asks for, so that capabilities get somewhere.
func (c *crowd) forward(ours []fakegithub.Issue) {
	open := slices.DeleteFunc(ours, func(i fakegithub.Issue) bool { return i.State != "open" || i.Parent == 0 })
	if len(open) == 0 {
		return
	}
	i := anyOf(c, open)
	if approval(i) {
		c.on(decisions()[0], anyOf(c, entitled), i)
		return
	}
	c.on(ticketAct{"finishes", nil, func(c *crowd, who string, i fakegithub.Issue) string {
		c.s.srv.As(who).CloseIssueAs(i.Number, "completed")
		return "completed"
	}}, "ada", i)
}

// on carries out one act. What GitHub refuses a person does not happen.
func (c *crowd) on(a ticketAct, who string, i fakegithub.Issue) {
	defer func() {
		if r := recover(); r != nil && !strings.HasPrefix(fmt.Sprint(r), "fakegithub:") {
			panic(r)
		}
	}()
	before := c.s.laws.personActs()
	if what := a.do(c, who, i); what != "" {
		c.s.stats.Acts++
		c.s.journal.note(c.s.now, "%s %s #%d: %s", who, a.verb, i.Number, strings.ReplaceAll(what, "\n", "\\n"))
		c.s.laws.personActed(before, who, i.Number)
	}
}

// ours are the tickets that are here, as people see them.
func (c *crowd) ours() []fakegithub.Issue {
	return slices.DeleteFunc(c.s.srv.Issues(), func(i fakegithub.Issue) bool {
		return i.Author != fakegithub.BotLogin || keyOf(i) == ""
	})
}

func keyOf(i fakegithub.Issue) ticket.Key { return ticket.ParseBody(i.Body).Marker.Key }

// text is one that nobody wrote before.
func (c *crowd) text(who string) string {
	c.said++
	return fmt.Sprintf("Word %d of %s.", c.said, who)
}

var staff = []string{"ada", "mia", "max", "tess", "rob"}

// decisions are what moves a capability on, by those who may and those who may not.
func decisions() []ticketAct {
	say := func(text string) func(*crowd, string, fakegithub.Issue) string {
		return func(c *crowd, who string, i fakegithub.Issue) string {
			if strings.HasPrefix(text, "/approve") && !approval(i) && c.rng.IntN(4) > 0 {
				return ""
			}
			c.s.srv.As(who).Comment(i.Number, text)
			return text
		}
	}
	label := func(name string) func(*crowd, string, fakegithub.Issue) string {
		return func(c *crowd, who string, i fakegithub.Issue) string {
			if !approval(i) {
				return ""
			}
			c.s.srv.As(who).AddLabel(i.Number, name)
			return name
		}
	}
	return []ticketAct{
		{"says", entitled, say("/approve")}, {"says", entitled, say("/approve\nfine with me")}, {"says", []string{"rob", "ada", "tess", "tidy[bot]"}, say("/approve")},
		{"says", entitled, say("/reject too vague")}, {"says", []string{"ada", "rob"}, say("/reject no")},
		{"labels", entitled, label("approved")}, {"labels", []string{"ada", "tidy[bot]"}, label("approved")}, {"labels", entitled, label("rejected")},
		{"says", staff, say("/done")}, {"says", staff, say("/not-needed no time")}, {"says", staff, say("/status")}, {"says", entitled, say("/hold wait a moment")},
		{"says", entitled, say("/resume")}, {"says", entitled, say("/rework triage once more")},
		{"muses on", entitled, func(c *crowd, who string, i fakegithub.Issue) string {
			if !approval(i) {
				return ""
			}
			text := c.text(who)
			c.s.srv.As(who).Comment(i.Number, text)
			return text
		}},
		{"edits into a command on", entitled, func(c *crowd, who string, i fakegithub.Issue) string {
			at := slices.IndexFunc(i.Comments, func(o fakegithub.Comment) bool { return o.Author == who && strings.HasPrefix(o.Body, "Word") })
			if at < 0 {
				return ""
			}
			c.s.srv.As(who).EditComment(i.Comments[at].ID, "/approve")
			return fmt.Sprint(i.Comments[at].ID)
		}},
		{"closes", []string{"ada", "mia", "max"}, func(c *crowd, who string, i fakegithub.Issue) string {
			if i.State != "open" || i.Parent == 0 {
				return ""
			}
			c.s.srv.As(who).CloseIssueAs(i.Number, "completed")
			return "completed"
		}},
		{"finishes", []string{"ada", "tess"}, func(c *crowd, who string, i fakegithub.Issue) string {
			if i.State != "open" || approval(i) || i.Parent == 0 {
				return ""
			}
			c.s.srv.As(who).CloseIssueAs(i.Number, "completed")
			return "completed"
		}},
	}
}

func approval(i fakegithub.Issue) bool { return keyOf(i).Stage() == "spec-approval" }

var emptyBox = regexp.MustCompile(`(?m)^- \[ \] (first|second)\b.*$`)

// edits are what people write into tickets.
func edits() []ticketAct {
	body := func(change func(c *crowd, who, body string) string) func(*crowd, string, fakegithub.Issue) string {
		return func(c *crowd, who string, i fakegithub.Issue) string {
			now := strings.ReplaceAll(i.Body, "\r\n", "\n")
			next := change(c, who, now)
			if next == now {
				return ""
			}
			c.s.srv.As(who).EditBody(i.Number, next)
			return "its text"
		}
	}
	writers := []string{"ada", "mia", "max", "tess"}
	return []ticketAct{
		{"writes below", writers, body(func(c *crowd, who, b string) string { return strings.TrimRight(b, "\n") + "\n\n" + c.text(who) + "\n" })},
		{"writes above", writers, body(func(c *crowd, who, b string) string { return c.text(who) + "\n\n" + b })},
		{"ticks", writers, body(func(_ *crowd, _, b string) string {
			at := emptyBox.FindStringIndex(b)
			if at == nil {
				return b
			}
			return b[:at[0]] + "- [x]" + b[at[0]+len("- [ ]"):]
		})},
		{"garbles", writers, body(func(_ *crowd, _, b string) string { return strings.Replace(b, "a", "A", 1) })},
		{"cuts the end marker", writers, body(func(c *crowd, who, b string) string {
			return strings.Replace(b, "<!-- ticketfoundry:end -->\n", "", 1) + "\n" + c.text(who) + "\n"
		})},
		{"cuts the state", writers, body(func(_ *crowd, _, b string) string { return stateLine.ReplaceAllString(b, "") })},
		{"retitles", writers, func(c *crowd, who string, i fakegithub.Issue) string {
			c.s.srv.As(who).EditTitle(i.Number, c.text(who))
			return "its title"
		}},
		{"comments", staff, func(c *crowd, who string, i fakegithub.Issue) string {
			text := c.text(who)
			c.s.srv.As(who).Comment(i.Number, text)
			return text
		}},
	}
}

var stateLine = regexp.MustCompile(`(?m)^<!-- ticketfoundry:state .* -->\n?`)

// meddling is what people do besides, some of it meant badly.
func meddling() []ticketAct {
	p := func(do func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string) func(*crowd, string, fakegithub.Issue) string {
		return func(c *crowd, who string, i fakegithub.Issue) string { return do(c, c.s.srv.As(who), i) }
	}
	rarely := func(do func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string) func(*crowd, string, fakegithub.Issue) string {
		return p(func(c *crowd, who fakegithub.Person, i fakegithub.Issue) string {
			if c.rng.IntN(3) > 0 {
				return ""
			}
			return do(c, who, i)
		})
	}
	return []ticketAct{
		{"drops", []string{"ada", "mia"}, p(func(_ *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			if i.State == "open" {
				p.CloseIssueAs(i.Number, "not_planned")
			}
			return "not planned"
		})},
		{"closes", []string{"tidy[bot]"}, p(func(_ *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			p.CloseIssue(i.Number)
			return "as stale"
		})},
		{"reopens", []string{"ada", "mia"}, p(func(_ *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			if i.State == "open" {
				return ""
			}
			p.ReopenIssue(i.Number)
			return "again"
		})},
		{"unlabels", []string{"ada", "tess", "max"}, p(func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			if len(i.Labels) == 0 {
				return ""
			}
			name := anyOf(c, i.Labels)
			p.RemoveLabel(i.Number, name)
			return name
		})},
		{"labels", []string{"ada", "tess"}, p(func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			name := anyOf(c, []string{"customer", "urgent", "stage:build", "blocked"})
			p.AddLabel(i.Number, name)
			return name
		})},
		{"deletes a label", []string{"max", "ada"}, rarely(func(c *crowd, p fakegithub.Person, _ fakegithub.Issue) string {
			name := anyOf(c, []string{"ticketfoundry", "capability:CRM-1", "approved", "stage:triage", "priority:p2"})
			p.DeleteLabel(name)
			return name
		})},
		{"renames a label", []string{"max"}, rarely(func(c *crowd, p fakegithub.Person, _ fakegithub.Issue) string {
			name := anyOf(c, []string{"ticketfoundry", "approved", "audience:product", "stage:triage"})
			p.RenameLabel(name, name+"-old")
			return name
		})},
		{"deletes", []string{"max"}, rarely(func(_ *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			p.DeleteIssue(i.Number)
			return "the issue"
		})},
		{"transfers", []string{"max"}, rarely(func(_ *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			p.TransferIssue(i.Number)
			return "the issue"
		})},
		{"locks", []string{"max"}, rarely(func(_ *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			p.Lock(i.Number)
			return "the issue"
		})},
		{"assigns", []string{"ada", "mia"}, p(func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			p.Assign(i.Number, anyOf(c, []string{"ada", "mia", "tess"}))
			return "somebody"
		})},
		{"edits a comment on", []string{"max", "ada", "mia", "rob"}, p(func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			if len(i.Comments) == 0 {
				return ""
			}
			at := anyOf(c, i.Comments)
			p.EditComment(at.ID, anyOf(c, []string{"/approve", at.Body + " indeed", "/done", "never mind"}))
			return fmt.Sprint(at.ID)
		})},
		{"deletes a comment on", []string{"max", "mia"}, rarely(func(c *crowd, p fakegithub.Person, i fakegithub.Issue) string {
			if len(i.Comments) == 0 {
				return ""
			}
			at := anyOf(c, i.Comments)
			p.DeleteComment(at.ID)
			return fmt.Sprint(at.ID)
		})},
	}
}

// foreign opens an issue that is none of ours, or changes one, some with our markers pasted in.
func (c *crowd) foreign(ours []fakegithub.Issue) {
	defer func() {
		if r := recover(); r != nil && !strings.HasPrefix(fmt.Sprint(r), "fakegithub:") {
			panic(r)
		}
	}()
	body, who := "Nothing to do with it.\r\n", anyOf(c, []string{"rob", "ada"})
	var labels []string
	if len(ours) > 0 && c.rng.IntN(2) == 0 {
		from := anyOf(c, ours)
		body = from.Body
		if who == "rob" {
			labels = from.Labels
		}
	}
	before := c.s.laws.personActs()
	n := c.s.srv.As(who).OpenForm("Mine: "+c.text(who), body, labels...)
	c.s.stats.Acts++
	c.s.journal.note(c.s.now, "%s opens #%d, labels %q", who, n, labels)
	c.s.laws.personActed(before, who, n)
}
