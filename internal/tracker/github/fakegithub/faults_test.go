package fakegithub_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// onWrite is a plan that does the same to every write.
func onWrite(f *fakegithub.Fault) func(fakegithub.Request) *fakegithub.Fault {
	return func(r fakegithub.Request) *fakegithub.Fault {
		if r.Write {
			return f
		}
		return nil
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   *fakegithub.Fault
		applied bool
		dropped bool
		status  int
		header  string // "Name: value"
		body    string
	}{
		{"refuse", fakegithub.Refuse(422, "no"), false, false, 422, "", `"message":"no"`},
		{"drop", fakegithub.Drop(), false, true, 0, "", ""},
		{"apply, drop", fakegithub.ApplyThenDrop(), true, true, 0, "", ""},
		{"apply, 502", fakegithub.ApplyThenFail(502), true, false, 502, "Content-Type: text/html; charset=utf-8", "<html>"},
		{"html", fakegithub.HTML(503), false, false, 503, "", "<html>"},
		{"truncated", fakegithub.Truncate(20), true, false, 201, "", ""},
		{"redirect", fakegithub.Redirect(307, "https://example.com/x"), false, false, 307, "Location: https://example.com/x", ""},
		{"primary", fakegithub.PrimaryLimit(429, time.Unix(1_800_000_000, 0)), false, false, 429, "X-Ratelimit-Remaining: 0", "API rate limit exceeded"},
		{"secondary", fakegithub.SecondaryLimit(403, 7), false, false, 403, "Retry-After: 7", "secondary rate limit"},
		{"secondary without a time", fakegithub.SecondaryLimit(429, -1), false, false, 429, "Retry-After: ", "#about-secondary-rate-limits"},
		{"priority", fakegithub.PriorityTaken(), false, false, 422, "", "Priority has already been taken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := start(t, fakegithub.Options{})
			cl.srv.Fault(onWrite(c.fault))
			a, err := cl.try("POST", repo+"/issues", m{"title": "x"})
			want(t, "dropped", err != nil, c.dropped)
			want(t, "applied", len(cl.srv.Issues()) == 1, c.applied)
			want(t, "status", a.status, c.status)
			if name, value, ok := strings.Cut(c.header, ": "); ok {
				want(t, name, a.header.Get(name), value)
			}
			if !strings.Contains(string(a.raw), c.body) {
				t.Errorf("body %q", a.raw)
			}
			if c.name == "truncated" {
				want(t, "length", len(a.raw), 20)
			}
			got := cl.srv.Writes()
			want(t, "journal", got[0].Status, c.status)
			want(t, "read still works", cl.do("GET", repo, nil).status, 200)
		})
	}
}

func TestStaleListsAndShiftedPages(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.srv.As("octocat").CloseIssue(1)
	c.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.Stale(time.Second) })
	want(t, "stale list", c.do("GET", repo+"/issues", nil).len(), 3)
	want(t, "fresh issue", c.do("GET", repo+"/issues/1", nil).at("state"), "closed")
	stale := c.query(`{repository(owner:"octo-org",name:"crm"){issues(first:9,states:[OPEN]){totalCount}}}`, nil)
	want(t, "stale graph", dig(stale.body, "data", "repository", "issues", "totalCount"), 3)
	c.srv.Fault(nil)
	want(t, "fresh list", c.do("GET", repo+"/issues", nil).len(), 2)
	c.srv.SetListLag(time.Hour)
	want(t, "before all", c.do("GET", repo+"/issues", nil).len(), 0)
	c.srv.SetListLag(0)
	c.srv.Fault(func(fakegithub.Request) *fakegithub.Fault { return fakegithub.DuplicatePage() })
	first, second := c.do("GET", repo+"/issues?state=all&per_page=2", nil), c.do("GET", repo+"/issues?state=all&per_page=2&page=2", nil)
	want(t, "repeated", second.at(0, "number"), first.at(1, "number"))
}

func TestAliasedMutationsFailAlone(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
		return fakegithub.FailMutation("b", "Something went wrong")
	})
	q := `mutation($a:ID!,$b:ID!,$c:ID!){a:closeIssue(input:{issueId:$a}){issue{state}} b:closeIssue(input:{issueId:$b}){issue{state}} c:closeIssue(input:{issueId:$c,stateReason:NOT_PLANNED}){issue{state}}}`
	a := c.query(q, m{"a": c.srv.Issue(1).NodeID, "b": c.srv.Issue(2).NodeID, "c": c.srv.Issue(3).NodeID})
	want(t, "a", dig(a.body, "data", "a", "issue", "state"), "CLOSED")
	want(t, "b", dig(a.body, "data", "b"), nil)
	want(t, "error", dig(a.body, "errors", 0, "path", 0), "b")
	want(t, "c", c.srv.Issue(3).StateReason, "not_planned")
	got := c.srv.Writes()[0]
	want(t, "ops", strings.Join(got.Ops, " "), "closeIssue closeIssue closeIssue")
	want(t, "line", strings.Contains(got.String(), "closeIssue×3"), true)
}

func TestDelayUsesTheGivenSleep(t *testing.T) {
	var slept time.Duration
	c := start(t, fakegithub.Options{Sleep: func(_ context.Context, d time.Duration) { slept += d }})
	c.srv.Fault(func(fakegithub.Request) *fakegithub.Fault {
		return fakegithub.Delay(time.Hour).And(fakegithub.SecondaryLimit(429, 1))
	})
	want(t, "status", c.do("GET", repo, nil).status, 429)
	want(t, "slept", slept, time.Hour)
}

func TestFaultPlanMayActAsPeople(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.srv.Fault(func(r fakegithub.Request) *fakegithub.Fault {
		if r.Method == http.MethodPatch {
			c.srv.As("octocat").AddLabel(1, "in between")
		}
		return nil
	})
	want(t, "label", c.do("PATCH", repo+"/issues/1", m{"title": "x"}).at("labels", 1, "name"), "in between")
}

func TestMeterAndEnforcedLimits(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	c := start(t, fakegithub.Options{Now: clock, EnforceLimits: true, HourlyLimit: 100})
	for k := range 80 {
		want(t, "within", c.do("POST", repo+"/issues", m{"title": fmt.Sprint(k)}).status, 201)
	}
	want(t, "no violation", len(c.srv.Violations()), 0)
	over := c.do("POST", repo+"/issues", m{"title": "81"})
	want(t, "81st in a minute", over.status, 403)
	want(t, "wait", over.header.Get("Retry-After"), "60")
	want(t, "violations", len(c.srv.Violations()), 1)
	mu.Lock()
	now = now.Add(time.Minute)
	mu.Unlock()
	want(t, "a minute later", c.do("POST", repo+"/issues", m{"title": "81"}).status, 201)
	for range 18 {
		c.do("GET", repo, nil)
	}
	spent := c.do("GET", repo, nil)
	want(t, "hour used up", spent.status, 403)
	want(t, "remaining", spent.header.Get("X-Ratelimit-Remaining"), "0")
	want(t, "reset", spent.header.Get("X-Ratelimit-Reset"), strconv.FormatInt(time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC).Unix(), 10))
	want(t, "graph has its own", dig(c.query(`{rateLimit{remaining}}`, nil).body, "data", "rateLimit", "remaining"), 99)
	want(t, "free", c.do("GET", "/rate_limit", nil).status, 200)
	c.srv.ResetJournal()
	want(t, "forgotten", len(c.srv.Requests())+len(c.srv.Violations()), 0)
}

func TestJournalSummary(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	c.do("GET", repo+"/issues/1", nil)
	c.do("GET", repo+"/issues/2", nil)
	c.do("POST", repo+"/issues/2/comments", m{"body": "x"})
	c.query(`mutation($r:ID!){a:createIssue(input:{repositoryId:$r,title:"x"}){issue{id}} b:createIssue(input:{repositoryId:$r,title:"y"}){issue{id}}}`, m{"r": c.do("GET", repo, nil).at("node_id")})
	want(t, "summary", c.srv.Summary(), "   2 GET issues/*\n   1 GET repository\n   1 POST issues/*/comments\n   1 mutation createIssue\n")
	n := 0
	for _, r := range c.srv.Writes() {
		n += r.Creations()
	}
	want(t, "creations", n, 3)
}

func TestConditionalReads(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	tag := c.do("GET", repo+"/issues/1", nil).header.Get("Etag")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.api+repo+"/issues/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "token "+c.token)
	req.Header.Set("If-None-Match", tag)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	want(t, "status", res.StatusCode, 304)
}

func TestManyAtOnce(t *testing.T) {
	c := populated(t, fakegithub.Options{})
	var group sync.WaitGroup
	for k := range 20 {
		group.Go(func() {
			c.do("POST", repo+"/issues", m{"title": fmt.Sprint(k), "labels": []string{"a"}})
			c.do("GET", repo+"/issues?state=all", nil)
			c.srv.As("mona").Comment(1, "x")
			c.srv.Dump()
		})
	}
	group.Wait()
	want(t, "issues", len(c.srv.Issues()), 23)
	want(t, "comments", len(c.srv.Issue(1).Comments), 20)
	want(t, "requests", len(c.srv.Requests()), 40)
}

func TestTheSameActsDumpTheSame(t *testing.T) {
	one, two := populated(t, fakegithub.Options{}), populated(t, fakegithub.Options{})
	two.srv.Advance(time.Hour)
	for _, c := range []*client{one, two} {
		c.do("POST", repo+"/issues", m{"title": "x", "labels": []string{"b", "a"}})
	}
	want(t, "dump", one.srv.Dump(), two.srv.Dump())
	two.srv.As("mona").EditBody(4, "a\nb")
	want(t, "CR shows", strings.Contains(two.srv.Dump(), `| a\r`), true)
}

// A request whose time is up in the middle leaves the first of its mutations done, in order.
func TestMutationsCutInTheMiddle(t *testing.T) {
	const q = `mutation($r:ID!){a:createIssue(input:{repositoryId:$r,title:"a"}){issue{number}} b:createIssue(input:{repositoryId:$r,title:"b"}){issue{number}} c:createIssue(input:{repositoryId:$r,title:"c"}){issue{number}}}`
	for _, tt := range []struct {
		fault  *fakegithub.Fault
		status int
		made   int
		data   any
		errors int
	}{
		{fakegithub.TimeoutAfter(2), 502, 2, nil, 0}, {fakegithub.TimeoutAfter(9), 502, 3, nil, 0}, {fakegithub.CutAfter(1), 200, 1, nil, 2},
		{fakegithub.CutAfter(3), 200, 3, "there", 0}, {fakegithub.WentWrong(), 200, 0, nil, 1},
	} {
		c := start(t, fakegithub.Options{})
		id := dig(c.query(`{repository(owner:"octo-org",name:"crm"){id}}`, nil).body, "data", "repository", "id")
		c.srv.Fault(onWrite(tt.fault))
		a, err := c.try("POST", "/graphql", m{"query": q, "variables": m{"r": id}})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "status", a.status, tt.status)
		want(t, "made", len(c.srv.Issues()), tt.made)
		if tt.status != 200 {
			continue
		}
		want(t, "the last", dig(a.body, "data", "c") != nil, tt.data != nil)
		if tt.errors > 0 {
			want(t, "says so", strings.HasPrefix(fmt.Sprint(dig(a.body, "errors", tt.errors-1, "message")), "Something went wrong"), true)
		}
	}
}
