package rest

import (
	"encoding/base64"
	"path"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// maxCompared is how many files a comparison shows.
const maxCompared = 300

func (a *API) addGit() {
	a.add("GET", "contents/**", readable(contents))
	a.add("GET", "contents", readable(contents))
	a.add("GET", "branches/*", readable(func(c *Call) Answer {
		commit, found := c.World.Git.Get(c.World.Branches[c.segments[1]])
		if !found {
			return refuse(&world.Refusal{Status: 404, Message: "Branch not found"})
		}
		u := c.repoURL("branches", c.segments[1])
		return ok(doc{"name": c.segments[1], "commit": c.commit(commit), "protected": false, "protection": doc{"enabled": false},
			"protection_url": u + "/protection", "_links": doc{"self": u, "html": c.repoHTML("tree", c.segments[1])}})
	}))
	a.add("GET", "git/ref/heads/*", readable(func(c *Call) Answer {
		sha, found := c.World.Branches[c.segments[3]]
		if !found {
			return refuse(world.NotFound())
		}
		ref := "refs/heads/" + c.segments[3]
		return ok(doc{"ref": ref, "node_id": "REF_" + sha, "url": c.repoURL("git", ref),
			"object": doc{"type": "commit", "sha": sha, "url": c.repoURL("git/commits", sha)}})
	}))
	a.add("GET", "git/commits/*", readable(func(c *Call) Answer {
		commit, found := c.World.Git.Get(c.segments[2])
		if !found {
			return refuse(world.NotFound())
		}
		return ok(c.gitCommit(commit))
	}))
	a.add("GET", "commits/*", readable(func(c *Call) Answer {
		commit, found := c.World.Git.Get(c.World.Ref(c.segments[1]))
		if !found {
			return refuse(world.Unprocessable("No commit found for SHA: " + c.segments[1]))
		}
		return ok(c.commit(commit))
	}))
	a.add("GET", "git/trees/*", readable(tree))
	a.add("GET", "git/blobs/*", readable(func(c *Call) Answer {
		content, found := c.World.Git.Blob(c.segments[2])
		if !found {
			return refuse(world.NotFound())
		}
		return ok(doc{"sha": c.segments[2], "node_id": "B_" + c.segments[2], "size": len(content), "encoding": "base64",
			"content": encode(content), "url": c.repoURL("git/blobs", c.segments[2])})
	}))
	a.add("GET", "compare/*", readable(compare))
	a.add("GET", "pulls/*", pull)
	a.add("GET", "pulls/*/files", pullFiles)
	a.add("GET", "pulls/*/reviews", pullReviews)
}

// readable refuses what needs the contents permission.
func readable(do handler) handler {
	return func(c *Call) Answer {
		if !c.Contents.AtLeast(world.RoleRead) {
			return refuse(world.Forbidden(c.Actor, "contents=read"))
		}
		return do(c)
	}
}

// encode is base64 in lines of 60, as GitHub sends it.
func encode(content string) string {
	s := base64.StdEncoding.EncodeToString([]byte(content))
	var b strings.Builder
	for line := range slices.Chunk([]byte(s), 60) {
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

func contents(c *Call) Answer {
	commit, found := c.World.Git.Get(c.World.Ref(c.Query.Get("ref")))
	if !found {
		return refuse(&world.Refusal{Status: 404, Message: "No commit found for the ref " + c.Query.Get("ref")})
	}
	at := strings.Join(c.segments[1:], "/")
	if content, isFile := commit.Files[at]; isFile {
		if strings.Contains(c.Accept, "raw") {
			return Answer{Status: 200, Raw: content}
		}
		o := c.entry(commit, at, "file")
		o["size"], o["encoding"], o["content"] = len(content), "base64", encode(content)
		return ok(o)
	}
	list := []any{}
	for _, f := range commit.Paths() {
		if path.Dir(f) == path.Clean("./"+at) {
			o := c.entry(commit, f, "file")
			o["size"] = len(commit.Files[f])
			list = append(list, o)
		}
	}
	for _, d := range commit.Folders() {
		if path.Dir(d) == path.Clean("./"+at) {
			list = append(list, c.entry(commit, d, "dir"))
		}
	}
	if len(list) == 0 {
		return refuse(world.NotFound())
	}
	return ok(list)
}

func (c *Call) entry(commit commits.Commit, at, kind string) doc {
	u := c.repoURL("contents", at) + "?ref=" + commit.SHA
	o := doc{"type": kind, "size": 0, "name": path.Base(at), "path": at, "sha": commits.BlobSHA(commit.Files[at]), "url": u,
		"html_url": c.repoHTML("blob", commit.SHA, at), "git_url": c.repoURL("git/blobs", commits.BlobSHA(commit.Files[at])),
		"download_url": nil, "_links": doc{"self": u, "git": nil, "html": c.repoHTML("blob", commit.SHA, at)}}
	if kind == "dir" {
		o["sha"], o["git_url"] = commit.TreeSHA(at), c.repoURL("git/trees", commit.TreeSHA(at))
	} else {
		o["download_url"] = "https://raw.githubusercontent.com/" + c.World.Repo.FullName() + "/" + commit.SHA + "/" + at
	}
	return o
}

func tree(c *Call) Answer {
	sha := c.World.Ref(c.segments[2])
	commit, found := c.World.Git.Get(sha)
	if !found {
		if commit, found = c.World.Git.Tree(sha); !found {
			return refuse(world.NotFound())
		}
	}
	deep := isYes(c.Query.Get("recursive"))
	list := []any{}
	for _, d := range commit.Folders() {
		if deep || !strings.Contains(d, "/") {
			list = append(list, doc{"path": d, "mode": "040000", "type": "tree", "sha": commit.TreeSHA(d), "url": c.repoURL("git/trees", commit.TreeSHA(d))})
		}
	}
	for _, f := range commit.Paths() {
		if deep || !strings.Contains(f, "/") {
			blob := commits.BlobSHA(commit.Files[f])
			list = append(list, doc{"path": f, "mode": "100644", "type": "blob", "sha": blob, "size": len(commit.Files[f]), "url": c.repoURL("git/blobs", blob)})
		}
	}
	return ok(doc{"sha": commit.TreeSHA(""), "url": c.repoURL("git/trees", commit.TreeSHA("")), "tree": list, "truncated": false})
}

func signature() doc {
	return doc{"name": "Octo Cat", "email": "octocat@users.noreply.github.com", "date": "2026-01-05T08:00:00Z"}
}

func unverified() doc {
	return doc{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

func (c *Call) parents(commit commits.Commit) []any {
	return each(commit.Parents, func(p string) any {
		return doc{"sha": p, "url": c.repoURL("commits", p), "html_url": c.repoHTML("commit", p)}
	})
}

func (c *Call) gitCommit(commit commits.Commit) doc {
	return doc{"sha": commit.SHA, "node_id": "C_" + commit.SHA, "url": c.repoURL("git/commits", commit.SHA), "html_url": c.repoHTML("commit", commit.SHA),
		"author": signature(), "committer": signature(), "message": commit.Message, "parents": c.parents(commit), "verification": unverified(),
		"tree": doc{"sha": commit.TreeSHA(""), "url": c.repoURL("git/trees", commit.TreeSHA(""))}}
}

func (c *Call) commit(commit commits.Commit) doc {
	u := c.repoURL("commits", commit.SHA)
	return doc{"sha": commit.SHA, "node_id": "C_" + commit.SHA, "url": u, "html_url": c.repoHTML("commit", commit.SHA), "comments_url": u + "/comments",
		"author": nil, "committer": nil, "parents": c.parents(commit),
		"commit": doc{"url": c.repoURL("git/commits", commit.SHA), "author": signature(), "committer": signature(), "message": commit.Message,
			"comment_count": 0, "verification": unverified(), "tree": doc{"sha": commit.TreeSHA(""), "url": c.repoURL("git/trees", commit.TreeSHA(""))}}}
}

func (c *Call) file(sha string) func(commits.Change) any {
	return func(f commits.Change) any {
		added, removed := strings.Count(f.New, "\n"), strings.Count(f.Old, "\n")
		return doc{"sha": f.SHA, "filename": f.Path, "status": f.Status, "additions": added, "deletions": removed, "changes": added + removed,
			"blob_url": c.repoHTML("blob", sha, f.Path), "raw_url": c.repoHTML("raw", sha, f.Path),
			"contents_url": c.repoURL("contents", f.Path) + "?ref=" + sha}
	}
}

func compare(c *Call) Answer {
	base, head, isRange := strings.Cut(c.segments[1], "...")
	if !isRange {
		return refuse(world.NotFound())
	}
	// A head in a fork is written owner:branch.
	if _, branch, isFork := strings.Cut(head, ":"); isFork {
		head = branch
	}
	r, found := c.World.Git.Compare(c.World.Ref(base), c.World.Ref(head))
	if !found {
		return refuse(world.NotFound())
	}
	status := "identical"
	switch {
	case len(r.Ahead) > 0 && r.Behind > 0:
		status = "diverged"
	case len(r.Ahead) > 0:
		status = "ahead"
	case r.Behind > 0:
		status = "behind"
	}
	files := r.Changes[:min(len(r.Changes), maxCompared)]
	u, html := c.repoURL("compare", c.segments[1]), c.repoHTML("compare", c.segments[1])
	return ok(doc{"url": u, "html_url": html, "permalink_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch",
		"base_commit": c.commit(r.Base), "merge_base_commit": c.commit(r.MergeBase), "status": status, "ahead_by": len(r.Ahead),
		"behind_by": r.Behind, "total_commits": len(r.Ahead), "commits": each(r.Ahead, func(x commits.Commit) any { return c.commit(x) }),
		"files": each(files, c.file(r.Head.SHA))})
}

// findPull is the pull request of the path, if the actor may see it.
func (c *Call) findPull() (*world.Issue, *world.Refusal) {
	if !c.Pulls.AtLeast(world.RoleRead) && c.Actor.App {
		return nil, world.Forbidden(c.Actor, "pull_requests=read")
	}
	i := c.World.At(c.number(1))
	if i == nil || i.PR == nil {
		return nil, world.NotFound()
	}
	return i, nil
}

func pullFiles(c *Call) Answer {
	i, no := c.findPull()
	if no != nil {
		return refuse(no)
	}
	r, _ := c.World.Git.Compare(i.PR.BaseSHA, i.PR.HeadSHA)
	return page(c, r.Changes, c.file(i.PR.HeadSHA), paging{})
}

func pull(c *Call) Answer {
	i, no := c.findPull()
	if no != nil {
		return refuse(no)
	}
	u, html, issue := c.repoURL("pulls", i.Number), c.repoHTML("pull", i.Number), c.repoURL("issues", i.Number)
	r, _ := c.World.Git.Compare(i.PR.BaseSHA, i.PR.HeadSHA)
	o := doc{"id": i.ID + 1, "node_id": i.NodeID, "number": i.Number, "state": state(i.Closed), "locked": i.Locked, "title": i.Title,
		"body": orNull(i.Body), "user": c.user(i.Author), "labels": each(i.Labels, c.label), "milestone": c.milestone(i.Milestone),
		"assignee": nil, "assignees": each(i.Assignees, c.user), "requested_reviewers": []any{}, "requested_teams": []any{},
		"created_at": stamp(i.CreatedAt), "updated_at": stamp(i.UpdatedAt), "closed_at": stamp(i.ClosedAt), "merged_at": nil,
		"merge_commit_sha": nil, "draft": i.PR.Draft, "merged": i.PR.Merged, "mergeable": true, "rebaseable": true, "mergeable_state": "clean",
		"merged_by": nil, "auto_merge": nil, "maintainer_can_modify": false, "author_association": c.association(i.Author),
		"comments": len(i.Comments), "review_comments": 0, "commits": len(r.Ahead), "additions": 0, "deletions": 0, "changed_files": len(r.Changes),
		"url": u, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch", "issue_url": issue, "commits_url": u + "/commits",
		"review_comments_url": u + "/comments", "review_comment_url": c.repoURL("pulls/comments{/number}"), "comments_url": issue + "/comments",
		"statuses_url": c.repoURL("statuses", i.PR.HeadSHA), "active_lock_reason": nil,
		"_links": doc{"self": doc{"href": u}, "html": doc{"href": html}, "issue": doc{"href": issue}, "comments": doc{"href": issue + "/comments"},
			"review_comments": doc{"href": u + "/comments"}, "review_comment": doc{"href": c.repoURL("pulls/comments{/number}")},
			"commits": doc{"href": u + "/commits"}, "statuses": doc{"href": c.repoURL("statuses", i.PR.HeadSHA)}}}
	o["base"] = c.side(i.PR.BaseRef, i.PR.BaseSHA, c.World.Repo.FullName(), i)
	o["head"] = c.side(i.PR.HeadRef, i.PR.HeadSHA, i.PR.HeadRepo, i)
	return ok(o)
}

// side is one end of a pull request; a fork's repository is shown as another one of the author's.
func (c *Call) side(ref, sha, name string, i *world.Issue) doc {
	repo := c.repository()
	owner, short, _ := strings.Cut(name, "/")
	user := c.user(c.World.User(c.World.Repo.Owner))
	if name != c.World.Repo.FullName() {
		user = c.user(i.Author)
		repo["id"], repo["full_name"], repo["name"], repo["fork"], repo["owner"] = c.World.Repo.ID+1, name, short, true, user
	}
	return doc{"label": owner + ":" + ref, "ref": ref, "sha": sha, "user": user, "repo": repo}
}
