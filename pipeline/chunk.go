package pipeline

import "sync"

// ChunkSize is the capacity of a fresh chunk in bytes.
const ChunkSize = 256 << 10

// Chunk is a buffer of whole lines as a source read them. Records are views
// into it, so it lives until the last batch that looks into it is released.
type Chunk struct {
	Bytes []byte // the lines; the source may grow and cut it until Intake.Begin
	Start Point  // the place of Bytes[0]
	End   Point  // the place after the chunk

	// The account charges the whole chunk while batches that look into it are in
	// the pipeline, shared among their lanes. Guarded by the budget's mutex.
	budget *budget
	refs   int              // batches that look into it
	inside [LaneCount]int   // of these, those in the pipeline
	share  [LaneCount]int64 // bytes charged to each lane
	orphan int64            // charged to no lane: what left before the rest came in
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

// enter counts a batch as in the pipeline, with the part of the chunk that was
// reserved for it.
func (c *Chunk) enter(lane Lane, n int64) {
	c.budget.mu.Lock()
	defer c.budget.mu.Unlock()
	c.budget.used[lane] += c.orphan
	c.share[lane] += n + c.orphan
	c.orphan = 0
	c.inside[lane]++
}

// leave ends one batch's view; entered says whether it came into the pipeline.
// When its lane has no other batch in there, the lane's share passes to one that
// has, so that a lane is not charged for memory that another holds.
func (c *Chunk) leave(lane Lane, entered bool) {
	b := c.budget
	b.mu.Lock()
	ended := false
	c.refs--
	if entered {
		c.inside[lane]--
		if c.inside[lane] == 0 {
			ended = c.bequeathLocked(lane)
		}
	}
	last := c.refs == 0
	b.mu.Unlock()
	if ended {
		b.onRepay()
	}
	if last {
		c.Release()
	}
}

// bequeathLocked passes a lane's share on, to the least urgent lane that is in
// the pipeline, else to whichever comes in next.
func (c *Chunk) bequeathLocked(lane Lane) (overdraftEnded bool) {
	share := c.share[lane]
	c.share[lane] = 0
	for heir := LaneCount - 1; heir >= 0; heir-- {
		if c.inside[heir] > 0 {
			c.share[heir] += share
			c.budget.used[heir] += share
			return c.budget.repayLocked(lane, share)
		}
	}
	c.orphan += share
	return c.budget.repayLocked(lane, share)
}
