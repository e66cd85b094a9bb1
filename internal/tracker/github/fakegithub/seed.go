package fakegithub

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// Seed is what a repository holds before a test begins. It is the form of the
// command's seed file, too.
type Seed struct {
	Repo       *world.Repo       `json:"repo,omitempty"`    // only for a new server
	Features   Features          `json:"features,omitzero"` // only for a new server
	Users      []world.User      `json:"users,omitempty"`
	Tokens     []Token           `json:"tokens,omitempty"`
	Labels     []Label           `json:"labels,omitempty"`
	Milestones []string          `json:"milestones,omitempty"` // titles
	Commits    []commits.Commit  `json:"commits,omitempty"`
	Branches   map[string]string `json:"branches,omitempty"` // name to commit
	Issues     []SeedIssue       `json:"issues,omitempty"`   // in the order of their numbers
}

// SeedIssue is an issue, or with Pull a pull request, that is there beforehand.
type SeedIssue struct {
	Author    string             `json:"author,omitempty"` // octocat if empty
	Title     string             `json:"title"`
	Body      string             `json:"body,omitempty"`
	Labels    []string           `json:"labels,omitempty"`
	Assignees []string           `json:"assignees,omitempty"`
	Closed    bool               `json:"closed,omitempty"`
	Comments  []SeedComment      `json:"comments,omitempty"`
	Pull      *world.PullRequest `json:"pull_request,omitempty"`
}

// SeedComment is a comment that is there beforehand.
type SeedComment struct {
	Author string `json:"author,omitempty"`
	Body   string `json:"body"`
}

// FromSeed makes a server from a seed and a clock; nil is the clock of Options.
func FromSeed(seed Seed, now func() time.Time) (*Server, error) {
	o := Options{Features: seed.Features, Tokens: seed.Tokens, Now: now}
	if seed.Repo != nil {
		o.Repo = *seed.Repo
	}
	s := New(o)
	seed.Repo, seed.Features = nil, Features{}
	return s, s.Seed(seed)
}

// Seed adds to the repository. It refuses what GitHub would, and stops there.
func (s *Server) Seed(seed Seed) error {
	if seed.Repo != nil || seed.Features != (Features{}) {
		return errors.New("seeding: repo and features are fixed when the server is made")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.world
	for _, u := range seed.Users {
		w.AddUser(u)
	}
	for _, t := range seed.Tokens {
		s.tokens[t.Value] = t
	}
	root := world.Actor{User: w.User(BotLogin), Role: world.RoleAdmin}
	for _, l := range seed.Labels {
		if _, no := w.CreateLabel(root, world.LabelInput(l)); no != nil {
			return fmt.Errorf("seeding label %q: %w", l.Name, no)
		}
	}
	for _, title := range seed.Milestones {
		if _, no := w.CreateMilestone(root, world.MilestoneInput{Title: &title}); no != nil {
			return fmt.Errorf("seeding milestone %q: %w", title, no)
		}
	}
	for _, c := range seed.Commits {
		w.Git.Add(c)
	}
	for name, sha := range seed.Branches {
		w.Branches[name] = commits.SHA(sha)
	}
	for _, i := range seed.Issues {
		if err := seedIssue(w, i); err != nil {
			return err
		}
	}
	return nil
}

func seedIssue(w *world.World, in SeedIssue) error {
	author := w.Person(cmp.Or(in.Author, "octocat"))
	author.Role = world.RoleAdmin // what a seed says holds, whatever its author could do
	var i *world.Issue
	if in.Pull != nil {
		pr := *in.Pull
		pr.HeadSHA, pr.BaseSHA = commits.SHA(pr.HeadSHA), commits.SHA(pr.BaseSHA)
		i = w.AddPull(author, in.Title, in.Body, pr)
	} else {
		var no *world.Refusal
		if i, no = w.CreateIssue(author, world.IssueInput{Title: in.Title, Body: &in.Body, Labels: in.Labels, Assignees: in.Assignees}); no != nil {
			return fmt.Errorf("seeding issue %q: %w", in.Title, no)
		}
	}
	for _, c := range in.Comments {
		if _, no := w.CreateComment(w.Person(cmp.Or(c.Author, "octocat")), i.Number, c.Body); no != nil {
			return fmt.Errorf("seeding a comment on %q: %w", in.Title, no)
		}
	}
	if in.Closed {
		state := "closed"
		if _, no := w.UpdateIssue(author, i.Number, world.IssuePatch{State: &state}); no != nil {
			return fmt.Errorf("closing issue %q: %w", in.Title, no)
		}
	}
	return nil
}

// State is the repository as JSON shows it.
type State struct {
	Repo       world.Repo  `json:"repo"`
	Labels     []Label     `json:"labels"`
	Milestones []Milestone `json:"milestones"`
	Issues     []Issue     `json:"issues"` // pull requests and gone ones included
	Dump       string      `json:"dump"`
	Violations []string    `json:"violations"`
}

// State copies the whole repository.
func (s *Server) State() State {
	out := State{Labels: s.Labels(), Milestones: s.Milestones(), Dump: s.Dump(), Violations: s.Violations()}
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Repo = s.world.Repo
	for _, i := range s.world.Issues {
		out.Issues = append(out.Issues, snapshot(i))
	}
	return out
}

// Control is the Handler with four paths beside it for tests of another
// process: GET /__journal, GET /__state, POST /__seed, POST /__act.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.Handler())
	mux.HandleFunc("GET /__journal", func(w http.ResponseWriter, _ *http.Request) { show(w, s.Requests()) })
	mux.HandleFunc("GET /__state", func(w http.ResponseWriter, _ *http.Request) { show(w, s.State()) })
	mux.HandleFunc("POST /__seed", func(w http.ResponseWriter, r *http.Request) {
		var seed Seed
		if !decode(w, r, &seed) {
			return
		}
		if err := s.Seed(seed); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /__act", s.control)
	return mux
}

// decode reads a request for the control; false if it was not to be read, and answered.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func show(w http.ResponseWriter, v any) {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(raw, '\n')) // the client went away: nobody is left to tell
}
