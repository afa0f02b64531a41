package postgres

import (
	"sync"

	"sluice/pipeline"
)

// tuples are the rows of one batch as COPY takes them in its binary format, one
// behind the other: what the encoder attaches to the batch and the sink streams.
type tuples struct {
	plan    *plan // what they were encoded for
	data    []byte
	ends    []int              // where each row ends in data
	records []*pipeline.Record // whose row each is
	hashes  []uint64           // of each row's key
	old     []bool             // whether a later row of the group has its key

	hash uint64 // of the key of the row being added

	values  []pipeline.Value // of the record being added
	scratch []byte           // for unescaped text
}

var tuplesPool = sync.Pool{New: func() any { return new(tuples) }}

// maxKept is the largest buffer that is kept for the next batch.
const maxKept = 1 << 20

func newTuples(p *plan) *tuples {
	t := tuplesPool.Get().(*tuples)
	t.plan = p
	return t
}

// take takes the rows off a batch; nil when the encoder has not seen it.
func take(b *pipeline.Batch) *tuples {
	t, _ := b.Payload.(*tuples)
	b.Payload = nil
	return t
}

// release gives the memory back. The owner calls it once, last.
func (t *tuples) release() {
	t.reset()
	t.plan = nil
	if cap(t.data) > maxKept {
		t.data = nil
	}
	if cap(t.scratch) > maxKept {
		t.scratch = nil
	}
	tuplesPool.Put(t)
}

// reset takes all rows out.
func (t *tuples) reset() {
	clear(t.records) // they keep the batch's memory, and the values the records'
	clear(t.values)
	t.data, t.ends, t.records, t.hashes, t.old = t.data[:0], t.ends[:0], t.records[:0], t.hashes[:0], t.old[:0]
}

// Size implements pipeline.Sized: the rows count in the budget until the sink
// has them.
func (t *tuples) Size() int64 {
	return int64(cap(t.data)) + int64(cap(t.scratch)) + 8*int64(cap(t.ends)+cap(t.records)+cap(t.hashes)) + int64(cap(t.old))
}

var _ pipeline.Sized = (*tuples)(nil)

// end is where the next row starts.
func (t *tuples) end() int {
	if len(t.ends) == 0 {
		return 0
	}
	return t.ends[len(t.ends)-1]
}

// row returns row i.
func (t *tuples) row(i int) []byte {
	lo := 0
	if i > 0 {
		lo = t.ends[i-1]
	}
	return t.data[lo:t.ends[i]]
}
