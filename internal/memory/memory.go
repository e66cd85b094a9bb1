// Package memory owns how often the runtime collects garbage: seldom while little is alive, which
// makes small runs faster, and often where a repository is large and runners are small. It
// refuses to be told by anything but the runtime's own figures.
//
//	memory.Collect()
package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	smallHeap = 32 << 20  // bytes alive, below which memory is of no concern
	rarely    = 300       // percent of what is alive that may be garbage: validate runs a fifth faster than with 100
	often     = 50        // thousands of issues are alive then, and runners are small
	allowance = 180 << 20 // bytes for everything, while what is alive leaves room in it
	beside    = 36 << 20  // bytes that the runtime needs besides what is alive, and what is reused of it
)

// Collect sets how often garbage is collected, by how much is alive after each time it was. Where
// what is alive comes near the allowance, the allowance gives way: collecting all the time costs
// more than memory does. It is called once, by main.
func Collect() {
	debug.SetGCPercent(rarely)
	debug.SetMemoryLimit(allowance)
	percent, limit := rarely, int64(allowance)
	var again func(*[16]byte)
	again = func(sentinel *[16]byte) {
		want, most := rarely, int64(allowance)
		if live := alive(); live > smallHeap {
			want, most = often, max(allowance, live+live/4+beside)
		}
		if want != percent {
			percent = want
			debug.SetGCPercent(percent)
		}
		if most != limit {
			limit = most
			debug.SetMemoryLimit(limit)
		}
		runtime.SetFinalizer(sentinel, again) // is called after the next collection
	}
	runtime.SetFinalizer(new([16]byte), again)
}

// alive is how many bytes the last collection left.
func alive() int64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(min(live[0].Value.Uint64(), math.MaxInt64))
}
