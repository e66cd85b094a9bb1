package graph

import (
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
)

func (r *run) branch(name string) any {
	sha, ok := r.view.World.Branches[name]
	if !ok {
		return nil
	}
	c, _ := r.view.World.Git.Get(sha)
	return object{"__typename": "Ref", "id": "REF_" + sha, "name": name, "prefix": "refs/heads/", "target": r.commit(c)}
}

func (r *run) commit(c commits.Commit) object {
	o := object{"__typename": "Commit", "id": "C_" + c.SHA, "oid": c.SHA, "abbreviatedOid": c.SHA[:7], "message": c.Message,
		"url": r.repoWeb("commit", c.SHA)}
	o["parents"] = func(a args) (any, error) {
		var parents []commits.Commit
		for _, sha := range c.Parents {
			if p, ok := r.view.World.Git.Get(sha); ok {
				parents = append(parents, p)
			}
		}
		return connect("Commit", parents, r.commit, a, false)
	}
	return o
}

func gitBlob(content string) object {
	sha := commits.BlobSHA(content)
	binary := strings.ContainsRune(content, 0)
	o := object{"__typename": "Blob", "id": "B_" + sha, "oid": sha, "abbreviatedOid": sha[:7], "byteSize": len(content),
		"isBinary": binary, "isTruncated": false, "text": content}
	if binary {
		o["text"] = nil
	}
	return o
}

// gitObject resolves "ref:path" expressions and object ids; nil if there is none.
func (r *run) gitObject(a args) (any, error) {
	w := r.view.World
	if oid, _ := a["oid"].(string); oid != "" {
		if c, ok := w.Git.Get(oid); ok {
			return r.commit(c), nil
		}
		if content, ok := w.Git.Blob(oid); ok {
			return gitBlob(content), nil
		}
		return nil, nil
	}
	expression, _ := a["expression"].(string)
	ref, path, hasPath := strings.Cut(expression, ":")
	c, ok := w.Git.Get(w.Ref(ref))
	if !ok {
		return nil, nil
	}
	if !hasPath {
		return r.commit(c), nil
	}
	if content, ok := c.Files[path]; ok {
		return gitBlob(content), nil
	}
	if path != "" && !folder(c, path) {
		return nil, nil
	}
	return gitTree(c, path), nil
}

func folder(c commits.Commit, path string) bool {
	for p := range c.Files {
		if strings.HasPrefix(p, path+"/") {
			return true
		}
	}
	return false
}

func gitTree(c commits.Commit, path string) object {
	entries := []object{}
	prefix := ""
	if path != "" {
		prefix = path + "/"
	}
	seen := map[string]bool{}
	for _, p := range c.Paths() {
		rest, inside := strings.CutPrefix(p, prefix)
		name, _, deeper := strings.Cut(rest, "/")
		if !inside || seen[name] {
			continue
		}
		seen[name] = true
		e := object{"__typename": "TreeEntry", "name": name, "path": prefix + name, "type": "blob"}
		if deeper {
			e["type"], e["oid"] = "tree", c.TreeSHA(prefix+name)
			e["object"] = func(args) (any, error) { return gitTree(c, prefix+name), nil }
		} else {
			e["oid"], e["object"] = commits.BlobSHA(c.Files[p]), gitBlob(c.Files[p])
		}
		entries = append(entries, e)
	}
	sha := c.TreeSHA(path)
	return object{"__typename": "Tree", "id": "T_" + sha, "oid": sha, "abbreviatedOid": sha[:7], "entries": entries}
}
