package ticket_test

import (
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

func TestRejoin(t *testing.T) {
	m := ticket.Marker{Repository: "7", Key: "CRM-1"}
	body := func(before, block, after string) string { return before + ticket.NewBody(m, block) + after }
	for name, c := range map[string]struct{ base, ours, theirs, want string }{
		"nothing came in between": {body("", "old", "\nA\n"), body("", "new", "\nA\n"), body("", "old", "\nA\n"), body("", "new", "\nA\n")},
		"both added a line":       {body("", "x", "\nA\n"), body("", "x", "\nA\nB\n"), body("", "x", "\nA\nC\n"), body("", "x", "\nA\nC\nB\n")},
		"both added the same":     {body("", "x", "\nA\n"), body("", "x", "\nA\nB\n"), body("", "x", "\nA\nB\n"), body("", "x", "\nA\nB\n")},
		"both changed a line":     {body("", "x", "\nA\n"), body("", "x", "\nA1\n"), body("", "x", "\nA2\n"), body("", "x", "\nA2\nA1\n")},
		"they took a line away":   {body("Top\n", "x", "\nA\n"), body("Top\n", "x", "\nA\nB\n"), body("", "x", "\nA\n"), body("", "x", "\nA\nB\n")},
		"each ticked another":     {body("", "- [ ] a\n- [ ] b\n- [x] c\n- [ ] d", ""), body("", "- [x] a\n- [ ] b\n- [ ] c\n- [ ] d", ""), body("", "- [ ] a\n- [x] b\n- [x] c\n- [ ] d", ""), body("", "- [x] a\n- [x] b\n- [ ] c\n- [ ] d", "")},
		"a new block and a tick":  {body("", "- [ ] a", ""), body("", "- [ ] a\n- [ ] b", ""), body("", "- [x] a", ""), body("", "- [x] a\n- [ ] b", "")},
		"they wiped it all":       {body("", "x", "\nA\n"), body("", "x", "\nA\nB\n"), "", body("", "x", "B\n")},
	} {
		if got := ticket.Rejoin(c.base, c.ours, c.theirs, m, false); got != c.want {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", name, got, c.want)
		}
	}
	base, ours, theirs := body("", "x", "\nA\nB\n"), body("", "y", "\nA\nB\n"), body("", "z", "\nA\n")
	if got, want := ticket.Rejoin(base, ours, theirs, m, true), body("", "y", "\nA\nB\n"); got != want {
		t.Errorf("another run had not seen a line:\ngot\n%s\nwant\n%s", got, want)
	}
}
