package pipeline

import (
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// DefaultBreakerDelay is how long a breaker stays open unless that is set.
const DefaultBreakerDelay = 30 * time.Second

// BreakerConfig says when a stage is left alone because what it calls is down.
// The breaker opens when Failures of the last Of calls, or of the calls within
// Per, have failed in a way that is retried. While it is open the stage takes
// nothing. After Delay one batch is let through: success closes the breaker,
// failure opens it anew. The zero value is no breaker.
type BreakerConfig struct {
	Failures int           // 0 for no breaker
	Of       int           // calls; 0 for Failures, which means one after another
	Per      time.Duration // instead of Of
	Delay    time.Duration // 0 for DefaultBreakerDelay
}

func (c BreakerConfig) withDefaults() BreakerConfig {
	if c.Failures == 0 {
		return c
	}
	if c.Per == 0 {
		setDefault(&c.Of, c.Failures)
	}
	setDefault(&c.Delay, DefaultBreakerDelay)
	return c
}

func (c BreakerConfig) validate(key string, bad func(key, format string, args ...any)) {
	if c.Failures < 0 || c.Failures == 0 && c != (BreakerConfig{}) {
		bad(key+".failures", "%d; expected at least 1", c.Failures)
		return
	}
	switch {
	case c.Of != 0 && c.Per != 0:
		bad(key+".of", "%d beside per, %v; expected one of them: a number of calls or a time", c.Of, c.Per)
	case c.Per < 0:
		bad(key+".per", "%v; expected more than 0, such as 10s", c.Per)
	case c.Per == 0 && c.Of < c.Failures:
		bad(key+".of", "%d; expected at least failures, %d", c.Of, c.Failures)
	}
	if c.Failures > 0 && c.Delay < minBackoff {
		bad(key+".delay", "%v; expected at least %v", c.Delay, minBackoff)
	}
}

// BreakerState is where a breaker stands; "" where there is none.
type BreakerState string

// The states of a breaker.
const (
	BreakerClosed   BreakerState = "closed"    // calls are made
	BreakerOpen     BreakerState = "open"      // none is
	BreakerHalfOpen BreakerState = "half-open" // one is being made as a probe
)

// BreakerStates lists the states of a breaker.
var BreakerStates = []BreakerState{BreakerClosed, BreakerOpen, BreakerHalfOpen}

var breakerStates = [...]BreakerState{
	circuitbreaker.ClosedState: BreakerClosed, circuitbreaker.OpenState: BreakerOpen, circuitbreaker.HalfOpenState: BreakerHalfOpen,
}

// breaker keeps a stage from calling what is down. A nil breaker admits
// everything. Its lock is a leaf.
type breaker struct {
	mu      sync.Mutex // guards what follows
	circuit circuitbreaker.CircuitBreaker[any]
	epoch   int         // changes of state; results of calls admitted before the last one say nothing
	probing bool        // the probe of a half-open circuit is under way
	wake    func()      // nil for nobody to wake
	alarm   *time.Timer // calls wake when the probe may go
}

// newBreaker returns nil for no breaker. wake is called when it closes, and when
// it would admit a probe.
func newBreaker(cfg BreakerConfig, wake func()) *breaker {
	if cfg.Failures == 0 {
		return nil
	}
	b := circuitbreaker.NewBuilder[any]().WithDelay(cfg.Delay).WithSuccessThreshold(1)
	if cfg.Per > 0 {
		b = b.WithFailureThresholdPeriod(uint(cfg.Failures), cfg.Per)
	} else {
		b = b.WithFailureThresholdRatio(uint(cfg.Failures), uint(cfg.Of))
	}
	return &breaker{circuit: b.Build(), wake: wake}
}

// ready says whether admit would admit a call, and whether that would be a
// probe.
func (b *breaker) ready() (admits, probe bool) {
	if b == nil {
		return true, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.circuit.State() {
	case circuitbreaker.ClosedState:
		return true, false
	case circuitbreaker.OpenState:
		return b.circuit.RemainingDelay() == 0, true
	default:
		return !b.probing, true
	}
}

// admit admits a call after ready has said that it would. It returns the epoch
// that record wants.
func (b *breaker) admit() (epoch int) {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.circuit.State() != circuitbreaker.ClosedState {
		b.circuit.TryAcquirePermit()
		b.probing = true
		b.epoch++
	}
	return b.epoch
}

// record takes the result of a call. It returns whether the breaker is closed
// after it, and the epoch with which calls may go on then.
func (b *breaker) record(epoch int, success bool) (now int, closed bool) {
	if b == nil {
		return 0, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.circuit.State()
	if epoch == b.epoch {
		if success {
			b.circuit.RecordSuccess()
		} else {
			b.circuit.RecordFailure()
		}
	}
	if after := b.circuit.State(); after != before {
		b.changedLocked(after)
	}
	return b.epoch, b.circuit.IsClosed()
}

func (b *breaker) changedLocked(to circuitbreaker.State) {
	b.epoch++
	b.probing = false
	if b.wake == nil {
		return
	}
	if to == circuitbreaker.OpenState {
		b.alarm = time.AfterFunc(b.circuit.RemainingDelay(), b.wake)
	} else {
		b.wake()
	}
}

// state returns where the breaker stands and how long until it lets a probe
// through.
func (b *breaker) state() (BreakerState, time.Duration) {
	if b == nil {
		return "", 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return breakerStates[b.circuit.State()], b.circuit.RemainingDelay()
}

// stop ends the alarm.
func (b *breaker) stop() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.alarm != nil {
		b.alarm.Stop()
	}
}

// unadmitted is the epoch of a batch that makes no calls: what becomes of it says
// nothing.
const unadmitted = -1
