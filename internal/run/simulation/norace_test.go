//go:build !race

package simulation_test

// thorough is on: nothing is left out.
const thorough = true
