// Package payload owns what GitHub says about the event that started a run: the parts of a
// webhook payload the program needs, decoded.
//
// It passes over fields it does not know, and refuses payloads that are too large or have a
// part of the wrong type. What it gives is a snapshot, and an old one on a re-run: who may
// decide what is asked of GitHub again, never read from here.
//
//	ev, err := payload.Decode("pull_request", file)
//	if ev.FromFork() {
//		// the token only reads
//	}
package payload

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxPayload is a little above the largest payload GitHub delivers (25 MB).
const maxPayload = 32 << 20

// Event is what started the run. The zero value of a field means that the event has no
// such part.
type Event struct {
	Name   string `json:"-"`      // push, pull_request, issues, …
	Action string `json:"action"` // opened, labeled, …; of a repository_dispatch its own type

	Repository Repository `json:"repository"`
	Sender     Account    `json:"sender"` // who caused the event

	// push
	Ref     string `json:"ref"` // refs/heads/main
	Before  string `json:"before"`
	After   string `json:"after"`
	Deleted bool   `json:"deleted"`

	PullRequest PullRequest `json:"pull_request"` // pull_request
	MergeGroup  MergeGroup  `json:"merge_group"`  // merge_group
	Issue       Issue       `json:"issue"`        // issues, issue_comment
	Comment     Comment     `json:"comment"`      // issue_comment
	Label       Label       `json:"label"`        // label; issues and pull_request when labeled
	Changes     Changes     `json:"changes"`      // what an edit replaced
	Release     Release     `json:"release"`      // release
}

// Repository is a repository in a payload.
type Repository struct {
	ID            int64  `json:"id"`
	FullName      string `json:"full_name"` // owner/name
	DefaultBranch string `json:"default_branch"`
	Private       bool   `json:"private"`
	Fork          bool   `json:"fork"`
	Archived      bool   `json:"archived"`
}

// Account is a person, a bot or an organisation in a payload.
type Account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"` // User, Bot, Organization
}

// PullRequest is a pull request in a payload.
type PullRequest struct {
	Number int     `json:"number"`
	Title  string  `json:"title"`
	Draft  bool    `json:"draft"`
	Head   Branch  `json:"head"`
	Base   Branch  `json:"base"`
	Labels []Label `json:"labels"`
	User   Account `json:"user"`
}

// Branch is one end of a pull request. Its repository is empty once it was deleted.
type Branch struct {
	SHA  string     `json:"sha"`
	Ref  string     `json:"ref"` // short name
	Repo Repository `json:"repo"`
}

// MergeGroup is the group of pull requests a merge queue wants checked.
type MergeGroup struct {
	HeadSHA string `json:"head_sha"`
	HeadRef string `json:"head_ref"`
	BaseSHA string `json:"base_sha"`
	BaseRef string `json:"base_ref"`
}

// Issue is an issue in a payload; a pull request's conversation looks like one too.
type Issue struct {
	ID            int64   `json:"id"`
	NodeID        string  `json:"node_id"`
	Number        int     `json:"number"`
	Title         string  `json:"title"`
	Body          string  `json:"body"`
	State         string  `json:"state"`
	Labels        []Label `json:"labels"`
	User          Account `json:"user"`
	IsPullRequest Present `json:"pull_request"`
}

// Comment is a comment in a payload.
type Comment struct {
	ID   int64   `json:"id"`
	Body string  `json:"body"`
	User Account `json:"user"`
}

// Label is a label in a payload.
type Label struct {
	Name        string `json:"name"`
	Color       string `json:"color"`
	Description string `json:"description"`
}

// Release is a release in a payload.
type Release struct {
	ID         int64  `json:"id"`
	TagName    string `json:"tag_name"`
	Name       string `json:"name"`
	Draft      bool   `json:"draft"`
	Prerelease bool   `json:"prerelease"`

	PublishedAt string `json:"published_at"` // RFC 3339; empty for a draft
}

// Changes tells what an edited event replaced.
type Changes struct {
	Title       From `json:"title"`
	Body        From `json:"body"`
	Name        From `json:"name"`
	Color       From `json:"color"`
	Description From `json:"description"`
}

// From is a replaced value.
type From struct {
	Was     string
	Changed bool // tells a value that was empty from one that did not change
}

// UnmarshalJSON reads {"from": "…"}.
func (f *From) UnmarshalJSON(b []byte) error {
	var v *struct {
		From string `json:"from"`
	}
	if err := json.Unmarshal(b, &v); err != nil || v == nil {
		return err
	}
	*f = From{Was: v.From, Changed: true}
	return nil
}

// Present is true for a field that has any value but null.
type Present bool

// UnmarshalJSON takes any value.
func (p *Present) UnmarshalJSON(b []byte) error {
	*p = string(b) != "null"
	return nil
}

// Decode reads one payload. Fields it does not know are passed over; the result keeps
// the name even when there is an error.
func Decode(name string, r io.Reader) (Event, error) {
	ev := Event{Name: name}
	b, err := io.ReadAll(io.LimitReader(r, maxPayload+1))
	switch {
	case err != nil:
		return ev, err
	case len(b) > maxPayload:
		return ev, fmt.Errorf("larger than %d MiB", maxPayload>>20)
	}
	decoded := ev
	if err := json.Unmarshal(b, &decoded); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return ev, fmt.Errorf("%s is a %s", wrong.Field, wrong.Value)
		}
		return ev, err
	}
	return decoded, nil
}

// FromFork tells whether the event brings code from another repository, one that may be
// gone by now. Such a run has a token that only reads, and must not write with any other.
func (e Event) FromFork() bool {
	if e.PullRequest.Number == 0 {
		return false
	}
	head := e.PullRequest.Head.Repo
	if head.ID != 0 && e.Repository.ID != 0 {
		return head.ID != e.Repository.ID
	}
	return head.FullName == "" || !strings.EqualFold(head.FullName, e.Repository.FullName)
}

// ToDefaultBranch tells whether the event is a push that moved the default branch.
func (e Event) ToDefaultBranch() bool {
	return e.Name == "push" && !e.Deleted && e.Repository.DefaultBranch != "" &&
		e.Ref == "refs/heads/"+e.Repository.DefaultBranch
}
