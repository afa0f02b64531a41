package pipeline

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// limiter counts what passes a limit. It has no clock of its own: whoever asks
// says what time it is, never earlier than the last time. Guarded by the lock of
// its rates.
type limiter interface {
	// permits returns how many records may pass now.
	permits(now time.Time) int
	// take counts n records, at most permits, as passed now.
	take(now time.Time, n int)
	// until returns how long it takes until n records, at most the limiter's
	// most, may pass if none passes before; 0 when they may now.
	until(now time.Time, n int) time.Duration
}

// How finely a sender that waits is let through. A token bucket and a window
// let it go on when they have the records of rateGrain, so that a fast limit
// does not make a batch of every record. A leaky bucket counts no finer than
// leakyGrain, which is what timers keep.
const (
	rateGrain  = 10 * time.Millisecond
	leakyGrain = time.Millisecond
)

// rateLimit is a limit at work.
type rateLimit struct {
	limiter
	cfg   RateConfig
	key   string // in the file
	least int    // records that a sender waits for where it has more
	most  int    // records that can ever pass at once
	over  *RecordError
}

// newRateLimit returns nil for a configuration without a limit.
func newRateLimit(cfg RateConfig, key string) *rateLimit {
	if !cfg.Set() {
		return nil
	}
	cfg = cfg.WithDefaults()
	l := &rateLimit{cfg: cfg, key: key}
	switch cfg.Kind {
	case RateLeakyBucket:
		l.most = cfg.in(leakyGrain)
		l.least = l.most
		l.limiter = newBucket(cfg, l.most)
	case RateSlidingWindow:
		l.most = cfg.Limit
		l.least = min(l.most, cfg.in(rateGrain))
		l.limiter = newSlidingWindow(cfg)
	default:
		l.most = cfg.Burst
		l.least = min(l.most, cfg.in(rateGrain))
		l.limiter = newBucket(cfg, l.most)
	}
	l.over = &RecordError{Stage: "ingest", Code: DropRate.Code(), Message: l.String()}
	return l
}

// in returns how many records the limit has in a time, at least 1.
func (c RateConfig) in(d time.Duration) int {
	return max(1, int(float64(c.Limit)*float64(d)/float64(c.Per)))
}

// String says that the limit is reached.
func (l *rateLimit) String() string {
	return "beyond the rate limit of " + l.cfg.String() + " (" + l.key + ")"
}

// waits says whether the limit makes a sender wait. refuses says that the
// sender can be refused.
func (l *rateLimit) waits(refuses bool) bool {
	return l != nil && (l.cfg.Over == RateOverWait || l.cfg.Over == RateOverReject && !refuses)
}

// bucket is a token bucket. A leaky bucket is one that saves nothing up.
//
// (failsafe-go's smooth limiter was the other choice for the leaky bucket. It
// cuts the interval to whole nanoseconds, so 300,000 a second become 300,030, and
// counts from the start of the interval, so two records can be closer than one.)
type bucket struct{ *rate.Limiter }

func newBucket(cfg RateConfig, burst int) bucket {
	return bucket{rate.NewLimiter(rate.Limit(float64(cfg.Limit)/cfg.Per.Seconds()), burst)}
}

// permits agrees with AllowN, which lets pass what is less than a nanosecond
// ahead of its time and counts it as owed.
func (b bucket) permits(now time.Time) int {
	tokens := b.TokensAt(now)
	n := max(0, int(tokens))
	if n < b.Burst() && b.delay(tokens, n+1) == 0 {
		n++
	}
	return n
}

func (b bucket) take(now time.Time, n int) { b.AllowN(now, n) }

func (b bucket) until(now time.Time, n int) time.Duration { return b.delay(b.TokensAt(now), n) }

// delay returns the time in which tokens become n, as the limiter counts it.
func (b bucket) delay(tokens float64, n int) time.Duration {
	missing := float64(n) - tokens
	if missing <= 0 {
		return 0
	}
	d := missing / float64(b.Limit()) * float64(time.Second)
	return time.Duration(min(d, math.MaxInt64/2))
}
