package rest

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

type doc = map[string]any

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func state(closed bool) string {
	if closed {
		return "closed"
	}
	return "open"
}

// user is an account as it stands inside other objects; null if there is none.
func (c *Call) user(u *world.User) any {
	if u == nil {
		return nil
	}
	return c.account(u)
}

func (c *Call) account(u *world.User) doc {
	api := c.API + "/users/" + url.PathEscape(u.Login)
	html := c.HTML + "/" + u.Login
	if u.Type == "Bot" {
		html = c.HTML + "/apps/" + strings.TrimSuffix(u.Login, "[bot]")
	}
	return doc{"login": u.Login, "id": u.ID, "node_id": u.NodeID, "type": u.Type, "site_admin": false, "gravatar_id": "",
		"avatar_url": fmt.Sprintf("https://avatars.githubusercontent.com/u/%d", u.ID), "url": api, "html_url": html,
		"followers_url": api + "/followers", "following_url": api + "/following{/other_user}", "gists_url": api + "/gists{/gist_id}",
		"starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions", "organizations_url": api + "/orgs",
		"repos_url": api + "/repos", "events_url": api + "/events{/privacy}", "received_events_url": api + "/received_events",
		"user_view_type": "public"}
}

// profile is an account by itself.
func (c *Call) profile(u *world.User) doc {
	o := c.account(u)
	for _, k := range []string{"bio", "company", "email", "hireable", "location", "name", "twitter_username"} {
		o[k] = nil
	}
	for _, k := range []string{"followers", "following", "public_gists", "public_repos"} {
		o[k] = 0
	}
	o["blog"] = ""
	o["created_at"], o["updated_at"] = "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
	return o
}

func (c *Call) label(l *world.Label) any {
	return doc{"id": l.ID, "node_id": l.NodeID, "url": c.repoURL("labels", url.PathEscape(l.Name)), "name": l.Name, "color": l.Colour,
		"default": false, "description": orNull(l.Description)}
}

func each[T any](list []T, show func(T) any) []any {
	out := []any{}
	for _, e := range list {
		out = append(out, show(e))
	}
	return out
}

func (c *Call) milestone(m *world.Milestone) any {
	if m == nil {
		return nil
	}
	open, closed := c.World.Counts(m)
	u := c.repoURL("milestones", m.Number)
	return doc{"id": m.ID, "node_id": m.NodeID, "number": m.Number, "title": m.Title, "description": orNull(m.Description), "state": state(m.Closed),
		"open_issues": open, "closed_issues": closed, "creator": c.user(m.Creator), "due_on": stamp(m.DueOn), "closed_at": stamp(m.ClosedAt),
		"created_at": stamp(m.CreatedAt), "updated_at": stamp(m.UpdatedAt), "url": u, "labels_url": u + "/labels",
		"html_url": c.repoHTML("milestone", m.Number)}
}

func (c *Call) issueType(t *world.IssueType) any {
	if t == nil {
		return nil
	}
	return doc{"id": t.ID, "node_id": t.NodeID, "name": t.Name, "description": nil, "is_enabled": true}
}

func (c *Call) reactions(list []world.Reaction, of string) doc {
	o := doc{"url": of + "/reactions", "total_count": len(list)}
	for _, k := range []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket"} {
		n := 0
		for _, r := range list {
			if r.Content == k {
				n++
			}
		}
		o[k] = n
	}
	return o
}

func (c *Call) association(u *world.User) string {
	switch {
	case u.Role.AtLeast(world.RoleTriage):
		return "COLLABORATOR"
	case u.Role.AtLeast(world.RoleRead):
		return "CONTRIBUTOR"
	}
	return "NONE"
}

// issue is an issue, or a pull request seen as one.
func (c *Call) issue(i *world.Issue) doc {
	u := c.repoURL("issues", i.Number)
	o := doc{"id": i.ID, "node_id": i.NodeID, "number": i.Number, "title": i.Title, "user": c.user(i.Author), "state": state(i.Closed),
		"state_reason": orNull(i.StateReason), "locked": i.Locked, "active_lock_reason": orNull(i.LockReason), "comments": len(i.Comments),
		"labels": each(i.Labels, c.label), "assignees": each(i.Assignees, c.user), "assignee": nil, "milestone": c.milestone(i.Milestone),
		"author_association": c.association(i.Author), "body": i.Body, "closed_by": c.user(i.ClosedBy), "created_at": stamp(i.CreatedAt),
		"updated_at": stamp(i.UpdatedAt), "closed_at": stamp(i.ClosedAt), "url": u, "repository_url": c.repoURL(),
		"labels_url": u + "/labels{/name}", "comments_url": u + "/comments", "events_url": u + "/events", "timeline_url": u + "/timeline",
		"html_url": c.repoHTML("issues", i.Number), "reactions": c.reactions(i.Reactions, u), "performed_via_github_app": nil}
	if i.BodyNull {
		o["body"] = nil
	}
	if len(i.Assignees) > 0 {
		o["assignee"] = c.user(i.Assignees[0])
	}
	if i.PR != nil {
		pr := c.repoURL("pulls", i.Number)
		html := c.repoHTML("pull", i.Number)
		o["html_url"], o["draft"] = html, i.PR.Draft
		o["pull_request"] = doc{"url": pr, "html_url": html, "diff_url": html + ".diff", "patch_url": html + ".patch", "merged_at": nil}
		return o
	}
	if !c.features.NoTypes {
		o["type"] = c.issueType(i.Type)
	}
	if !c.features.NoSubIssues && !c.features.NoSubIssueFields {
		c.family(o, i)
	}
	if !c.features.NoDependencies {
		blocking := c.World.Blocking(i)
		o["issue_dependencies_summary"] = doc{"blocked_by": c.World.OpenAmong(i.BlockedBy), "blocking": c.World.OpenAmong(blocking),
			"total_blocked_by": len(i.BlockedBy), "total_blocking": len(blocking)}
	}
	return o
}

// family fills an issue's parent and the count of its children.
func (c *Call) family(o doc, i *world.Issue) {
	if i.Parent != 0 {
		o["parent_issue_url"] = c.repoURL("issues", i.Parent)
	}
	done, percent := len(i.Children)-c.World.OpenAmong(i.Children), 0
	if len(i.Children) > 0 {
		percent = done * 100 / len(i.Children)
	}
	o["sub_issues_summary"] = doc{"total": len(i.Children), "completed": done, "percent_completed": percent}
}

func (c *Call) comment(m *world.Comment) any {
	u := c.repoURL("issues", "comments", m.ID)
	return doc{"id": m.ID, "node_id": m.NodeID, "url": u, "html_url": c.repoHTML("issues", fmt.Sprintf("%d#issuecomment-%d", m.Issue, m.ID)),
		"issue_url": c.repoURL("issues", m.Issue), "user": c.user(m.Author), "body": m.Body, "created_at": stamp(m.CreatedAt),
		"updated_at": stamp(m.UpdatedAt), "author_association": c.association(m.Author), "reactions": c.reactions(m.Reactions, u),
		"performed_via_github_app": nil}
}

func (c *Call) event(e *world.Event) doc {
	o := doc{"id": e.ID, "node_id": e.NodeID, "url": c.repoURL("issues", "events", e.ID), "actor": c.actor(e.Actor), "event": e.Kind,
		"commit_id": nil, "commit_url": nil, "created_at": stamp(e.At), "performed_via_github_app": nil}
	if e.Commit != "" {
		o["commit_id"], o["commit_url"] = e.Commit, c.repoURL("commits", e.Commit)
	}
	if e.Label != nil {
		o["label"] = doc{"name": e.Label.Name, "color": e.Label.Colour}
	}
	if e.Assignee != nil {
		o["assignee"], o["assigner"] = c.user(e.Assignee), c.user(e.Actor)
	}
	if e.Milestone != "" {
		o["milestone"] = doc{"title": e.Milestone}
	}
	if e.Kind == "renamed" {
		o["rename"] = doc{"from": e.From, "to": e.To}
	}
	if e.Kind == "closed" {
		o["state_reason"] = orNull(e.Reason)
	}
	return o
}

// actor is who did something; of a deleted account there is nothing left in the log.
func (c *Call) actor(u *world.User) any {
	if u == nil || u.Gone {
		return nil
	}
	return c.account(u)
}

// wholeEvent is an event by itself, with its issue.
func (c *Call) wholeEvent(e *world.Event) doc {
	o := c.event(e)
	o["issue"] = c.issue(c.World.At(e.Issue))
	return o
}

func (c *Call) reaction(r world.Reaction) any {
	return doc{"id": r.ID, "node_id": fmt.Sprintf("REA_%d", r.ID), "user": c.user(r.User), "content": r.Content, "created_at": stamp(r.At)}
}

func (c *Call) release(r *world.Release) any {
	u := c.repoURL("releases", r.ID)
	o := doc{"id": r.ID, "node_id": fmt.Sprintf("RE_%d", r.ID), "tag_name": r.Tag, "target_commitish": r.Target, "name": r.Name, "body": r.Body,
		"draft": r.Draft, "prerelease": r.Prerelease, "immutable": false, "created_at": stamp(r.CreatedAt), "published_at": nil,
		"author": c.user(r.Author), "assets": []any{}, "url": u, "assets_url": u + "/assets", "upload_url": u + "/assets{?name,label}",
		"html_url": c.repoHTML("releases", "tag", r.Tag), "tarball_url": nil, "zipball_url": nil}
	if !r.Draft {
		o["published_at"] = stamp(r.CreatedAt)
	}
	return o
}

func (c *Call) repository() doc {
	r, u := c.World.Repo, c.repoURL()
	visibility := "public"
	if r.Private {
		visibility = "private"
	}
	open := 0
	for _, i := range c.World.Issues {
		if i.Gone == "" && !i.Closed {
			open++
		}
	}
	role := c.Actor.Role
	o := doc{"id": r.ID, "node_id": c.World.RepoNodeID(), "name": r.Name, "full_name": r.FullName(), "owner": c.user(c.World.User(r.Owner)),
		"private": r.Private, "visibility": visibility, "fork": r.Fork, "archived": r.Archived, "disabled": r.Disabled,
		"has_issues": !r.IssuesOff, "default_branch": r.DefaultBranch, "description": nil, "homepage": nil, "language": nil, "license": nil,
		"mirror_url": nil, "open_issues": open, "open_issues_count": open, "url": u, "html_url": c.repoHTML(),
		"clone_url": c.repoHTML() + ".git", "git_url": "git:" + strings.TrimPrefix(c.repoHTML(), "https:") + ".git", "svn_url": c.repoHTML(),
		"ssh_url":    "git@github.com:" + r.FullName() + ".git",
		"created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z", "pushed_at": "2025-01-01T00:00:00Z", "topics": []any{},
		"permissions": doc{"admin": role.AtLeast(world.RoleAdmin), "maintain": role.AtLeast(world.RoleMaintain),
			"push": role.AtLeast(world.RoleWrite), "triage": role.AtLeast(world.RoleTriage), "pull": true}}
	for _, k := range []string{"has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads", "is_template"} {
		o[k] = false
	}
	for _, k := range []string{"forks", "forks_count", "size", "stargazers_count", "watchers", "watchers_count", "network_count", "subscribers_count"} {
		o[k] = 0
	}
	for key, path := range repoLinks() {
		o[key] = u + path
	}
	return o
}

// repoLinks are the templates of a repository's other addresses.
func repoLinks() map[string]string {
	return map[string]string{
		"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
		"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
		"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
		"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
		"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
		"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
		"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
		"merges_url": "/merges", "milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
		"pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
		"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
	}
}
