package world

// derived is what follows from all issues together. It is made when first asked for and thrown
// away by whatever changes it: with tens of thousands of issues, looking through all of them
// for each one that is shown takes minutes.
type derived struct {
	blocking map[int][]int            // numbers of the issues that a number blocks
	counts   map[*Milestone]openCount // of each milestone
}

type openCount struct{ open, closed int }

// Blocking are the numbers of the issues that i blocks. The list is not the caller's to change.
func (w *World) Blocking(i *Issue) []int {
	if w.derived.blocking == nil {
		w.derived.blocking = map[int][]int{}
		for _, other := range w.Issues {
			if other.Gone != "" {
				continue
			}
			for _, n := range other.BlockedBy {
				w.derived.blocking[n] = append(w.derived.blocking[n], other.Number)
			}
		}
	}
	return w.derived.blocking[i.Number]
}

// Counts are a milestone's open and closed issues.
func (w *World) Counts(m *Milestone) (open, closed int) {
	if w.derived.counts == nil {
		w.derived.counts = map[*Milestone]openCount{}
		for _, i := range w.Issues {
			if i.Milestone == nil || i.Gone != "" {
				continue
			}
			c := w.derived.counts[i.Milestone]
			if i.Closed {
				c.closed++
			} else {
				c.open++
			}
			w.derived.counts[i.Milestone] = c
		}
	}
	c := w.derived.counts[m]
	return c.open, c.closed
}
