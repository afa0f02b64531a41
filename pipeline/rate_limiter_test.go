package pipeline

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestABucketCountsExactly compares with whole numbers: tokens are counted in
// nanoseconds x limit, of which one record costs per.
func TestABucketCountsExactly(t *testing.T) {
	for _, cfg := range []RateConfig{
		{Limit: 1}, {Limit: 3}, {Limit: 7, Burst: 20}, {Limit: 1000, Burst: 100}, {Limit: 300_000, Burst: 50},
		{Limit: 7, Per: time.Minute, Burst: 3}, {Limit: 1, Per: time.Hour}, {Limit: 999_983, Per: 7 * time.Second, Burst: 1000},
		{Limit: 300, Kind: RateLeakyBucket}, {Limit: 450_000, Kind: RateLeakyBucket},
	} {
		cfg = cfg.WithDefaults()
		l := newRateLimit(cfg, "")
		random := rand.New(rand.NewPCG(1, uint64(cfg.Limit)))
		cost, limit, most := int64(cfg.Per), int64(cfg.Limit), int64(l.most)
		level := most * cost
		now := time.Now()
		each := int64(cfg.Per) / limit
		for step := range 20_000 {
			d := random.Int64N(4*each + 2)
			now = now.Add(time.Duration(d))
			level = min(most*cost, level+d*limit)
			got := l.permits(now)
			// What is less than a nanosecond ahead of its time may pass.
			low, high := max(0, level/cost), max(0, min(most, (level+limit)/cost))
			if int64(got) < low || int64(got) > high {
				t.Fatalf("%s, burst %d, step %d: %d permits, want %d to %d", cfg, l.most, step, got, low, high)
			}
			if got > 0 && l.until(now, got) > 0 {
				t.Fatalf("%s: %d permits now, and until then %v", cfg, got, l.until(now, got))
			}
			n := random.IntN(got + 1)
			l.take(now, n)
			level -= int64(n) * cost
			if want := l.permits(now); want != got-n && got < l.most {
				t.Fatalf("%s, step %d: %d permits after taking %d of %d", cfg, step, want, n, got)
			}
		}
	}
}

func TestUntilIsWhenTheRecordsMayPassAndNotBefore(t *testing.T) {
	for _, cfg := range []RateConfig{
		{Limit: 3}, {Limit: 1000, Burst: 100}, {Limit: 7, Per: time.Minute}, {Limit: 300, Kind: RateLeakyBucket},
		{Limit: 5, Kind: RateSlidingWindow}, {Limit: 200_000, Kind: RateSlidingWindow},
	} {
		l := newRateLimit(cfg, "")
		random := rand.New(rand.NewPCG(2, uint64(cfg.Limit)))
		now := time.Now()
		for range 2000 {
			now = now.Add(time.Duration(random.Int64N(int64(2*time.Second) / int64(cfg.Limit))))
			l.take(now, random.IntN(l.permits(now)+1))
			n := 1 + random.IntN(l.most)
			wait := l.until(now, n)
			if wait > 1 && l.permits(now.Add(wait-2)) >= n {
				t.Fatalf("%s: %d may pass before %v", cfg, n, wait)
			}
			now = now.Add(wait)
			if got := l.permits(now); got < n && l.until(now, n) > 1 {
				t.Fatalf("%s: %d of %d may pass after %v, and %v are left", cfg, got, n, wait, l.until(now, n))
			}
			now = now.Add(l.until(now, n))
		}
	}
}

// TestAWindowNeverHasMoreThanTheLimit compares with a list of all that passed.
func TestAWindowNeverHasMoreThanTheLimit(t *testing.T) {
	for _, cfg := range []RateConfig{
		{Limit: 1}, {Limit: 10}, {Limit: 250, Per: 100 * time.Millisecond}, {Limit: maxWindowEntries + 1},
	} {
		cfg.Kind = RateSlidingWindow
		cfg = cfg.WithDefaults()
		w := newSlidingWindow(cfg)
		random := rand.New(rand.NewPCG(3, uint64(cfg.Limit)))
		type passed struct {
			at time.Time
			n  int
		}
		var all []passed
		now := time.Now()
		for step := range 3000 {
			now = now.Add(time.Duration(random.Int64N(int64(cfg.Per) / 20)))
			inside := 0
			for i := len(all) - 1; i >= 0 && now.Sub(all[i].at) < cfg.Per; i-- {
				inside += all[i].n
			}
			got := w.permits(now)
			if got > cfg.Limit-inside || w.grain == 0 && got < cfg.Limit-inside {
				t.Fatalf("%s, step %d: %d permits with %d in the window", cfg, step, got, inside)
			}
			n := random.IntN(got + 1)
			if random.IntN(3) == 0 {
				n = got
			}
			w.take(now, n)
			all = append(all, passed{now, n})
		}
	}
}

func TestAWindowOfManyRecordsTakesBoundedMemory(t *testing.T) {
	w := newSlidingWindow(RateConfig{Limit: MaxRateLimit, Per: time.Second})
	now := time.Now()
	for range 300_000 {
		now = now.Add(4 * time.Microsecond)
		w.take(now, 1)
	}
	if n := w.passed.len(); n > maxWindowEntries+1 {
		t.Errorf("%d entries, want at most %d", n, maxWindowEntries+1)
	}
	if got, want := MaxRateLimit-w.permits(now), 250_000; got < want || got > want+100 {
		t.Errorf("%d in the window, want %d and no more than a grain beside it", got, want)
	}
}
