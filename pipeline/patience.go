package pipeline

import (
	"context"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// patience calls a sink again for as long as it fails with Transient errors. It
// has no limit: what has come as far as the sink is not given up. One goroutine
// calls; anybody may look.
type patience struct {
	retry   RetryConfig
	breaker *breaker
	delays  *backoff.ExponentialBackOff
	tell    func(error) // Config.OnWait; nil for nobody
	told    string      // the last error it was told of; "" when it was told that all is well

	mu      sync.Mutex // guards what follows
	retries int64
	last    error
	since   time.Time // of the first failure of what is tried now; zero for none
	next    time.Time // when it is tried again
}

func newPatience(retry RetryConfig, cfg BreakerConfig, tell func(error)) *patience {
	return &patience{retry: retry, delays: retry.delays(), breaker: newBreaker(cfg, nil), tell: tell}
}

// until calls f until it does not fail with a Transient error, or ctx ends. An
// open breaker spaces the calls by its delay instead of the back-off.
func (p *patience) until(ctx context.Context, f func(context.Context) error) error {
	for {
		err := f(ctx)
		again := IsTransient(err) && ctx.Err() == nil
		p.breaker.record(p.breaker.admit(), !again)
		if !again {
			p.settle(err)
			return err
		}
		p.report(err)
		if !p.wait(ctx, err) {
			return err
		}
	}
}

// wait waits before the next call; false when ctx ended first.
func (p *patience) wait(ctx context.Context, err error) bool {
	d := min(p.delays.NextBackOff(), p.retry.MaxBackoff)
	if state, probe := p.breaker.state(); state == BreakerOpen {
		d = probe
	}
	p.mu.Lock()
	now := time.Now()
	if p.since.IsZero() {
		p.since = now
	}
	p.last, p.next = err, now.Add(d)
	p.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retries++
	return true
}

// report tells of a failure that says something else than the one before.
func (p *patience) report(err error) {
	if text := err.Error(); p.tell != nil && text != p.told {
		p.tell(err)
		p.told = text
	}
}

// settle forgets the failures of what was tried; err is how it ended.
func (p *patience) settle(err error) {
	if err == nil && p.told != "" {
		p.tell(nil)
		p.told = ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.since.IsZero() {
		p.since, p.next = time.Time{}, time.Time{}
		p.delays.Reset()
	}
}

// describe fills in how it stands.
func (p *patience) describe(s *SinkStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Retries, s.WaitingSince, s.NextTry = p.retries, p.since, p.next
	if p.last != nil {
		s.LastError = p.last.Error()
	}
	s.Breaker, _ = p.breaker.state()
}
