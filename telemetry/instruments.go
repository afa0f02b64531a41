package telemetry

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/metric"
)

// instruments are the rows of table, made by one meter.
type instruments struct {
	queueDepth, queueCapacity, queueSize metric.Int64ObservableGauge
	queueAge                             metric.Float64ObservableGauge
	stageRecords, stageDropped           metric.Int64ObservableCounter
	stageDuration, recordLatency         metric.Float64Histogram
	stageWorkers                         metric.Int64ObservableGauge
	stageBusy                            metric.Float64ObservableCounter
	stageBreaker, stageBackoff           metric.Int64ObservableGauge
	sinkRetries                          metric.Int64ObservableCounter
	sinkWaiting                          metric.Float64ObservableGauge
	rateHeld                             metric.Float64ObservableCounter
	rateWaiting                          metric.Int64ObservableGauge
	sourceSize, sourceLag                metric.Int64ObservableGauge
	state, bottleneck                    metric.Int64ObservableGauge
}

func newInstruments(meter metric.Meter) (*instruments, error) {
	m := maker{meter: meter}
	i := &instruments{
		queueDepth:    m.intGauge(queueDepth),
		queueCapacity: m.intGauge(queueCapacity),
		queueSize:     m.intGauge(queueSize),
		queueAge:      m.floatGauge(queueAge),
		stageRecords:  m.intCounter(stageRecords),
		stageDropped:  m.intCounter(stageDropped),
		stageDuration: m.histogram(stageDuration, durationBuckets),
		recordLatency: m.histogram(recordLatency, latencyBuckets),
		stageWorkers:  m.intGauge(stageWorkers),
		stageBusy:     m.floatCounter(stageBusy),
		stageBreaker:  m.intGauge(stageBreaker),
		stageBackoff:  m.intGauge(stageBackoff),
		sinkRetries:   m.intCounter(sinkRetries),
		sinkWaiting:   m.floatGauge(sinkWaiting),
		rateHeld:      m.floatCounter(rateHeld),
		rateWaiting:   m.intGauge(rateWaiting),
		sourceSize:    m.intGauge(sourceSize),
		sourceLag:     m.intGauge(sourceLag),
		state:         m.intGauge(pipelineState),
		bottleneck:    m.intGauge(pipelineBottleneck),
	}
	return i, errors.Join(m.errs...)
}

// observables are the instruments that are read when somebody collects.
func (i *instruments) observables() []metric.Observable {
	return []metric.Observable{
		i.queueDepth, i.queueCapacity, i.queueSize, i.queueAge, i.stageRecords, i.stageDropped,
		i.stageWorkers, i.stageBusy, i.rateHeld, i.rateWaiting, i.sourceSize, i.sourceLag, i.state, i.bottleneck,
		i.stageBreaker, i.stageBackoff, i.sinkRetries, i.sinkWaiting,
	}
}

// maker makes instruments out of rows of table and keeps what goes wrong.
type maker struct {
	meter metric.Meter
	errs  []error
}

func (m *maker) intGauge(row int) metric.Int64ObservableGauge {
	s := table[row]
	i, err := m.meter.Int64ObservableGauge(s.name, metric.WithUnit(s.unit), metric.WithDescription(s.help))
	m.keep(s, err)
	return i
}

func (m *maker) floatGauge(row int) metric.Float64ObservableGauge {
	s := table[row]
	i, err := m.meter.Float64ObservableGauge(s.name, metric.WithUnit(s.unit), metric.WithDescription(s.help))
	m.keep(s, err)
	return i
}

func (m *maker) intCounter(row int) metric.Int64ObservableCounter {
	s := table[row]
	i, err := m.meter.Int64ObservableCounter(s.name, metric.WithUnit(s.unit), metric.WithDescription(s.help))
	m.keep(s, err)
	return i
}

func (m *maker) floatCounter(row int) metric.Float64ObservableCounter {
	s := table[row]
	i, err := m.meter.Float64ObservableCounter(s.name, metric.WithUnit(s.unit), metric.WithDescription(s.help))
	m.keep(s, err)
	return i
}

func (m *maker) histogram(row int, buckets []float64) metric.Float64Histogram {
	s := table[row]
	i, err := m.meter.Float64Histogram(s.name, metric.WithUnit(s.unit), metric.WithDescription(s.help),
		metric.WithExplicitBucketBoundaries(buckets...))
	m.keep(s, err)
	return i
}

func (m *maker) keep(s spec, err error) {
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("make instrument %s: %w", s.name, err))
	}
}
