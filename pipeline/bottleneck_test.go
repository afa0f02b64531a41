package pipeline

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheBottleneckIsTheStageThatIsSlow(t *testing.T) {
	for _, slow := range []string{"validate", "enrich", "persist", "sink", "source"} {
		t.Run(slow, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memorySink{delay: time.Millisecond}
				if slow == "sink" {
					sink.delay = 30 * time.Millisecond
				}
				cfg := Config{Sink: sink}
				for _, name := range []string{"validate", "enrich", "persist"} {
					d := time.Millisecond
					if name == slow {
						d = 20 * time.Millisecond
					}
					cfg.Stages = append(cfg.Stages, StageConfig{Name: name, Stage: StageFunc(func(context.Context, *Batch) error {
						time.Sleep(d)
						return nil
					})})
				}
				src := &linesSource{lines: numbered("n", 20_000)}
				if slow == "source" {
					src.after = func(int) { time.Sleep(20 * time.Millisecond) }
				}
				p := build(t, cfg)
				done := make(chan error)
				go func() { done <- p.Run(t.Context(), src) }()
				time.Sleep(100 * time.Millisecond)
				before := p.Status()
				time.Sleep(300 * time.Millisecond)
				want := slow
				if slow == "sink" {
					want = "persist"
				}
				if got := Bottleneck(before, p.Status()); got != want {
					t.Errorf("in mid-run the bottleneck is %q, want %q", got, want)
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if got := Bottleneck(Status{}, p.Status()); got != want {
					t.Errorf("over the run the bottleneck is %q, want %q", got, want)
				}
			})
		})
	}
}

func TestAStageThatWaitsForWhatItCallsIsTheBottleneck(t *testing.T) {
	backingOff := StageStatus{Name: "b", Busy: time.Second, Idle: 9 * time.Second}
	backingOff.Lanes[LaneLow].Retrying, backingOff.Lanes[LaneLow].Depth = 10, 5
	last := backingOff
	last.Lanes[LaneLow].Depth = 0
	busy := StageStatus{Name: "a", Busy: 9 * time.Second, Idle: time.Second}
	idle := StageStatus{Name: "a", Idle: time.Second}
	for _, tc := range []struct {
		name   string
		stages []StageStatus
		want   string
	}{
		{"a breaker that is open", []StageStatus{{Name: "a", Breaker: BreakerOpen}, {Name: "b", Breaker: BreakerClosed}}, "a"},
		{"a lane that backs off before others of its own", []StageStatus{idle, backingOff}, "b"},
		{"a lane that backs off and holds nobody", []StageStatus{idle, last}, BottleneckSource},
		{"a stage that is busy beside it", []StageStatus{busy, backingOff}, "a"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Bottleneck(Status{}, Status{Stages: tc.stages}); got != tc.want {
				t.Errorf("the bottleneck is %q, want %q", got, tc.want)
			}
		})
	}
}
