package github

import "sync"

// batch is how many things of one kind go into a request. GitHub stops a request after ten
// seconds, which a slow server may need for fewer things than a quick one: a request that was
// lost halves the number, and ten good ones in a row double it again up to what it was.
type batch struct {
	mu         sync.Mutex
	most, size int
	good       int // requests in a row
}

// recovery is after how many good requests a batch grows again.
const recovery = 10

func newBatch(most int) *batch { return &batch{most: most, size: most} }

func (b *batch) now() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.size
}

func (b *batch) lost() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.size, b.good = max(1, b.size/2), 0
}

func (b *batch) went() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.good++; b.good >= recovery {
		b.size, b.good = min(b.most, b.size*2), 0
	}
}

// sizes are the batches of one run.
type sizes struct{ creates, edits, reads *batch }

func newSizes() sizes {
	return sizes{creates: newBatch(createBatch), edits: newBatch(editBatch), reads: newBatch(getBatch)}
}
