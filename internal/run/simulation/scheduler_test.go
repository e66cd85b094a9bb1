// Package simulation_test owns the proof that nothing is duplicated, lost or half done whatever
// fails in whatever order: runs of the program and people act on one repository of the fake
// GitHub, a seeded scheduler says who goes on, time is virtual, and after every request laws are
// checked. One goroutine runs at a time, so that a seed replays to the byte. It refuses to know
// how the program works: it sees requests, answers and what then stands in the repository.
//
//	go test ./internal/run/simulation -run TestSeeds -sim.seed=17
package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"time"
)

// scheduler lets one actor run at a time, and moves virtual time when all of them sleep.
type scheduler struct {
	rng    *rand.Rand
	now    time.Time
	actors []*actor
	yield  chan struct{}
	over   bool   // everybody stops
	broken string // the law that was broken; empty for none
}

// actor is a goroutine that goes on only when the scheduler says so.
type actor struct {
	s      *scheduler
	name   string
	until  time.Time // sleeps until then
	after  []*actor  // and until these have ended
	resume chan struct{}
	killed bool // ends where it stands
	done   bool
}

func newScheduler(seed uint64, now time.Time) *scheduler {
	return &scheduler{rng: rand.New(rand.NewPCG(seed, 1)), now: now, yield: make(chan struct{})}
}

// start makes an actor that begins at a time.
func (s *scheduler) start(name string, at time.Time, body func(*actor)) *actor {
	a := &actor{s: s, name: name, until: at, resume: make(chan struct{})}
	s.actors = append(s.actors, a)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				s.fail("panic in %s: %v\n%s", name, r, debug.Stack())
			}
			a.done = true
			s.yield <- struct{}{}
		}()
		<-a.resume
		if !s.over {
			body(a)
		}
	}()
	return a
}

// fail notes the first broken law; everybody stops then.
func (s *scheduler) fail(format string, args ...any) {
	if s.broken == "" {
		s.broken = fmt.Sprintf(format, args...)
	}
	s.over = true
}

// park gives the turn away until a time; where that has come, until the scheduler picks it.
func (a *actor) park(until time.Time) {
	a.until = until
	a.s.yield <- struct{}{}
	<-a.resume
	if a.killed || a.s.over {
		runtime.Goexit()
	}
}

func (a *actor) sleep(d time.Duration) { a.park(a.s.now.Add(d)) }

// join waits for others to end.
func (a *actor) join(others ...*actor) {
	a.after = others
	a.park(a.s.now)
	a.after = nil
}

func (a *actor) waits() bool {
	for _, o := range a.after {
		if !o.done {
			return true
		}
	}
	return false
}

// loop runs until all actors have ended.
func (s *scheduler) loop() {
	for {
		var ready []*actor
		var next *actor
		left := s.actors[:0]
		for _, a := range s.actors {
			if a.done {
				continue
			}
			left = append(left, a)
			switch {
			case s.over:
				ready = append(ready, a)
			case a.waits():
			case !a.until.After(s.now):
				ready = append(ready, a)
			case next == nil || a.until.Before(next.until):
				next = a
			}
		}
		s.actors = left
		switch {
		case len(left) == 0:
			return
		case len(ready) > 0:
			s.turn(ready[s.rng.IntN(len(ready))])
		case next != nil:
			s.now = next.until
			s.turn(next)
		default:
			s.fail("everybody waits for one another")
		}
	}
}

func (s *scheduler) turn(a *actor) {
	a.resume <- struct{}{}
	<-s.yield
}
