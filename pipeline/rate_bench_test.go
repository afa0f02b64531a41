package pipeline

import (
	"runtime"
	"testing"
	"time"
)

// generous never holds anybody back, and is asked all the same.
func generous(kind RateKind) RateConfig {
	return RateConfig{Limit: MaxRateLimit, Per: time.Millisecond, Kind: kind}
}

// BenchmarkRateLimits is records of 64 bytes through one stage that does nothing,
// without a limit and with limits that hold nobody back.
func BenchmarkRateLimits(b *testing.B) {
	for _, c := range []struct {
		name string
		cfg  Config
	}{
		{"none", Config{}},
		{"token bucket", Config{Rate: generous(RateTokenBucket)}},
		{"leaky bucket", Config{Rate: generous(RateLeakyBucket)}},
		{"sliding window", Config{Rate: generous(RateSlidingWindow)}},
		{"common and lane", Config{Rate: generous(RateTokenBucket), LaneRates: [LaneCount]RateConfig{LaneNormal: generous(RateSlidingWindow)}}},
		{"of another lane", Config{LaneRates: [LaneCount]RateConfig{LaneLow: generous(RateTokenBucket)}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			c.cfg.Sink, c.cfg.Stages = nullSink{}, []StageConfig{{Name: "a"}}
			p, err := New(c.cfg)
			if err != nil {
				b.Fatal(err)
			}
			lines := make([]byte, ChunkSize)
			b.ResetTimer()
			if err := p.Run(b.Context(), endless{b.N/(ChunkSize/64) + 1, lines}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkCutBatch is a batch of 256 records given away in parts.
func BenchmarkCutBatch(b *testing.B) {
	for name, size := range map[string]int{"one by one": 1, "by 10": 10, "by 100": 100} {
		b.Run(name, func(b *testing.B) {
			whole := batchOf(LaneNormal, 0, MaxBatchRecords)
			b.ReportAllocs()
			for b.Loop() {
				for lo := 0; lo < MaxBatchRecords; lo += size {
					whole.cut(lo, min(lo+size, MaxBatchRecords)).release()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/MaxBatchRecords, "ns/record")
		})
	}
}

func TestPassingALimitAndCuttingABatchAllocateNothing(t *testing.T) {
	r := newRates(&Config{Rate: generous(RateSlidingWindow), LaneRates: [LaneCount]RateConfig{LaneLow: generous(RateLeakyBucket)}})
	c := &rateClaim{lane: LaneLow, granted: newSignal()}
	whole := batchOf(LaneLow, 0, MaxBatchRecords)
	pass := func() {
		c.n = 1 + MaxBatchRecords/2
		if v, err := r.admit(t.Context(), c); err != nil || v.pass != c.n {
			t.Fatalf("%+v, error %v", v, err)
		}
		for _, n := range []int{1, smallBatch, MaxBatchRecords - 1} {
			whole.cut(1, n+1).release()
		}
	}
	// The race detector makes pools forget some of what they are given.
	if n := testing.AllocsPerRun(1000, pass); n > 10 {
		t.Errorf("%v allocations for %d records, want none", n, MaxBatchRecords+smallBatch)
	}
}

func TestARateLimitAllocatesNothingARecord(t *testing.T) {
	lines := make([]byte, ChunkSize)
	for name, cfg := range map[string]Config{
		"that holds nobody": {Rate: generous(RateSlidingWindow), LaneRates: [LaneCount]RateConfig{LaneNormal: generous(RateTokenBucket)}},
		"that drops":        {Rate: RateConfig{Limit: 1000, Over: RateOverDrop}},
		"of dead letters":   {Rate: RateConfig{Limit: 1000, Over: RateOverDrop, Dropped: DropToDeadLetter}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Sink, cfg.Stages = nullSink{}, []StageConfig{{Name: "a"}}
			allocations := func(chunks int) float64 {
				p := build(t, cfg)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if err := p.Run(t.Context(), endless{chunks, lines}); err != nil {
					t.Error(err)
				}
				runtime.ReadMemStats(&after)
				return float64(after.Mallocs - before.Mallocs)
			}
			allocations(100) // fills the pools
			more := (allocations(110) - allocations(10)) / (100 * ChunkSize / 64)
			t.Logf("%.4f allocations a record", more)
			if more > 0.05 {
				t.Errorf("%.4f allocations a record, want none", more)
			}
		})
	}
}
