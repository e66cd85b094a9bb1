package rest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func (a *API) addLabels() {
	a.add("GET", "labels", func(c *Call) Answer { return page(c, c.World.Labels, c.label, paging{}) })
	a.add("POST", "labels", saveLabel)
	a.add("GET", "labels/*", func(c *Call) Answer {
		if l := c.World.Label(c.segments[1]); l != nil {
			return ok(c.label(l))
		}
		return refuse(world.NotFound())
	})
	a.add("PATCH", "labels/*", saveLabel)
	a.add("DELETE", "labels/*", func(c *Call) Answer { return done(c.World.DeleteLabel(c.Actor, c.segments[1])) })
	a.add("GET", "issues/*/labels", withIssue(func(c *Call, i *world.Issue) Answer { return page(c, i.Labels, c.label, paging{}) }))
	a.add("POST", "issues/*/labels", func(c *Call) Answer {
		return c.relabel(func(n int, names []string) (*world.Issue, *world.Refusal) {
			return c.World.AddLabels(c.Actor, n, names)
		})
	})
	a.add("PUT", "issues/*/labels", func(c *Call) Answer {
		return c.relabel(func(n int, names []string) (*world.Issue, *world.Refusal) {
			return c.World.SetLabels(c.Actor, n, names)
		})
	})
	a.add("DELETE", "issues/*/labels", func(c *Call) Answer {
		if _, no := c.World.SetLabels(c.Actor, c.number(1), nil); no != nil {
			return refuse(c.moved(no))
		}
		return nothing()
	})
	a.add("DELETE", "issues/*/labels/*", func(c *Call) Answer {
		i, no := c.World.RemoveLabel(c.Actor, c.number(1), c.segments[3])
		if no != nil {
			return refuse(c.moved(no))
		}
		return ok(each(i.Labels, c.label))
	})
	a.add("GET", "milestones", listMilestones)
	a.add("POST", "milestones", saveMilestone)
	a.add("GET", "milestones/*", func(c *Call) Answer {
		if m := c.World.Milestone(c.number(1)); m != nil {
			return ok(c.milestone(m))
		}
		return refuse(world.NotFound())
	})
	a.add("PATCH", "milestones/*", saveMilestone)
}

// saveLabel creates (POST) or changes (PATCH) a label.
func saveLabel(c *Call) Answer {
	var in struct {
		Name        *string `json:"name"`
		NewName     *string `json:"new_name"`
		Colour      *string `json:"color"`
		Description *string `json:"description"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	if c.Method == "POST" {
		var next world.LabelInput
		set(&next.Name, in.Name)
		set(&next.Colour, in.Colour)
		set(&next.Description, in.Description)
		l, no := c.World.CreateLabel(c.Actor, next)
		if no != nil {
			return refuse(no)
		}
		return created(c.label(l))
	}
	l, no := c.World.UpdateLabel(c.Actor, c.segments[1], world.LabelPatch{Name: in.NewName, Colour: in.Colour, Description: in.Description})
	if no != nil {
		return refuse(no)
	}
	return ok(c.label(l))
}

// relabel reads {"labels": […]} or a bare list.
func (c *Call) relabel(do func(int, []string) (*world.Issue, *world.Refusal)) Answer {
	var list names
	if json.Unmarshal(c.Body, &list) != nil {
		var in struct {
			Labels names `json:"labels"`
		}
		if no := c.decode(&in); no != nil {
			return refuse(no)
		}
		list = in.Labels
	}
	i, no := do(c.number(1), list)
	if no != nil {
		return refuse(c.moved(no))
	}
	return ok(each(i.Labels, c.label))
}

func listMilestones(c *Call) Answer {
	want := c.Query.Get("state")
	list := slices.DeleteFunc(slices.Clone(c.World.Milestones), func(m *world.Milestone) bool {
		return want != "all" && m.Closed != (want == "closed")
	})
	return page(c, list, c.milestone, paging{})
}

// saveMilestone creates (POST) or changes (PATCH) a milestone.
func saveMilestone(c *Call) Answer {
	var in struct {
		Title       *string         `json:"title"`
		Description *string         `json:"description"`
		State       *string         `json:"state"`
		DueOn       json.RawMessage `json:"due_on"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	next := world.MilestoneInput{Title: in.Title, Description: in.Description, State: in.State, ClearDue: string(in.DueOn) == "null"}
	if len(in.DueOn) > 0 && !next.ClearDue {
		var due time.Time
		if err := json.Unmarshal(in.DueOn, &due); err != nil {
			return refuse(world.Invalid("Milestone", "due_on", "invalid", ""))
		}
		next.DueOn = &due
	}
	if c.Method == "POST" {
		m, no := c.World.CreateMilestone(c.Actor, next)
		if no != nil {
			return refuse(no)
		}
		return created(c.milestone(m))
	}
	m, no := c.World.UpdateMilestone(c.Actor, c.number(1), next)
	if no != nil {
		return refuse(no)
	}
	return ok(c.milestone(m))
}
