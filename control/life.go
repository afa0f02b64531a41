package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluice/pipeline"
)

// errNow is the cause of a run that was told to stop now.
var errNow = errors.New("told to stop now")

// current is the run that is on.
type current struct {
	pipeline *pipeline.Pipeline // nil while it is being opened
	ready    <-chan struct{}    // nil before that, and when it is ready
	followed func() *Followed   // nil before that, and for none
	cancel   context.CancelCauseFunc
	stopping bool
	aborting bool
	cause    error // of the abort
}

// event is what a run tells the loop.
type event interface{ happen(l *loop) }

type opened struct {
	pipeline *pipeline.Pipeline
	ready    <-chan struct{}
	followed func() *Followed
}

type ended struct {
	status pipeline.Status // zero when the run was not opened
	err    error
}

// start begins a run. The loop is told when it is open, and when it has ended.
func (l *loop) start() {
	ctx, cancel := context.WithCancelCause(context.Background())
	l.run = &current{cancel: cancel}
	l.crew.Go(func() {
		defer cancel(nil)
		e := l.drive(ctx)
		if l.cfg.OnEnd != nil {
			l.cfg.OnEnd(e.status, e.err)
		}
		l.events <- e
	})
}

// drive is a run from its opening to its closing, in a goroutine of its own.
func (l *loop) drive(ctx context.Context) ended {
	run, err := l.open(ctx)
	if err != nil {
		return ended{err: err}
	}
	l.events <- opened{pipeline: run.Pipeline, ready: run.Ready, followed: run.Followed}
	err = run.Pipeline.Run(ctx, run.Source)
	// What was abandoned still uses what Close would take away from under it.
	if !errors.Is(err, pipeline.ErrAbandoned) {
		if closing := run.close(); closing != nil {
			// Joined to ErrStopped it would pass for a stop that went well.
			err = &closeError{run: err, err: closing}
		}
	}
	return ended{status: run.Pipeline.Status(), err: err}
}

func (l *loop) open(ctx context.Context) (*Run, error) {
	opening, done := context.WithCancelCause(ctx)
	defer done(nil)
	run, err := l.cfg.Open(opening)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("open run: %w", context.Cause(ctx))
		}
		return nil, err
	}
	return run.checked()
}

// closeError says that a run ended, and that closing it failed.
type closeError struct{ run, err error }

func (e *closeError) Error() string {
	if isStop(e.run) {
		return fmt.Sprintf("close run: %v", e.err)
	}
	return fmt.Sprintf("%v; close run: %v", e.run, e.err)
}

func (e *closeError) Unwrap() []error {
	if isStop(e.run) {
		return []error{e.err}
	}
	return []error{e.run, e.err}
}

func (e opened) happen(l *loop) {
	l.run.pipeline, l.run.ready, l.run.followed = e.pipeline, e.ready, e.followed
	l.runs++
	l.failure, l.lastError = nil, ""
	l.samples.reset()
	if l.run.aborting {
		e.pipeline.Abort(l.run.cause)
	}
	if !l.run.stopping {
		l.setState(pipeline.StateRunning)
	}
	if l.run.ready == nil {
		l.ready()
	}
}

// ready answers those who wait for the start.
func (l *loop) ready() {
	l.run.ready = nil
	for _, to := range l.onOpen {
		l.answer(to)
	}
	l.onOpen = nil
}

func (e ended) happen(l *loop) {
	run := l.run
	l.run, l.overdue = nil, nil
	if run.pipeline != nil {
		l.last = e.status
	}
	l.settle(e)
	for _, to := range l.onOpen {
		to.refuse(notStarted(e.err))
	}
	for _, to := range l.onEnd {
		l.answer(to)
	}
	l.onOpen, l.onEnd = nil, nil
}

// notStarted is for those who started a run that ended before it was ready.
func notStarted(err error) error {
	if err == nil {
		err = errors.New("the input ended at once")
	}
	return &RefusedError{Kind: ErrConflict, Reason: "start: " + err.Error(), Err: err}
}

// settle says how the run went.
func (l *loop) settle(e ended) {
	l.result, l.failure, l.lastError = e.err, nil, ""
	if isStop(e.err) {
		l.setState(pipeline.StateStopped)
		return
	}
	err := withLeft(e.err, e.status.Ledger)
	l.lastError = err.Error()
	if errors.Is(e.err, errNow) && !errors.Is(e.err, pipeline.ErrAbandoned) {
		l.setState(pipeline.StateStopped)
		return
	}
	l.failure = err
	l.setState(pipeline.StateFailed)
}

// stop tells the run to end; nothing happens when there is none. The budget of
// the latest command counts.
func (l *loop) stop(mode StopMode, timeout time.Duration) {
	if l.run == nil {
		return
	}
	l.run.stopping = true
	l.setState(pipeline.StateDraining)
	l.run.cancel(pipeline.ErrStopped)
	switch {
	case mode == StopNow:
		l.abort(errNow)
	case timeout > 0:
		l.overdue, l.overdueAfter = time.After(timeout), timeout
	}
}

// abort ends the run at once; the first cause stands.
func (l *loop) abort(cause error) {
	if l.run == nil || l.run.aborting {
		return
	}
	l.run.stopping, l.run.aborting, l.run.cause = true, true, cause
	l.setState(pipeline.StateDraining)
	l.run.cancel(pipeline.ErrStopped)
	if l.run.pipeline != nil {
		l.run.pipeline.Abort(cause)
	}
}

// withLeft adds how many records of which lane the run has left.
func withLeft(err error, ledger pipeline.Ledger) error {
	if ledger.Left == 0 {
		return err
	}
	var parts []string
	for lane, c := range ledger.Lanes {
		if c.Left > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.Left, pipeline.Lane(lane)))
		}
	}
	return fmt.Errorf("%w; left unfinished: %s", err, strings.Join(parts, ", "))
}
