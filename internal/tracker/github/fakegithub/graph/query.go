package graph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func (r *run) query() object {
	w := r.view.World
	return object{
		"__typename": "Query",
		"viewer": func(args) (any, error) {
			o := r.user(r.view.Actor.User)
			// The viewer of an app's token is typed User and keeps its REST login.
			o["__typename"], o["login"], o["name"] = "User", r.view.Actor.User.Login, nil
			return o, nil
		},
		"user": func(a args) (any, error) {
			login := a["login"].(string)
			if u := w.User(login); u != nil && u.Type == "User" {
				return r.user(u), nil
			}
			return nil, &problem{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a User with the login of '%s'.", login)}
		},
		"repository": func(a args) (any, error) {
			name := fmt.Sprintf("%s/%s", a["owner"], a["name"])
			if !strings.EqualFold(name, w.Repo.FullName()) || (!r.view.Actor.App && !r.view.Actor.Role.AtLeast(world.RoleRead)) {
				return nil, &problem{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to a Repository with the name '%s'.", name)}
			}
			return r.repository(), nil
		},
		"node": func(a args) (any, error) { return r.node(a["id"].(string)) },
		"nodes": func(a args) (any, error) {
			var out []object
			for k, id := range a["ids"].([]any) {
				o, err := r.node(id.(string))
				if err != nil {
					r.errs = append(r.errs, &problem{Type: "NOT_FOUND", Path: []any{"nodes", k}, Message: err.Error()})
				}
				n, _ := o.(object)
				out = append(out, n)
			}
			return out, nil
		},
		"rateLimit": func(args) (any, error) {
			v := r.view
			return object{"__typename": "RateLimit", "cost": r.cost.points, "nodeCount": r.cost.nodes, "limit": v.Limit,
				"remaining": v.Remaining, "used": v.Limit - v.Remaining, "resetAt": stamp(v.Reset)}, nil
		},
		"__type": func(a args) (any, error) { return r.introspect(a["name"].(string)), nil },
		"__schema": func(args) (any, error) {
			return r.introspectSchema(), nil
		},
	}
}

func (r *run) node(id string) (any, error) {
	if o := r.anything(r.view.World.Node(id)); o != nil {
		return o, nil
	}
	return nil, unresolved(id)
}

func (r *run) repository() object {
	w, repo := r.view.World, r.view.World.Repo
	visibility := "PUBLIC"
	if repo.Private {
		visibility = "PRIVATE"
	}
	o := object{"__typename": "Repository", "id": w.RepoNodeID(), "databaseId": repo.ID, "name": repo.Name, "nameWithOwner": repo.FullName(),
		"owner": r.user(w.User(repo.Owner)), "isArchived": repo.Archived, "isDisabled": repo.Disabled, "isFork": repo.Fork,
		"isPrivate": repo.Private, "visibility": visibility, "hasIssuesEnabled": !repo.IssuesOff, "url": r.repoWeb(), "viewerPermission": nil}
	if r.view.Actor.Role.AtLeast(world.RoleRead) {
		o["viewerPermission"] = strings.ToUpper(string(r.view.Actor.Role))
	}
	o["defaultBranchRef"] = func(args) (any, error) { return r.branch(repo.DefaultBranch), nil }
	o["object"] = func(a args) (any, error) { return r.gitObject(a) }
	r.issueFields(o)
	if !r.view.Actor.Role.AtLeast(world.RoleRead) {
		for _, name := range []string{"issue", "issues", "label", "labels", "milestone", "milestones"} {
			o[name] = func(args) (any, error) { return nil, refused(world.Forbidden(r.view.Actor, "issues=read")) }
		}
	}
	return o
}

// issueFields fills what a repository has to do with issues.
func (r *run) issueFields(o object) {
	w := r.view.World
	o["label"] = func(a args) (any, error) {
		// A single label is looked up by its exact name, unlike everywhere else.
		for _, l := range w.Labels {
			if l.Name == a["name"] {
				return r.label(l), nil
			}
		}
		return nil, nil
	}
	o["labels"] = func(a args) (any, error) { return connect("Label", r.labels(a), r.label, a, false) }
	o["milestone"] = func(a args) (any, error) {
		n, _ := integer(a["number"])
		return r.milestone(w.Milestone(n)), nil
	}
	o["milestones"] = func(a args) (any, error) {
		list := filter(w.Milestones, func(m *world.Milestone) bool { return inStates(a["states"], m.Closed) })
		return connect("Milestone", list, r.milestone, a, false)
	}
	o["assignableUsers"] = func(a args) (any, error) { return connect("User", r.assignable(a), r.user, a, false) }
	o["issueTypes"] = func(a args) (any, error) { return connect("IssueType", w.Types, r.issueType, a, false) }
	o["issue"] = func(a args) (any, error) { return r.numbered(a, "Issue", r.issue) }
	o["pullRequest"] = func(a args) (any, error) { return r.numbered(a, "PullRequest", r.pull) }
	o["issues"] = func(a args) (any, error) { return connect("Issue", r.issues(a), r.issue, a, r.view.Shift) }
}

func (r *run) numbered(a args, kind string, build func(*world.Issue) object) (any, error) {
	n, _ := integer(a["number"])
	if o := build(r.view.World.At(n)); o != nil {
		return o, nil
	}
	return nil, &problem{Type: "NOT_FOUND", Message: fmt.Sprintf("Could not resolve to an %s with the number of %d.", kind, n)}
}

func (r *run) labels(a args) []*world.Label {
	query, _ := a["query"].(string)
	list := filter(r.view.World.Labels, func(l *world.Label) bool {
		return strings.Contains(strings.ToLower(l.Name), strings.ToLower(query))
	})
	if o, _ := a["orderBy"].(map[string]any); o != nil {
		if o["field"] == "NAME" {
			slices.SortStableFunc(list, func(x, y *world.Label) int { return strings.Compare(x.Name, y.Name) })
		}
		if o["direction"] == "DESC" {
			slices.Reverse(list)
		}
	}
	return list
}

func (r *run) assignable(a args) []*world.User {
	query, _ := a["query"].(string)
	var out []*world.User
	for _, u := range r.view.World.Users {
		if r.view.World.Assignable(u.Login) && strings.Contains(strings.ToLower(u.Login), strings.ToLower(query)) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(x, y *world.User) int { return cmp.Compare(x.ID, y.ID) })
	return out
}

// issues is the list behind the issues connection: no pull requests, filtered
// and ordered; oldest first where nothing else is asked for.
func (r *run) issues(a args) []*world.Issue {
	f, _ := a["filterBy"].(map[string]any)
	var out []*world.Issue
	for _, i := range r.view.World.Issues {
		if !r.view.AsOf.IsZero() {
			i = i.AsOf(r.view.AsOf)
		}
		if i != nil && i.Gone == "" && i.PR == nil && inStates(a["states"], i.Closed) && hasAny(i, a["labels"]) && r.matches(i, f) {
			out = append(out, i)
		}
	}
	if o, _ := a["orderBy"].(map[string]any); o != nil {
		slices.SortStableFunc(out, func(x, y *world.Issue) int {
			switch o["field"] {
			case "UPDATED_AT":
				return x.UpdatedAt.Compare(y.UpdatedAt)
			case "COMMENTS":
				return cmp.Compare(len(x.Comments), len(y.Comments))
			}
			return x.CreatedAt.Compare(y.CreatedAt)
		})
		if o["direction"] == "DESC" {
			slices.Reverse(out)
		}
	}
	return out
}

func (r *run) matches(i *world.Issue, f map[string]any) bool {
	if s, ok := f["createdBy"].(string); ok && !strings.EqualFold(s, i.Author.Login) && !strings.EqualFold(s, strings.TrimSuffix(i.Author.Login, "[bot]")) {
		return false
	}
	if s, ok := f["assignee"].(string); ok && !assigned(i, s) {
		return false
	}
	if s, ok := f["since"].(string); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil && i.UpdatedAt.Before(t) {
			return false
		}
	}
	if s, ok := f["mentioned"].(string); ok && !strings.Contains(i.Body, "@"+s) {
		return false
	}
	if s, ok := f["milestoneNumber"].(string); ok && (i.Milestone == nil || fmt.Sprint(i.Milestone.Number) != s) {
		return false
	}
	if s, ok := f["type"].(string); ok && (i.Type == nil || !strings.EqualFold(i.Type.Name, s)) {
		return false
	}
	for _, l := range texts(f["labels"]) {
		if !i.HasLabel(l) {
			return false
		}
	}
	return inStates(f["states"], i.Closed)
}

func assigned(i *world.Issue, login string) bool {
	switch login {
	case "*":
		return len(i.Assignees) > 0
	case "none":
		return len(i.Assignees) == 0
	}
	return slices.ContainsFunc(i.Assignees, func(u *world.User) bool { return strings.EqualFold(u.Login, login) })
}

func hasAny(i *world.Issue, labels any) bool {
	names := texts(labels)
	return len(names) == 0 || slices.ContainsFunc(names, i.HasLabel)
}

func inStates(states any, closed bool) bool {
	names := texts(states)
	return len(names) == 0 || slices.Contains(names, word(closed))
}

// texts reads a list of strings; a single value stands for a list of one, as GraphQL coerces it.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
		return out
	case []string:
		return v
	}
	return nil
}

func filter[T any](list []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return !keep(v) })
}
