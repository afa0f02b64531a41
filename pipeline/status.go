package pipeline

import (
	"fmt"
	"time"
)

// Counts are the terms of the ledger, in records:
// Accepted = Persisted + Dead + Dropped + Filtered + Left + InFlight.
type Counts struct {
	Accepted  int64 `json:"accepted"`  // lines that are not blank and were not settled by an earlier run
	Persisted int64 `json:"persisted"` // settled as rows
	Dead      int64 `json:"dead"`      // settled as dead letters
	Dropped   int64 `json:"dropped"`   // by a full mode or a rate limit
	Filtered  int64 `json:"filtered"`  // taken out on purpose
	Left      int64 `json:"left"`      // unfinished at a hard stop
	InFlight  int64 `json:"in_flight"` // accepted and not yet any of these
}

// Closes says whether the terms add up.
func (c Counts) Closes() bool {
	return c.Accepted == c.Persisted+c.Dead+c.Dropped+c.Filtered+c.Left+c.InFlight
}

// Ledger is the account of a run, taken under one lock.
type Ledger struct {
	Counts
	Lanes      [LaneCount]Counts
	DeadByCode map[Code]int64
	LastRecord time.Time // when the newest accepted records were framed; zero before the first
}

// State is where a pipeline's run stands.
type State string

// The states of a run.
const (
	StateIdle     State = "idle"
	StateRunning  State = "running"
	StatePaused   State = "paused"
	StateDraining State = "draining"
	StateStopped  State = "stopped"
	StateFailed   State = "failed"
)

// Status is a picture of a run.
type Status struct {
	State  State
	Since  time.Time // of State
	Ledger Ledger
	Stages []StageStatus
	Sink   SinkStatus
	Rate   RateStatus
}

// SinkStatus is the end of the pipeline.
type SinkStatus struct {
	Busy, Idle time.Duration // in the sink, waiting to try again included; without work
	Retries    int64         // times it was called again after a Transient error
	LastError  string        // the last of those
	// WaitingSince is when the sink first failed with what it is to take over now,
	// and NextTry when it is called again; zero while it does not fail.
	WaitingSince, NextTry time.Time
	Breaker               BreakerState
}

// StageStatus is one stage and the channel before it. In Counts, and in those
// of its lanes, Accepted is what entered the stage's channel, Persisted what the
// stage passed on (the last stage: what the sink settled), and Dead and
// Filtered what ended in this stage.
type StageStatus struct {
	Name    string
	Workers int
	Paused  bool
	// How long the stage's workers, summed, have run stage code, had nothing to
	// do, or had work that may not go on: for want of room further on, or because
	// of a pause, a back-off or a breaker.
	Busy, Idle, Blocked time.Duration
	Breaker             BreakerState
	ProbeIn             time.Duration // until an open breaker lets a probe through
	LastError           string        // of the last call that failed and may be made again
	Counts
	Lanes [LaneCount]LaneStatus
}

// LaneStatus is one lane of a channel.
type LaneStatus struct {
	Depth     int // records waiting
	Capacity  int // records
	Full      FullMode
	Bytes     int64         // raw bytes waiting
	OldestAge time.Duration // how long the oldest batch has waited
	// LongestWait is the longest that any batch has waited in the channel, from
	// its coming in to a worker's taking it, since the run began.
	LongestWait time.Duration
	// Retried counts the records that the stage was called again for, each time
	// anew: the one that failed, or all live ones of a batch that failed as a whole.
	Retried int64
	// Retrying are the records of the lane's batches that wait to be tried again,
	// and RetryIn is how long until the first of them is. The lane takes nothing
	// new as long.
	Retrying int64
	RetryIn  time.Duration
	// DroppedBy are the terms of Dropped by reason.
	DroppedBy [DropReasonCount]int64
	Counts
}

// Status returns a picture of the run. It may be called at any time, from any
// goroutine.
func (p *Pipeline) Status() Status {
	ledger, stages := p.ledger.snapshot()
	p.mu.Lock()
	s := Status{State: p.state, Since: p.since, Ledger: ledger}
	p.mu.Unlock()
	s.Sink = p.commits.describe()
	s.Rate = p.rates.status()
	for i, w := range p.pools {
		var stage StageStatus
		for l := range stage.Lanes {
			stage.Lanes[l] = w.in.Lane(Lane(l))
			stage.Lanes[l].Counts = stages[i].lanes[l]
			stage.Lanes[l].DroppedBy = stages[i].drops[l]
			stage.Counts.add(stages[i].lanes[l])
		}
		w.describe(&stage)
		s.Stages = append(s.Stages, stage)
	}
	return s
}

// Resize changes the number of a stage's workers while it runs, 1 to
// MaxWorkers. It does not wait for surplus workers to finish.
func (p *Pipeline) Resize(stage string, workers int) error {
	w, err := p.pool(stage)
	if err != nil {
		return fmt.Errorf("resize: %w", err)
	}
	return w.resize(p.hard, workers)
}
