package ticket

import "strings"

// Rejoin puts together again what a person made of base while the program made ours of it:
// theirs with our block, the ticks that either side made, and the lines outside the block that
// only ours has. Nothing that people wrote is left out; lines that both changed stand twice.
//
// Where theirs is of another run of the program (own), what it lacks of ours was not taken away:
// it had not seen it.
func Rejoin(base, ours, theirs string, m Marker, own bool) string {
	if own {
		base = theirs
	}
	merged := MergeBody(retick(base, ours, normalise(theirs)), m, ParseBody(ours).Block)
	had := map[string]int{}
	for _, line := range outside(base) {
		had[line]++
	}
	there := map[string]int{}
	for _, line := range outside(merged) {
		there[line]++
	}
	var lost []string
	for _, line := range outside(ours) {
		switch {
		case strings.TrimSpace(line) == "":
		case had[line] > 0: // not what ours brought: whoever took it away meant to
			had[line]--
			there[line]--
		case there[line] > 0:
			there[line]--
		default:
			lost = append(lost, line)
		}
	}
	if len(lost) == 0 {
		return merged
	}
	return strings.TrimRight(merged, "\n") + "\n" + strings.Join(lost, "\n") + "\n"
}

// retick makes the ticks in theirs that ours has and base has not, and takes off those that
// only base has.
func retick(base, ours, theirs string) string {
	was, is := map[item]bool{}, map[item]bool{}
	eachItem(ParseBody(base).Block, func(_ int, it item, done bool) { was[it] = done })
	eachItem(ParseBody(ours).Block, func(_ int, it item, done bool) { is[it] = done })
	person := ParseBody(theirs)
	block := person.Block
	lines := strings.Split(block, "\n")
	eachItem(block, func(n int, it item, done bool) {
		before, known := was[it]
		if now, here := is[it]; known && here && done == before && now != before {
			lines[n] = setTick(lines[n], now)
		}
	})
	// People may have copied the block above itself.
	above := len(person.Before)
	return theirs[:above] + strings.Replace(theirs[above:], block, strings.Join(lines, "\n"), 1)
}

// outside gives the lines of a body above and below the block.
func outside(text string) []string {
	b := ParseBody(text)
	return strings.Split(b.Before+"\n"+b.After, "\n")
}
