package config

import "sluice/pipeline"

// FullMode says what happens to a batch when its lane is full.
type FullMode string

// FullWait holds the sender back until there is room.
const FullWait FullMode = "wait"

// Lane is one lane of a channel. A nil or empty field is not set and takes the
// value of the level above.
type Lane struct {
	Capacity *int     `yaml:"capacity"` // records
	Weight   *int     `yaml:"weight"`   // share under the weighted schedule
	Full     FullMode `yaml:"full"`
}

// Lanes are the four lanes of a channel.
type Lanes struct {
	Critical Lane `yaml:"critical"`
	High     Lane `yaml:"high"`
	Normal   Lane `yaml:"normal"`
	Low      Lane `yaml:"low"`
}

// all returns the lanes in the order of pipeline.Lane.
func (l Lanes) all() [pipeline.LaneCount]Lane {
	return [pipeline.LaneCount]Lane{l.Critical, l.High, l.Normal, l.Low}
}

// over lays l over base, key by key. What neither sets is zero, for the engine's
// default.
func (l Lanes) over(base Lanes) [pipeline.LaneCount]pipeline.LaneConfig {
	var merged [pipeline.LaneCount]pipeline.LaneConfig
	under := base.all()
	for i, lane := range l.all() {
		merged[i] = pipeline.LaneConfig{
			Capacity: first(lane.Capacity, under[i].Capacity),
			Weight:   first(lane.Weight, under[i].Weight),
		}
	}
	return merged
}

func first(values ...*int) int {
	for _, v := range values {
		if v != nil {
			return *v
		}
	}
	return 0
}
