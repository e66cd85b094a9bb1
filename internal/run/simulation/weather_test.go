package simulation_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ticketfoundry/ticketfoundry/internal/tracker/github/fakegithub"
)

// What the wire does beyond the fake's own faults.
const (
	lateArrival = " arrives late" // the answer is lost, and the request takes effect later
	emptyAnswer = " empty answer"
	cutAnswer   = " cut answer"
)

// weather decides for each request what goes wrong with it.
type weather struct {
	s       *sim
	share   float64 // of requests that something happens to
	denied  int     // requests from now on that lack the permission
	last    string  // what happened to the last request
	strange string  // what the wire does to it
	lagging bool    // lists lag, or did while a run was on
	tardy   bool    // something took effect after its sender had given it up
}

func newWeather(s *sim) *weather { return &weather{s: s} }

// calm ends everything that goes wrong.
func (w *weather) calm() {
	w.share, w.denied = 0, 0
	w.s.srv.SetListLag(0)
}

// strike is the server's plan of faults.
func (w *weather) strike(r fakegithub.Request) *fakegithub.Fault {
	w.last, w.strange = "", ""
	if w.denied > 0 {
		w.denied--
		if r.Write {
			return w.hit("denied", fakegithub.Refuse(403, "Resource not accessible by integration"))
		}
	}
	if w.share == 0 || w.s.rng.Float64() >= w.share {
		return nil
	}
	kinds := w.anything()
	switch {
	case slices.Contains(r.Ops, "createIssue"):
		kinds = append(kinds, w.creation(r)...)
	case r.GraphQL:
		kinds = append(kinds, w.graph()...)
	case r.Write:
		kinds = append(kinds, w.write(r)...)
	default:
		kinds = append(kinds, w.read()...)
	}
	return kinds[w.s.rng.IntN(len(kinds))]()
}

func (w *weather) hit(name string, f *fakegithub.Fault) *fakegithub.Fault {
	w.last = name
	w.s.stats.Faults++
	return f
}

func (w *weather) odd(what string, f *fakegithub.Fault) *fakegithub.Fault {
	w.strange = what
	w.s.stats.Faults++
	return f
}

type kind = func() *fakegithub.Fault

func (w *weather) pick(n ...int) int { return n[w.s.rng.IntN(len(n))] }

// anything is what may happen to every request.
func (w *weather) anything() []kind {
	soon := func() time.Time { return w.s.now.Add(time.Duration(5+w.s.rng.IntN(60)) * time.Second) }
	return []kind{
		func() *fakegithub.Fault { return w.hit("5xx before", fakegithub.HTML(w.pick(500, 502, 503, 504))) },
		func() *fakegithub.Fault { return w.hit("5xx after", fakegithub.ApplyThenFail(w.pick(500, 502, 504))) },
		func() *fakegithub.Fault { return w.hit("reset before", fakegithub.Drop()) },
		func() *fakegithub.Fault { return w.hit("reset after", fakegithub.ApplyThenDrop()) },
		func() *fakegithub.Fault {
			return w.hit("limit", fakegithub.SecondaryLimit(w.pick(403, 429), w.pick(1, 7, 30)))
		},
		func() *fakegithub.Fault {
			if w.s.rng.IntN(4) > 0 {
				return nil
			}
			return w.hit("limit, no header", fakegithub.SecondaryLimit(w.pick(403, 429), -1))
		},
		func() *fakegithub.Fault {
			return w.hit("hourly limit", fakegithub.PrimaryLimit(w.pick(403, 429), soon()))
		},
		func() *fakegithub.Fault { return w.hit("truncated", fakegithub.Truncate(1+w.s.rng.IntN(200))) },
		func() *fakegithub.Fault { return w.hit("page for an answer", fakegithub.HTML(200)) },
		func() *fakegithub.Fault { return w.odd(emptyAnswer, nil) },
		func() *fakegithub.Fault { return w.odd(cutAnswer, nil) },
		func() *fakegithub.Fault {
			return w.hit("redirect", fakegithub.Redirect(w.pick(301, 302, 307, 308), "https://elsewhere.test/steal"))
		},
		func() *fakegithub.Fault {
			if w.s.rng.IntN(3) == 0 {
				w.denied = 1 + w.s.rng.IntN(8)
			}
			return nil
		},
	}
}

// movedTo is where redirects within the host lead; nobody may write there.
const movedTo = apiURL + "/repositories/1071/issues/401"

func (w *weather) creation(r fakegithub.Request) []kind {
	return []kind{
		func() *fakegithub.Fault { return w.hit("reset after", fakegithub.ApplyThenDrop()) },
		func() *fakegithub.Fault {
			return w.hit("an item refused", fakegithub.FailMutation("c"+string('0'+rune(w.s.rng.IntN(max(1, min(len(r.Ops), 9))))), "Title is not to our taste"))
		},
		func() *fakegithub.Fault { return w.hit("too quickly", fakegithub.TooQuickly()) },
		func() *fakegithub.Fault { return w.odd(lateArrival, fakegithub.Drop()) },
	}
}

func (w *weather) graph() []kind {
	return []kind{
		func() *fakegithub.Fault {
			return w.hit("graphql limit", fakegithub.GraphQLLimit(w.s.now.Add(20*time.Second)))
		},
		func() *fakegithub.Fault { return w.hit("too quickly", fakegithub.TooQuickly()) },
	}
}

func (w *weather) write(r fakegithub.Request) []kind {
	out := []kind{
		func() *fakegithub.Fault { return w.hit("reset after", fakegithub.ApplyThenDrop()) },
		func() *fakegithub.Fault { return w.hit("refused", fakegithub.Refuse(422, "This issue is peculiar")) },
		func() *fakegithub.Fault {
			return w.hit("moved", fakegithub.Redirect(w.pick(301, 302, 307, 308), movedTo))
		},
	}
	if r.Method == http.MethodPost && strings.HasSuffix(r.Path, "/comments") {
		out = append(out, func() *fakegithub.Fault { return w.odd(lateArrival, fakegithub.Drop()) })
	}
	return out
}

func (w *weather) read() []kind {
	return []kind{
		func() *fakegithub.Fault {
			w.lagging = true
			return w.hit("stale", fakegithub.Stale(time.Duration(1+w.s.rng.IntN(60))*time.Second))
		},
		func() *fakegithub.Fault { return w.hit("page shift", fakegithub.DuplicatePage()) },
	}
}

// arrive lets a request that its sender has given up take effect later.
func (s *sim) arrive(by *worker, req *http.Request, body []byte) {
	again := req.Clone(context.Background())
	again.RequestURI = req.URL.RequestURI()
	runs := s.runs
	s.start("late", s.now.Add(time.Duration(1+s.rng.IntN(50))*time.Second), func(*actor) {
		again.Body = io.NopCloser(bytes.NewReader(body))
		share, denied := s.weather.share, s.weather.denied
		s.weather.share, s.weather.denied = 0, 0
		rec, _ := s.deliver(again)
		s.weather.share, s.weather.denied = share, denied
		s.stats.Late++
		if by.ended || s.runs != runs {
			s.weather.tardy = true
		}
		s.journal.note(s.now, "late: %s #%d of %s takes effect: %d", req.Method, by.n, by.name, rec.Code)
		s.laws.after(by, req, body, rec.Code)
	})
}
