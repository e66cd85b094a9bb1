// Package wire owns the way to GitHub's servers: one http.RoundTripper that signs requests,
// paces writes, obeys limits, retries what may be retried and refuses redirects that would
// turn a write into a read or carry the token away. It refuses to know what is asked for: the
// caller says with With how often a request may be sent and how many things it writes.
//
//	t := wire.New(wire.Options{Token: token, APIURL: api, GraphQLURL: graphql})
//	client := &http.Client{Transport: t, CheckRedirect: wire.NoRedirect}
package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/ticket"
)

// Options is what a Transport needs. APIURL and GraphQLURL are absolute; requests to any other
// host are refused. Clock and Sleep must be there. Zero values of the rest mean: a fresh http
// transport, random jitter, 60 writes a minute, 5 minutes of waiting, 30 seconds for a request
// and 4 of them once the run is stopped.
type Options struct {
	Token      string
	APIURL     *url.URL
	GraphQLURL *url.URL
	UserAgent  string
	Base       http.RoundTripper
	Clock      func() time.Time
	Sleep      func(context.Context, time.Duration) error
	Jitter     func() float64 // in [0,1)
	PerMinute  int            // writes a minute
	MaxWait    time.Duration  // for all waiting on limits together
	Timeout    time.Duration  // for one request
	Grace      time.Duration  // for a write that is on its way when the run is stopped
}

// Transport is the http.RoundTripper. Failures that need no reading of GitHub's answer (limits,
// lost answers, moved things) come back as *ticket.Error; other answers are passed on.
type Transport struct {
	o       Options
	secrets *strings.Replacer
	writing sync.Mutex   // writes go one after another
	size    atomic.Int64 // of the newest answer, in bytes and a little more

	mu       sync.Mutex
	nextSlot time.Time            // when the next write may go
	closed   map[string]time.Time // by bucket: no request before
	quotas   map[string]Quota     // by bucket, as the answers tell
	waited   time.Duration        // spent of MaxWait
	counts   Counts
	heard    heard
}

// Counts is what was sent so far.
type Counts struct {
	Requests int           // HTTP requests, retries included
	Writes   int           // things sent to be written, retries included: each item of a batch is one
	Waited   time.Duration // spent waiting for limits to end
}

// Replay says how often a request may be sent when its answer is lost.
type Replay int

// The ways to replay. ByMethod takes GET as Read, POST as Once and the rest as Idempotent.
const (
	ByMethod   Replay = iota
	Read              // changes nothing: up to 5 times
	Idempotent        // sending it twice is the same as once: one more time
	Once              // never again
	ReadOnce          // changes nothing, and is not sent again: the caller asks for less at a time
)

// Call describes a request to the transport.
type Call struct {
	Replay Replay
	Writes int // things it writes; for Read none
}

type callKey struct{}

// With attaches a Call to the context of a request, and detaches it.
func With(ctx context.Context, c Call) context.Context {
	return context.WithValue(Detach(ctx), callKey{}, c)
}

// NoRedirect is for http.Client.CheckRedirect: the transport itself decides what is followed.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// New makes a Transport.
func New(o Options) *Transport {
	if o.Base == nil {
		o.Base = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConns: 10,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.PerMinute <= 0 {
		o.PerMinute = 60
	}
	if o.MaxWait <= 0 {
		o.MaxWait = 5 * time.Minute
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Grace <= 0 {
		o.Grace = grace
	}
	t := &Transport{o: o, closed: map[string]time.Time{}, quotas: map[string]Quota{}, secrets: strings.NewReplacer()}
	if o.Token != "" {
		t.secrets = strings.NewReplacer(
			o.Token, "***",
			base64.StdEncoding.EncodeToString([]byte(o.Token)), "***",
			base64.RawURLEncoding.EncodeToString([]byte(o.Token)), "***",
			url.QueryEscape(o.Token), "***",
		)
	}
	return t
}

// Counts tells what was sent so far.
func (t *Transport) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts
}

// Redact takes the token, plain or encoded, out of a text.
func (t *Transport) Redact(s string) string { return t.secrets.Replace(s) }

const (
	readTries  = 5
	limitTries = 5
)

// RoundTrip sends a request, as often as its Call and GitHub's answers allow.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.ours(req.URL) {
		return nil, &ticket.Error{Kind: ticket.Rejected, Detail: "refused to send a request to " + req.URL.Host + ", which is not the configured API"}
	}
	body, err := readAll(req)
	if err != nil {
		return nil, &ticket.Error{Kind: ticket.Unavailable, Detail: t.Redact(err.Error())}
	}
	call, ctx := callOf(req), stopOf(req)
	if call.Writes > 0 {
		t.writing.Lock()
		defer t.writing.Unlock()
	}
	lost, limited := 0, 0
	for {
		if err := t.enter(req, call); err != nil {
			return nil, err
		}
		a := t.send(req, body, call)
		switch a.verdict {
		case final:
			t.hear(a.resp)
			return a.response(), nil
		case refused:
			return nil, a.err
		case limit:
			limited++
			until := t.close(a, bucketOf(t, req), limited)
			if limited >= limitTries {
				return nil, &ticket.Error{Kind: ticket.RateLimited, Detail: t.Redact(a.words()), Until: until}
			}
		case unsent, vanished:
			lost++
			if !again(call.Replay, lost) || ctx.Err() != nil {
				return nil, t.giveUp(call, a)
			}
			if err := t.o.Sleep(ctx, t.backoff(lost)); err != nil {
				return nil, t.giveUp(call, a)
			}
		}
	}
}

// again tells whether a request may be sent once more after its answer was lost n times.
func again(r Replay, n int) bool {
	switch r {
	case Read:
		return n < readTries
	case Idempotent:
		return n < 2
	default:
		return false
	}
}

// giveUp says what is known when no answer came: a read is unavailable; a write that left this
// machine may have been done.
func (t *Transport) giveUp(call Call, a answer) error {
	if call.Writes > 0 && a.verdict == vanished {
		return &ticket.Error{Kind: ticket.Unknown, Detail: t.Redact(a.words()), Next: "the next run looks whether it was done"}
	}
	return &ticket.Error{Kind: ticket.Unavailable, Detail: t.Redact(a.words())}
}

// enter waits for the pacer and for limits that are known, then counts the request. Nothing is
// sent once the run is stopped, whatever it was waiting for.
func (t *Transport) enter(req *http.Request, call Call) error {
	ctx := stopOf(req)
	if call.Writes > 0 {
		if err := t.pace(ctx, call.Writes); err != nil {
			return stopped(err)
		}
	}
	if err := t.admit(ctx, bucketOf(t, req)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return stopped(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Requests++
	t.counts.Writes += call.Writes
	return nil
}

func stopped(err error) error {
	return &ticket.Error{Kind: ticket.Unavailable, Detail: "stopped before it was sent: " + err.Error()}
}

func (t *Transport) backoff(n int) time.Duration {
	base := 500 * time.Millisecond << (n - 1)
	return base/2 + time.Duration(t.o.Jitter()*float64(base))
}

func (t *Transport) ours(u *url.URL) bool {
	return sameHost(u, t.o.APIURL) || sameHost(u, t.o.GraphQLURL)
}

func sameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

func callOf(req *http.Request) Call {
	c, _ := req.Context().Value(callKey{}).(Call)
	if c.Replay == ByMethod {
		switch req.Method {
		case http.MethodGet, http.MethodHead:
			c.Replay = Read
		case http.MethodPost:
			c.Replay = Once
		default:
			c.Replay = Idempotent
		}
	}
	if c.Replay == Read || c.Replay == ReadOnce {
		c.Writes = 0
	} else if c.Writes == 0 {
		c.Writes = 1
	}
	return c
}

func readAll(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	return body, nil
}

// notSent tells whether a connection error means that nothing reached the server.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func bodyReader(b []byte) io.ReadCloser {
	if b == nil {
		return http.NoBody
	}
	return io.NopCloser(bytes.NewReader(b))
}
