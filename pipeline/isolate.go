package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/sourcegraph/conc/panics"
)

// maxStack bounds the stack that a dead letter of a panic carries, in bytes.
const maxStack = 4 << 10

// rejectFault makes the record at fault a dead letter: the one under the cursor,
// or those that halving finds, or, where neither tells, all.
func (a *attempt) rejectFault(ctx context.Context, fault *RecordError) (step, error) {
	b := a.batch
	if at := b.cursor.at; at >= 0 {
		b.records[at].Reject(fault)
		b.cursor.resume()
		return stepNext, nil
	}
	if !a.repeatable() {
		b.reject(0, b.Len(), fault)
		return stepDone, nil
	}
	v, err := a.halve(ctx, 0, b.Len(), fault)
	return a.after(ctx, v, err)
}

func (c *caller) repeatable() bool {
	_, ok := c.stage.(Repeatable)
	return ok
}

// halve finds the records at fault in [lo, hi), where running the whole range
// gave fault.
func (a *attempt) halve(ctx context.Context, lo, hi int, fault *RecordError) (verdict, error) {
	b := a.batch
	if hi-lo <= 1 {
		b.reject(lo, hi, fault)
		return verdictDone, nil
	}
	mid := (lo + hi) / 2
	for _, half := range [2][2]int{{lo, mid}, {mid, hi}} {
		b.cursor = cursor{at: -1, lo: half[0], hi: half[1]}
		v, err := a.call(ctx)
		b.cursor.reset()
		if v == verdictDead {
			v, err = a.halve(ctx, half[0], half[1], faultOf(err))
		}
		if v != verdictDone {
			return v, err
		}
	}
	return verdictDone, nil
}

// faultOf returns what an error with verdictDead says of the record.
func faultOf(err error) *RecordError {
	fault, _ := errors.AsType[*RecordError](err)
	return fault
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
