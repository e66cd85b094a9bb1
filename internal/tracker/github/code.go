package github

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

const fileBatch = 50

// Files reads files at a commit, 50 in a request. A path that is not a file there is not in
// the map.
func (t *Tracker) Files(ctx context.Context, ref string, paths []string) (map[string][]byte, error) {
	if _, err := t.Repository(ctx); err != nil {
		return nil, err
	}
	act := "read files at " + ref
	out := make(map[string][]byte, len(paths))
	for part := range slices.Chunk(paths, fileBatch) {
		single := part
		if t.server().graphQL {
			var err error
			if single, err = t.filesGraph(ctx, ref, part, out); err != nil {
				return nil, fail(err, act, "")
			}
		}
		for _, path := range single {
			text, err := t.fileREST(ctx, ref, path)
			if ticketKind(err) == ticket.Gone {
				continue
			}
			if err != nil {
				return nil, fail(err, "read "+path+" at "+ref, "")
			}
			out[path] = text
		}
	}
	return out, nil
}

// filesGraph puts text files into out and gives the paths that must be read one by one: binary
// and long files come cut.
func (t *Tracker) filesGraph(ctx context.Context, ref string, paths []string, out map[string][]byte) ([]string, error) {
	var vars, fields strings.Builder
	doc := document{Variables: t.where()}
	for i, p := range paths {
		fmt.Fprintf(&vars, ", $f%d: String", i)
		fmt.Fprintf(&fields, " f%d: object(expression: $f%d) { ... on Blob { text isBinary isTruncated byteSize } }\n", i, i)
		doc.Variables[fmt.Sprintf("f%d", i)] = ref + ":" + p
	}
	doc.Query = "query($owner: String!, $name: String!" + vars.String() + ") { repository(owner: $owner, name: $name) {\n" + fields.String() + "} }"
	var a struct {
		Repository map[string]*struct {
			Text        *string
			IsBinary    *bool
			IsTruncated bool
			ByteSize    *int
		}
	}
	if err := t.query(ctx, doc, &a); err != nil {
		return nil, err
	}
	var single []string
	for i, p := range paths {
		switch blob := a.Repository[fmt.Sprintf("f%d", i)]; {
		case blob == nil || blob.ByteSize == nil: // nothing there, or a folder
		case blob.Text == nil || blob.IsTruncated || len(*blob.Text) != *blob.ByteSize:
			single = append(single, p)
		default:
			out[p] = []byte(*blob.Text)
		}
	}
	return single, nil
}

func (t *Tracker) fileREST(ctx context.Context, ref, path string) ([]byte, error) {
	var f struct {
		Type, Encoding, Content string
		Size                    int
	}
	parts := []any{"contents"}
	for p := range strings.SplitSeq(path, "/") {
		parts = append(parts, p)
	}
	if _, err := t.rest(ctx, http.MethodGet, t.path(parts...)+"?ref="+url.QueryEscape(ref), nil, &f); err != nil {
		return nil, err
	}
	if f.Type != "file" || f.Encoding != "base64" {
		return nil, &ticket.Error{Kind: ticket.Rejected, Detail: "it is not a file of at most 1 MB"}
	}
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(f.Content, "\n", ""))
	if err != nil || len(text) != f.Size {
		return nil, &ticket.Error{Kind: ticket.Unavailable, Detail: "the content came damaged"}
	}
	return text, nil
}

// Paths lists all files at a commit, sorted. A tree too large for one answer is an error.
func (t *Tracker) Paths(ctx context.Context, ref string) ([]string, error) {
	act := "list files at " + ref
	var tree struct {
		Truncated bool
		Tree      []struct{ Path, Type string }
	}
	if _, err := t.rest(ctx, http.MethodGet, t.path("git", "trees", ref)+"?recursive=1", nil, &tree); err != nil {
		return nil, fail(err, act, "")
	}
	if tree.Truncated {
		return nil, &ticket.Error{Kind: ticket.Rejected, Act: act, Detail: "the repository holds too many files for one answer", Next: "check out the default branch"}
	}
	var out []string
	for _, e := range tree.Tree {
		if e.Type == "blob" {
			out = append(out, e.Path)
		}
	}
	slices.Sort(out)
	return out, nil
}

// PullFile is a file that a pull request changes. Status is GitHub's word: added, removed,
// modified, renamed, copied, changed, unchanged. Previous is the old path of a renamed file.
type PullFile struct {
	Path     string `json:"filename"`
	Previous string `json:"previous_filename"`
	Status   string `json:"status"`
}

// PullRequestFiles lists the files that a pull request changes; GitHub tells at most 3,000.
func (t *Tracker) PullRequestFiles(ctx context.Context, number int) ([]PullFile, error) {
	files, err := pages[PullFile](ctx, t, t.path("pulls", number, "files")+"?per_page=100")
	return files, fail(err, fmt.Sprintf("read files of pull request #%d", number), "")
}

// FirstParent gives the first parent of a commit; empty for a root commit.
func (t *Tracker) FirstParent(ctx context.Context, sha string) (string, error) {
	var c struct {
		SHA     string
		Parents []struct{ SHA string }
	}
	t.mu.Lock()
	parent := t.parents[sha]
	t.mu.Unlock()
	if parent != "" {
		return parent, nil
	}
	act := "read commit " + sha
	if _, err := t.rest(ctx, http.MethodGet, t.path("git", "commits", sha), nil, &c); err != nil {
		return "", fail(err, act, "")
	}
	switch {
	case c.SHA == "":
		return "", &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer does not describe a commit"}
	case len(c.Parents) == 0:
		return "", nil
	}
	return c.Parents[0].SHA, nil
}

// Comparison is how one commit stands to another.
type Comparison struct {
	Status   string   // ahead, behind, identical or diverged
	Files    []string // changed paths, old ones of renames too, sorted
	Complete bool     // false when there may be more files than GitHub tells
}

// compareFiles is how many changed files a comparison tells at most.
const compareFiles = 300

// Compare gives what changed from base to head since their common ancestor.
func (t *Tracker) Compare(ctx context.Context, base, head string) (Comparison, error) {
	var c struct {
		Status string
		Files  []PullFile
	}
	act := "compare " + base + " with " + head
	// The files stand on the first page, whatever the number of commits on it.
	if _, err := t.rest(ctx, http.MethodGet, t.path("compare", base+"..."+head)+"?per_page=1", nil, &c); err != nil {
		return Comparison{}, fail(err, act, "")
	}
	if c.Status == "" {
		return Comparison{}, &ticket.Error{Kind: ticket.Unavailable, Act: act, Detail: "the answer does not describe a comparison"}
	}
	out := Comparison{Status: c.Status, Complete: len(c.Files) < compareFiles}
	for _, f := range c.Files {
		out.Files = append(out.Files, f.Path)
		if f.Previous != "" {
			out.Files = append(out.Files, f.Previous)
		}
	}
	slices.Sort(out.Files)
	out.Files = slices.Compact(out.Files)
	return out, nil
}
