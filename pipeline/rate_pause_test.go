package pipeline

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestALimitDropsNothingOfASenderThatAPauseOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &linesSource{lines: numbered("n", 100), lane: LaneLow}
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s"}}, Rate: RateConfig{Limit: 100, Over: RateOverDrop}})
		p.rates.hold(true) // as a pause does when the sender is through the gate already
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), src) }()
		time.Sleep(time.Second)
		if c := p.Status().Ledger.Counts; c.Accepted != 0 {
			t.Errorf("%+v while nothing may pass", c)
		}
		p.rates.hold(false)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if l := wantClosed(t, p); l.Persisted != 100 {
			t.Errorf("%+v, want all within the limit persisted", l.Counts)
		}
	})
}
