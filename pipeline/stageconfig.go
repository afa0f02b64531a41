package pipeline

import (
	"fmt"
	"time"
)

// Defaults and bounds of StageConfig.
const (
	DefaultWorkers  = 2
	MaxWorkers      = 1024
	DefaultAgeShare = 4
)

// StageConfig is one stage with the channel before it.
type StageConfig struct {
	Name     string
	Stage    Stage // nil passes everything through
	Workers  int   // 0 for DefaultWorkers
	Schedule Schedule
	AgeShare int // one of so many picks may go to an overdue lane, at least 2; 0 for DefaultAgeShare
	Lanes    [LaneCount]LaneConfig
	Retry    RetryConfig   // of what fails with a Transient error, or is late
	Breaker  BreakerConfig // the zero value is none
	Timeout  time.Duration // of one call of Stage.Process, for at most MaxBatchRecords; 0 for none
	Fallback Fallback      // "" for FallbackDeadLetter
}

// WithDefaults returns the stage as a pipeline takes it, with every zero field
// that has a default filled in.
func (c StageConfig) WithDefaults() StageConfig {
	setDefault(&c.Workers, DefaultWorkers)
	setDefault(&c.Schedule, ScheduleWeighted)
	setDefault(&c.AgeShare, DefaultAgeShare)
	c = c.withResilience()
	for l, lane := range c.Lanes {
		c.Lanes[l] = lane.withDefaults(Lane(l))
	}
	return c
}

// validate reports the mistakes of a stage that has its defaults.
func (c StageConfig) validate(bad func(key, format string, args ...any)) {
	if c.Workers < 1 || c.Workers > MaxWorkers {
		bad(c.Name+".workers", "%d; expected 1 to %d", c.Workers, MaxWorkers)
	}
	if c.Schedule != ScheduleWeighted && c.Schedule != ScheduleStrict {
		bad(c.Name+".schedule", "%q; expected weighted or strict", c.Schedule)
	}
	if c.AgeShare < 2 || c.AgeShare > 1000 {
		bad(c.Name+".schedule.age_share", "%d; expected 2 to 1000: one of so many picks goes to an overdue lane", c.AgeShare)
	}
	c.validateResilience(bad)
	for l, lane := range c.Lanes {
		lane.validate(func(key, format string, args ...any) {
			bad(fmt.Sprintf("%s.lanes.%s.%s", c.Name, Lane(l), key), format, args...)
		})
	}
}

// toSink is the hand-over to the sink, which never drops: what comes here is
// encoded, and the sink takes it as fast as it can. A whole group of a GroupSizer
// may wait in each lane while it is at the one before.
func toSink(last StageConfig, sink Sink) ChannelConfig {
	cfg := ChannelConfig{Stage: last.Name, Schedule: last.Schedule, AgeShare: last.AgeShare, Lanes: last.Lanes}
	group := 0
	if s, ok := sink.(GroupSizer); ok {
		group, _ = s.GroupSize()
	}
	for l := range cfg.Lanes {
		cfg.Lanes[l].Full = FullWait
		cfg.Lanes[l].Capacity = max(cfg.Lanes[l].Capacity, group)
	}
	return cfg
}
