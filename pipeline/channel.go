package pipeline

import (
	"context"
	"io"
	"sync"
	"time"
)

// ChannelConfig is a channel's bounds, and who hears of what they cost.
type ChannelConfig struct {
	Stage    string   // in front of which it stands, for the dead letters it makes
	Schedule Schedule // "" for ScheduleWeighted
	AgeShare int      // 0 for DefaultAgeShare
	Lanes    [LaneCount]LaneConfig
	// OnDrop, when set, hears of each batch that a full mode drops and does
	// not make dead letters, and of how many live records it held. When gone the
	// batch has left the channel and is OnDrop's; otherwise it travels on for
	// the dead letters in it. Called with the channel's lock held: it must not
	// block, nor use the channel.
	OnDrop func(b *Batch, reason DropReason, records int, gone bool)
}

// Channel carries batches between goroutines, in four lanes, each a queue
// bounded in records. Order is kept inside a lane. Any number of goroutines may
// write and read; the side that writes closes, once, after its last write.
//
// A lane that is full does what its full mode says: hold the writer back, or
// drop the newcomer, the oldest or the newest of those that wait, in whole
// batches, so at most one batch more than makes room.
type Channel struct {
	ready  signal            // something may be taken, or the channel was closed
	room   [LaneCount]signal // the lane may have room
	onRoom func()            // is told when a lane may have room; set before the channel is used
	onDrop func(b *Batch, reason DropReason, records int, gone bool)
	faults [DropReasonCount]*RecordError // what dropped dead letters say

	mu     sync.Mutex // guards what follows
	lanes  [LaneCount]laneQueue
	sched  scheduler
	closed bool
	err    error
}

// NewChannel returns an open channel. Zero bounds take their defaults.
func NewChannel(cfg ChannelConfig) *Channel {
	c := &Channel{ready: newSignal(), onRoom: func() {}, onDrop: cfg.OnDrop}
	if c.onDrop == nil {
		c.onDrop = func(*Batch, DropReason, int, bool) {}
	}
	for reason := range DropReasonCount {
		c.faults[reason] = droppedError(cfg.Stage, reason)
	}
	setDefault(&cfg.Schedule, ScheduleWeighted)
	setDefault(&cfg.AgeShare, DefaultAgeShare)
	c.sched.strict = cfg.Schedule == ScheduleStrict
	c.sched.setAgeShare(cfg.AgeShare)
	for l := range cfg.Lanes {
		c.room[l] = newSignal()
		c.setLaneLocked(Lane(l), cfg.Lanes[l])
	}
	return c
}

// SetLane changes a lane's bounds, weight and full mode while the channel is
// used. What waits beyond a smaller capacity stays; writers that wait look again.
// Zero fields take their defaults.
func (c *Channel) SetLane(lane Lane, cfg LaneConfig) {
	c.mu.Lock()
	c.setLaneLocked(lane, cfg)
	c.mu.Unlock()
	c.ready.notify()
	c.room[lane].notify()
	c.onRoom()
}

// laneConfig returns the lane's bounds, weight and full mode as they are now.
func (c *Channel) laneConfig(lane Lane) LaneConfig {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.lanes[lane]
	return LaneConfig{
		Capacity: q.capacity, Weight: c.sched.quantum[lane] / MaxBatchRecords,
		Full: q.full, Dropped: q.dropped, MaxWait: q.maxWait,
	}
}

func (c *Channel) setLaneLocked(lane Lane, cfg LaneConfig) {
	cfg = cfg.withDefaults(lane)
	c.lanes[lane].configure(cfg)
	c.sched.quantum[lane] = cfg.Weight * MaxBatchRecords
	c.sched.ages = false
	for l := range c.lanes {
		c.sched.ages = c.sched.ages || c.lanes[l].maxWait > 0
	}
}

// Write puts a batch in, and waits while its lane has no room and its full mode
// is FullWait; in the other modes some batch is dropped instead, which may be b
// itself. It returns ErrClosed on a closed channel, and the context's cause when
// that ends first; the batch is still the caller's then.
func (c *Channel) Write(ctx context.Context, b *Batch) error {
	if err := c.reserve(ctx, b.lane, b.room()); err != nil {
		return err
	}
	c.putReserved(b)
	return nil
}

// TryWrite is Write that returns ErrFull instead of waiting.
func (c *Channel) TryWrite(b *Batch) error {
	ok, err := c.tryReserve(b.lane, b.room())
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

// Lane returns what waits in a lane now, and the longest that anything did:
// Depth, Capacity, Full, Bytes, OldestAge and LongestWait.
func (c *Channel) Lane(lane Lane) LaneStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.lanes[lane]
	s := LaneStatus{Depth: q.depth, Capacity: q.capacity, Full: q.full, Bytes: q.bytes, LongestWait: q.longest}
	if !q.empty() {
		s.OldestAge = time.Since(q.head().queued)
		s.LongestWait = max(s.LongestWait, s.OldestAge)
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

// tryReserve is reserve without waiting. A lane that drops always has
// room; a batch that takes none always fits.
func (c *Channel) tryReserve(lane Lane, n int) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false, ErrClosed
	}
	q := &c.lanes[lane]
	if n > 0 && !q.drops() && !q.fits(q.depth+q.reserved, n) {
		return false, nil
	}
	q.reserved += n
	return true, nil
}

// putReserved puts a batch into the room that reserve kept. Where the full mode
// drops somebody it does so now, if the lane lacks room.
func (c *Channel) putReserved(b *Batch) {
	b.queued = time.Now()
	n := b.room()
	c.mu.Lock()
	q := &c.lanes[b.lane]
	q.reserved -= n
	tight := func() bool { return n > 0 && q.drops() && !q.fits(q.depth, n) }
	for tight() && c.dropWaitingLocked(q) {
	}
	if !tight() || c.dropLocked(q, b, DropWrite) {
		q.push(b)
	}
	c.mu.Unlock()
	c.ready.notify()
}

// dropsToNowhere says whether the lane drops rather than waits, and makes no dead
// letters of what it drops.
func (c *Channel) dropsToNowhere(lane Lane) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.lanes[lane]
	return q.drops() && q.dropped == DropToNowhere
}

// takeIf takes the next batch by the schedule among the lanes whose oldest one
// is eligible. It returns nil and no error when there is none now, and the
// closing error when there will be none any more. eligible is called with the
// channel's lock held, and not again after it returned true.
func (c *Channel) takeIf(eligible func(Lane, *Batch) bool) (*Batch, error) {
	now := time.Now()
	c.mu.Lock()
	lane := c.sched.next(&c.lanes, now, eligible)
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
	return c.popLocked(Lane(lane), now), nil
}

// takeLane takes the lane's oldest batch if it is eligible, whatever the schedule
// says; nil if not.
func (c *Channel) takeLane(lane Lane, eligible func(Lane, *Batch) bool) *Batch {
	now := time.Now()
	c.mu.Lock()
	if q := &c.lanes[lane]; q.empty() || !eligible(lane, q.head()) {
		c.mu.Unlock()
		return nil
	}
	return c.popLocked(lane, now)
}

// popLocked takes the lane's oldest batch, unlocks and wakes whom that concerns.
func (c *Channel) popLocked(lane Lane, now time.Time) *Batch {
	b := c.lanes[lane].pop(now)
	more := !c.emptyLocked() || c.closed
	c.mu.Unlock()
	if more {
		c.ready.notify()
	}
	c.room[lane].notify()
	c.onRoom()
	return b
}

func (c *Channel) emptyLocked() bool {
	for l := range c.lanes {
		if !c.lanes[l].empty() {
			return false
		}
	}
	return true
}

// waitsAbove says whether something waits in a lane more urgent than this one.
func (c *Channel) waitsAbove(lane Lane) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range lane {
		if !c.lanes[l].empty() {
			return true
		}
	}
	return false
}

// empty says whether nothing waits.
func (c *Channel) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.emptyLocked()
}

// records returns how many records wait in each lane, but for those that were
// dropped and counted.
func (c *Channel) records() (n [LaneCount]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for l := range c.lanes {
		n[l] = int64(c.lanes[l].waiting)
	}
	return n
}
