package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/commits"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func full(t *testing.T) (*world.World, world.Actor) {
	t.Helper()
	w := world.New(world.Repo{Owner: "octo-org", Name: "crm", IssueTypes: []string{"Task"}}, nil)
	w.AddUser(world.User{Login: "octocat", Role: world.RoleAdmin})
	a := w.Person("octocat")
	w.Git.Add(commits.Commit{SHA: "c1", Files: map[string]string{"a/b.txt": "hi\n"}})
	w.Branches["main"] = commits.SHA("c1")
	title, body := "v1", "text"
	if _, no := w.CreateMilestone(a, world.MilestoneInput{Title: &title}); no != nil {
		t.Fatal(no)
	}
	for k := range 3 {
		in := world.IssueInput{Title: fmt.Sprintf("Issue %d", k+1), Body: &body, Labels: []string{"bug"}, Assignees: []string{"octocat"}, Milestone: 1, Type: "Task"}
		if k == 1 {
			in.Parent = 1
		}
		if _, no := w.CreateIssue(a, in); no != nil {
			t.Fatal(no)
		}
	}
	edited := "other"
	if _, no := w.UpdateIssue(a, 1, world.IssuePatch{Body: &edited}); no != nil {
		t.Fatal(no)
	}
	if _, no := w.AddBlockedBy(a, 1, w.At(3).ID); no != nil {
		t.Fatal(no)
	}
	if _, no := w.CreateComment(a, 1, "hello"); no != nil {
		t.Fatal(no)
	}
	w.AddPull(a, "Change", "", world.PullRequest{HeadRef: "x", HeadSHA: commits.SHA("c1"), BaseRef: "main", BaseSHA: commits.SHA("c1")})
	return w, a
}

// everything selects all fields of a type, so deep that each type of the schema is met.
func everything(s *ast.Schema, def *ast.Definition, depth int, seen []string) string {
	var b strings.Builder
	b.WriteString("{__typename")
	if def.IsAbstractType() {
		for _, p := range s.GetPossibleTypes(def) {
			if p.Kind == ast.Object && !slices.Contains(seen, p.Name) && depth > 1 {
				b.WriteString(" ... on " + p.Name + " " + everything(s, p, depth-1, seen))
			}
		}
		b.WriteString("}")
		return b.String()
	}
	seen = append(slices.Clone(seen), def.Name)
	for _, f := range def.Fields {
		inner := s.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || (inner.IsCompositeType() && (depth == 0 || slices.Contains(seen, inner.Name))) {
			continue
		}
		// One key for each type, so that fields of different types never clash.
		b.WriteString(" " + def.Name + "_" + f.Name + ":" + f.Name)
		switch {
		case f.Arguments.ForName("first") != nil:
			b.WriteString("(first:2)")
		case f.Name == "object" && def.Name == "Repository":
			b.WriteString(`(expression:"main:a")`)
		case f.Name == "label":
			b.WriteString(`(name:"bug")`)
		case f.Name == "pullRequest":
			b.WriteString(`(number:4)`)
		case f.Name == "milestone" && def.Name == "Repository", f.Name == "issue" && def.Name == "Repository":
			b.WriteString(`(number:1)`)
		}
		if inner.IsCompositeType() {
			b.WriteString(everything(s, inner, depth-1, seen))
		}
	}
	b.WriteString("}")
	return b.String()
}

func TestEveryFieldOfTheSchemaIsServed(t *testing.T) {
	w, a := full(t)
	g := New(Features{})
	for _, root := range []string{`repository(owner:"octo-org",name:"crm")`, "viewer", "rateLimit", `user(login:"octocat")`,
		`node(id:"` + w.At(1).NodeID + `")`, `repository(owner:"octo-org",name:"crm"){issue(number:1)`} {
		name := map[bool]string{true: "Issue"}[strings.HasSuffix(root, "1)")]
		if name == "" {
			field, _, _ := strings.Cut(root, "(")
			name = g.schema.Query.Fields.ForName(field).Type.Name()
		}
		q := "{" + root + everything(g.schema, g.schema.Types[name], 4, nil) + strings.Repeat("}", strings.Count(root, "{")+1)
		answer := g.Run(View{World: w, Actor: a, HTML: "https://github.com", Limit: 1000, Remaining: 900, Reset: w.Now()}, Request{Query: q})
		if answer["errors"] != nil {
			for _, p := range answer["errors"].([]*problem) {
				t.Errorf("%s: %s at %v", root, p.Message, p.Path)
			}
		}
	}
	for _, f := range g.schema.Mutation.Fields {
		if r := (&run{api: g, view: View{World: w, Actor: a}}); !strings.HasPrefix(f.Name, "__") && r.mutation()[f.Name] == nil {
			t.Errorf("mutation %s is in the schema and not served", f.Name)
		}
	}
}

func TestRefusals(t *testing.T) {
	w, a := full(t)
	repo := `{repository(owner:"octo-org",name:"crm")`
	old := Features{NoSubIssues: true, NoDependencies: true, NoTypes: true}
	for _, c := range []struct {
		name, query, message string
		vars                 map[string]any
		features             Features
	}{
		{name: "unknown field", query: repo + `{flavour}}`, message: "Field 'flavour' doesn't exist on type 'Repository'"},
		{name: "no bounds", query: repo + `{issues{totalCount}}}`, message: "You must provide a `first` or `last` value"},
		{name: "over 100", query: repo + `{issues(first:101){totalCount}}}`, message: "Requesting 101 records on the `issues` connection exceeds the `first` limit of 100 records."},
		{name: "over 100 by variable", query: `query($n:Int){repository(owner:"octo-org",name:"crm"){labels(first:$n){totalCount}}}`, vars: map[string]any{"n": 200}, message: "exceeds the `first` limit"},
		{name: "too many nodes", query: repo + `{issues(first:100){nodes{comments(first:100){nodes{userContentEdits(first:100){totalCount}}}}}}}`, message: "exceeds the maximum limit of 500000"},
		{name: "bad cursor", query: repo + `{issues(first:1,after:"x"){totalCount}}}`, message: "does not appear to be a valid cursor"},
		{name: "unknown repository", query: `{repository(owner:"octo-org",name:"x"){id}}`, message: "Could not resolve to a Repository with the name 'octo-org/x'."},
		{name: "unknown node", query: `{node(id:"I_x"){id}}`, message: "Could not resolve to a node with the global id of 'I_x'."},
		{name: "number as node id", query: `mutation{closeIssue(input:{issueId:"1"}){issue{id}}}`, message: "Could not resolve to a node with the global id of '1'."},
		{name: "no parent in input", features: Features{NoParentInCreate: true}, query: `mutation($i:CreateIssueInput!){createIssue(input:$i){issue{id}}}`,
			vars: map[string]any{"i": map[string]any{"repositoryId": w.RepoNodeID(), "title": "x", "parentIssueId": "y"}}, message: "(Field is not defined on CreateIssueInput)"},
		{name: "no parent in literal", features: Features{NoParentInCreate: true}, query: `mutation{createIssue(input:{repositoryId:"x",title:"x",parentIssueId:"y"}){issue{id}}}`, message: "InputObject 'CreateIssueInput' doesn't accept argument 'parentIssueId'"},
		{name: "no sub-issues", features: old, query: repo + `{issue(number:1){subIssuesSummary{total}}}}`, message: "Field 'subIssuesSummary' doesn't exist on type 'Issue'"},
		{name: "no dependencies", features: old, query: `mutation{addBlockedBy(input:{issueId:"a",blockingIssueId:"b"}){issue{id}}}`, message: "Field 'addBlockedBy' doesn't exist on type 'Mutation'"},
		{name: "no types", features: old, query: repo + `{issueTypes(first:1){totalCount}}}`, message: "Field 'issueTypes' doesn't exist on type 'Repository'"},
		{name: "missing variable", query: `query($n:Int!){repository(owner:"octo-org",name:"crm"){issue(number:$n){id}}}`, message: "Variable $n of type Int!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := New(c.features).Run(View{World: w, Actor: a}, Request{Query: c.query, Variables: c.vars})
			list, _ := answer["errors"].([]*problem)
			if len(list) == 0 || !strings.Contains(list[0].Message, c.message) {
				t.Errorf("got %v, want %q", answer, c.message)
				for _, p := range list {
					t.Log(p.Message)
				}
			}
		})
	}
}

func TestOldServerServesTheRest(t *testing.T) {
	w, a := full(t)
	answer := New(Features{NoSubIssues: true, NoDependencies: true, NoTypes: true}).Run(View{World: w, Actor: a},
		Request{Query: `{__type(name:"Mutation"){fields{name}} in:__type(name:"CreateIssueInput"){inputFields{name type{kind ofType{name}}}} none:__type(name:"SubIssuesSummary"){name}}`})
	if answer["errors"] != nil {
		t.Fatal(answer)
	}
	text := fmt.Sprint(answer["data"])
	if !strings.Contains(text, "createIssue") || strings.Contains(text, "addSubIssue") || strings.Contains(text, "parentIssueId") || !strings.Contains(text, "none:<nil>") {
		t.Errorf("introspection: %s", text)
	}
}

func TestDuplicateReasonIsHiddenUnlessAskedFor(t *testing.T) {
	w, a := full(t)
	state, reason := "closed", "duplicate"
	if _, no := w.UpdateIssue(a, 2, world.IssuePatch{State: &state, StateReason: &reason, DuplicateOf: 1}); no != nil {
		t.Fatal(no)
	}
	answer := New(Features{}).Run(View{World: w, Actor: a}, Request{Query: `{repository(owner:"octo-org",name:"crm"){issue(number:2){a:stateReason b:stateReason(enableDuplicate:true)}}}`})
	if got := fmt.Sprint(answer["data"]); got != "map[repository:map[issue:map[a:NOT_PLANNED b:DUPLICATE]]]" {
		t.Error(got)
	}
}
