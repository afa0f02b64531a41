package ingest

import (
	"context"

	"sluice/pipeline"
)

// intake is what a source needs of *pipeline.Intake.
type intake interface {
	Begin(c *pipeline.Chunk)
	Add(raw []byte, position, line int64)
	AddTooLong(raw []byte, position, line, size int64)
	Flush(ctx context.Context) error
}

// openFunc opens the intake of one input.
type openFunc func(start pipeline.Progress) (intake, error)

func intakeOf(feed pipeline.Feed, rule pipeline.LaneRule) openFunc {
	return func(start pipeline.Progress) (intake, error) {
		in, err := feed.Intake(start, rule)
		if err != nil {
			return nil, err // a nil *pipeline.Intake would not be a nil intake
		}
		return in, nil
	}
}
