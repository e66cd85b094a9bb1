package source

// maxWays is how many ways through its braces a pattern may have. Each way is tried against
// each file, and "{a,aa}" forty times over would try for years.
const maxWays = 1000

// Tangled tells whether a pattern has so many alternatives in braces that matching it would
// take too long. It counts at most too many.
func Tangled(pattern string) bool {
	ways := 1
	var open []int // alternatives so far, by depth
	for _, c := range []byte(pattern) {
		switch {
		case c == '{':
			open = append(open, 1)
		case c == ',' && len(open) > 0:
			open[len(open)-1]++
		case c == '}' && len(open) > 0:
			ways *= open[len(open)-1]
			open = open[:len(open)-1]
		}
		if ways > maxWays || len(open) > 0 && open[len(open)-1] > maxWays {
			return true
		}
	}
	return false
}
