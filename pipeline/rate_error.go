package pipeline

import (
	"errors"
	"time"
)

// ErrRateLimited says that records were beyond a rate limit.
var ErrRateLimited = errors.New("the rate limit is reached")

// RateError says that a rate limit refused a sender that would not, or may not,
// wait. It is ErrRateLimited and the cause why the sender would not wait, for
// errors.Is.
type RateError struct {
	Message string        // which limit, and its key in the file
	Wait    time.Duration // until one more record may pass, if none does before
	Each    time.Duration // and from then on for one more
	Most    int           // records that can pass at once
	Err     error         // why the sender would not wait; nil when it may not
}

// Error implements error.
func (e *RateError) Error() string { return e.Message }

// Unwrap returns what the error is, too.
func (e *RateError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrRateLimited}
	}
	return []error{ErrRateLimited, e.Err}
}

// After returns how long to wait before sending a number of refused records
// again: until they, or as many as can ever pass at once, may pass.
func (e *RateError) After(records int) time.Duration {
	return e.Wait + time.Duration(max(0, min(records, e.Most)-1))*e.Each
}

// refusal returns the error for a claim that is refused.
func (r *rates) refusal(c *rateClaim) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refusalLocked(c, time.Now(), nil)
}

func (r *rates) refusalLocked(c *rateClaim, now time.Time, cause error) *RateError {
	l, wait := r.longestLocked(c, now)
	return &RateError{
		Message: l.String(), Wait: wait, Most: l.most, Err: cause,
		Each: max(1, time.Duration(float64(l.cfg.Per)/float64(l.cfg.Limit))),
	}
}

// longestLocked returns the limit that holds a claim back for the longest time.
func (r *rates) longestLocked(c *rateClaim, now time.Time) (longest *rateLimit, wait time.Duration) {
	for _, l := range []*rateLimit{r.common, r.lanes[c.lane]} {
		if l == nil {
			continue
		}
		if d := l.until(now, 1); longest == nil || d > wait {
			longest, wait = l, d
		}
	}
	return longest, wait
}
