package wire

import (
	"net/http"
	"strconv"
	"time"
)

// Quota is what the server's answers say of one bucket of the token's requests.
type Quota struct {
	Limit     int
	Remaining int
	Reset     time.Time // by our clock: when it is full again
}

// maxReserve is how many requests of a bucket are left to others who use the same token.
const maxReserve = 100

// farReset is more than the server's longest bucket lasts: a reset beyond it is a mistake.
const farReset = 2 * time.Hour

// above is how many requests may be taken now before the reserve is touched.
func (q Quota) above(now time.Time) int {
	left := q.Remaining
	if !now.Before(q.Reset) {
		left = q.Limit
	}
	return max(0, left-min(maxReserve, q.Limit/10))
}

// Spare is how many more requests may be sent without touching the reserve for others who use
// the same token (100 requests, or a tenth of a small limit), in the scarcer of the two
// buckets, and when that one is full again. It is -1 before an answer has told. No request is
// sent for it.
func (t *Transport) Spare() (requests int, reset time.Time) {
	now := t.o.Clock()
	t.mu.Lock()
	defer t.mu.Unlock()
	requests = -1
	for _, bucket := range []string{bucketREST, bucketGraphQL} {
		q, told := t.quotas[bucket]
		if !told {
			continue
		}
		if n := q.above(now); requests < 0 || n < requests {
			requests, reset = n, q.Reset
		}
	}
	return requests, reset
}

// heed keeps what an answer says of the bucket it was booked in. The answer that took the last
// request of a bucket closes it until its reset: the next one would only be refused.
func (t *Transport) heed(h http.Header, bucket string) {
	limit, err1 := strconv.Atoi(h.Get("X-Ratelimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	epoch, err3 := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || limit <= 0 || remaining < 0 {
		return
	}
	now := t.o.Clock()
	wait := time.Unix(epoch, 0).Sub(serverTime(h, now))
	if wait > farReset {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	q := Quota{Limit: limit, Remaining: remaining, Reset: now.Add(wait)}
	t.quotas[bucket] = q
	if remaining == 0 && wait > 0 {
		t.shut(bucket, q.Reset.Add(time.Second))
	}
}

// shut keeps a bucket closed until then; one that is closed for longer stays so. Call it with
// the lock held.
func (t *Transport) shut(bucket string, until time.Time) {
	if until.After(t.closed[bucket]) {
		t.closed[bucket] = until
	}
}
