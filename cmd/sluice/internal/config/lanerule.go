package config

import (
	"strings"

	"sluice/pipeline"
)

// LaneRule says which field of a record chooses its lane.
type LaneRule struct {
	Field   string                   `yaml:"field"`
	Map     map[string]pipeline.Lane `yaml:"map"` // nil for the well-known names
	Default pipeline.Lane            `yaml:"default"`
}

// wellKnown are the values that choose a lane when a field is named without a
// map: the lanes' own names and the usual names of log levels.
var wellKnown = [pipeline.LaneCount][]string{
	pipeline.LaneCritical: {"critical", "fatal", "alert", "emergency"},
	pipeline.LaneHigh:     {"high", "error"},
	pipeline.LaneNormal:   {"normal", "warning", "warn", "info"},
	pipeline.LaneLow:      {"low", "debug", "trace"},
}

// rule returns the rule as the engine takes it. A rule is stored with the
// progress of every source, so names that lead to the default anyway are left
// out of it.
func (l LaneRule) rule() pipeline.LaneRule {
	rule := pipeline.LaneRule{Field: l.Field, Map: l.Map, Default: l.Default}
	if l.Field == "" || l.Map != nil {
		return rule
	}
	rule.Map = map[string]pipeline.Lane{}
	for i, names := range wellKnown {
		if lane := pipeline.Lane(i); lane != l.Default {
			for _, name := range names {
				rule.Map[name] = lane
				rule.Map[strings.ToUpper(name)] = lane
			}
		}
	}
	return rule
}

// KnownLane returns the lane of a name that a rule without a map knows: in lower
// case, or in upper case.
func KnownLane(name string) (lane pipeline.Lane, known bool) {
	for i, names := range wellKnown {
		for _, n := range names {
			if name == n || name == strings.ToUpper(n) {
				return pipeline.Lane(i), true
			}
		}
	}
	return 0, false
}
