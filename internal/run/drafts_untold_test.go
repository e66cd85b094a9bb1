package run_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// drafted gives the texts of the releases by tag, and fails where a tag has two.
func (r *repo) drafted() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for _, d := range r.srv.Releases() {
		if _, twice := out[d.Tag]; twice {
			r.t.Errorf("%s has two releases", d.Tag)
		}
		out[d.Tag] = d.Body
	}
	return out
}

// shows fails unless the release of the tag has all the texts.
func (r *repo) shows(tag string, texts ...string) {
	r.t.Helper()
	body, ok := r.drafted()[tag]
	if !ok {
		r.t.Fatalf("%s has no draft", tag)
	}
	says(r.t, "the draft of "+tag, body, texts...)
}

// nothingElse fails if another run changes anything, or asks for releases.
func (r *repo) nothingElse(when string) {
	r.t.Helper()
	r.srv.ResetJournal()
	r.still(func() { r.must(r.push(), 0) })
	r.askedExactly("a second push "+when, 0, 0)
}

// While a file of the product has errors nothing is told; once it is mended, all is.
func TestDraftsWaitForBrokenFiles(t *testing.T) {
	for name, broken := range map[string]map[string]string{
		"a spec of the product": {path("CRM-2"): "id: CRM-2\ntitel: x\n"},
		"nobody knows of what":  {path("PAY-9"): ": : :\n\t- ["},
	} {
		t.Run(name, func(t *testing.T) {
			mended := map[string]string{path("CRM-2"): noted("CRM-2", "2.4", "Two.", ""), path("PAY-9"): spec("PAY-9", 0, "")}
			r := publishing(t, mended)
			r.must(r.push(), 0)
			change := map[string]string{path("CRM-1"): noted("CRM-1", "2.5", "One.", "")}
			maps.Copy(change, broken)
			r.commit(change)
			r.srv.ResetJournal()
			r.must(r.push(), 1)
			r.askedExactly("while it is broken", 0, 0)
			r.commit(mended)
			r.must(r.push(), 0)
			r.shows("CRM-v2.5", "One.")
			r.shows("CRM-v2.4", "Two.")
			r.nothingElse("after it was mended")
		})
	}
}

// Another product is not held up, unless it shares the release.
func TestDraftsOfAnotherProductGoOn(t *testing.T) {
	for pattern, waits := range map[string]bool{"{product}-v{version}": false, "v{version}": true} {
		r := publishing(t, map[string]string{
			configFile: "version: 1\nrelease: {tag: \"" + pattern + "\"}\n", path("CRM-2"): "id: CRM-2\ntitel: x\n",
			path("CRM-1"): noted("CRM-1", "2.4", "One.", ""), path("PAY-1"): noted("PAY-1", "2.4", "Pays.", ""),
		})
		r.must(r.push(), 1)
		if n := len(r.drafted()); (n == 0) != waits || n > 1 {
			t.Errorf("%s: %q", pattern, r.drafted())
		}
		r.commit(map[string]string{path("CRM-2"): spec("CRM-2", 0, "")})
		r.must(r.push(), 0)
		var all strings.Builder
		for _, body := range r.drafted() {
			all.WriteString(body)
		}
		says(t, pattern, all.String(), "One.", "Pays.")
	}
}

// New tags take the notes along; what people wrote stays in the old drafts.
func TestDraftsFollowTheTagPattern(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", ""), path("PAY-1"): noted("PAY-1", "2.4", "Pay.", "")})
	r.must(r.push(), 0)
	old := r.srv.Releases()[0]
	old.Body += "\n\nThanks."
	r.srv.As("mona").SaveRelease(old)
	r.commit(map[string]string{configFile: "version: 1\nrelease: {tag: \"{product}/{version}\"}\n"})
	r.must(r.push(), 0)
	r.shows("CRM/2.4", "One.")
	r.shows("PAY/2.4", "Pay.")
	r.shows(old.Tag, "Thanks.")
	silent(t, "the old draft", r.drafted()[old.Tag], "One.")
	r.nothingElse("after the pattern changed")
}

// A version that makes no tag is a finding at its place; nobody asks GitHub for such a release.
func TestDraftOfAnImpossibleTag(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2..4", "One.", ""), path("PAY-1"): noted("PAY-1", "2.4", "Pay.", "")})
	res := r.must(r.push(), 0)
	says(t, "the log", res.stdout, "capabilities/CRM-1.yml:5:", "[impossible-tag]", `"CRM-v2..4"`, "two dots in a row")
	r.shows("PAY-v2.4", "Pay.")
	if n := len(r.drafted()); n != 1 {
		t.Errorf("%d drafts", n)
	}
	r.nothingElse("with such a version")
	r.commit(map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", "")})
	silent(t, "the log", r.must(r.push(), 0).stdout, "impossible-tag")
	r.shows("CRM-v2.4", "One.")
}

// One draft that GitHub refuses, or that is full, keeps no other away; it is tried again.
func TestDraftsPastOneThatIsRefused(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", ""), path("CRM-2"): noted("CRM-2", "2.5", "Two.", ""), path("PAY-1"): noted("PAY-1", "2.4", "Pay.", "")})
	full := r.srv.As("mona").SaveRelease(world.Release{Tag: "CRM-v2.4", Draft: true, Body: strings.Repeat("x", 124_990)})
	r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
		if q.Method == "POST" && strings.Contains(q.Body, "CRM-v2.5") && strings.HasSuffix(q.Path, "/releases") {
			return fakegithub.Refuse(422, "Validation Failed")
		}
		return nil
	})
	res := r.must(r.push(), 1)
	says(t, "the summary", res.summary, "CRM-v2.4", "125000 characters", "CRM-v2.5", "Validation Failed")
	r.shows("PAY-v2.4", "Pay.")
	r.must(r.push(), 1)
	r.srv.Fault(nil)
	r.srv.As("mona").SaveRelease(world.Release{ID: full, Tag: "CRM-v2.4", Draft: true, Body: "By hand."})
	r.must(r.push(), 0)
	r.shows("CRM-v2.4", "By hand.", "One.")
	r.shows("CRM-v2.5", "Two.")
	r.nothingElse("after all was written")
}

// What left a release is taken out of its draft, also where the first try fails.
func TestDraftsOfWhatLeft(t *testing.T) {
	for _, method := range []string{"GET", "PATCH"} {
		for left, tag := range map[string]string{"CRM-1": "CRM-v2.4", "PAY-1": "PAY-v2.4"} {
			r := publishing(t, map[string]string{
				path("CRM-1"): noted("CRM-1", "2.4", "Leaves.", ""), path("CRM-2"): noted("CRM-2", "2.4", "Stays.", ""), path("PAY-1"): noted("PAY-1", "2.4", "Leaves.", ""),
			})
			r.must(r.push(), 0)
			r.commit(map[string]string{path(left): noted(left, "2.4", "Leaves.", "status: cancelled\n")})
			r.srv.Fault(func(q fakegithub.Request) *fakegithub.Fault {
				if strings.Contains(q.Path, "/releases") && q.Method == method {
					return fakegithub.Refuse(422, "Validation Failed")
				}
				return nil
			})
			r.must(r.push(), 1)
			r.shows(tag, "Leaves.")
			r.srv.Fault(nil)
			r.must(r.push(), 0)
			silent(t, "the draft of "+tag, r.drafted()[tag], "Leaves.")
			r.shows("CRM-v2.4", "Stays.")
			r.nothingElse("after that")
		}
	}
}

// Applying by hand drafts, too, and by the same rules.
func TestDraftsByHand(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "One.", ""), path("CRM-2"): noted("CRM-2", "2.5", "Two.", "")})
	if err := os.RemoveAll(filepath.Join(r.dir, ".git")); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-C", r.dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %s", args, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "-b", "main")
	git("add", ".")
	git("commit", "-qm", "x")
	r.sha = git("rev-parse", "HEAD")
	if err := r.srv.Seed(fakegithub.Seed{Commits: []commits.Commit{{SHA: r.sha, Files: maps.Clone(r.files)}}, Branches: map[string]string{"main": r.sha}}); err != nil {
		t.Fatal(err)
	}
	apply := func(args ...string) string {
		var out, errs bytes.Buffer
		vars := map[string]string{"GITHUB_TOKEN": fakegithub.DefaultToken, "GITHUB_REPOSITORY": "octo-org/crm", "GITHUB_API_URL": r.api, "GITHUB_GRAPHQL_URL": r.gql}
		code := run.Main(t.Context(), run.Env{Args: append([]string{"apply", "--tracker", "github"}, args...), Stdout: &out, Stderr: &errs, Dir: r.dir, Version: "test",
			Getenv: func(k string) string { return vars[k] }, Now: r.clock.Now, Sleep: r.clock.Sleep})
		if code != 0 {
			t.Fatalf("exit code %d\n%s%s", code, out.String(), errs.String())
		}
		return errs.String()
	}
	says(t, "what it says", apply(path("CRM-2")), "1 made")
	r.shows("CRM-v2.5", "Two.")
	if n := len(r.drafted()); n != 1 {
		t.Errorf("%d drafts of one file", n)
	}
	says(t, "what it says", apply(), "1 made, 0 brought up to date")
	r.shows("CRM-v2.4", "One.")
	silent(t, "a second time", apply(), "draft releases")
}

// In a run of several parts a draft has one owner, whichever part a change is in.
func TestDraftsOfOtherPartsChanges(t *testing.T) {
	files := map[string]string{}
	for i := range 12 {
		id := fmt.Sprintf("CRM-%d", i+1)
		files[path(id)] = spec(id, 0, "release: {version: \"2.4\"}\n")
	}
	r := publishing(t, files)
	all := func(parts ...string) {
		for _, part := range parts {
			r.inputs["SHARD"] = part
			r.must(r.push(), 0)
		}
	}
	all("1/3", "2/3", "3/3")
	for i := range 12 {
		id := fmt.Sprintf("CRM-%d", 12-i)
		r.commit(map[string]string{path(id): noted(id, "2.4", "Note of "+id+".", "")})
		all("3/3", "1/3", "2/3")
		all("2/3", "3/3", "1/3") // whoever came before the owner sees now that it is told
		r.shows("CRM-v2.4", "Note of "+id+".")
		if i == 5 { // deleted, it comes back with what is told next, and not before
			r.srv.As("mona").DeleteRelease(r.srv.Releases()[0].ID)
			all("1/3", "2/3", "3/3")
			if n := len(r.drafted()); n != 0 {
				t.Fatalf("the draft that was deleted came back")
			}
		}
	}
}

// Drafts keep to the limits of a run and of the hour, are counted, and come in the end.
func TestDraftsWithinTheLimits(t *testing.T) {
	const versions = 30
	files := map[string]string{}
	for i := range versions {
		id := fmt.Sprintf("CRM-%d", i+1)
		files[path(id)] = noted(id, fmt.Sprintf("%d.0", i+1), "Note.", "")
	}
	r := publishing(t, files)
	r.inputs["WRITES-PER-HOUR"], r.inputs["MAX-WRITES"] = "60", "40"
	waited := false
	var sent []time.Time
	for n := 1; len(r.drafted()) < versions; n++ {
		if n > 40 {
			t.Fatalf("%d drafts after %d runs", len(r.drafted()), n)
		}
		r.srv.ResetJournal()
		res := r.must(r.event("schedule", map[string]any{}, nil), 0)
		wrote := 0
		for _, q := range r.srv.Writes() {
			wrote += max(1, len(q.Ops))
			sent = append(sent, slices.Repeat([]time.Time{q.At}, max(1, len(q.Ops)))...)
		}
		if wrote > 40 {
			t.Errorf("run %d: %d writes", n, wrote)
		}
		r.clock.Advance(20 * time.Minute)
		waited = waited || strings.Contains(res.summary, "raft releases that wait for the next run")
	}
	const most = 60
	for i := most; i < len(sent); i++ {
		if span := sent[i].Sub(sent[i-most]); span < time.Hour {
			t.Errorf("%d writes within %s", most+1, span)
			break
		}
	}
	if !waited {
		t.Error("no run said that drafts wait")
	}
}

// A run that may write once writes once: a draft waits for the tickets.
func TestASingleWrite(t *testing.T) {
	r := publishing(t, map[string]string{path("CRM-1"): noted("CRM-1", "2.4", "Note.", "")})
	for _, most := range []string{"1", "2", "3"} {
		r.inputs["MAX-WRITES"] = most
		r.srv.ResetJournal()
		r.must(r.event("schedule", map[string]any{}, nil), 0)
		wrote := 0
		for _, q := range r.srv.Writes() {
			wrote += max(1, len(q.Ops))
		}
		if wrote == 0 || strconv.Itoa(wrote) > most {
			t.Errorf("%d writes, where %s are allowed", wrote, most)
		}
	}
}
