package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// flood fills every lane of a stage's channel, and keeps it full, with batches of
// n(lane) records; each record takes the stage one millisecond. It returns the
// longest wait in each lane, and how many records each lane got through.
func flood(t *testing.T, cfg StageConfig, n func(Lane) int) (longest [LaneCount]time.Duration, got [LaneCount]int64) {
	t.Helper()
	cfg.Name = "slow"
	cfg.Stage = StageFunc(func(_ context.Context, b *Batch) error {
		time.Sleep(time.Duration(b.Len()) * time.Millisecond)
		return nil
	})
	p := build(t, Config{Stages: []StageConfig{cfg}, Sink: &memorySink{}})
	var sources Sources
	for l := range LaneCount {
		lane := Lane(l)
		sources = append(sources, &linesSource{lines: numbered(lane.String(), 20_000), lane: lane, perChunk: n(lane)})
	}
	if err := p.Run(t.Context(), sources); err != nil {
		t.Fatal(err)
	}
	for l, lane := range p.Status().Stages[0].Lanes {
		longest[l], got[l] = lane.LongestWait, lane.Persisted
	}
	return longest, got
}

func TestNoBatchWaitsLongerThanItsBound(t *testing.T) {
	lanes := func(edit func(*[LaneCount]LaneConfig)) (l [LaneCount]LaneConfig) {
		for i := range l {
			l[i].Capacity = 1024
		}
		edit(&l)
		return l
	}
	none := func(*[LaneCount]LaneConfig) {}
	for _, test := range []struct {
		name  string
		cfg   StageConfig
		batch func(Lane) int
		// tight says that some lane comes to at least half its bound, so that a
		// bound that is far too wide is found out, too.
		tight bool
	}{
		{"weighted, full batches, one worker", StageConfig{Workers: 1, Lanes: lanes(none)}, func(Lane) int { return 256 }, true},
		{"weighted, full batches, four workers", StageConfig{Workers: 4, Lanes: lanes(none)}, func(Lane) int { return 256 }, false},
		{"weighted, low in single records", StageConfig{Workers: 1, Lanes: lanes(none)}, func(l Lane) int { return 256 >> (2 * l) }, true},
		{"weighted, low may not wait longer than a second", StageConfig{Workers: 1, Lanes: lanes(func(l *[LaneCount]LaneConfig) { l[LaneLow].MaxWait = time.Second })}, func(Lane) int { return 256 }, true},
		{"weighted, two lanes age", StageConfig{Workers: 2, AgeShare: 2, Lanes: lanes(func(l *[LaneCount]LaneConfig) {
			l[LaneLow].MaxWait, l[LaneNormal].MaxWait = time.Second, 2*time.Second
		})}, func(Lane) int { return 256 }, false},
		{"strict, every lane below the first ages", StageConfig{Workers: 1, Schedule: ScheduleStrict, Lanes: lanes(func(l *[LaneCount]LaneConfig) {
			for i := LaneHigh; i <= LaneLow; i++ {
				l[i].MaxWait, l[i].Capacity = time.Second, 256
			}
		})}, func(Lane) int { return 256 }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				longest, _ := flood(t, test.cfg, test.batch)
				tight := false
				for l, wait := range longest {
					bound, ok := test.cfg.LongestWait(Lane(l), time.Millisecond)
					if ok && wait > bound {
						t.Errorf("%v waited %v, longer than its bound %v", Lane(l), wait, bound)
					}
					tight = tight || ok && wait >= bound/2
					t.Logf("%v: %v of at most %v (%v)", Lane(l), wait, bound, ok)
				}
				if test.tight && !tight {
					t.Error("no lane came to half its bound: the bound says too little")
				}
			})
		})
	}
}

func TestStrictGivesNoBoundToALaneThatDoesNotAge(t *testing.T) {
	cfg := StageConfig{Schedule: ScheduleStrict}
	if bound, ok := cfg.LongestWait(LaneLow, time.Millisecond); ok {
		t.Errorf("got %v, want none", bound)
	}
}

func TestTheBoundIsThatOfTheFormula(t *testing.T) {
	cfg := StageConfig{Workers: 2} // 4,096 records a lane, weights 8:4:2:1
	// low: visits = 4096/256 = 16; others (2048+256)+(1024+256)+(512+256) = 4352
	want := time.Duration(4096+16*4352)*time.Microsecond/2 + 256*time.Microsecond
	if got, ok := cfg.LongestWait(LaneLow, time.Microsecond); !ok || got != want {
		t.Errorf("got %v (%v), want %v", got, ok, want)
	}
}

func TestABoundThatNoDurationCanSayIsNone(t *testing.T) {
	wide := StageConfig{AgeShare: 1000}
	for l := range wide.Lanes {
		wide.Lanes[l] = LaneConfig{Capacity: MaxCapacity, Weight: 1000, MaxWait: time.Second}
	}
	old := StageConfig{Schedule: ScheduleStrict}
	old.Lanes[LaneLow].MaxWait = 1<<63 - 1
	for _, test := range []struct {
		name    string
		cfg     StageConfig
		service time.Duration
		bounded bool
	}{
		{"the most records, each a microsecond", wide, time.Microsecond, true},
		{"the most records, each an hour", wide, time.Hour, false},
		{"a few records, each a hundred years", StageConfig{}, 100 * 365 * 24 * time.Hour, false},
		{"the longest max_wait", old, time.Second, false},
	} {
		for l := range Lane(LaneCount) {
			bound, ok := test.cfg.LongestWait(l, test.service)
			if bound < 0 || l == LaneLow && ok != test.bounded {
				t.Errorf("%s, %v: %v (%v)", test.name, l, bound, ok)
			}
		}
		if n, ok := test.cfg.RecordsBefore(LaneLow); ok && n < 0 {
			t.Errorf("%s: %d records before", test.name, n)
		}
	}
	if err := (LaneConfig{Capacity: MaxCapacity + 1, Weight: 1, Full: FullWait, Dropped: DropToNowhere}).Validate(); err == nil {
		t.Error("a capacity beyond the most passes")
	}
}

// picks fills four lanes with batches that came in one after another, lets them
// all become overdue, and returns the lanes in the order they are taken.
func picks(t *testing.T, cfg ChannelConfig, lanes []Lane, n int) string {
	t.Helper()
	c := NewChannel(cfg)
	for i := range n {
		for _, lane := range lanes {
			if err := c.TryWrite(batchOf(lane, i, 1)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(time.Minute)
	var order strings.Builder
	for range n {
		b, err := c.TryRead()
		if err != nil {
			t.Fatal(err)
		}
		order.WriteString(b.Lane().String()[:1])
	}
	return order.String()
}

func TestAnOverdueLaneGetsOneOfEveryKPicks(t *testing.T) {
	low := [LaneCount]LaneConfig{LaneLow: {MaxWait: time.Second}}
	both := [LaneCount]LaneConfig{LaneNormal: {MaxWait: time.Second}, LaneLow: {MaxWait: time.Second}}
	for _, test := range []struct {
		name  string
		cfg   ChannelConfig
		lanes []Lane
		want  string
	}{
		{"never without max_wait", ChannelConfig{Schedule: ScheduleStrict}, []Lane{LaneCritical, LaneLow}, "cccccccccccc"},
		{"one of four", ChannelConfig{Schedule: ScheduleStrict, Lanes: low}, []Lane{LaneCritical, LaneLow}, "lccclccclccc"},
		{"one of two", ChannelConfig{Schedule: ScheduleStrict, AgeShare: 2, Lanes: low}, []Lane{LaneCritical, LaneLow}, "lclclclclclc"},
		{"two lanes share it, the oldest first", ChannelConfig{Schedule: ScheduleStrict, Lanes: both}, []Lane{LaneCritical, LaneNormal, LaneLow}, "nccclcccnccc"},
		{"weighted too", ChannelConfig{Lanes: low}, []Lane{LaneCritical, LaneLow}, "lccclccclccc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := picks(t, test.cfg, test.lanes, 12); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

func TestAgeingTakesNoMoreThanItsShareOfTheRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewChannel(ChannelConfig{Schedule: ScheduleStrict, Lanes: [LaneCount]LaneConfig{LaneLow: {MaxWait: time.Second}}})
		for i := range 1024 {
			if err := c.TryWrite(batchOf(LaneCritical, i, 1)); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 4 {
			if err := c.TryWrite(batchOf(LaneLow, i, 256)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		var got []string
		for i := range 1024 {
			b, err := c.TryRead()
			if err != nil {
				t.Fatal(err)
			}
			if b.Lane() == LaneLow {
				got = append(got, fmt.Sprint(i))
			}
		}
		// One at once, then 768 = 3 x 256 single records for the next.
		if want := "[0 769]"; fmt.Sprint(got) != want {
			t.Errorf("low was taken at picks %v, want %s", got, want)
		}
	})
}
