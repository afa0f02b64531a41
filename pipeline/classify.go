package pipeline

import (
	"context"
	"errors"
)

// ErrTimedOut is the cause of the context of a call of Process that has used up
// the stage's time.
var ErrTimedOut = errors.New("the stage's time is up")

// TransientError says that the same call may succeed later.
type TransientError struct{ Err error }

// Transient marks err as one that passes: the call that returned it can be made
// again. A Stage or a Sink says by it that calling it again is safe. It is nil
// when err is.
func Transient(err error) error {
	if err == nil {
		return nil
	}
	return &TransientError{Err: err}
}

// IsTransient says whether err is marked by Transient.
func IsTransient(err error) bool {
	_, ok := errors.AsType[*TransientError](err)
	return ok
}

// Error implements error.
func (e *TransientError) Error() string { return e.Err.Error() }

// Unwrap returns what was marked.
func (e *TransientError) Unwrap() error { return e.Err }

// verdict is what an error of a stage means.
type verdict int

const (
	verdictDone  verdict = iota // there is no error
	verdictDead                 // the record at fault is a dead letter
	verdictRetry                // the stage said that the call may be made again
	verdictLate                 // the call has used up the stage's time
	verdictStop                 // the run cannot go on
)

// classify decides what an error means that Process returned for a context. It is
// the only place that does. Of a *RecordError and a Transient in one error the
// outer one counts, and what a call returns when its time is up is late, unless
// it says that a record is at fault for another reason.
func classify(ctx context.Context, err error) verdict {
	if err == nil {
		return verdictDone
	}
	fault, isFault := errors.AsType[*RecordError](err)
	if isFault && !IsTransient(err) || isFault && IsTransient(fault.Err) {
		if isLate(ctx) && ofTime(fault) {
			return verdictLate
		}
		return verdictDead
	}
	switch {
	case IsTransient(err):
		return verdictRetry
	case isLate(ctx):
		return verdictLate
	}
	return verdictStop
}

// isLate says whether the call's own time is up, and not the run's.
func isLate(ctx context.Context) bool { return context.Cause(ctx) == ErrTimedOut }

// ofTime says whether an error comes from the end of a context.
func ofTime(err error) bool {
	return errors.Is(err, ErrTimedOut) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
