package capability

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source"
)

// Set is all specs of a repository.
type Set struct {
	Files      []*File   // those that can be used, by id, numbers in numeric order
	Findings   diag.List // in all files, sorted
	Broken     []Broken  // files that are held back, by path
	Unreadable bool      // some file could not be read at all, so what it holds is unknown
}

// Broken is a file that is held back.
type Broken struct {
	Path string
	IDs  []string // the ids it claims, as far as they can be read
}

// ByID gives the usable spec with the id; nil if there is none.
func (s *Set) ByID(id string) *File {
	i, ok := slices.BinarySearchFunc(s.Files, id, func(f *File, id string) int { return CompareIDs(f.Capability.ID, id) })
	if !ok {
		return nil
	}
	return s.Files[i]
}

// CompareIDs orders ids by product, then by number: CRM-9 before CRM-10.
func CompareIDs(a, b string) int {
	pa, na, _ := strings.Cut(a, "-")
	pb, nb, _ := strings.Cut(b, "-")
	ia, _ := strconv.Atoi(na)
	ib, _ := strconv.Atoi(nb)
	return cmp.Or(strings.Compare(pa, pb), cmp.Compare(ia, ib), strings.Compare(a, b))
}

// Load reads all specs that the patterns match and checks them, each for itself and against
// one another. The error is ours: the disk failed.
func Load(ws *source.Workspace, globs []string, v Vocabulary) (*Set, error) {
	paths, findings, err := ws.Glob(globs)
	if err != nil {
		return nil, fmt.Errorf("list capability files: %w", err)
	}
	var unread []Broken
	for _, f := range findings {
		if f.Severity == diag.Error {
			unread = append(unread, Broken{Path: f.File})
		}
	}
	texts, failed, err := readAll(ws, paths)
	if err != nil {
		return nil, err
	}
	for _, f := range failed {
		unread = append(unread, Broken{Path: f.File})
	}
	findings.Add(failed...)
	set := Check(texts, v)
	set.Findings = append(append(findings, set.Findings...), missingDocuments(ws, set.Files)...).Sorted()
	set.Broken = append(set.Broken, unread...)
	slices.SortFunc(set.Broken, func(a, b Broken) int { return strings.Compare(a.Path, b.Path) })
	set.Unreadable = set.Unreadable || len(unread) > 0
	return set, nil
}

// readAll gives the texts in the order of the paths, and why files could not be read.
func readAll(ws *source.Workspace, paths []string) ([]Text, diag.List, error) {
	texts := make([]Text, len(paths))
	refused := make([]diag.List, len(paths))
	failed := make([]error, len(paths))
	parallel(len(paths), func(i int) {
		texts[i].Path = paths[i]
		texts[i].Content, refused[i], failed[i] = ws.Read(paths[i])
	})
	if err := errors.Join(failed...); err != nil {
		return nil, nil, err
	}
	texts = slices.DeleteFunc(texts, func(t Text) bool { return t.Content == nil })
	return texts, slices.Concat(refused...), nil
}

// missingDocuments warns about documents in the repository that are not there.
func missingDocuments(ws *source.Workspace, files []*File) diag.List {
	var out diag.List
	for _, f := range files {
		docs := f.Capability.Documents
		for _, d := range []struct{ key, place string }{{"spec", docs.Spec}, {"architecture", docs.Architecture}} {
			if d.place == "" || d.place == f.Path || strings.Contains(d.place, "://") {
				continue
			}
			file, _, _ := strings.Cut(d.place, "#")
			if !ws.Exists(strings.TrimPrefix(file, "./")) {
				out.Add(diag.Finding{
					Position: f.At("documents", d.key), Severity: diag.Warning, Rule: "no-such-document", Subject: f.Capability.ID,
					Message: fmt.Sprintf("there is no file %q in the repository", file),
					Hint:    "add it in the same pull request, or correct the path; it counts from the top of the repository",
				})
			}
		}
	}
	return out
}

// Text is the text of one spec, wherever it comes from.
type Text struct {
	Path    string
	Content []byte
}

// Check parses all specs and checks them, each for itself and against one another. The order
// of the texts does not matter. A file with errors is held back; of files with the same id,
// all are.
func Check(texts []Text, v Vocabulary) *Set {
	set := &Set{}
	read := parseAll(texts, v)
	byID := map[string][]*File{}
	claims := map[string]bool{}
	for i, r := range read {
		set.Findings.Add(r.findings...)
		if r.file == nil {
			ids := claimed(texts[i].Content)
			for _, id := range ids {
				claims[id] = true
			}
			set.Broken = append(set.Broken, Broken{Path: texts[i].Path, IDs: ids})
			set.Unreadable = set.Unreadable || len(ids) == 0 || !r.parsed
			continue
		}
		byID[r.file.Capability.ID] = append(byID[r.file.Capability.ID], r.file)
	}
	across := across{byID: byID, claims: claims}
	across.run()
	set.Findings.Add(across.findings...)
	for _, id := range slices.SortedFunc(maps.Keys(byID), CompareIDs) {
		for _, f := range byID[id] {
			if across.held[f] {
				set.Broken = append(set.Broken, Broken{Path: f.Path, IDs: []string{id}})
				continue
			}
			set.Files = append(set.Files, f)
		}
	}
	slices.SortFunc(set.Broken, func(a, b Broken) int { return strings.Compare(a.Path, b.Path) })
	set.Findings = set.Findings.Sorted()
	return set
}

func parseAll(texts []Text, v Vocabulary) []reading {
	read := make([]reading, len(texts))
	parallel(len(texts), func(i int) { read[i] = parse(texts[i].Path, texts[i].Content, v) })
	return read
}

// parallel does something for 0 to n-1, on all processors.
func parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	var taken atomic.Int64
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(taken.Add(1)) - 1; i < n; i = int(taken.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}
