package telemetry

import (
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
	activityBlocked        // there is work, but no room for it further on
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

// nameSource is the stage name of a bottleneck that lies before all stages.
const nameSource = "source"

// stageTotals are the counters of one stage.
type stageTotals struct {
	records [pipeline.LaneCount][outcomeCount]int64
	spent   [activityCount]time.Duration
}

// totals are the counters by stage name, summed over runs.
type totals map[string]stageTotals

// plus returns the sum of t and what a run has counted. t stays as it is.
func (t totals) plus(run pipeline.Status) totals {
	sum := make(totals, len(t)+len(run.Stages)+1)
	for name, s := range t {
		sum[name] = s
	}
	for _, stage := range run.Stages {
		s := sum[stage.Name]
		for l := range s.records {
			s.add(l, stage.Lanes[l].Counts)
		}
		s.spend(stage.Busy, stage.Idle, stage.Blocked)
		sum[stage.Name] = s
	}
	sink := sum[nameSink]
	sink.spend(run.Sink.Busy, run.Sink.Idle, 0)
	sum[nameSink] = sink
	return sum
}

func (s *stageTotals) add(lane int, c pipeline.Counts) {
	r := &s.records[lane]
	r[outcomeOK] += c.Persisted
	r[outcomeDead] += c.Dead
	r[outcomeDropped] += c.Dropped
	r[outcomeFiltered] += c.Filtered
}

func (s *stageTotals) spend(busy, idle, blocked time.Duration) {
	s.spent[activityBusy] += busy
	s.spent[activityIdle] += idle
	s.spent[activityBlocked] += blocked
}
