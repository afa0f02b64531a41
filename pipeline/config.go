package pipeline

import (
	"errors"
	"time"
)

// Defaults of Config.
const (
	DefaultBudget         = 64 << 20         // bytes
	DefaultMaxRecordBytes = 1 << 20          // bytes a record
	DefaultDrainTimeout   = 30 * time.Second // soft stop before the hard one
	DefaultGrace          = 5 * time.Second  // hard stop before abandoning
)

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
	// OnWait, when set, is told from one goroutine that a call of the sink failed with
	// what passes, unless it failed with the same words the last time, and with
	// nil when one succeeds after that.
	OnWait func(error)
	// Observer, when set, is told of every batch's time.
	Observer Observer
}

// withDefaults returns the configuration with every zero field filled in.
func (c Config) withDefaults() Config {
	setDefault(&c.Budget, DefaultBudget)
	setDefault(&c.MaxRecordBytes, DefaultMaxRecordBytes)
	setDefault(&c.MaxDepth, DefaultMaxDepth)
	setDefault(&c.DrainTimeout, DefaultDrainTimeout)
	setDefault(&c.Grace, DefaultGrace)
	stages := make([]StageConfig, len(c.Stages))
	for i, stage := range c.Stages {
		stages[i] = stage.WithDefaults()
	}
	c.Stages = stages
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
		s.validate(bad)
	}
	return errors.Join(errs...)
}
