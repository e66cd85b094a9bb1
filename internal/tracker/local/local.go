// Package local owns the embedded tracker: a folder of readable files that behaves as GitHub
// Issues do where it matters, for trying out, working offline and previews. One Markdown file
// per ticket carries YAML front matter and, byte for byte, the body; people may edit, close,
// add or delete tickets with any editor, and the next run reads what they did.
//
// It refuses to overwrite what it does not understand: a damaged file is an error that names
// the file and line. It never uses a number twice, never writes through a symlink that leads
// out of the folder, and is safe when killed at any moment.
//
//	DIR/README.md                                        what this folder is
//	DIR/repository.yml                                   id, next number, labels, milestones
//	DIR/tickets/0012-crm-101-build-scoring-endpoint.md   ticket #12
//	DIR/comments/0012/0001.md                            its first comment
//	DIR/events/0012.yml                                  who did what to it, in order
//
// A folder that is opened for reading only and does not exist reads as an empty repository:
//
//	t, err := local.Open("tickets", local.Options{Clock: clock, Account: "ticketfoundry"})
package local

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/folder"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/local/record"
)

// Options says how to open a folder.
type Options struct {
	Clock   func() time.Time // required; times are kept in whole seconds, UTC
	Account string           // required: login that this run writes as
	// Create opens the folder for writing, alone, and makes it if it is missing. Without it
	// nothing is created, locked or changed, and every write is refused.
	Create bool
	// ID and Name are those of a folder that does not exist yet; "local" if empty. Markers
	// carry the id, so what a preview shows before the folder exists is what is written then.
	ID, Name string
	Wait     time.Duration // how long to wait for another run to end; 2 s if zero
}

// Tracker is an opened folder: a ticket.Reader and a ticket.Writer. It may be used from
// several goroutines. Files are read once; edits made by hand meanwhile are seen by the next
// run, but a ticket is read again right before it is written.
type Tracker struct {
	*store
	account string // login that this view writes as
}

var (
	_ ticket.Reader    = (*Tracker)(nil)
	_ ticket.Writer    = (*Tracker)(nil)
	_ ticket.Historian = (*Tracker)(nil)
	_ ticket.Batcher   = (*Tracker)(nil)
)

// store is what all views of an opened folder share.
type store struct {
	dir  string
	opts Options
	disk *folder.Folder // nil where the folder does not exist

	mu       sync.Mutex
	settings *record.Settings      // nil until read
	issues   map[int]*record.Issue // nil until read
}

const (
	settingsFile = "repository.yml"
	readmeFile   = "README.md"
	lockFile     = ".lock"
	ticketsDir   = "tickets"
	commentsDir  = "comments"
	eventsDir    = "events"
	lockWait     = 2 * time.Second
	maxChildren  = 100 // sub-issues of one ticket, GitHub's limit
)

//go:embed folder.md
var readme []byte

// Open opens the folder dir. Errors are *ticket.Error: Unavailable when another run holds the
// folder or the disk fails, Rejected when dir holds something else than a tracker.
func Open(dir string, opts Options) (*Tracker, error) {
	if opts.Clock == nil || opts.Account == "" {
		return nil, failure(ticket.Rejected, "open "+dir, "no clock or no account given", "")
	}
	opts.ID = cmp.Or(opts.ID, "local")
	opts.Name = cmp.Or(opts.Name, "local")
	if why := record.BadID(opts.ID); why != "" {
		return nil, failure(ticket.Rejected, "open "+dir, why, "")
	}
	if opts.Wait == 0 {
		opts.Wait = lockWait
	}
	t := &Tracker{store: &store{dir: dir, opts: opts}, account: opts.Account}
	open := t.openForReading
	if opts.Create {
		open = t.openForWriting
	}
	if err := open(); err != nil {
		return nil, asFailure(err, "open "+dir)
	}
	return t, nil
}

func (t *Tracker) openForReading() error {
	disk, err := folder.Open(t.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	t.disk = disk
	return err
}

func (t *Tracker) openForWriting() error {
	if err := os.MkdirAll(t.dir, 0o755); err != nil {
		return err
	}
	disk, err := folder.Open(t.dir)
	if err != nil {
		return err
	}
	t.disk = disk
	for _, step := range []func() error{t.refuseOther, t.takeLock, disk.Sweep, t.furnish} {
		if err := step(); err != nil {
			return errors.Join(err, disk.Close())
		}
	}
	return nil
}

// refuseOther keeps a mistyped folder name from filling somebody's project with our files.
func (t *Tracker) refuseOther() error {
	names, err := t.disk.Names(".")
	if err != nil || slices.Contains(names, settingsFile) {
		return err
	}
	for _, name := range names {
		// A run killed right at the start leaves some of these, and no settings yet.
		known := []string{readmeFile, lockFile, ticketsDir, commentsDir, eventsDir}
		if !slices.Contains(known, name) && !folder.Leftover(name) {
			return failure(ticket.Rejected, "open "+t.dir, fmt.Sprintf("the folder is not empty (%s) and holds no %s", name, settingsFile),
				"name an empty or new folder")
		}
	}
	return nil
}

// takeLock makes this run the only writer.
func (t *Tracker) takeLock() error {
	err := t.disk.Lock(lockFile, t.opts.Wait)
	if errors.Is(err, folder.ErrLocked) {
		return failure(ticket.Unavailable, "open "+t.dir, err.Error(), "wait until it has ended, or use another folder")
	}
	return err
}

// furnish writes what a new folder needs; the settings last, so that their presence means all
// is there.
func (t *Tracker) furnish() error {
	if has, err := t.disk.Has(settingsFile); has || err != nil {
		return err
	}
	if err := t.disk.Create(folder.File{Name: readmeFile, Content: readme}); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := t.disk.Mkdir(ticketsDir, commentsDir, eventsDir); err != nil {
		return err
	}
	return t.saveSettings(record.NewSettings(t.opts.ID, t.opts.Name))
}

// Close ends the run and gives the folder free for the next one.
func (t *Tracker) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	if t.disk.Locked() {
		err = t.disk.Sync(".", ticketsDir, commentsDir, eventsDir)
	}
	return errors.Join(err, t.disk.Close())
}

// Account gives the account with a login. The folder keeps no register of people: the id is
// derived from the login, so whoever writes under a login is that account.
func (t *Tracker) Account(_ context.Context, login string) (ticket.Account, error) {
	return accountOf(login), nil
}

// As gives a view of the same open folder whose writes are a person's. Close closes it for all.
func (t *Tracker) As(login string) *Tracker { return &Tracker{store: t.store, account: login} }

// Permission gives everyone the role admin: who can write to the folder can do anything.
func (t *Tracker) Permission(context.Context, string) (string, error) { return "admin", nil }

// accountOf gives nobody for an empty login: no list of trusted accounts holds it.
func accountOf(login string) ticket.Account {
	if login == "" {
		return ticket.Account{}
	}
	sum := sha256.Sum256([]byte(strings.ToLower(login)))
	return ticket.Account{
		ID:    int64(binary.BigEndian.Uint64(sum[:8]) >> 12), // 52 bits: exact in any JSON reader
		Login: login,
		Bot:   strings.HasSuffix(login, "[bot]"),
	}
}

// now is the clock in the resolution that the files keep.
func (t *Tracker) now() time.Time { return t.opts.Clock().UTC().Truncate(time.Second) }

// place is where a file lies, for people.
func (t *Tracker) place(file string) string { return path.Join(filepath.ToSlash(t.dir), file) }

// mayWrite refuses writes to a folder opened for reading only.
func (t *Tracker) mayWrite(ctx context.Context, act string) error {
	if err := ctx.Err(); err != nil {
		return asFailure(err, act)
	}
	if !t.disk.Locked() {
		return failure(ticket.Unauthorised, act, "the folder "+t.dir+" is open for reading only", "")
	}
	return nil
}

func failure(kind ticket.Kind, act, detail, next string) *ticket.Error {
	return &ticket.Error{Kind: kind, Act: act, Detail: detail, Next: next}
}

func damaged(file string, line int, text string) error {
	return &folder.Damage{File: file, Line: line, Text: text}
}

// asFailure turns an error of the disk into the tracker's kind; one that is so already stays.
func asFailure(err error, act string) error {
	var known *ticket.Error
	var bad *folder.Damage
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.As(err, &bad):
		return failure(ticket.Unavailable, act, bad.Error(), "mend the file by hand, or put back an older copy; nothing was changed")
	default:
		return failure(ticket.Unavailable, act, err.Error(), "")
	}
}
