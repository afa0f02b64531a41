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
	dead := b.dead
	err := isolate(ctx, s, b)
	if b.dead > dead {
		b.signDead(name)
	}
	return err
}

// isolate calls the stage until every record has had its turn.
func isolate(ctx context.Context, s Stage, b *Batch) error {
	b.cursor.reset()
	for {
		err := callStage(ctx, s, b)
		fault, ok := errors.AsType[*RecordError](err)
		if !ok {
			return err
		}
		if at := b.cursor.at; at >= 0 {
			b.records[at].Reject(fault)
			b.cursor.resume()
			continue
		}
		if _, ok := s.(Repeatable); ok {
			return halve(ctx, s, b, 0, b.Len(), fault)
		}
		b.reject(0, b.Len(), fault)
		return nil
	}
}

// halve finds the records at fault in [lo, hi), where running the whole range
// gave fault.
func halve(ctx context.Context, s Stage, b *Batch, lo, hi int, fault *RecordError) error {
	if hi-lo <= 1 {
		b.reject(lo, hi, fault)
		return nil
	}
	mid := (lo + hi) / 2
	for _, half := range [2][2]int{{lo, mid}, {mid, hi}} {
		b.cursor = cursor{at: -1, lo: half[0], hi: half[1]}
		err := callStage(ctx, s, b)
		b.cursor.reset()
		if inner, ok := errors.AsType[*RecordError](err); ok {
			err = halve(ctx, s, b, half[0], half[1], inner)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// signDead puts the stage's name on the dead letters that have none. It signs
// copies: a stage may use one error for many records, from many workers.
func (b *Batch) signDead(stage string) {
	for r := range b.DeadRecords() {
		if r.err.Stage == "" {
			signed := *r.err
			signed.Stage = stage
			r.err = &signed
		}
	}
}

// reject makes the live records of [lo, hi) dead letters.
func (b *Batch) reject(lo, hi int, fault *RecordError) {
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
