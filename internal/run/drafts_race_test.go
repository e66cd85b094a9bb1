package run_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// before does something once, right before the first request that it is for.
type before struct {
	method, path string
	do           func()
	done         bool
}

func (b *before) RoundTrip(q *http.Request) (*http.Response, error) {
	if !b.done && q.Method == b.method && strings.Contains(q.URL.Path, b.path) {
		b.done = true
		b.do()
	}
	return http.DefaultTransport.RoundTrip(q)
}

// What people do to a draft after it was listed counts: the published one is not touched, their
// text is kept, and one that was deleted is made again, as its notes have changed.
func TestDraftsThatPeopleChangeMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(r *repo, d world.Release)
		want func(r *repo)
	}{
		"published": {func(r *repo, d world.Release) { d.Draft = false; r.srv.As("mona").SaveRelease(d) },
			func(r *repo) { silent(r.t, "what is published", r.drafted()["CRM-v2.4"], "Two.") }},
		"saved": {func(r *repo, d world.Release) { d.Body += "\n\nThanks."; r.srv.As("mona").SaveRelease(d) },
			func(r *repo) { r.shows("CRM-v2.4", "Two.", "Thanks.") }},
		"deleted": {func(r *repo, d world.Release) { r.srv.As("mona").DeleteRelease(d.ID) },
			func(r *repo) { r.shows("CRM-v2.4", "Two.") }},
		"given another tag": {func(r *repo, d world.Release) { d.Tag = "other"; r.srv.As("mona").SaveRelease(d) },
			func(r *repo) { r.shows("CRM-v2.4", "Two."); r.shows("other", "One.") }},
	} {
		t.Run(name, func(t *testing.T) {
			r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", "")})
			r.must(r.push(), 0)
			r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Two.", "")})
			draft := r.srv.Releases()[0]
			hook := &before{method: "GET", path: "/releases/", do: func() { c.act(r, draft) }}
			r.http = hook
			res := r.must(r.push(), 0)
			if !hook.done {
				t.Fatal("nobody read the draft before it was written")
			}
			silent(t, "the summary", res.summary, "contents: write")
			c.want(r)
			r.nothingElse("after that")
		})
	}
}

// A draft that is deleted at the last moment is made again; one that only seems to be there is
// left for the next run. Neither is taken for a permission that is missing.
func TestDraftsThatVanish(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", "")})
	r.must(r.push(), 0)
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Two.", "")})
	r.http = &before{method: "PATCH", path: "/releases/", do: func() { r.srv.As("mona").DeleteRelease(r.srv.Releases()[0].ID) }}
	r.must(r.push(), 0)
	r.shows("CRM-v2.4", "Two.")

	r.http = nil
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Three.", "")})
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if strings.Contains(q.Path, "/releases/") && q.Method == "PATCH" {
			return fakegithub.Refuse(404, "Not Found")
		}
		return nil
	})
	res := r.must(r.push(), 1)
	silent(t, "the summary", res.summary, "contents: write")
	says(t, "the summary", res.summary, "CRM-v2.4", "the next run tries again")
	r.srv.Fault(nil)
	r.must(r.push(), 0)
	r.shows("CRM-v2.4", "Three.")
	r.nothingElse("after that")
}

// Wherever a run dies between its requests about releases, the next ones end with one draft for
// each version, and with nothing left to do.
func TestDraftsAfterARunThatDied(t *testing.T) {
	for _, m := range []cutMode{cutBefore, cutLost, cutAfter} {
		for k := 0; ; k++ {
			r := publishing(t, map[string]string{
				path("CRM-1"): noted("CRM-1", "2.4", "One.", ""), path("CRM-2"): noted("CRM-2", "2.5", "Two.", ""), path("PAY-1"): noted("PAY-1", "1.0", "Pays.", ""),
			}).quick()
			r.cut(k, m)
			between := len(r.drafted())
			r.must(r.event("schedule", map[string]any{}, nil), 0)
			r.shows("CRM-v2.4", "One.")
			r.shows("CRM-v2.5", "Two.")
			r.shows("PAY-v1.0", "Pays.")
			r.must(r.push(), 0)
			r.nothingElse("after a run that died")
			if t.Failed() {
				t.Fatalf("cut %s request %d", m, k)
			}
			if between == 3 {
				break
			}
		}
	}
}

// An answer that is lost on the way back makes no second draft.
func TestDraftWhoseAnswerIsLost(t *testing.T) {
	for name, lost := range map[string]func() *fakegithub.Fault{
		"dropped": fakegithub.ApplyThenDrop, "bad gateway": func() *fakegithub.Fault { return fakegithub.ApplyThenFail(502) },
	} {
		r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", ""), path("CRM-2"): noted("CRM-2", "2.5", "Two.", "")})
		first := true
		r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
			if strings.HasSuffix(q.Path, "/releases") && q.Method == "POST" && first {
				first = false
				return lost()
			}
			return nil
		})
		r.push()
		r.srv.Fault(nil)
		r.must(r.event("schedule", map[string]any{}, nil), 0)
		if len(r.drafted()) != 2 {
			t.Errorf("%s: %q", name, r.drafted())
		}
	}
}
