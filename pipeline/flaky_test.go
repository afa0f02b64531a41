package pipeline

import (
	"math/rand/v2"
	"sync"
	"time"
)

// flaky lets some calls of random runs fail: each record that is chosen fails one
// to three times.
type flaky struct {
	seed   uint64
	chance int // none, few or more

	mu    sync.Mutex // guards what follows
	tries map[[3]uint64]int
	calls uint64
}

// fails says whether the call for a record is to fail.
func (f *flaky) fails(stage uint64, rec *Record) bool {
	key := [3]uint64{stage, uint64(rec.Lane()), uint64(rec.Line())}
	r := rand.New(rand.NewPCG(f.seed^stage, key[1]<<32|key[2]))
	if r.IntN(300) >= f.chance {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries[key]++
	return f.tries[key] <= 1+r.IntN(3)
}

// random returns a number below n that depends on the seed and the calls before.
func (f *flaky) random(salt uint64, n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	return rand.New(rand.NewPCG(f.seed^salt, f.calls)).IntN(n)
}

// randomResilience gives a stage reserves and what it does about failures, and
// returns the sum of the reserves.
func randomResilience(r *rand.Rand, s *StageConfig) (reserved int) {
	if s.Workers > 1 && r.IntN(2) == 0 {
		reserved = 1 + r.IntN(s.Workers-1)
		for range reserved {
			s.Lanes[r.IntN(LaneCount)].Reserve++
		}
	}
	s.Retry = RetryConfig{Attempts: r.IntN(4), Backoff: time.Duration(1+r.IntN(3)) * time.Millisecond, Jitter: r.Float64()}
	if r.IntN(3) == 0 {
		s.Breaker = BreakerConfig{Failures: 1 + r.IntN(3), Delay: time.Duration(1+r.IntN(5)) * time.Millisecond}
		if s.Retry.Attempts > 0 {
			s.Retry.Attempts += s.Breaker.Failures
		}
	}
	if r.IntN(4) == 0 {
		s.Timeout = time.Duration(500+r.IntN(1000)) * time.Microsecond
	}
	if r.IntN(3) == 0 {
		s.Fallback = FallbackPass
	}
	return reserved
}
