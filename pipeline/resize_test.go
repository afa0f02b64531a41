package pipeline

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestResizeUnderLoadChangesTheWorkersAndKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy, most atomic.Int64
		stage := StageFunc(func(_ context.Context, b *Batch) error {
			n := busy.Add(1)
			defer busy.Add(-1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			time.Sleep(time.Duration(b.Record(0).Line()%7) * 10 * time.Millisecond)
			return nil
		})
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: 1}}})
		done := make(chan error)
		lines := numbered("n", 60_000)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: lines, perChunk: 20}) }()
		for _, n := range []int{64, 1, 3} {
			time.Sleep(200 * time.Millisecond)
			if err := p.Resize("s", n); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond) // longer than any batch takes
			most.Store(0)
			time.Sleep(300 * time.Millisecond)
			if got := most.Load(); got > int64(n) || n > 1 && got < 2 {
				t.Errorf("after a resize to %d, %d workers were busy at once", n, got)
			}
			if got := p.Status().Stages[0].Workers; got != n {
				t.Errorf("status says %d workers, want %d", got, n)
			}
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameLines(t, "rows", sink.rows[LaneCritical], lines)
		wantClosed(t, p)
		if err := p.Resize("s", 5); err != nil {
			t.Errorf("a resize after the end: %v", err)
		}
	})
}

func TestResizeRefusesWhatCannotBe(t *testing.T) {
	p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s"}}})
	for _, tc := range []struct {
		stage string
		n     int
	}{{"s", 0}, {"s", MaxWorkers + 1}, {"nobody", 2}} {
		if err := p.Resize(tc.stage, tc.n); err == nil {
			t.Errorf("Resize(%q, %d) was accepted", tc.stage, tc.n)
		}
	}
}

func TestAWakeUpIsNotLostOnAWorkerThatLeaves(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Workers: 4}}})
			hold, resize := make(chan struct{}), make(chan struct{})
			done := make(chan error)
			go func() {
				<-resize
				done <- p.Run(t.Context(), &linesSource{lines: numbered("n", 3), perChunk: 1, hold: hold, after: func(int) {
					if err := p.Resize("s", 1); err != nil {
						t.Error(err)
					}
				}})
			}()
			close(resize)
			synctest.Wait()
			if got := p.Status().Ledger.Persisted; got != 3 {
				t.Errorf("%d of 3 records came through", got)
			}
			close(hold)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAResizeBeforeTheRunStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a goroutine that is left fails the bubble
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s"}}})
		if err := p.Resize("s", 8); err != nil {
			t.Fatal(err)
		}
		if p.pools[0].busy() {
			t.Error("a worker was started")
		}
	})
}
