package config_test

import (
	"testing"
	"time"

	"sluice/pipeline"
)

func TestAStagesLanesAndScheduleBeatTheTopLevelKeyByKey(t *testing.T) {
	loaded := load(t, `
lanes: {low: {capacity: 10, full: drop-oldest, dropped: dead-letter, max_wait: 2s, reserve: 1}}
schedule: {kind: strict, age_share: 8}
enrich:
  workers: 4
  lanes: {low: {full: wait, max_wait: 0s}}
  schedule: weighted
persist:
  schedule: {age_share: 2}
`, nil)
	if err := loaded.Err(); err != nil {
		t.Fatal(err)
	}
	stages := loaded.Pipeline().Stages
	for i, want := range []struct {
		lane     pipeline.LaneConfig
		schedule pipeline.Schedule
		ageShare int
	}{
		{pipeline.LaneConfig{Capacity: 10, Full: pipeline.FullDropOldest, Dropped: pipeline.DropToDeadLetter, MaxWait: 2 * time.Second, Reserve: 1}, pipeline.ScheduleStrict, 8},
		{pipeline.LaneConfig{Capacity: 10, Full: pipeline.FullWait, Dropped: pipeline.DropToDeadLetter, Reserve: 1}, pipeline.ScheduleWeighted, 8},
		{pipeline.LaneConfig{Capacity: 10, Full: pipeline.FullDropOldest, Dropped: pipeline.DropToDeadLetter, MaxWait: 2 * time.Second, Reserve: 1}, pipeline.ScheduleStrict, 2},
	} {
		got := stages[i]
		if got.Lanes[pipeline.LaneLow] != want.lane || got.Schedule != want.schedule || got.AgeShare != want.ageShare {
			t.Errorf("%s has %+v, %s, %d; want %+v, %s, %d", got.Name, got.Lanes[pipeline.LaneLow], got.Schedule, got.AgeShare, want.lane, want.schedule, want.ageShare)
		}
	}
}
