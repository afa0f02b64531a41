package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// plainSink sets no size of its own.
type plainSink struct{}

func (plainSink) Write(context.Context, *Group) (bool, error) { return true, nil }
func (plainSink) Flush(context.Context) error                 { return nil }

// sizedSink does.
type sizedSink struct{ plainSink }

func (sizedSink) GroupSize() (int, int64) { return maxGroup, maxGroupBytes }

func TestAGroupEndsEarlyWhileAMoreUrgentLaneWaits(t *testing.T) {
	for _, tc := range []struct {
		name    string
		sink    Sink
		each    time.Duration // that the sink takes for a record
		waits   Lane
		records int
		want    bool
	}{
		{"100 slow rows are enough for an urgent lane", plainSink{}, 50 * time.Microsecond, LaneCritical, 100, true},
		{"99 are not", plainSink{}, 50 * time.Microsecond, LaneCritical, 99, false},
		{"fast rows go on", plainSink{}, 4 * time.Microsecond, LaneHigh, 1023, false},
		{"nobody more urgent waits", plainSink{}, 50 * time.Microsecond, LaneNormal, 1000, false},
		{"somebody less urgent waits", plainSink{}, 50 * time.Microsecond, LaneLow, 1000, false},
		{"a sink that sets its size", sizedSink{}, 50 * time.Microsecond, LaneCritical, 1000, false},
		{"nothing is known of the sink", plainSink{}, 0, LaneCritical, 1000, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := NewChannel(ChannelConfig{})
			if err := in.TryWrite(NewBatch(tc.waits, `{}`)); err != nil {
				t.Fatal(err)
			}
			c := newCommitter(build(t, Config{Sink: tc.sink, Stages: []StageConfig{{Name: "s"}}}), in)
			if tc.each > 0 {
				c.pace.note(200, 200*tc.each)
			}
			if got := c.hurry(tc.records, LaneNormal); got != tc.want {
				t.Errorf("got %v, expected %v", got, tc.want)
			}
		})
	}
}

// largeSink wants more at once than a lane's capacity.
type largeSink struct {
	plainSink
	records int
}

func (s largeSink) GroupSize() (int, int64) { return s.records, 1 << 30 }

func TestAWholeGroupWaitsForASinkThatWantsLargeOnes(t *testing.T) {
	var last StageConfig
	last.Lanes[LaneLow].Capacity = 100_000
	for _, sink := range []Sink{plainSink{}, largeSink{records: 20_000}} {
		cfg := toSink(StageConfig{Lanes: last.WithDefaults().Lanes}, sink)
		want := DefaultCapacity
		if _, ok := sink.(GroupSizer); ok {
			want = 20_000
		}
		if cfg.Lanes[LaneCritical].Capacity != want || cfg.Lanes[LaneLow].Capacity != 100_000 {
			t.Errorf("%T: %d critical and %d low records", sink, cfg.Lanes[LaneCritical].Capacity, cfg.Lanes[LaneLow].Capacity)
		}
	}
}

func TestUrgentRecordsMakeTheGroupsOfALargeSinkSmaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := NewChannel(ChannelConfig{})
		c := newCommitter(build(t, Config{Sink: largeSink{records: 20_000}, Stages: []StageConfig{{Name: "s"}}}), in)
		group := func(lanes ...Lane) {
			t.Helper()
			for _, l := range lanes {
				if err := in.TryWrite(NewBatch(l, `{}`)); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		expect := func(when string, want int) {
			t.Helper()
			if got := c.limit(); got != want {
				t.Errorf("%s: %d records, expected %d", when, got, want)
			}
		}
		group(LaneLow, LaneLow)
		expect("one lane", 20_000)
		group(LaneLow, LaneCritical)
		expect("two lanes", 2_500)
		time.Sleep(mixedFor - 1)
		group(LaneLow)
		expect("nearly a second later", 2_500)
		time.Sleep(time.Nanosecond)
		expect("a second later", 20_000)
	})
}

func TestTimeSpentInVainIsNoPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memorySink{delay: time.Second, fail: func(int) error { return Transient(errors.New("away")) }}
		c := newCommitter(build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s"}}}), NewChannel(ChannelConfig{}))
		c.group.Batches = []*Batch{NewBatch(LaneLow, `{}`, `{}`)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.write(ctx); !IsTransient(err) {
			t.Fatal(err)
		}
		if c.pace.record != 0 {
			t.Errorf("%v ns a record are known of a sink that took none", c.pace.record)
		}
		sink.delay, sink.fail = time.Millisecond, nil
		if _, err := c.write(t.Context()); err != nil || c.pace.record != float64(time.Millisecond)/2 {
			t.Errorf("%v ns a record, %v", c.pace.record, err)
		}
	})
}

func TestThePaceFollowsTheSink(t *testing.T) {
	var p pace
	p.note(0, time.Second)
	p.note(1000, time.Millisecond)
	if !p.within(4999, urgentWork) || p.within(5000, urgentWork) {
		t.Errorf("%v ns a record", p.record)
	}
	for range 20 {
		p.note(10, time.Millisecond)
	}
	if p.within(51, urgentWork) {
		t.Errorf("it stays at %v ns a record", p.record)
	}
}
