package telemetry

import (
	"testing"
	"time"

	"sluice/pipeline"
)

// TestTheBottleneckIsThatOfLate collects each second while the work moves from
// one stage to the other.
func TestTheBottleneckIsThatOfLate(t *testing.T) {
	var w window
	var status pipeline.Status
	at := time.Unix(0, 0)
	advance := func(seconds int, busyFirst, busySecond time.Duration) (name string) {
		for range seconds {
			at = at.Add(time.Second)
			next := pipeline.Status{Stages: []pipeline.StageStatus{{Name: "first"}, {Name: "second"}}}
			for i, busy := range []time.Duration{busyFirst, busySecond} {
				if len(status.Stages) > 0 {
					next.Stages[i] = status.Stages[i]
				}
				next.Stages[i].Busy += busy
				next.Stages[i].Idle += time.Second - busy
			}
			status = next
			name = w.bottleneck(status, at)
		}
		return name
	}
	if got := advance(1, 900*time.Millisecond, 100*time.Millisecond); got != "first" {
		t.Errorf("after a second it is %q, want first", got)
	}
	if got := advance(1000, 900*time.Millisecond, 100*time.Millisecond); got != "first" {
		t.Errorf("after a thousand seconds it is %q, want first", got)
	}
	if got := advance(21, 100*time.Millisecond, 900*time.Millisecond); got != "second" {
		t.Errorf("21 s after the work moved it is %q, want second", got)
	}
	if got := advance(21, 100*time.Millisecond, 100*time.Millisecond); got != "source" {
		t.Errorf("21 s after the work ceased it is %q, want source", got)
	}
}
