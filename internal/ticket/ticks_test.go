package ticket_test

import (
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// TestShownTicksAreNone: a tick in code is shown, not made, wherever the code stands, and what
// stands below it is still people's to tick.
func TestShownTicksAreNone(t *testing.T) {
	m := ticket.Marker{Repository: "7", Key: "CRM-1"}
	for name, code := range map[string]string{
		"plain":         "```\n- [x] Legal has read it\n```",
		"longer":        "````\n```\n- [x] Legal has read it\n````",
		"in a list":     "- ```\n  - [x] Legal has read it\n  ```",
		"in an ordered": "1. ```\n   - [x] Legal has read it\n   ```",
		"two deep":      "- - ```\n    - [x] Legal has read it\n    ```",
		"in a quote":    "> ```\n> - [x] Legal has read it\n> ```",
		"in both":       "- > ```\n  > - [x] Legal has read it\n  > ```",
		"with ticks":    "`````\n``` a `` b ```\n- [x] Legal has read it\n`````",
		"like an end":   "```\n```x\n- [x] Legal has read it\n```",
	} {
		fresh := "- [ ] Legal has read it\n- [ ] Sent"
		if got, want := ticket.MergeBody(ticket.NewBody(m, code+"\n\n"+fresh), m, fresh), ticket.NewBody(m, fresh); got != want {
			t.Errorf("%s: it ticks a box:\n%s", name, got)
		}
		ticked := strings.Replace(fresh, "[ ] Sent", "[x] Sent", 1)
		if got, want := ticket.MergeBody(ticket.NewBody(m, code+"\n\n"+ticked), m, code+"\n\n"+fresh), ticket.NewBody(m, code+"\n\n"+ticked); got != want {
			t.Errorf("%s: people's tick below it is lost:\n%s", name, got)
		}
	}
}

// TestTicksAreKeptInEveryList has boxes in bullets, in numbered lists and in quotes.
func TestTicksAreKeptInEveryList(t *testing.T) {
	m := ticket.Marker{Repository: "7", Key: "CRM-1"}
	for _, fresh := range []string{"- [ ] a", "* [ ] a", "1. [ ] a", "12) [ ] a", "> - [ ] a", "> > 1. [ ] a", "  - [ ] a", "``` a `` b ``` is odd\n\n- [ ] a"} {
		ticked := strings.Replace(fresh, "[ ]", "[x]", 1)
		if got, want := ticket.MergeBody(ticket.NewBody(m, ticked), m, fresh), ticket.NewBody(m, ticked); got != want {
			t.Errorf("the tick in %q is lost:\n%s", ticked, got)
		}
	}
}

// TestOursIsOneList keeps people's ticks below the list that is the program's own.
func TestOursIsOneList(t *testing.T) {
	m := ticket.Marker{Repository: "7", Key: "CRM-1"}
	fresh := ticket.OursLine + "\n\n- [x] Legal\n- [ ] Scope\n\nBefore you go on:\n\n- [ ] Ask Mona"
	saved := strings.NewReplacer("[ ] Scope", "[x] Scope", "[ ] Ask", "[x] Ask").Replace(fresh)
	want := ticket.NewBody(m, strings.Replace(fresh, "[ ] Ask", "[x] Ask", 1))
	if got := ticket.MergeBody(ticket.NewBody(m, saved), m, fresh); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
