// Package commits is the git side of the fake: commits that hold whole file
// trees, blobs by their real git hash, and three-dot comparison.
//
// It owns no refs and merges nothing; a commit is what its seed says.
//
//	s := commits.New()
//	c := s.Add(commits.Commit{SHA: "c1", Files: map[string]string{"capabilities/a.yml": "id: a\n"}})
package commits

import (
	"crypto/sha1" // git's own object hash, not a safeguard
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Commit is one commit with all its files. A SHA that isn't 40 hex digits is
// taken as a name and hashed.
type Commit struct {
	SHA     string            `json:"sha"`
	Parents []string          `json:"parents,omitempty"`
	Message string            `json:"message,omitempty"`
	Files   map[string]string `json:"files"`
}

// Store holds commits by SHA.
type Store struct {
	commits map[string]Commit
	blobs   map[string]string
}

// New makes an empty store.
func New() *Store { return &Store{commits: map[string]Commit{}, blobs: map[string]string{}} }

// SHA is the full hash for a name: itself when it is one already.
func SHA(name string) string {
	if len(name) == 40 && strings.Trim(name, "0123456789abcdef") == "" {
		return name
	}
	return hash("commit", name)
}

// BlobSHA is git's hash of a file with that content.
func BlobSHA(content string) string { return hash("blob", content) }

func hash(kind, content string) string {
	sum := sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", kind, len(content), content))
	return hex.EncodeToString(sum[:])
}

// Add stores a commit and returns it with full hashes.
func (s *Store) Add(c Commit) Commit {
	c.SHA = SHA(c.SHA)
	c.Parents = slices.Clone(c.Parents)
	for k, p := range c.Parents {
		c.Parents[k] = SHA(p)
	}
	c.Files = maps.Clone(c.Files)
	for _, content := range c.Files {
		s.blobs[BlobSHA(content)] = content
	}
	s.commits[c.SHA] = c
	return c
}

// Get finds a commit by full hash, by the name it was added under, or by at least 7 first digits.
func (s *Store) Get(sha string) (Commit, bool) {
	if c, ok := s.commits[SHA(sha)]; ok {
		return c, true
	}
	if len(sha) >= 7 {
		for full, c := range s.commits {
			if strings.HasPrefix(full, sha) {
				return c, true
			}
		}
	}
	return Commit{}, false
}

// Blob finds a file's content by its git hash.
func (s *Store) Blob(sha string) (string, bool) {
	content, ok := s.blobs[sha]
	return content, ok
}

// TreeSHA is a stable hash for a commit's tree, or for one folder of it.
func (c Commit) TreeSHA(folder string) string {
	var b strings.Builder
	for _, p := range c.Paths() {
		if folder == "" || strings.HasPrefix(p, folder+"/") {
			fmt.Fprintf(&b, "%s %s\n", p, BlobSHA(c.Files[p]))
		}
	}
	return hash("tree", b.String())
}

// Tree finds the commit whose tree has the hash.
func (s *Store) Tree(sha string) (Commit, bool) {
	for _, c := range s.commits {
		if c.TreeSHA("") == sha {
			return c, true
		}
	}
	return Commit{}, false
}

// Paths are the commit's files, sorted.
func (c Commit) Paths() []string { return slices.Sorted(maps.Keys(c.Files)) }

// Folders are the folders that hold the commit's files, sorted.
func (c Commit) Folders() []string {
	seen := map[string]bool{}
	for p := range c.Files {
		for k := strings.LastIndexByte(p, '/'); k > 0; k = strings.LastIndexByte(p[:k], '/') {
			seen[p[:k]] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Change is one file's difference between two commits.
type Change struct {
	Path   string
	Status string // added, removed, modified
	SHA    string // of the new content; of the old one when removed
	Old    string
	New    string
}

// Diff lists what changed from base to head, by path.
func Diff(base, head Commit) []Change {
	var out []Change
	paths := append(base.Paths(), head.Paths()...)
	slices.Sort(paths)
	for _, p := range slices.Compact(paths) {
		old, was := base.Files[p]
		content, is := head.Files[p]
		c := Change{Path: p, Old: old, New: content, SHA: BlobSHA(content)}
		switch {
		case !was:
			c.Status = "added"
		case !is:
			c.Status, c.SHA = "removed", BlobSHA(old)
		case old != content:
			c.Status = "modified"
		default:
			continue
		}
		out = append(out, c)
	}
	return out
}

// Comparison is base...head: from where they parted to head.
type Comparison struct {
	Base, MergeBase, Head Commit
	Ahead                 []Commit // oldest first
	Behind                int
	Changes               []Change
}

// Compare compares as three dots do; ok is false when a commit is unknown or
// they have no common ancestor.
func (s *Store) Compare(base, head string) (cmp Comparison, ok bool) {
	b, okB := s.Get(base)
	h, okH := s.Get(head)
	if !okB || !okH {
		return cmp, false
	}
	ofBase, ofHead := s.history(b), s.history(h)
	k := slices.IndexFunc(ofHead, func(c Commit) bool { return containsCommit(ofBase, c) })
	if k < 0 {
		return cmp, false
	}
	cmp = Comparison{Base: b, Head: h, MergeBase: ofHead[k]}
	for _, c := range ofHead {
		if !containsCommit(ofBase, c) {
			cmp.Ahead = append(cmp.Ahead, c)
		}
	}
	slices.Reverse(cmp.Ahead)
	for _, c := range ofBase {
		if !containsCommit(ofHead, c) {
			cmp.Behind++
		}
	}
	cmp.Changes = Diff(cmp.MergeBase, h)
	return cmp, true
}

func containsCommit(list []Commit, c Commit) bool {
	return slices.ContainsFunc(list, func(x Commit) bool { return x.SHA == c.SHA })
}

// history is the commit and its ancestors, nearest first.
func (s *Store) history(c Commit) []Commit {
	out := []Commit{c}
	for k := 0; k < len(out); k++ {
		for _, p := range out[k].Parents {
			if parent, ok := s.commits[p]; ok && !containsCommit(out, parent) {
				out = append(out, parent)
			}
		}
	}
	return out
}
