// Package folder owns whole files below one directory: reading them, replacing and creating
// them so that each is there whole or not at all, a lock against a second writer, and YAML
// front matter above a text that is kept byte for byte. It knows no tickets. It refuses to
// follow a symlink out of the directory.
//
//	f, err := folder.Open("tickets")
//	err = f.Replace(folder.File{Name: "repository.yml", Content: text})
package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// maxFile is the largest file that is read: four bytes for every character a body may have,
// and room for the front matter.
const maxFile = 512 << 10

// leftover matches the temporary names of renameio.
var leftover = regexp.MustCompile(`^\.(.+\.(?:md|yml))[0-9]+$`)

// File is a file to write.
type File struct {
	Name    string // slash-separated, below the folder
	Content []byte
	At      time.Time // its modification time; zero: now
}

// Folder is all access below one directory. It goes through os.Root, so that no symlink leads
// out. A nil Folder is one that does not exist: it reads as empty.
type Folder struct {
	root *os.Root
	lock *flock.Flock // nil unless locked
}

// ErrLocked says that another process, or another Folder of this one, holds the lock.
var ErrLocked = errors.New("another run is writing to this folder")

const lockRetry = 20 * time.Millisecond

// Open opens an existing directory.
func Open(dir string) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Folder{root: root}, nil
}

// Lock takes the lock, a file in the folder, and waits for it at most so long. The lock is the
// operating system's and dies with the process; the file stays.
func (f *Folder) Lock(name string, wait time.Duration) error {
	// Opened through the root first: a symlink that leads out is refused here.
	file, err := f.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("lock %s: %w", name, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("lock %s: %w", name, err)
	}
	lock := flock.New(filepath.Join(f.root.Name(), name), flock.SetFlag(os.O_RDWR))
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	ok, err := lock.TryLockContext(ctx, lockRetry)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !ok {
		return ErrLocked
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", name, err)
	}
	f.lock = lock
	return nil
}

// Locked tells whether this Folder holds the lock.
func (f *Folder) Locked() bool { return f != nil && f.lock != nil }

// Close gives the folder free. It may be called again.
func (f *Folder) Close() error {
	if f == nil {
		return nil
	}
	err := f.root.Close()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
		f.lock = nil
	}
	return err
}

// Has tells whether there is anything of that name, be it a symlink to nowhere.
func (f *Folder) Has(name string) (bool, error) {
	_, err := f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Mkdir makes sub-folders that are missing.
func (f *Folder) Mkdir(dirs ...string) error {
	for _, dir := range dirs {
		if err := f.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// Read gives a file's content. A missing file is fs.ErrNotExist, one that is
// too large or no regular file is *Damage.
func (f *Folder) Read(name string) ([]byte, fs.FileInfo, error) {
	if f == nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, fs.ErrNotExist)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, &Damage{name, 0, "not a regular file"}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxFile {
		return nil, nil, &Damage{name, 0, fmt.Sprintf("larger than %d KiB", maxFile>>10)}
	}
	return text, info, nil
}

// Names lists a sub-folder, sorted; a missing one is empty.
func (f *Folder) Names(dir string) ([]string, error) {
	if f == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(f.root.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out, nil
}

// Replace writes a file whole: until the rename the old content stands, also when the disk is
// full or the process dies.
func (f *Folder) Replace(file File) error {
	pending, err := f.prepare(file)
	if err != nil {
		return err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write %s: %w", file.Name, errors.Join(err, pending.Cleanup()))
	}
	return nil
}

// Create writes a file that must not be there yet: an existing one is fs.ErrExist and stays
// as it is.
func (f *Folder) Create(file File) error {
	pending, err := f.prepare(file)
	if err != nil {
		return err
	}
	if err := pending.Sync(); err != nil {
		return f.finish(file.Name, errors.Join(err, pending.Cleanup()))
	}
	// A link, unlike a rename, refuses to replace.
	err = f.root.Link(filepath.Base(pending.Name()), file.Name)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		// Perhaps no hard links on this file system: our lock keeps other runs out, so looking first is enough.
		if _, missing := f.root.Lstat(file.Name); errors.Is(missing, fs.ErrNotExist) {
			return f.finish(file.Name, pending.CloseAtomicallyReplace())
		}
		err = fs.ErrExist
	}
	cleaned := pending.Cleanup()
	if err == nil {
		return nil // the file is there, whole; a temporary name that cannot be removed is swept later
	}
	return f.finish(file.Name, errors.Join(err, cleaned))
}

func (f *Folder) finish(name string, err error) error {
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// prepare writes the content to a temporary file beside the final place.
func (f *Folder) prepare(file File) (*renameio.PendingFile, error) {
	if err := f.root.MkdirAll(path.Dir(file.Name), 0o755); err != nil {
		return nil, fmt.Errorf("write %s: %w", file.Name, err)
	}
	pending, err := renameio.NewPendingFile(file.Name, renameio.WithRoot(f.root), renameio.WithPermissions(0o644))
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", file.Name, err)
	}
	_, err = pending.Write(file.Content)
	if err == nil && !file.At.IsZero() {
		err = f.root.Chtimes(filepath.Base(pending.Name()), file.At, file.At)
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", file.Name, errors.Join(err, pending.Cleanup()))
	}
	return pending, nil
}

// Leftover tells whether a name is one that a killed run leaves behind.
func Leftover(name string) bool { return leftover.MatchString(name) }

// Sweep removes what killed runs left behind. Only the holder of the lock may call it.
func (f *Folder) Sweep() error {
	names, err := f.Names(".")
	if err != nil {
		return err
	}
	for _, name := range names {
		if !Leftover(name) {
			continue
		}
		if err := f.root.Remove(name); err != nil {
			return fmt.Errorf("remove leftover: %w", err)
		}
	}
	return nil
}

// Sync makes the folder entries themselves durable: a rename survives a killed process by
// itself, a power cut only after this.
func (f *Folder) Sync(dirs ...string) error {
	for _, dir := range dirs {
		d, err := f.root.Open(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
		// Some file systems cannot sync a folder; they say so and nothing is lost by going on.
		if err := errors.Join(ignoreUnsupported(d.Sync()), d.Close()); err != nil {
			return fmt.Errorf("sync %s: %w", dir, err)
		}
	}
	return nil
}

func ignoreUnsupported(err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		return nil
	}
	return err
}
