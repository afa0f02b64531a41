package pipeline

import (
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Defaults of RetryConfig.
const (
	DefaultBackoff    = 100 * time.Millisecond
	DefaultMaxBackoff = 10 * time.Second
	DefaultJitter     = 0.2
)

// minBackoff keeps a stage that fails at once from being called without pause.
const minBackoff = time.Millisecond

// RetryConfig says how a stage is called again after a Transient error or after
// its time was up. The zero value retries without limit, with DefaultBackoff,
// DefaultMaxBackoff and DefaultJitter, so that nothing is lost unless somebody
// sets a limit.
type RetryConfig struct {
	Attempts   int           // calls for one record, the first included; 0 for no limit
	Backoff    time.Duration // before the second call; each further one waits twice as long; 0 for DefaultBackoff
	MaxBackoff time.Duration // at most; 0 for DefaultMaxBackoff, or Backoff where that is more
	Jitter     float64       // each wait is longer or shorter by a random share up to this, 0 to 1
}

func (c RetryConfig) withDefaults() RetryConfig {
	if c == (RetryConfig{}) {
		c.Jitter = DefaultJitter
	}
	setDefault(&c.Backoff, DefaultBackoff)
	setDefault(&c.MaxBackoff, max(DefaultMaxBackoff, c.Backoff))
	return c
}

// delays returns the waits between calls, from the first.
func (c RetryConfig) delays() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: c.Backoff, MaxInterval: c.MaxBackoff, Multiplier: 2, RandomizationFactor: c.Jitter,
	}
}

func (c RetryConfig) validate(key string, bad func(key, format string, args ...any)) {
	if c.Attempts < 0 {
		bad(key+".attempts", "%d; expected the number of calls for a record, at least 1, or 0 for no limit", c.Attempts)
	}
	if c.Backoff < minBackoff {
		bad(key+".backoff", "%v; expected at least %v", c.Backoff, minBackoff)
	}
	if c.MaxBackoff < c.Backoff {
		bad(key+".max_backoff", "%v; expected at least backoff, %v", c.MaxBackoff, c.Backoff)
	}
	if !(c.Jitter >= 0 && c.Jitter <= 1) {
		bad(key+".jitter", "%v; expected a share from 0 to 1", c.Jitter)
	}
}

// Fallback says what becomes of a record when its attempts are used up.
type Fallback string

// The fallbacks.
const (
	FallbackDeadLetter Fallback = "dead-letter" // it becomes a dead letter with CodeAttempts or CodeTimeout
	FallbackPass       Fallback = "pass"        // it goes on as the stage left it
	FallbackStop       Fallback = "stop"        // the run fails
)

// trial is what is known of a batch that a stage could not be done with: which
// record failed, how often, and when it is to be tried again.
type trial struct {
	lane   Lane
	ticket int // of the batch in its window

	at       int // record that failed, -1 for the batch as a whole
	failures int // calls made for it that failed, one after another
	counted  int // those of them that use up its attempts
	err      error

	delays *backoff.ExponentialBackOff
	due    time.Time   // when it may be tried again
	alarm  *time.Timer // wakes a worker then
}

// failed counts a failure of the record at.
func (t *trial) failed(at int, err error) {
	if at != t.at {
		t.at = at
		t.fresh()
	}
	t.failures++
	t.err = err
}

// fresh forgets the failures: another record is next.
func (t *trial) fresh() {
	t.failures, t.counted = 0, 0
	t.delays.Reset()
}

// sign puts the number of calls on the dead letters that the last call of the
// stage made of the records that had failed before.
func (t *trial) sign(b *Batch, stage string) {
	lo, hi := t.at, t.at+1
	if t.at < 0 {
		lo, hi = 0, b.Len()
	}
	for i := lo; i < hi && t.failures > 0; i++ {
		r := &b.records[i]
		if r.state == stateDead && r.err.Attempts == 0 && (r.err.Stage == "" || r.err.Stage == stage) {
			signed := *r.err
			signed.Attempts = t.failures + 1
			r.err = &signed
		}
	}
}

// fault is the reason of the dead letters after the last failure.
func (t *trial) fault(code Code) *RecordError {
	fault := &RecordError{
		Code: code, Attempts: t.failures, Err: t.err,
		Message: fmt.Sprintf("given up after %s: %v", calls(t.failures), t.err),
	}
	if told, ok := errors.AsType[*RecordError](t.err); ok {
		fault.Pointer = told.Pointer
	}
	return fault
}

func calls(n int) string {
	if n == 1 {
		return "1 call"
	}
	return fmt.Sprintf("%d calls", n)
}

// records returns how many records the next call tries again.
func (t *trial) records(b *Batch) int64 {
	if t.failures == 0 {
		return 0
	}
	if t.at >= 0 {
		return 1
	}
	return int64(b.Live())
}
