package pipeline

import "fmt"

// Lane is the priority of a record. Order is kept inside a lane from frame to
// sink; between lanes there is none. The zero value is LaneCritical, so that
// iterating upwards goes from the most urgent lane to the least.
type Lane uint8

// The four lanes, most urgent first.
const (
	LaneCritical Lane = iota
	LaneHigh
	LaneNormal
	LaneLow
)

// LaneCount is the number of lanes every channel has.
const LaneCount = 4

var laneNames = [LaneCount]string{"critical", "high", "normal", "low"}

// String returns the name that configuration, metrics and tables use.
func (l Lane) String() string {
	if int(l) < LaneCount {
		return laneNames[l]
	}
	return fmt.Sprintf("lane(%d)", uint8(l))
}

// ParseLane is the inverse of String. Names are lower case.
func ParseLane(s string) (Lane, error) {
	for i, name := range laneNames {
		if s == name {
			return Lane(i), nil
		}
	}
	return 0, fmt.Errorf("unknown lane %q: expected critical, high, normal or low", s)
}

// MarshalText implements encoding.TextMarshaler.
func (l Lane) MarshalText() ([]byte, error) {
	if int(l) >= LaneCount {
		return nil, fmt.Errorf("no such lane: %d", uint8(l))
	}
	return []byte(laneNames[l]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Lane) UnmarshalText(text []byte) error {
	lane, err := ParseLane(string(text))
	if err == nil {
		*l = lane
	}
	return err
}
