package pipeline

import (
	"context"
	"errors"
	"sync"
)

// ErrUnsettled says that the run ended before all that a receipt follows was
// settled: what became of the rest is not known.
var ErrUnsettled = errors.New("the run ended before everything was settled")

// Receipt follows what one intake sends in until it is settled. It may be used
// by any number of goroutines.
type Receipt struct {
	over    <-chan struct{} // closed when the run is over
	most    int             // errors that are kept
	settled signal

	mu      sync.Mutex // guards what follows
	sent    int64
	dropped int64   // by a full mode or a rate limit
	taken   Outcome // with the sink
	stable  Outcome // settled
}

// Outcome is what became of records.
type Outcome struct {
	Persisted int64
	Dead      int64
	Dropped   int64
	Filtered  int64
	Errors    []LineError // of the dead ones, as many as the receipt keeps
}

// LineError is the dead letter of one line.
type LineError struct {
	Line    int64 // 1-based, in its source
	Code    Code
	Pointer string
	Message string
}

// Track makes the intake's receipt, which keeps the reasons of at most errs
// dead letters. Call it before the first Begin.
func (in *Intake) Track(errs int) *Receipt {
	in.receipt = &Receipt{over: in.p.over, most: errs, settled: newSignal()}
	return in.receipt
}

// Wait blocks until everything that was sent is settled. It returns the
// context's cause when that ends first, ErrUnsettled when the run does. Call it
// when nothing more will be sent.
func (r *Receipt) Wait(ctx context.Context) error {
	for {
		if r.complete() {
			r.settled.notify()
			return nil
		}
		select {
		case <-r.settled:
		case <-ctx.Done():
			r.settled.notify()
			return context.Cause(ctx)
		case <-r.over:
			if r.complete() {
				return nil
			}
			return ErrUnsettled
		}
	}
}

// Sent returns how many records went in.
func (r *Receipt) Sent() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent
}

// Outcome returns what is settled so far.
func (r *Receipt) Outcome() Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.stable
	o.Dropped = r.dropped
	return o
}

func (r *Receipt) complete() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stable.Persisted+r.stable.Dead+r.stable.Filtered+r.dropped == r.sent
}

func (r *Receipt) send(n int) {
	r.mu.Lock()
	r.sent += int64(n)
	r.mu.Unlock()
}

// drop counts records that were dropped on the way, and those of their batch
// that were filtered before, when it goes no further.
func (r *Receipt) drop(records, filtered int) {
	r.mu.Lock()
	r.dropped += int64(records)
	r.taken.Filtered += int64(filtered)
	r.stable.Filtered += int64(filtered)
	r.mu.Unlock()
	r.settled.notify()
}

// take counts a batch that the sink has taken over.
func (r *Receipt) take(b *Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken.Persisted += int64(b.Live())
	r.taken.Dead += int64(b.Dead())
	r.taken.Filtered += int64(b.Filtered())
	for rec := range b.DeadRecords() {
		if len(r.taken.Errors) == r.most {
			break
		}
		r.taken.Errors = append(r.taken.Errors, LineError{
			Line: rec.line, Code: rec.err.Code, Pointer: rec.err.Pointer, Message: rec.err.Message,
		})
	}
}

// settle says that what was taken is durable.
func (r *Receipt) settle() {
	r.mu.Lock()
	r.stable = r.taken
	r.mu.Unlock()
	r.settled.notify()
}
