package control

import (
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

func TestAChangeOfALaneLeavesTheRestOfItAlone(t *testing.T) {
	p := newPlant()
	p.change = func(c *pipeline.Config) {
		c.Stages[1].Lanes[pipeline.LaneLow] = pipeline.LaneConfig{Capacity: 50, Weight: 6, MaxWait: time.Minute}
	}
	inBubble(t, p, func(r *rig) {
		r.must(Start{})
		engine := p.latest()
		want := pipeline.LaneConfig{Capacity: 50, Weight: 6, Full: pipeline.FullWait, Dropped: pipeline.DropToNowhere, MaxWait: time.Minute}
		for _, step := range []struct {
			change LaneChange
			edit   func()
		}{
			{LaneChange{Capacity: new(9)}, func() { want.Capacity = 9 }},
			{LaneChange{Weight: new(2)}, func() { want.Weight = 2 }},
			{LaneChange{Full: new(pipeline.FullDropOldest)}, func() { want.Full = pipeline.FullDropOldest }},
			{LaneChange{Dropped: new(pipeline.DropToDeadLetter)}, func() { want.Dropped = pipeline.DropToDeadLetter }},
			{LaneChange{MaxWait: new(time.Duration(0))}, func() { want.MaxWait = 0 }},
			{LaneChange{Capacity: new(10), Full: new(pipeline.FullWait)}, func() { want.Capacity, want.Full = 10, pipeline.FullWait }},
		} {
			step.edit()
			s := r.must(SetLane{Stage: "enrich", Lane: pipeline.LaneLow, Change: step.change}).Status
			if got, err := engine.Lane("enrich", pipeline.LaneLow); err != nil || got != want {
				t.Errorf("the lane is %+v (%v), want %+v", got, err, want)
			}
			if got := s.Stages[1].Lanes[pipeline.LaneLow]; got.Capacity != want.Capacity || got.Full != want.Full {
				t.Errorf("the status shows %+v", got)
			}
		}
		other, err := engine.Lane("enrich", pipeline.LaneNormal)
		if err != nil || other.Capacity != pipeline.DefaultCapacity || other.Full != pipeline.FullWait {
			t.Errorf("another lane is %+v (%v)", other, err)
		}
		r.must(Stop{})
		if got := r.must(Start{}).Status.Stages[1].Lanes[pipeline.LaneLow]; got.Capacity != 50 || got.Full != pipeline.FullWait {
			t.Errorf("the next run begins with %+v, want it as configured", got)
		}
	})
}

func TestAChangeOfALaneTellsAllItsMistakes(t *testing.T) {
	err := LaneChange{
		Capacity: new(-1), Weight: new(0), Full: new(pipeline.FullMode("")), Dropped: new(pipeline.DropTo("x")), MaxWait: new(-time.Second),
	}.Validate()
	for _, key := range []string{"capacity: -1;", "weight: 0;", `full: "";`, `dropped: "x";`, "max_wait: -1s;"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("no %s in %v", key, err)
		}
	}
	if err := (LaneChange{}).Validate(); err != nil {
		t.Errorf("a change of nothing: %v", err)
	}
}
