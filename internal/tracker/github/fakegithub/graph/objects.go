package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func word(closed bool) string {
	if closed {
		return "CLOSED"
	}
	return "OPEN"
}

func (r *run) web(parts ...any) string {
	var b strings.Builder
	b.WriteString(r.view.HTML)
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}

func (r *run) repoWeb(parts ...any) string {
	return r.web(append([]any{r.view.World.Repo.FullName()}, parts...)...)
}

func (r *run) user(u *world.User) object {
	if u == nil || u.Gone {
		return nil
	}
	// GraphQL names an app's account without the [bot] of REST.
	login := strings.TrimSuffix(u.Login, "[bot]")
	o := object{"__typename": u.Type, "id": u.NodeID, "databaseId": u.ID, "login": login,
		"url": r.web(login), "resourcePath": "/" + login, "avatarUrl": r.web(login + ".png")}
	if u.Type == "Bot" {
		o["url"], o["resourcePath"] = r.web("apps", login), "/apps/"+login
	} else {
		o["name"] = nil
	}
	return o
}

func (r *run) label(l *world.Label) object {
	var description any
	if l.Description != "" {
		description = l.Description
	}
	return object{"__typename": "Label", "id": l.NodeID, "name": l.Name, "color": l.Colour,
		"description": description, "isDefault": false, "url": r.repoWeb("labels", l.Name)}
}

func (r *run) milestone(m *world.Milestone) object {
	if m == nil {
		return nil
	}
	return object{"__typename": "Milestone", "id": m.NodeID, "number": m.Number, "title": m.Title,
		"description": m.Description, "dueOn": stamp(m.DueOn), "state": word(m.Closed), "closed": m.Closed,
		"url": r.repoWeb("milestone", m.Number)}
}

func (r *run) issueType(t *world.IssueType) object {
	if t == nil {
		return nil
	}
	return object{"__typename": "IssueType", "id": t.NodeID, "name": t.Name, "description": nil, "isEnabled": true}
}

func (r *run) comment(c *world.Comment) object {
	o := object{"__typename": "IssueComment", "id": c.NodeID, "databaseId": c.ID, "fullDatabaseId": strconv.FormatInt(c.ID, 10),
		"author": r.user(c.Author), "body": c.Body, "createdAt": stamp(c.CreatedAt), "updatedAt": stamp(c.UpdatedAt),
		"url": r.repoWeb("issues", fmt.Sprintf("%d#issuecomment-%d", c.Issue, c.ID))}
	o["issue"] = func(args) (any, error) { return r.issue(r.view.World.At(c.Issue)), nil }
	r.edited(o, c.NodeID, c.Edits)
	return o
}

// edited fills the fields about a text's history. The history of an edited text
// begins with its first form; that of an unedited one is empty.
func (r *run) edited(o object, id string, edits []world.Edit) {
	o["editor"], o["lastEditedAt"], o["includesCreatedEdit"] = nil, nil, len(edits) > 0
	if len(edits) > 0 {
		last := edits[len(edits)-1]
		o["editor"], o["lastEditedAt"] = r.user(last.Editor), stamp(last.At)
	}
	o["userContentEdits"] = func(a args) (any, error) {
		newest := slices.Clone(edits)
		slices.Reverse(newest)
		return connect("UserContentEdit", newest, func(e world.Edit) object {
			return object{"__typename": "UserContentEdit", "id": fmt.Sprintf("UCE_%s_%d", id, e.At.Unix()), "createdAt": stamp(e.At),
				"editedAt": stamp(e.At), "deletedAt": nil, "diff": e.Body, "editor": r.user(e.Editor)}
		}, a, false)
	}
}

func (r *run) issue(i *world.Issue) object {
	if i == nil || i.Gone != "" || i.PR != nil {
		return nil
	}
	o := object{"__typename": "Issue", "id": i.NodeID, "databaseId": i.ID, "fullDatabaseId": strconv.FormatInt(i.ID, 10),
		"number": i.Number, "title": i.Title, "body": i.Body, "author": r.user(i.Author), "state": word(i.Closed), "closed": i.Closed,
		"closedAt": stamp(i.ClosedAt), "createdAt": stamp(i.CreatedAt), "updatedAt": stamp(i.UpdatedAt),
		"locked": i.Locked, "activeLockReason": nil, "isPinned": false, "milestone": r.milestone(i.Milestone),
		"issueType": r.issueType(i.Type), "url": r.repoWeb("issues", i.Number)}
	if i.LockReason != "" {
		o["activeLockReason"] = strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(i.LockReason))
	}
	r.edited(o, i.NodeID, i.Edits)
	o["stateReason"] = func(a args) (any, error) { return stateReason(i, a["enableDuplicate"] == true), nil }
	o["repository"] = func(args) (any, error) { return r.repository(), nil }
	o["duplicateOf"] = func(args) (any, error) { return r.issue(r.view.World.At(i.DuplicateOf)), nil }
	o["labels"] = func(a args) (any, error) { return connect("Label", i.Labels, r.label, a, false) }
	o["assignees"] = func(a args) (any, error) { return connect("User", i.Assignees, r.user, a, false) }
	o["comments"] = func(a args) (any, error) { return connect("IssueComment", i.Comments, r.comment, a, false) }
	r.links(o, i)
	return o
}

// links fills what an issue has to do with other issues.
func (r *run) links(o object, i *world.Issue) {
	w := r.view.World
	connected := func(numbers []int) func(args) (any, error) {
		return func(a args) (any, error) {
			var issues []*world.Issue
			for _, n := range numbers {
				issues = append(issues, w.At(n))
			}
			return connect("Issue", issues, r.issue, a, false)
		}
	}
	done := len(i.Children) - w.OpenAmong(i.Children)
	percent := 0
	if len(i.Children) > 0 {
		percent = done * 100 / len(i.Children)
	}
	o["parent"] = func(args) (any, error) { return r.issue(w.At(i.Parent)), nil }
	o["subIssues"] = connected(i.Children)
	o["subIssuesSummary"] = object{"__typename": "SubIssuesSummary", "total": len(i.Children), "completed": done, "percentCompleted": percent}
	o["blockedBy"] = connected(i.BlockedBy)
	o["blocking"] = func(a args) (any, error) { return connected(w.Blocking(i))(a) }
	o["issueDependenciesSummary"] = func(args) (any, error) {
		blocking := w.Blocking(i)
		return object{"__typename": "IssueDependenciesSummary", "blockedBy": w.OpenAmong(i.BlockedBy), "blocking": w.OpenAmong(blocking),
			"totalBlockedBy": len(i.BlockedBy), "totalBlocking": len(blocking)}, nil
	}
}

// stateReason hides "duplicate" from those who don't ask for it.
func stateReason(i *world.Issue, duplicate bool) any {
	switch {
	case i.StateReason == "":
		return nil
	case i.StateReason == "duplicate" && !duplicate:
		return "NOT_PLANNED"
	}
	return strings.ToUpper(i.StateReason)
}

func (r *run) pull(i *world.Issue) object {
	if i == nil || i.PR == nil || i.Gone != "" {
		return nil
	}
	w := r.view.World
	state := word(i.Closed)
	if i.PR.Merged {
		state = "MERGED"
	}
	return object{"__typename": "PullRequest", "id": i.NodeID, "databaseId": i.ID, "number": i.Number, "title": i.Title, "body": i.Body,
		"author": r.user(i.Author), "state": state, "isDraft": i.PR.Draft, "merged": i.PR.Merged,
		"baseRefName": i.PR.BaseRef, "baseRefOid": i.PR.BaseSHA, "headRefName": i.PR.HeadRef, "headRefOid": i.PR.HeadSHA,
		"isCrossRepository": i.PR.HeadRepo != w.Repo.FullName(), "url": r.repoWeb("pull", i.Number)}
}

// anything is the object for whatever a node id stands for.
func (r *run) anything(v any) object {
	switch v := v.(type) {
	case *world.World:
		return r.repository()
	case *world.Issue:
		if v != nil && v.PR != nil {
			return r.pull(v)
		}
		return r.issue(v)
	case *world.User:
		return r.user(v)
	case *world.Label:
		return r.label(v)
	case *world.Milestone:
		return r.milestone(v)
	case *world.Comment:
		return r.comment(v)
	case *world.IssueType:
		return r.issueType(v)
	}
	return nil
}
