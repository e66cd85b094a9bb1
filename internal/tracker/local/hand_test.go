package local_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// TestDamage: each damaged file is an error at its line, and stays as it is.
func TestDamage(t *testing.T) {
	good := "---\ntitle: t\n---\nbody"
	for _, test := range []struct{ file, text, want string }{
		{"tickets/0001.md", "", `tickets/0001.md:1: a ticket starts with`},
		{"tickets/0001.md", "only text", `tickets/0001.md:1: a ticket starts with`},
		{"tickets/0001.md", "---\ntitle: t\n", `tickets/0001.md:1: the front matter has no closing`},
		{"tickets/0001.md", "---\ntitle: t\nlabels: [a\n---\n", `tickets/0001.md:3: did not find`},
		{"tickets/0001.md", "---\ntitle: t: u\n---\n", `tickets/0001.md:2: mapping values`},
		{"tickets/0001.md", "---\ntitle: t\nlabels: a\n---\n", `tickets/0001.md:3: cannot unmarshal`},
		{"tickets/0001.md", "---\ntitle: t\nlables: [a]\n---\n", `tickets/0001.md:3: field lables not found`},
		{"tickets/0001.md", "---\nstate: done\ntitle: t\n---\n", `tickets/0001.md:2: unknown state "done"`},
		{"tickets/0001.md", "---\nstate: open\n---\n", `tickets/0001.md:1: title is empty`},
		{"tickets/0001.md", "---\ntitle: t\nnumber: 2\n---\n", `tickets/0001.md:3: number is 2`},
		{"tickets/0001.md", "---\ntitle: t\ncreated: soon\n---\n", `tickets/0001.md:3: `},
		{"tickets/0001.md", "---\ntitle: t\n---\nline\n\xff", `tickets/0001.md:5: not UTF-8`},
		{"tickets/0001.md", good + strings.Repeat("x", 600<<10), `tickets/0001.md: larger than 512 KiB`},
		{"tickets/0002 copy.md", good, `tickets/0002 copy.md: the name is not a number`},
		{"tickets/0002-twice.md", good, `also tickets/0002`},
		{"repository.yml", "version: 1\nid: [\n", `repository.yml:`},
		{"repository.yml", "version: 2\nid: x\nnext: 1\n", `repository.yml:1: version 2`},
		{"repository.yml", "version: 1\nid: my repo\nnext: 1\n", `repository.yml:2: id "my repo" is not`},
		{"repository.yml", "version: 1\nid: x\nnext: 0\n", `repository.yml:3: next is 0`},
		{"repository.yml", "version: 1\nid: x\nnext: 1\nlabels:\n- {name: Bug, color: x}\n- {name: bug, color: x}\n", `repository.yml:4: label "bug" is there twice`},
	} {
		dir := t.TempDir()
		closeIt(t, open(t, dir))
		write(t, good, dir, "tickets/0002.md")
		write(t, test.text, dir, test.file)
		tr := open(t, dir)
		created := tr.Create(t.Context(), []ticket.Draft{{Title: "new"}})[0].Err
		_, err := tr.List(t.Context(), ticket.Query{})
		if strings.HasPrefix(test.file, "repository") {
			_, err = tr.Repository(t.Context())
		}
		for _, err := range []error{created, err} {
			if ticket.KindOf(err) != ticket.Unavailable || !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("%s with %.40q gave %v, want %q", test.file, test.text, err, test.want)
			}
		}
		closeIt(t, tr)
		if got := read(t, dir, test.file); got != test.text {
			t.Errorf("the damaged %s was changed to %.60q", test.file, got)
		}
	}
}

// TestHandWritten reads what people's editors make of the files.
func TestHandWritten(t *testing.T) {
	dir := t.TempDir()
	closeIt(t, open(t, dir))
	write(t, "\ufeff---\r\ntitle: windows\r\nstate: closed\r\nparent: 99\r\nblocked_by: [2, 2, 99]\r\nlabels: [Bug, bug]\r\n---\r\nbody\r\n", dir, "tickets/0001-any-name.md")
	write(t, "---\ntitle: plain\n---\n", dir, "tickets/2.md")
	write(t, "swap", dir, "tickets/.0001.md.swp")
	write(t, "---\ntitle: old\n---\n", dir, "tickets/0001.md~")
	write(t, "notes", dir, "tickets/notes.txt")
	write(t, "/approve\n", dir, "comments/0001/0007.md")
	tr := open(t, dir)
	all := list(t, tr)
	if len(all) != 2 {
		t.Fatalf("listed %+v", all)
	}
	o := all[0]
	if o.Title != "windows" || o.State != ticket.Completed || o.Body != "body\r\n" || o.Parent != "" || fmt.Sprint(o.BlockedBy) != "[#2]" || o.Blocked != 1 {
		t.Errorf("read as %+v", o)
	}
	if o.Author != (ticket.Account{}) || fmt.Sprint(o.Labels) != "[Bug]" || o.CreatedAt.IsZero() || o.UpdatedAt.IsZero() {
		t.Errorf("read as %+v", o)
	}
	got, err := tr.Comments(t.Context(), "#1")
	if err != nil || len(got) != 1 || got[0].Body != "/approve\n" || got[0].Author != (ticket.Account{}) {
		t.Errorf("a typed comment reads as %+v, %v", got, err)
	}
	if _, err := tr.Comment(t.Context(), "#1", got[0].ID, "mine now"); ticket.KindOf(err) != ticket.Unauthorised {
		t.Errorf("editing another's comment gave %v", err)
	}
	if c, err := tr.Comment(t.Context(), "#1", 0, "next"); err != nil || c.ID != got[0].ID+1 {
		t.Errorf("the next comment is %+v, %v", c, err)
	}
	write(t, "last", dir, "comments/0001/10000.md")
	if got, err := tr.Comments(t.Context(), "#1"); err != nil || len(got) != 3 || got[2].Body != "last" {
		t.Errorf("comments in the order of their numbers: %+v, %v", got, err)
	}
	write(t, "twice", dir, "comments/0001/7.md")
	if _, err := tr.Comments(t.Context(), "#1"); ticket.KindOf(err) != ticket.Unavailable || !strings.Contains(err.Error(), "the same comment is also") {
		t.Errorf("two comments of one number gave %v", err)
	}
	if _, err := tr.Update(t.Context(), "#2", ticket.Patch{Title: "changed"}); err != nil {
		t.Error(err)
	}
	if n := create(t, tr, "", "new", "").Number; n != 3 {
		t.Errorf("the next number is %d", n)
	}
}

// TestEditMeanwhile: what a person typed after the list was read survives our write.
func TestEditMeanwhile(t *testing.T) {
	dir := t.TempDir()
	tr := open(t, dir)
	o := create(t, tr, "CRM-1", "before", "body")
	file := fileOf(t, dir, o.Ref)
	write(t, strings.Replace(read(t, file), "body", "typed just now", 1), file)
	got, err := tr.Update(t.Context(), o.Ref, ticket.Patch{Title: "after"})
	if err != nil || got.Body != "typed just now" || got.Title != "after" {
		t.Errorf("updated to %+v, %v", got, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Update(t.Context(), o.Ref, ticket.Patch{Title: "again"}); ticket.KindOf(err) != ticket.Gone {
		t.Errorf("updating a ticket deleted meanwhile gave %v", err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a deleted ticket came back: %v", err)
	}
	// A person takes the number that would be next.
	const theirs = "---\ntitle: theirs\n---\n"
	write(t, theirs, dir, "tickets/0002.md")
	if o := create(t, tr, "", "ours", ""); o.Number != 3 || read(t, dir, "tickets/0002.md") != theirs {
		t.Errorf("ours is %+v beside theirs", o)
	}
}
