package rest

import (
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// general answers what isn't about the repository.
func general(c *Call, segments []string) Answer {
	if c.Method != "GET" {
		return refuse(world.NotFound())
	}
	switch {
	case len(segments) == 1 && segments[0] == "rate_limit":
		return rateLimit(c)
	case len(segments) == 1 && segments[0] == "user":
		if c.Actor.App {
			return refuse(&world.Refusal{Status: 403, Message: "Resource not accessible by integration"})
		}
		return ok(c.profile(c.Actor.User))
	case len(segments) == 2 && segments[0] == "users":
		u := c.World.User(segments[1])
		if u == nil {
			return refuse(world.NotFound())
		}
		return ok(c.profile(u))
	}
	return refuse(world.NotFound())
}

func rateLimit(c *Call) Answer {
	core := doc{"limit": c.Limit, "remaining": c.Remaining, "used": c.Limit - c.Remaining, "reset": c.Reset.Unix()}
	search := doc{"limit": 30, "remaining": 30, "used": 0, "reset": c.Reset.Unix()}
	return ok(doc{"resources": doc{"core": core, "graphql": core, "search": search}, "rate": core})
}

func (a *API) addGeneral() {
	a.routes = append(a.routes, route{"GET", nil, func(c *Call) Answer { return ok(c.repository()) }})
	a.add("GET", "assignees", func(c *Call) Answer {
		var people []*world.User
		for _, u := range c.World.Users {
			if c.World.Assignable(u.Login) {
				people = append(people, u)
			}
		}
		sortUsers(people)
		return page(c, people, c.user, paging{})
	})
	a.add("GET", "assignees/*", func(c *Call) Answer {
		if c.World.Assignable(c.segments[1]) {
			return nothing()
		}
		return refuse(world.NotFound())
	})
	a.add("GET", "collaborators/*/permission", permission)
	a.add("GET", "releases", func(c *Call) Answer {
		var seen []*world.Release
		for _, r := range c.World.Releases {
			// Drafts are only for those who may push.
			if !r.Draft || c.Contents.AtLeast(world.RoleWrite) {
				seen = append([]*world.Release{r}, seen...)
			}
		}
		return page(c, seen, c.release, paging{})
	})
	a.add("GET", "releases/tags/*", func(c *Call) Answer {
		for _, r := range c.World.Releases {
			if r.Tag == c.segments[2] && !r.Draft {
				return ok(c.release(r))
			}
		}
		return refuse(world.NotFound())
	})
	a.add("GET", "releases/*", func(c *Call) Answer {
		for _, r := range c.World.Releases {
			if r.ID == c.id(1) && (!r.Draft || c.Contents.AtLeast(world.RoleWrite)) {
				return ok(c.release(r))
			}
		}
		return refuse(world.NotFound())
	})
	a.add("POST", "releases", func(c *Call) Answer { return c.saveRelease(world.Release{}) })
	a.add("PATCH", "releases/*", func(c *Call) Answer {
		for _, r := range c.World.Releases {
			if r.ID == c.id(1) {
				return c.saveRelease(*r)
			}
		}
		return refuse(world.NotFound())
	})
}

func permission(c *Call) Answer {
	u := c.World.User(c.segments[1])
	if u == nil {
		return refuse(&world.Refusal{Status: 404, Message: c.segments[1] + " is not a user"})
	}
	role := c.World.EffectiveRole(u)
	name := string(role)
	if role == "" {
		name = "none"
	}
	if u.CustomRole != "" {
		name = u.CustomRole
	}
	user := c.account(u)
	user["role_name"] = name
	user["permissions"] = doc{"admin": role.AtLeast(world.RoleAdmin), "maintain": role.AtLeast(world.RoleMaintain),
		"push": role.AtLeast(world.RoleWrite), "triage": role.AtLeast(world.RoleTriage), "pull": role.AtLeast(world.RoleRead)}
	return ok(doc{"permission": role.Permission(), "role_name": name, "user": user})
}

func (c *Call) saveRelease(r world.Release) Answer {
	var in struct {
		Tag        *string `json:"tag_name"`
		Target     *string `json:"target_commitish"`
		Name       *string `json:"name"`
		Body       *string `json:"body"`
		Draft      *bool   `json:"draft"`
		Prerelease *bool   `json:"prerelease"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	set(&r.Tag, in.Tag)
	set(&r.Target, in.Target)
	set(&r.Name, in.Name)
	set(&r.Body, in.Body)
	set(&r.Draft, in.Draft)
	set(&r.Prerelease, in.Prerelease)
	actor := c.Actor
	actor.Role = c.Contents
	isNew := r.ID == 0
	saved, no := c.World.SaveRelease(actor, r)
	if no != nil {
		return refuse(no)
	}
	if isNew {
		return created(c.release(saved))
	}
	return ok(c.release(saved))
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func issueTypes(c *Call) Answer {
	return ok(each(c.World.Types, c.issueType))
}

func isYes(s string) bool { return s != "" && !strings.EqualFold(s, "false") && s != "0" }
