package control

import "errors"

// Why a command was not done, for errors.Is.
var (
	// ErrBusy says that too many commands wait already; ask again later.
	ErrBusy = errors.New("busy: too many commands are waiting; ask again in a moment")
	// ErrEnded says that the loop has ended, or is about to.
	ErrEnded = errors.New("sluice is shutting down")
	// ErrConflict says that the command does not fit the state.
	ErrConflict = errors.New("not possible now")
	// ErrNoStage says that no stage has that name.
	ErrNoStage = errors.New("no such stage")
	// ErrInvalid says that the command itself is wrong.
	ErrInvalid = errors.New("invalid command")
)

// RefusedError is a refusal with its reason. Kind is one of the package's
// errors.
type RefusedError struct {
	Kind   error
	Reason string // a sentence: what was found and what to do
	Err    error  // the cause, where there is one
}

// Error implements error.
func (e *RefusedError) Error() string { return e.Reason }

// Unwrap returns the kind and the cause.
func (e *RefusedError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
