package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/run"
	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// end is how a run is ended from outside.
type end string

const (
	endBefore end = "killed before sending"
	endLost   end = "killed, answer lost"
	endAfter  end = "killed after the answer"
	endTerm   end = "terminated"
)

// order is one run of the program as it is to be.
type order struct {
	commit int
	event  string
	of     map[string]any
	skew   time.Duration
	at     int // request at which it is ended; 0 for never
	how    end
}

// worker is one run of the program.
type worker struct {
	*actor
	sim     *sim
	order   order
	no      int
	from    time.Time // when it began
	n       int       // requests so far
	stop    context.CancelFunc
	barred  time.Time // the server wants no request before
	trouble int       // step of the last request that something happened to
	code    int
	ended   bool
	out     bytes.Buffer
}

// launch starts a run.
func (s *sim) launch(o order, at time.Time) *worker {
	s.runs++
	w := &worker{sim: s, order: o, no: s.runs, code: -1}
	w.actor = s.start(fmt.Sprintf("run%d", s.runs), at, func(*actor) { w.work() })
	return w
}

func (w *worker) work() {
	s := w.sim
	files := map[string]string{".git/HEAD": sha(w.order.commit) + "\n"}
	maps.Copy(files, s.commits[w.order.commit])
	event, err := payload(w.order.event, w.order.of)
	if err != nil {
		s.fail("%v", err)
		return
	}
	files["event.json"] = event
	place, err := s.bench.take(files)
	if err != nil {
		s.fail("make a checkout: %v", err)
		return
	}
	s.running++
	s.stats.Runs++
	w.from = s.now
	s.laws.begins(w)
	defer func() {
		place.busy = false
		s.running--
		w.ended = true
		s.laws.ends(w)
		s.journal.note(s.now, "%s ends with code %d", w.name, w.code)
	}()
	s.journal.note(s.now, "%s begins: %s at commit %d, skew %s, ends %q at %d", w.name, w.order.event, w.order.commit, w.order.skew, w.order.how, w.order.at)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w.stop = stop
	vars := w.environment(place.dir)
	w.code = run.Main(ctx, run.Env{
		Stdout: &w.out, Stderr: &w.out, Dir: place.dir, Version: "test",
		Getenv: func(k string) string { return vars[k] },
		Now:    func() time.Time { return s.now.Add(w.order.skew) }, Sleep: w.wait, HTTP: w,
	})
}

func (w *worker) environment(dir string) map[string]string {
	return map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": w.order.event, "GITHUB_EVENT_PATH": filepath.Join(dir, "event.json"),
		"GITHUB_OUTPUT": filepath.Join(dir, "out"), "GITHUB_STEP_SUMMARY": filepath.Join(dir, "summary"),
		"GITHUB_REPOSITORY": repository, "GITHUB_SHA": sha(w.order.commit), "GITHUB_REF": "refs/heads/main", "GITHUB_WORKSPACE": dir,
		"GITHUB_API_URL": apiURL, "GITHUB_GRAPHQL_URL": apiURL + "/graphql", "INPUT_TOKEN": fakegithub.DefaultToken,
		"INPUT_ALLOW-MASS-CLOSE": "true",
	}
}

// wait sleeps in virtual time. A wait that is no whole number of milliseconds is one with the
// program's own random part, which has to be the seed's for a run to repeat.
func (w *worker) wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d%time.Millisecond != 0 {
		d = time.Duration(250+w.s.rng.IntN(1500)) * time.Millisecond
	}
	w.sleep(d)
	return ctx.Err()
}

// RoundTrip carries a request to the fake GitHub when the scheduler says so.
func (w *worker) RoundTrip(req *http.Request) (*http.Response, error) {
	s := w.sim
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	w.park(s.now)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	w.n++
	s.stats.Requests++
	s.laws.sends(w, req, body)
	at := w.n == w.order.at
	if at && w.order.how == endTerm {
		w.stop()
		s.stats.Crashes++
		s.journal.note(s.now, "%s is terminated", w.name)
	}
	if at && w.order.how == endBefore {
		w.die()
	}
	resp, err := s.serve(w, req, body)
	if at && w.order.how == endLost {
		w.die()
	}
	if at && w.order.how == endAfter {
		s.stats.Crashes++
		w.killed = true // at the next request or wait
	}
	return resp, err
}

// die ends a run as a kill does: nothing of it goes on.
func (w *worker) die() {
	w.sim.stats.Crashes++
	w.sim.journal.note(w.sim.now, "%s: %s", w.name, w.order.how)
	runtime.Goexit()
}

var errReset = errors.New("read tcp 192.0.2.1:443: connection reset by peer")

// serve lets a request take effect, or not, and gives what comes back over the wire.
func (s *sim) serve(w *worker, req *http.Request, body []byte) (*http.Response, error) {
	s.weather.strange = ""
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.RequestURI = req.URL.RequestURI()
	rec, dropped := s.deliver(in)
	strange := s.weather.strange
	s.now = s.now.Add(time.Duration(60+s.rng.IntN(300)) * time.Millisecond)
	answer := rec.Body.Bytes()
	s.journal.note(s.now, "%s #%d %s %s %d %s dropped=%t\n%s\n%s", w.name, w.n, req.Method, req.URL, rec.Code, s.weather.last+strange, dropped, body, answer)
	s.laws.after(w, req, body, rec.Code)
	if s.weather.last+strange != "" {
		w.trouble = s.laws.step
	}
	if strange == lateArrival {
		s.arrive(w, req, body)
	}
	switch {
	case dropped:
		return nil, errReset
	case strange == emptyAnswer:
		answer = nil
	case strange == cutAnswer:
		w.hears(rec.Code, rec.Header())
		return response(req, rec, io.NopCloser(io.MultiReader(bytes.NewReader(answer[:len(answer)/2]), broken{}))), nil
	}
	w.hears(rec.Code, rec.Header())
	return response(req, rec, io.NopCloser(bytes.NewReader(answer))), nil
}

// deliver calls the server; dropped tells that it closed the connection.
func (s *sim) deliver(req *http.Request) (rec *httptest.ResponseRecorder, dropped bool) {
	rec = httptest.NewRecorder()
	defer func() {
		if r := recover(); r != nil {
			if r != http.ErrAbortHandler { //nolint:errorlint // net/http panics with this very value
				panic(r)
			}
			dropped = true
		}
	}()
	s.srv.Handler().ServeHTTP(rec, req)
	return rec, false
}

// hears takes in what an answer says about limits: until when the server wants to be left alone.
func (w *worker) hears(status int, h http.Header) {
	now := w.sim.now
	if status != http.StatusForbidden && status != http.StatusTooManyRequests {
		return
	}
	if after := h.Get("Retry-After"); after != "" {
		var seconds int
		if _, err := fmt.Sscan(after, &seconds); err == nil {
			w.barred = now.Add(time.Duration(seconds) * time.Second)
		}
	}
}

func response(req *http.Request, rec *httptest.ResponseRecorder, body io.ReadCloser) *http.Response {
	return &http.Response{
		StatusCode: rec.Code, Status: http.StatusText(rec.Code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.Header().Clone(), Body: body, ContentLength: -1, Request: req,
	}
}

// broken is the rest of a body that never comes.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// log is the end of what a run printed.
func (w *worker) log() string {
	lines := strings.Split(w.out.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "\n")
}
