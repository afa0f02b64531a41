package control

import (
	"time"

	"sluice/pipeline"
)

// SetLane changes one lane of the channel before a stage. The change lasts as
// long as the run: the next one begins as it is configured.
type SetLane struct {
	Stage  string
	Lane   pipeline.Lane
	Change LaneChange
}

// LaneChange is what changes of a lane. What is nil stays as it is.
type LaneChange struct {
	Capacity *int // records
	Weight   *int
	Full     *pipeline.FullMode
	Dropped  *pipeline.DropTo
	MaxWait  *time.Duration // 0 for never overdue
}

// Validate reports every mistake at once, as *pipeline.ConfigError with the keys
// of the configuration.
func (c LaneChange) Validate() error {
	return c.over(pipeline.LaneConfig{
		Capacity: 1, Weight: 1, Full: pipeline.FullWait, Dropped: pipeline.DropToNowhere,
	}).Validate()
}

// over lays the change over a lane.
func (c LaneChange) over(lane pipeline.LaneConfig) pipeline.LaneConfig {
	set(&lane.Capacity, c.Capacity)
	set(&lane.Weight, c.Weight)
	set(&lane.Full, c.Full)
	set(&lane.Dropped, c.Dropped)
	set(&lane.MaxWait, c.MaxWait)
	return lane
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func (c SetLane) check() error {
	if c.Lane >= pipeline.LaneCount {
		return invalid("set lane: there is no %v; expected critical, high, normal or low", c.Lane)
	}
	if c.Change == (LaneChange{}) {
		return invalid("set lane %s of %s: nothing is to change; expected one of capacity, weight, full, dropped and max_wait", c.Lane, c.Stage)
	}
	if err := c.Change.Validate(); err != nil {
		return invalid("set lane %s of %s: %v", c.Lane, c.Stage, err)
	}
	return nil
}

func (c SetLane) do(l *loop, to asker) {
	l.steerStage(to, "set lane", c.Stage, func(p *pipeline.Pipeline) error {
		lane, err := p.Lane(c.Stage, c.Lane)
		if err != nil {
			return err
		}
		return p.SetLane(c.Stage, c.Lane, c.Change.over(lane))
	})
}
