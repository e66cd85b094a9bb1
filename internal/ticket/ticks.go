package ticket

import (
	"regexp"
	"strings"
)

// OursLine opens a task list whose ticks are the program's own (readiness): people's ticks in
// it are not kept. It holds for the list below it.
const OursLine = "<!-- ticketfoundry:ours -->"

var (
	itemPattern  = regexp.MustCompile(`^((?:[ \t]|>)*(?:[-*+]|[0-9]{1,9}[.)])) \[([ xX])\] (.*)$`)
	containers   = regexp.MustCompile(`^(?:[ \t]|>|[-*+] |[0-9]{1,9}[.)] )*`) // of quotes and lists, before a fence
	labelPattern = regexp.MustCompile("^`([A-Za-z0-9._-]{1,64})`")
	statePattern = regexp.MustCompile(`^<!-- ticketfoundry:(?:state|index) .* -->$`)
)

// item names a task list entry for life: by its id where it opens with one in code font, else
// by its text, and by how many alike came before it.
type item struct {
	text string
	nth  int
}

// keepTicks copies the ticks that people made in the old block onto the same items of the new.
func keepTicks(old, block string) string {
	if !mayTick(old) && !mayTick(block) {
		return block
	}
	ticked := map[item]bool{}
	eachItem(old, func(_ int, it item, done bool) { ticked[it] = done })
	lines := strings.Split(block, "\n")
	eachItem(block, func(n int, it item, done bool) {
		if was, known := ticked[it]; known && was != done {
			lines[n] = setTick(lines[n], was)
		}
	})
	return strings.Join(lines, "\n")
}

// mayTick tells whether anything in a text may be ticked.
func mayTick(text string) bool {
	return strings.Contains(text, "[x] ") || strings.Contains(text, "[X] ")
}

// eachItem calls f for every task list entry that is people's to tick.
func eachItem(text string, f func(line int, it item, done bool)) {
	seen := map[string]int{}
	ours, fence := false, ""
	for n, l := range strings.Split(normalise(text), "\n") {
		trimmed := l[len(containers.FindString(l)):]
		if fence != "" {
			if strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, fence[:1]+" \t") == "" {
				fence = ""
			}
			continue
		}
		switch {
		case strings.HasPrefix(trimmed, "```") && !strings.Contains(strings.TrimLeft(trimmed, "`"), "`"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, trimmed[:1]))]
			continue
		case strings.TrimSpace(l) == OursLine:
			ours = true
		case ours && l != "" && l == trimmed:
			ours = false // the list is over
		}
		if ours || !strings.Contains(l, "] ") {
			continue
		}
		m := itemPattern.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		name := strings.TrimSpace(m[3])
		if id := labelPattern.FindStringSubmatch(name); id != nil {
			name = id[1]
		}
		f(n, item{name, seen[name]}, m[2] != " ")
		seen[name]++
	}
}

func setTick(line string, done bool) string {
	mark := " "
	if done {
		mark = "x"
	}
	return itemPattern.ReplaceAllString(line, "${1} ["+mark+"] ${3}")
}
