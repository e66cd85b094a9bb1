package run_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

var patched = regexp.MustCompile(`/issues/(\d+)$`)

// rewritten gives the issues whose text a request is about to write.
func (r editor) rewritten(q fakegithub.Request) []int {
	if !strings.Contains(q.Body, `"body"`) {
		return nil
	}
	var out []int
	switch m := patched.FindStringSubmatch(q.Path); {
	case m != nil && q.Method == "PATCH":
		n, err := strconv.Atoi(m[1])
		if err != nil {
			r.t.Fatal(err)
		}
		out = append(out, n)
	case q.GraphQL && q.Write && strings.Contains(strings.Join(q.Ops, " "), "updateIssue"):
		for _, i := range r.srv.Issues() {
			if strings.Contains(q.Body, `"`+i.NodeID+`"`) {
				out = append(out, i.Number)
			}
		}
	}
	return out
}

// A person saves an issue after the program read it and right before it writes it: the server's
// history of edits shows what was overwritten, and it is brought back.
func TestTextSavedRightBeforeAWrite(t *testing.T) {
	t.Parallel()
	seeds := 1000
	if testing.Short() || !thorough {
		seeds = 60
	}
	h := newHub(t, edited(0))
	h.quick()
	h.must(h.push(), 0)
	r := editor{h.repo, rand.New(rand.NewPCG(11, 1))}
	hit := 0
	for version := 1; hit < seeds; version++ {
		r.clock.Advance(time.Minute)
		r.commit(edited(version))
		saved, editors := map[int][]string{}, map[int]string{}
		r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
			for _, n := range r.rewritten(q) {
				if len(saved[n]) < 1+r.rnd.IntN(2) { // and some once more, right before it is mended
					text, body := r.saves(n, editors[n], fmt.Sprintf("%d/%d/%d", version, n, len(saved[n])))
					saved[n], editors[n] = append(saved[n], text), body
					hit++
				}
			}
			return nil
		})
		r.must(r.push(), 0)
		r.srv.Fault(nil)
		if len(saved) == 0 {
			t.Fatalf("version %d: nothing was written", version)
		}
		for n, texts := range saved {
			i := r.srv.Issue(n)
			for _, text := range texts {
				if strings.Count(i.Body, text) != 1 {
					t.Fatalf("#%d: %q is there %d times of 1, saved %q\n%.1500s", n, text, strings.Count(i.Body, text), texts, i.Body)
				}
			}
			if done, here := items(i.Body)["first"]; here && !done {
				t.Fatalf("#%d: the tick is lost\n%.1500s", n, i.Body)
			}
		}
		if found := r.twice(); found != "" {
			t.Fatal(found)
		}
	}
	r.must(r.push(), 0)
	r.still(3)
	t.Logf("%d texts saved right before a write", hit)
}

// saves writes a line above or below the block and ticks an item, and gives what was saved.
// Who saves once more has in the editor what was saved before.
func (r editor) saves(n int, before, seed string) (text, body string) {
	text = "saved by people: " + seed + ";"
	if before == "" {
		before = r.cleared(r.srv.Issue(n).Body)
	}
	body = strings.Replace(before, "- [ ] first", "- [x] first", 1)
	if r.rnd.IntN(2) == 0 {
		body = text + "\n\n" + body
	} else {
		body += "\n" + text
	}
	r.srv.As("eve").EditBody(n, body)
	return text, body
}
