// Package rest is the REST half of the fake: GitHub's paths, parameters, JSON
// shapes, status codes and paging over a world.
//
// It owns no rules, which are the world's, and no transport: it is given a
// decoded request and gives back an answer.
//
//	api := rest.New(rest.Features{})
//	answer := api.Serve(rest.Call{World: w, Actor: a, Method: "GET", Path: "/repos/octo-org/crm"})
package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub/world"
)

// Features are what an older server lacks.
type Features struct {
	NoSubIssues      bool // neither the paths nor parent_issue_url and sub_issues_summary
	NoSubIssuePaths  bool
	NoSubIssueFields bool
	NoDependencies   bool
	NoTypes          bool
	NoDuplicates     bool // state_reason may not be duplicate
}

// Call is one request and what it sees.
type Call struct {
	World  *world.World
	Actor  world.Actor
	Method string
	Path   string // without the API prefix, escaped as it was sent
	Query  url.Values
	Accept string
	Body   []byte
	// API is the address of the API and HTML that of the web pages, both without a slash at the end.
	API, HTML string
	// Contents is what the actor may do with contents, if that differs from its role: a workflow's token has a permission of its own.
	Contents, Pulls world.Role
	// AsOf makes lists of issues stale: they show that moment. Zero is now.
	AsOf time.Time
	// Shift repeats the last entry of the page before on every later page.
	Shift            bool
	Limit, Remaining int
	Reset            time.Time

	segments []string
	features Features
}

// Answer is a response. A nil Body is an empty one; Raw goes out as it is.
type Answer struct {
	Status int
	Header http.Header
	Body   any
	Raw    string
}

// API serves the endpoints. It keeps no state and may be shared.
type API struct {
	features Features
	routes   []route
}

type handler func(c *Call) Answer

type route struct {
	method  string
	pattern []string // * stands for any one segment, ** for all that follow
	do      handler
}

// New makes the table of endpoints, without those a server lacks.
func New(f Features) *API {
	a := &API{features: f}
	a.addGeneral()
	a.addIssues()
	a.addLabels()
	a.addGit()
	if !f.NoSubIssues && !f.NoSubIssuePaths {
		a.addSubIssues()
	}
	if !f.NoDependencies {
		a.addDependencies()
	}
	if !f.NoTypes {
		a.add("GET", "issue-types", issueTypes)
	}
	return a
}

// add registers an endpoint under /repos/{owner}/{repo}/.
func (a *API) add(method, pattern string, h handler) {
	a.routes = append(a.routes, route{method, strings.Split(pattern, "/"), h})
}

// Serve answers one request.
func (a *API) Serve(c Call) Answer {
	c.features = a.features
	segments, ok := split(c.Path)
	if !ok {
		return refuse(world.NotFound())
	}
	switch {
	case len(segments) >= 3 && segments[0] == "repos":
		if !strings.EqualFold(segments[1]+"/"+segments[2], c.World.Repo.FullName()) {
			return refuse(world.NotFound())
		}
		c.segments = segments[3:]
	case len(segments) >= 2 && segments[0] == "repositories":
		if segments[1] != strconv.FormatInt(c.World.Repo.ID, 10) {
			return elsewhere(&c, segments)
		}
		c.segments = segments[2:]
	default:
		return general(&c, segments)
	}
	if no := c.visible(); no != nil {
		return refuse(no)
	}
	return a.dispatch(&c)
}

// visible refuses who may not even see what the path is about. An app's token
// always sees its own repository, but issues only with the permission for them.
func (c *Call) visible() *world.Refusal {
	if c.Actor.Role.AtLeast(world.RoleRead) {
		return nil
	}
	if !c.Actor.App {
		return world.NotFound()
	}
	if len(c.segments) > 0 && slices.Contains([]string{"issues", "labels", "milestones"}, c.segments[0]) {
		return world.Forbidden(c.Actor, "issues=read")
	}
	return nil
}

func (a *API) dispatch(c *Call) Answer {
	for _, r := range a.routes {
		if r.method == c.Method && fits(r.pattern, c.segments) {
			return r.do(c)
		}
	}
	return refuse(world.NotFound())
}

func fits(pattern, segments []string) bool {
	for k, p := range pattern {
		if p == "**" {
			return len(segments) > k
		}
		if k >= len(segments) || (p != "*" && p != segments[k]) {
			return false
		}
	}
	return len(pattern) == len(segments)
}

// split cuts the escaped path at its slashes and unescapes each part, so that
// %2F stays part of a name.
func split(path string) ([]string, bool) {
	var out []string
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		u, err := url.PathUnescape(s)
		if err != nil {
			return nil, false
		}
		if u != "" {
			out = append(out, u)
		}
	}
	return out, true
}

// number is a segment as a number; 0 if it is none.
func (c *Call) number(k int) int {
	n, err := strconv.Atoi(c.segments[k])
	if err != nil {
		return 0
	}
	return n
}

func (c *Call) id(k int) int64 {
	n, err := strconv.ParseInt(c.segments[k], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// decode reads the body strictly: a value of the wrong type is GitHub's 422.
func (c *Call) decode(into any) *world.Refusal {
	if len(bytes.TrimSpace(c.Body)) == 0 {
		return nil
	}
	err := json.Unmarshal(c.Body, into)
	if err == nil {
		return nil
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &world.Refusal{Status: 422, Message: "Invalid request.\n\nFor 'properties/" + t.Field + "', " + t.Value + " is not of the expected type."}
	}
	return &world.Refusal{Status: 400, Message: "Problems parsing JSON"}
}

func ok(body any) Answer      { return Answer{Status: 200, Body: body} }
func created(body any) Answer { return Answer{Status: 201, Body: body} }
func nothing() Answer         { return Answer{Status: 204} }

// refuse is a refusal as GitHub's error document.
func refuse(r *world.Refusal) Answer {
	body := map[string]any{"message": r.Message, "status": strconv.Itoa(r.Status), "documentation_url": "https://docs.github.com/rest"}
	switch {
	case len(r.Errors) > 0:
		body["errors"] = r.Errors
	case len(r.Plain) > 0:
		body["errors"] = r.Plain
	}
	a := Answer{Status: r.Status, Header: http.Header{}, Body: body}
	if r.Location != "" {
		a.Header.Set("Location", r.Location)
		body["url"] = r.Location
	}
	if r.Needs != "" {
		a.Header.Set("X-Accepted-GitHub-Permissions", r.Needs)
	}
	return a
}

// elsewhere serves an issue that was transferred to another repository.
func elsewhere(c *Call, segments []string) Answer {
	for _, i := range c.World.Issues {
		if i.Gone == "transferred" && strings.HasSuffix(i.MovedTo, "/"+strings.Join(segments, "/")) && c.Method == "GET" && !c.Actor.App {
			o := c.issue(i)
			o["url"], o["repository_url"] = i.MovedTo, strings.Split(i.MovedTo, "/issues/")[0]
			o["html_url"] = c.HTML + "/" + c.World.Repo.Owner + "/elsewhere/issues/" + segments[len(segments)-1]
			return ok(o)
		}
	}
	return refuse(world.NotFound())
}

func (c *Call) repoURL(parts ...any) string {
	return c.API + "/repos/" + c.World.Repo.FullName() + join(parts)
}

func (c *Call) repoHTML(parts ...any) string {
	return c.HTML + "/" + c.World.Repo.FullName() + join(parts)
}

func join(parts []any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}
