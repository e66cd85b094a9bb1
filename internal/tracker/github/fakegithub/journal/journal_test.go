package journal

import (
	"strings"
	"testing"
	"time"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func TestMeterFindsEachLimit(t *testing.T) {
	for _, c := range []struct {
		name  string
		count int // requests that are still fine
		gap   time.Duration
		r     Request
		word  string
	}{
		{"creations in a minute", CreationsPerMinute, 0, Request{Method: "POST", Path: "/repos/a/b/issues", Write: true, Creates: []string{"issue"}}, "creations in a minute"},
		{"creations in an hour", CreationsPerHour, time.Second, Request{GraphQL: true, Write: true, Creates: []string{"issue"}}, "creations in an hour"},
		{"REST reads", RESTPointsPerMin, 0, Request{Method: "GET", Path: "/repos/a/b"}, "REST points"},
		{"REST writes", RESTPointsPerMin / 5, 0, Request{Method: "PATCH", Path: "/repos/a/b/issues/1", Write: true}, "REST points"},
		{"GraphQL", GraphPointsPerMin, 0, Request{GraphQL: true}, "GraphQL points"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var j Journal
			at := noon()
			for range c.count {
				c.r.At = at
				j.Begin(c.r, 1)
				at = at.Add(c.gap)
			}
			if got := j.Violations(); len(got) > 0 {
				t.Fatalf("within the limit: %v", got)
			}
			c.r.At = at
			j.Begin(c.r, 1)
			if got := j.Violations(); len(got) != 1 || !strings.Contains(got[0], c.word) {
				t.Errorf("one more: %v", got)
			}
			if until := j.Blocked(c.r); !until.After(at) {
				t.Errorf("blocked until %v", until)
			}
		})
	}
}

func TestMeterForgetsAndSeesCrowds(t *testing.T) {
	var j Journal
	r := Request{At: noon(), Method: "POST", Write: true, Creates: []string{"issue", "link"}}
	for range 3 * CreationsPerMinute {
		j.Begin(r, 1)
		r.At = r.At.Add(time.Second)
	}
	if got := j.Violations(); len(got) > 0 {
		t.Errorf("one a second is within the limits: %v", got)
	}
	j.Begin(Request{At: r.At, Method: "GET"}, Concurrent+1)
	if got := j.Violations(); len(got) != 1 || !strings.Contains(got[0], "at once") {
		t.Errorf("a crowd: %v", got)
	}
}

func TestKinds(t *testing.T) {
	for path, want := range map[string]string{
		"/repos/a/b": "GET repository", "/repos/a/b/issues/12/labels/x": "GET issues/*/labels/*",
		"/repositories/7/issues": "GET issues", "/user": "GET user", "/repos/a/b/collaborators/mona/permission": "GET collaborators/*/permission",
	} {
		if got := (Request{Method: "GET", Path: path}).Kind(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestRequestsComeInOrder(t *testing.T) {
	var j Journal
	first, second := j.Begin(Request{Path: "/1"}, 1), j.Begin(Request{Path: "/2"}, 2)
	j.End(second)
	j.End(first)
	if got := j.Requests(); got[0].Path != "/1" || got[1].Path != "/2" {
		t.Errorf("got %v", got)
	}
}
