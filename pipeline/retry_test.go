package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errDown = errors.New("the service is down")

// exactly is a retry without jitter: 1 s, 2 s, 4 s, 8 s, 8 s.
var exactly = RetryConfig{Backoff: time.Second, MaxBackoff: 8 * time.Second}

// runOne runs lines of one lane through one stage and returns the error and how
// long it took.
func runOne(t *testing.T, s StageConfig, sink Sink, lines []string) (*Pipeline, time.Duration, error) {
	t.Helper()
	s.Name = "s"
	p := build(t, Config{Sink: sink, Stages: []StageConfig{s}})
	begun := time.Now()
	err := p.Run(t.Context(), &linesSource{lines: lines, lane: LaneNormal, perChunk: 10})
	return p, time.Since(begun), err
}

func TestATransientErrorIsTriedAgainWithBackOffFromTheRecordUnderTheCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen, fails := map[int64]int{}, 5
		stage := EachRecord(func(_ context.Context, r *Record) error {
			if r.Line() == 4 && fails > 0 {
				fails--
				return Transient(errDown)
			}
			seen[r.Line()]++
			return nil
		})
		sink := &memorySink{}
		lines := numbered("n", 30)
		p, took, err := runOne(t, StageConfig{Stage: stage, Workers: 1, Retry: exactly}, sink, lines)
		if err != nil {
			t.Fatal(err)
		}
		if want := (1 + 2 + 4 + 8 + 8) * time.Second; took != want {
			t.Errorf("five failures took %v, want %v", took, want)
		}
		for line := range int64(30) {
			if seen[line+1] != 1 {
				t.Errorf("line %d had its effect %d times, want once", line+1, seen[line+1])
			}
		}
		sameLines(t, "rows", sink.rows[LaneNormal], lines)
		wantClosed(t, p)
		if got := p.Status().Stages[0].Lanes[LaneNormal].Retried; got != 5 {
			t.Errorf("%d records were retried, want 5", got)
		}
	})
}

func TestABackOffFreesTheWorkerAndOnlyItsLaneWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		var low atomic.Int64 // calls
		stage := EachRecord(func(_ context.Context, r *Record) error {
			if r.Lane() == LaneLow {
				low.Add(1)
				if down.Load() {
					return Transient(errDown)
				}
			}
			return nil
		})
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: 1, Retry: RetryConfig{Backoff: time.Minute}}}})
		done := make(chan error)
		begun := time.Now()
		go func() {
			done <- p.Run(t.Context(), Sources{
				&linesSource{lines: numbered("low", 100), lane: LaneLow, perChunk: 10},
				&linesSource{lines: numbered("critical", 50_000), lane: LaneCritical},
			})
		}()
		synctest.Wait()
		s := p.Status()
		if got := s.Ledger.Lanes[LaneCritical].Persisted; got != 50_000 || time.Since(begun) != 0 {
			t.Errorf("%d critical records went by in %v while low backs off, want all in no time", got, time.Since(begun))
		}
		if low.Load() != 1 {
			t.Errorf("low was called %d times, want once: it takes nothing new while it backs off", low.Load())
		}
		lane := s.Stages[0].Lanes[LaneLow]
		if lane.Retrying != 10 || lane.RetryIn != time.Minute || lane.Depth != 90 || s.Stages[0].LastError != errDown.Error() {
			t.Errorf("status says %d records wait for %v, %d in the channel, last error %q", lane.Retrying, lane.RetryIn, lane.Depth, s.Stages[0].LastError)
		}
		down.Store(false)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("the run took %v, want the one back-off", took)
		}
		sameLines(t, "low", sink.rows[LaneLow], numbered("low", 100))
		if got := p.Status().Stages[0].Lanes[LaneLow].Retrying; got != 0 {
			t.Errorf("%d records wait after the end", got)
		}
		wantClosed(t, p)
	})
}

func TestTheOrderOfALaneIsKeptThroughRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := map[int64]int{}
		var mu sync.Mutex
		stage := EachRecord(func(_ context.Context, r *Record) error {
			mu.Lock()
			defer mu.Unlock()
			tries[r.Line()]++
			if r.Line()%7 == 0 && tries[r.Line()] <= int(r.Line()%3) {
				return Transient(errDown)
			}
			return nil
		})
		sink := &memorySink{}
		lines := numbered("n", 3000)
		p, _, err := runOne(t, StageConfig{Stage: stage, Workers: 8}, sink, lines)
		if err != nil {
			t.Fatal(err)
		}
		sameLines(t, "rows", sink.rows[LaneNormal], lines)
		wantClosed(t, p)
	})
}

func TestATransientErrorOutsideOfARangeIsTriedForTheWholeBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var posted []string
		fails := 2
		stage := StageFunc(func(_ context.Context, b *Batch) error {
			var bulk []string
			for r := range b.Each() {
				bulk = append(bulk, fmt.Sprint(r.Line()))
			}
			posted = append(posted, strings.Join(bulk, " "))
			if fails > 0 {
				fails--
				return Transient(errDown)
			}
			return nil
		})
		p, took, err := runOne(t, StageConfig{Stage: stage, Workers: 1, Retry: exactly}, &memorySink{}, numbered("n", 3))
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"1 2 3", "1 2 3", "1 2 3"}; !slices.Equal(posted, want) || took != 3*time.Second {
			t.Errorf("posted %q in %v, want %q in 3s", posted, took, want)
		}
		if got := p.Status().Stages[0].Lanes[LaneNormal].Retried; got != 6 {
			t.Errorf("%d records were retried, want 6", got)
		}
	})
}

func TestWhatBecomesOfARecordWhoseAttemptsAreUsedUp(t *testing.T) {
	lines := numbered("n", 20)
	without := slices.Concat(lines[:3], lines[4:])
	for _, tc := range []struct {
		name     string
		fallback Fallback
		rows     []string
		dead     int64
		stops    bool
	}{
		{"unless set it becomes a dead letter", "", without, 1, false},
		{"dead-letter: it becomes one", FallbackDeadLetter, without, 1, false},
		{"pass: it goes on as it is", FallbackPass, lines, 0, false},
		{"stop: the run fails", FallbackStop, nil, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := map[int64]int{}
				stage := EachRecord(func(_ context.Context, r *Record) error {
					seen[r.Line()]++
					if r.Line() == 4 {
						return Transient(&RecordError{Pointer: "/n", Message: "no answer", Err: errDown})
					}
					return nil
				})
				sink := &memorySink{}
				retry := exactly
				retry.Attempts = 3
				p, took, err := runOne(t, StageConfig{Stage: stage, Workers: 1, Retry: retry, Fallback: tc.fallback}, sink, lines)
				l := wantClosed(t, p)
				if tc.stops {
					if !errors.Is(err, errDown) || !strings.Contains(err.Error(), "stage s: given up after 3 calls") || l.Left != 20 {
						t.Errorf("Run returned %v and left %d records", err, l.Left)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if took != 3*time.Second || seen[4] != 3 || seen[5] != 1 {
					t.Errorf("it took %v, 3 calls of which wait 3s; line 4 was tried %d times and line 5 %d times", took, seen[4], seen[5])
				}
				sameLines(t, "rows", sink.rows[LaneNormal], tc.rows)
				if l.Dead != tc.dead || l.DeadByCode[CodeAttempts] != tc.dead {
					t.Fatalf("dead letters by code: %v, want %d of %s", l.DeadByCode, tc.dead, CodeAttempts)
				}
				for _, e := range sink.dead[LaneNormal] {
					if e.Attempts != 3 || e.Stage != "s" || e.Pointer != "/n" || !errors.Is(e, errDown) {
						t.Errorf("dead letter %+v", e)
					}
				}
			})
		})
	}
}

func TestADeadLetterTellsTheCallsThatWereMadeForIt(t *testing.T) {
	for _, tc := range []struct {
		name string
		fail func(try int) error // of line 2
		want int
	}{
		{"a record error at once", func(int) error { return &RecordError{Code: CodeRule} }, 0},
		{"a record error after two failures that passed", func(try int) error {
			if try < 3 {
				return Transient(errDown)
			}
			return &RecordError{Code: CodeRule}
		}, 3},
		{"a panic after a failure that passed", func(try int) error {
			if try < 2 {
				return Transient(errDown)
			}
			panic("poison")
		}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				try := 0
				stage := EachRecord(func(_ context.Context, r *Record) error {
					switch r.Line() {
					case 2:
						try++
						return tc.fail(try)
					case 3:
						return &RecordError{Code: CodeRule}
					}
					return nil
				})
				sink := &memorySink{}
				if _, _, err := runOne(t, StageConfig{Stage: stage, Workers: 1}, sink, numbered("n", 4)); err != nil {
					t.Fatal(err)
				}
				if got := sink.dead[LaneNormal]; len(got) != 2 || got[0].Attempts != tc.want || got[1].Attempts != 0 {
					t.Errorf("dead letters %+v, want %d attempts for the first", got, tc.want)
				}
			})
		})
	}
}

func TestAHardStopDuringABackOffCountsWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a goroutine that is left fails the bubble
		stage := StageFunc(func(context.Context, *Batch) error { return Transient(errDown) })
		p := build(t, Config{Sink: &memorySink{}, DrainTimeout: 10 * time.Second, Stages: []StageConfig{
			{Name: "s", Stage: stage, Workers: 3, Retry: RetryConfig{Backoff: time.Hour, MaxBackoff: time.Hour}}}})
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx, &linesSource{lines: numbered("n", 500), perChunk: 10}) }()
		synctest.Wait()
		begun := time.Now()
		cancel(ErrStopped)
		if err := <-done; !errors.Is(err, ErrDrainTimeout) {
			t.Errorf("Run returned %v", err)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("the stop took %v, want the drain's budget", took)
		}
		if l := wantClosed(t, p); l.Left != 500 {
			t.Errorf("left %d, want 500", l.Left)
		}
		for _, w := range p.pools[0].retries.waiting {
			if w.alarm.Stop() {
				t.Error("an alarm is still set")
			}
		}
	})
}

func TestAPausedStageTriesNothingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		stage := StageFunc(func(context.Context, *Batch) error {
			if calls++; calls == 1 {
				return Transient(errDown)
			}
			return nil
		})
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: stage, Retry: exactly}}})
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: numbered("n", 10)}) }()
		synctest.Wait()
		if err := p.PauseStage("s"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if calls != 1 {
			t.Errorf("a paused stage was called %d times", calls)
		}
		if err := p.ResumeStage("s"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
