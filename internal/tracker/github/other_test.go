package github

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestComments(t *testing.T) {
	f := newFixture(t, setup{})
	f.define("ticketfoundry")
	o := f.made(f.draft("CRM-101"))
	for i := range 150 {
		f.srv.As("ada").Comment(o.Number, fmt.Sprint("comment ", i))
	}
	mine, err := f.Comment(t.Context(), o.Ref, 0, "ours")
	if err != nil || mine.ID == 0 || mine.Author.ID != fakegithub.BotID || mine.Body != "ours" || mine.URL == "" {
		t.Fatalf("%+v, %v", mine, err)
	}
	if edited, err := f.Comment(t.Context(), o.Ref, mine.ID, "edited"); err != nil || edited.ID != mine.ID || edited.Body != "edited" {
		t.Errorf("%+v, %v", edited, err)
	}
	got, err := f.Comments(t.Context(), o.Ref)
	if err != nil || len(got) != 151 || got[0].Body != "comment 0" || got[0].Author.Login != "ada" || got[150].Body != "edited" {
		t.Errorf("%d comments, %v", len(got), err)
	}
	if _, err := f.Comment(t.Context(), o.Ref, 12345, "x"); ticket.KindOf(err) != ticket.Gone {
		t.Errorf("a comment that is not there: %v", err)
	}
}

func TestCommentLostAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		fault *fakegithub.Fault
		kind  ticket.Kind
		there int
	}{
		"applied, dropped": {fakegithub.ApplyThenDrop(), "", 2},
		"applied, 502":     {fakegithub.ApplyThenFail(502), "", 2},
		"dropped":          {fakegithub.Drop(), ticket.Unknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{})
			f.define("ticketfoundry")
			o := f.made(f.draft("CRM-101"))
			f.srv.As("ada").Comment(o.Number, "the same words") // another's
			f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
				if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/comments") {
					return tt.fault
				}
				return nil
			})
			c, err := f.Comment(t.Context(), o.Ref, 0, "the same words")
			if ticket.KindOf(err) != tt.kind || err == nil && c.Author.ID != fakegithub.BotID {
				t.Errorf("%+v, %v", c, err)
			}
			if n := f.tap.count(func(c call) bool { return c.method == http.MethodPost && strings.HasSuffix(c.path, "/comments") }); n != 1 {
				t.Errorf("%d were sent", n)
			}
			if got := len(f.issue(o.Number).Comments); got != tt.there {
				t.Errorf("%d comments there, want %d", got, tt.there)
			}
		})
	}
}

func TestCommentOnLockedIssue(t *testing.T) {
	f := newFixture(t, setup{Role: "read"})
	n := f.srv.As("ada").OpenIssue("t", "b")
	f.srv.As("ada").Lock(n)
	_, err := f.Comment(t.Context(), refOf(n), 0, "x")
	if k := ticket.KindOf(err); k != ticket.Rejected && k != ticket.Unauthorised {
		t.Errorf("got %v", err)
	}
}

func TestDefineLabel(t *testing.T) {
	f := newFixture(t, setup{})
	if _, err := f.Repository(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.srv.As("ada").CreateLabel("Bug", "ff0000", "theirs") // after the repository was read
	want := func(name, colour, description string) {
		t.Helper()
		got, err := f.Repository(t.Context())
		if l := (ticket.Label{Name: name, Color: colour, Description: description}); err != nil || !slices.Contains(withoutIDs(got.Labels), l) {
			t.Errorf("%+v is not among %+v (%v)", l, got.Labels, err)
		}
	}
	if err := f.Define(t.Context(), ticket.Definition{Label: ticket.Label{Name: "bug", Color: "00ff00"}}); err != nil {
		t.Fatal(err)
	}
	want("Bug", "ff0000", "theirs")
	if err := f.Define(t.Context(), ticket.Definition{Label: ticket.Label{Name: "bug", Color: "00ff00", Description: "ours"}}); err != nil {
		t.Fatal(err)
	}
	want("Bug", "00ff00", "ours")
	if err := f.Define(t.Context(), ticket.Definition{Label: ticket.Label{Name: "type:bug", Color: "0000ff"}, Rename: "Bug"}); err != nil {
		t.Fatal(err)
	}
	want("type:bug", "0000ff", "")
	if got := f.srv.Labels(); len(got) != 1 {
		t.Errorf("the server has %+v", got)
	}
	d := f.draft("CRM-101")
	d.Labels = []string{"type:bug"}
	if o := f.made(d); !slices.Equal(o.Labels, []string{"type:bug"}) {
		t.Errorf("labels %q", o.Labels)
	}
	for _, bad := range []ticket.Definition{{}, {Label: ticket.Label{Name: strings.Repeat("x", 51), Color: "ffffff"}}, {Label: ticket.Label{Name: "x", Color: "red"}}} {
		if err := f.Define(t.Context(), bad); ticket.KindOf(err) != ticket.Rejected {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestDefineLostAnswer(t *testing.T) {
	f := newFixture(t, setup{})
	f.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if r.Method == http.MethodPost && !r.GraphQL {
			return fakegithub.ApplyThenDrop()
		}
		return nil
	})
	f.define("ticketfoundry")
	if err := f.Define(t.Context(), ticket.Definition{Milestone: ticket.Milestone{Title: "CRM 2.4"}}); err != nil {
		t.Error(err)
	}
	if s := f.srv.State(); len(s.Labels) != 1 || len(s.Milestones) != 1 {
		t.Errorf("%+v, %+v", s.Labels, s.Milestones)
	}
}

func TestDefineMilestone(t *testing.T) {
	f := newFixture(t, setup{})
	if _, err := f.Repository(t.Context()); err != nil {
		t.Fatal(err)
	}
	n := f.srv.As("ada").CreateMilestone("CRM 2.4")
	f.srv.As("ada").CloseMilestone(n)
	for _, due := range []string{"2026-04-01", "2026-05-01", ""} {
		m := ticket.Milestone{Title: "CRM 2.4", Due: due}
		for range 2 { // the first finds the one that is there, the second changes it
			if err := f.Define(t.Context(), ticket.Definition{Milestone: m}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := f.again().Repository(t.Context())
		if err != nil || len(got.Milestones) != 1 || got.Milestones[0].Due != due {
			t.Errorf("%+v, %v", got.Milestones, err)
		}
	}
}

// withoutIDs are labels as people know them.
func withoutIDs(labels []ticket.Label) []ticket.Label {
	out := slices.Clone(labels)
	for i := range out {
		out[i].ID = ""
	}
	return out
}

func TestPermission(t *testing.T) {
	f := newFixture(t, setup{Users: []world.User{
		{Login: "ada", ID: 1, Role: world.RoleAdmin}, {Login: "tess", ID: 2, Role: world.RoleTriage}, {Login: "max", ID: 3, Role: world.RoleMaintain},
		{Login: "cora", ID: 4, Role: world.RoleWrite, CustomRole: "release-captain"}, {Login: "rea", ID: 5, Role: world.RoleRead},
		{Login: "mia", ID: 6, Role: world.RoleMaintain, CustomRole: "release-captain"}, {Login: "tom", ID: 7, Role: world.RoleTriage, CustomRole: "helper"},
		{Login: "eve", ID: 8, Role: world.RoleRead, CustomRole: "admin"}, {Login: "mal", ID: 9, Role: world.RoleRead, CustomRole: "maintain"},
	}})
	for login, want := range map[string]string{"ada": "admin", "tess": "triage", "max": "maintain", "cora": "write", "mia": "maintain", "tom": "triage", "eve": "read", "mal": "read", "rea": "read", "TESS": "triage"} {
		if got, err := f.Permission(t.Context(), login); got != want || err != nil {
			t.Errorf("%s: %q, want %q (%v)", login, got, want, err)
		}
	}
	f.tap.reset()
	if _, err := f.Permission(t.Context(), "ada"); err != nil || f.tap.count(nil) != 0 {
		t.Errorf("asked again: %v", err)
	}
	if got, err := f.Permission(t.Context(), "nobody-here"); err == nil || got != "" {
		t.Errorf("a stranger has role %q", got)
	}
	f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.Refuse(500, "x") })
	if got, err := f.Permission(t.Context(), "bob"); err == nil || got != "" {
		t.Errorf("after an error the role is %q", got)
	}
}

func TestAccount(t *testing.T) {
	f := newFixture(t, setup{})
	if got, err := f.Account(t.Context(), "github-actions[bot]"); err != nil || got != (ticket.Account{ID: fakegithub.BotID, Login: fakegithub.BotLogin, Bot: true}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := f.Account(t.Context(), "ada"); err != nil || got.ID != 101 || got.Bot {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := f.Account(t.Context(), "nobody-here"); ticket.KindOf(err) != ticket.Gone {
		t.Errorf("got %v", err)
	}
}

func TestFiles(t *testing.T) {
	for _, noGraph := range []bool{false, true} {
		t.Run(fmt.Sprint("noGraphQL=", noGraph), func(t *testing.T) {
			f := newFixture(t, setup{Features: fakegithub.Features{NoGraphQL: noGraph}})
			files := map[string]string{"docs/größe 1%.md": "ä\n", "empty.yml": "", "bin": "a\x00b\xff"}
			var paths []string
			for i := range 120 {
				p := fmt.Sprintf("capabilities/CRM-%d.yml", i+1)
				files[p] = fmt.Sprintf("id: CRM-%d\n", i+1)
			}
			for p := range files {
				paths = append(paths, p)
			}
			f.seed(fakegithub.Seed{Commits: []commits.Commit{{SHA: "c1", Files: files}}, Branches: map[string]string{"main": "c1"}})
			sha := commits.SHA("c1")
			got, err := f.Files(t.Context(), sha, append(paths, "not/there.yml", "docs"))
			if !noGraph && err != nil || len(got) != len(files) && !noGraph {
				t.Fatalf("%d files, want %d (%v)", len(got), len(files), err)
			}
			for p, want := range files {
				if string(got[p]) != want && !noGraph {
					t.Errorf("%s: %q, want %q", p, got[p], want)
				}
			}
			if noGraph {
				got, err = f.Files(t.Context(), sha, append(paths, "not/there.yml"))
				if err != nil || len(got) != len(files) || string(got["docs/größe 1%.md"]) != "ä\n" || string(got["bin"]) != files["bin"] {
					t.Errorf("%d files, want %d (%v)", len(got), len(files), err)
				}
			}
			slices.Sort(paths)
			if listed, err := f.Paths(t.Context(), sha); err != nil || !slices.Equal(listed, paths) {
				t.Errorf("%d paths, want %d (%v)", len(listed), len(paths), err)
			}
		})
	}
}

func TestCommits(t *testing.T) {
	f := newFixture(t, setup{})
	many := map[string]string{"a.yml": "1", "c.yml": "1"}
	for i := range 320 {
		many[fmt.Sprint("many/", i)] = "x"
	}
	f.seed(fakegithub.Seed{
		Commits: []commits.Commit{
			{SHA: "root", Files: map[string]string{"a.yml": "1", "b.yml": "1"}},
			{SHA: "next", Parents: []string{"root"}, Files: map[string]string{"a.yml": "2", "c.yml": "1"}},
			{SHA: "merge", Parents: []string{"root", "next"}, Files: map[string]string{"a.yml": "2", "c.yml": "1"}},
			{SHA: "many", Parents: []string{"root"}, Files: many},
		},
		Branches: map[string]string{"main": "root"},
		Issues:   []fakegithub.SeedIssue{{Author: "ada", Title: "pull", Pull: &world.PullRequest{HeadRef: "x", HeadSHA: "many", BaseRef: "main", BaseSHA: "root"}}},
	})
	root, next := commits.SHA("root"), commits.SHA("next")
	for sha, want := range map[string]string{"merge": root, "next": root, "root": ""} {
		if got, err := f.FirstParent(t.Context(), commits.SHA(sha)); got != want || err != nil {
			t.Errorf("%s: %q, want %q (%v)", sha, got, want, err)
		}
	}
	if _, err := f.FirstParent(t.Context(), strings.Repeat("0", 40)); err == nil {
		t.Error("a commit that is not there has a parent")
	}
	got, err := f.Compare(t.Context(), root, next)
	if err != nil || got.Status != "ahead" || !got.Complete || !slices.Contains(got.Files, "a.yml") || !slices.Contains(got.Files, "b.yml") || !slices.Contains(got.Files, "c.yml") {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := f.Compare(t.Context(), root, root); err != nil || got.Status != "identical" || len(got.Files) != 0 || !got.Complete {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := f.Compare(t.Context(), root, commits.SHA("many")); err != nil || got.Complete {
		t.Errorf("%d files, complete %v, %v", len(got.Files), got.Complete, err)
	}
	files, err := f.PullRequestFiles(t.Context(), 1)
	if err != nil || len(files) < 320 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if i := slices.IndexFunc(files, func(p PullFile) bool { return p.Path == "a.yml" || p.Previous == "b.yml" || p.Path == "b.yml" }); i < 0 || files[i].Status == "" {
		t.Errorf("files %+v", files[:3])
	}
}

// Pull requests are issues to GitHub, never to us.
func TestPullRequestsAreNoTickets(t *testing.T) {
	f := newFixture(t, setup{})
	f.seed(fakegithub.Seed{Commits: []commits.Commit{{SHA: "root"}}, Branches: map[string]string{"main": "root"}})
	n := f.srv.As("ada").OpenPull("pull", "body", world.PullRequest{HeadRef: "x", HeadSHA: "root", BaseRef: "main", BaseSHA: "root"})
	got, err := f.List(t.Context(), ticket.Query{Author: "ada"})
	if err != nil || len(got) != 0 {
		t.Errorf("listed %+v, %v", got, err)
	}
	read, err := f.Get(t.Context(), []ticket.Ref{refOf(n)})
	if err != nil || ticket.KindOf(read[0].Err) != ticket.Gone {
		t.Errorf("read %+v, %v", read, err)
	}
}

// Whatever goes wrong, the token is in no error and goes nowhere else.
func TestTokenStaysIn(t *testing.T) {
	faults := map[string]*fakegithub.Fault{
		"401": fakegithub.Refuse(401, "bad "+canary), "403": fakegithub.Refuse(403, "no "+canary), "404": fakegithub.Refuse(404, canary),
		"422": fakegithub.Refuse(422, canary), "500": fakegithub.Refuse(500, canary), "html": fakegithub.HTML(200), "drop": fakegithub.Drop(),
		"301": fakegithub.Redirect(301, "https://evil.example.net/?t="+canary), "307": fakegithub.Redirect(307, "https://evil.example.net/"+canary),
		"limit": fakegithub.SecondaryLimit(403, 3600),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, setup{})
			f.define("ticketfoundry")
			o := f.made(f.draft("CRM-101"))
			f.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fault })
			ctx := t.Context()
			var errs []error
			keep := func(err error) { errs = append(errs, err) }
			keep2 := func(_ any, err error) { errs = append(errs, err) }
			keep2(f.again().Repository(ctx))
			keep2(f.List(ctx, ticket.Query{Label: "ticketfoundry"}))
			keep2(f.Comments(ctx, o.Ref))
			keep2(f.Update(ctx, o.Ref, ticket.Patch{Title: "x"}))
			keep2(f.Comment(ctx, o.Ref, 0, "x"))
			keep(f.Define(ctx, ticket.Definition{Label: ticket.Label{Name: "y", Color: "ffffff"}}))
			keep2(f.Permission(ctx, "ada"))
			keep2(f.Account(ctx, "ada"))
			keep2(f.Files(ctx, "main", []string{"a"}))
			keep(f.Create(ctx, []ticket.Draft{f.draft("CRM-102")})[0].Err)
			for i, err := range errs {
				if err == nil {
					t.Errorf("call %d did not fail", i)
				} else if ticket.KindOf(err) == "" {
					t.Errorf("call %d gives %T: %v", i, err, err)
				}
				f.noToken(err)
			}
		})
	}
}

// Whoever goes too fast is refused, waits and goes on; nothing is made twice.
func TestEnforcedLimitsAreObeyed(t *testing.T) {
	f := newFixture(t, setup{Enforce: true, MaxWait: 5 * time.Hour})
	f.define("ticketfoundry")
	for i, got := range f.Create(t.Context(), f.drafts(150)) {
		if got.Err != nil {
			t.Fatalf("%d: %v", i, got.Err)
		}
	}
	if got, err := f.List(t.Context(), ticket.Query{Label: "ticketfoundry"}); err != nil || len(got) != 150 {
		t.Errorf("%d issues there (%v)", len(got), err)
	}
	if w := f.Counts().Waited; w.Round(time.Second) < time.Minute {
		t.Errorf("waited only %s for 150 creations", w)
	}
}

// At the usual pace no published limit is broken.
func TestLimitsAreKept(t *testing.T) {
	f := newFixture(t, setup{PerMinute: 60})
	f.define("ticketfoundry")
	for i, got := range f.Create(t.Context(), f.drafts(200)) {
		if got.Err != nil {
			t.Fatalf("%d: %v", i, got.Err)
		}
	}
	f.noViolations()
	if f.watch.total() < 3*time.Minute {
		t.Errorf("200 creations in %s", f.watch.total())
	}
}
