package main

import (
	"context"
	"errors"
	"io"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// poster is the process's HTTP bodies as the control API takes them.
type poster struct{ bodies *ingest.Bodies }

// Post implements api.Poster.
func (p poster) Post(ctx context.Context, body io.Reader, o pipeline.PostOptions) (pipeline.PostResult, error) {
	result, err := p.bodies.Post(ctx, body, o)
	if e, ok := errors.AsType[*ingest.BodyError](err); ok {
		err = &brokenOff{line: e.Line, err: err}
	}
	return result, err
}

// brokenOff tells the API where a body was not read on.
type brokenOff struct {
	line int64
	err  error
}

func (e *brokenOff) Error() string { return e.err.Error() }
func (e *brokenOff) Unwrap() error { return e.err }

// BodyLine returns the first line that was not taken in because of it.
func (e *brokenOff) BodyLine() int64 { return e.line }
