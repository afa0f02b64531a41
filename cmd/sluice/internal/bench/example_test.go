package bench_test

import (
	"context"
	"fmt"

	"sluice/cmd/sluice/internal/bench"
	"sluice/pipeline"
	"sluice/stages/ingest"
)

// nowhere is a sink that takes everything.
type nowhere struct{}

func (nowhere) Write(context.Context, *pipeline.Group) (bool, error) { return true, nil }
func (nowhere) Flush(context.Context) error                          { return nil }

// A thousand records, one in a hundred of them critical, through a pipeline with
// one stage.
func Example() {
	b, err := bench.New(bench.Plan{Shares: bench.DefaultMix, Coupled: true, Records: 1000}, ingest.Config{Rule: pipeline.DefaultLaneRule()})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := pipeline.Config{Stages: []pipeline.StageConfig{{Name: "work"}}, Sink: nowhere{}}
	b.Attach(&cfg)
	p, err := pipeline.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	stop := b.Watch(p.Status)
	err = p.Run(context.Background(), b)
	stop()
	for _, lane := range b.Report(p.Status(), err).Lanes {
		fmt.Println(lane.Lane, lane.Persisted, "persisted,", lane.Latency.Count, "latencies")
	}
	// Output:
	// critical 10 persisted, 10 latencies
	// low 990 persisted, 990 latencies
}
