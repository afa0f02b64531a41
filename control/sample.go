package control

import (
	"time"

	"sluice/pipeline"
)

// Shares and the bottleneck are taken over the time since the oldest sample.
const (
	sampleEvery = time.Second
	sampleCount = 5
)

// samples are the run's latest pictures, one a second, so that what a status
// shows depends on the run and not on who asks how often.
type samples struct {
	ring [sampleCount]sample
	n    int // taken so far
}

type sample struct {
	at     time.Time
	status pipeline.Status
}

func (s *samples) reset() { *s = samples{} }

func (s *samples) add(at time.Time, status pipeline.Status) {
	s.ring[s.n%sampleCount] = sample{at: at, status: status}
	s.n++
}

// before returns the oldest sample, if it is at least sampleEvery old; the
// beginning of the run, which is the zero Status, otherwise.
func (s *samples) before(now time.Time) pipeline.Status {
	if s.n == 0 {
		return pipeline.Status{}
	}
	oldest := &s.ring[0]
	if s.n > sampleCount {
		oldest = &s.ring[s.n%sampleCount]
	}
	if now.Sub(oldest.at) < sampleEvery {
		return pipeline.Status{}
	}
	return oldest.status
}

// sample keeps a picture of the run that is on.
func (l *loop) sample(now time.Time) {
	if l.run != nil && l.run.pipeline != nil {
		l.samples.add(now, l.run.pipeline.Status())
	}
}
