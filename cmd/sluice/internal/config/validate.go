package config

import (
	"errors"
	"fmt"
	"strings"

	"sluice/pipeline"
	"sluice/stages/validate/dedupe"
)

// Validate reports every mistake that the configuration shows by itself, as
// joined *pipeline.ConfigError values whose keys are those of the file. What the
// stages make of their sections is theirs to check.
func (c Config) Validate() error {
	v := validator{reported: map[string]bool{}}
	v.laneRule(c.Source.Lane)
	v.rates(c.Source)
	v.zeros(c)
	v.lanes("", c.Lanes)
	for _, s := range c.pools() {
		v.lanes(s.name+".", s.pool.Lanes)
		v.resilience(s.name, s.pool.Resilience)
		if s.pool.Workers == 0 {
			v.bad(s.name+".workers", "0; expected 1 to %d", pipeline.MaxWorkers)
		}
	}
	v.control(c.Control)
	v.engine(c)
	return errors.Join(v.errs...)
}

type validator struct {
	errs     []error
	reported map[string]bool
}

func (v *validator) bad(key, format string, args ...any) {
	if v.reported[key] {
		return
	}
	v.reported[key] = true
	v.errs = append(v.errs, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
}

func (v *validator) laneRule(l LaneRule) {
	var found []*pipeline.ConfigError
	collect(l.rule().Validate(), &found)
	for _, e := range found {
		v.bad("source.lane."+e.Key, "%s", e.Message)
	}
}

// zeros reports what was set to zero, which the engine takes for "not set".
func (v *validator) zeros(c Config) {
	if c.Budget == 0 {
		v.bad("budget", "0; expected a size such as 64MiB")
	}
	if c.Source.MaxRecordBytes == 0 {
		v.bad("source.max_record_bytes", "0; expected a size such as 1MiB")
	}
	if c.Source.MaxDepth == 0 {
		v.bad("source.max_depth", "0; expected 1 to 10000")
	}
	if d := c.Validation.Dedupe; d != nil {
		if d.Count != nil && *d.Count == 0 {
			v.bad("validate.dedupe.count", "0; expected 1 to %d", dedupe.MaxCount)
		}
		if d.Within != nil && *d.Within == 0 {
			v.bad("validate.dedupe.within", "0s; expected more than 0, such as 10m")
		}
	}
	if c.DrainTimeout <= 0 {
		v.bad("drain_timeout", "%v; expected more than 0, such as 30s", c.DrainTimeout)
	}
}

func (v *validator) lanes(prefix string, lanes Lanes) {
	for i, lane := range lanes.all() {
		key := fmt.Sprintf("%slanes.%s", prefix, pipeline.Lane(i))
		if lane.Capacity != nil && *lane.Capacity == 0 {
			v.bad(key+".capacity", "0; expected at least 1 record")
		}
		if lane.Weight != nil && *lane.Weight == 0 {
			v.bad(key+".weight", "0; expected 1 to 1000")
		}
	}
}

// engine passes on what the engine says about its part. Its keys are those of
// a stage also where the value came from the top level.
func (v *validator) engine(c Config) {
	var found []*pipeline.ConfigError
	collect(c.Pipeline().Validate(), &found)
	for _, e := range found {
		if e.Key == "sink" || e.Key == "stages" {
			continue
		}
		v.bad(c.levelOf(e.Key), "%s", e.Message)
	}
}

// levelOf returns the key at the level that set the value.
func (c Config) levelOf(key string) string {
	stage, rest, _ := strings.Cut(key, ".")
	for _, s := range c.pools() {
		if s.name != stage {
			continue
		}
		switch {
		case rest == "schedule" && s.pool.Schedule.Kind == "", rest == "schedule.age_share" && s.pool.Schedule.AgeShare == nil:
			return rest
		}
		path, ok := strings.CutPrefix(rest, "lanes.")
		if !ok {
			return key
		}
		laneName, field, _ := strings.Cut(path, ".")
		lane, err := pipeline.ParseLane(laneName)
		if err != nil {
			return key
		}
		if !s.pool.Lanes.all()[lane].sets(field) {
			return rest
		}
	}
	return key
}

// collect gathers the ConfigErrors of an error, joined ones included. It says
// whether there was nothing else.
func collect(err error, into *[]*pipeline.ConfigError) bool {
	switch e := err.(type) {
	case nil:
		return true
	case *pipeline.ConfigError:
		*into = append(*into, e)
		return true
	case interface{ Unwrap() []error }:
		all := true
		for _, one := range e.Unwrap() {
			all = collect(one, into) && all
		}
		return all
	}
	return false
}
