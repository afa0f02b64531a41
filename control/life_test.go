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

func TestTheDrainHasItsBudget(t *testing.T) {
	for _, test := range []struct {
		name  string
		stop  Stop
		took  time.Duration
		state pipeline.State
		says  string
	}{
		{"the pipeline's own", Stop{}, 20 * time.Second, pipeline.StateFailed, "the drain did not finish within its budget of 20s"},
		{"a shorter one of the command", Stop{Timeout: 3 * time.Second}, 3 * time.Second, pipeline.StateFailed, "the drain did not finish within its budget of 3s"},
		{"a longer one of the command, which the pipeline's cuts short", Stop{Timeout: time.Minute}, 20 * time.Second, pipeline.StateFailed, "budget of 20s"},
		{"none at all", Stop{Mode: StopNow}, 0, pipeline.StateStopped, "aborted: told to stop now"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlant()
			p.sink.hang = true
			p.change = func(c *pipeline.Config) { c.DrainTimeout = 20 * time.Second }
			inBubble(t, p, func(r *rig) {
				r.must(Start{})
				time.Sleep(time.Second)
				begin := time.Now()
				s := r.must(test.stop).Status
				if took := time.Since(begin); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				if s.State != test.state || !strings.Contains(s.LastError, test.says) || !strings.Contains(s.LastError, "; left unfinished: ") {
					t.Errorf("%s, %q; want %s, %q", s.State, s.LastError, test.state, test.says)
				}
				if s.Ledger.Left == 0 || !s.Ledger.Closes() {
					t.Errorf("the ledger is %+v", s.Ledger)
				}
			})
			p.wantClosed(t)
		})
	}
}

func TestAStopCanBeHurried(t *testing.T) {
	p := newPlant()
	p.sink.hang = true
	inBubble(t, p, func(r *rig) {
		r.must(Start{})
		time.Sleep(time.Second)
		if a := r.must(Stop{NoWait: true}); !a.UnderWay || a.Status.State != pipeline.StateDraining {
			t.Errorf("stop without waiting: %+v", a)
		}
		time.Sleep(5 * time.Second)
		begin := time.Now()
		if s := r.must(Stop{Mode: StopNow}).Status; s.State != pipeline.StateStopped || time.Since(begin) != 0 {
			t.Errorf("%s after %v", s.State, time.Since(begin))
		}
		// The failure of the run before is not that of the next.
		p.sink.hang = false
		if s := r.must(Start{}).Status; s.LastError != "" || s.Ledger.Left != 0 || s.Runs != 2 {
			t.Errorf("the next run begins with %+v", s)
		}
	})
}

func TestWhatIgnoresItsCancelIsAbandonedAndNotClosedUnderIt(t *testing.T) {
	p := newPlant()
	p.source = func() pipeline.Source { return &endless{ignores: true} }
	inBubble(t, p, func(r *rig) {
		r.must(Start{})
		begin := time.Now()
		s := r.must(Stop{Mode: StopNow}).Status
		if took := time.Since(begin); took != pipeline.DefaultGrace {
			t.Errorf("it took %v, want the grace of %v", took, pipeline.DefaultGrace)
		}
		if s.State != pipeline.StateFailed || !strings.Contains(s.LastError, "source: abandoned") {
			t.Errorf("%s, %q", s.State, s.LastError)
		}
		time.Sleep(2 * time.Minute) // the source comes back at last
	})
	if p.closed != 0 {
		t.Error("the run was closed while its source was still at work")
	}
}

func TestARunThatEndsByItselfIsShownUntilTheNext(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		state pipeline.State
		says  string
	}{
		{"at the end of its input", nil, pipeline.StateStopped, ""},
		{"with an error", errors.New("the pipe broke"), pipeline.StateFailed, "the pipe broke"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlant()
			p.source = func() pipeline.Source { return &endless{period: time.Millisecond, most: 100, err: test.err} }
			inBubble(t, p, func(r *rig) {
				r.must(Start{})
				time.Sleep(time.Hour)
				s := r.must(Query{}).Status
				if s.State != test.state || s.LastError != test.says || s.Ledger.Persisted != 100 || len(s.Stages) != 3 {
					t.Errorf("%+v", s)
				}
				if _, err := r.try(Pause{}); !errors.Is(err, ErrConflict) {
					t.Errorf("pause after the end: %v", err)
				}
				if s := r.must(Start{}).Status; s.State != pipeline.StateRunning || s.Ledger.Persisted != 0 || s.LastError != "" {
					t.Errorf("the next run begins with %+v", s)
				}
				time.Sleep(time.Hour)
				r.signal()
				if err := <-r.loop; !errors.Is(err, test.err) {
					t.Errorf("the loop returned %v, want %v", err, test.err)
				}
			})
			p.wantClosed(t)
		})
	}
}

func TestARunThatCannotBeOpenedTellsTheOneWhoAsked(t *testing.T) {
	p := newPlant()
	locked := errors.New("events.db is locked")
	p.open = func(context.Context) error { time.Sleep(time.Second); return locked }
	inBubble(t, p, func(r *rig) {
		first := make(chan error, 1)
		go func() {
			_, err := r.try(Start{})
			first <- err
		}()
		synctest.Wait()
		_, err := r.try(Start{}) // while the first is under way
		for _, err := range []error{err, <-first} {
			if !errors.Is(err, ErrConflict) || !errors.Is(err, locked) || err.Error() != "start: events.db is locked" {
				t.Errorf("start: %v", err)
			}
		}
		if s := r.must(Query{}).Status; s.State != pipeline.StateFailed || s.LastError != locked.Error() || s.Runs != 0 {
			t.Errorf("%+v", s)
		}
		p.open = nil
		if s := r.must(Start{}).Status; s.State != pipeline.StateRunning || s.LastError != "" {
			t.Errorf("%+v", s)
		}
	})
	p.wantClosed(t)
}

func TestWhileARunIsBeingOpened(t *testing.T) {
	slow := func(ctx context.Context) error {
		select {
		case <-time.After(time.Minute):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for _, test := range []struct {
		name string
		test func(r *rig)
	}{
		{"start without waiting answers at once", func(r *rig) {
			if a := r.must(Start{NoWait: true}); !a.UnderWay || a.Status.State != pipeline.StateIdle {
				t.Errorf("%+v", a)
			}
			if a := r.must(Start{}); a.UnderWay || a.Status.State != pipeline.StateRunning || a.Status.Runs != 1 {
				t.Errorf("%+v", a)
			}
		}},
		{"status is answered", func(r *rig) {
			r.must(Start{NoWait: true})
			r.wantState(pipeline.StateIdle)
		}},
		{"pause is refused", func(r *rig) {
			r.must(Start{NoWait: true})
			if _, err := r.try(Pause{}); !errors.Is(err, ErrConflict) {
				t.Errorf("%v", err)
			}
		}},
		{"stop gives the opening up", func(r *rig) {
			r.must(Start{NoWait: true})
			begin := time.Now()
			if s := r.must(Stop{}).Status; s.State != pipeline.StateStopped || s.LastError != "" || time.Since(begin) != 0 {
				t.Errorf("%+v after %v", s, time.Since(begin))
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlant()
			p.open = slow
			inBubble(t, p, test.test)
			p.wantClosed(t)
		})
	}
}

func TestAnOpeningThatIgnoresItsContextIsStoppedWhenItIsDone(t *testing.T) {
	for _, mode := range []StopMode{StopDrain, StopNow} {
		t.Run(string(mode), func(t *testing.T) {
			p := newPlant()
			p.open = func(context.Context) error { time.Sleep(time.Minute); return nil }
			inBubble(t, p, func(r *rig) {
				r.must(Start{NoWait: true})
				begin := time.Now()
				if s := r.must(Stop{Mode: mode}).Status; s.State != pipeline.StateStopped || time.Since(begin) != time.Minute {
					t.Errorf("%+v after %v", s, time.Since(begin))
				}
			})
			p.wantClosed(t)
		})
	}
}

func TestAStopWhileOpeningHoldsForTheRunThatOpens(t *testing.T) {
	for _, test := range []struct {
		mode StopMode
		took time.Duration // from the opening's end: the source ignores that it is told to stop
	}{
		{StopDrain, pipeline.DefaultDrainTimeout + pipeline.DefaultGrace},
		{StopNow, pipeline.DefaultGrace},
	} {
		t.Run(string(test.mode), func(t *testing.T) {
			p := newPlant()
			p.open = func(context.Context) error { time.Sleep(time.Minute); return nil }
			p.source = func() pipeline.Source { return &endless{ignores: true} }
			inBubble(t, p, func(r *rig) {
				r.must(Start{NoWait: true})
				r.must(Stop{Mode: test.mode, NoWait: true})
				time.Sleep(time.Minute + time.Second)
				r.wantState(pipeline.StateDraining)
				begin := time.Now()
				r.must(Stop{})
				if took := time.Since(begin) + time.Second; took != test.took {
					t.Errorf("the run ended %v after it was open, want %v", took, test.took)
				}
				time.Sleep(2 * time.Minute) // the source comes back at last
			})
		})
	}
}

func TestTheBudgetOfOneStopIsNotTheNextRuns(t *testing.T) {
	inBubble(t, newPlant(), func(r *rig) {
		r.must(Start{})
		r.must(Stop{Timeout: 10 * time.Second})
		r.must(Start{})
		time.Sleep(15 * time.Second)
		r.wantState(pipeline.StateRunning)
	})
}

func TestStartIsAnsweredWhenTheSourceTakesRecords(t *testing.T) {
	for _, test := range []struct {
		name string
		most int // records, then the source ends
		says string
		took time.Duration
	}{
		{"it does after a second", 0, "", time.Second},
		{"it ends before", 10, "start: the input ended at once", 100 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlant()
			p.source = func() pipeline.Source { return &endless{period: 10 * time.Millisecond, most: test.most} }
			p.open = func(ctx context.Context) error {
				ready := make(chan struct{})
				time.AfterFunc(time.Second, func() { close(ready) })
				p.ready = ready
				return nil
			}
			inBubble(t, p, func(r *rig) {
				if a := r.must(Start{NoWait: true}); !a.UnderWay {
					t.Errorf("%+v", a)
				}
				begin := time.Now()
				_, err := r.try(Start{})
				if took := time.Since(begin); took != test.took || test.says == "" && err != nil || test.says != "" && (err == nil || err.Error() != test.says) {
					t.Errorf("start: %v after %v, want %q after %v", err, took, test.says, test.took)
				}
			})
			p.wantClosed(t)
		})
	}
}

func TestOpenMustReturnARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Open: func(context.Context) (*Run, error) { return nil, nil }, Once: true}, nil)
		if err := r.Loop(r.t.Context()); err == nil || !strings.Contains(err.Error(), "no pipeline or no source") {
			t.Errorf("%v", err)
		}
	})
}

func TestEachEndIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlant()
		var ends []pipeline.Status
		r := newRig(t, Config{Open: p.Open, OnEnd: func(s pipeline.Status, err error) {
			if !errors.Is(err, pipeline.ErrStopped) || p.closed != len(ends)+1 {
				t.Errorf("told %v when %d were closed", err, p.closed)
			}
			ends = append(ends, s)
		}}, p)
		r.begin()
		for range 3 {
			r.must(Start{})
			time.Sleep(time.Second)
			if s := r.must(Stop{}).Status; s.Ledger != ends[len(ends)-1].Ledger.Counts {
				t.Errorf("told %+v, shown %+v", ends[len(ends)-1].Ledger.Counts, s.Ledger)
			}
		}
		r.signal()
		<-r.ended
		if len(ends) != 3 {
			t.Errorf("%d ends were told, want 3", len(ends))
		}
	})
}
