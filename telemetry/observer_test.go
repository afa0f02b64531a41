package telemetry

import (
	"testing"
	"time"

	"sluice/pipeline"
)

func TestABatchIsMeasuredWithoutAllocation(t *testing.T) {
	m, _ := manual(t, Config{})
	o := m.Observer()
	measure := func() {
		for l := range pipeline.Lane(pipeline.LaneCount) {
			o.Processed("validate", l, 3*time.Millisecond)
			o.Processed("persist", l, 70*time.Microsecond)
			o.Settled(l, 2*time.Second)
		}
	}
	measure()
	if n := testing.AllocsPerRun(100, measure); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestEachMeasurementGoesToItsStageAndLane(t *testing.T) {
	m, collect := manual(t, Config{})
	o := m.Observer()
	for range 3 {
		o.Processed("enrich", pipeline.LaneLow, time.Millisecond)
	}
	o.Processed("a stage nobody named before", pipeline.LaneHigh, time.Millisecond)
	o.Settled(pipeline.LaneCritical, time.Second)
	got := collect()
	for name, want := range map[string]map[string]float64{
		"sluice.stage.duration": {
			"sluice.lane=low sluice.stage=enrich":                       3,
			"sluice.lane=high sluice.stage=a stage nobody named before": 1,
		},
		"sluice.record.latency": {"sluice.lane=critical": 1},
	} {
		wantPoints(t, name, got[name], want)
	}
}

func BenchmarkObserver(b *testing.B) {
	m, _ := manual(b, Config{})
	o := m.Observer()
	b.ReportAllocs()
	for b.Loop() {
		o.Processed("validate", pipeline.LaneNormal, 3*time.Millisecond)
	}
}

func BenchmarkCollect(b *testing.B) {
	m, collect := manual(b, Config{})
	defer m.Follow(&fakeRun{status: counted(pipeline.StateRunning, 1, 1, time.Second)})()
	b.ReportAllocs()
	for b.Loop() {
		collect()
	}
}
