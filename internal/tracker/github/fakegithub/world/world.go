package world

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
)

// World is one repository and all that is in it.
type World struct {
	Repo Repo
	// Users are the known accounts by lower-case login.
	Users      map[string]*User
	Labels     []*Label // in creation order
	Milestones []*Milestone
	Issues     []*Issue // by number, ascending; gone ones stay
	Types      []*IssueType
	Git        *commits.Store
	Branches   map[string]string // name to commit
	Releases   []*Release
	now        func() time.Time
	clock      time.Time // used while now is nil
	nextID     int64
	people     int // accounts ever made
	nodes      map[string]any
	issueNo    int
	derived    derived
}

// New makes an empty repository. now is the clock; when it is nil the world has
// its own, which stands at 2026-01-05 09:00 UTC and moves one second with each write.
func New(repo Repo, now func() time.Time) *World {
	repo.ID = cmp.Or(repo.ID, 71)
	repo.DefaultBranch = cmp.Or(repo.DefaultBranch, "main")
	w := &World{
		Repo: repo, Users: map[string]*User{}, Git: commits.New(), Branches: map[string]string{},
		now: now, clock: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), nodes: map[string]any{},
		// Real issue ids passed 32 bits of sign long ago: a client that keeps them in an int32 breaks here too.
		nextID: 3_100_000_000,
	}
	w.AddUser(User{Login: repo.Owner, Type: "Organization", Role: RoleNone})
	for _, name := range repo.IssueTypes {
		t := &IssueType{ID: w.id(), Name: name}
		t.NodeID = w.node("IT_", t.ID, t)
		w.Types = append(w.Types, t)
	}
	return w
}

// Now is the world's time.
func (w *World) Now() time.Time {
	if w.now != nil {
		return w.now().UTC().Truncate(time.Second)
	}
	return w.clock
}

// Advance moves the world's own clock; it does nothing to an injected one.
func (w *World) Advance(d time.Duration) { w.clock = w.clock.Add(d) }

// tick is the time of a write.
func (w *World) tick() time.Time {
	if w.now == nil {
		w.clock = w.clock.Add(time.Second)
	}
	return w.Now()
}

// id is the next database id. Ids are spread out so that no number can pass for an id.
func (w *World) id() int64 {
	w.nextID += 1009
	return w.nextID
}

// node makes the opaque id of an object and remembers what it stands for.
func (w *World) node(prefix string, id int64, object any) string {
	raw := fmt.Sprintf("%d:%d:%s", w.Repo.ID, id, prefix)
	s := prefix + "kwDO" + base64.RawURLEncoding.EncodeToString([]byte(raw))
	w.nodes[s] = object
	return s
}

// RepoNodeID is the opaque id of the repository.
func (w *World) RepoNodeID() string { return w.node("R_", w.Repo.ID, w) }

// Node finds the object behind an opaque id: *Issue, *User, *Label, *Milestone,
// *Comment, *IssueType, or the *World itself for the repository; nil if unknown or gone.
func (w *World) Node(id string) any {
	if id == w.RepoNodeID() {
		return w
	}
	if i, ok := w.nodes[id].(*Issue); ok && i.Gone != "" {
		return nil
	}
	return w.nodes[id]
}

// AddUser registers an account and returns it; a known login keeps its ids and takes the new role.
func (w *World) AddUser(u User) *User {
	if old := w.Users[strings.ToLower(u.Login)]; old != nil {
		old.Role, old.CustomRole = u.Role, u.CustomRole
		return old
	}
	if u.Type == "" {
		u.Type = "User"
		if strings.HasSuffix(u.Login, "[bot]") {
			u.Type = "Bot"
		}
	}
	if u.ID == 0 {
		u.ID = 583231 + int64(w.people)*17
	}
	w.people++
	prefix := map[string]string{"Bot": "BOT_", "Organization": "O_"}[u.Type]
	p := &u
	p.NodeID = w.node(cmp.Or(prefix, "U_"), u.ID, p)
	w.Users[strings.ToLower(u.Login)] = p
	return p
}

// User finds an account, ignoring case; nil if there is none.
func (w *World) User(login string) *User { return w.Users[strings.ToLower(login)] }

// Person is the account as an actor with its own role; an unknown login is
// registered as somebody who can only read.
func (w *World) Person(login string) Actor {
	u := w.User(login)
	if u == nil {
		u = w.AddUser(User{Login: login, Role: RoleRead})
	}
	return Actor{User: u, Role: w.EffectiveRole(u)}
}

// EffectiveRole is the highest role the account has here; everybody may read a public repository.
func (w *World) EffectiveRole(u *User) Role {
	if u.Role.rank() == 0 && !w.Repo.Private {
		return RoleRead
	}
	return u.Role
}

// Assignable says whether issues can be assigned to the login.
func (w *World) Assignable(login string) bool {
	u := w.User(login)
	return u != nil && u.Type == "User" && u.Role.AtLeast(RoleRead)
}

// writable refuses changes of a repository that takes none.
func (w *World) writable(a Actor) *Refusal {
	if w.Repo.Archived {
		return &Refusal{Status: 403, Message: "Repository was archived so is read-only."}
	}
	return nil
}

// issuesOn refuses what needs issues where they are switched off.
func (w *World) issuesOn() *Refusal {
	if w.Repo.IssuesOff {
		return &Refusal{Status: 410, Message: "Issues are disabled for this repo"}
	}
	return nil
}

// Find is the live issue or pull request with the number. It refuses as a read
// of it would: 404 unknown, 410 deleted, 301 transferred.
func (w *World) Find(n int) (*Issue, *Refusal) {
	i := w.At(n)
	switch {
	case i == nil:
		return nil, NotFound()
	case i.PR == nil && w.Repo.IssuesOff:
		return nil, w.issuesOn()
	case i.Gone == "transferred":
		return nil, &Refusal{Status: 301, Message: "Moved Permanently", Location: i.MovedTo}
	case i.Gone == "deleted":
		return nil, &Refusal{Status: 410, Message: "This issue was deleted"}
	case i.Gone != "":
		return nil, NotFound()
	}
	return i, nil
}

// At is the issue with the number, gone or not; nil if there never was one.
func (w *World) At(n int) *Issue {
	i, ok := slices.BinarySearchFunc(w.Issues, n, func(i *Issue, n int) int { return cmp.Compare(i.Number, n) })
	if !ok {
		return nil
	}
	return w.Issues[i]
}

// ByID is the live issue with the database id; nil if there is none.
func (w *World) ByID(id int64) *Issue {
	for _, i := range w.Issues {
		if i.ID == id && i.Gone == "" {
			return i
		}
	}
	return nil
}

// touch ends a change of an issue: its time moves and its new form is remembered for stale reads.
func (w *World) touch(i *Issue, at time.Time) {
	i.UpdatedAt = at
	w.derived.counts = nil
	v := *i
	v.versions = nil
	v.Labels, v.Assignees, v.Children = slices.Clone(i.Labels), slices.Clone(i.Assignees), slices.Clone(i.Children)
	i.versions = append(i.versions, version{from: at, issue: v})
}

// AsOf is the issue as it was at the moment; nil if it was not there.
func (i *Issue) AsOf(at time.Time) *Issue {
	var found *Issue
	for k := range i.versions {
		if i.versions[k].from.After(at) {
			break
		}
		found = &i.versions[k].issue
	}
	if found != nil && found.Gone != "" {
		return nil
	}
	return found
}

// event writes one line of the issue's log.
func (w *World) event(a Actor, i *Issue, at time.Time, e Event) {
	e.ID = w.id()
	e.NodeID = w.node("EV_", e.ID, nil)
	e.Issue, e.Actor, e.At = i.Number, a.User, at
	if e.Label != nil {
		was := *e.Label
		e.Label = &was
	}
	i.Events = append(i.Events, &e)
}

// Event finds one line of a live issue's log; nil if there is none.
func (w *World) Event(id int64) *Event {
	for _, i := range w.Issues {
		if i.Gone != "" {
			continue
		}
		for _, e := range i.Events {
			if e.ID == id {
				return e
			}
		}
	}
	return nil
}
