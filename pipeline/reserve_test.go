package pipeline

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestALaneMayTakeFromItsReserveAndFromWhatIsShared(t *testing.T) {
	kept := [LaneCount]int{LaneCritical: 1, LaneHigh: 2}
	for _, tc := range []struct {
		name    string
		busy    [LaneCount]int // critical, high, normal, low
		workers int
		want    string // lanes that may take a batch
	}{
		{"nothing is busy", [LaneCount]int{}, 5, "critical high normal low"},
		{"others use up what is shared", [LaneCount]int{0, 0, 1, 1}, 5, "critical high"},
		{"a lane beyond its reserve uses what is shared", [LaneCount]int{3, 0, 0, 0}, 5, "high"},
		{"a reserve that is in use is not shared", [LaneCount]int{1, 2, 1, 0}, 5, "critical high normal low"},
		{"everything is busy", [LaneCount]int{1, 2, 1, 1}, 5, ""},
		{"more are busy than there are to be", [LaneCount]int{1, 2, 4, 4}, 4, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := reserve{kept: kept, total: 3, busy: tc.busy}
			var got []string
			for l := range Lane(LaneCount) {
				if r.allows(l, tc.workers) {
					got = append(got, l.String())
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("%v may, want %s", got, tc.want)
			}
		})
	}
}

// slowLow takes 500 ms for a batch of low and 5 ms for one of critical, and
// keeps how long critical batches took from being framed.
type slowLow struct {
	mu    sync.Mutex
	waits []time.Duration
}

func (s *slowLow) Process(_ context.Context, b *Batch) error {
	if b.Lane() == LaneLow {
		time.Sleep(500 * time.Millisecond)
		return nil
	}
	time.Sleep(5 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, time.Since(b.Read()))
	return nil
}

func TestAReservedWorkerKeepsCriticalFastBesideSlowLow(t *testing.T) {
	for _, tc := range []struct {
		reserve int
		slowest time.Duration
	}{{0, 505 * time.Millisecond}, {1, 5 * time.Millisecond}} {
		t.Run(fmt.Sprint(tc.reserve, " of 4 workers reserved"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stage := &slowLow{}
				cfg := StageConfig{Name: "s", Stage: stage, Workers: 4, Schedule: ScheduleStrict}
				cfg.Lanes[LaneCritical].Reserve = tc.reserve
				p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{cfg}})
				begun := time.Now()
				err := p.Run(t.Context(), Sources{
					&linesSource{lines: numbered("low", 600), lane: LaneLow, perChunk: 10},
					&linesSource{lines: numbered("critical", 100), lane: LaneCritical, perChunk: 1, after: func(int) { time.Sleep(50 * time.Millisecond) }},
				})
				if err != nil {
					t.Fatal(err)
				}
				var slowest time.Duration
				for _, d := range stage.waits {
					slowest = max(slowest, d)
				}
				if tc.reserve > 0 && slowest != tc.slowest || tc.reserve == 0 && slowest <= 100*time.Millisecond {
					t.Errorf("the slowest critical batch took %v, want %v", slowest, tc.slowest)
				}
				if took := time.Since(begun); tc.reserve == 1 && took != 10*time.Second {
					t.Errorf("60 batches of low took %v on the 3 workers that are not reserved, want 10s", took)
				}
				wantClosed(t, p)
			})
		})
	}
}

func TestABatchThatBacksOffUsesNoneOfTheSharedWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // with nobody to try again all goroutines would wait for ever
		fails := 3
		stage := StageFunc(func(context.Context, *Batch) error {
			if fails--; fails >= 0 {
				return Transient(errDown)
			}
			return nil
		})
		cfg := StageConfig{Name: "s", Stage: stage, Workers: 2, Retry: exactly}
		cfg.Lanes[LaneCritical].Reserve = 1
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{cfg}})
		if err := p.Run(t.Context(), &linesSource{lines: numbered("low", 10), lane: LaneLow}); err != nil {
			t.Fatal(err)
		}
		if l := wantClosed(t, p); l.Persisted != 10 {
			t.Errorf("persisted %d, want 10", l.Persisted)
		}
	})
}

func TestAReserveLeavesAWorkerToTheOthers(t *testing.T) {
	for _, tc := range []struct {
		workers, reserve int
		want             string
	}{
		{4, 3, ""},
		{4, 4, "s.workers: 4, of which the lanes reserve 4; expected more"},
		{4, -1, "s.lanes.low.reserve: -1; expected"},
	} {
		cfg := StageConfig{Name: "s", Workers: tc.workers}
		cfg.Lanes[LaneLow].Reserve = tc.reserve
		p, err := New(Config{Sink: &memorySink{}, Stages: []StageConfig{cfg}})
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d of %d: %v, want %q", tc.reserve, tc.workers, err, tc.want)
		}
		if err != nil {
			continue
		}
		if err := p.Resize("s", 3); err == nil || !strings.Contains(err.Error(), "3 workers; expected more than the 3 that its lanes reserve") {
			t.Errorf("a resize to the reserve: %v", err)
		}
		if err := p.Resize("s", 5); err != nil {
			t.Error(err)
		}
	}
}

func TestIdleWorkersWaitWithoutATimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		stage := StageFunc(func(context.Context, *Batch) error { calls.Add(1); return nil })
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: MaxWorkers,
			Breaker: BreakerConfig{Failures: 3}, Timeout: time.Second}}})
		hold := make(chan struct{})
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: numbered("n", 10), hold: hold}) }()
		synctest.Wait()
		// A worker that stirred would wait for the lock, and while one does the
		// bubble's clock stands still: the year would have no end.
		w := p.pools[0]
		w.mu.Lock()
		time.Sleep(365 * 24 * time.Hour)
		if w.time.now[activityIdle] != MaxWorkers {
			t.Errorf("%d of %d workers are idle", w.time.now[activityIdle], MaxWorkers)
		}
		w.mu.Unlock()
		close(hold)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if calls.Load() != 1 {
			t.Errorf("%d calls, want 1", calls.Load())
		}
	})
}

func TestAResizeUnderLoadKeepsTheOrderOfEachLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stage := StageFunc(func(_ context.Context, b *Batch) error {
			time.Sleep(time.Duration(b.Record(0).Line()%7) * time.Millisecond)
			if b.Record(0).Line()%5 == 0 && !b.Record(0).scanned {
				b.Record(0).Index(DefaultMaxDepth)
				return Transient(errDown)
			}
			return nil
		})
		sink := &memorySink{}
		cfg := StageConfig{Name: "s", Stage: stage, Workers: 1, Retry: RetryConfig{Backoff: 3 * time.Millisecond}}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{cfg}})
		var sources Sources
		var sent [LaneCount][]string
		for l := range Lane(LaneCount) {
			sent[l] = numbered(l.String(), 8000)
			sources = append(sources, &linesSource{lines: sent[l], lane: l, perChunk: 7})
		}
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), sources) }()
		for _, n := range []int{64, 1, 64, 1} {
			time.Sleep(20 * time.Millisecond)
			if err := p.Resize("s", n); err != nil {
				t.Fatal(err)
			}
		}
		if p.Status().Ledger.InFlight == 0 {
			t.Fatal("the load was over before the last resize")
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		for l := range Lane(LaneCount) {
			sameLines(t, l.String(), sink.rows[l], sent[l])
		}
		wantClosed(t, p)
	})
}

func TestAReservedWorkerLeavesTheSharesOfTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done [LaneCount]atomic.Int64
		cfg := StageConfig{Name: "s", Workers: 3, Stage: StageFunc(func(_ context.Context, b *Batch) error {
			time.Sleep(time.Duration(b.Len()) * time.Millisecond)
			done[b.Lane()].Add(int64(b.Len()))
			return nil
		})}
		cfg.Lanes[LaneCritical].Reserve = 1
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{cfg}, DrainTimeout: time.Millisecond})
		ctx, stop := context.WithCancelCause(t.Context())
		ended := make(chan error)
		go func() {
			ended <- p.Run(ctx, Sources{
				&linesSource{lines: numbered("critical", 200_000), lane: LaneCritical, perChunk: 16},
				&linesSource{lines: numbered("high", 100_000), lane: LaneHigh, perChunk: 64},
				&linesSource{lines: numbered("low", 100_000), lane: LaneLow, perChunk: 64},
			})
		}()
		time.Sleep(40 * time.Second) // two shared workers: 80,000 records
		high, low := done[LaneHigh].Load(), done[LaneLow].Load()
		stop(ErrStopped)
		<-ended
		// Four to one by weight; each may be a visit of the round robin ahead.
		if share := float64(high) / float64(low); share < 3.7 || share > 4.3 {
			t.Errorf("high got %d and low %d, %.2f to 1; their weights are 4 to 1", high, low, share)
		}
	})
}
