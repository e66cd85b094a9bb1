package wire

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// FuzzLimits: whatever a refusal's headers say, the next request never goes before the time
// they name, all waiting together stays within what is allowed, and what is given up says until
// when.
func FuzzLimits(f *testing.F) {
	f.Add(uint16(429), "30", "", "", "", "", `{"message":"API rate limit exceeded"}`)
	f.Add(uint16(403), "", "0", "5000", "1772442060", "Mon, 02 Mar 2026 09:00:00 GMT", `{"message":"API rate limit exceeded"}`)
	f.Add(uint16(403), "", "0", "5000", "9223372036854775807", "", `{"message":"x"}`)
	f.Add(uint16(403), "9999999999999", "", "", "", "", `{"message":"You have exceeded a secondary rate limit"}`)
	f.Add(uint16(429), "-1", "0", "0", "-9223372036854775808", "Mon, 02 Mar 2026 09:14:00 GMT", "<html>")
	f.Add(uint16(429), "Mon, 02 Mar 2026 09:02:00 GMT", "1", "60", "1", "Mon, 02 Mar 2026 08:50:00 GMT", "")
	f.Add(uint16(200), "", "3", "60", "1772442060", "", `{"data":null,"errors":[{"type":"RATE_LIMITED"}]}`)
	f.Add(uint16(403), "", "0", "60", "1772442060", "", `{"message":"Resource not accessible by integration"}`)
	f.Add(uint16(429), "9223372037", "", "", "", "", "{}")
	f.Fuzz(func(t *testing.T, status uint16, after, remaining, limit, reset, date, body string) {
		if status < 200 || status > 599 || status/100 == 3 {
			t.Skip()
		}
		told := step{status: int(status), body: body, header: map[string]string{
			"Retry-After": after, "X-Ratelimit-Remaining": remaining, "X-Ratelimit-Limit": limit, "X-Ratelimit-Reset": reset, "Date": date,
		}}
		fine := step{status: 200, body: "{}"}
		s := &script{answers: []step{told, fine, fine, fine, fine}}
		tr, c := newTransport(t, s, nil)
		start := c.now
		_, err := send(t, tr, http.MethodGet, issueURL, Call{})
		if err != nil && ticket.KindOf(errors.Unwrap(err)) == "" {
			t.Fatalf("%T: %v", err, err)
		}
		if c.total() > tr.o.MaxWait+readTries*10*time.Second {
			t.Fatalf("waited %s, allowed are %s", c.total(), tr.o.MaxWait)
		}
		answered := http.Header{}
		for k, v := range told.header {
			answered.Set(k, v)
		}
		refused := limited(&http.Response{StatusCode: int(status), Header: answered}, []byte(body))
		if refused {
			checkWait(t, c.now.Sub(start), len(s.seen), after, err)
			epoch, notNumber := strconv.ParseInt(reset, 10, 64)
			if full := time.Unix(epoch, 0); after == "" && date == "" && remaining == "0" && notNumber == nil && len(s.seen) > 1 && c.now.Before(full) {
				t.Errorf("asked again at %s, before the limit's end at %s", c.now, full)
			}
		}
		spare, at := tr.Spare()
		if spare < -1 || spare == -1 && !at.IsZero() || spare >= 0 && at.After(start.Add(farReset+c.total()+time.Minute)) {
			t.Errorf("%d requests to spare until %s", spare, at)
		}
		if _, err := strconv.Atoi(limit); err != nil && spare >= 0 {
			t.Errorf("%d requests to spare of a limit %q", spare, limit)
		}
		if at := tr.ServerTime(); !at.IsZero() && date == "" {
			t.Errorf("the server's time is %s without a date", at)
		}
	})
}

// checkWait: a refusal that names seconds is followed by that much peace, or by giving up.
func checkWait(t *testing.T, waited time.Duration, sent int, after string, err error) {
	t.Helper()
	if sent > 1 && waited < time.Second {
		t.Fatalf("asked again after %s", waited)
	}
	seconds, notNumber := strconv.ParseInt(after, 10, 64)
	if notNumber != nil || seconds < 0 {
		return
	}
	if wait := time.Duration(min(seconds, 300_000_000)) * time.Second; sent > 1 && waited < wait {
		t.Fatalf("asked again after %s instead of %s", waited, wait)
	}
	var e *ticket.Error
	if errors.As(err, &e) && e.Kind == ticket.RateLimited && e.Until.Before(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(min(seconds, 3600))*time.Second)) {
		t.Fatalf("until %s, which is earlier than the %d seconds that were named", e.Until, seconds)
	}
}

// FuzzAnswer: an answer of any kind ends in a reply or in a failure whose kind fits: a write
// whose answer cannot be read may have been done and is never sent again, and no word of the
// server shows the token or takes several lines.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		"", "{}", "null", "[", "<html>502</html>", `{"message":"a\nb"}`, `{"message":"` + canary + `"}`, `{"data":{"c0":null},"errors":[{"message":"x"}]}`,
		`{"data":{"c0":{}},"errors":[{"type":"RATE_LIMITED"}]}`, `{"errors":[]}`, `{"message":7}`, "\xff",
	} {
		for _, status := range []uint16{200, 201, 204, 301, 400, 401, 403, 404, 410, 422, 429, 500, 502} {
			f.Add(status, body, "/api/v3/x", status%2 == 0, status%3 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, body, location string, write, graphql bool) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		told := step{status: int(status), body: body, header: map[string]string{"Location": location}}
		s := &script{answers: []step{told, told, told, told, told, told, told, told, told, told}}
		tr, _ := newTransport(t, s, nil)
		method, address, call := http.MethodGet, issueURL, Call{}
		if graphql {
			address, call = "https://api.example.com/api/graphql", Call{Replay: Read}
		}
		if write {
			method, call = http.MethodPost, Call{Replay: Once, Writes: 3}
		}
		got, err := send(t, tr, method, address, call)
		sent := len(s.seen)
		for _, r := range s.seen {
			if r.URL.Host != "api.example.com" || r.URL.Scheme != "https" {
				t.Fatalf("a request went to %s", r.URL)
			}
		}
		if err == nil {
			if got.status != int(status) {
				t.Errorf("HTTP %d became %d", status, got.status)
			}
			return
		}
		e, ok := errors.AsType[*ticket.Error](err)
		switch {
		case !ok:
			t.Fatalf("%T: %v", err, err)
		case strings.Contains(e.Error(), canary), strings.ContainsAny(e.Detail, "\n\r"):
			t.Errorf("the words are not fit for a log: %q", e.Error())
		case e.Kind == ticket.Unknown && (!write || sent != 1):
			t.Errorf("%q after %d requests, a write: %v", e.Kind, sent, write)
		case write && e.Kind == ticket.Unavailable && status != 301 && status/100 != 3:
			t.Errorf("HTTP %d %q on a write is said to have changed nothing", status, body)
		}
		if want := 3 * sent; write && tr.Counts().Writes != want {
			t.Errorf("%d writes counted, %d sent", tr.Counts().Writes, want)
		}
	})
}
