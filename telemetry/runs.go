package telemetry

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"

	"sluice/pipeline"
)

// Run is a run of a pipeline: *pipeline.Pipeline.
type Run interface {
	// Status may be called at any time, from any goroutine, and does not wait.
	Status() pipeline.Status
}

// runs follows the runs of a process, one at a time, and answers whoever
// collects: gauges from the run there is, counters from all there have been.
type runs struct {
	instruments *instruments
	attributes  *attributes
	sourceSize  func() (int64, bool)
	sourceLag   func() (int64, bool)

	mu      sync.Mutex // guards what follows
	current Run        // nil between runs
	number  int        // of current, counted from 1
	ended   totals     // of the runs that are over
	state   pipeline.State
	window  window
}

// follow takes a run as the current one. The function it returns ends that, with
// the run's last counts added up; only its first call counts.
func (r *runs) follow(run Run) (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endLocked()
	r.current, r.window = run, window{}
	r.number++
	number := r.number
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.number == number {
			r.endLocked()
		}
	})
}

func (r *runs) endLocked() {
	if r.current == nil {
		return
	}
	s := r.current.Status()
	r.ended, r.state, r.current = r.ended.plus(s), s.State, nil
}

// observe is the one callback of all observable instruments: it takes one
// picture of the run, so that what is collected together fits together.
func (r *runs) observe(_ context.Context, o metric.Observer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	sums, state := r.ended, r.state
	if r.current != nil {
		s := r.current.Status()
		sums, state = sums.plus(s), s.State
		r.observeGauges(o, s)
		r.observeBottleneck(o, s, r.window.bottleneck(s, time.Now()))
	}
	r.observeTotals(o, sums)
	for _, s := range states {
		o.ObserveInt64(r.instruments.state, oneIf(s == state), r.attributes.states[s])
	}
	if r.sourceSize != nil {
		if n, ok := r.sourceSize(); ok {
			o.ObserveInt64(r.instruments.sourceSize, n)
		}
	}
	if r.sourceLag != nil {
		if n, ok := r.sourceLag(); ok {
			o.ObserveInt64(r.instruments.sourceLag, n)
		}
	}
	return nil
}

func (r *runs) observeGauges(o metric.Observer, s pipeline.Status) {
	i := r.instruments
	for l, lane := range s.Rate.Lanes {
		o.ObserveInt64(i.rateWaiting, int64(lane.Waiting), r.attributes.rates[l])
	}
	for _, stage := range s.Stages {
		attrs := r.attributes.of(stage.Name)
		o.ObserveInt64(i.stageWorkers, int64(stage.Workers), attrs.stage)
		for l, lane := range stage.Lanes {
			o.ObserveInt64(i.queueDepth, int64(lane.Depth), attrs.lanes[l])
			o.ObserveInt64(i.queueCapacity, int64(lane.Capacity), attrs.lanes[l])
			o.ObserveInt64(i.queueSize, lane.Bytes, attrs.lanes[l])
			o.ObserveFloat64(i.queueAge, lane.OldestAge.Seconds(), attrs.lanes[l])
			o.ObserveInt64(i.stageBackoff, lane.Retrying, attrs.lanes[l])
		}
		r.observeBreaker(o, attrs, stage.Breaker)
	}
	r.observeBreaker(o, r.attributes.of(nameSink), s.Sink.Breaker)
	waiting := 0.0
	if !s.Sink.WaitingSince.IsZero() {
		waiting = time.Since(s.Sink.WaitingSince).Seconds()
	}
	o.ObserveFloat64(i.sinkWaiting, waiting)
}

// observeBreaker observes nothing where there is no breaker.
func (r *runs) observeBreaker(o metric.Observer, attrs *stageAttributes, in pipeline.BreakerState) {
	if in == "" {
		return
	}
	for _, s := range pipeline.BreakerStates {
		o.ObserveInt64(r.instruments.stageBreaker, oneIf(s == in), attrs.breakers[s])
	}
}

func (r *runs) observeBottleneck(o metric.Observer, s pipeline.Status, name string) {
	for _, stage := range s.Stages {
		o.ObserveInt64(r.instruments.bottleneck, oneIf(stage.Name == name), r.attributes.of(stage.Name).stage)
	}
	o.ObserveInt64(r.instruments.bottleneck, oneIf(name == pipeline.BottleneckSource), r.attributes.of(nameSource).stage)
	o.ObserveInt64(r.instruments.bottleneck, oneIf(name == pipeline.BottleneckRate), r.attributes.of(nameRate).stage)
}

func (r *runs) observeTotals(o metric.Observer, sums totals) {
	r.observeSpent(o, nameSink, &sums.sink)
	o.ObserveInt64(r.instruments.sinkRetries, sums.tries)
	for l, held := range sums.held {
		o.ObserveFloat64(r.instruments.rateHeld, held.Seconds(), r.attributes.rates[l])
	}
	for name, sum := range sums.stages {
		r.observeSpent(o, name, &sum)
		for l, outcomes := range r.attributes.of(name).outcomes {
			for outcome, attrs := range outcomes {
				o.ObserveInt64(r.instruments.stageRecords, sum.records[l][outcome], attrs)
			}
			for reason, attrs := range r.attributes.of(name).reasons[l] {
				o.ObserveInt64(r.instruments.stageDropped, sum.dropped[l][reason], attrs)
			}
		}
	}
}

func (r *runs) observeSpent(o metric.Observer, name string, sum *stageTotals) {
	for activity, attrs := range r.attributes.of(name).activities {
		o.ObserveFloat64(r.instruments.stageBusy, sum.spent[activity].Seconds(), attrs)
	}
}

func oneIf(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
