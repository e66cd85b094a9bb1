//go:build race

package simulation_test

// thorough is off with the race detector, which makes everything some ten times slower.
const thorough = false
