package apply

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHourLeavesNoHourTooFull compares the room that is found with the room counted write by
// write.
func TestHourLeavesNoHourTooFull(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		o := Options{PerHour: rapid.IntRange(1, 500).Draw(t, "per hour"), PerMinute: rapid.IntRange(0, 80).Draw(t, "per minute"),
			Spent: rapid.IntRange(0, 5).Draw(t, "kept")}
		for range rapid.IntRange(0, 12).Draw(t, "earlier") {
			o.Earlier = append(o.Earlier, Written{At: at.Add(-time.Duration(rapid.IntRange(0, 4000).Draw(t, "ago")) * time.Second),
				Writes: rapid.IntRange(0, 90).Draw(t, "writes")})
		}
		done := rapid.IntRange(0, 100).Draw(t, "done")
		if got, want := o.hour(at, done), o.counted(at, done); got != want {
			t.Fatalf("room for %d writes; want %d", got, want)
		}
	})
}

// counted tries one write after another.
func (o Options) counted(at time.Time, done int) int {
	free := o.PerHour - o.Spent - done
	if free <= 0 {
		return free
	}
	for n := range free {
		begin := at.Add(-time.Hour)
		if o.PerMinute > 0 {
			begin = begin.Add(time.Duration(n) * (time.Minute / time.Duration(o.PerMinute)))
		}
		within := 0
		for _, w := range o.Earlier {
			if w.At.After(begin) {
				within += w.Writes
			}
		}
		if within+done+n >= o.PerHour-o.Spent {
			return n
		}
	}
	return free
}
