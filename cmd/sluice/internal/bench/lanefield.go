package bench

import (
	"encoding/json"
	"maps"
	"slices"

	"sluice/pipeline"
)

// forced returns a rule that costs what rule costs and always leads to the lane.
func forced(rule pipeline.LaneRule, lane pipeline.Lane) pipeline.LaneRule {
	rule.Map = maps.Clone(rule.Map)
	for text := range rule.Map {
		rule.Map[text] = lane
	}
	rule.Default = lane
	return rule
}

// laneOf returns the lane that rule gives a line.
func laneOf(rule pipeline.LaneRule, line []byte) pipeline.Lane {
	path, err := pipeline.ParsePath(rule.Field)
	if err != nil {
		return rule.Default // there is no field
	}
	r := pipeline.NewBatch(rule.Default, string(line)).Record(0)
	if r.Index(pipeline.DefaultMaxDepth) != nil {
		return rule.Default
	}
	return choose(rule, r.Get(path))
}

func choose(rule pipeline.LaneRule, v pipeline.Value) pipeline.Lane {
	switch v.Kind() {
	case pipeline.KindString, pipeline.KindNumber, pipeline.KindBool:
		if lane, ok := rule.Map[string(v.AppendText(nil))]; ok {
			return lane
		}
	}
	return rule.Default
}

// laneField sets the field that a lane rule reads, so that records look as those
// of their lane do.
type laneField struct {
	rule   pipeline.LaneRule
	lane   pipeline.Lane
	path   pipeline.Path // zero for none
	values []string
	next   int
}

func newLaneField(rule pipeline.LaneRule, lane pipeline.Lane) *laneField {
	f := &laneField{rule: rule, lane: lane}
	if path, err := pipeline.ParsePath(rule.Field); err == nil {
		f.path = path
	}
	f.values = laneValues(rule, lane)
	return f
}

// laneValues returns values that lead to a lane: levels of events where they do,
// since a schema may know no others.
func laneValues(rule pipeline.LaneRule, lane pipeline.Lane) []string {
	var values []string
	for _, level := range levels {
		if to, ok := rule.Map[level]; ok && to == lane || !ok && rule.Default == lane {
			values = append(values, level)
		}
	}
	if len(values) > 0 && rule.Field == "level" {
		return values
	}
	values = nil
	for _, text := range slices.Sorted(maps.Keys(rule.Map)) {
		if rule.Map[text] == lane {
			values = append(values, text)
		}
	}
	return values
}

// set returns the record with the field set; as it is where it leads to the lane
// already, or where it cannot be set.
func (f *laneField) set(line []byte) []byte {
	if f.path.Zero() || laneOf(f.rule, line) == f.lane || len(f.values) == 0 {
		return line
	}
	r := pipeline.NewBatch(f.lane, string(line)).Record(0)
	if r.Index(pipeline.DefaultMaxDepth) != nil {
		return line
	}
	text, err := json.Marshal(f.values[f.next%len(f.values)])
	if err != nil || r.Set(f.path, text) != nil {
		return line
	}
	f.next++
	return r.AppendJSON(nil)
}
