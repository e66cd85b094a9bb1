package folder_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
)

func open(t *testing.T, dir string) *folder.Folder {
	t.Helper()
	f, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // tests that care close it themselves
	return f
}

func content(t *testing.T, f *folder.Folder, name string) string {
	t.Helper()
	text, _, err := f.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCreateNeverReplaces(t *testing.T) {
	f := open(t, t.TempDir())
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if err := f.Create(folder.File{Name: "a/b/c.md", Content: []byte("first"), At: at}); err != nil {
		t.Fatal(err)
	}
	if err := f.Create(folder.File{Name: "a/b/c.md", Content: []byte("second")}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it again gave %v", err)
	}
	text, info, err := f.Read("a/b/c.md")
	if err != nil || string(text) != "first" || !info.ModTime().Equal(at) {
		t.Errorf("there is %q of %v, %v", text, info.ModTime(), err)
	}
	if err := f.Replace(folder.File{Name: "a/b/c.md", Content: []byte("third")}); err != nil || content(t, f, "a/b/c.md") != "third" {
		t.Errorf("replacing: %v", err)
	}
	if names, err := f.Names("."); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestOutsideIsRefused(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	for _, name := range []string{"link/x.md", "../x.md", "/x.md"} {
		file := folder.File{Name: name, Content: []byte("x")}
		if f.Create(file) == nil || f.Replace(file) == nil {
			t.Errorf("%s was written", name)
		}
		if _, _, err := f.Read(name); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if found, err := os.ReadDir(outside); err != nil || len(found) > 0 {
		t.Errorf("outside there is %v, %v", found, err)
	}
	if names, err := f.Names("."); err != nil || len(names) != 1 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestMissingFolder(t *testing.T) {
	_, err := folder.Open(filepath.Join(t.TempDir(), "missing"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening gave %v", err)
	}
	var none *folder.Folder
	if _, _, err := none.Read("x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading gave %v", err)
	}
	if names, err := none.Names("."); len(names) > 0 || err != nil || none.Locked() || none.Close() != nil {
		t.Errorf("names %v, %v", names, err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	if err := a.Lock(".lock", time.Millisecond); err != nil || !a.Locked() {
		t.Fatal(err)
	}
	if err := b.Lock(".lock", time.Millisecond); !errors.Is(err, folder.ErrLocked) || b.Locked() {
		t.Errorf("the second lock gave %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.Lock(".lock", time.Millisecond); err != nil {
		t.Errorf("after the first was closed: %v", err)
	}
}

func TestSweep(t *testing.T) {
	f := open(t, t.TempDir())
	keep := []string{".lock", ".gitignore", ".md7", "12.md", ".a.md", "README.md", ".x.txt12"}
	for _, name := range append([]string{".0001-crm-1.md123", ".repository.yml9"}, keep...) {
		if err := f.Replace(folder.File{Name: name, Content: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Sweep(); err != nil {
		t.Fatal(err)
	}
	if names, err := f.Names("."); err != nil || len(names) != len(keep) {
		t.Errorf("kept %v, %v, want %v", names, err, keep)
	}
}

// FuzzSplit: no text breaks the reader, and text without front matter is never changed.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "---\n", "---\ntitle: t\n---\nbody", "---\r\ntitle: t\r\n---", "\ufeff---\n---\n\ufeff", "---\n&a [*a]\n---\n", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var head struct {
			Title string `yaml:"title"`
		}
		body, found, err := folder.Split("x.md", text, &head)
		if err == nil && !found && body != string(text) {
			t.Errorf("%q has no front matter and became %q", text, body)
		}
		if len(body) > len(text) {
			t.Errorf("%q grew to %q", text, body)
		}
	})
}
