package pipeline

// cut returns records lo to hi, which are as the intake left them, as a batch of
// their own that has not entered the pipeline. b keeps them until it is released.
func (b *Batch) cut(lo, hi int) *Batch {
	c := newBatch(b.lane)
	if hi-lo > smallBatch {
		c.enlarge()
	}
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

// join counts one more batch that looks into the chunk, which has one already.
func (c *Chunk) join() {
	c.budget.mu.Lock()
	c.refs++
	c.budget.mu.Unlock()
}
