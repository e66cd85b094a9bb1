package fakegithub

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Fault is one thing that goes wrong with one request. Make it with one of the
// functions below; combine two with And.
type Fault struct {
	name     string
	delay    time.Duration
	apply    bool // the request takes effect although the answer is another one
	drop     bool // the connection closes without an answer
	status   int  // an answer in place of the true one
	header   http.Header
	body     string
	truncate int // the true answer is cut after so many bytes
	lag      time.Duration
	shift    bool
	fail     map[string]string
	cut      int // mutations that are done before the time is up
}

// And joins two faults: what other sets, holds.
func (f *Fault) And(other *Fault) *Fault {
	out := *f
	out.name += " and " + other.name
	out.delay += other.delay
	out.apply = out.apply || other.apply
	out.drop = out.drop || other.drop
	out.shift = out.shift || other.shift
	if other.status != 0 {
		out.status, out.header, out.body = other.status, other.header, other.body
	}
	out.truncate = max(out.truncate, other.truncate)
	out.lag = max(out.lag, other.lag)
	out.cut = max(out.cut, other.cut)
	if other.fail != nil {
		out.fail = other.fail
	}
	return &out
}

// Fault installs the plan: decide is asked for each request before it takes
// effect, one request at a time, and returns what goes wrong or nil. It may use
// the server, As included. A nil plan ends all faults.
func (s *Server) Fault(decide func(Request) *Fault) {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.fault = decide
}

func (s *Server) decide(r Request) *Fault {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	if s.fault == nil {
		return nil
	}
	return s.fault(r)
}

func message(text string) string {
	return fmt.Sprintf(`{"message":%q,"documentation_url":"https://docs.github.com/rest"}`, text)
}

// Refuse answers with the status and message; nothing takes effect.
func Refuse(status int, text string) *Fault {
	return &Fault{name: fmt.Sprintf("refuse %d", status), status: status, body: message(text)}
}

// PriorityTaken is what parallel additions to one parent may get.
func PriorityTaken() *Fault {
	return Refuse(422, "An error occurred while adding the sub-issue to the parent issue. Priority has already been taken")
}

// FailMutation makes one mutation of a GraphQL request fail, named by its alias or field, and the others go on.
func FailMutation(alias, text string) *Fault {
	return &Fault{name: "fail " + alias, fail: map[string]string{alias: text}}
}

// TimeoutAfter lets only the first n mutations of a GraphQL request take effect, as when its ten
// seconds are up in the middle, and answers 502. n is at least 1.
func TimeoutAfter(n int) *Fault {
	f := ApplyThenFail(http.StatusBadGateway)
	f.name, f.cut = fmt.Sprintf("timeout after %d", n), max(n, 1)
	return f
}

// CutAfter is TimeoutAfter with an answer: the later mutations are null, each with an error. n
// is at least 1.
func CutAfter(n int) *Fault { return &Fault{name: fmt.Sprintf("cut after %d", n), cut: max(n, 1)} }

// WentWrong answers a GraphQL request with status 200 and nothing but trouble; nothing takes effect.
func WentWrong() *Fault {
	return &Fault{name: "went wrong", status: http.StatusOK, body: `{"data":null,"errors":[{"message":"Something went wrong while executing your query. ` +
		`This may be the result of a timeout, or it could be a GitHub bug."}]}`}
}

// Drop closes the connection; nothing takes effect.
func Drop() *Fault { return &Fault{name: "drop", drop: true} }

// ApplyThenDrop lets the request take effect and closes the connection without an answer.
func ApplyThenDrop() *Fault { return &Fault{name: "apply, drop", apply: true, drop: true} }

// ApplyThenFail lets the request take effect and answers with the status, 502 as a rule, in HTML.
func ApplyThenFail(status int) *Fault {
	f := HTML(status)
	f.name, f.apply = fmt.Sprintf("apply, %d", status), true
	return f
}

// HTML answers with a page instead of JSON; nothing takes effect.
func HTML(status int) *Fault {
	return &Fault{name: fmt.Sprintf("html %d", status), status: status, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		body: "<!DOCTYPE html>\n<html><body><h1>Unicorn!</h1><p>We couldn't respond to your request in time.</p></body></html>\n"}
}

// Delay waits before the request takes effect.
func Delay(d time.Duration) *Fault { return &Fault{name: "delay " + d.String(), delay: d} }

// Truncate sends only the first n bytes of the true answer.
func Truncate(n int) *Fault { return &Fault{name: "truncate", truncate: max(n, 1)} }

// Redirect answers with 301, 302, 307 or 308 to a path or another host; nothing takes effect.
func Redirect(status int, location string) *Fault {
	return &Fault{name: fmt.Sprintf("redirect %d", status), status: status, header: http.Header{"Location": {location}}, body: message("Moved Permanently")}
}

// PrimaryLimit answers as when the hourly limit is used up, with status 403 or 429.
func PrimaryLimit(status int, reset time.Time) *Fault {
	return &Fault{name: fmt.Sprintf("primary limit %d", status), status: status,
		header: http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(reset.Unix(), 10)}},
		body: fmt.Sprintf(`{"message":"API rate limit exceeded for installation.",`+
			`"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api","status":"%d"}`, status)}
}

// SecondaryLimit answers as when requests come too fast, with status 403 or
// 429. A negative retryAfter leaves the header out.
func SecondaryLimit(status, retryAfter int) *Fault {
	f := &Fault{name: fmt.Sprintf("secondary limit %d", status), status: status, header: http.Header{},
		body: `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",` +
			`"documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`}
	if retryAfter >= 0 {
		f.header.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	return f
}

// GraphQLLimit answers a GraphQL request as when its hourly points are used up: status 200 with an error.
func GraphQLLimit(reset time.Time) *Fault {
	return &Fault{name: "graphql limit", status: 200,
		header: http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {strconv.FormatInt(reset.Unix(), 10)}},
		body:   `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for installation."}]}`}
}

// TooQuickly answers a GraphQL request as when content comes too fast: status 200 with an error.
func TooQuickly() *Fault {
	return &Fault{name: "too quickly", status: 200, body: `{"data":null,"errors":[{"message":"was submitted too quickly"}]}`}
}

// Stale makes lists of issues show the state of that long ago.
func Stale(lag time.Duration) *Fault { return &Fault{name: "stale " + lag.String(), lag: lag} }

// DuplicatePage repeats the last entry of the page before, as when something moved between two pages.
func DuplicatePage() *Fault { return &Fault{name: "duplicate page", shift: true} }
