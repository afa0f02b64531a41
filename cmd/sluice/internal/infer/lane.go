package infer

import (
	"strings"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

// Lane is a field that may choose the records' lanes.
type Lane struct {
	Field string                   // path, "" when no field looks like it
	Map   map[string]pipeline.Lane // nil when the names that sluice knows are enough
}

// maxNesting is how deep a field may lie that chooses lanes.
const maxNesting = 3

// moreNames are names of lanes and log levels that a lane rule without a map
// does not know.
var moreNames = map[string]pipeline.Lane{
	"crit": pipeline.LaneCritical, "emerg": pipeline.LaneCritical, "panic": pipeline.LaneCritical,
	"err": pipeline.LaneHigh, "notice": pipeline.LaneNormal, "information": pipeline.LaneNormal, "verbose": pipeline.LaneLow,
}

// laneCandidate is a field that has names of lanes or log levels.
type laneCandidate struct {
	path string
	text *texts
	hits int64 // values that are such names
}

// Lane returns the field with few values, at least two of which, and most of
// what the records have, are names of lanes or log levels.
func (in *Inference) Lane() Lane {
	var best laneCandidate
	in.eachText(in.root, "", 0, func(path string, s *shape) {
		c := laneCandidate{path: path, text: s.text}
		names := 0
		for value, n := range s.text.values {
			if _, known := laneOf(value); known {
				names++
				c.hits += n
			}
		}
		if names >= 2 && 2*c.hits > in.records && c.hits > best.hits {
			best = c
		}
	})
	if best.path == "" {
		return Lane{}
	}
	return Lane{Field: best.path, Map: best.laneMap()}
}

// laneOf returns the lane of a name, however it is spelled.
func laneOf(value string) (lane pipeline.Lane, known bool) {
	lower := strings.ToLower(value)
	if lane, known = config.KnownLane(lower); known {
		return lane, known
	}
	lane, known = moreNames[lower]
	return lane, known
}

// laneMap returns a map of the values that were seen, nil where they need none.
func (c laneCandidate) laneMap() map[string]pipeline.Lane {
	lanes := map[string]pipeline.Lane{}
	needed := false
	for value := range c.text.values {
		lane, known := laneOf(value)
		if !known {
			continue
		}
		lanes[value] = lane
		if _, without := config.KnownLane(value); !without {
			needed = true
		}
	}
	if !needed {
		return nil
	}
	return lanes
}

// eachText calls f for the places outside of arrays that have texts of few
// values and nothing else.
func (in *Inference) eachText(s *shape, path string, depth int, f func(path string, s *shape)) {
	if s.text != nil && s.text.values != nil && s.only(pipeline.KindString) {
		f(path, s)
	}
	if s.object == nil || depth == maxNesting {
		return
	}
	for _, m := range s.object.order {
		name := pipeline.KeyPath(m.key).String()
		if path != "" {
			name = path + "." + name
		}
		in.eachText(m.shape, name, depth+1, f)
	}
}
