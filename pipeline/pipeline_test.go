package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestFilteredRecordsAreCountedAndTravelOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stage := EachRecord(func(_ context.Context, r *Record) error {
			if r.Line()%2 == 0 {
				r.Filter()
			}
			return nil
		})
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: stage}, {Name: "t"}}})
		if err := p.Run(t.Context(), &linesSource{lines: numbered("n", 100), start: Progress{Source: "f"}}); err != nil {
			t.Fatal(err)
		}
		if l := wantClosed(t, p); l.Filtered != 50 || l.Persisted != 50 {
			t.Errorf("filtered %d and persisted %d, want 50 and 50", l.Filtered, l.Persisted)
		}
		if got := sink.progress.Frontier; got == 0 {
			t.Error("filtered records did not move the progress")
		}
	})
}

func TestAFailingStageOrSinkFailsTheRunAndCountsWhatIsLeft(t *testing.T) {
	boom := errors.New("boom")
	for _, tc := range []struct {
		name string
		cfg  Config
	}{
		{"stage", Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: StageFunc(func(context.Context, *Batch) error { return boom })}}}},
		{"sink", Config{Sink: &memorySink{fail: func(n int) error {
			if n == 3 {
				return boom
			}
			return nil
		}}, Stages: []StageConfig{{Name: "s"}}}},
		{"sink that panics", Config{Sink: &memorySink{fail: func(n int) error { panic(boom) }}, Stages: []StageConfig{{Name: "s"}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := build(t, tc.cfg)
				err := p.Run(t.Context(), &linesSource{lines: numbered("n", 100_000)})
				if !errors.Is(err, boom) {
					t.Fatalf("Run returned %v, want boom", err)
				}
				l := wantClosed(t, p)
				if l.Left == 0 {
					t.Error("nothing is left, though the run broke off")
				}
				if s := p.Status().State; s != StateFailed {
					t.Errorf("state %s, want failed", s)
				}
			})
		})
	}
}

func TestWithAStuckSinkEveryChannelFillsToItsBoundAndNotBeyond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		p := build(t, Config{Sink: &memorySink{hang: hang}, Stages: []StageConfig{{Name: "a"}, {Name: "b"}, {Name: "c"}}})
		done := make(chan error)
		go func() {
			done <- p.Run(t.Context(), Sources{
				&linesSource{lines: numbered("low", 40_000), lane: LaneLow, perChunk: 256},
				&linesSource{lines: numbered("high", 40_000), lane: LaneHigh, perChunk: 256},
			})
		}()
		synctest.Wait()
		for i, c := range p.channels {
			for _, lane := range []Lane{LaneHigh, LaneLow} {
				if s := c.Lane(lane); s.Depth != s.Capacity {
					t.Errorf("channel %d holds %d %v records, want %d", i, s.Depth, lane, s.Capacity)
				}
			}
		}
		if in := p.Status().Ledger.InFlight; in > 2*5*4096 {
			t.Errorf("%d records are in flight, more than five channels hold", in)
		}
		close(hang)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		wantClosed(t, p)
	})
}

func TestADeadLetterNamesTheStageThatRejectedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &RecordError{Code: CodeRule} // as a stage might keep one for all its records
		sink := &memorySink{}
		reject := func(rest int64) Stage {
			return EachRecord(func(_ context.Context, r *Record) error {
				if r.Line()%4 == rest {
					r.Reject(shared)
				}
				return nil
			})
		}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "a", Stage: reject(1)}, {Name: "b", Stage: reject(2)}}})
		if err := p.Run(t.Context(), &linesSource{lines: numbered("n", 400), perChunk: 10}); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, e := range sink.dead[0] {
			got[e.Stage]++
		}
		if len(got) != 2 || got["a"] != 100 || got["b"] != 100 {
			t.Errorf("dead letters by stage: %v, want 100 each of a and b", got)
		}
	})
}
