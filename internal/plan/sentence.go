package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sentence tells the whole plan in plain words: "opens 6 tickets: 3 engineering, 1 press,
// 1 assigned to nobody; updates 2 issues; leaves 14 as they are".
func sentence(p Plan) string {
	var parts []string
	if s := opens(p); s != "" {
		parts = append(parts, s)
	}
	for _, w := range []struct {
		action Action
		words  string
	}{{Update, "updates %s"}, {Reopen, "reopens %s"}, {Close, "closes %s"}} {
		n := p.Count(w.action)
		if w.action == Close {
			n += len(p.Twins)
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf(w.words, count(n, "issue")))
		}
	}
	if len(parts) == 0 && p.Empty() {
		if n := len(p.Changes); n > 0 {
			return fmt.Sprintf("nothing to do: %s as the specs say", count(n, "issue is", "issues are"))
		}
		if len(p.Held) > 0 {
			return "nothing is planned: what could be has errors in its file"
		}
		return "nothing to do: there are no capabilities"
	}
	if n := p.Count(Keep); n > 0 {
		parts = append(parts, "leaves "+count(n, "issue as it is", "issues as they are"))
	}
	if len(parts) == 0 {
		parts = append(parts, "creates "+count(len(p.Labels), "label")+" and "+count(len(p.Milestones), "milestone"))
	}
	return strings.Join(parts, "; ")
}

// approvals tells which approvals outlive a change of the specs, and which do not.
func approvals(keeps, asks []string) string {
	var b strings.Builder
	for _, l := range []struct {
		words  string
		stages []string
	}{{"; keeps approvals: ", keeps}, {"; must be approved again: ", asks}} {
		stages := slices.Compact(slices.Sorted(slices.Values(l.stages)))
		if len(stages) > 0 {
			b.WriteString(l.words + strings.Join(stages, ", "))
		}
	}
	return b.String()
}

func opens(p Plan) string {
	capabilities, tickets, nobody := 0, 0, 0
	audiences := map[string]int{}
	for _, c := range p.Changes {
		switch {
		case c.Action != Create:
		case c.Key.IsCapability():
			capabilities++
		default:
			tickets++
			audiences[c.Audience]++
			if len(c.Assignees) == 0 {
				nobody++
			}
		}
	}
	var parts []string
	if tickets > 0 {
		s := "opens " + count(tickets, "ticket") + ": " + perAudience(audiences)
		switch {
		case nobody == tickets:
			s += ", nobody assigned"
		case nobody > 0:
			s += fmt.Sprintf(", %d assigned to nobody", nobody)
		}
		parts = append(parts, s)
	}
	if capabilities > 0 {
		parts = append(parts, "opens "+count(capabilities, "capability issue"))
	}
	return strings.Join(parts, "; ")
}

func perAudience(n map[string]int) string {
	names := slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", n[name], cmp.Or(name, "other"))
	}
	return strings.Join(names, ", ")
}

// count says "1 ticket" or "3 tickets"; an irregular plural is given after the singular.
func count(n int, one string, many ...string) string {
	if n == 1 {
		return "1 " + one
	}
	if len(many) > 0 {
		return fmt.Sprintf("%d %s", n, many[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
