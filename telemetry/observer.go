package telemetry

import (
	"context"
	"time"

	"sluice/pipeline"
)

// observer is the engine's Observer: it adds to two histograms in memory, without
// allocation and without waiting for any exporter.
type observer struct {
	instruments *instruments
	attributes  *attributes
}

// Processed implements pipeline.Observer.
func (o *observer) Processed(stage string, lane pipeline.Lane, d time.Duration) {
	o.instruments.stageDuration.Record(context.Background(), d.Seconds(), o.attributes.of(stage).durations[lane]...)
}

// Settled implements pipeline.Observer.
func (o *observer) Settled(lane pipeline.Lane, latency time.Duration) {
	o.instruments.recordLatency.Record(context.Background(), latency.Seconds(), o.attributes.lanes[lane]...)
}
