package pipeline

import (
	"errors"
	"time"
)

// Default and bound of a lane's capacity, in records.
const (
	DefaultCapacity = 4096
	MaxCapacity     = 1_000_000_000
)

// DefaultWeights are the weights of the lanes, critical first.
var DefaultWeights = [LaneCount]int{8, 4, 2, 1}

// LaneConfig is one lane of one channel, and what of its pool is kept for it.
type LaneConfig struct {
	Capacity int           // records, 1 to MaxCapacity; 0 for DefaultCapacity
	Weight   int           // share under ScheduleWeighted, at least 1; 0 for the lane's default
	Full     FullMode      // "" for FullWait
	Dropped  DropTo        // "" for DropToNowhere
	MaxWait  time.Duration // a batch that has waited longer is overdue; 0 for never
	Reserve  int           // workers that only this lane may use; the sum over the lanes is below Workers
}

func (c LaneConfig) withDefaults(lane Lane) LaneConfig {
	setDefault(&c.Capacity, DefaultCapacity)
	setDefault(&c.Weight, DefaultWeights[lane])
	setDefault(&c.Full, FullWait)
	setDefault(&c.Dropped, DropToNowhere)
	return c
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
