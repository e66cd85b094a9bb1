package graph

import (
	"fmt"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// input is the input object of one mutation.
type input map[string]any

func (in input) text(name string) string {
	s, _ := in[name].(string)
	return s
}

// optional is the field as a pointer: nil when it is absent or null.
func (in input) optional(name string) *string {
	if s, ok := in[name].(string); ok {
		return &s
	}
	return nil
}

type mutator func(r *run, in input) (object, error)

// mutation is the root of a mutation. Each field acts when it is resolved, in
// the order of the request, and fails alone.
func (r *run) mutation() object {
	root := object{"__typename": "Mutation", "__mutation": true}
	for name, do := range map[string]mutator{
		"createIssue": createIssue, "updateIssue": updateIssue, "closeIssue": closeIssue, "reopenIssue": reopenIssue,
		"addLabelsToLabelable": addLabels, "removeLabelsFromLabelable": removeLabels, "createLabel": createLabel,
		"addAssigneesToAssignable": addAssignees, "removeAssigneesFromAssignable": removeAssignees,
		"addComment": addComment, "updateIssueComment": updateComment,
		"addSubIssue": addSubIssue, "removeSubIssue": removeSubIssue,
		"addBlockedBy": addBlockedBy, "removeBlockedBy": removeBlockedBy,
	} {
		root[name] = func(a args) (any, error) {
			if r.ran++; r.view.Cut > 0 && r.ran > r.view.Cut {
				return nil, &problem{Message: "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."}
			}
			for _, key := range []any{a["__alias"], name} {
				if message, ok := r.view.Fail[fmt.Sprint(key)]; ok {
					return nil, &problem{Type: "UNPROCESSABLE", Message: message}
				}
			}
			in := input(a["input"].(map[string]any))
			o, err := do(r, in)
			if err != nil {
				return nil, err
			}
			o["__typename"] = strings.ToUpper(name[:1]) + name[1:] + "Payload"
			o["clientMutationId"] = in["clientMutationId"]
			return o, nil
		}
	}
	return root
}

// find resolves a node id to a T, or says as GitHub does that it can't.
func find[T any](r *run, id string) (T, error) {
	v, ok := r.view.World.Node(id).(T)
	if !ok {
		return v, unresolved(id)
	}
	return v, nil
}

// findIssue resolves a node id to an issue.
func findIssue(r *run, id string) (*world.Issue, error) { return find[*world.Issue](r, id) }

// names resolves a list of node ids to the names of what they stand for.
func names[T any](r *run, ids any, name func(T) string) ([]string, error) {
	out := []string{}
	for _, id := range texts(ids) {
		v, err := find[T](r, id)
		if err != nil {
			return nil, err
		}
		out = append(out, name(v))
	}
	return out, nil
}

func labelName(l *world.Label) string { return l.Name }
func login(u *world.User) string      { return u.Login }

// refs reads the ids that creating and updating an issue share.
func refs(r *run, in input) (labels, people []string, milestone int, kind string, err error) {
	if labels, err = names(r, in["labelIds"], labelName); err != nil {
		return
	}
	if people, err = names(r, in["assigneeIds"], login); err != nil {
		return
	}
	if id := in.text("milestoneId"); id != "" {
		m, err := find[*world.Milestone](r, id)
		if err != nil {
			return nil, nil, 0, "", err
		}
		milestone = m.Number
	}
	if id := in.text("issueTypeId"); id != "" {
		t, err := find[*world.IssueType](r, id)
		if err != nil {
			return nil, nil, 0, "", err
		}
		kind = t.Name
	}
	return labels, people, milestone, kind, nil
}

func createIssue(r *run, in input) (object, error) {
	if _, err := find[*world.World](r, in.text("repositoryId")); err != nil {
		return nil, err
	}
	labels, people, milestone, kind, err := refs(r, in)
	if err != nil {
		return nil, err
	}
	next := world.IssueInput{Title: in.text("title"), Body: in.optional("body"), Labels: labels, Assignees: people, Milestone: milestone, Type: kind}
	if id := in.text("parentIssueId"); id != "" {
		p, err := findIssue(r, id)
		if err != nil {
			return nil, err
		}
		next.Parent = p.Number
	}
	i, no := r.view.World.CreateIssue(r.view.Actor, next)
	return object{"issue": r.issue(i)}, refused(no)
}

func updateIssue(r *run, in input) (object, error) {
	i, err := findIssue(r, in.text("id"))
	if err != nil {
		return nil, err
	}
	labels, people, milestone, kind, err := refs(r, in)
	if err != nil {
		return nil, err
	}
	p := world.IssuePatch{Title: in.optional("title"), Body: in.optional("body")}
	if s := in.text("state"); s != "" {
		state := strings.ToLower(s)
		p.State = &state
	}
	if in["labelIds"] != nil {
		p.Labels = &labels
	}
	if in["assigneeIds"] != nil {
		p.Assignees = &people
	}
	// A null clears these two; leaving them out does not.
	if _, named := in["milestoneId"]; named {
		p.Milestone = &milestone
	}
	if _, named := in["issueTypeId"]; named {
		p.Type = &kind
	}
	i, no := r.view.World.UpdateIssue(r.view.Actor, i.Number, p)
	return object{"issue": r.issue(i), "actor": r.user(r.view.Actor.User)}, refused(no)
}

func closeIssue(r *run, in input) (object, error) {
	i, err := findIssue(r, in.text("issueId"))
	if err != nil {
		return nil, err
	}
	state, reason := "closed", "completed"
	if s := in.text("stateReason"); s != "" {
		reason = strings.ToLower(s)
	}
	p := world.IssuePatch{State: &state, StateReason: &reason}
	if id := in.text("duplicateIssueId"); id != "" {
		d, err := findIssue(r, id)
		if err != nil {
			return nil, err
		}
		p.DuplicateOf = d.Number
	}
	i, no := r.view.World.UpdateIssue(r.view.Actor, i.Number, p)
	return object{"issue": r.issue(i)}, refused(no)
}

func reopenIssue(r *run, in input) (object, error) {
	i, err := findIssue(r, in.text("issueId"))
	if err != nil {
		return nil, err
	}
	state := "open"
	i, no := r.view.World.UpdateIssue(r.view.Actor, i.Number, world.IssuePatch{State: &state})
	return object{"issue": r.issue(i)}, refused(no)
}

func addLabels(r *run, in input) (object, error) {
	i, err := findIssue(r, in.text("labelableId"))
	if err != nil {
		return nil, err
	}
	labels, err := names(r, in["labelIds"], labelName)
	if err != nil {
		return nil, err
	}
	i, no := r.view.World.AddLabels(r.view.Actor, i.Number, labels)
	return object{"labelable": r.anything(i)}, refused(no)
}

func removeLabels(r *run, in input) (object, error) {
	i, err := findIssue(r, in.text("labelableId"))
	if err != nil {
		return nil, err
	}
	labels, err := names(r, in["labelIds"], labelName)
	if err != nil {
		return nil, err
	}
	// Here, unlike in REST, a label that isn't on the issue is no error.
	i, no := r.view.World.RemoveLabels(r.view.Actor, i.Number, labels)
	return object{"labelable": r.anything(i)}, refused(no)
}

func addAssignees(r *run, in input) (object, error) {
	return assign(r, in, r.view.World.AddAssignees)
}

func removeAssignees(r *run, in input) (object, error) {
	return assign(r, in, r.view.World.RemoveAssignees)
}

func assign(r *run, in input, do func(world.Actor, int, []string) (*world.Issue, *world.Refusal)) (object, error) {
	i, err := findIssue(r, in.text("assignableId"))
	if err != nil {
		return nil, err
	}
	people, err := names(r, in["assigneeIds"], login)
	if err != nil {
		return nil, err
	}
	i, no := do(r.view.Actor, i.Number, people)
	return object{"assignable": r.anything(i)}, refused(no)
}

func createLabel(r *run, in input) (object, error) {
	if _, err := find[*world.World](r, in.text("repositoryId")); err != nil {
		return nil, err
	}
	l, no := r.view.World.CreateLabel(r.view.Actor, world.LabelInput{Name: in.text("name"), Colour: in.text("color"), Description: in.text("description")})
	if no != nil {
		return nil, refused(no)
	}
	return object{"label": r.label(l)}, nil
}

func addComment(r *run, in input) (object, error) {
	i, err := findIssue(r, in.text("subjectId"))
	if err != nil {
		return nil, err
	}
	c, no := r.view.World.CreateComment(r.view.Actor, i.Number, in.text("body"))
	if no != nil {
		return nil, refused(no)
	}
	edge := object{"__typename": "IssueCommentEdge", "cursor": cursor(len(i.Comments) - 1), "node": r.comment(c)}
	return object{"commentEdge": edge, "subject": r.anything(i)}, nil
}

func updateComment(r *run, in input) (object, error) {
	c, err := find[*world.Comment](r, in.text("id"))
	if err != nil {
		return nil, err
	}
	c, no := r.view.World.UpdateComment(r.view.Actor, c.ID, in.text("body"))
	if no != nil {
		return nil, refused(no)
	}
	return object{"issueComment": r.comment(c)}, nil
}

// pair resolves the two issues that a link is about.
func pair(r *run, one, other string) (a, b *world.Issue, err error) {
	if a, err = findIssue(r, one); err != nil {
		return nil, nil, err
	}
	b, err = findIssue(r, other)
	return a, b, err
}

func addSubIssue(r *run, in input) (object, error) {
	child := in.text("subIssueId")
	if child == "" {
		child = r.byURL(in.text("subIssueUrl"))
	}
	p, c, err := pair(r, in.text("issueId"), child)
	if err != nil {
		return nil, err
	}
	_, no := r.view.World.AddSubIssue(r.view.Actor, p.Number, c.ID, in["replaceParent"] == true)
	return object{"issue": r.issue(p), "subIssue": r.issue(c)}, refused(no)
}

// byURL is the node id of the issue with that web address; empty if there is none.
func (r *run) byURL(url string) string {
	for _, i := range r.view.World.Issues {
		if url != "" && url == r.repoWeb("issues", i.Number) {
			return i.NodeID
		}
	}
	return ""
}

func removeSubIssue(r *run, in input) (object, error) {
	p, c, err := pair(r, in.text("issueId"), in.text("subIssueId"))
	if err != nil {
		return nil, err
	}
	_, no := r.view.World.RemoveSubIssue(r.view.Actor, p.Number, c.ID)
	return object{"issue": r.issue(p), "subIssue": r.issue(c)}, refused(no)
}

func addBlockedBy(r *run, in input) (object, error) {
	i, b, err := pair(r, in.text("issueId"), in.text("blockingIssueId"))
	if err != nil {
		return nil, err
	}
	_, no := r.view.World.AddBlockedBy(r.view.Actor, i.Number, b.ID)
	return object{"issue": r.issue(i), "blockingIssue": r.issue(b)}, refused(no)
}

func removeBlockedBy(r *run, in input) (object, error) {
	i, b, err := pair(r, in.text("issueId"), in.text("blockingIssueId"))
	if err != nil {
		return nil, err
	}
	_, no := r.view.World.RemoveBlockedBy(r.view.Actor, i.Number, b.ID)
	return object{"issue": r.issue(i), "blockingIssue": r.issue(b)}, refused(no)
}
