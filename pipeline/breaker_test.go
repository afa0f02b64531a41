package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// service is what a stage calls: it can be down, and remembers when it was
// called.
type service struct {
	mu    sync.Mutex
	begun time.Time
	down  bool
	took  time.Duration // of a call
	calls []string      // lane and time of each
}

func newService() *service { return &service{begun: time.Now(), down: true} }

func (s *service) set(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *service) made() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *service) Process(_ context.Context, b *Batch) error {
	s.mu.Lock()
	s.calls = append(s.calls, fmt.Sprint(b.Lane(), " ", time.Since(s.begun)))
	down := s.down
	s.mu.Unlock()
	time.Sleep(s.took)
	if down {
		return Transient(errDown)
	}
	return nil
}

func TestABreakerOpensLetsOneProbeThroughAndClosesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := newService()
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: down, Workers: 1,
			Retry:   RetryConfig{Attempts: 3, Backoff: time.Second, MaxBackoff: time.Second},
			Breaker: BreakerConfig{Failures: 3, Of: 3, Delay: 30 * time.Second}}}})
		done := make(chan error)
		lines := numbered("n", 6000)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: lines, lane: LaneLow}) }()

		time.Sleep(time.Hour) // of an outage
		synctest.Wait()
		for i, call := range down.made() {
			want := []string{"low 0s", "low 1s", "low 2s"} // of which the third opens it
			if i >= 3 {
				want = append(want, fmt.Sprint("low ", 2*time.Second+time.Duration(i-2)*30*time.Second))
			}
			if call != want[min(i, 3)] {
				t.Fatalf("call %d was %s, want %s", i, call, want[min(i, 3)])
			}
		}
		s := p.Status()
		if s.Ledger.Dead != 0 || s.Ledger.Persisted != 0 {
			t.Errorf("%d dead and %d persisted while the breaker is open", s.Ledger.Dead, s.Ledger.Persisted)
		}
		if st := s.Stages[0]; st.Breaker != BreakerOpen || st.ProbeIn <= 0 || st.ProbeIn > 30*time.Second || st.Lanes[LaneLow].Depth != 4000 {
			t.Errorf("breaker %s, probe in %v, %d records wait", st.Breaker, st.ProbeIn, st.Lanes[LaneLow].Depth)
		}
		down.set(false)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameLines(t, "rows", sink.rows[LaneLow], lines)
		if got := p.Status().Stages[0].Breaker; got != BreakerClosed {
			t.Errorf("after the outage the breaker is %s", got)
		}
		if l := wantClosed(t, p); l.Dead != 0 {
			t.Errorf("%d records died of the outage", l.Dead)
		}
	})
}

func TestExactlyOneBatchIsTheProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := newService()
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: down, Workers: 8,
			Retry: RetryConfig{Backoff: time.Millisecond}, Breaker: BreakerConfig{Failures: 1, Delay: 10 * time.Second}}}})
		done := make(chan error)
		go func() {
			done <- p.Run(t.Context(), Sources{
				&linesSource{lines: numbered("n", 100), perChunk: 10, lane: LaneLow},
				&linesSource{lines: numbered("n", 100), perChunk: 10, lane: LaneHigh},
			})
		}()
		synctest.Wait()
		before := len(down.made())
		down.mu.Lock()
		down.took = 3 * time.Second
		down.mu.Unlock()
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if got := len(down.made()) - before; got != 1 {
			t.Errorf("%d calls were made when the delay was over, want one probe", got)
		}
		if got := p.Status().Stages[0].Breaker; got != BreakerHalfOpen {
			t.Errorf("while the probe is under way the breaker is %s", got)
		}
		time.Sleep(2*time.Second + 9*time.Second) // it fails at 13 s; the next probe goes at 23 s
		synctest.Wait()
		if got := len(down.made()) - before; got != 1 {
			t.Errorf("%d calls were made, want none more before another delay", got)
		}
		down.set(false)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		wantClosed(t, p)
	})
}

func TestOneBadRecordDoesNotKeepTheBreakerOpenForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stage := EachRecord(func(_ context.Context, r *Record) error {
			if r.Lane() == LaneCritical && r.Line() == 1 {
				return Transient(errDown)
			}
			return nil
		})
		sink := &memorySink{}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: 1,
			Retry: RetryConfig{Attempts: 3, Backoff: time.Second}, Breaker: BreakerConfig{Failures: 2, Delay: 10 * time.Second}}}})
		hold := make(chan struct{})
		done := make(chan error)
		go func() {
			done <- p.Run(t.Context(), Sources{
				&linesSource{lines: numbered("bad", 1), lane: LaneCritical, hold: hold},
				&linesSource{lines: numbered("n", 100), lane: LaneLow, perChunk: 1, after: func(int) { time.Sleep(time.Second) }},
			})
		}()
		time.Sleep(200 * time.Second)
		close(hold)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameLines(t, "low", sink.rows[LaneLow], numbered("n", 100))
		if l := wantClosed(t, p); l.DeadByCode[CodeAttempts] != 1 {
			t.Errorf("dead letters %v, want the bad record alone", l.DeadByCode)
		}
	})
}

func TestWhatWasCalledBeforeTheBreakerOpenedTellsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(BreakerConfig{Failures: 1, Delay: time.Minute}.withDefaults(), func() {})
		old, failing := b.admit(), b.admit()
		if _, closed := b.record(failing, false); closed {
			t.Fatal("a failure did not open the breaker")
		}
		if admits, probe := b.ready(); admits || !probe {
			t.Errorf("an open breaker admits %v, as a probe %v", admits, probe)
		}
		time.Sleep(time.Minute)
		if admits, probe := b.ready(); !admits || !probe {
			t.Errorf("after its delay it admits %v, as a probe %v", admits, probe)
		}
		probe := b.admit()
		for _, success := range []bool{true, false} {
			b.record(old, success)
			if state, _ := b.state(); state != BreakerHalfOpen {
				t.Errorf("a call from before the probe, success %v, made it %s", success, state)
			}
		}
		if _, closed := b.record(probe, true); !closed {
			t.Error("the probe did not close it")
		}
	})
}

func TestAProbeIsTheBatchThatFailedFirstAndOtherwiseUrgencyDecides(t *testing.T) {
	var r retries
	r.add(&trial{lane: LaneLow, ticket: 3})
	r.add(&trial{lane: LaneHigh, ticket: 9})
	r.add(&trial{lane: LaneHigh, ticket: 8})
	r.add(&trial{lane: LaneCritical, due: time.Now().Add(time.Hour)})
	any := func(Lane) bool { return true }
	if got := r.pick(true, any); got != 0 {
		t.Errorf("the probe is number %d, want 0", got)
	}
	if got := r.pick(false, any); got != 2 {
		t.Errorf("the next is number %d, want 2", got)
	}
	if got := r.pick(false, func(l Lane) bool { return l == LaneLow }); got != 0 {
		t.Errorf("where only low may have a worker the next is number %d, want 0", got)
	}
}

func TestADrainWithAnOpenBreakerEndsWithItsBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := build(t, Config{Sink: &memorySink{}, DrainTimeout: 5 * time.Second, Stages: []StageConfig{{Name: "s", Stage: newService(),
			Breaker: BreakerConfig{Failures: 1, Delay: time.Hour}}}})
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx, &linesSource{lines: numbered("n", 500)}) }()
		time.Sleep(time.Second)
		cancel(ErrStopped)
		<-done
		if l := wantClosed(t, p); l.Left != 500 {
			t.Errorf("left %d, want 500", l.Left)
		}
		if p.pools[0].caller.breaker.alarm.Stop() {
			t.Error("the breaker's alarm is still set")
		}
	})
}
