package pipeline

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

// rates are the rate limits of a run, shared by all its intakes. A record must
// pass the limit of its lane and the common one. Senders that wait are let
// through lane by lane, the most urgent first, and inside a lane in the order they
// came: while one waits for the common limit, no less urgent one takes of it.
type rates struct {
	common *rateLimit              // nil for none
	lanes  [LaneCount]*rateLimit   // nil for none
	mu     sync.Mutex              // guards what follows, and the limiters
	queues [LaneCount][]*rateClaim // who waits
	held   bool                    // nobody is let through: the run is paused
	timer  *time.Timer             // for the next who may pass; nil before the first
	meter  rateMeter
}

// newRates returns nil when there is no limit.
func newRates(cfg *Config) *rates {
	r := &rates{common: newRateLimit(cfg.Rate, rateKey(LaneCount))}
	any := r.common != nil
	for l, lane := range cfg.LaneRates {
		r.lanes[l] = newRateLimit(lane, rateKey(Lane(l)))
		any = any || r.lanes[l] != nil
	}
	if !any {
		return nil
	}
	r.meter.start(time.Now())
	return r
}

// limit says whether a lane is limited. No rates limit nothing.
func (r *rates) limit(lane Lane) bool {
	return r != nil && (r.common != nil || r.lanes[lane] != nil)
}

// rateClaim is a sender at the limits with records of one lane. It is used again
// for the next of the same sender.
type rateClaim struct {
	lane    Lane
	n       int  // records
	refuses bool // the sender can be refused
	hurried bool // it would not wait, and takes what there is

	granted signal // told once, when done, of a claim that waits
	waiting bool
	done    bool
	verdict rateVerdict
}

// rateVerdict is what becomes of a claim's first records, in this order. There is
// at least one; what is in no term has to be claimed again.
type rateVerdict struct {
	pass   int // they may go in
	common int // beyond the common limit, which does not make the sender wait
	own    int // beyond the lane's limit, which does not
}

// never is how long a claim waits that something else must happen for.
const never = time.Duration(math.MaxInt64)

// admit asks for c.n records and waits where a limit says so, and while the run is
// paused, whatever the limits say. When ctx ends first, or has ended and there is
// nothing to take now, it returns an error that is the context's cause.
func (r *rates) admit(ctx context.Context, c *rateClaim) (rateVerdict, error) {
	c.hurried = ctx.Err() != nil
	r.mu.Lock()
	now := time.Now()
	c.done, c.waiting = false, false
	r.queues[c.lane] = append(r.queues[c.lane], c)
	r.grantLocked(now)
	if c.done {
		r.mu.Unlock()
		return c.verdict, nil
	}
	own := r.lanes[c.lane]
	switch {
	case r.held && c.hurried:
		defer r.mu.Unlock()
		r.removeLocked(c, now)
		return rateVerdict{}, context.Cause(ctx)
	case r.held: // nothing is beyond a limit that nobody has asked
	case !own.waits(c.refuses) && !r.common.waits(c.refuses):
		defer r.mu.Unlock()
		r.removeLocked(c, now)
		return c.beyond(own), nil
	case c.hurried:
		defer r.mu.Unlock()
		r.removeLocked(c, now)
		return rateVerdict{}, r.refusalLocked(c, now, context.Cause(ctx))
	}
	c.waiting = true
	r.meter.enter(c.lane, now)
	r.mu.Unlock()
	select {
	case <-c.granted:
		return c.verdict, nil
	case <-ctx.Done():
		return r.giveUp(ctx, c)
	}
}

// giveUp ends the wait of a claim, unless it was granted at the last moment.
func (r *rates) giveUp(ctx context.Context, c *rateClaim) (rateVerdict, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.done {
		<-c.granted
		return c.verdict, nil
	}
	now := time.Now()
	r.meter.leave(c.lane, now)
	r.removeLocked(c, now)
	return rateVerdict{}, context.Cause(ctx)
}

// beyond is the verdict of a claim that would have to wait behind others and
// whose limits make nobody wait.
func (c *rateClaim) beyond(own *rateLimit) rateVerdict {
	if own != nil {
		return rateVerdict{own: c.n}
	}
	return rateVerdict{common: c.n}
}

// removeLocked takes a claim out; those behind it may go on.
func (r *rates) removeLocked(c *rateClaim, now time.Time) {
	q := r.queues[c.lane]
	if i := slices.Index(q, c); i >= 0 {
		r.queues[c.lane] = slices.Delete(q, i, i+1)
	}
	r.grantLocked(now)
}

// hold keeps everybody where they are, or ends that.
func (r *rates) hold(on bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.meter.pause(on, now)
	r.held = on
	r.grantLocked(now)
}

// grant lets through who may pass now.
func (r *rates) grant() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grantLocked(time.Now())
}

// grantLocked is grant; it sets the timer for the next who may.
func (r *rates) grantLocked(now time.Time) {
	next := never
	if !r.held {
		kept := false // what the common limit has is for a more urgent lane
		for lane := range r.queues {
			for len(r.queues[lane]) > 0 {
				c := r.queues[lane][0]
				v, by, wait := r.judgeLocked(c, now, kept)
				if by != nil {
					kept = kept || by == r.common
					next = min(next, wait)
					break
				}
				r.queues[lane] = slices.Delete(r.queues[lane], 0, 1)
				r.decideLocked(c, v, now)
			}
		}
	}
	r.setTimerLocked(next)
}

// decideLocked tells a claim its verdict.
func (r *rates) decideLocked(c *rateClaim, v rateVerdict, now time.Time) {
	c.verdict, c.done = v, true
	if c.waiting {
		r.meter.leave(c.lane, now)
		c.granted.notify()
	}
}

// setTimerLocked makes grant be called after a time.
func (r *rates) setTimerLocked(next time.Duration) {
	switch {
	case next == never:
		if r.timer != nil {
			r.timer.Stop()
		}
	case r.timer == nil:
		r.timer = time.AfterFunc(max(1, next), r.grant)
	default:
		r.timer.Reset(max(1, next))
	}
}
