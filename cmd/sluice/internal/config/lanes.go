package config

import (
	"cmp"
	"time"

	"sluice/pipeline"
)

// Lane is one lane of a channel. A nil or empty field is not set and takes the
// value of the level above.
type Lane struct {
	Capacity *int              `yaml:"capacity"` // records
	Weight   *int              `yaml:"weight"`   // share under the weighted schedule
	Full     pipeline.FullMode `yaml:"full"`
	Dropped  pipeline.DropTo   `yaml:"dropped"`
	MaxWait  *Duration         `yaml:"max_wait"` // 0 for never overdue
	Reserve  *int              `yaml:"reserve"`  // workers
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
			Full:     cmp.Or(lane.Full, under[i].Full),
			Dropped:  cmp.Or(lane.Dropped, under[i].Dropped),
			MaxWait:  time.Duration(first(lane.MaxWait, under[i].MaxWait)),
			Reserve:  first(lane.Reserve, under[i].Reserve),
		}
	}
	return merged
}

// sets says whether the lane itself has the key.
func (l Lane) sets(key string) bool {
	switch key {
	case "capacity":
		return l.Capacity != nil
	case "weight":
		return l.Weight != nil
	case "full":
		return l.Full != ""
	case "dropped":
		return l.Dropped != ""
	case "max_wait":
		return l.MaxWait != nil
	}
	return l.Reserve != nil
}

func first[T any](values ...*T) (zero T) {
	for _, v := range values {
		if v != nil {
			return *v
		}
	}
	return zero
}
