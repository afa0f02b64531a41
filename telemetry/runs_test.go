package telemetry

import (
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

func wantPoints(t *testing.T, name string, got, want map[string]float64) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// counted is a picture of a run with one stage and one lane at work.
func counted(state pipeline.State, ok, dead int64, busy time.Duration) pipeline.Status {
	s := pipeline.Status{State: state, Stages: []pipeline.StageStatus{{Name: "validate", Workers: 2, Busy: busy}}}
	s.Stages[0].Lanes[pipeline.LaneLow] = pipeline.LaneStatus{
		Depth: 3, Capacity: 10, Bytes: 99, OldestAge: time.Minute, Counts: pipeline.Counts{Persisted: ok, Dead: dead},
	}
	return s
}

func TestCountersGoOnOverTheRunsOfAProcess(t *testing.T) {
	m, collect := manual(t, Config{})
	const ok = "sluice.lane=low sluice.outcome=ok sluice.stage=validate"
	const busy = "sluice.activity=busy sluice.stage=validate"
	step := func(when string, wantOK, wantBusy float64) {
		t.Helper()
		got := collect()
		if got["sluice.stage.records"][ok] != wantOK || got["sluice.stage.busy"][busy] != wantBusy {
			t.Errorf("%s: %v records and %v s, want %v and %v",
				when, got["sluice.stage.records"][ok], got["sluice.stage.busy"][busy], wantOK, wantBusy)
		}
	}
	first := &fakeRun{}
	end := m.Follow(first)
	first.put(counted(pipeline.StateRunning, 5, 1, time.Second))
	step("while the first run runs", 5, 1)
	first.put(counted(pipeline.StateStopped, 7, 1, 2*time.Second))
	end()
	step("between runs", 7, 2)
	end()
	step("after ending the run twice", 7, 2)

	second := &fakeRun{}
	endSecond := m.Follow(second)
	step("before the second run does anything", 7, 2)
	second.put(counted(pipeline.StateRunning, 4, 0, time.Second))
	step("while the second run runs", 11, 3)
	end()
	step("after ending the first run once more", 11, 3)
	m.Follow(&fakeRun{status: counted(pipeline.StateRunning, 2, 0, 0)})
	step("when a third run follows unannounced", 13, 3)
	endSecond()
	if len(collect()["sluice.queue.depth"]) == 0 {
		t.Error("the late end of the second run ended the third")
	}
}

func TestGaugesTellAboutTheRunThereIs(t *testing.T) {
	size, known := int64(0), false
	m, collect := manual(t, Config{
		SourceSize: func() (int64, bool) { return size, known },
		SourceLag:  func() (int64, bool) { return 2 * size, known },
	})
	gauges := []int{queueDepth, queueCapacity, queueSize, queueAge, stageWorkers, pipelineBottleneck, sourceSize, sourceLag}
	for _, row := range gauges {
		wantPoints(t, "before any run, "+table[row].name, collect()[table[row].name], nil)
	}
	if got := collect()["sluice.pipeline.state"]["sluice.state=idle"]; got != 1 {
		t.Errorf("before any run, idle is %v, want 1", got)
	}

	run := &fakeRun{status: counted(pipeline.StatePaused, 1, 0, time.Second)}
	end := m.Follow(run)
	size, known = 1234, true
	got := collect()
	low := "sluice.lane=low sluice.stage=validate"
	for name, want := range map[string]float64{
		"sluice.queue.depth": 3, "sluice.queue.capacity": 10, "sluice.queue.size": 99, "sluice.queue.age": 60,
	} {
		if got[name][low] != want || len(got[name]) != pipeline.LaneCount {
			t.Errorf("%s is %v, want %v in %s and four lanes", name, got[name], want, low)
		}
	}
	wantPoints(t, "workers", got["sluice.stage.workers"], map[string]float64{"sluice.stage=validate": 2})
	wantPoints(t, "source size", got["sluice.source.size"], map[string]float64{"": 1234})
	wantPoints(t, "source lag", got["sluice.source.lag"], map[string]float64{"": 2468})
	wantPoints(t, "bottleneck", got["sluice.pipeline.bottleneck"],
		map[string]float64{"sluice.stage=validate": 1, "sluice.stage=source": 0, "sluice.stage=rate_limit": 0})
	wantPoints(t, "state", got["sluice.pipeline.state"], map[string]float64{
		"sluice.state=idle": 0, "sluice.state=running": 0, "sluice.state=paused": 1,
		"sluice.state=draining": 0, "sluice.state=stopped": 0, "sluice.state=failed": 0,
	})

	run.put(counted(pipeline.StateFailed, 1, 0, time.Second))
	end()
	if got := collect()["sluice.pipeline.state"]["sluice.state=failed"]; got != 1 {
		t.Errorf("after a run that failed, failed is %v, want 1", got)
	}
}

func TestWhatRateLimitsHoldIsToldByLane(t *testing.T) {
	m, collect := manual(t, Config{})
	held := func(waiting int, seconds time.Duration) pipeline.Status {
		s := counted(pipeline.StateRunning, 0, 0, 0)
		s.Rate = pipeline.RateStatus{Limited: true, Held: 9 * time.Second, Free: time.Second}
		s.Rate.Lanes[pipeline.LaneLow] = pipeline.RateLaneStatus{Waiting: waiting, Held: seconds * time.Second}
		return s
	}
	m.Follow(&fakeRun{status: held(1, 20)})()
	m.Follow(&fakeRun{status: held(3, 5)})
	got := collect()
	for name, want := range map[string]float64{"sluice.rate.held": 25, "sluice.rate.waiting": 3} {
		if got[name]["sluice.lane=low"] != want || got[name]["sluice.lane=high"] != 0 || len(got[name]) != pipeline.LaneCount {
			t.Errorf("%s is %v, want %v in low and 0 in the others", name, got[name], want)
		}
	}
	wantPoints(t, "bottleneck", got["sluice.pipeline.bottleneck"],
		map[string]float64{"sluice.stage=validate": 0, "sluice.stage=source": 0, "sluice.stage=rate_limit": 1})
}

func TestWhatFailsAndIsTriedAgainIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, collect := manual(t, Config{})
		s := counted(pipeline.StateRunning, 1, 0, time.Second)
		s.Stages[0].Lanes[pipeline.LaneLow].Retried = 9
		s.Stages[0].Lanes[pipeline.LaneLow].Retrying = 4
		s.Sink = pipeline.SinkStatus{Retries: 3, WaitingSince: time.Now().Add(-time.Minute), Breaker: pipeline.BreakerClosed}
		run := &fakeRun{status: s}
		end := m.Follow(run)
		got := collect()
		if n := got["sluice.stage.records"]["sluice.lane=low sluice.outcome=retried sluice.stage=validate"]; n != 9 {
			t.Errorf("%v records were retried, want 9", n)
		}
		if n := got["sluice.stage.backoff"]["sluice.lane=low sluice.stage=validate"]; n != 4 {
			t.Errorf("%v records wait, want 4", n)
		}
		wantPoints(t, "sink waiting", got["sluice.sink.waiting"], map[string]float64{"": 60})
		sink := map[string]float64{
			"sluice.breaker=closed sluice.stage=sink": 1, "sluice.breaker=open sluice.stage=sink": 0, "sluice.breaker=half-open sluice.stage=sink": 0,
		}
		wantPoints(t, "breakers where validate has none", got["sluice.stage.breaker"], sink)

		s.Stages[0].Breaker, s.Sink.WaitingSince = pipeline.BreakerOpen, time.Time{}
		run.put(s)
		got = collect()
		maps.Copy(sink, map[string]float64{
			"sluice.breaker=closed sluice.stage=validate": 0, "sluice.breaker=open sluice.stage=validate": 1, "sluice.breaker=half-open sluice.stage=validate": 0,
		})
		wantPoints(t, "breakers", got["sluice.stage.breaker"], sink)
		wantPoints(t, "sink waiting", got["sluice.sink.waiting"], map[string]float64{"": 0})
		end()
		m.Follow(&fakeRun{status: s})
		wantPoints(t, "sink retries of two runs", collect()["sluice.sink.retries"], map[string]float64{"": 6})
	})
}

// TestNoCollectionSeesACounterFallBack collects from several goroutines while
// runs come and go.
func TestNoCollectionSeesACounterFallBack(t *testing.T) {
	m, collect := manual(t, Config{})
	const runs, steps = 50, 20
	over := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			last := picture{}
			for ended := false; !ended; {
				select {
				case <-over:
					ended = true
				default:
				}
				now := collect()
				for at, n := range last["sluice.stage.records"] {
					if now["sluice.stage.records"][at] < n {
						t.Errorf("%s fell from %v to %v", at, n, now["sluice.stage.records"][at])
					}
				}
				last = now
			}
		})
	}
	for range runs {
		r := &fakeRun{}
		end := m.Follow(r)
		for n := range int64(steps) {
			r.put(counted(pipeline.StateRunning, n+1, n+1, time.Duration(n)))
		}
		end()
	}
	close(over)
	readers.Wait()
	if got := collect()["sluice.stage.records"]["sluice.lane=low sluice.outcome=dead sluice.stage=validate"]; got != runs*steps {
		t.Errorf("in the end %v, want %d", got, runs*steps)
	}
}

func TestTheBottleneckOfARunIsNotMeasuredAgainstAnotherRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, collect := manual(t, Config{})
		first := &fakeRun{}
		m.Follow(first)
		for n := range time.Duration(4) {
			first.put(counted(pipeline.StateRunning, 1, 0, n*11*time.Second))
			collect()
			time.Sleep(11 * time.Second)
		}
		m.Follow(&fakeRun{status: counted(pipeline.StateRunning, 1, 0, time.Second)})
		wantPoints(t, "bottleneck of the second run", collect()["sluice.pipeline.bottleneck"],
			map[string]float64{"sluice.stage=validate": 1, "sluice.stage=source": 0, "sluice.stage=rate_limit": 0})
	})
}
