package wire

import (
	"net/http"
	"testing"
	"time"
)

func TestServerTime(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tr := New(Options{Clock: func() time.Time { return now }})
	hear := func(date string) { tr.hear(&http.Response{Header: http.Header{"Date": {date}}}) }
	want := func(what, clock string) {
		t.Helper()
		if got := tr.ServerTime().Format(time.TimeOnly); got != clock {
			t.Errorf("%s: %s, want %s", what, got, clock)
		}
	}
	hear("")
	hear("yesterday")
	if got := tr.ServerTime(); !got.IsZero() {
		t.Errorf("nothing heard, and it is %s", got)
	}
	hear("Mon, 02 Mar 2026 10:00:00 GMT") // an hour ahead of ours
	want("right then", "09:59:59")
	now = now.Add(2500 * time.Millisecond)
	want("later", "10:00:01")
	hear("Mon, 02 Mar 2026 09:59:00 GMT")
	want("an older answer", "10:00:01")
	now = now.Add(-time.Hour)
	want("our clock set back", "09:59:59")
}
