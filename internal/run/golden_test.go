package run_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// golden compares text with a file under testdata, or rewrites it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update rewrites it)\n%s", name, firstDifference(got, string(want)))
	}
}

// product gives the specs of the sample product that are named, with its config and the
// documents that they name.
func product(t *testing.T, names ...string) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..", "testdata", "crm")
	out := map[string]string{}
	documents := []string{
		"docs/specs/crm-100.md", "docs/architecture/crm-100.md", "docs/specs/crm-101.md", "docs/architecture/crm-101.md", configFile,
	}
	for _, name := range append(names, documents...) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

// sample is a private repository with the people that the sample product names.
func sample(t *testing.T, files map[string]string) *repo {
	o := options()
	o.Repo = world.Repo{Private: true}
	for i, login := range []string{"octocat", "mona", "mara-ilves", "tomasz-wilk", "hana-sorvali", "jonas-ferber", "priya-nandan", "lena-marsh", "sven-aalto", "dora-hecht", "pia-okafor", "ruben-vasco", "noor-haddad"} {
		o.Users = append(o.Users, world.User{Login: login, ID: int64(1000 + i), Role: world.RoleWrite})
	}
	return newRepo(t, o, files)
}

func TestGoldenPush(t *testing.T) {
	r := sample(t, product(t, "capabilities/CRM-100.yml", "capabilities/CRM-101.yml", "capabilities/CRM-107.yml"))
	res := r.push()
	golden(t, "push.log", res.stdout)
	golden(t, "push.summary.md", res.summary)
	var b strings.Builder
	for _, i := range r.srv.Issues() {
		fmt.Fprintf(&b, "#%d %s\n", i.Number, i.Title)
		fmt.Fprintf(&b, "  labels: %s\n", strings.Join(i.Labels, ", "))
		fmt.Fprintf(&b, "  assignees: %s\n", strings.Join(i.Assignees, ", "))
		if i.Milestone != "" {
			fmt.Fprintf(&b, "  milestone: %s\n", i.Milestone)
		}
		if i.Parent != 0 {
			fmt.Fprintf(&b, "  parent: #%d\n", i.Parent)
		}
		for _, n := range i.BlockedBy {
			fmt.Fprintf(&b, "  blocked by: #%d\n", n)
		}
		b.WriteString("\n" + i.Body + "\n" + strings.Repeat("=", 80) + "\n")
	}
	golden(t, "push.issues.md", indexLine.ReplaceAllString(b.String(), "(index)"))
}

func TestGoldenComment(t *testing.T) {
	files := product(t, "capabilities/CRM-100.yml", "capabilities/CRM-101.yml", "capabilities/CRM-107.yml")
	r := sample(t, files)
	r.push()
	change := product(t, "capabilities/CRM-102.yml")
	change["capabilities/CRM-100.yml"] = strings.Replace(files["capabilities/CRM-100.yml"], "\ntitle: ", "\ntitle: New ", 1)
	change["capabilities/CRM-107.yml"] = ""
	p := r.open(change)
	p.run()
	if got := p.comments(); len(got) != 1 {
		t.Fatalf("%d comments", len(got))
	}
	golden(t, "comment.md", p.comments()[0].Body+"\n")
}
