package pipeline

import (
	"math"
	"time"
)

// LongestWait is the longest that a batch can wait in the stage's channel, from
// its coming in to a worker's taking it, when the stage spends at most service on
// a record; false when the schedule gives no bound, as strict does for a lane
// without MaxWait, or none that a Duration can say. It holds for the time in which nothing holds the lane back: no
// pause, no breaker or back-off, room further on, and no batch before it that
// takes the stage longer than the whole of the lane's window takes.
//
// With M the largest batch, Q = Weight x M the lane's quantum, C its capacity, N
// the workers that no lane has reserved and s the service time, the weighted
// schedule gives
//
//	W = C + ceil(C/Q) x sum over the other lanes of (Q + M)    records before it
//	wait <= W x s/N + M x s
//
// because a visit of the round robin ends at most M beyond its quantum, and a
// worker may just have begun another batch of M. When another lane ages, one of
// every K records may be an overdue one, and W grows to W x K/(K-1) + M.
//
// A lane with MaxWait has another bound under either schedule: once it is overdue,
// each of the B batches that came in before it in lanes that age takes at most K
// picks of M records:
//
//	wait <= MaxWait + B x K x M x s/N + M x s
//
// where B is at most the sum of those lanes' capacities, with batches of one
// record.
func (c StageConfig) LongestWait(lane Lane, service time.Duration) (time.Duration, bool) {
	c = c.WithDefaults()
	free := c.Workers
	for _, l := range c.Lanes {
		free -= l.Reserve
	}
	shortest, bounded := time.Duration(math.MaxInt64), false
	bound := func(wait time.Duration, records int64) {
		if float64(wait)+float64(records+MaxBatchRecords)*float64(service) > math.MaxInt64/2 {
			return
		}
		wait += time.Duration(records)*service/time.Duration(max(1, free)) + MaxBatchRecords*service
		shortest, bounded = min(shortest, wait), true
	}
	if c.Schedule == ScheduleWeighted {
		bound(0, c.recordsBefore(lane))
	}
	if own := c.Lanes[lane]; own.MaxWait > 0 {
		var batches int64
		for _, l := range c.Lanes {
			if l.MaxWait > 0 {
				batches += int64(l.Capacity)
			}
		}
		bound(own.MaxWait, batches*int64(c.AgeShare)*MaxBatchRecords)
	}
	if !bounded {
		return 0, false
	}
	return shortest, true
}

// RecordsBefore is W of LongestWait: the most records that the weighted schedule
// takes from the channel before the last one of the lane when it is full. It is
// false under strict, which sets no limit.
func (c StageConfig) RecordsBefore(lane Lane) (int64, bool) {
	c = c.WithDefaults()
	if c.Schedule != ScheduleWeighted {
		return 0, false
	}
	return c.recordsBefore(lane), true
}

// recordsBefore is how many records a weighted schedule may take before the last
// one of a full lane.
func (c StageConfig) recordsBefore(lane Lane) int64 {
	own := c.Lanes[lane]
	visits := ceilDiv(own.Capacity, own.Weight*MaxBatchRecords)
	records, ages := own.Capacity, false
	for l, other := range c.Lanes {
		if Lane(l) == lane {
			continue
		}
		records += visits * (other.Weight + 1) * MaxBatchRecords
		ages = ages || other.MaxWait > 0
	}
	if ages {
		records = ceilDiv(records*c.AgeShare, c.AgeShare-1) + MaxBatchRecords
	}
	return int64(records)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
