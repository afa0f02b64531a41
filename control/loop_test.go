package control

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

func TestARunIsStartedAndStoppedAHundredTimesAndLosesNothing(t *testing.T) {
	p := newPlant()
	var sources []*endless
	p.source = func() pipeline.Source {
		s := &endless{period: time.Millisecond}
		sources = append(sources, s)
		return s
	}
	inBubble(t, p, func(r *rig) {
		for i := range 100 {
			s := r.must(Start{}).Status
			if s.State != pipeline.StateRunning || s.Runs != int64(i+1) {
				t.Fatalf("after start %d: %s, %d runs", i+1, s.State, s.Runs)
			}
			time.Sleep(10 * time.Millisecond)
			s = r.must(Stop{}).Status
			if s.State != pipeline.StateStopped || s.LastError != "" {
				t.Fatalf("after stop %d: %s, %q", i+1, s.State, s.LastError)
			}
			if s.Ledger.Accepted == 0 || s.Ledger.Persisted != s.Ledger.Accepted {
				t.Fatalf("run %d: the ledger is %+v", i+1, s.Ledger)
			}
		}
	})
	sent := 0
	for _, s := range sources {
		sent += s.sent
	}
	if got := p.sink.count(); got != sent || len(sources) != 100 {
		t.Errorf("%d rows of %d records sent in %d runs", got, sent, len(sources))
	}
	p.wantClosed(t)
}

func TestCommandsAreIdempotent(t *testing.T) {
	inBubble(t, newPlant(), func(r *rig) {
		for _, step := range []struct {
			cmd  Command
			want pipeline.State
		}{
			{Stop{}, pipeline.StateIdle},
			{Start{}, pipeline.StateRunning},
			{Start{}, pipeline.StateRunning},
			{Pause{}, pipeline.StatePaused},
			{Pause{}, pipeline.StatePaused},
			{Start{}, pipeline.StatePaused},
			{Resume{}, pipeline.StateRunning},
			{Resume{}, pipeline.StateRunning},
			{PauseStage{"enrich"}, pipeline.StateRunning},
			{PauseStage{"enrich"}, pipeline.StateRunning},
			{ResumeStage{"enrich"}, pipeline.StateRunning},
			{ResumeStage{"enrich"}, pipeline.StateRunning},
			{Resize{"persist", 3}, pipeline.StateRunning},
			{Resize{"persist", 3}, pipeline.StateRunning},
			{SetLane{"persist", pipeline.LaneLow, LaneChange{Weight: new(3)}}, pipeline.StateRunning},
			{SetLane{"persist", pipeline.LaneLow, LaneChange{Weight: new(3)}}, pipeline.StateRunning},
			{Pause{}, pipeline.StatePaused},
			{Stop{}, pipeline.StateStopped},
			{Stop{}, pipeline.StateStopped},
			{Stop{Mode: StopNow}, pipeline.StateStopped},
		} {
			if got := r.must(step.cmd).Status; got.State != step.want || got.Runs > 1 {
				t.Errorf("%#v: %s after %d runs, want %s after one", step.cmd, got.State, got.Runs, step.want)
			}
		}
	})
}

func TestSinceIsWhenTheStateBegan(t *testing.T) {
	inBubble(t, newPlant(), func(r *rig) {
		r.must(Start{})
		begun := time.Now()
		time.Sleep(time.Minute)
		r.must(Resume{})
		if since := r.must(Query{}).Status.Since; !since.Equal(begun) {
			t.Errorf("running since %v, want %v", since, begun)
		}
		r.must(Pause{})
		paused := time.Now()
		time.Sleep(time.Minute)
		if since := r.must(Pause{}).Status.Since; !since.Equal(paused) {
			t.Errorf("paused since %v, want %v", since, paused)
		}
	})
}

func TestPauseStopsTheReading(t *testing.T) {
	inBubble(t, newPlant(), func(r *rig) {
		r.must(Start{})
		time.Sleep(time.Second)
		r.must(Pause{})
		time.Sleep(time.Second)
		before := r.must(Query{}).Status.Ledger
		time.Sleep(5 * time.Minute)
		after := r.must(Query{}).Status.Ledger
		if before != after || before.Accepted == 0 {
			t.Errorf("while paused the ledger went from %+v to %+v", before, after)
		}
		r.must(Resume{})
		time.Sleep(time.Second)
		if now := r.must(Query{}).Status.Ledger; now.Persisted <= after.Persisted {
			t.Errorf("after resume the ledger is %+v, as before", now)
		}
	})
}

func TestWhatDoesNotFitIsRefusedWithTheReason(t *testing.T) {
	for _, test := range []struct {
		name   string
		before []Command
		cmd    Command
		kind   error
		reason string
	}{
		{"pause without a run", nil, Pause{}, ErrConflict, "pause: there is no run (the state is idle); start one first"},
		{"resume after a stop", []Command{Start{}, Stop{}}, Resume{}, ErrConflict, "resume: there is no run (the state is stopped)"},
		{"resize without a run", nil, Resize{"enrich", 2}, ErrConflict, "resize: there is no run"},
		{"pause while draining", []Command{Start{}, Stop{NoWait: true}}, Pause{}, ErrConflict, "pause: the run is draining"},
		{"resize while draining", []Command{Start{}, Stop{NoWait: true}}, Resize{"enrich", 2}, ErrConflict, "resize: the run is draining"},
		{"start while draining", []Command{Start{}, Stop{NoWait: true}}, Start{}, ErrConflict, "start: the run before is still draining"},
		{"pause of a stage that is not there", []Command{Start{}}, PauseStage{"parse"}, ErrNoStage, `there is no stage "parse"; expected validate, enrich, persist`},
		{"resize of a stage that is not there", []Command{Start{}}, Resize{"parse", 2}, ErrNoStage, `there is no stage "parse"`},
		{"resize to nobody", []Command{Start{}}, Resize{"enrich", 0}, ErrInvalid, "resize enrich: 0 workers; expected 1 to 1024"},
		{"resize to too many", []Command{Start{}}, Resize{"enrich", 1025}, ErrInvalid, "1025 workers"},
		{"set a lane without a run", nil, SetLane{"enrich", 0, LaneChange{Weight: new(2)}}, ErrConflict, "set lane: there is no run"},
		{"set a lane of a stage that is not there", []Command{Start{}}, SetLane{"parse", 0, LaneChange{Weight: new(2)}}, ErrNoStage, `set lane: there is no stage "parse"`},
		{"set a lane that is not there", []Command{Start{}}, SetLane{"enrich", 4, LaneChange{Weight: new(2)}}, ErrInvalid, "there is no lane(4); expected critical, high, normal or low"},
		{"set nothing of a lane", []Command{Start{}}, SetLane{"enrich", 0, LaneChange{}}, ErrInvalid, "set lane critical of enrich: nothing is to change"},
		{"set a lane to nothing", []Command{Start{}}, SetLane{"enrich", 0, LaneChange{Capacity: new(0)}}, ErrInvalid, "capacity: 0; expected at least 1 record"},
		{"stop in an unknown mode", []Command{Start{}}, Stop{Mode: "soon"}, ErrInvalid, `the mode is "soon"; expected drain or now`},
		{"stop with a negative budget", []Command{Start{}}, Stop{Timeout: -1}, ErrInvalid, "expected a positive duration"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlant()
			p.sink.delay = time.Second // so that a drain takes a moment
			p.source = func() pipeline.Source { return &endless{period: time.Millisecond} }
			inBubble(t, p, func(r *rig) {
				for _, cmd := range test.before {
					r.must(cmd)
					time.Sleep(100 * time.Millisecond)
				}
				_, err := r.try(test.cmd)
				if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.reason) {
					t.Errorf("%#v: %v, want %q", test.cmd, err, test.reason)
				}
			})
		})
	}
}

func TestAFullCommandChannelAnswersBusyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant()
		r := newRig(t, Config{Open: p.Open, Queue: 3}, p) // its loop has not begun
		answers := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := r.try(Query{})
				answers <- err
			}()
		}
		synctest.Wait()
		begin := time.Now()
		if _, err := r.try(Query{}); !errors.Is(err, ErrBusy) || time.Since(begin) != 0 {
			t.Errorf("the fourth command: %v after %v, want %v at once", err, time.Since(begin), ErrBusy)
		}
		r.begin()
		for range 3 {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
		r.signal()
		<-r.ended
	})
}

func TestAskersGiveUpAndTheLoopGoesOn(t *testing.T) {
	p := newPlant()
	p.sink.delay = 10 * time.Second
	inBubble(t, p, func(r *rig) {
		r.must(Start{})
		time.Sleep(time.Second)
		for range 500 {
			ctx, cancel := context.WithTimeoutCause(r.t.Context(), time.Millisecond, errors.New("no patience"))
			if _, err := r.Do(ctx, Stop{}); err == nil || err.Error() != "no patience" {
				t.Fatalf("stop: %v", err)
			}
			cancel()
		}
		r.wantState(pipeline.StateDraining)
		if s := r.must(Stop{}).Status; s.State != pipeline.StateStopped || s.Ledger.Left != 0 {
			t.Errorf("%s, ledger %+v", s.State, s.Ledger)
		}
	})
	p.wantClosed(t)
}

func TestTheLoopDrainsWhenItsContextEnds(t *testing.T) {
	p := newPlant()
	p.sink.delay = 3 * time.Second
	inBubble(t, p, func(r *rig) {
		r.must(Start{})
		time.Sleep(time.Second)
		r.signal()
		synctest.Wait()
		r.wantState(pipeline.StateDraining) // it answers meanwhile
		if _, err := r.try(Start{}); !errors.Is(err, ErrEnded) {
			t.Errorf("start while shutting down: %v", err)
		}
		if err := <-r.loop; err != nil {
			t.Errorf("the loop returned %v", err)
		}
		if _, err := r.try(Query{}); !errors.Is(err, ErrEnded) {
			t.Errorf("status after the loop: %v", err)
		}
		if err := r.Loop(r.t.Context()); err == nil {
			t.Error("a second loop was let in")
		}
	})
	p.wantClosed(t)
	if got := p.ledgers[0]; got.Persisted != got.Accepted || got.Accepted == 0 {
		t.Errorf("the ledger is %+v", got.Counts)
	}
}

func TestASecondSignalEndsTheRunAtOnce(t *testing.T) {
	p := newPlant()
	p.sink.hang = true
	inBubble(t, p, func(r *rig) {
		r.must(Start{})
		time.Sleep(time.Second)
		begin := time.Now()
		r.signal()
		synctest.Wait()
		r.Abort(errors.New("second signal"))
		r.Abort(errors.New("third signal"))
		err := <-r.loop
		if !errors.Is(err, pipeline.ErrAborted) || !strings.Contains(err.Error(), "second signal; left unfinished: ") || time.Since(begin) != 0 {
			t.Errorf("the loop returned %v after %v", err, time.Since(begin))
		}
	})
	p.wantClosed(t)
}

func TestAnAbortWithoutARunChangesNothing(t *testing.T) {
	inBubble(t, newPlant(), func(r *rig) {
		r.Abort(nil)
		synctest.Wait()
		r.wantState(pipeline.StateIdle)
	})
}

func TestOnceTheLoopReturnsWhatTheRunDid(t *testing.T) {
	broken := errors.New("the disk is full")
	for _, test := range []struct {
		name   string
		change func(*plant)
		during func(*rig)
		want   error
	}{
		{"the input ends", func(p *plant) {
			p.source = func() pipeline.Source { return &endless{period: time.Millisecond, most: 10} }
		}, nil, nil},
		{"a signal comes", nil, func(r *rig) { r.signal() }, pipeline.ErrStopped},
		{"a command stops it", nil, func(r *rig) { r.must(Stop{}) }, pipeline.ErrStopped},
		{"it cannot be opened", func(p *plant) { p.open = func(context.Context) error { return broken } }, nil, broken},
		{"it cannot be closed", func(p *plant) { p.closing = broken }, func(r *rig) { r.signal() }, broken},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlant()
				if test.change != nil {
					test.change(p)
				}
				r := newRig(t, Config{Open: p.Open, Once: true}, p)
				r.begin()
				defer func() { r.signal() }()
				synctest.Wait()
				if test.during != nil {
					test.during(r)
				}
				if err := <-r.loop; !errors.Is(err, test.want) {
					t.Errorf("the loop returned %v, want %v", err, test.want)
				}
			})
		})
	}
}
