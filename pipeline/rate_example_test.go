package pipeline_test

import (
	"context"
	"fmt"
	"time"

	"sluice/pipeline"
)

// Five records a minute may pass, and what is beyond them is dropped and counted.
func ExampleRateConfig() {
	rate := pipeline.RateConfig{Limit: 5, Per: time.Minute, Kind: pipeline.RateSlidingWindow, Over: pipeline.RateOverDrop}
	p, err := pipeline.New(pipeline.Config{
		Stages: []pipeline.StageConfig{{Name: "validate"}},
		Sink:   discard{},
		Rate:   rate,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = p.Run(context.Background(), repeat{line: `{"level":"debug"}`, times: 8})
	fmt.Println(rate, err)
	l := p.Status().Ledger
	fmt.Println(l.Accepted, "accepted,", l.Persisted, "persisted,", l.Dropped, "dropped")
	// Output:
	// 5 records per 1m <nil>
	// 8 accepted, 5 persisted, 3 dropped
}

// repeat is a source of the same line again and again.
type repeat struct {
	line  string
	times int
}

func (s repeat) Run(ctx context.Context, feed pipeline.Feed) error {
	in, err := feed.Intake(pipeline.Progress{}, pipeline.DefaultLaneRule())
	if err != nil {
		return err
	}
	c := pipeline.NewChunk()
	in.Begin(c)
	for i := range s.times {
		in.Add([]byte(s.line), int64(i*(len(s.line)+1)), int64(i+1))
	}
	return in.Flush(ctx)
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Write(context.Context, *pipeline.Group) (bool, error) { return true, nil }
func (discard) Flush(context.Context) error                          { return nil }
