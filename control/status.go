package control

import (
	"math"
	"os"
	"time"

	"sluice/pipeline"
)

// Status is one consistent picture of sluice, as GET /v1/status shows it. Where
// a run has ended, it is that run's until the next one is open.
type Status struct {
	State      pipeline.State  `json:"state"`
	Since      time.Time       `json:"since"` // of State
	Runs       int64           `json:"runs"`  // opened since the process began
	Instance   string          `json:"instance"`
	PID        int             `json:"pid"`
	Version    string          `json:"version"`
	LastRecord *time.Time      `json:"last_record"` // when the newest records were read; nil before the first
	LastError  string          `json:"last_error"`  // why the last run did not end as it should, or could not be opened
	Bottleneck string          `json:"bottleneck"`  // as pipeline.Bottleneck names it
	Ledger     pipeline.Counts `json:"ledger"`
	Rate       *Rate           `json:"rate,omitempty"`     // nil without a rate limit
	Followed   *Followed       `json:"followed,omitempty"` // nil where no files are followed
	Stages     []Stage         `json:"stages"`             // in the order of the data; empty before the first run
	Sink       Sink            `json:"sink"`
	// DeadLetters names where the dead letters are: the same for processes that
	// share them; empty for nowhere. It has no secret.
	DeadLetters string `json:"dead_letters"`
}

// Followed is how far a run is with the files that it follows. List has those that
// are furthest behind, not all when they are many.
type Followed struct {
	Files    int            `json:"files"`
	LagBytes int64          `json:"lag_bytes"` // that have not been read, over all files
	List     []FollowedFile `json:"list"`
}

// FollowedFile is one file of Followed. State is reading, at end, waiting, copy,
// closing or unreadable. Position counts decompressed bytes, Size those of the file.
type FollowedFile struct {
	Path     string `json:"path"`
	State    string `json:"state"`
	Position int64  `json:"position"`
	Size     int64  `json:"size"`
	LagBytes int64  `json:"lag_bytes"`
}

// Rate is how the rate limits hold senders up. Held is the share of the time, 0 to
// 1, in which at least one sender waited for a limit, over the same time as the
// shares of stages.
type Rate struct {
	Held  float64    `json:"held"`
	Lanes []RateLane `json:"lanes"` // most urgent first
}

// RateLane is one lane of Rate.
type RateLane struct {
	Lane    string  `json:"lane"`
	Waiting int     `json:"waiting"` // senders held now
	HeldS   float64 `json:"held_s"`  // seconds that senders were held in this run, summed over them
}

// Stage is one stage with the channel before it. Busy, Idle and Blocked are
// shares of its workers' time, 0 to 1, over the last few seconds, or over the
// whole of a run that has ended.
type Stage struct {
	Name    string  `json:"name"`
	Workers int     `json:"workers"`
	Busy    float64 `json:"busy"`    // running stage code
	Idle    float64 `json:"idle"`    // nothing to do
	Blocked float64 `json:"blocked"` // work, but no room for it further on
	Paused  bool    `json:"paused"`
	// Breaker is closed, open or half-open; empty where there is none. ProbeInS is
	// the seconds until an open one lets a probe through.
	Breaker   string  `json:"breaker"`
	ProbeInS  float64 `json:"probe_in_s"`
	LastError string  `json:"last_error"` // of the last call that failed and is, or was, tried again
	Lanes     []Lane  `json:"lanes"`      // most urgent first
}

// Sink is the end of the pipeline.
type Sink struct {
	Retries      int64      `json:"retries"`       // times it was called again
	LastError    string     `json:"last_error"`    // what for, the last time
	WaitingSince *time.Time `json:"waiting_since"` // when it began to fail with what it is to take over now; nil while it works
	NextTry      *time.Time `json:"next_try"`      // when it is called again
	Breaker      string     `json:"breaker"`
}

// Lane is one lane of a stage: its channel, and what the stage has done.
type Lane struct {
	Lane       string            `json:"lane"`
	Depth      int               `json:"depth"`    // records waiting
	Capacity   int               `json:"capacity"` // records
	Full       pipeline.FullMode `json:"full"`
	Bytes      int64             `json:"bytes"`        // raw bytes waiting
	OldestAgeS float64           `json:"oldest_age_s"` // seconds that the oldest batch has waited
	In         int64             `json:"in"`           // records that entered
	Out        int64             `json:"out"`          // passed on; settled, for the last stage
	Dead       int64             `json:"dead"`
	Dropped    int64             `json:"dropped"`
	// DroppedBy are the terms of Dropped by reason: write, oldest, newest, rate.
	DroppedBy    map[string]int64 `json:"dropped_by,omitempty"`
	LongestWaitS float64          `json:"longest_wait_s"` // the longest that any batch has waited here
	Retried      int64            `json:"retried"`        // records tried again, each time anew
	Retrying     int64            `json:"retrying"`       // records of batches that wait to be tried again
	RetryInS     float64          `json:"retry_in_s"`     // seconds until the first of those is
}

// status takes the picture.
func (l *loop) status() Status {
	now, before := l.picture()
	s := Status{
		State:       l.state,
		Since:       l.since.UTC(),
		Runs:        l.runs,
		Instance:    l.cfg.Instance,
		PID:         os.Getpid(),
		Version:     l.cfg.Version,
		LastError:   l.lastError,
		Bottleneck:  pipeline.Bottleneck(before, now),
		Ledger:      now.Ledger.Counts,
		DeadLetters: l.cfg.DeadLetters,
		Stages:      make([]Stage, len(now.Stages)),
	}
	if now.Rate.Limited {
		s.Rate = rate(&now.Rate, &before.Rate)
	}
	if at := now.Ledger.LastRecord; !at.IsZero() {
		s.LastRecord = new(at.UTC())
	}
	for i := range now.Stages {
		var old pipeline.StageStatus
		if i < len(before.Stages) {
			old = before.Stages[i]
		}
		s.Stages[i] = stage(&now.Stages[i], &old)
	}
	s.Sink = sink(&now.Sink)
	if l.run != nil && l.run.followed != nil {
		s.Followed = l.run.followed()
	}
	return s
}

func sink(now *pipeline.SinkStatus) Sink {
	s := Sink{Retries: now.Retries, LastError: now.LastError, Breaker: string(now.Breaker)}
	if !now.WaitingSince.IsZero() {
		s.WaitingSince, s.NextTry = new(now.WaitingSince.UTC()), new(now.NextTry.UTC())
	}
	return s
}

// picture returns the engine's status and the one to compare it with.
func (l *loop) picture() (now, before pipeline.Status) {
	if l.run == nil || l.run.pipeline == nil {
		return l.last, pipeline.Status{}
	}
	return l.run.pipeline.Status(), l.samples.before(time.Now())
}

func rate(now, before *pipeline.RateStatus) *Rate {
	held, free := now.Held-before.Held, now.Free-before.Free
	r := &Rate{Held: share(held, held+free), Lanes: make([]RateLane, len(now.Lanes))}
	for i, lane := range now.Lanes {
		r.Lanes[i] = RateLane{Lane: pipeline.Lane(i).String(), Waiting: lane.Waiting, HeldS: round(lane.Held.Seconds())}
	}
	return r
}

func stage(now, before *pipeline.StageStatus) Stage {
	busy, idle, blocked := now.Busy-before.Busy, now.Idle-before.Idle, now.Blocked-before.Blocked
	total := busy + idle + blocked
	s := Stage{
		Name: now.Name, Workers: now.Workers, Paused: now.Paused,
		Breaker: string(now.Breaker), ProbeInS: round(now.ProbeIn.Seconds()), LastError: now.LastError,
		Busy: share(busy, total), Idle: share(idle, total), Blocked: share(blocked, total),
		Lanes: make([]Lane, len(now.Lanes)),
	}
	for i := range now.Lanes {
		from := &now.Lanes[i]
		s.Lanes[i] = Lane{
			Lane:         pipeline.Lane(i).String(),
			Depth:        from.Depth,
			Capacity:     from.Capacity,
			Full:         from.Full,
			Bytes:        from.Bytes,
			OldestAgeS:   round(from.OldestAge.Seconds()),
			In:           from.Accepted,
			Out:          from.Persisted,
			Dead:         from.Dead,
			Dropped:      from.Dropped,
			DroppedBy:    droppedBy(from),
			LongestWaitS: round(from.LongestWait.Seconds()),
			Retried:      from.Retried,
			Retrying:     from.Retrying,
			RetryInS:     round(from.RetryIn.Seconds()),
		}
	}
	return s
}

func droppedBy(lane *pipeline.LaneStatus) map[string]int64 {
	var by map[string]int64
	for reason, n := range lane.DroppedBy {
		if n > 0 {
			if by == nil {
				by = map[string]int64{}
			}
			by[pipeline.DropReason(reason).String()] = n
		}
	}
	return by
}

func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return round(float64(part) / float64(whole))
}

// round keeps three decimals, which is what a person reads.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
