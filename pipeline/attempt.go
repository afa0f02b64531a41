package pipeline

import (
	"context"
	"fmt"
	"time"
)

// caller is the code of a stage with what stands around it.
type caller struct {
	name     string
	stage    Stage
	timeout  time.Duration // of one call; 0 for none
	retry    RetryConfig
	fallback Fallback
	breaker  *breaker // nil for none
}

// run works on a batch until every record has had its turn. A record that makes
// it fail becomes a dead letter and the stage goes on after it. What has to be
// tried again is in the trial that it returns, and takes the next time. epoch is
// what the breaker admitted the batch with. An error is one that the run must
// stop for.
func (c *caller) run(ctx context.Context, b *Batch, t *trial, epoch int) (later *trial, err error) {
	dead := b.dead
	if t == nil {
		b.cursor.reset()
	}
	a := attempt{caller: c, batch: b, trial: t, epoch: epoch}
	again, err := a.run(ctx)
	if b.dead > dead {
		b.signDead(c.name)
	}
	if !again {
		return nil, err
	}
	return a.trial, err
}

// attempt is one go at a batch, of one call or more.
type attempt struct {
	*caller
	batch  *Batch
	trial  *trial // nil while nothing has had to be tried again
	epoch  int
	closed bool // the breaker, after the last call
}

// step is how an attempt goes on after a call.
type step int

const (
	stepDone  step = iota // every record has had its turn
	stepNext              // call again at once, for the records after the cursor
	stepLater             // call again when the trial is due
)

func (a *attempt) run(ctx context.Context) (later bool, err error) {
	for {
		v, err := a.call(ctx)
		next, err := a.after(ctx, v, err)
		if next == stepNext && !a.closed {
			a.wait(0)
			next = stepLater
		}
		if next != stepNext {
			return next == stepLater, err
		}
	}
}

// call calls the stage once.
func (a *attempt) call(ctx context.Context) (verdict, error) {
	if a.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.timeout, ErrTimedOut)
		defer cancel()
	}
	err := callStage(ctx, a.stage, a.batch)
	v := classify(ctx, err)
	a.epoch, a.closed = a.breaker.record(a.epoch, v == verdictDone || v == verdictDead)
	if a.trial != nil {
		a.trial.sign(a.batch, a.name)
	}
	return v, err
}

// after does what a verdict asks for.
func (a *attempt) after(ctx context.Context, v verdict, err error) (step, error) {
	switch {
	case v == verdictDone:
		return stepDone, nil
	case v == verdictDead:
		next, err := a.rejectFault(ctx, faultOf(err))
		if a.trial != nil {
			a.trial.sign(a.batch, a.name)
		}
		return next, err
	case v == verdictStop || ctx.Err() != nil:
		return stepDone, err
	}
	return a.failed(v, err)
}

// failed decides about a call that may be made again.
func (a *attempt) failed(v verdict, err error) (step, error) {
	at := a.batch.cursor.at
	t := a.begun()
	t.failed(at, err)
	if a.closed {
		t.counted++ // what fails while the breaker is not closed tells nothing about the record
	}
	if at < 0 && v == verdictLate && !a.repeatable() {
		return a.giveUp(CodeTimeout)
	}
	if a.retry.Attempts > 0 && t.counted >= a.retry.Attempts {
		return a.giveUp(CodeAttempts)
	}
	if at >= 0 {
		a.batch.cursor.again()
	} else {
		a.batch.cursor.reset()
	}
	if a.closed {
		a.wait(min(t.delays.NextBackOff(), a.retry.MaxBackoff))
	} else {
		a.wait(0) // the breaker's delay is the wait
	}
	return stepLater, nil
}

// giveUp makes the fallback of what the last failure was about.
func (a *attempt) giveUp(code Code) (step, error) {
	t := a.trial
	lo, hi := t.at, t.at+1
	if t.at < 0 {
		lo, hi = 0, a.batch.Len()
	}
	switch a.fallback {
	case FallbackStop:
		return stepDone, fmt.Errorf("given up after %s: %w", calls(t.failures), t.err)
	case FallbackPass:
	default:
		a.batch.reject(lo, hi, t.fault(code))
	}
	if t.at < 0 {
		return stepDone, nil
	}
	a.batch.cursor.resume()
	t.fresh()
	return stepNext, nil
}

// begun returns the batch's trial.
func (a *attempt) begun() *trial {
	if a.trial == nil {
		a.trial = &trial{lane: a.batch.lane, at: -1, delays: a.retry.delays()}
	}
	return a.trial
}

// wait makes the trial due after a while.
func (a *attempt) wait(d time.Duration) { a.begun().due = time.Now().Add(d) }
