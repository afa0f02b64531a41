package pipeline

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestPauseStopsTheIntakeAndResumeGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: sleepy(1, time.Millisecond)}}})
		chunks := 0
		lines := numbered("n", 20_000)
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: lines, after: func(int) { chunks++ }}) }()
		time.Sleep(10 * time.Millisecond)
		if err := p.Pause(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		read, before := chunks, p.Status()
		time.Sleep(time.Hour)
		after := p.Status()
		if chunks != read || before.Ledger.Persisted != after.Ledger.Persisted {
			t.Errorf("while paused, %d chunks were read and %d records persisted", chunks-read, after.Ledger.Persisted-before.Ledger.Persisted)
		}
		if after.State != StatePaused || !after.Stages[0].Paused {
			t.Errorf("state %s and stage paused %v, want paused", after.State, after.Stages[0].Paused)
		}
		if err := p.Resume(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameLines(t, "rows", sink.rows[0], lines)
		wantClosed(t, p)
		if p.Pause() == nil {
			t.Error("a finished run was paused")
		}
	})
}

func TestAPausedStageFillsItsChannelAndTheOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "a"}, {Name: "b"}}})
		if err := p.PauseStage("b"); err != nil {
			t.Fatal(err)
		}
		lines := numbered("n", 30_000)
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: lines, perChunk: 256}) }()
		synctest.Wait()
		s := p.Status()
		for _, st := range s.Stages {
			if d := st.Lanes[0]; d.Depth != d.Capacity {
				t.Errorf("the channel before %s holds %d, want %d", st.Name, d.Depth, d.Capacity)
			}
		}
		if s.Ledger.Persisted != 0 {
			t.Errorf("%d records passed a paused stage", s.Ledger.Persisted)
		}
		if err := p.Resume(); err != nil { // the run's, not the stage's
			t.Fatal(err)
		}
		synctest.Wait()
		if got := p.Status().Ledger.Persisted; got != 0 {
			t.Errorf("resuming the run let %d records through a stage that was paused by itself", got)
		}
		if err := p.ResumeStage("b"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameLines(t, "rows", sink.rows[0], lines)
	})
}

func TestAStopLiftsPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "a"}, {Name: "b"}}})
		if err := p.PauseStage("b"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx, &linesSource{lines: numbered("n", 500), hold: make(chan struct{})}) }()
		synctest.Wait()
		if err := p.Pause(); err != nil {
			t.Fatal(err)
		}
		cancel()
		<-done
		if l := wantClosed(t, p); l.Persisted != 500 || l.Left != 0 {
			t.Errorf("persisted %d and left %d, want 500 and 0", l.Persisted, l.Left)
		}
	})
}

func TestTheTimeSplitAddsUpAndNamesWhatTheWorkersDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := StageFunc(func(context.Context, *Batch) error { time.Sleep(time.Second); return nil })
		lane := [LaneCount]LaneConfig{{Capacity: 10}}
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{
			{Name: "before", Workers: 1, Lanes: lane}, {Name: "slow", Workers: 1, Stage: slow, Lanes: lane}, {Name: "after", Workers: 2, Lanes: lane},
		}})
		if err := p.Run(t.Context(), &linesSource{lines: numbered("n", 1000), perChunk: 10}); err != nil {
			t.Fatal(err)
		}
		s := p.Status().Stages
		for i, want := range []StageStatus{{Blocked: 96 * time.Second}, {Busy: 100 * time.Second}, {Idle: 200 * time.Second}} {
			if s[i].Busy < want.Busy || s[i].Blocked < want.Blocked || s[i].Idle < want.Idle {
				t.Errorf("%s: busy %v, blocked %v, idle %v, want at least %+v", s[i].Name, s[i].Busy, s[i].Blocked, s[i].Idle, want)
			}
		}
	})
}
