package world

import (
	"regexp"
	"strconv"
	"time"
)

// closing finds the words that close an issue from a commit or pull request.
var closing = regexp.MustCompile(`(?i)\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? #([0-9]+)\b`)

// CloseByCommit is a push to the default branch of a commit that says "Fixes #n".
func (w *World) CloseByCommit(a Actor, n int, sha string) *Refusal {
	i, r := w.Find(n)
	if r != nil {
		return r
	}
	if r := w.mayPush(a); r != nil {
		return r
	}
	at := w.tick()
	w.event(a, i, at, Event{Kind: "referenced", Commit: sha})
	w.close(a, i, sha, at)
	return nil
}

// MergePull merges a pull request as the given commit, and closes the issues that its text says
// it fixes where it goes to the default branch. Their log names who merged and no commit.
func (w *World) MergePull(a Actor, n int, sha string) *Refusal {
	i, r := w.Find(n)
	if r != nil {
		return r
	}
	if i.PR == nil {
		return NotFound()
	}
	if r := w.mayPush(a); r != nil {
		return r
	}
	if i.Closed {
		return &Refusal{Status: 405, Message: "Pull Request is not mergeable"}
	}
	at := w.tick()
	i.PR.Merged = true
	w.event(a, i, at, Event{Kind: "merged", Commit: sha})
	w.close(a, i, "", at)
	if i.PR.BaseRef != w.Repo.DefaultBranch {
		return nil
	}
	for _, m := range closing.FindAllStringSubmatch(i.Body, -1) {
		number, err := strconv.Atoi(m[1])
		if err != nil {
			continue
		}
		if fixed, r := w.Find(number); r == nil && fixed.PR == nil {
			w.close(a, fixed, "", at)
		}
	}
	return nil
}

func (w *World) mayPush(a Actor) *Refusal {
	if r := w.writable(a); r != nil {
		return r
	}
	if !a.Role.AtLeast(RoleWrite) {
		return Forbidden(a, "contents=write")
	}
	return nil
}

func (w *World) close(a Actor, i *Issue, commit string, at time.Time) {
	state := "closed"
	w.setStateBy(a, i, IssuePatch{State: &state}, commit, at)
	w.touch(i, at)
}
