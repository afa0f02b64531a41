package pipeline

import "sync"

// smallBatch is the most records for which a batch that is cut out of another
// takes little memory of its own: a limit that lets records pass one by one
// makes thousands of batches.
const smallBatch = 16

var smallBatchPool = sync.Pool{New: func() any {
	return &Batch{records: make([]Record, 0, smallBatch)}
}}

// cut returns records lo to hi, which are as the intake left them, as a batch of
// their own that has not entered the pipeline. b keeps them until it is released.
func (b *Batch) cut(lo, hi int) *Batch {
	c := newBatchFor(b.lane, hi-lo)
	c.intake, c.entry, c.read = b.intake, b.entry, b.read
	for i := lo; i < hi; i++ {
		r := b.records[i]
		nodes := b.nodes[r.nodeLo:r.nodeHi]
		r.batch, r.nodeLo = c, uint32(len(c.nodes))
		c.nodes = append(c.nodes, nodes...)
		r.nodeHi = uint32(len(c.nodes))
		if r.state == stateDead {
			c.dead++
		}
		c.rawBytes += len(r.raw)
		c.records = append(c.records, r)
	}
	if b.chunk == nil {
		c.copyOut()
		return c
	}
	c.chunk = b.chunk
	c.share = b.share * int64(c.rawBytes) / int64(b.rawBytes)
	b.chunk.join()
	return c
}

// newBatchFor returns an empty batch for n records.
func newBatchFor(lane Lane, n int) *Batch {
	if n > smallBatch {
		return newBatch(lane)
	}
	b := smallBatchPool.Get().(*Batch)
	b.lane = lane
	b.cursor.reset()
	return b
}

// join counts one more batch that looks into the chunk, which has one already.
func (c *Chunk) join() {
	c.budget.mu.Lock()
	c.refs++
	c.budget.mu.Unlock()
}
