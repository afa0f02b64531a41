package pipeline

import (
	"sync"
	"sync/atomic"
)

// ChunkSize is the capacity of a fresh chunk in bytes.
const ChunkSize = 256 << 10

// Chunk is a buffer of whole lines as a source read them. Records are views
// into it, so it lives until the last batch that looks into it is released.
type Chunk struct {
	Bytes []byte // the lines; the source may grow and cut it until Intake.Begin
	Start Point  // the place of Bytes[0]
	End   Point  // the place after the chunk

	charge charge
	refs   atomic.Int32
}

var chunkPool = sync.Pool{New: func() any { return &Chunk{Bytes: make([]byte, 0, ChunkSize)} }}

// NewChunk returns an empty chunk of ChunkSize capacity with one reference,
// the caller's.
func NewChunk() *Chunk {
	c := chunkPool.Get().(*Chunk)
	c.refs.Store(1)
	return c
}

func (c *Chunk) retain() { c.refs.Add(1) }

// Release gives up one reference. After the last one the buffer is used again;
// one that had to grow for a long line is left to the garbage collector.
func (c *Chunk) Release() {
	if c.refs.Add(-1) > 0 {
		return
	}
	c.charge.repay()
	if cap(c.Bytes) != ChunkSize {
		return
	}
	c.Bytes, c.Start, c.End = c.Bytes[:0], Point{}, Point{}
	chunkPool.Put(c)
}
