package telemetry

import (
	"time"

	"sluice/pipeline"
)

// bottleneckSpan is the least time over which a bottleneck is looked for, once
// a run is that old. Several readers collect at paces of their own; none of them
// shortens the span of another.
const bottleneckSpan = 10 * time.Second

// window keeps two earlier pictures of a run, the newer at least bottleneckSpan
// after the older, to tell what holds the run back of late. The zero value stands
// at the beginning of a run.
type window struct {
	older, newer pipeline.Status
	at           time.Time // of newer; zero before the first picture
}

// bottleneck takes the newest picture and names what held the run back since the
// older one: a stage, "source" or "".
func (w *window) bottleneck(now pipeline.Status, at time.Time) string {
	if w.at.IsZero() {
		w.at = at
	}
	if at.Sub(w.at) >= bottleneckSpan {
		w.older, w.newer, w.at = w.newer, now, at
	}
	return pipeline.Bottleneck(w.older, now)
}
