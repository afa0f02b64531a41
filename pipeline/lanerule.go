package pipeline

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// LaneRule chooses a record's lane from its bytes alone. The zero rule sends
// everything to LaneCritical; DefaultLaneRule to LaneNormal.
type LaneRule struct {
	Field   string          `json:"field,omitempty"` // path of the field that decides, or ""
	Map     map[string]Lane `json:"map,omitempty"`   // text of the field -> lane
	Default Lane            `json:"default"`
}

// DefaultLaneRule sends every record to LaneNormal.
func DefaultLaneRule() LaneRule { return LaneRule{Default: LaneNormal} }

// Validate reports every mistake at once, as *ConfigError values joined.
func (r LaneRule) Validate() error {
	_, err := r.compile()
	return err
}

// compile checks the rule and makes it ready for use.
func (r LaneRule) compile() (laneChooser, error) {
	c := laneChooser{lanes: maps.Clone(r.Map), other: r.Default}
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if r.Field != "" {
		var err error
		if c.field, err = ParsePath(r.Field); err != nil {
			bad("field", "%v", err)
		}
	} else if len(r.Map) > 0 {
		bad("field", "there is none, but a map; expected the path of the field that map's keys are compared with")
	}
	for _, key := range slices.Sorted(maps.Keys(r.Map)) {
		if int(r.Map[key]) >= LaneCount {
			bad("map."+key, "%s; expected critical, high, normal or low", r.Map[key])
		}
	}
	if int(r.Default) >= LaneCount {
		bad("default", "%s; expected critical, high, normal or low", r.Default)
	}
	return c, errors.Join(errs...)
}

// laneChooser is a LaneRule ready for use, by any number of goroutines.
type laneChooser struct {
	field Path
	lanes map[string]Lane
	other Lane // for what no entry matches
}

// lane returns the lane of the record with that root; the zero Value stands
// for a line that is not JSON. Strings compare by what they stand for, numbers
// and booleans by how they are spelled.
func (c *laneChooser) lane(root Value) Lane {
	if len(c.lanes) == 0 {
		return c.other
	}
	v := root.find(c.field.segs)
	switch v.Kind() {
	case KindString:
		if v.has(flagEscaped) {
			return c.escaped(v)
		}
		return c.named(v.content())
	case KindNumber, KindBool:
		return c.named(v.JSON())
	}
	return c.other
}

func (c *laneChooser) named(text []byte) Lane {
	if lane, ok := c.lanes[string(text)]; ok {
		return lane
	}
	return c.other
}

// escaped is named for a string with escapes, without a copy of it.
func (c *laneChooser) escaped(v Value) Lane {
	for text, lane := range c.lanes {
		if v.EqualText(text) {
			return lane
		}
	}
	return c.other
}

// equal says whether two rules choose alike.
func (r LaneRule) equal(o LaneRule) bool {
	if r.Field != o.Field || r.Default != o.Default || len(r.Map) != len(o.Map) {
		return false
	}
	for k, lane := range r.Map {
		if other, ok := o.Map[k]; !ok || other != lane {
			return false
		}
	}
	return true
}
