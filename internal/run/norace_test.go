//go:build !race

package run_test

// thorough is on: nothing is left out.
const thorough = true
