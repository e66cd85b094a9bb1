package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Release is a release of the repository. Drafts are shown only to tokens that may write
// contents.
type Release struct {
	ID    int64  `json:"id"`
	Tag   string `json:"tag_name"`
	Name  string `json:"name"`
	Body  string `json:"body"`
	URL   string `json:"html_url"`
	Draft bool   `json:"draft"`
}

// releasesPage is how many releases are asked for at once: with the longest texts that releases may
// have, more would not fit into one answer.
const releasesPage = 25

// Releases lists the releases, newest first, and the drafts where the token may see them.
func (t *Tracker) Releases(ctx context.Context) ([]Release, error) {
	out, err := pages[Release](ctx, t, fmt.Sprintf("%s?per_page=%d", t.path("releases"), releasesPage))
	return out, fail(contents(err, ticket.Gone), "list releases", "")
}

// Release reads one release as it is now. One that is not there, or that the token may not see, is
// an error of the kind Gone.
func (t *Tracker) Release(ctx context.Context, id int64) (Release, error) {
	var out Release
	_, err := t.rest(ctx, http.MethodGet, t.path("releases", id), nil, &out)
	if err == nil && out.ID != id {
		err = &ticket.Error{Kind: ticket.Unavailable, Detail: "the answer does not describe the release"}
	}
	return out, fail(contents(err), "read a release", "")
}

// DraftRelease makes a draft. It makes no tag: that is for whoever publishes it.
func (t *Tracker) DraftRelease(ctx context.Context, tag, name, body string) (Release, error) {
	act := "draft the release " + tag
	var out Release
	in := map[string]any{"tag_name": tag, "name": name, "body": body, "draft": true}
	if _, err := t.rest(ctx, http.MethodPost, t.path("releases"), in, &out); err != nil {
		return Release{}, fail(contents(err, ticket.Gone), act, "")
	}
	if out.ID == 0 {
		return Release{}, &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer does not describe a release"}
	}
	return out, nil
}

// WriteDraft replaces the text of a draft. A published release is refused: it is never changed. One
// that is not there any more is an error of the kind Gone.
func (t *Tracker) WriteDraft(ctx context.Context, r Release, body string) error {
	act := "write the draft of the release " + r.Tag
	if !r.Draft {
		return &ticket.Error{Kind: ticket.Rejected, Act: act, Detail: "it is published"}
	}
	_, err := t.rest(ctx, http.MethodPatch, t.path("releases", r.ID), map[string]any{"body": body}, nil)
	return fail(contents(err), act, "")
}

// contents names the permission that drafts take, whichever the answer named. With the kind Gone it
// does so too where GitHub says that there is no such place: so it does to some tokens that may not
// write contents.
func contents(err error, also ...ticket.Kind) error {
	e, ok := errors.AsType[*ticket.Error](err)
	if !ok || !slices.Contains(also, e.Kind) && (e.Kind != ticket.Unauthorised || !strings.Contains(e.Next, "permissions:")) {
		return err
	}
	named := *e
	named.Kind, named.Next = ticket.Unauthorised, "give the job `permissions: contents: write`"
	return &named
}
