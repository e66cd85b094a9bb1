package run_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/action/actiontest"
	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// pull is a pull request whose merge commit is checked out.
type pull struct {
	r           *repo
	n           int
	head, merge string
	fork        bool
}

// open opens a pull request of mona that changes files (empty text removes one), and checks
// out its merge with the default branch, as the checkout action does.
func (r *repo) open(change map[string]string) *pull {
	r.t.Helper()
	p := &pull{r: r}
	p.merge, p.head = r.merge(change)
	p.n = r.srv.As("mona").OpenPull("A change", "", world.PullRequest{HeadRef: "change", HeadSHA: p.head, HeadRepo: "octo-org/crm", BaseRef: "main", BaseSHA: r.sha})
	return p
}

// merge makes a commit with the change and its merge, and puts the merge into the workspace.
func (r *repo) merge(change map[string]string) (merge, head string) {
	r.t.Helper()
	files := maps.Clone(r.files)
	for path, text := range change {
		if text == "" {
			delete(files, path)
		} else {
			files[path] = text
		}
	}
	head = r.add(r.sha, files)
	r.n++
	merge = commits.SHA(fmt.Sprintf("commit %d", r.n))
	if err := r.srv.Seed(fakegithub.Seed{Commits: []commits.Commit{{SHA: merge, Parents: []string{r.sha, head}, Files: files}}}); err != nil {
		r.t.Fatal(err)
	}
	r.workspace(files)
	r.checkout(merge)
	return merge, head
}

// workspace makes the checkout hold exactly the files.
func (r *repo) workspace(files map[string]string) {
	r.t.Helper()
	for _, old := range []string{"capabilities", ".github"} {
		if err := os.RemoveAll(filepath.Join(r.dir, old)); err != nil {
			r.t.Fatal(err)
		}
	}
	for path, text := range files {
		r.write(filepath.Join(r.dir, filepath.FromSlash(path)), text)
	}
}

// payload is what GitHub sends for the pull request.
func (p *pull) payload() map[string]any {
	home := map[string]any{"id": p.r.repositoryID(), "full_name": "octo-org/crm"}
	from := home
	if p.fork {
		from = map[string]any{"id": p.r.repositoryID() + 1, "full_name": "mona/crm", "fork": true}
	}
	return map[string]any{"action": "synchronize", "pull_request": map[string]any{
		"number": p.n, "title": "A change",
		"head": map[string]any{"sha": p.head, "ref": "change", "repo": from}, "base": map[string]any{"sha": p.r.sha, "ref": "main", "repo": home},
	}}
}

// run runs the action for the pull request.
func (p *pull) run() result {
	p.r.t.Helper()
	return p.r.event("pull_request", p.payload(), map[string]string{"GITHUB_SHA": p.merge, "GITHUB_REF": fmt.Sprintf("refs/pull/%d/merge", p.n)})
}

// comments are those on the pull request.
func (p *pull) comments() []fakegithub.Comment { return p.r.srv.Issue(p.n).Comments }

// key gives the one open issue with the key; it fails if there is none or another one.
func (r *repo) key(key string) fakegithub.Issue {
	r.t.Helper()
	var found []fakegithub.Issue
	for _, i := range r.live() {
		if string(ticket.ParseBody(i.Body).Marker.Key) == key {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		r.t.Fatalf("%d open issues have the key %s, want 1", len(found), key)
	}
	return found[0]
}

// unwritten fails if there was any write since the journal was reset.
func (r *repo) unwritten() {
	r.t.Helper()
	if len(r.srv.Writes()) > 0 {
		r.t.Fatalf("there were writes\n%s", r.srv.List())
	}
}

// once fails unless every key has one live issue at most.
func (r *repo) once() {
	r.t.Helper()
	seen := map[ticket.Key]int{}
	for _, i := range r.live() {
		key := ticket.ParseBody(i.Body).Marker.Key
		if i.Author == fakegithub.BotLogin && key != "" && seen[key] != 0 {
			r.t.Errorf("#%d and #%d are both %s", seen[key], i.Number, key)
		}
		seen[key] = i.Number
	}
}

// says fails unless the text holds all the parts.
func says(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s does not say %q:\n%s", what, p, text)
		}
	}
}

// silent fails if the text holds any of the parts.
func silent(t testing.TB, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(text, p) {
			t.Errorf("%s says %q:\n%s", what, p, text)
		}
	}
}

// marks are the annotations of a kind in a log, as the runner reads them: "file:line:col message".
func marks(log, kind string) []string {
	var out []string
	for _, c := range actiontest.Commands(log) {
		if c.Name == kind {
			out = append(out, fmt.Sprintf("%s:%s:%s %s", c.Props["file"], c.Props["line"], c.Props["col"], c.Data))
		}
	}
	slices.Sort(out)
	return out
}

const configFile = ".github/ticketfoundry.yml"

// link puts a symlink into the workspace.
func (r *repo) link(target, path string) {
	r.t.Helper()
	if err := os.Symlink(target, filepath.Join(r.dir, filepath.FromSlash(path))); err != nil {
		r.t.Fatal(err)
	}
}

// client gives a way to call the server as a person's own tool would, as an admin.
func client(r *repo) func(method, path, body string) {
	r.srv.AddToken(fakegithub.Token{Value: "ghp_octocat", Login: "octocat"})
	return func(method, path, body string) {
		r.t.Helper()
		req, err := http.NewRequestWithContext(r.t.Context(), method, r.api+path, strings.NewReader(body))
		if err != nil {
			r.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer ghp_octocat")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			r.t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode >= 300 {
			r.t.Fatalf("%s %s: %s", method, path, res.Status)
		}
	}
}
