package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// budget is the account of the bytes that records hold in memory, over all
// stages. Each lane owns an eighth of it, the other half is common, so that no
// lane can keep another out. Only the intake waits for room; growth inside a
// stage overdraws.
type budget struct {
	total, own, common int64
	onRepay            func() // called without the lock when an overdraft ends

	mu      sync.Mutex // guards what follows, and the shares of every chunk
	used    [LaneCount]int64
	waiting [LaneCount][]*claim // in the order they came
}

// claim is somebody who waits for room.
type claim struct {
	n       int64
	granted chan struct{} // closed, with the bytes charged, when they fit
	sent    bool          // away, with nothing charged; read after granted is closed
}

// errLookAgain tells who waited that the lane's full mode has changed.
var errLookAgain = errors.New("the lane's full mode has changed")

func newBudget(total int64) *budget {
	b := &budget{total: total, own: total / (2 * LaneCount), onRepay: func() {}}
	b.common = total - LaneCount*b.own
	return b
}

// reserve charges n bytes to a lane and waits until they fit, behind those who
// wait for the same lane already. A lane that holds nothing is always let in, so
// one batch can be larger than the share. Nobody may hold bytes that only a
// later reserve lets go: that is how waiters would wait for each other. It returns
// errLookAgain after a call of sendAway.
func (b *budget) reserve(ctx context.Context, lane Lane, n int64) error {
	b.mu.Lock()
	if len(b.waiting[lane]) == 0 && b.chargeLocked(lane, n) {
		b.mu.Unlock()
		return nil
	}
	c := &claim{n: n, granted: make(chan struct{})}
	b.waiting[lane] = append(b.waiting[lane], c)
	b.mu.Unlock()
	select {
	case <-c.granted:
		return c.verdict()
	case <-ctx.Done():
	}
	b.mu.Lock()
	i := slices.Index(b.waiting[lane], c)
	if i >= 0 {
		b.waiting[lane] = slices.Delete(b.waiting[lane], i, i+1)
		b.grantLocked() // those behind may be smaller
	}
	b.mu.Unlock()
	if i < 0 {
		return c.verdict() // it came at the last moment
	}
	return context.Cause(ctx)
}

func (c *claim) verdict() error {
	if c.sent {
		return errLookAgain
	}
	return nil
}

// sendAway ends the waiting of everybody who waits for room for a lane.
func (b *budget) sendAway(lane Lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.waiting[lane] {
		c.sent = true
		close(c.granted)
	}
	b.waiting[lane] = nil
}

// tryReserve is reserve without waiting.
func (b *budget) tryReserve(lane Lane, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting[lane]) == 0 && b.chargeLocked(lane, n)
}

// chargeLocked charges n bytes to a lane if they fit.
func (b *budget) chargeLocked(lane Lane, n int64) bool {
	common := int64(0)
	for l, used := range b.used {
		if Lane(l) == lane {
			used += n
		}
		common += max(0, used-b.own)
	}
	if b.used[lane] > 0 && b.used[lane]+n > b.own && common > b.common {
		return false
	}
	b.used[lane] += n
	return true
}

// grantLocked lets in who fits now.
func (b *budget) grantLocked() {
	for l := range b.waiting {
		queue := b.waiting[l]
		for len(queue) > 0 && b.chargeLocked(Lane(l), queue[0].n) {
			close(queue[0].granted)
			queue = queue[1:]
		}
		b.waiting[l] = queue
	}
}

// overdraw charges without waiting.
func (b *budget) overdraw(lane Lane, n int64) {
	b.mu.Lock()
	b.used[lane] += n
	b.mu.Unlock()
}

// repay gives bytes back to a lane.
func (b *budget) repay(lane Lane, n int64) {
	b.mu.Lock()
	ended := b.repayLocked(lane, n)
	b.mu.Unlock()
	if ended {
		b.onRepay()
	}
}

// repayLocked is repay; it says whether an overdraft ended by it, and the caller
// calls onRepay then, without the lock.
func (b *budget) repayLocked(lane Lane, n int64) (ended bool) {
	before := b.overdrawnLocked()
	b.used[lane] -= n
	b.grantLocked()
	return before && !b.overdrawnLocked()
}

// overdrawn says that stages have grown what they hold by more than an eighth
// of the budget beyond it. Pools then leave new work alone while there is work
// further on that frees memory.
func (b *budget) overdrawn() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.overdrawnLocked()
}

func (b *budget) overdrawnLocked() bool { return b.inUseLocked() > b.total+b.total/8 }

func (b *budget) inUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inUseLocked()
}

func (b *budget) inUseLocked() int64 {
	var sum int64
	for _, used := range b.used {
		sum += used
	}
	return sum
}

// charge is what one batch has on the account beside its share of its chunk.
// The zero charge is that of a batch outside a pipeline.
type charge struct {
	budget *budget
	lane   Lane
	n      int64
}

// grow makes the charge at least n, overdrawing.
func (c *charge) grow(n int64) {
	if c.budget == nil || n <= c.n {
		return
	}
	c.budget.overdraw(c.lane, n-c.n)
	c.n = n
}

// repay ends the charge.
func (c *charge) repay() {
	if c.budget != nil && c.n > 0 {
		c.budget.repay(c.lane, c.n)
	}
	*c = charge{}
}
