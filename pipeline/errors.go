package pipeline

import (
	"errors"
	"fmt"
)

// Errors that a caller can tell apart with errors.Is.
var (
	// ErrStopped is the cause a caller cancels Run's context with to ask for
	// a drain; Run returns an error that wraps it when input was left unread.
	ErrStopped = errors.New("stopped before the end of the input")
	// ErrDrainTimeout says that the drain's budget ran out and that work was
	// cancelled; the ledger's left says how much.
	ErrDrainTimeout = errors.New("the drain did not finish within its budget")
	// ErrAborted is the cause of Pipeline.Abort.
	ErrAborted = errors.New("aborted")
	// ErrAbandoned says that a stage or the sink ignored its cancellation and
	// was left behind.
	ErrAbandoned = errors.New("abandoned: ignored its cancellation")
	// ErrFull says that a channel's lane has no room now.
	ErrFull = errors.New("lane is full")
	// ErrEmpty says that a channel has nothing to read now.
	ErrEmpty = errors.New("channel is empty")
	// ErrClosed says that a channel takes no more batches.
	ErrClosed = errors.New("channel is closed")
	// ErrFenced says that another process moved this source's progress.
	ErrFenced = errors.New("another process owns this source")
	// ErrSourceTruncated says that a source ended in the middle of its
	// encoding; what could be read has gone through.
	ErrSourceTruncated = errors.New("source_truncated")
)

// Code says why a record is a dead letter. Codes are stable: people select by
// them. docs/dead-letters.md lists all.
type Code string

// The reason codes of the stages that come with sluice.
const (
	CodeNotJSON      Code = "not_json"      // the line is not JSON
	CodeNotObject    Code = "not_object"    // it is JSON, but not an object
	CodeInvalidUTF8  Code = "invalid_utf8"  // bytes that are not UTF-8
	CodeTooLong      Code = "too_long"      // longer than max_record_bytes
	CodeTooDeep      Code = "too_deep"      // nested deeper than max_depth
	CodeDuplicateKey Code = "duplicate_key" // an object has a key twice
	CodeSchema       Code = "schema"        // fails the JSON Schema
	CodeRequired     Code = "required"      // lacks a field that its lane asks for
	CodeRule         Code = "rule"          // fails a rule beside the schema
	CodeTooOld       Code = "too_old"       // its timestamp is further back than allowed
	CodeInFuture     Code = "in_future"     // its timestamp is further ahead than allowed
	CodeDuplicate    Code = "duplicate"     // a record with the same key came before
	CodeLookupMiss   Code = "lookup_miss"   // no row of the table has the key
	CodeCompute      Code = "compute"       // an expression failed
	CodeStep         Code = "step"          // an enrichment step could not apply
	CodeColumnType   Code = "column_type"   // a value does not fit its column
	CodeConstraint   Code = "constraint"    // the table refuses the row
	CodePanic        Code = "panic"         // stage code panicked on the record
	CodeAttempts     Code = "attempts"      // the stage failed with it as often as it may
	CodeTimeout      Code = "timeout"       // the stage's time was up, and it cannot be called again
)

// Codes returns the reason codes above, and those of what a full mode or a rate
// limit gives up.
func Codes() []Code {
	codes := []Code{
		CodeNotJSON, CodeNotObject, CodeInvalidUTF8, CodeTooLong, CodeTooDeep, CodeDuplicateKey, CodeSchema, CodeRequired, CodeRule, CodeTooOld,
		CodeInFuture, CodeDuplicate, CodeLookupMiss, CodeCompute, CodeStep, CodeColumnType, CodeConstraint, CodePanic, CodeAttempts, CodeTimeout,
	}
	for r := range dropReasonNames {
		codes = append(codes, DropReason(r).Code())
	}
	return codes
}

// RecordError says why one record cannot go on. A stage hands it to
// Record.Reject, or returns it from Process for the record under the cursor.
type RecordError struct {
	Stage    string // name of the stage; filled in by the pool when empty
	Code     Code
	Pointer  string // JSON Pointer (RFC 6901) to the value at fault, "" for the whole record
	Message  string // a sentence for a person: what was found and what was expected
	Attempts int    // calls that were made for the record, filled in by the pool; 0 stands for one
	Err      error  // the cause, where there is one
}

// Error implements error.
func (e *RecordError) Error() string {
	msg := e.Message
	if msg == "" && e.Err != nil {
		msg = e.Err.Error()
	}
	if e.Pointer == "" {
		return fmt.Sprintf("%s: %s", e.Code, msg)
	}
	return fmt.Sprintf("%s at %s: %s", e.Code, e.Pointer, msg)
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }
