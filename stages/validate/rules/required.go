package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"sluice/pipeline"
)

// Required are the fields that records of a lane must have.
type Required struct {
	lanes [pipeline.LaneCount]*required // nil for a lane that asks for none
}

type required struct {
	paths *pipeline.Paths
	list  []pipeline.Path
}

// NewRequired takes the paths of fields by the name of the lane. The error joins
// a *pipeline.ConfigError for each mistake: "critical[1]".
func NewRequired(byLane map[string][]string) (*Required, error) {
	s := &Required{}
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	for _, name := range slices.Sorted(maps.Keys(byLane)) {
		lane, err := pipeline.ParseLane(name)
		if err != nil {
			bad(name, "%v", err)
			continue
		}
		if len(byLane[name]) == 0 {
			bad(name, "the list is empty; expected the paths of fields, such as [host, owner.team]")
		}
		one := &required{}
		for i, text := range byLane[name] {
			path, err := pipeline.ParsePath(text)
			if err != nil {
				bad(fmt.Sprintf("%s[%d]", name, i), "%v", err)
				continue
			}
			one.list = append(one.list, path)
		}
		one.paths = pipeline.NewPaths(one.list...)
		s.lanes[lane] = one
	}
	return s, errors.Join(errs...)
}

// Check returns which field of its lane the record lacks, the first in the
// order of the list, nil when it lacks none. A field that is null is lacking.
// buf is memory to use; what it has become is returned, to be used again.
func (s *Required) Check(buf []pipeline.Value, r *pipeline.Record) ([]pipeline.Value, *pipeline.RecordError) {
	one := s.lanes[r.Lane()]
	if one == nil {
		return buf, nil
	}
	buf = r.GetAll(buf, one.paths)
	for i := range buf {
		switch buf[i].Kind() {
		case pipeline.KindMissing:
			return buf, one.lacks(r, i, "is missing")
		case pipeline.KindNull:
			return buf, one.lacks(r, i, "is null")
		}
	}
	return buf, nil
}

func (s *required) lacks(r *pipeline.Record, i int, what string) *pipeline.RecordError {
	return &pipeline.RecordError{
		Code:    pipeline.CodeRequired,
		Pointer: s.list[i].Pointer(),
		Message: fmt.Sprintf("%s %s; records of the lane %s must have it", s.list[i], what, r.Lane()),
	}
}
