package wire

import (
	"net/http"
	"time"
)

// slack is by how much ServerTime stays behind, since two clocks do not run alike.
const slack = time.Second

// heard is the server's clock as its last answer told it.
type heard struct {
	server time.Time
	local  time.Time // when that was, by our clock
}

// hear notes the time of an answer. One without a date, or with an earlier one than the answer
// before (a cache's), changes nothing.
func (t *Transport) hear(resp *http.Response) {
	at, err := http.ParseTime(resp.Header.Get("Date"))
	now := t.o.Clock()
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if at.Before(t.heard.server) {
		return
	}
	t.heard = heard{server: at, local: now}
}

// ServerTime is the server's time now, in whole seconds and never later than it is there: that
// of its last answer and what has passed here since, less a second. Zero before any answer.
func (t *Transport) ServerTime() time.Time {
	now := t.o.Clock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.heard.server.IsZero() {
		return time.Time{}
	}
	return t.heard.server.Add(max(0, now.Sub(t.heard.local)) - slack).Truncate(time.Second).UTC()
}
