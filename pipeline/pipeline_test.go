package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
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

func TestAPoisonRecordDiesAloneAndNothingIsRunTwice(t *testing.T) {
	fails := map[string]func() error{
		"a panic":        func() error { panic("poison") },
		"a record error": func() error { return &RecordError{Code: CodeRule, Message: "poison"} },
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := map[string]int{}
				stage := EachRecord(func(_ context.Context, r *Record) error {
					seen[string(r.Raw())]++
					if r.Line()%10 == 3 {
						return fail()
					}
					return nil
				})
				sink := &memorySink{}
				p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: 1}}})
				if err := p.Run(t.Context(), &linesSource{lines: numbered("n", 1000), lane: LaneHigh}); err != nil {
					t.Fatal(err)
				}
				for line, n := range seen {
					if n != 1 {
						t.Errorf("%s was run %d times, want once", line, n)
					}
				}
				if l := wantClosed(t, p); l.Dead != 100 || l.Persisted != 900 {
					t.Errorf("dead %d and persisted %d, want 100 and 900", l.Dead, l.Persisted)
				}
				e := sink.dead[LaneHigh][0]
				if e.Stage != "s" || !strings.Contains(e.Message, "poison") {
					t.Errorf("dead letter %+v does not name its stage and reason", e)
				}
				if e.Code == CodePanic && !strings.Contains(e.Message, "pipeline_test.go") {
					t.Errorf("the dead letter of a panic has no stack: %s", e.Message)
				}
			})
		})
	}
}

type wholeBatch struct {
	bad  string
	runs int
}

func (w *wholeBatch) Process(_ context.Context, b *Batch) error {
	w.runs++
	var lines []string
	for r := range b.Each() {
		lines = append(lines, string(r.Raw()))
	}
	for _, l := range lines { // outside the cursor, as a bulk call would fail
		if l == w.bad {
			panic("poison")
		}
	}
	return nil
}

type repeatableBatch struct{ wholeBatch }

func (*repeatableBatch) Repeatable() {}

func TestAStageWithoutACursorIsHalvedOnlyIfItSaysThatThisIsSafe(t *testing.T) {
	lines := numbered("n", 200)
	for _, tc := range []struct {
		name  string
		stage Stage
		dead  int64
	}{
		{"repeatable: one record dies", &repeatableBatch{wholeBatch{bad: lines[77]}}, 1},
		{"not repeatable: its batch dies", &wholeBatch{bad: lines[77]}, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: tc.stage, Workers: 1}}})
				if err := p.Run(t.Context(), &linesSource{lines: lines}); err != nil {
					t.Fatal(err)
				}
				if l := wantClosed(t, p); l.Dead != tc.dead {
					t.Errorf("dead %d, want %d", l.Dead, tc.dead)
				}
			})
		})
	}
}

func TestASecondPassOverABatchGoesOnWhereItBroke(t *testing.T) {
	var first, second []int64
	stage := StageFunc(func(_ context.Context, b *Batch) error {
		for r := range b.Each() {
			first = append(first, r.Line())
		}
		for r := range b.Each() {
			second = append(second, r.Line())
			if r.Line() == 2 {
				panic("poison")
			}
		}
		return nil
	})
	b := NewBatch(LaneLow, "1", "2", "3")
	if _, err := (&caller{name: "s", stage: stage}).run(t.Context(), b, nil, 0); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(first, second) != "[1 2 3] [1 2 3]" {
		t.Errorf("passes saw %v and %v, want each record once in each", first, second)
	}
	if b.Dead() != 1 || b.Record(1).Err().Code != CodePanic {
		t.Errorf("record 2 is not the only dead one")
	}
}

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

func TestStopDrainsSoftThenHardThenAbandons(t *testing.T) {
	for _, tc := range []struct {
		name string
		sink *memorySink
		hang bool
		want error
		took time.Duration
		left bool
	}{
		{"a prompt pipeline drains", &memorySink{delay: time.Second}, false, ErrStopped, 0, false},
		{"a hanging sink is cancelled after the budget", &memorySink{}, true, ErrDrainTimeout, 10 * time.Second, true},
		{"one that ignores this is abandoned after the grace", &memorySink{ignores: true}, true, ErrAbandoned, 13 * time.Second, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				sink := tc.sink
				if tc.hang {
					sink.hang = release
				}
				p := build(t, Config{Sink: sink, DrainTimeout: 10 * time.Second, Grace: 3 * time.Second, Stages: []StageConfig{{Name: "s"}}})
				ctx, cancel := context.WithCancelCause(t.Context())
				hold := make(chan struct{})
				stopped := time.Now()
				src := &linesSource{lines: numbered("n", 2000), hold: hold, after: func(i int) {
					if i == 19 {
						stopped = time.Now()
						cancel(ErrStopped)
					}
				}}
				err := p.Run(ctx, src)
				if !errors.Is(err, tc.want) {
					t.Errorf("Run returned %v, want %v", err, tc.want)
				}
				if took := time.Since(stopped); tc.took > 0 && took != tc.took {
					t.Errorf("the stop took %v, want %v", took, tc.took)
				}
				l := wantClosed(t, p)
				if l.Accepted != 2000 || tc.left != (l.Left > 0) {
					t.Errorf("accepted %d and left %d", l.Accepted, l.Left)
				}
				if tc.want == ErrAbandoned && !strings.Contains(err.Error(), "sink") {
					t.Errorf("%q does not name who was abandoned", err)
				}
				if sink.ignores {
					close(release)
					synctest.Wait()
					if late := wantClosed(t, p); late.Persisted != l.Persisted {
						t.Errorf("an abandoned sink settled %d records after the end", late.Persisted-l.Persisted)
					}
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

func TestASinkThatSettlesLaterIsFlushedWhenNothingMoreComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memorySink{release: true}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s"}}})
		hold := make(chan struct{})
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: numbered("n", 300), hold: hold}) }()
		synctest.Wait()
		if got := p.Status().Ledger; got.Persisted != 0 || got.InFlight != 300 {
			t.Errorf("before the flush: %+v", got.Counts)
		}
		time.Sleep(flushIdle)
		synctest.Wait()
		if got := p.Status().Ledger; got.Persisted != 300 || got.InFlight != 0 {
			t.Errorf("after the flush: %+v", got.Counts)
		}
		time.Sleep(time.Hour)
		if sink.flushes != 1 {
			t.Errorf("an idle sink was flushed %d times, want once", sink.flushes)
		}
		close(hold)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
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
