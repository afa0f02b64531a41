package bench

import (
	"context"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// countingSink counts records and lines of each lane, and may stall.
type countingSink struct {
	records [pipeline.LaneCount]int
	lines   [pipeline.LaneCount]int64 // the last line seen
	broken  bool                      // a lane's lines did not come one after the other
	stall   func() time.Duration      // before a write
}

func (s *countingSink) Write(_ context.Context, g *pipeline.Group) (bool, error) {
	if s.stall != nil {
		time.Sleep(s.stall())
	}
	for _, b := range g.Batches {
		s.records[b.Lane()] += b.Len()
		for i := range b.Len() {
			line := b.Record(i).Line()
			s.broken = s.broken || line != s.lines[b.Lane()]+1
			s.lines[b.Lane()] = line
		}
	}
	return true, nil
}

func (s *countingSink) Flush(context.Context) error { return nil }

// stallOnce stalls for d at the first write that comes after the time is over.
func stallOnce(after, d time.Duration) func() time.Duration {
	began, done := time.Now(), false
	return func() time.Duration {
		if done || time.Since(began) < after {
			return 0
		}
		done = true
		return d
	}
}

// oneLane is a plan for one lane.
func oneLane(lane pipeline.Lane, rate float64) Plan {
	p := Plan{Coupled: true, Seed: DefaultSeed}
	p.Shares[lane] = 1
	p.Rates[lane] = Rate{Value: rate}
	return p
}

// measure runs a plan against a pipeline with one stage.
func measure(t *testing.T, ctx context.Context, p Plan, sink pipeline.Sink, capacity int) (Report, error) {
	t.Helper()
	b, err := New(p, ingest.Config{Rule: pipeline.DefaultLaneRule()})
	if err != nil {
		t.Fatal(err)
	}
	stage := pipeline.StageConfig{Name: "work"}
	for l := range stage.Lanes {
		stage.Lanes[l].Capacity = capacity
	}
	cfg := pipeline.Config{Stages: []pipeline.StageConfig{stage}, Sink: sink}
	b.Attach(&cfg)
	run, err := pipeline.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop := b.Watch(run.Status)
	err = run.Run(ctx, b)
	stop()
	return b.Report(run.Status(), err), err
}
