package world

import (
	"strings"
	"time"
)

// The states of a review.
const (
	Approved         = "APPROVED"
	ChangesRequested = "CHANGES_REQUESTED"
	Commented        = "COMMENTED"
	Dismissed        = "DISMISSED"
)

// Review is one review of a pull request.
type Review struct {
	ID          int64
	NodeID      string
	Author      *User
	State       string
	Body        string
	Commit      string // what the reviewer looked at
	SubmittedAt time.Time
}

// ReviewPull reviews a pull request as it was at a commit; empty is its head. Who can read may
// review. Nobody decides about a pull request of their own.
func (w *World) ReviewPull(a Actor, n int, state, body, commit string) (*Review, *Refusal) {
	i, r := w.findPull(n)
	if r != nil {
		return nil, r
	}
	if r := w.writable(a); r != nil {
		return nil, r
	}
	if !a.Role.AtLeast(RoleRead) {
		return nil, Forbidden(a, "pull_requests=write")
	}
	switch {
	case i.Author == a.User && state == Approved:
		return nil, &Refusal{Status: 422, Message: "Unprocessable Entity", Plain: []string{"Can not approve your own pull request"}}
	case i.Author == a.User && state == ChangesRequested:
		return nil, &Refusal{Status: 422, Message: "Unprocessable Entity", Plain: []string{"Can not request changes on your own pull request"}}
	case state != Approved && state != ChangesRequested && state != Commented:
		return nil, Unprocessable("Variable $event of type PullRequestReviewEvent was provided invalid value")
	case state != Approved && strings.TrimSpace(body) == "":
		return nil, &Refusal{Status: 422, Message: "Unprocessable Entity", Plain: []string{"Body can not be blank"}}
	}
	at := w.tick()
	v := &Review{ID: w.id(), Author: a.User, State: state, Body: body, Commit: commit, SubmittedAt: at}
	if v.Commit == "" {
		v.Commit = i.PR.HeadSHA
	}
	v.NodeID = w.node("PRR_", v.ID, v)
	i.Reviews = append(i.Reviews, v)
	w.touch(i, at)
	return v, nil
}

// DismissReview takes a decision back that somebody made by a review; that takes write.
func (w *World) DismissReview(a Actor, n int, id int64) *Refusal {
	i, r := w.findPull(n)
	if r != nil {
		return r
	}
	if !a.Role.AtLeast(RoleWrite) {
		return Forbidden(a, "pull_requests=write")
	}
	for _, v := range i.Reviews {
		if v.ID != id {
			continue
		}
		if v.State != Approved && v.State != ChangesRequested {
			return &Refusal{Status: 422, Message: "Unprocessable Entity", Plain: []string{"Can not dismiss a " + strings.ToLower(v.State) + " pull request review"}}
		}
		v.State = Dismissed
		w.touch(i, w.tick())
		return nil
	}
	return NotFound()
}

// PushPull moves a pull request's head; its reviews stay those of the commits they were made at.
func (w *World) PushPull(n int, sha string) *Refusal {
	i, r := w.findPull(n)
	if r != nil {
		return r
	}
	i.PR.HeadSHA = sha
	w.touch(i, w.tick())
	return nil
}

func (w *World) findPull(n int) (*Issue, *Refusal) {
	i, r := w.Find(n)
	if r == nil && i.PR == nil {
		return nil, NotFound()
	}
	return i, r
}
