package pipeline

import (
	"context"
	"sync"
)

// budget is the account of the bytes that records hold in memory, over all
// stages. Each lane owns an eighth of it, the other half is common, so that no
// lane can keep another out. Only the intake waits for room; growth inside a
// stage overdraws.
type budget struct {
	total, own, common int64
	onRepay            func() // called without the lock when an overdraft ends

	mu   sync.Mutex // guards what follows, and the shares of every chunk
	used [LaneCount]int64
	room [LaneCount]signal
}

func newBudget(total int64) *budget {
	b := &budget{total: total, own: total / (2 * LaneCount), onRepay: func() {}}
	b.common = total - LaneCount*b.own
	for l := range b.room {
		b.room[l] = newSignal()
	}
	return b
}

// reserve charges n bytes to a lane and waits until they fit. A lane that
// holds nothing is always let in, so one batch can be larger than the share.
func (b *budget) reserve(ctx context.Context, lane Lane, n int64) error {
	for {
		if b.tryReserve(lane, n) {
			b.room[lane].notify() // another intake may wait for the same lane
			return nil
		}
		select {
		case <-b.room[lane]:
		case <-ctx.Done():
			b.room[lane].notify()
			return context.Cause(ctx)
		}
	}
}

func (b *budget) tryReserve(lane Lane, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
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

// overdraw charges without waiting.
func (b *budget) overdraw(lane Lane, n int64) {
	b.mu.Lock()
	b.used[lane] += n
	b.mu.Unlock()
}

// repay gives bytes back to a lane.
func (b *budget) repay(lane Lane, n int64) {
	b.mu.Lock()
	before := b.overdrawnLocked()
	b.used[lane] -= n
	ended := before && !b.overdrawnLocked()
	b.mu.Unlock()
	b.notify(ended)
}

// notify wakes every waiting intake: what one lane gave back may be common.
func (b *budget) notify(overdraftEnded bool) {
	for _, s := range b.room {
		s.notify()
	}
	if overdraftEnded {
		b.onRepay()
	}
}

// overdrawn says that stages have grown what they hold by more than a quarter
// of the budget beyond it. Pools then leave new work alone while there is work
// further on that frees memory.
func (b *budget) overdrawn() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.overdrawnLocked()
}

func (b *budget) overdrawnLocked() bool { return b.inUseLocked() > b.total+b.total/4 }

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
