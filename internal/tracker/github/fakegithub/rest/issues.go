package rest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func sortUsers(list []*world.User) {
	slices.SortFunc(list, func(a, b *world.User) int { return cmp.Compare(a.ID, b.ID) })
}

func (a *API) addIssues() {
	a.add("GET", "issues", listIssues)
	a.add("POST", "issues", createIssue)
	a.add("GET", "issues/comments", func(c *Call) Answer {
		var all []*world.Comment
		for _, i := range c.World.Issues {
			if i.Gone == "" {
				all = append(all, i.Comments...)
			}
		}
		return page(c, c.since(all), c.comment, paging{})
	})
	a.add("GET", "issues/comments/*", func(c *Call) Answer {
		if m := c.World.Comment(c.id(2)); m != nil {
			return ok(c.comment(m))
		}
		return refuse(world.NotFound())
	})
	a.add("PATCH", "issues/comments/*", func(c *Call) Answer {
		in, no := c.text()
		if no != nil {
			return refuse(no)
		}
		m, no := c.World.UpdateComment(c.Actor, c.id(2), in)
		if no != nil {
			return refuse(no)
		}
		return ok(c.comment(m))
	})
	a.add("DELETE", "issues/comments/*", func(c *Call) Answer { return done(c.World.DeleteComment(c.Actor, c.id(2))) })
	a.add("POST", "issues/comments/*/reactions", func(c *Call) Answer { return react(c, 0, c.id(2)) })
	a.add("GET", "issues/comments/*/reactions", reactionsTo)
	a.add("POST", "issues/*/reactions", func(c *Call) Answer { return react(c, c.number(1), 0) })
	a.add("GET", "issues/events", repoEvents)
	a.add("GET", "issues/events/*", func(c *Call) Answer {
		if e := c.World.Event(c.id(2)); e != nil {
			return ok(c.wholeEvent(e))
		}
		return refuse(world.NotFound())
	})
	a.add("GET", "issues/*", withIssue(func(c *Call, i *world.Issue) Answer { return ok(c.issue(i)) }))
	a.add("PATCH", "issues/*", updateIssue)
	a.add("GET", "issues/*/events", withIssue(func(c *Call, i *world.Issue) Answer {
		return page(c, i.Events, func(e *world.Event) any { return c.event(e) }, paging{})
	}))
	a.add("GET", "issues/*/comments", withIssue(func(c *Call, i *world.Issue) Answer {
		return page(c, c.since(i.Comments), c.comment, paging{})
	}))
	a.add("POST", "issues/*/comments", createComment)
	a.add("PUT", "issues/*/lock", func(c *Call) Answer {
		var in struct {
			Reason string `json:"lock_reason"`
		}
		if no := c.decode(&in); no != nil {
			return refuse(no)
		}
		return done(c.World.Lock(c.Actor, c.number(1), in.Reason))
	})
	a.add("DELETE", "issues/*/lock", func(c *Call) Answer { return done(c.World.Unlock(c.Actor, c.number(1))) })
	a.add("POST", "issues/*/assignees", func(c *Call) Answer {
		return c.assign(func(n int, logins []string) (*world.Issue, *world.Refusal) {
			return c.World.AddAssignees(c.Actor, n, logins)
		}, 201)
	})
	a.add("DELETE", "issues/*/assignees", func(c *Call) Answer {
		return c.assign(func(n int, logins []string) (*world.Issue, *world.Refusal) {
			return c.World.RemoveAssignees(c.Actor, n, logins)
		}, 200)
	})
}

// withIssue finds the issue of the path before it goes on; a transferred one is a redirect.
func withIssue(do func(*Call, *world.Issue) Answer) handler {
	return func(c *Call) Answer {
		i, no := c.World.Find(c.number(1))
		if no != nil {
			return refuse(c.moved(no))
		}
		return do(c, i)
	}
}

// moved makes a redirect's location absolute.
func (c *Call) moved(no *world.Refusal) *world.Refusal {
	if no.Location == "" || strings.Contains(no.Location, "://") {
		return no
	}
	at := *no
	at.Location = c.API + no.Location
	return &at
}

func done(no *world.Refusal) Answer {
	if no != nil {
		return refuse(no)
	}
	return nothing()
}

// since drops comments that were not updated since the moment asked for.
func (c *Call) since(list []*world.Comment) []*world.Comment {
	t, err := time.Parse(time.RFC3339, c.Query.Get("since"))
	if err != nil {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(m *world.Comment) bool { return m.UpdatedAt.Before(t) })
}

func (c *Call) text() (string, *world.Refusal) {
	var in struct {
		Body string `json:"body"`
	}
	no := c.decode(&in)
	return in.Body, no
}

func listIssues(c *Call) Answer {
	if c.World.Repo.IssuesOff {
		return refuse(&world.Refusal{Status: 410, Message: "Issues are disabled for this repo"})
	}
	if no := checkListing(c); no != nil {
		return refuse(no)
	}
	var found []*world.Issue
	for _, i := range c.World.Issues {
		if !c.AsOf.IsZero() {
			i = i.AsOf(c.AsOf)
		}
		if i != nil && i.Gone == "" && c.listed(i) {
			found = append(found, i)
		}
	}
	by, ascending := c.Query.Get("sort"), c.Query.Get("direction") == "asc"
	order := func(a, b *world.Issue) int {
		n := cmp.Compare(a.Number, b.Number)
		switch by {
		case "updated":
			n = cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), n)
		case "comments":
			n = cmp.Or(cmp.Compare(len(a.Comments), len(b.Comments)), n)
		}
		if !ascending {
			n = -n
		}
		return n
	}
	if !slices.IsSortedFunc(found, order) {
		slices.SortStableFunc(found, order)
	}
	return page(c, found, func(i *world.Issue) any { return c.issue(i) }, paging{cursors: true})
}

func checkListing(c *Call) *world.Refusal {
	for name, allowed := range map[string][]string{
		"state": {"", "open", "closed", "all"}, "sort": {"", "created", "updated", "comments"}, "direction": {"", "asc", "desc"},
	} {
		if v := c.Query.Get(name); !slices.Contains(allowed, v) {
			return world.Invalid("Issue", name, "invalid", "")
		}
	}
	if s := c.Query.Get("since"); s != "" {
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			return world.Invalid("Issue", "since", "invalid", "")
		}
	}
	return nil
}

// listed says whether the filters of the request keep the issue.
func (c *Call) listed(i *world.Issue) bool {
	q := c.Query
	if want := cmp.Or(q.Get("state"), "open"); want != "all" && want != state(i.Closed) {
		return false
	}
	if names := q.Get("labels"); names != "" {
		for name := range strings.SplitSeq(names, ",") {
			if !i.HasLabel(name) {
				return false
			}
		}
	}
	if who := q.Get("creator"); who != "" && !strings.EqualFold(who, i.Author.Login) {
		return false
	}
	if since := q.Get("since"); since != "" {
		if t, err := time.Parse(time.RFC3339, since); err == nil && i.UpdatedAt.Before(t) {
			return false
		}
	}
	if who := q.Get("mentioned"); who != "" && !strings.Contains(i.Body, "@"+who) {
		return false
	}
	if name := q.Get("type"); name != "" && name != "*" && (i.Type == nil || !strings.EqualFold(i.Type.Name, name)) {
		return false
	}
	return c.milestoneListed(i) && c.assigneeListed(i)
}

func (c *Call) milestoneListed(i *world.Issue) bool {
	switch want := c.Query.Get("milestone"); want {
	case "":
		return true
	case "*":
		return i.Milestone != nil
	case "none":
		return i.Milestone == nil
	default:
		return i.Milestone != nil && jsonNumber(i.Milestone.Number) == want
	}
}

func (c *Call) assigneeListed(i *world.Issue) bool {
	switch want := c.Query.Get("assignee"); want {
	case "":
		return true
	case "*":
		return len(i.Assignees) > 0
	case "none":
		return len(i.Assignees) == 0
	default:
		return slices.ContainsFunc(i.Assignees, func(u *world.User) bool { return strings.EqualFold(u.Login, want) })
	}
}

func jsonNumber(n int) string {
	b, err := json.Marshal(n)
	if err != nil {
		return ""
	}
	return string(b)
}

// names reads labels: strings, or objects with a name.
type names []string

// UnmarshalJSON takes both forms that GitHub takes.
func (n *names) UnmarshalJSON(b []byte) error {
	var items []json.RawMessage
	if err := json.Unmarshal(b, &items); err != nil {
		return err
	}
	*n = names{}
	for _, raw := range items {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			var o struct {
				Name string `json:"name"`
			}
			if err := json.Unmarshal(raw, &o); err != nil {
				return err
			}
			s = o.Name
		}
		*n = append(*n, s)
	}
	return nil
}

func createIssue(c *Call) Answer {
	var in struct {
		Title     string   `json:"title"`
		Body      *string  `json:"body"`
		Labels    names    `json:"labels"`
		Assignee  *string  `json:"assignee"`
		Assignees []string `json:"assignees"`
		Milestone *int     `json:"milestone"`
		Type      *string  `json:"type"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	next := world.IssueInput{Title: in.Title, Body: in.Body, Labels: in.Labels, Assignees: in.Assignees}
	if in.Assignee != nil && *in.Assignee != "" {
		next.Assignees = append(next.Assignees, *in.Assignee)
	}
	set(&next.Milestone, in.Milestone)
	set(&next.Type, in.Type)
	i, no := c.World.CreateIssue(c.Actor, next)
	if no != nil {
		return refuse(no)
	}
	return created(c.issue(i))
}

func updateIssue(c *Call) Answer {
	var in struct {
		Title       *string         `json:"title"`
		Body        json.RawMessage `json:"body"`
		State       *string         `json:"state"`
		StateReason *string         `json:"state_reason"`
		DuplicateID int64           `json:"duplicate_issue_id"`
		Labels      *names          `json:"labels"`
		Assignees   *[]string       `json:"assignees"`
		Milestone   json.RawMessage `json:"milestone"`
		Type        json.RawMessage `json:"type"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	if c.features.NoDuplicates && (in.DuplicateID != 0 || in.StateReason != nil && *in.StateReason == "duplicate") {
		return refuse(world.Invalid("Issue", "state_reason", "invalid", ""))
	}
	p := world.IssuePatch{Title: in.Title, State: in.State, StateReason: in.StateReason, Labels: (*[]string)(in.Labels), Assignees: in.Assignees}
	var no *world.Refusal
	p.Body = clearable[string](in.Body, &no)
	p.Milestone = clearable[int](in.Milestone, &no)
	p.Type = clearable[string](in.Type, &no)
	if no != nil {
		return refuse(no)
	}
	if in.DuplicateID != 0 {
		d := c.World.ByID(in.DuplicateID)
		if d == nil {
			return refuse(world.Invalid("Issue", "duplicate_issue_id", "invalid", ""))
		}
		p.DuplicateOf = d.Number
	}
	i, no := c.World.UpdateIssue(c.Actor, c.number(1), p)
	if no != nil {
		return refuse(c.moved(no))
	}
	return ok(c.issue(i))
}

// clearable reads a field where null means "clear it" and absence "leave it".
func clearable[T any](raw json.RawMessage, no **world.Refusal) *T {
	if len(raw) == 0 {
		return nil
	}
	v := new(T)
	if string(raw) == "null" {
		return v
	}
	if err := json.Unmarshal(raw, v); err != nil {
		*no = world.Unprocessable("Invalid request.\n\n" + string(raw) + " is not of the expected type.")
	}
	return v
}

func createComment(c *Call) Answer {
	in, no := c.text()
	if no != nil {
		return refuse(no)
	}
	m, no := c.World.CreateComment(c.Actor, c.number(1), in)
	if no != nil {
		return refuse(c.moved(no))
	}
	return created(c.comment(m))
}

func (c *Call) assign(do func(int, []string) (*world.Issue, *world.Refusal), status int) Answer {
	var in struct {
		Assignees []string `json:"assignees"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	i, no := do(c.number(1), in.Assignees)
	if no != nil {
		return refuse(c.moved(no))
	}
	return Answer{Status: status, Body: c.issue(i)}
}

func react(c *Call, issue int, comment int64) Answer {
	var in struct {
		Content string `json:"content"`
	}
	if no := c.decode(&in); no != nil {
		return refuse(no)
	}
	r, isNew, no := c.World.React(c.Actor, issue, comment, in.Content)
	if no != nil {
		return refuse(no)
	}
	if isNew {
		return created(c.reaction(r))
	}
	return ok(c.reaction(r))
}

// reactionsTo lists the reactions to a comment, of one kind where the query names it.
func reactionsTo(c *Call) Answer {
	m := c.World.Comment(c.id(2))
	if m == nil {
		return refuse(world.NotFound())
	}
	list := slices.Clone(m.Reactions)
	if kind := c.Query.Get("content"); kind != "" {
		list = slices.DeleteFunc(list, func(r world.Reaction) bool { return r.Content != kind })
	}
	return page(c, list, func(r world.Reaction) any { return c.reaction(r) }, paging{})
}

// repoEvents lists the events of all issues, newest first.
func repoEvents(c *Call) Answer {
	var all []*world.Event
	for _, i := range c.World.Issues {
		if i.Gone == "" {
			all = append(all, i.Events...)
		}
	}
	slices.SortFunc(all, func(a, b *world.Event) int { return cmp.Compare(b.ID, a.ID) })
	return page(c, all, func(e *world.Event) any { return c.wholeEvent(e) }, paging{})
}
