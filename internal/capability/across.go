package capability

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ticketfoundry/ticketfoundry/internal/diag"
	"github.com/ticketfoundry/ticketfoundry/internal/source/plain"
)

// across looks at what no file can know for itself.
type across struct {
	byID     map[string][]*File
	claims   map[string]bool // ids of files that cannot be used
	held     map[*File]bool
	findings diag.List
}

func (a *across) run() {
	a.held = map[*File]bool{}
	a.duplicates()
	a.dependencies()
	a.cycles()
	a.versions()
	a.documents()
}

func (a *across) add(f *File, at diag.Position, severity diag.Severity, rule, message, hint string) {
	a.findings.Add(diag.Finding{Position: at, Severity: severity, Rule: rule, Message: message, Hint: hint, Subject: f.Capability.ID})
	if severity == diag.Error {
		a.held[f] = true
	}
}

// ids gives all ids of usable files, in order.
func (a *across) ids() []string { return slices.SortedFunc(maps.Keys(a.byID), CompareIDs) }

func (a *across) duplicates() {
	for _, id := range a.ids() {
		files := a.byID[id]
		slices.SortFunc(files, func(x, y *File) int { return strings.Compare(x.Path, y.Path) })
		if len(files) < 2 {
			continue
		}
		for i, f := range files {
			other := files[0]
			if i == 0 {
				other = files[1]
			}
			a.add(f, f.At("id"), diag.Error, "duplicate-id", fmt.Sprintf("the id %s stands in %s too (line %d)", id, other.Path, other.At("id").Line),
				fmt.Sprintf("give the newer of the two the next free number, %s", a.free(f.Capability.Product())))
		}
	}
}

// free gives the id after the highest one of a product.
func (a *across) free(product string) string {
	highest := product + "-0"
	for _, ids := range [][]string{a.ids(), slices.Collect(maps.Keys(a.claims))} {
		for _, id := range ids {
			if strings.HasPrefix(id, product+"-") && CompareIDs(id, highest) > 0 {
				highest = id
			}
		}
	}
	var n int
	if _, err := fmt.Sscanf(highest[len(product)+1:], "%d", &n); err != nil {
		return product + "-…"
	}
	return fmt.Sprintf("%s-%d", product, n+1)
}

func (a *across) dependencies() {
	known := slices.Concat(a.ids(), slices.Sorted(maps.Keys(a.claims)))
	for _, id := range a.ids() {
		for _, f := range a.byID[id] {
			for i, on := range f.Capability.DependsOn {
				other, ok := a.byID[on]
				switch {
				case !ok && !a.claims[on]:
					hint := "write its spec first, or take the line out"
					if near, ok := plain.Nearest(on, without(known, id)); ok {
						hint = fmt.Sprintf("did you mean %q?", near)
					}
					a.add(f, f.At("depends_on", i), diag.Error, "unknown-dependency", fmt.Sprintf("there is no capability %s", on), hint)
				case ok && other[0].Capability.Status == "cancelled" && f.Capability.Status != "cancelled":
					a.add(f, f.At("depends_on", i), diag.Error, "cancelled-dependency",
						fmt.Sprintf("%s (%s) is cancelled, so %s would wait for ever", on, other[0].Capability.Title, id),
						"take the line out, or depend on what replaces it")
				}
			}
		}
	}
}

func without(ids []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(x string) bool { return x == id })
}

// maxRound is how many capabilities may wait for one another before the way round is no
// longer worked out for each: it would cost too much and help nobody.
const maxRound = 100

// cycles finds capabilities that wait for one another: each is named with the way round that
// begins at it.
func (a *across) cycles() {
	for _, knot := range a.knots() {
		for _, id := range knot {
			for _, f := range a.byID[id] {
				i := slices.IndexFunc(f.Capability.DependsOn, func(on string) bool { return on != id && slices.Contains(knot, on) })
				if i < 0 {
					continue
				}
				round := fmt.Sprintf("%s, %s and %d more", id, f.Capability.DependsOn[i], len(knot)-2)
				if len(knot) <= maxRound {
					round = strings.Join(append([]string{id}, a.way(f.Capability.DependsOn[i], id)...), " → ")
				}
				a.add(f, f.At("depends_on", i), diag.Error, "dependency-cycle", "these wait for one another: "+round,
					"take one of the dependencies out, in any of these files")
			}
		}
	}
}

// knots gives the groups of capabilities that each reach all others of their group, by
// removing again and again what waits for nothing and what nothing waits for, then by
// following the rest both ways.
func (a *across) knots() [][]string {
	forth, back := map[string][]string{}, map[string][]string{}
	for _, id := range a.ids() {
		for _, f := range a.byID[id] {
			for _, on := range f.Capability.DependsOn {
				if _, ok := a.byID[on]; ok && on != id {
					forth[id] = append(forth[id], on)
					back[on] = append(back[on], id)
				}
			}
		}
	}
	var knots [][]string
	left := map[string]bool{}
	for id := range forth {
		left[id] = true
	}
	strip(left, forth, back)
	strip(left, back, forth)
	for _, id := range slices.SortedFunc(maps.Keys(left), CompareIDs) {
		if !left[id] {
			continue
		}
		ahead, behind := reach(id, forth, left), reach(id, back, left)
		var knot []string
		for other := range ahead {
			if behind[other] {
				knot = append(knot, other)
				left[other] = false
			}
		}
		left[id] = false
		if len(knot) > 1 {
			slices.SortFunc(knot, CompareIDs)
			knots = append(knots, knot)
		}
	}
	return knots
}

// strip takes out, again and again, what has no edge forth into the rest.
func strip(left map[string]bool, forth, back map[string][]string) {
	degree := map[string]int{}
	var queue []string
	for id := range left {
		for _, on := range forth[id] {
			if left[on] {
				degree[id]++
			}
		}
		if degree[id] == 0 {
			queue = append(queue, id)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		id := queue[0]
		delete(left, id)
		for _, other := range back[id] {
			if degree[other]--; left[other] && degree[other] == 0 {
				queue = append(queue, other)
			}
		}
	}
}

func reach(from string, edges map[string][]string, within map[string]bool) map[string]bool {
	seen := map[string]bool{from: true}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, on := range edges[queue[0]] {
			if within[on] && !seen[on] {
				seen[on] = true
				queue = append(queue, on)
			}
		}
	}
	return seen
}

// way gives the shortest chain of dependencies from one capability to another, both included.
func (a *across) way(from, to string) []string {
	before := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == to {
			var way []string
			for ; at != ""; at = before[at] {
				way = append(way, at)
			}
			slices.Reverse(way)
			return way
		}
		for _, f := range a.byID[at] {
			for _, on := range f.Capability.DependsOn {
				if _, seen := before[on]; !seen {
					before[on] = at
					queue = append(queue, on)
				}
			}
		}
	}
	return nil
}

// versions warns when one version of a product has two target dates.
func (a *across) versions() {
	first := map[string]*File{}
	for _, id := range a.ids() {
		for _, f := range a.byID[id] {
			r := f.Capability.Release
			if r.Version == "" || r.TargetDate == "" || f.Capability.Status == "cancelled" {
				continue
			}
			name := f.Capability.Product() + " " + r.Version
			other, seen := first[name]
			if !seen {
				first[name] = f
				continue
			}
			if date := other.Capability.Release.TargetDate; date != r.TargetDate {
				a.add(f, f.At("release", "target_date"), diag.Warning, "two-dates",
					fmt.Sprintf("%s has two target dates: %s here, %s in %s (line %d)", name, r.TargetDate, date, other.Path, other.At("release", "target_date").Line),
					"agree on one, or give one of them another version")
			}
		}
	}
}

// documents warns when two capabilities name the same file as their spec.
func (a *across) documents() {
	first := map[string]*File{}
	for _, id := range a.ids() {
		for _, f := range a.byID[id] {
			place := f.Capability.Documents.Spec
			if other, seen := first[place]; seen && other.Capability.ID != id {
				a.add(f, f.At("documents", "spec"), diag.Warning, "shared-document",
					fmt.Sprintf("%s names the same document as its spec (%s)", other.Capability.ID, other.Path),
					"give each capability its own, or leave documents.spec out")
			} else {
				first[place] = f
			}
		}
	}
}
