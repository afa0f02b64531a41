package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// failing makes a sink fail in its first n calls.
func failing(n int, err error) (fail func(int) error, calls *[]time.Duration) {
	begun := time.Now()
	calls = new([]time.Duration)
	return func(int) error {
		*calls = append(*calls, time.Since(begun))
		if len(*calls) <= n {
			return err
		}
		return nil
	}, calls
}

func TestASinkIsCalledAgainWithTheSameGroupUntilItsErrorPasses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		breaker BreakerConfig
		want    []time.Duration // of the calls, after some failures
	}{
		{"with back-off", BreakerConfig{}, seconds(0, 1, 3, 7, 15, 23, 31)},
		{"by the breaker's delay once it is open", BreakerConfig{Failures: 3, Delay: time.Minute}, seconds(0, 1, 3, 63, 123, 183, 243)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memorySink{}
				var calls *[]time.Duration
				sink.fail, calls = failing(6, Transient(errDown))
				retry := exactly
				retry.Attempts = 3 // of the stage, not of the sink
				lines := numbered("n", 1000)
				p, took, err := runOne(t, StageConfig{Retry: retry, Breaker: tc.breaker}, sink, lines)
				if err != nil {
					t.Fatal(err)
				}
				last := tc.want[len(tc.want)-1]
				if took != last || len(*calls) < 7 {
					t.Fatalf("it took %v, want %v", took, last)
				}
				for i, at := range tc.want {
					if (*calls)[i] != at {
						t.Errorf("call %d was at %v, want %v", i, (*calls)[i], at)
					}
				}
				sameLines(t, "rows", sink.rows[LaneNormal], lines)
				if l := wantClosed(t, p); l.Dead != 0 {
					t.Errorf("%d records died", l.Dead)
				}
				if s := p.Status().Sink; s.Retries != 6 || s.LastError != errDown.Error() || !s.WaitingSince.IsZero() || !s.NextTry.IsZero() {
					t.Errorf("status says %+v", s)
				}
			})
		})
	}
}

func seconds(n ...int) (d []time.Duration) {
	for _, s := range n {
		d = append(d, time.Duration(s)*time.Second)
	}
	return d
}

func TestAFlushIsTriedAgainToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &flakyFlush{memorySink: memorySink{release: true}}
		p, took, err := runOne(t, StageConfig{Retry: exactly}, sink, numbered("n", 10))
		if err != nil || took != 3*time.Second {
			t.Errorf("Run returned %v after %v", err, took)
		}
		if l := wantClosed(t, p); l.Persisted != 10 {
			t.Errorf("persisted %d", l.Persisted)
		}
	})
}

type flakyFlush struct {
	memorySink
	calls int
}

func (s *flakyFlush) Flush(ctx context.Context) error {
	if s.calls++; s.calls <= 2 {
		return Transient(errDown)
	}
	return s.memorySink.Flush(ctx)
}

func TestAStatusTellsThatTheSinkWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		sink := &memorySink{}
		sink.fail, _ = failing(1000, Transient(errDown))
		p := build(t, Config{Sink: sink, DrainTimeout: time.Second, Stages: []StageConfig{{Name: "s", Retry: exactly}}})
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx, &linesSource{lines: numbered("n", 100)}) }()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		s := p.Status()
		if !s.Sink.WaitingSince.Equal(begun) || !s.Sink.NextTry.Equal(begun.Add(23*time.Second)) || s.Sink.Retries != 4 {
			t.Errorf("status says %+v", s.Sink)
		}
		if got := Bottleneck(Status{}, s); got != "s" {
			t.Errorf("the bottleneck is %q, want the last stage, whose sink waits", got)
		}
		cancel(ErrStopped)
		if err := <-done; !errors.Is(err, ErrDrainTimeout) || time.Since(begun) != 21*time.Second {
			t.Errorf("Run returned %v after %v", err, time.Since(begun))
		}
		if l := wantClosed(t, p); l.Left != 100 {
			t.Errorf("left %d, want 100", l.Left)
		}
	})
}

func TestWhoeverWantsToKnowIsToldOfEachReasonToWaitOnceAndOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, errOther := 0, errors.New("another reason")
		sink := &memorySink{fail: func(int) error {
			calls++
			switch {
			case calls <= 3:
				return Transient(errDown)
			case calls <= 5:
				return Transient(errOther)
			}
			return nil
		}}
		var told []error
		cfg := Config{Sink: sink, Stages: []StageConfig{{Name: "s", Retry: exactly}}, OnWait: func(err error) { told = append(told, err) }}
		p := build(t, cfg)
		if err := p.Run(t.Context(), &linesSource{lines: numbered("n", 10)}); err != nil {
			t.Fatal(err)
		}
		if len(told) != 3 || !errors.Is(told[0], errDown) || !errors.Is(told[1], errOther) || told[2] != nil {
			t.Errorf("told %v", told)
		}
	})
}

func TestASinkThatPanicsIsNotCalledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		sink := &memorySink{fail: func(int) error { calls++; panic(Transient(errDown)) }}
		_, _, err := runOne(t, StageConfig{}, sink, numbered("n", 10))
		if !errors.Is(err, errDown) || calls != 1 {
			t.Errorf("Run returned %v after %d calls", err, calls)
		}
	})
}
