package telemetry

import (
	"maps"
	"time"

	"sluice/pipeline"
)

// What becomes of a record in a stage.
const (
	outcomeOK = iota // passed on; in the last stage, settled as a row
	outcomeDead
	outcomeDropped
	outcomeFiltered
	outcomeRetried // tried again; the record is still under way
	outcomeCount
)

var outcomeNames = [outcomeCount]string{"ok", "dead", "dropped", "filtered", "retried"}

// What a worker is at.
const (
	activityBusy    = iota // running stage code
	activityIdle           // nothing to do
	activityBlocked        // there is work, but no room for it further on, or the stage is paused
	activityCount
)

var activityNames = [activityCount]string{"busy", "idle", "blocked"}

// states are all states of a pipeline.
var states = [...]pipeline.State{
	pipeline.StateIdle, pipeline.StateRunning, pipeline.StatePaused,
	pipeline.StateDraining, pipeline.StateStopped, pipeline.StateFailed,
}

// nameSink is the stage name under which the sink's time is counted.
const nameSink = "sink"

// The stage names of bottlenecks that are no stage.
const (
	nameSource = "source"
	nameRate   = "rate_limit"
)

// stageTotals are the counters of one stage.
type stageTotals struct {
	records [pipeline.LaneCount][outcomeCount]int64
	dropped [pipeline.LaneCount][pipeline.DropReasonCount]int64
	spent   [activityCount]time.Duration
}

// totals are the counters, summed over runs.
type totals struct {
	stages map[string]stageTotals            // by name
	sink   stageTotals                       // time only: what it settles are the records of the last stage
	held   [pipeline.LaneCount]time.Duration // senders, by rate limits
	tries  int64                             // further calls of the sink
}

// plus returns the sum of t and what a run has counted. t stays as it is.
func (t totals) plus(run pipeline.Status) totals {
	sum := totals{stages: make(map[string]stageTotals, len(run.Stages)), sink: t.sink, held: t.held, tries: t.tries + run.Sink.Retries}
	maps.Copy(sum.stages, t.stages)
	for _, stage := range run.Stages {
		s := sum.stages[stage.Name]
		for l := range s.records {
			s.add(l, &stage.Lanes[l])
			for r, n := range stage.Lanes[l].DroppedBy {
				s.dropped[l][r] += n
			}
		}
		s.spend(stage.Busy, stage.Idle, stage.Blocked)
		sum.stages[stage.Name] = s
	}
	for l, lane := range run.Rate.Lanes {
		sum.held[l] += lane.Held
	}
	sum.sink.spend(run.Sink.Busy, run.Sink.Idle, 0)
	return sum
}

// add counts a lane of a run.
func (s *stageTotals) add(lane int, c *pipeline.LaneStatus) {
	r := &s.records[lane]
	r[outcomeOK] += c.Persisted
	r[outcomeDead] += c.Dead
	r[outcomeDropped] += c.Dropped
	r[outcomeFiltered] += c.Filtered
	r[outcomeRetried] += c.Retried
}

func (s *stageTotals) spend(busy, idle, blocked time.Duration) {
	s.spent[activityBusy] += busy
	s.spent[activityIdle] += idle
	s.spent[activityBlocked] += blocked
}
