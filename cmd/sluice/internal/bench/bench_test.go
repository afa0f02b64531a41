package bench

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

func TestAStallCountsForTheRecordsThatWereDueMeanwhile(t *testing.T) {
	for name, capacity := range map[string]int{
		"when the channels hold them":          4096,
		"when they have to wait at the source": 16,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := oneLane(pipeline.LaneNormal, 1000)
				p.Duration = 4 * time.Second
				r, err := measure(t, t.Context(), p, &countingSink{stall: stallOnce(time.Second, time.Second)}, capacity)
				if err != nil {
					t.Fatal(err)
				}
				// A thousand of the four thousand were due while the sink stood still, the
				// first of them a second before it went on.
				got := r.Lanes[0].Latency
				if got.Count != 4000 || got.Since != "due" {
					t.Errorf("%d records since %q, want 4000 since due", got.Count, got.Since)
				}
				for what, pair := range map[string][2]float64{
					"p50": {got.P50, 0}, "p90": {got.P90, 600}, "p99": {got.P99, 960}, "p99.9": {got.P999, 996}, "max": {got.Max, 1000},
				} {
					if math.Abs(pair[0]-pair[1]) > 3 {
						t.Errorf("%s is %v ms, want %v", what, pair[0], pair[1])
					}
				}
			})
		})
	}
}

func TestWithoutARateTheLatencyIsSinceTheHandOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := oneLane(pipeline.LaneLow, 0)
		p.Records = 1000
		r, err := measure(t, t.Context(), p, &countingSink{stall: stallOnce(0, time.Second)}, 4096)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Lanes[0]
		if got.Latency.Since != "handed over" || got.Latency.Count != 1000 || math.Abs(got.Latency.P50-1000) > 2 {
			t.Errorf("got %+v, want 1000 records that took a second since they were handed over", got.Latency)
		}
	})
}

func TestEachLaneGetsWhatItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Plan{Duration: 2 * time.Second, Seed: DefaultSeed}
		p.Shares = [pipeline.LaneCount]float64{1, 0, 4, 5}
		p.Rates = [pipeline.LaneCount]Rate{{Value: 100}, {}, {Value: 400}, {Value: 500}}
		sink := &countingSink{}
		r, err := measure(t, t.Context(), p, sink, 4096)
		if err != nil {
			t.Fatal(err)
		}
		if want := [pipeline.LaneCount]int{200, 0, 800, 1000}; sink.records != want || sink.broken {
			t.Errorf("the sink got %v, want %v, each lane in order (broken: %v)", sink.records, want, sink.broken)
		}
		wantAddedUp(t, r, sink)
	})
}

func TestTheMixHoldsWithoutRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Plan{Records: 100_000, Coupled: true, Shares: DefaultMix, Seed: DefaultSeed}
		sink := &countingSink{}
		r, err := measure(t, t.Context(), p, sink, 4096)
		if err != nil {
			t.Fatal(err)
		}
		if want := [pipeline.LaneCount]int{1000, 0, 0, 99_000}; sink.records != want || sink.broken {
			t.Errorf("the sink got %v, want %v, each lane in order (broken: %v)", sink.records, want, sink.broken)
		}
		wantAddedUp(t, r, sink)
	})
}

func TestWhatASlowPipelineDoesNotTakeIsOfferedAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := oneLane(pipeline.LaneLow, 10_000)
		p.Duration = time.Second
		waits := Waits{}
		waits[pipeline.LaneLow] = 100 * time.Millisecond
		p.Slow = Slow{"work": waits}
		sink := &countingSink{}
		r, err := measure(t, t.Context(), p, sink, 256)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Lanes[0]; got.Offered != 10_000 || got.Accepted >= got.Offered {
			t.Errorf("%d offered and %d accepted, want 10000 and less", got.Offered, got.Accepted)
		}
		wantAddedUp(t, r, sink)
		if c := r.Stages[0].Lanes[0]; c.Deepest != 256 || c.LongestWaitMS < 100 || c.BoundMS == nil {
			t.Errorf("the channel is described as %+v", c)
		}
		if r.Bottleneck != "work" || r.Stages[0].Busy < 0.9 {
			t.Errorf("the bottleneck is %q, busy %v; want work, most of the time", r.Bottleneck, r.Stages[0].Busy)
		}
	})
}

func TestAStopEndsTheSendingAndStillReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer time.AfterFunc(time.Second, func() { cancel(pipeline.ErrStopped) }).Stop()
		p := oneLane(pipeline.LaneHigh, 100)
		p.Duration = time.Hour
		sink := &countingSink{}
		r, err := measure(t, ctx, p, sink, 4096)
		if !errors.Is(err, pipeline.ErrStopped) || r.Error == "" {
			t.Errorf("ended with %v, want the stop, in the report too", err)
		}
		if r.SendingS != 1 || r.Accepted < 100 || r.Accepted > 101 {
			t.Errorf("%d records in %v s, want those of one second", r.Accepted, r.SendingS)
		}
		wantAddedUp(t, r, sink)
	})
}

func TestTheTimeIsOverForASenderThatIsHeldBackForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := oneLane(pipeline.LaneHigh, 100)
		p.Duration = 2 * time.Second
		b, err := New(p, ingest.Config{Rule: pipeline.DefaultLaneRule()})
		if err != nil {
			t.Fatal(err)
		}
		stuck := pipeline.StageConfig{Name: "stuck", Stage: pipeline.StageFunc(func(ctx context.Context, _ *pipeline.Batch) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})}
		stuck.Lanes[pipeline.LaneHigh].Capacity = 10
		cfg := pipeline.Config{Stages: []pipeline.StageConfig{stuck}, Sink: &countingSink{}}
		b.Attach(&cfg)
		run, err := pipeline.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		began, calls := time.Now(), 0
		b.OnSent = func() {
			calls++
			if took := time.Since(began); took != p.Duration {
				t.Errorf("the sending was over after %v, want %v", took, p.Duration)
			}
			run.Abort(nil)
		}
		if err := run.Run(t.Context(), b); !errors.Is(err, pipeline.ErrAborted) || calls != 1 {
			t.Errorf("ended with %v, the end of the sending was told %d times", err, calls)
		}
	})
}

// wantAddedUp compares the report with itself and with what the sink got.
func wantAddedUp(t *testing.T, r Report, sink *countingSink) {
	t.Helper()
	if !r.Closes() || r.InFlight != 0 {
		t.Errorf("the ledger does not close: %+v", r.Counts)
	}
	var sum int64
	for _, l := range r.Lanes {
		sum += l.Accepted
		if !l.Closes() || l.Persisted != int64(sink.records[l.Lane]) || l.Latency.Count != l.Persisted || l.Offered < l.Accepted {
			t.Errorf("lane %v: offered %d, %+v, %d latencies, the sink got %d", l.Lane, l.Offered, l.Counts, l.Latency.Count, sink.records[l.Lane])
		}
	}
	if sum != r.Accepted {
		t.Errorf("the lanes accepted %d, the run %d", sum, r.Accepted)
	}
}
