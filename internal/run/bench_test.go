package run_test

import "testing"

// BenchmarkNoOp1100 is a push after which nothing changes: 100 capabilities, 1,000 tickets.
func BenchmarkNoOp1100(b *testing.B) {
	r := newRepo(b, options(), specs(100, 9))
	r.must(r.push(), 0)
	r.srv.ResetJournal()
	for b.Loop() {
		r.must(r.push(), 0)
	}
	r.unwritten()
	b.ReportMetric(float64(len(r.srv.Requests()))/float64(b.N), "requests/op")
}
