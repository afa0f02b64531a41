package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

func ExampleBodies() {
	bodies := ingest.NewBodies(ingest.Config{Rule: pipeline.DefaultLaneRule()}, ingest.BodyLimits{})
	t := &table{progress: map[string]pipeline.Progress{}}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- t.run(ctx, bodies) }()

	post := func(body string) (pipeline.PostResult, error) {
		return bodies.Post(ctx, strings.NewReader(body), pipeline.PostOptions{Timeout: time.Minute})
	}
	result, err := post("{\"n\":1}\n{\"n\":2}\n")
	for errors.Is(err, pipeline.ErrNoRun) { // the run has not begun yet
		result, err = post("{\"n\":1}\n{\"n\":2}\n")
	}
	fmt.Println(result.Accepted, "accepted,", result.Persisted, "persisted, error", err)
	stop()
	fmt.Println(errors.Is(<-done, pipeline.ErrStopped), t.rows)
	// Output:
	// 2 accepted, 2 persisted, error <nil>
	// true [{"n":1} {"n":2}]
}
