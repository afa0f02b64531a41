package control_test

import (
	"bytes"
	"context"
	"fmt"

	"sluice/control"
	"sluice/pipeline"
)

// three is a source of three records.
type three struct{}

func (three) Run(ctx context.Context, feed pipeline.Feed) error {
	in, err := feed.Intake(pipeline.Progress{}, pipeline.LaneRule{Default: pipeline.LaneNormal})
	if err != nil {
		return err
	}
	c := pipeline.NewChunk()
	c.Bytes = append(c.Bytes, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n"...)
	in.Begin(c)
	var position, line int64
	for raw := range bytes.Lines(c.Bytes) {
		line++
		in.Add(raw[:len(raw)-1], position, line)
		position += int64(len(raw))
	}
	if err := in.Flush(ctx); err != nil {
		return err
	}
	<-ctx.Done() // more could come
	return nil
}

// printer is a sink that prints rows.
type printer struct{}

func (printer) Write(_ context.Context, g *pipeline.Group) (bool, error) {
	for _, b := range g.Batches {
		for i := range b.Len() {
			fmt.Printf("%s\n", b.Record(i).Raw())
		}
	}
	return true, nil
}

func (printer) Flush(context.Context) error { return nil }

func open(context.Context) (*control.Run, error) {
	p, err := pipeline.New(pipeline.Config{
		Stages: []pipeline.StageConfig{{Name: "persist"}},
		Sink:   printer{},
	})
	if err != nil {
		return nil, err
	}
	return &control.Run{Pipeline: p, Source: three{}}, nil
}

func Example() {
	c := control.New(control.Config{Open: open, Instance: "example", Version: "1.0"})
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	ended := make(chan error, 1)
	go func() { ended <- c.Loop(ctx) }()

	answer, err := c.Do(ctx, control.Start{})
	if err != nil {
		fmt.Println(err)
		return
	}
	state := answer.Status.State

	for answer.Status.Ledger.Persisted < 3 {
		answer, _ = c.Do(ctx, control.Query{})
	}
	answer, err = c.Do(ctx, control.Stop{})
	fmt.Println(state, answer.Status.State, answer.Status.Ledger.Persisted, err)

	_, err = c.Do(ctx, control.Pause{})
	fmt.Println(err)

	signal()
	fmt.Println(<-ended)
	// Output:
	// {"n":1}
	// {"n":2}
	// {"n":3}
	// running stopped 3 <nil>
	// pause: there is no run (the state is stopped); start one first
	// <nil>
}
