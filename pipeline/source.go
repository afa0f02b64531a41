package pipeline

import "context"

// Source feeds a run. Run reads until its input ends, the context ends or an
// error, and hands every line to an Intake of feed. When the context ends it
// stops reading, returns nil and may leave the rest unread; it must not give
// up bytes that it has read from a source that cannot be read again (see
// Intake.Flush). Run is called once a run, from one goroutine.
type Source interface {
	Run(ctx context.Context, feed Feed) error
}

// Feed opens intakes. A source that reads several inputs takes one for each.
type Feed interface {
	// Intake opens the way in for one input. start is where an earlier run
	// got to, the zero Progress otherwise; its Source is empty for an input
	// that cannot be read again, whose progress nobody stores. rule is the
	// lane rule for what lies at or above start.High.
	Intake(start Progress, rule LaneRule) (*Intake, error)
}

// Point is a place between two lines of a source.
type Point struct {
	Position int64  // bytes before it, decompressed
	Line     int64  // lines before it
	Mark     string // proof of what stands before it; "" where the source gives none
}
