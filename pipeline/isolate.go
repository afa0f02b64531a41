package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/sourcegraph/conc/panics"
)

// maxStack bounds the stack that a dead letter of a panic carries, in bytes.
const maxStack = 4 << 10

// runStage runs a stage over a batch. A record that makes it fail becomes a
// dead letter and the stage goes on after it; the returned error is one that
// the run must stop for.
func runStage(ctx context.Context, name string, s Stage, b *Batch) error {
	b.cursor.reset()
	for {
		err := callStage(ctx, s, b)
		fault, ok := errors.AsType[*RecordError](err)
		if !ok {
			return err
		}
		if at := b.cursor.at; at >= 0 {
			b.reject(at, at+1, name, fault)
			b.cursor.resume()
			continue
		}
		if _, ok := s.(Repeatable); ok {
			return halve(ctx, name, s, b, 0, b.Len(), fault)
		}
		b.reject(0, b.Len(), name, fault)
		return nil
	}
}

// halve finds the records at fault in [lo, hi), where running the whole range
// gave fault.
func halve(ctx context.Context, name string, s Stage, b *Batch, lo, hi int, fault *RecordError) error {
	if hi-lo <= 1 {
		b.reject(lo, hi, name, fault)
		return nil
	}
	mid := (lo + hi) / 2
	for _, half := range [2][2]int{{lo, mid}, {mid, hi}} {
		b.cursor = cursor{at: -1, lo: half[0], hi: half[1]}
		err := callStage(ctx, s, b)
		b.cursor.reset()
		if inner, ok := errors.AsType[*RecordError](err); ok {
			err = halve(ctx, name, s, b, half[0], half[1], inner)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reject makes the live records of [lo, hi) dead letters of the stage.
func (b *Batch) reject(lo, hi int, stage string, fault *RecordError) {
	if fault.Stage == "" {
		fault.Stage = stage
	}
	for i := lo; i < hi; i++ {
		b.records[i].Reject(fault)
	}
}

// callStage turns a panic into a *RecordError.
func callStage(ctx context.Context, s Stage, b *Batch) (err error) {
	if p := panics.Try(func() { err = s.Process(ctx, b) }); p != nil {
		stack := p.Stack
		if len(stack) > maxStack {
			stack = stack[:maxStack]
		}
		return &RecordError{
			Code:    CodePanic,
			Message: fmt.Sprintf("stage code panicked: %v\n%s", p.Value, stack),
			Err:     p.AsError(),
		}
	}
	return err
}
