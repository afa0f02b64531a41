package pipeline

import "time"

// Observer is told what a run does, once a batch, by the goroutines that do it:
// it must not block.
type Observer interface {
	// Processed says that a stage has worked on a batch for so long.
	Processed(stage string, lane Lane, d time.Duration)
	// Settled says that a batch was settled so long after it was framed.
	Settled(lane Lane, latency time.Duration)
}
