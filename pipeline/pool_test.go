package pipeline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func sleepy(seed uint64, most time.Duration) Stage {
	var n atomic.Uint64
	return StageFunc(func(ctx context.Context, b *Batch) error {
		r := rand.New(rand.NewPCG(seed, n.Add(1)))
		time.Sleep(time.Duration(r.Int64N(int64(most))))
		for range b.Each() {
		}
		return nil
	})
}

func TestEveryRecordArrivesOnceAndInLaneOrderHoweverManyWorkers(t *testing.T) {
	for _, workers := range []int{1, 2, 7, 64} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memorySink{}
				p := build(t, Config{Sink: sink, Stages: []StageConfig{
					{Name: "a", Stage: sleepy(1, time.Second), Workers: workers},
					{Name: "b", Stage: sleepy(2, time.Second), Workers: workers},
				}})
				var sources Sources
				for l := range LaneCount {
					sources = append(sources, &linesSource{lines: numbered(Lane(l).String(), 1500), lane: Lane(l), perChunk: 37})
				}
				if err := p.Run(t.Context(), sources); err != nil {
					t.Fatal(err)
				}
				for l := range LaneCount {
					sameLines(t, Lane(l).String(), sink.rows[l], numbered(Lane(l).String(), 1500))
				}
				if l := wantClosed(t, p); l.Persisted != 6000 {
					t.Errorf("persisted %d, want 6000", l.Persisted)
				}
				if got := p.budget.inUse(); got != 0 {
					t.Errorf("%d bytes are still on the account", got)
				}
				if s := p.Status(); s.State != StateStopped {
					t.Errorf("state %s, want stopped", s.State)
				}
			})
		})
	}
}

func TestALaneThatIsStuckDownstreamHoldsNoWorkerAndNoOtherLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The last stage never finishes a low batch; the first has one worker,
		// which would be lost to the others if it waited for room.
		stuck := make(chan struct{})
		last := StageFunc(func(ctx context.Context, b *Batch) error {
			if b.Lane() == LaneLow {
				select {
				case <-stuck:
				case <-ctx.Done():
				}
			}
			return nil
		})
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{
			{Name: "first", Workers: 1},
			{Name: "last", Stage: last, Workers: 3, Lanes: [LaneCount]LaneConfig{LaneLow: {Capacity: 1}}},
		}})
		done := make(chan error)
		go func() {
			done <- p.Run(t.Context(), Sources{
				&linesSource{lines: numbered("low", 5000), lane: LaneLow},
				&linesSource{lines: numbered("critical", 6000), lane: LaneCritical},
			})
		}()
		synctest.Wait()
		// Low batches hold one record each here and may hold every worker of the
		// last stage; the window and the room of the lane bound what is taken.
		_, stages := p.ledger.snapshot()
		if got := stages[0].lanes[LaneCritical].Persisted; got < 4096 {
			t.Errorf("%d critical records got through the first stage, want at least its next channel's 4096", got)
		}
		close(stuck)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameLines(t, "critical", sink.rows[LaneCritical], numbered("critical", 6000))
		sameLines(t, "low", sink.rows[LaneLow], numbered("low", 5000))
		wantClosed(t, p)
	})
}

func TestALaneMayHaveFourBatchesAWorkerTakenAndNotReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := make(chan struct{})
		var taken atomic.Int64
		stage := StageFunc(func(_ context.Context, b *Batch) error {
			taken.Add(1)
			if b.Record(0).Line() == 1 {
				<-first
			}
			return nil
		})
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: 3}}})
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: numbered("n", 3000), perChunk: 10}) }()
		synctest.Wait()
		if got := taken.Load(); got != windowPerWorker*3 {
			t.Errorf("%d batches were taken while the first was held, want %d", got, windowPerWorker*3)
		}
		close(first)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
