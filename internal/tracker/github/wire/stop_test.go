package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// slow is a server that answers after a while, or not at all.
type slow struct {
	after time.Duration
	sent  []time.Time
}

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.sent = append(s.sent, time.Now())
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(s.after):
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{}`)), Request: r}, nil
	}
}

// realTime has a transport live by the clock of the bubble it runs in.
func realTime(o *Options) {
	o.Clock = time.Now
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
}

func TestStopWhileARequestIsOnItsWay(t *testing.T) {
	for name, tt := range map[string]struct {
		method string
		after  time.Duration // the answer comes
		want   ticket.Kind
		ends   time.Duration // after the start; it is stopped after 2 s
	}{
		"a write answers in time":               {"POST", 5 * time.Second, "", 5 * time.Second},
		"a write answers too late":              {"POST", time.Minute, ticket.Unknown, 2*time.Second + grace},
		"a write that may be sent twice is not": {"PATCH", time.Minute, ticket.Unknown, 2*time.Second + grace},
		"a read is given up":                    {"GET", 5 * time.Second, ticket.Unavailable, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				base := &slow{after: tt.after}
				tr, _ := newTransport(t, &script{}, func(o *Options) { realTime(o); o.Base = base })
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				time.AfterFunc(2*time.Second, stop)
				start := time.Now()
				req, err := http.NewRequestWithContext(With(ctx, Call{}), tt.method, issueURL, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				client := http.Client{Transport: tr, CheckRedirect: NoRedirect}
				resp, err := client.Do(req)
				if err == nil {
					_ = resp.Body.Close()
				}
				if got := ticket.KindOf(err); got != tt.want || (err == nil) != (tt.want == "") {
					t.Errorf("kind %q (%v), want %q", got, err, tt.want)
				}
				if took := time.Since(start); took != tt.ends || len(base.sent) != 1 {
					t.Errorf("ended after %s, want %s; %d requests", took, tt.ends, len(base.sent))
				}
			})
		})
	}
}

// Whatever a write waits for, it is not sent once the run is stopped.
func TestNothingIsSentAfterTheStop(t *testing.T) {
	for name, first := range map[string]step{
		"its turn":        {status: 200, body: `{}`},
		"a limit":         {status: 429, header: map[string]string{"Retry-After": "30"}},
		"the next chance": {status: 502},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []step{first, {status: 200, body: `{}`}, {status: 200, body: `{}`}}}
				tr, _ := newTransport(t, s, func(o *Options) { realTime(o); o.PerMinute = 1 })
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				time.AfterFunc(100*time.Millisecond, stop)
				var err error
				for range 2 {
					var req *http.Request
					if req, err = http.NewRequestWithContext(With(ctx, Call{Replay: Idempotent}), "PATCH", issueURL, strings.NewReader("{}")); err != nil {
						t.Fatal(err)
					}
					var resp *http.Response
					if resp, err = tr.RoundTrip(req); err == nil {
						_ = resp.Body.Close()
					}
				}
				if len(s.seen) != 1 || err == nil {
					t.Errorf("%d requests, error %v", len(s.seen), err)
				}
			})
		})
	}
}

func TestDetachedTwiceObeysTheFirst(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	twice := Detach(With(ctx, Call{Writes: 3}))
	stop(errors.New("enough"))
	req, err := http.NewRequestWithContext(twice, "POST", issueURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if twice.Err() != nil || stopOf(req).Err() == nil || callOf(req).Writes != 3 {
		t.Errorf("detached %v, stopped %v, call %+v", twice.Err(), stopOf(req).Err(), callOf(req))
	}
}
