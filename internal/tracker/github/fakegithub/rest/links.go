package rest

import (
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// numbered shows the numbered issues as a page.
func (c *Call) numbered(numbers []int) Answer {
	var list []*world.Issue
	for _, n := range numbers {
		if i := c.World.At(n); i != nil && i.Gone == "" {
			list = append(list, i)
		}
	}
	return page(c, list, func(i *world.Issue) any { return c.issue(i) }, paging{})
}

func (a *API) addSubIssues() {
	a.add("GET", "issues/*/sub_issues", withIssue(func(c *Call, i *world.Issue) Answer { return c.numbered(i.Children) }))
	a.add("GET", "issues/*/parent", withIssue(func(c *Call, i *world.Issue) Answer {
		if p := c.World.At(i.Parent); p != nil {
			return ok(c.issue(p))
		}
		return refuse(world.NotFound())
	}))
	a.add("POST", "issues/*/sub_issues", func(c *Call) Answer {
		in, no := c.child()
		if no != nil {
			return refuse(no)
		}
		p, no := c.World.AddSubIssue(c.Actor, c.number(1), in.Child, in.Replace)
		if no != nil {
			return refuse(c.moved(no))
		}
		return created(c.issue(p))
	})
	a.add("DELETE", "issues/*/sub_issue", func(c *Call) Answer {
		in, no := c.child()
		if no != nil {
			return refuse(no)
		}
		p, no := c.World.RemoveSubIssue(c.Actor, c.number(1), in.Child)
		if no != nil {
			return refuse(c.moved(no))
		}
		return ok(c.issue(p))
	})
}

type child struct {
	Child   int64 `json:"sub_issue_id"`
	Replace bool  `json:"replace_parent"`
}

func (c *Call) child() (child, *world.Refusal) {
	var in child
	if no := c.decode(&in); no != nil {
		return in, no
	}
	if in.Child == 0 {
		return in, world.Unprocessable("Invalid request.\n\n\"sub_issue_id\" wasn't supplied.")
	}
	return in, nil
}

func (a *API) addDependencies() {
	a.add("GET", "issues/*/dependencies/blocked_by", withIssue(func(c *Call, i *world.Issue) Answer { return c.numbered(i.BlockedBy) }))
	a.add("GET", "issues/*/dependencies/blocking", withIssue(func(c *Call, i *world.Issue) Answer { return c.numbered(c.World.Blocking(i)) }))
	a.add("POST", "issues/*/dependencies/blocked_by", func(c *Call) Answer {
		var in struct {
			ID int64 `json:"issue_id"`
		}
		if no := c.decode(&in); no != nil {
			return refuse(no)
		}
		if in.ID == 0 {
			return refuse(world.Unprocessable("Invalid request.\n\n\"issue_id\" wasn't supplied."))
		}
		i, no := c.World.AddBlockedBy(c.Actor, c.number(1), in.ID)
		if no != nil {
			return refuse(c.moved(no))
		}
		return created(c.issue(i))
	})
	a.add("DELETE", "issues/*/dependencies/blocked_by/*", func(c *Call) Answer {
		i, no := c.World.RemoveBlockedBy(c.Actor, c.number(1), c.id(4))
		if no != nil {
			return refuse(c.moved(no))
		}
		return ok(c.issue(i))
	})
}
