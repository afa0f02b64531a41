package pipeline

import (
	"context"
	"sync"
)

// ChunkSize is the capacity of a fresh chunk in bytes.
const ChunkSize = 256 << 10

// Chunk is a buffer of whole lines as a source read them. Records are views
// into it, so it lives until the last batch that looks into it is released.
type Chunk struct {
	Bytes []byte // the lines; the source may grow and cut it until Intake.Begin
	Start Point  // the place of Bytes[0]
	End   Point  // the place after the chunk

	// The account charges the whole chunk until its last batch leaves, shared
	// among the lanes that look into it. Guarded by the budget's mutex.
	budget *budget
	refs   [LaneCount]int
	share  [LaneCount]int64
}

var chunkPool = sync.Pool{New: func() any { return &Chunk{Bytes: make([]byte, 0, ChunkSize)} }}

// NewChunk returns an empty chunk of ChunkSize capacity. Its owner hands it to
// Intake.Begin or gives it back with Release.
func NewChunk() *Chunk { return chunkPool.Get().(*Chunk) }

// Release gives back a chunk that no batch looks into. A buffer that had to
// grow for a long line is left to the garbage collector.
func (c *Chunk) Release() {
	if cap(c.Bytes) != ChunkSize {
		return
	}
	*c = Chunk{Bytes: c.Bytes[:0]}
	chunkPool.Put(c)
}

// charge puts a lane's share on the account, and waits until it fits.
func (c *Chunk) charge(ctx context.Context, lane Lane, n int64) error {
	if err := c.budget.reserve(ctx, lane, n); err != nil {
		return err
	}
	c.budget.mu.Lock()
	c.share[lane] += n
	c.budget.mu.Unlock()
	return nil
}

// leave ends one batch's view. When its lane has no other view of the chunk,
// the lane's share passes to one that has, so that a lane is not charged for
// memory that another holds.
func (c *Chunk) leave(lane Lane) {
	b := c.budget
	b.mu.Lock()
	before := b.overdrawnLocked()
	c.refs[lane]--
	if c.refs[lane] > 0 {
		b.mu.Unlock()
		return
	}
	share := c.share[lane]
	c.share[lane] = 0
	b.used[lane] -= share
	heir := c.holderLocked()
	if heir >= 0 {
		c.share[heir] += share
		b.used[heir] += share
	}
	ended := before && !b.overdrawnLocked()
	b.mu.Unlock()
	b.notify(ended)
	if heir < 0 {
		c.Release()
	}
}

// holderLocked returns the least urgent lane that looks into the chunk, or -1.
func (c *Chunk) holderLocked() int {
	for l := LaneCount - 1; l >= 0; l-- {
		if c.refs[l] > 0 {
			return l
		}
	}
	return -1
}
