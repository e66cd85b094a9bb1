package journal

import (
	"fmt"
	"time"
)

// The secondary limits GitHub publishes.
const (
	CreationsPerMinute = 80
	CreationsPerHour   = 500
	RESTPointsPerMin   = 900
	GraphPointsPerMin  = 2000
	Concurrent         = 100
)

// spent is what one request cost, at a moment.
type spent struct {
	at        time.Time
	creations int
	points    int
	graph     bool
}

// meter keeps the last hour of requests. Windows slide: GitHub doesn't say how
// it counts, and a sliding window is the strictest way.
type meter struct {
	spent      []spent
	violations []string
}

// points are the secondary points of a request: 5 for a write, else 1.
func points(r Request) int {
	if r.Write {
		return 5
	}
	return 1
}

func (m *meter) add(r Request, running int) {
	m.spent = append(m.spent, spent{r.At, r.Creations(), points(r), r.GraphQL})
	for len(m.spent) > 0 && r.At.Sub(m.spent[0].at) >= time.Hour {
		m.spent = m.spent[1:]
	}
	minute, hour, rest, graph := m.sums(r.At)
	m.check(r, r.Creations() > 0 && minute > CreationsPerMinute, "%d content creations in a minute (limit %d)", minute, CreationsPerMinute)
	m.check(r, r.Creations() > 0 && hour > CreationsPerHour, "%d content creations in an hour (limit %d)", hour, CreationsPerHour)
	m.check(r, !r.GraphQL && rest > RESTPointsPerMin, "%d REST points in a minute (limit %d)", rest, RESTPointsPerMin)
	m.check(r, r.GraphQL && graph > GraphPointsPerMin, "%d GraphQL points in a minute (limit %d)", graph, GraphPointsPerMin)
	m.check(r, running > Concurrent, "%d requests at once (limit %d)", running, Concurrent)
}

func (m *meter) check(r Request, broken bool, format string, args ...any) {
	if broken {
		m.violations = append(m.violations, fmt.Sprintf("request %d %s: ", r.Seq, r.Kind())+fmt.Sprintf(format, args...))
	}
}

func (m *meter) sums(now time.Time) (minute, hour, rest, graph int) {
	for _, s := range m.spent {
		hour += s.creations
		if now.Sub(s.at) >= time.Minute {
			continue
		}
		minute += s.creations
		if s.graph {
			graph += s.points
		} else {
			rest += s.points
		}
	}
	return minute, hour, rest, graph
}

// blocked is when the request, which was added before, would be within the
// limits; zero if it is. Refused requests count: asking on while limited prolongs it.
func (m *meter) blocked(r Request) time.Time {
	minute, hour, rest, graph := m.sums(r.At)
	switch creating := r.Creations() > 0; {
	case creating && hour > CreationsPerHour:
		return r.At.Add(time.Hour)
	case creating && minute > CreationsPerMinute,
		!r.GraphQL && rest > RESTPointsPerMin,
		r.GraphQL && graph > GraphPointsPerMin:
		return r.At.Add(time.Minute)
	}
	return time.Time{}
}
