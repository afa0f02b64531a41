package pipeline

import (
	"testing"
	"testing/synctest"
	"time"
)

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
