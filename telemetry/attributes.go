package telemetry

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"sluice/pipeline"
)

// attributes holds the attribute sets of measurements, built once: the lanes' at
// the start, a stage's when it is first named. Reading is free of locks and of
// allocation.
type attributes struct {
	lanes  [pipeline.LaneCount][]metric.RecordOption
	rates  [pipeline.LaneCount]metric.MeasurementOption // lanes, as observations take them
	states map[pipeline.State]metric.MeasurementOption
	stages atomic.Pointer[map[string]*stageAttributes]

	grow sync.Mutex // held to add to stages
}

// stageAttributes are the sets of one stage.
type stageAttributes struct {
	stage      metric.MeasurementOption
	lanes      [pipeline.LaneCount]metric.MeasurementOption
	durations  [pipeline.LaneCount][]metric.RecordOption // lanes, as Record takes them
	outcomes   [pipeline.LaneCount][outcomeCount]metric.MeasurementOption
	reasons    [pipeline.LaneCount][pipeline.DropReasonCount]metric.MeasurementOption
	activities [activityCount]metric.MeasurementOption
	breakers   map[pipeline.BreakerState]metric.MeasurementOption
}

func newAttributes() *attributes {
	a := &attributes{states: map[pipeline.State]metric.MeasurementOption{}}
	for l := range a.lanes {
		a.rates[l] = with(lane(l))
		a.lanes[l] = []metric.RecordOption{a.rates[l]}
	}
	for _, s := range states {
		a.states[s] = with(keyState.String(string(s)))
	}
	a.stages.Store(&map[string]*stageAttributes{})
	return a
}

// of returns the sets of a stage.
func (a *attributes) of(stage string) *stageAttributes {
	if s, ok := (*a.stages.Load())[stage]; ok {
		return s
	}
	return a.add(stage)
}

func (a *attributes) add(stage string) *stageAttributes {
	a.grow.Lock()
	defer a.grow.Unlock()
	stages := maps.Clone(*a.stages.Load())
	s, ok := stages[stage]
	if !ok {
		s = newStageAttributes(stage)
		stages[stage] = s
		a.stages.Store(&stages)
	}
	return s
}

func newStageAttributes(stage string) *stageAttributes {
	name := keyStage.String(stage)
	s := &stageAttributes{stage: with(name), breakers: map[pipeline.BreakerState]metric.MeasurementOption{}}
	for _, state := range pipeline.BreakerStates {
		s.breakers[state] = with(name, keyBreaker.String(string(state)))
	}
	for l := range s.lanes {
		s.lanes[l] = with(name, lane(l))
		s.durations[l] = []metric.RecordOption{s.lanes[l]}
		for o, outcome := range outcomeNames {
			s.outcomes[l][o] = with(name, lane(l), keyOutcome.String(outcome))
		}
		for r := range pipeline.DropReasonCount {
			s.reasons[l][r] = with(name, lane(l), keyReason.String(r.String()))
		}
	}
	for i, activity := range activityNames {
		s.activities[i] = with(name, keyActivity.String(activity))
	}
	return s
}

func lane(l int) attribute.KeyValue { return keyLane.String(pipeline.Lane(l).String()) }

func with(kv ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(kv...))
}
