package pipeline

import "context"

// Stage is the work of one pool. Process handles the live records of a batch,
// in order, normally by ranging over Batch.Each, whose cursor tells the pool
// which record is being worked on. It is called by many goroutines at once,
// each with a batch of its own, and must not keep anything of the batch after
// it returns.
//
// What Process does about a record: change it, Reject it, Filter it or leave
// it. What it returns:
//
//   - nil, and the batch goes on;
//   - a *RecordError, and the record under the cursor becomes a dead letter and
//     Process is called again for the records after it. A panic counts as one,
//     with CodePanic and the stack;
//   - an error marked by Transient, and Process is called again after a while, as
//     StageConfig.Retry says: from the record under the cursor on or, when it was
//     returned outside of a range over Each, for all live records of the batch,
//     which the mark declares to be safe;
//   - any error after its StageConfig.Timeout, unless it is a *RecordError for
//     another reason: the same from the record under the cursor on. Outside of a
//     range a Repeatable stage is called again for the batch; for any other the
//     records become dead letters with CodeTimeout;
//   - any other error, and the run fails with it.
//
// Process is never called again for a record that the cursor has passed, but for
// what a Transient error outside of a range, or Repeatable, declares to be safe.
//
// The context ends when the run is cancelled, and when the call has used up its
// time. A Process that ignores the first is abandoned after a grace; one that
// ignores the second is waited for.
type Stage interface {
	Process(ctx context.Context, b *Batch) error
}

// StageFunc is a function as a Stage.
type StageFunc func(ctx context.Context, b *Batch) error

// Process implements Stage.
func (f StageFunc) Process(ctx context.Context, b *Batch) error { return f(ctx, b) }

// EachRecord is a Stage that calls f for each live record. A *RecordError that
// f returns rejects that record; any other error ends the run.
func EachRecord(f func(ctx context.Context, r *Record) error) Stage {
	return StageFunc(func(ctx context.Context, b *Batch) error {
		for r := range b.Each() {
			if err := f(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Repeatable is declared by a Stage that does not use the batch's cursor and
// may safely be run again on records it has seen. When such a stage panics or
// returns a *RecordError, the batch is run again by halves until the record at
// fault stands alone. Without it, and without a cursor, all live records of
// the batch become dead letters.
type Repeatable interface {
	Stage
	Repeatable()
}
