package graph

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

func TestMutations(t *testing.T) {
	w, a := full(t)
	g := New(Features{})
	w.AddUser(world.User{Login: "mona", Role: world.RoleWrite})
	if _, no := w.CreateLabel(a, world.LabelInput{Name: "Two", Colour: "000000"}); no != nil {
		t.Fatal(no)
	}
	node := func(n int) string { return w.At(n).NodeID }
	for _, c := range []struct {
		field, input, pick, want string
	}{
		{"createIssue", fmt.Sprintf(`repositoryId:%q,title:"New",body:"b",labelIds:[%q],assigneeIds:[%q],milestoneId:%q,issueTypeId:%q,parentIssueId:%q,clientMutationId:"x"`,
			w.RepoNodeID(), w.Labels[1].NodeID, w.User("mona").NodeID, w.Milestones[0].NodeID, w.Types[0].NodeID, node(1)),
			`clientMutationId issue{number body labels(first:1){nodes{name}} assignees(first:1){nodes{login}} milestone{title} issueType{name} parent{number}}`,
			"assignees:map[nodes:[map[login:mona]]] body:b issueType:map[name:Task] labels:map[nodes:[map[name:Two]]] milestone:map[title:v1] number:5 parent:map[number:1]"},
		{"updateIssue", fmt.Sprintf(`id:%q,title:"T",body:"B",state:CLOSED,labelIds:[%q],milestoneId:null,issueTypeId:null,assigneeIds:[]`, node(3), w.Labels[1].NodeID),
			`issue{title body state stateReason labels(first:9){nodes{name}} milestone{title} issueType{name} assignees(first:1){totalCount}}`,
			"assignees:map[totalCount:0] body:B issueType:<nil> labels:map[nodes:[map[name:Two]]] milestone:<nil> state:CLOSED stateReason:COMPLETED title:T"},
		{"reopenIssue", fmt.Sprintf(`issueId:%q`, node(3)), `issue{state stateReason}`, "state:OPEN stateReason:REOPENED"},
		{"closeIssue", fmt.Sprintf(`issueId:%q,stateReason:DUPLICATE,duplicateIssueId:%q`, node(3), node(1)),
			`issue{stateReason(enableDuplicate:true) duplicateOf{number}}`, "duplicateOf:map[number:1] stateReason:DUPLICATE"},
		{"addLabelsToLabelable", fmt.Sprintf(`labelableId:%q,labelIds:[%q]`, node(1), w.Labels[1].NodeID),
			`labelable{... on Issue{labels(first:9){totalCount}}}`, "totalCount:2"},
		{"removeLabelsFromLabelable", fmt.Sprintf(`labelableId:%q,labelIds:[%q,%q]`, node(1), w.Labels[0].NodeID, w.Labels[1].NodeID),
			`labelable{labels(first:9){totalCount}}`, "totalCount:0"},
		{"addAssigneesToAssignable", fmt.Sprintf(`assignableId:%q,assigneeIds:[%q]`, node(3), w.User("mona").NodeID), `assignable{assignees(first:9){nodes{login}}}`, "login:mona"},
		{"removeAssigneesFromAssignable", fmt.Sprintf(`assignableId:%q,assigneeIds:[%q]`, node(3), w.User("mona").NodeID), `assignable{... on Issue{assignees(first:9){totalCount}}}`, "totalCount:0"},
		{"createLabel", fmt.Sprintf(`repositoryId:%q,name:"n",color:"ABCDEF",description:"d"`, w.RepoNodeID()), `label{name color description}`, "color:abcdef description:d name:n"},
		{"addComment", fmt.Sprintf(`subjectId:%q,body:"c"`, node(4)), `commentEdge{node{body author{login}}} subject{__typename}`, "author:map[login:octocat] body:c"},
		{"updateIssueComment", fmt.Sprintf(`id:%q,body:"e"`, w.At(1).Comments[0].NodeID), `issueComment{body editor{login}}`, "body:e editor:map[login:octocat]"},
		{"removeSubIssue", fmt.Sprintf(`issueId:%q,subIssueId:%q`, node(1), node(2)), `issue{subIssues(first:9){totalCount}} subIssue{parent{number}}`, "totalCount:1"},
		{"addSubIssue", fmt.Sprintf(`issueId:%q,subIssueUrl:"https://github.com/octo-org/crm/issues/2"`, node(3)), `issue{subIssuesSummary{total}}`, "total:1"},
		{"addSubIssue", fmt.Sprintf(`issueId:%q,subIssueId:%q,replaceParent:true`, node(1), node(2)), `subIssue{parent{number}}`, "number:1"},
		{"removeBlockedBy", fmt.Sprintf(`issueId:%q,blockingIssueId:%q`, node(1), node(3)), `issue{blockedBy(first:1){totalCount}}`, "totalCount:0"},
		{"addBlockedBy", fmt.Sprintf(`issueId:%q,blockingIssueId:%q`, node(1), node(2)), `blockingIssue{blocking(first:1){nodes{number}}}`, "number:1"},
	} {
		q := fmt.Sprintf(`mutation{m:%s(input:{%s}){%s}}`, c.field, c.input, c.pick)
		answer := g.Run(View{World: w, Actor: a, HTML: "https://github.com"}, Request{Query: q})
		if got := fmt.Sprint(answer["data"]); !strings.Contains(got, c.want) || answer["errors"] != nil {
			t.Errorf("%s: %s, want %s", c.field, got, c.want)
			list, _ := answer["errors"].([]*problem)
			for _, p := range list {
				t.Log(p.Message)
			}
		}
	}
}

// Single labels and assignees are changed as REST does it: with the same rights and the same lines in the log.
func TestMarksAreRefusedAndLogged(t *testing.T) {
	w, admin := full(t)
	w.AddUser(world.User{Login: "tess", Role: world.RoleTriage})
	g := New(Features{})
	mark := func(a world.Actor, field, target, list, id string) string {
		q := fmt.Sprintf(`mutation{m:%s(input:{%s:%q,%s:[%q]}){clientMutationId}}`, field, target, w.At(2).NodeID, list, id)
		return strings.Join(ErrorTypes(g.Run(View{World: w, Actor: a}, Request{Query: q})), ",")
	}
	label, mona := w.Labels[0].NodeID, w.AddUser(world.User{Login: "mona", Role: world.RoleWrite}).NodeID
	if _, no := w.RemoveLabel(admin, 2, w.Labels[0].Name); no != nil {
		t.Fatal(no)
	}
	before := len(w.At(2).Events)
	for _, tt := range []struct{ field, target, list, id, lacks string }{
		{"addLabelsToLabelable", "labelableId", "labelIds", label, mona}, {"removeLabelsFromLabelable", "labelableId", "labelIds", label, "LA_none"},
		{"addAssigneesToAssignable", "assignableId", "assigneeIds", mona, label}, {"removeAssigneesFromAssignable", "assignableId", "assigneeIds", mona, "U_none"},
	} {
		if got := mark(w.Person("reader"), tt.field, tt.target, tt.list, tt.id); got != "FORBIDDEN" {
			t.Errorf("%s by a reader: %q", tt.field, got)
		}
		if got := mark(admin, tt.field, tt.target, tt.list, tt.lacks); got != "NOT_FOUND" {
			t.Errorf("%s of what is no such thing: %q", tt.field, got)
		}
		at := w.At(2).UpdatedAt
		if got := mark(w.Person("tess"), tt.field, tt.target, tt.list, tt.id); got != "" || !w.At(2).UpdatedAt.After(at) {
			t.Errorf("%s by triage: %q, updated at %s", tt.field, got, w.At(2).UpdatedAt)
		}
	}
	var log []string
	for _, e := range w.At(2).Events[before:] {
		log = append(log, e.Kind+" by "+e.Actor.Login)
	}
	if got := strings.Join(log, ", "); got != "labeled by tess, unlabeled by tess, assigned by tess, unassigned by tess" {
		t.Errorf("the log says %s", got)
	}
	w.Repo.Archived = true
	if got := mark(admin, "addLabelsToLabelable", "labelableId", "labelIds", label); got != "FORBIDDEN" {
		t.Errorf("archived: %q", got)
	}
}

// The history of a body holds each form of it in full, the first one too, whoever wrote it how.
func TestEditHistory(t *testing.T) {
	w, a := full(t)
	g := New(Features{})
	id, first := w.At(2).NodeID, w.At(2).Body
	const ask = `issue{userContentEdits(first:4){totalCount nodes{diff editor{login}}}}`
	history := func() string {
		answer := g.Run(View{World: w, Actor: a}, Request{Query: fmt.Sprintf(`{node(id:%q){... on Issue{userContentEdits(first:4){nodes{diff}}}}}`, id)})
		return fmt.Sprint(answer["data"])
	}
	if got := history(); !strings.Contains(got, "nodes:[]") {
		t.Errorf("unedited: %s", got)
	}
	w.AddUser(world.User{Login: "mona", Role: world.RoleWrite})
	if _, no := w.UpdateIssue(w.Person("mona"), 2, world.IssuePatch{Body: new("by REST or hand")}); no != nil {
		t.Fatal(no)
	}
	answer := g.Run(View{World: w, Actor: a}, Request{Query: fmt.Sprintf(`mutation{updateIssue(input:{id:%q,body:"by GraphQL"}){%s}}`, id, ask)})
	got := fmt.Sprint(answer["data"])
	for _, want := range []string{"totalCount:3", "diff:by GraphQL editor:map[login:octocat]", "diff:by REST or hand editor:map[login:mona]", "diff:" + first + " "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	if strings.Index(got, "by GraphQL") > strings.Index(got, "by REST") {
		t.Errorf("not the newest first: %s", got)
	}
}

// What an older server lacks is neither in its introspection nor accepted.
func TestOlderSchemas(t *testing.T) {
	w, a := full(t)
	for _, tt := range []struct {
		features Features
		kind     string
		lacks    string
	}{
		{Features{NoMarks: true}, "Mutation", "addLabelsToLabelable"}, {Features{NoMarks: true}, "Mutation", "removeAssigneesFromAssignable"},
		{Features{NoEdits: true}, "Issue", "userContentEdits"}, {Features{NoDuplicates: true}, "CloseIssueInput", "duplicateIssueId"},
		{Features{NoTypes: true}, "UpdateIssueInput", "issueTypeId"},
	} {
		q := Request{Query: fmt.Sprintf(`{__type(name:%q){fields{name} inputFields{name}}}`, tt.kind)}
		for features, want := range map[Features]bool{{}: true, tt.features: false} {
			if got := fmt.Sprint(New(features).Run(View{World: w, Actor: a}, q)); strings.Contains(got, tt.lacks) != want {
				t.Errorf("%+v: %s.%s shown is %v", features, tt.kind, tt.lacks, !want)
			}
		}
	}
}

func TestSecondParentIsRefused(t *testing.T) {
	w, a := full(t)
	answer := New(Features{}).Run(View{World: w, Actor: a}, Request{
		Query:     `mutation($p:ID!,$c:ID!){addSubIssue(input:{issueId:$p,subIssueId:$c}){issue{id}}}`,
		Variables: map[string]any{"p": w.At(3).NodeID, "c": w.At(2).NodeID}})
	list, _ := answer["errors"].([]*problem)
	if len(list) != 1 || list[0].Type != "UNPROCESSABLE" || !strings.Contains(list[0].Message, "only have one parent") {
		t.Errorf("got %v", answer)
	}
}

// TestSchemaAgreesWithTheContract holds what our schema and GitHub's published
// one both have to the same type. Fields that only we have are not judged: the
// published file is older and trimmed.
func TestSchemaAgreesWithTheContract(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "..", "shared", "contracts", "github.graphql"))
	if err != nil {
		t.Skip("GitHub's schema is not there: ../shared/contracts/github.graphql")
	}
	theirs := gqlparser.MustLoadSchema(&ast.Source{Name: "contract", Input: string(raw)})
	for name, ours := range New(Features{}).schema.Types {
		their := theirs.Types[name]
		if their == nil || ours.BuiltIn {
			continue
		}
		if ours.Kind != their.Kind {
			t.Errorf("%s is %s, GitHub's is %s", name, ours.Kind, their.Kind)
		}
		for _, f := range ours.Fields {
			tf := their.Fields.ForName(f.Name)
			if tf == nil {
				continue
			}
			if f.Type.String() != tf.Type.String() {
				t.Errorf("%s.%s is %s, GitHub's is %s", name, f.Name, f.Type, tf.Type)
			}
			for _, arg := range f.Arguments {
				if ta := tf.Arguments.ForName(arg.Name); ta == nil || ta.Type.String() != arg.Type.String() {
					t.Errorf("%s.%s(%s: %s) isn't GitHub's", name, f.Name, arg.Name, arg.Type)
				}
			}
		}
		for _, tf := range their.Fields {
			if ours.Kind == ast.InputObject && tf.Type.NonNull && ours.Fields.ForName(tf.Name) == nil {
				t.Errorf("%s lacks the required %s", name, tf.Name)
			}
		}
		for _, v := range ours.EnumValues {
			if their.EnumValues.ForName(v.Name) == nil {
				t.Errorf("%s.%s isn't GitHub's", name, v.Name)
			}
		}
	}
}
