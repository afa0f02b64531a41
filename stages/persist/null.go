package persist

import (
	"context"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// nullSink takes everything and keeps nothing, for measuring all that comes
// before a sink.
type nullSink struct{}

func openNull(layout *row.Layout) *Output {
	o := &Output{sink: nullSink{}}
	if layout != nil {
		o.encoder = row.NewEncoder(layout)
	}
	return o
}

// Write implements pipeline.Sink.
func (nullSink) Write(_ context.Context, g *pipeline.Group) (settled bool, err error) {
	for _, b := range g.Batches {
		if rows := row.Take(b); rows != nil {
			rows.Release()
		}
	}
	return true, nil
}

// Flush implements pipeline.Sink.
func (nullSink) Flush(context.Context) error { return nil }
