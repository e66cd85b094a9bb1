package github

import (
	"slices"
	"strings"
)

// schema is what the server's GraphQL knows, by introspection. The zero value is a server
// without GraphQL.
type schema struct {
	graphQL        bool
	parentInCreate bool // createIssue takes parentIssueId
	typeInCreate   bool
	addSubIssue    bool
	addBlockedBy   bool
	removeBlocked  bool
	issueTypes     bool
	fullID         bool
	reason         bool
	duplicates     bool // stateReason can tell duplicates
	parent         bool
	children       bool
	blocked        bool
	blockedBy      bool
	issueType      bool
	content        bool // updateIssue, closeIssue and reopenIssue
	typeInUpdate   bool
	marks          bool // single labels and assignees can be added and removed
	closeDuplicate bool // closeIssue can name what it is a duplicate of
	history        bool // issues show their edits
}

// newest is a server that knows all that is asked about issues. What a server knows is only
// learnt with the answer, so the newest is tried first.
var newest = schema{fullID: true, reason: true, duplicates: true, parent: true, children: true, blocked: true, blockedBy: true, issueType: true}

func (a repositoryAnswer) schema() schema {
	can := func(mutations ...string) bool {
		return !slices.ContainsFunc(mutations, func(m string) bool { return !a.Change.Fields.has(m) })
	}
	s := schema{
		graphQL:        true,
		parentInCreate: a.Create.InputFields.has("parentIssueId"),
		typeInCreate:   a.Create.InputFields.has("issueTypeId"),
		addSubIssue:    can("addSubIssue"),
		addBlockedBy:   can("addBlockedBy"),
		removeBlocked:  can("removeBlockedBy"),
		issueTypes:     a.Place.Fields.has("issueTypes"),
		content:        can("updateIssue", "closeIssue", "reopenIssue"),
		typeInUpdate:   a.Update.InputFields.has("issueTypeId"),
		marks:          can("addLabelsToLabelable", "removeLabelsFromLabelable", "addAssigneesToAssignable", "removeAssigneesFromAssignable"),
		closeDuplicate: a.Close.InputFields.has("duplicateIssueId"),
	}
	for _, f := range a.Issue.Fields {
		switch f.Name {
		case "fullDatabaseId":
			s.fullID = true
		case "stateReason":
			s.reason, s.duplicates = true, f.Args.has("enableDuplicate")
		case "parent":
			s.parent = true
		case "subIssuesSummary":
			s.children = true
		case "issueDependenciesSummary":
			s.blocked = true
		case "blockedBy":
			s.blockedBy = true
		case "issueType":
			s.issueType = true
		case "userContentEdits":
			s.history = true
		}
	}
	return s
}

// issueFields is the GraphQL fragment F, with the parts this server knows.
func (s schema) issueFields() string {
	var b strings.Builder
	b.WriteString("fragment F on Issue { id number url title body state locked createdAt updatedAt closedAt\n" +
		" repository { nameWithOwner }\n" +
		" author { __typename login ... on User { databaseId } ... on Bot { databaseId } }\n" +
		" labels(first: 100) { nodes { name } } assignees(first: 20) { nodes { login } } milestone { title }\n" +
		" comments(first: 1) { totalCount }\n")
	for _, part := range []struct {
		there bool
		text  string
	}{
		{s.fullID, " fullDatabaseId\n"},
		{!s.fullID, " databaseId\n"},
		{s.duplicates, " stateReason(enableDuplicate: true)\n"},
		{s.reason && !s.duplicates, " stateReason\n"},
		{true, s.linkFields()},
		{s.blockedBy, " blockedBy(first: 50) { nodes { number repository { nameWithOwner } } }\n"},
		{s.issueType, " issueType { name }\n"},
	} {
		if part.there {
			b.WriteString(part.text)
		}
	}
	b.WriteString("}")
	return b.String()
}

// linkFields are the parts that tell how an issue hangs together with others.
func (s schema) linkFields() string {
	var out string
	if s.parent {
		out += " parent { number repository { nameWithOwner } }\n"
	}
	if s.children {
		out += " subIssuesSummary { total }\n"
	}
	if s.blocked {
		out += " issueDependenciesSummary { totalBlockedBy }\n"
	}
	return out
}
