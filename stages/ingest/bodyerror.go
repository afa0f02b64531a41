package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sluice/pipeline"
)

// BodyError says that a body was not read to its end. It wraps the reason.
type BodyError struct {
	// Line is the first line, from 1, that was not read whole: nothing of it
	// nor of what follows was taken in.
	Line int64
	Err  error
}

// BodyLine returns Line, for an API that knows no more of the error.
func (e *BodyError) BodyLine() int64 { return e.Line }

// Error implements error.
func (e *BodyError) Error() string {
	return fmt.Sprintf("line %d: %v; nothing from this line on was taken in", e.Line, e.Err)
}

// Unwrap returns the reason.
func (e *BodyError) Unwrap() error { return e.Err }

// refusal says that the pipeline did not take what was read.
type refusal struct{ err error }

func (e *refusal) Error() string { return e.err.Error() }
func (e *refusal) Unwrap() error { return e.err }

// explain turns the reason why a body was not taken to its end into what Post
// promises.
func (p *bodyPost) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	refused, _ := errors.AsType[*refusal](err)
	switch {
	case refused != nil:
		err = p.explainRefusal(refused.err)
	case ctx.Err() != nil:
		err = p.explainRefusal(context.Cause(ctx))
	case errors.Is(err, pipeline.ErrBadEncoding):
	default:
		err = p.decoder.explain(err)
	}
	line := int64(1)
	if p.reader != nil {
		if p.reader.err == io.EOF && p.reader.lo == len(p.reader.buf) {
			return err // every line was taken in, or is among those refused
		}
		line = p.reader.at.Line + 1
	}
	return &BodyError{Line: line, Err: err}
}

func (p *bodyPost) explainRefusal(cause error) error {
	if limited, ok := errors.AsType[*pipeline.RateError](cause); ok {
		if limited.Err == nil || errors.Is(limited.Err, errNoWait) {
			return limited
		}
		cause = limited.Err
	}
	switch {
	case errors.Is(cause, errRunEnds):
		return fmt.Errorf("%w: the run ended while the body came in", pipeline.ErrNoRun)
	case errors.Is(cause, errNoWait) && p.run.paused():
		return pipeline.ErrPaused
	case errors.Is(cause, errNoWait):
		return pipeline.ErrFull
	}
	return cause
}

// refusedLines is an intake that only takes the numbers of lines.
type refusedLines struct{ lines []int64 }

func (r *refusedLines) Begin(*pipeline.Chunk)                 {}
func (r *refusedLines) Add(_ []byte, _, line int64)           { r.lines = append(r.lines, line) }
func (r *refusedLines) AddTooLong(_ []byte, _, line, _ int64) { r.lines = append(r.lines, line) }
func (r *refusedLines) Flush(context.Context) error           { return nil }
