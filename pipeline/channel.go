package pipeline

import (
	"context"
	"io"
	"sync"
	"time"
)

// ChannelConfig is a channel's bounds.
type ChannelConfig struct {
	Schedule Schedule // "" for ScheduleWeighted
	Lanes    [LaneCount]LaneConfig
}

// Channel carries batches between goroutines, in four lanes, each a queue
// bounded in records. Order is kept inside a lane. Any number of goroutines may
// write and read; the side that writes closes, once, after its last write.
type Channel struct {
	ready signal            // something may be taken, or the channel was closed
	room  [LaneCount]signal // the lane may have room
	// onRoom is told when a lane may have room; set before the channel is used.
	onRoom func()

	mu     sync.Mutex // guards what follows
	lanes  [LaneCount]laneQueue
	sched  scheduler
	closed bool
	err    error
}

// laneQueue is one lane of a channel, guarded by the channel's mutex.
type laneQueue struct {
	batches  ring[*Batch]
	depth    int // records waiting
	reserved int // records that a sender has room for and has not put yet
	capacity int // records
	bytes    int64
}

// NewChannel returns an open channel. Zero bounds take their defaults.
func NewChannel(cfg ChannelConfig) *Channel {
	c := &Channel{ready: newSignal(), onRoom: func() {}}
	setDefault(&cfg.Schedule, ScheduleWeighted)
	c.sched.strict = cfg.Schedule == ScheduleStrict
	for l, lane := range cfg.Lanes {
		setDefault(&lane.Capacity, DefaultCapacity)
		setDefault(&lane.Weight, DefaultWeights[l])
		c.room[l] = newSignal()
		c.lanes[l].capacity = lane.Capacity
		c.sched.quantum[l] = lane.Weight * MaxBatchRecords
	}
	return c
}

// Write puts a batch in, and waits while its lane has no room. It returns
// ErrClosed on a closed channel, and the context's cause when that ends first;
// the batch is still the caller's then.
func (c *Channel) Write(ctx context.Context, b *Batch) error {
	if err := c.reserve(ctx, b.lane, b.Len()); err != nil {
		return err
	}
	c.putReserved(b)
	return nil
}

// TryWrite is Write that returns ErrFull instead of waiting.
func (c *Channel) TryWrite(b *Batch) error {
	ok, err := c.tryReserve(b.lane, b.Len())
	if err != nil {
		return err
	}
	if !ok {
		return ErrFull
	}
	c.putReserved(b)
	return nil
}

// Read takes the next batch and waits for one. When the channel is closed and
// empty it returns what it was closed with, io.EOF for nil; when the context
// ends, its cause.
func (c *Channel) Read(ctx context.Context) (*Batch, error) {
	for {
		b, err := c.TryRead()
		if err != ErrEmpty {
			return b, err
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			c.ready.notify()
			return nil, context.Cause(ctx)
		}
	}
}

// TryRead is Read that returns ErrEmpty instead of waiting.
func (c *Channel) TryRead() (*Batch, error) {
	b, err := c.takeIf(func(Lane, *Batch) bool { return true })
	if b == nil && err == nil {
		err = ErrEmpty
	}
	return b, err
}

// Close lets no more batches in. What is in the channel can still be read;
// after that readers see err, io.EOF for nil. Only the first call counts.
func (c *Channel) Close(err error) {
	if err == nil {
		err = io.EOF
	}
	c.mu.Lock()
	if !c.closed {
		c.closed, c.err = true, err
	}
	c.mu.Unlock()
	c.ready.notify()
	for _, s := range c.room {
		s.notify()
	}
}

// Lane returns what waits in a lane now: Depth, Capacity, Bytes and OldestAge.
func (c *Channel) Lane(lane Lane) LaneStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.lanes[lane]
	s := LaneStatus{Depth: q.depth, Capacity: q.capacity, Bytes: q.bytes}
	if q.batches.len() > 0 {
		s.OldestAge = time.Since((*q.batches.at(0)).queued)
	}
	return s
}

// reserve waits for room for n records and keeps it for the caller, who must
// follow with putReserved. It neither blocks readers nor other lanes.
func (c *Channel) reserve(ctx context.Context, lane Lane, n int) error {
	for {
		ok, err := c.tryReserve(lane, n)
		if ok || err != nil {
			c.room[lane].notify() // there may be room for another writer, or the news of the close
			return err
		}
		select {
		case <-c.room[lane]:
		case <-ctx.Done():
			c.room[lane].notify()
			return context.Cause(ctx)
		}
	}
}

// tryReserve is reserve without waiting. A batch larger than the lane is let
// into an empty one.
func (c *Channel) tryReserve(lane Lane, n int) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false, ErrClosed
	}
	q := &c.lanes[lane]
	if taken := q.depth + q.reserved; taken > 0 && taken+n > q.capacity {
		return false, nil
	}
	q.reserved += n
	return true, nil
}

// putReserved puts a batch into the room that reserve kept.
func (c *Channel) putReserved(b *Batch) {
	b.queued = time.Now()
	c.mu.Lock()
	q := &c.lanes[b.lane]
	q.reserved -= b.Len()
	q.depth += b.Len()
	q.bytes += int64(b.rawBytes)
	q.batches.push(b)
	c.mu.Unlock()
	c.ready.notify()
}

// takeIf takes the next batch by the schedule among the lanes whose oldest one
// is eligible. It returns nil and no error when there is none now, and the
// closing error when there will be none any more. eligible is called with the
// channel's lock held, at most once a lane, and not again after it returned
// true.
func (c *Channel) takeIf(eligible func(Lane, *Batch) bool) (*Batch, error) {
	c.mu.Lock()
	lane := c.sched.next(&c.lanes, eligible)
	if lane < 0 {
		err := error(nil)
		if c.closed && c.emptyLocked() {
			err = c.err
		}
		c.mu.Unlock()
		if err != nil {
			c.ready.notify() // every reader must see the end
		}
		return nil, err
	}
	q := &c.lanes[lane]
	b := q.batches.pop()
	q.depth -= b.Len()
	q.bytes -= int64(b.rawBytes)
	more := !c.emptyLocked() || c.closed
	c.mu.Unlock()
	if more {
		c.ready.notify()
	}
	c.room[lane].notify()
	c.onRoom()
	return b, nil
}

func (c *Channel) emptyLocked() bool {
	for l := range c.lanes {
		if c.lanes[l].batches.len() > 0 {
			return false
		}
	}
	return true
}

// empty says whether nothing waits.
func (c *Channel) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.emptyLocked()
}

// records returns how many records wait in each lane.
func (c *Channel) records() (n [LaneCount]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range c.lanes {
		n[l] = int64(c.lanes[l].depth)
	}
	return n
}
