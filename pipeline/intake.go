package pipeline

import "context"

// Intake is the way in for one input: it turns lines into batches by lane,
// skips what earlier runs have settled, and holds the source back while there
// is no room. For one goroutine.
//
// A source calls Begin with a chunk, Add for each of its lines that is not
// blank, and Flush. Those three handle one chunk; nothing of it reaches the
// pipeline before Flush.
type Intake struct {
	start Progress
	// skeleton
}

type chunkEntry struct{}
type charge struct{}

func (c *charge) repay() {}

// Begin takes over the caller's reference to the chunk, whose Start and End
// are set.
func (in *Intake) Begin(c *Chunk) { panic("skeleton") }

// Add takes one line, a view into the chunk's bytes without its line end, that
// starts at position and is the line-th of the source. It blocks on nothing.
func (in *Intake) Add(raw []byte, position, line int64) { panic("skeleton") }

// AddTooLong takes a line of size bytes of which only raw was kept. It becomes
// a dead letter with CodeTooLong.
func (in *Intake) AddTooLong(raw []byte, position, line, size int64) { panic("skeleton") }

// Flush sends the chunk's batches, the most urgent lane first. It blocks while
// a lane has no room in the first channel or in the budget. When ctx ends it
// goes on until the batches are in or the run is cancelled hard, because what
// was read from a pipe cannot be read again; ctx is only for a durable source,
// whose unsent batches are given up.
func (in *Intake) Flush(ctx context.Context) error { panic("skeleton") }
