package run_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// noted is a capability with a version and what customers are told.
func noted(id, version, notes, more string) string {
	return spec(id, 0, more+"release: {version: \""+version+"\", notes: \""+notes+"\"}\n")
}

// publishing is a repository whose token may write contents.
func publishing(t testing.TB, files map[string]string) *repo {
	o := options()
	o.Tokens = []fakegithub.Token{{Value: fakegithub.DefaultToken, Login: fakegithub.BotLogin, App: true, Issues: "write", Contents: "write", Pulls: "write"}}
	return newRepo(t, o, files)
}

// asked counts the requests about releases.
func (r *repo) asked() (reads, writes int) {
	for _, q := range r.srv.Requests() {
		switch {
		case !strings.Contains(q.Path, "/releases"):
		case q.Method == "GET":
			reads++
		default:
			writes++
		}
	}
	r.srv.ResetJournal()
	return reads, writes
}

func (r *repo) askedExactly(when string, reads, writes int) {
	r.t.Helper()
	if is, did := r.asked(); is != reads || did != writes {
		r.t.Errorf("%s: %d reads and %d writes of releases, want %d and %d", when, is, did, reads, writes)
	}
}

const madeDraft = "<!-- ticketfoundry:notes for=CRM-v2.4 -->\n- Faster\n- Quieter\n<!-- ticketfoundry:notes-end -->"

func TestDraftRelease(t *testing.T) {
	r := publishing(t, map[string]string{
		path("CRM-1"): noted("CRM-1", "2.4", "- Faster", ""), path("CRM-2"): noted("CRM-2", "2.4", "- Quieter", ""),
		path("CRM-3"): spec("CRM-3", 0, "release: {version: \"2.5\"}\n"), path("PAY-1"): noted("PAY-1", "1.0", "Pays @mona.", ""),
	})
	res := r.must(r.push(), 0)
	says(t, "the summary", res.summary, "Draft releases with the release notes: 2 made, 0 brought up to date")
	r.askedExactly("the first run", 1, 2)
	all := r.srv.Releases()
	if len(all) != 2 || !all[0].Draft || all[0].Tag != "CRM-v2.4" || all[0].Name != "CRM 2.4" || all[0].Body != madeDraft {
		t.Fatalf("releases %+v", all)
	}
	silent(t, "the draft", all[1].Body, "@mona", "PAY-1")

	// Nothing changed, or nothing that customers are told: nobody asks for releases.
	r.must(r.push(), 0)
	r.askedExactly("an idle push", 0, 0)
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "- Faster", "priority: p1\n")})
	r.must(r.push(), 0)
	r.askedExactly("a push of another field", 0, 0)
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	r.askedExactly("a sweep", 1, 0)

	// What people write around the block stays byte for byte.
	mine := "Hello!  \r\n\r\n" + strings.ReplaceAll(all[0].Body, "\n", "\r\n") + "\r\n\r\n\r\nThanks to @mona. "
	draft := all[0]
	draft.Name, draft.Body = "Spring", mine
	r.srv.As("mona").SaveRelease(draft)
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	r.askedExactly("a sweep after people wrote", 1, 0)
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "- Much faster", "")})
	r.clock.Advance(time.Hour)
	r.must(r.push(), 0)
	r.askedExactly("new notes", 2, 1)
	got := r.srv.Releases()[0]
	if want := strings.Replace(mine, "- Faster", "- Much faster", 1); got.Body != want {
		t.Errorf("the draft is %q, want %q", got.Body, want)
	}
	if got.Name != "Spring" || !got.Draft {
		t.Errorf("the draft is %+v", got)
	}

	// A capability that moves to another version takes its notes along; a cancelled one none.
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.5", "- Much faster", ""), path("PAY-1"): noted("PAY-1", "1.0", "Pays.", "status: cancelled\n")})
	r.must(r.push(), 0)
	r.askedExactly("a move", 3, 3)
	bodies := map[string]string{}
	for _, d := range r.srv.Releases() {
		bodies[d.Tag] = d.Body
	}
	silent(t, "the old draft", bodies["CRM-v2.4"], "Much faster")
	says(t, "the old draft", bodies["CRM-v2.4"], "Hello!", "- Quieter")
	says(t, "the new draft", bodies["CRM-v2.5"], "- Much faster")
	silent(t, "the draft of what is cancelled", bodies["PAY-v1.0"], "Pays")

	// A published release is nobody's draft any more.
	draft = r.srv.Releases()[0]
	draft.Draft = false
	r.srv.As("mona").SaveRelease(draft)
	r.commit(map[string]string{path("CRM-2"): noted("CRM-2", "2.4", "- Too late", "")})
	r.must(r.push(), 0)
	r.askedExactly("after publishing", 1, 0)
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	r.askedExactly("a sweep after publishing", 1, 0)
	if n := len(r.srv.Releases()); n != 3 {
		t.Errorf("%d releases", n)
	}
}

// Without the permission all else works, and one request finds out.
func TestDraftReleaseWithoutPermission(t *testing.T) {
	r := newRepo(t, options(), map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Faster.", ""), path("PAY-1"): noted("PAY-1", "1.0", "Pays.", "")})
	res := r.must(r.push(), 0)
	r.askedExactly("the first run", 1, 1)
	if n := strings.Count(res.summary, "contents: write"); n != 1 || len(r.srv.Releases()) != 0 || res.outputs["created"] != "4" {
		t.Errorf("said %d times, %d releases, outputs %v\n%s", n, len(r.srv.Releases()), res.outputs, res.summary)
	}
	res = r.must(r.push(), 0)
	r.askedExactly("the second run", 0, 0)
	silent(t, "the summary", res.summary, "contents: write")
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	r.askedExactly("a sweep", 1, 0)
	r.must(r.event("workflow_dispatch", map[string]any{}, nil), 0)
	r.askedExactly("started by hand", 1, 1)
}

// Each draft is made by one of the parts of a run.
func TestDraftReleasesInParts(t *testing.T) {
	files := map[string]string{}
	for _, id := range []string{"CRM-1", "CRM-2", "CRM-3", "PAY-1", "PAY-2", "ERP-1"} {
		files[path(id)] = noted(id, "2.4", "About "+strings.ToLower(id[:3]), "")
	}
	r := publishing(t, files)
	for range 2 {
		for _, part := range []string{"1/3", "2/3", "3/3"} {
			r.inputs["SHARD"] = part
			r.must(r.push(), 0)
		}
	}
	if all := r.srv.Releases(); len(all) != 3 || all[0].Tag == all[1].Tag || all[1].Tag == all[2].Tag {
		t.Errorf("releases %+v", all)
	}
}

func TestDraftReleaseThatFails(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Faster.", "")})
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if strings.HasSuffix(q.Path, "/releases") {
			return fakegithub.Drop()
		}
		return nil
	})
	res := r.must(r.push(), 1)
	says(t, "the summary", res.summary, "The release notes could not be brought up to date")
	r.srv.Fault(nil)
	r.must(r.event("schedule", map[string]any{}, nil), 0)
	if n := len(r.srv.Releases()); n != 1 {
		t.Errorf("%d releases", n)
	}
}

// A draft that people began is taken up; one whose marks they broke is left alone, and so are the
// notes of a product while one of its files has errors.
func TestDraftsOfPeople(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Faster.", ""), path("CRM-2"): noted("CRM-2", "2.5", "Later.", "")})
	own := r.srv.As("mona").SaveRelease(world.Release{Tag: "CRM-v2.4", Name: "Mine", Body: "By hand.", Draft: true})
	broken := "<!-- ticketfoundry:notes for=CRM-v2.5 -->\nno end"
	r.srv.As("mona").SaveRelease(world.Release{Tag: "CRM-v2.5", Body: broken, Draft: true})
	res := r.must(r.push(), 1)
	says(t, "the summary", res.summary, "CRM-v2.5", "two hidden marks")
	all := r.srv.Releases()
	if len(all) != 2 || all[0].ID != own || !strings.HasPrefix(all[0].Body, "By hand.\n\n<!--") || all[1].Body != broken {
		t.Errorf("releases %+v", all)
	}
	r.commit(map[string]string{path("CRM-1"): "id: CRM-1\ntitel: x\n", path("CRM-2"): noted("CRM-2", "2.4", "Later.", "")})
	r.must(r.push(), 1)
	if got := r.srv.Releases()[0].Body; got != all[0].Body {
		t.Errorf("the draft became %q", got)
	}
}

// The ticket that decides on a release says what does not make it, and what all of it costs.
func TestReleaseTicketShowsTheRelease(t *testing.T) {
	shown := func(r *repo) string {
		for _, i := range r.live() {
			if strings.Contains(i.Body, "CRM-1/release/approve-release") && strings.HasPrefix(i.Title, "[Release]") {
				return i.Body
			}
		}
		t.Fatal("there is no ticket that decides on the release")
		return ""
	}
	with := func(id, more string) string {
		return spec(id, 0, more+"release: {version: \"2.4\", notes: Faster.}\n"+priced("USD", "100", fresh))
	}
	r := settled(t, map[string]string{
		configFile: startAnywhere, path("CRM-1"): with("CRM-1", "start_stage: release\nacceptance_criteria: [It works]\n"), path("CRM-2"): with("CRM-2", ""),
		path("CRM-3"): with("CRM-3", "status: on_hold\n"), path("CRM-4"): with("CRM-4", "status: cancelled\n"),
		path("CRM-5"): spec("CRM-5", 0, "release: {version: \"2.5\"}\n"), path("PAY-1"): spec("PAY-1", 0, "release: {version: \"2.4\"}\n"),
	})
	body := shown(r)
	says(t, "the ticket", body, "### What does not make it, as things stand\n\n- #", "Capability CRM-2 (`CRM-2`)\n", "Capability CRM-3 (`CRM-3`): on hold\n", "(`CRM-4`): cancelled\n",
		"**$300.00/month** for the 3 capabilities of CRM 2.4")
	silent(t, "the ticket", body, "CRM-5", "PAY-1", "Capability CRM-1 (")
	r.still(func() {
		r.must(r.push(), 0)
		r.must(r.event("schedule", map[string]any{}, nil), 0)
	})
}
