package pipeline

import "context"

// Pipeline is one run of records through stage pools into a sink. It is made
// for one run: New, Run, and Status at any time.
type Pipeline struct{}

// New checks the configuration and builds the pipeline. Nothing starts.
func New(cfg Config) (*Pipeline, error) { panic("skeleton") }

// Run reads src to its end and returns when everything is settled. Cancelling
// ctx stops soft, then hard: the source stops reading, the stages drain in the
// order of the data for at most DrainTimeout, then what is left is cancelled
// and counted as left. Run returns nil when the input came to its end and all
// was settled; otherwise an error for errors.Is: ErrStopped (drained, but the
// input had more), ErrDrainTimeout, ErrAborted, ErrSourceTruncated, or what the
// source, a stage or the sink failed with.
func (p *Pipeline) Run(ctx context.Context, src Source) error { panic("skeleton") }

// Abort ends the run at once: nothing more is drained.
func (p *Pipeline) Abort(cause error) { panic("skeleton") }

// Resize changes the number of a stage's workers while it runs.
func (p *Pipeline) Resize(stage string, workers int) error { panic("skeleton") }

// Status returns a picture of the run. It may be called at any time, from any
// goroutine.
func (p *Pipeline) Status() Status { panic("skeleton") }

// NewBatch makes a batch of the given lines, for tests of stages and sinks of
// one's own. The records' positions are those of the lines one after another.
func NewBatch(lane Lane, lines ...string) *Batch {
	b := newBatch(lane)
	var position int64
	for i, line := range lines {
		b.add([]byte(line), position, int64(i+1), int64(len(line)))
		position += int64(len(line)) + 1
	}
	return b
}
