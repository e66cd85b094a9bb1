//go:build race

package run_test

// thorough is off with the race detector, which makes everything some ten times slower: what
// repeats only for more cases repeats less then. Without it everything runs in full.
const thorough = false
