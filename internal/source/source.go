// Package source owns reading the files that people write, safely out of a workspace: never
// outside of it, no links, nothing that is not a regular file, nothing too large. It refuses to
// look into them: document takes them apart, shape holds them against a schema, mistake says
// what a person did wrong, and plain knows how text looks to people.
//
//	ws, err := source.Open(".")
//	text, findings, err := ws.Read("capabilities/CRM-101.yml")
package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
)

// Limits on what is read. They are far above what a person writes and far below what hurts.
const (
	MaxFileSize = 256 << 10 // bytes of one file
	MaxFiles    = 5000      // files that globs may match
	MaxNodes    = 20_000    // keys, values and groups of one file
	MaxDepth    = 32        // groups within groups
)

// Workspace is a folder whose files are read without ever leaving it: no symbolic link is
// followed, and only regular files are opened.
type Workspace struct {
	root *os.Root
	dir  string
}

// Open opens the folder. The caller closes it.
func Open(dir string) (*Workspace, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	return &Workspace{root: root, dir: dir}, nil
}

// Close closes the folder.
func (ws *Workspace) Close() error { return ws.root.Close() }

// Dir gives the folder as it was opened, for messages.
func (ws *Workspace) Dir() string { return ws.dir }

// Exists tells whether anything lies at the path, a symbolic link included.
func (ws *Workspace) Exists(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	_, err := ws.root.Lstat(name)
	return err == nil
}

// Read gives the content of a regular file of at most MaxFileSize bytes. What is wrong with
// the file (missing, a link, too large) comes as findings; then there is no content. The error
// is ours: the disk failed.
func (ws *Workspace) Read(name string) ([]byte, diag.List, error) {
	if f, ok := outside(name); !ok {
		return nil, diag.List{f}, nil
	}
	before, finding, err := ws.lstat(name)
	if err != nil || finding != nil {
		return nil, finding, err
	}
	if !before.Mode().IsRegular() {
		return nil, diag.List{Whole(name, "not-a-file", "this is not a regular file", "only regular files are read; replace it by one")}, nil
	}
	f, err := ws.root.Open(name)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil, diag.List{Whole(name, "no-permission", "the file may not be read", "give it read permission")}, nil
		}
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer f.Close()
	// What was looked at must be what was opened: a link put there in between is not followed.
	after, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if !os.SameFile(before, after) {
		return nil, diag.List{Whole(name, "symlink", "the file changed while it was opened", "run it again")}, nil
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFileSize+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > MaxFileSize {
		return nil, diag.List{TooLarge(name, after.Size())}, nil
	}
	if text == nil {
		text = []byte{}
	}
	return text, nil, nil
}

// lstat looks at each part of the path, so that a link in a directory is seen too.
func (ws *Workspace) lstat(name string) (fs.FileInfo, diag.List, error) {
	var info fs.FileInfo
	for i, c := range name + "/" {
		if c != '/' {
			continue
		}
		part := name[:i]
		var err error
		info, err = ws.root.Lstat(part)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			return nil, diag.List{Whole(name, "no-such-file", "there is no such file", "check the path; it counts from the top of the repository")}, nil
		case err != nil:
			return nil, nil, fmt.Errorf("look at %s: %w", part, err)
		case info.Mode()&fs.ModeSymlink != 0:
			return nil, link(name, part), nil
		}
	}
	return info, nil, nil
}

// Glob gives the files that match any of the patterns, sorted, each once. A pattern is a path
// in the workspace with *, ?, ** and {a,b}; a plain path must exist, and a folder stands for
// all YAML files below it. Links whose names match, and files beyond MaxFiles, are findings.
// The folder .git is never looked into.
func (ws *Workspace) Glob(patterns []string) ([]string, diag.List, error) {
	found := map[string]bool{}
	var findings diag.List
	for _, pattern := range patterns {
		pattern = strings.TrimPrefix(path.Clean(strings.ReplaceAll(pattern, `\`, "/")), "./")
		if f, ok := outside(pattern); !ok {
			findings.Add(f)
			continue
		}
		more, err := ws.globOne(pattern, found)
		if err != nil {
			return nil, nil, err
		}
		findings.Add(more...)
	}
	out := make([]string, 0, len(found))
	for name := range found {
		out = append(out, name)
	}
	slices.Sort(out)
	if len(out) > MaxFiles {
		findings.Add(diag.Finding{
			Position: diag.Position{File: out[MaxFiles]}, Severity: diag.Error, Rule: "too-many-files",
			Message: fmt.Sprintf("more than %d files match %s", MaxFiles, quoteAll(patterns)),
			Hint:    "narrow the patterns under capabilities in the config file; only the first files are read",
		})
		out = out[:MaxFiles]
	}
	return out, findings, nil
}

func (ws *Workspace) globOne(pattern string, found map[string]bool) (diag.List, error) {
	if !strings.ContainsAny(pattern, "*?[{") {
		info, findings, err := ws.lstat(pattern)
		if err != nil || findings != nil {
			return findings, err
		}
		if !info.IsDir() {
			found[pattern] = true
			return nil, nil
		}
		pattern = path.Join(pattern, "**/*.{yml,yaml}")
	}
	switch {
	case !doublestar.ValidatePattern(pattern):
		return badGlob(pattern, "is not a valid file pattern", "close every [ and {"), nil
	case Tangled(pattern):
		return badGlob(pattern, "has too many alternatives in braces", "write several patterns, or use *"), nil
	}
	base, _ := doublestar.SplitPattern(pattern)
	if base != "." {
		info, findings, err := ws.lstat(base)
		switch {
		case err != nil:
			return nil, err
		case info == nil && findings[0].Rule == "no-such-file":
			return nil, nil
		case findings != nil:
			return findings, nil
		case !info.IsDir():
			return nil, nil
		}
	}
	return ws.walk(base, pattern, found)
}

func (ws *Workspace) walk(base, pattern string, found map[string]bool) (diag.List, error) {
	var findings diag.List
	err := fs.WalkDir(ws.root.FS(), base, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				findings.Add(Whole(name, "no-permission", "the folder may not be read", "give it read permission"))
				return fs.SkipDir
			}
			return err
		}
		switch matches := doublestar.MatchUnvalidated(pattern, name); {
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir():
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			// A link to a folder hides files that the pattern would match.
			behind := doublestar.MatchUnvalidated(pattern, name+"/x.yml") || doublestar.MatchUnvalidated(pattern, name+"/x.yaml")
			if matches || behind && ws.leadsToFolder(name) {
				findings.Add(link(name, name)...)
			}
		case matches && !d.Type().IsRegular():
			findings.Add(Whole(name, "not-a-file", "this is not a regular file", "only regular files are read; replace it by one"))
		case matches:
			found[name] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", pattern, err)
	}
	return findings, nil
}

// leadsToFolder looks through a link, without reading anything behind it. A link that leaves
// the workspace cannot be looked through and counts as one.
func (ws *Workspace) leadsToFolder(name string) bool {
	info, err := ws.root.Stat(name)
	return err != nil && !errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir()
}

func outside(name string) (diag.Finding, bool) {
	if fs.ValidPath(name) && !strings.Contains(name, "\x00") {
		return diag.Finding{}, true
	}
	if !utf8.ValidString(name) {
		return Whole(name, "file-name", "the name of the file is not UTF-8", "rename it, with plain letters"), false
	}
	return diag.Finding{
		Position: diag.Position{File: name}, Severity: diag.Error, Rule: "outside-workspace",
		Message: fmt.Sprintf("%q is not a path inside the repository", name),
		Hint:    "write it from the top of the repository, with slashes and without \"..\", as in capabilities/CRM-101.yml",
	}, false
}

func badGlob(pattern, message, hint string) diag.List {
	return diag.List{{
		Position: diag.Position{File: pattern}, Severity: diag.Error, Rule: "bad-glob",
		Message: fmt.Sprintf("%q %s", pattern, message), Hint: hint,
	}}
}

func link(name, part string) diag.List {
	what := "this is a symbolic link"
	if part != name {
		what = fmt.Sprintf("%q on the way to it is a symbolic link", part)
	}
	return diag.List{Whole(name, "symlink", what, "links are not followed; put the real file in its place")}
}

// TooLarge is the finding about a file of more than MaxFileSize bytes.
func TooLarge(name string, size int64) diag.Finding {
	return Whole(name, "file-too-large", fmt.Sprintf("the file has %d KiB; %d KiB are allowed", (size+1023)/1024, MaxFileSize>>10),
		"move long texts into their own files and name them under documents")
}

// Whole is an error about a file rather than a place in it.
func Whole(name, rule, message, hint string) diag.Finding {
	return diag.Finding{Position: diag.Position{File: name}, Severity: diag.Error, Rule: rule, Message: message, Hint: hint}
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = fmt.Sprintf("%q", t)
	}
	return strings.Join(quoted, ", ")
}
