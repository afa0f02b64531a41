package pipeline

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatAnErrorMeans(t *testing.T) {
	fault := &RecordError{Code: CodeRule, Err: errDown}
	late, cancel := context.WithCancelCause(t.Context())
	cancel(ErrTimedOut)
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(ErrAborted)
	for _, tc := range []struct {
		name string
		ctx  context.Context
		err  error
		want verdict
	}{
		{"none", t.Context(), nil, verdictDone},
		{"none, when the time is up", late, nil, verdictDone},
		{"any", t.Context(), errDown, verdictStop},
		{"a deadline of the stage's own", t.Context(), context.DeadlineExceeded, verdictStop},
		{"transient", t.Context(), Transient(errDown), verdictRetry},
		{"transient inside of another", t.Context(), fmt.Errorf("post: %w", Transient(errDown)), verdictRetry},
		{"transient, when the time is up", late, Transient(errDown), verdictRetry},
		{"of a record", t.Context(), fault, verdictDead},
		{"of a record inside of another", t.Context(), fmt.Errorf("row: %w", fault), verdictDead},
		{"of a record, marked as transient", t.Context(), Transient(fault), verdictRetry},
		{"of a record, because of a transient one", t.Context(), &RecordError{Err: Transient(errDown)}, verdictDead},
		{"any, when the time is up", late, errDown, verdictLate},
		{"the context's own, when the time is up", late, late.Err(), verdictLate},
		{"of a record, when the time is up", late, fault, verdictDead},
		{"of a record, because the time is up", late, &RecordError{Err: context.Canceled}, verdictLate},
		{"any, when the run is cancelled", ended, errDown, verdictStop},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := classify(tc.ctx, tc.err); got != tc.want {
				t.Errorf("verdict %d, want %d", got, tc.want)
			}
		})
	}
}

func TestTransientKeepsWhatItMarks(t *testing.T) {
	if Transient(nil) != nil {
		t.Error("no error became one")
	}
	err := Transient(errDown)
	if !errors.Is(err, errDown) || err.Error() != errDown.Error() || !IsTransient(fmt.Errorf("call: %w", err)) {
		t.Errorf("%v", err)
	}
}

// late waits for the end of its context on chosen lines, as a call that hangs.
func late(ctx context.Context) error {
	<-ctx.Done()
	return fmt.Errorf("get: %w", ctx.Err())
}

func TestACallThatUsesUpItsTimeIsTriedAgainFromItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[int64]int{}
		stage := EachRecord(func(ctx context.Context, r *Record) error {
			if seen[r.Line()]++; r.Line() == 4 && seen[4] < 3 {
				return late(ctx)
			}
			return nil
		})
		sink := &memorySink{}
		lines := numbered("n", 10)
		p, took, err := runOne(t, StageConfig{Stage: stage, Workers: 1, Timeout: 5 * time.Second, Retry: exactly}, sink, lines)
		if err != nil {
			t.Fatal(err)
		}
		if want := (5 + 1 + 5 + 2) * time.Second; took != want || seen[3] != 1 || seen[4] != 3 || seen[5] != 1 {
			t.Errorf("it took %v, want %v; lines 3, 4 and 5 were seen %d, %d and %d times", took, want, seen[3], seen[4], seen[5])
		}
		sameLines(t, "rows", sink.rows[LaneNormal], lines)
		wantClosed(t, p)
	})
}

// bulk hangs outside of the cursor in its first call.
type bulk struct{ calls int }

func (s *bulk) Process(ctx context.Context, b *Batch) error {
	for range b.Each() {
	}
	if s.calls++; s.calls == 1 {
		return late(ctx)
	}
	return nil
}

type repeatableBulk struct{ bulk }

func (*repeatableBulk) Repeatable() {}

func TestACallThatIsLateOutsideOfTheCursor(t *testing.T) {
	lines := numbered("n", 30)
	for _, tc := range []struct {
		name     string
		stage    Stage
		fallback Fallback
		dead     int64
		stops    bool
	}{
		{"repeatable: it is tried again", &repeatableBulk{}, "", 0, false},
		{"not repeatable: its batch dies", &bulk{}, "", 10, false},
		{"not repeatable, pass: its batch goes on", &bulk{}, FallbackPass, 0, false},
		{"not repeatable, stop: the run fails", &bulk{}, FallbackStop, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memorySink{}
				p, _, err := runOne(t, StageConfig{Stage: tc.stage, Workers: 1, Timeout: time.Second, Fallback: tc.fallback}, sink, lines)
				if (err != nil) != tc.stops {
					t.Fatalf("Run returned %v", err)
				}
				l := wantClosed(t, p)
				if l.Dead != tc.dead || l.DeadByCode[CodeTimeout] != tc.dead || !tc.stops && l.Persisted != 30-tc.dead {
					t.Errorf("persisted %d, dead %v, want %d dead", l.Persisted, l.DeadByCode, tc.dead)
				}
				if tc.dead > 0 && sink.dead[LaneNormal][0].Attempts != 1 {
					t.Errorf("dead letter %+v", sink.dead[LaneNormal][0])
				}
			})
		})
	}
}

func TestEachCallHasTheWholeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stage := EachRecord(func(ctx context.Context, r *Record) error {
			select {
			case <-time.After(400 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
			if r.Line()%2 == 0 {
				return &RecordError{Code: CodeRule}
			}
			return nil
		})
		p, took, err := runOne(t, StageConfig{Stage: stage, Workers: 1, Timeout: time.Second}, &memorySink{}, numbered("n", 10))
		if err != nil {
			t.Fatal(err)
		}
		if l := wantClosed(t, p); l.Dead != 5 || took != 4*time.Second {
			t.Errorf("%d dead after %v: a rejected record must not take the others' time", l.Dead, took)
		}
	})
}
