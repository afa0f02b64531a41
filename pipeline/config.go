package pipeline

import (
	"errors"
	"fmt"
	"time"
)

// Defaults of Config.
const (
	DefaultCapacity       = 4096             // records a lane of a channel
	DefaultBudget         = 64 << 20         // bytes
	DefaultMaxRecordBytes = 1 << 20          // bytes a record
	DefaultDrainTimeout   = 30 * time.Second // soft stop before the hard one
	DefaultGrace          = 5 * time.Second  // hard stop before abandoning
	DefaultWorkers        = 2                // a stage
	DefaultAgeShare       = 4                // picks, one of which may go to an overdue lane
)

// DefaultWeights are the weights of the lanes, critical first.
var DefaultWeights = [LaneCount]int{8, 4, 2, 1}

// Schedule says which lane of a channel is next.
type Schedule string

// The schedules.
const (
	ScheduleWeighted Schedule = "weighted" // deficit round robin by records (Shreedhar and Varghese, 1995)
	ScheduleStrict   Schedule = "strict"   // the most urgent lane that has a batch
)

// LaneConfig is one lane of one channel, and what of its pool is kept for it.
type LaneConfig struct {
	Capacity int           // records, 1 to MaxCapacity; 0 for DefaultCapacity
	Weight   int           // share under ScheduleWeighted, at least 1; 0 for the lane's default
	Full     FullMode      // "" for FullWait
	Dropped  DropTo        // "" for DropToNowhere
	MaxWait  time.Duration // a batch that has waited longer is overdue; 0 for never
	Reserve  int           // workers that only this lane may use; the sum over the lanes is below Workers
}

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

// Config is a whole pipeline. The zero value of every field but Stages and
// Sink takes its default.
type Config struct {
	Stages         []StageConfig // in the order of the data
	Sink           Sink
	Rate           RateConfig            // for all records; the zero value sets no limit
	LaneRates      [LaneCount]RateConfig // for those of each lane, beside Rate
	Budget         int64                 // bytes of records in memory, over all stages
	MaxRecordBytes int                   // what the budget must have room for
	MaxDepth       int                   // nesting that the index follows
	DrainTimeout   time.Duration
	Grace          time.Duration
	// OnBatch, when set, sees each batch when the sink has taken it over, from
	// one goroutine, before its memory is released.
	OnBatch func(*Batch)
	// Observer, when set, is told of every batch's time.
	Observer Observer
}

// ConfigError is one mistake in a configuration. Validate methods join all
// they find.
type ConfigError struct {
	Key     string // dotted, as in the file: "persist.columns.ts.type"
	Message string // what was found, what was expected, what to do
}

func newConfigError(key, format string, args ...any) *ConfigError {
	return &ConfigError{Key: key, Message: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *ConfigError) Error() string { return e.Key + ": " + e.Message }

// withDefaults returns the configuration with every zero field filled in.
func (c Config) withDefaults() Config {
	setDefault(&c.Budget, DefaultBudget)
	setDefault(&c.MaxRecordBytes, DefaultMaxRecordBytes)
	setDefault(&c.MaxDepth, DefaultMaxDepth)
	setDefault(&c.DrainTimeout, DefaultDrainTimeout)
	setDefault(&c.Grace, DefaultGrace)
	stages := make([]StageConfig, len(c.Stages))
	for i, s := range c.Stages {
		setDefault(&s.Workers, DefaultWorkers)
		setDefault(&s.Schedule, ScheduleWeighted)
		setDefault(&s.AgeShare, DefaultAgeShare)
		s = s.withResilience()
		for l, lane := range s.Lanes {
			s.Lanes[l] = lane.withDefaults(Lane(l))
		}
		stages[i] = s
	}
	c.Stages = stages
	return c
}

// WithDefaults returns the stage as a pipeline takes it, with every zero field
// that has a default filled in.
func (c StageConfig) WithDefaults() StageConfig {
	return Config{Stages: []StageConfig{c}}.withDefaults().Stages[0]
}

func (c LaneConfig) withDefaults(lane Lane) LaneConfig {
	setDefault(&c.Capacity, DefaultCapacity)
	setDefault(&c.Weight, DefaultWeights[lane])
	setDefault(&c.Full, FullWait)
	setDefault(&c.Dropped, DropToNowhere)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports every mistake at once. Keys are those of the file.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	bad := func(key, format string, args ...any) { errs = append(errs, newConfigError(key, format, args...)) }
	if len(c.Stages) == 0 {
		bad("stages", "there is none; expected at least one")
	}
	if c.Sink == nil {
		bad("sink", "there is none; expected one")
	}
	if c.MaxRecordBytes < 1 {
		bad("source.max_record_bytes", "%d; expected at least 1", c.MaxRecordBytes)
	}
	for l, r := range append(c.LaneRates[:], c.Rate) {
		r.check(func(field, format string, args ...any) { bad(rateKey(Lane(l))+"."+field, format, args...) })
	}
	if c.MaxDepth < 1 || c.MaxDepth > 10_000 {
		bad("source.max_depth", "%d; expected 1 to 10000", c.MaxDepth)
	}
	if need := 2 * LaneCount * int64(c.MaxRecordBytes+ChunkSize); c.Budget < need {
		bad("budget", "%d bytes; expected at least %d, which is 8 x (max_record_bytes + %d): raise budget or lower source.max_record_bytes",
			c.Budget, need, ChunkSize)
	}
	names := map[string]bool{}
	for _, s := range c.Stages {
		if s.Name == "" || names[s.Name] {
			bad("stages", "stage name %q is empty or taken", s.Name)
		}
		names[s.Name] = true
		if s.Workers < 1 || s.Workers > MaxWorkers {
			bad(s.Name+".workers", "%d; expected 1 to %d", s.Workers, MaxWorkers)
		}
		if s.Schedule != ScheduleWeighted && s.Schedule != ScheduleStrict {
			bad(s.Name+".schedule", "%q; expected weighted or strict", s.Schedule)
		}
		if s.AgeShare < 2 || s.AgeShare > 1000 {
			bad(s.Name+".schedule.age_share", "%d; expected 2 to 1000: one of so many picks goes to an overdue lane", s.AgeShare)
		}
		s.validateResilience(bad)
		for l, lane := range s.Lanes {
			lane.validate(func(key, format string, args ...any) {
				bad(fmt.Sprintf("%s.lanes.%s.%s", s.Name, Lane(l), key), format, args...)
			})
		}
	}
	return errors.Join(errs...)
}

// toSink is the hand-over to the sink, which never drops: what comes here is
// encoded, and the sink takes it as fast as it can.
func toSink(last StageConfig) ChannelConfig {
	cfg := ChannelConfig{Stage: last.Name, Schedule: last.Schedule, AgeShare: last.AgeShare, Lanes: last.Lanes}
	for l := range cfg.Lanes {
		cfg.Lanes[l].Full = FullWait
	}
	return cfg
}

// Validate reports every mistake of a lane whose fields are all set: that
// Capacity or Weight is zero is one, and so is an empty Full or Dropped.
func (c LaneConfig) Validate() error {
	var errs []error
	c.validate(func(key, format string, args ...any) { errs = append(errs, newConfigError(key, format, args...)) })
	return errors.Join(errs...)
}

// validate reports the lane's mistakes.
func (c LaneConfig) validate(bad func(key, format string, args ...any)) {
	switch {
	case c.Capacity < 1:
		bad("capacity", "%d; expected at least 1 record", c.Capacity)
	case c.Capacity > MaxCapacity:
		bad("capacity", "%d; expected at most %d records", c.Capacity, MaxCapacity)
	}
	if c.Weight < 1 || c.Weight > 1000 {
		bad("weight", "%d; expected 1 to 1000", c.Weight)
	}
	if !c.Full.Valid() {
		bad("full", "%q; expected wait, drop-write, drop-oldest or drop-newest", c.Full)
	}
	if c.Dropped != DropToNowhere && c.Dropped != DropToDeadLetter {
		bad("dropped", "%q; expected count or dead-letter", c.Dropped)
	}
	if c.MaxWait < 0 {
		bad("max_wait", "%v; expected a time that is not negative, 0 for no limit", c.MaxWait)
	}
}

// The most that a stage can have.
const (
	MaxWorkers  = 1024
	MaxCapacity = 1_000_000_000 // records in a lane of its channel
)
