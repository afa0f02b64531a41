package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/conc/panics"
)

// maxGroup is how many records a sink gets at once that is no GroupSizer, so that an urgent one
// that comes meanwhile does not wait long for its own commit. While one waits, a group
// ends when it is urgentWork.
const maxGroup = 1024

// maxMixed is how many records a group of several lanes holds, so that the urgent
// ones in it do not wait for the others' commit.
const maxMixed = MaxBatchRecords

// maxGroupBytes bounds a group of large records, by what its batches hold.
const maxGroupBytes = 4 << 20

// flushIdle is how long a sink that settles later may keep what it has taken
// over unsettled when nothing more comes.
const flushIdle = 100 * time.Millisecond

// committer gives the sink what waits for it: one batch at once when it is
// alone, more under pressure. One goroutine.
type committer struct {
	p     *Pipeline
	in    *Channel
	sink  Sink
	tries *patience
	group Group

	groupRecords int // bounds of a group
	groupBytes   int64
	hasty        bool // a group ends early for a more urgent lane: the sink sets no size of its own
	pace         pace
	mixed        time.Time // when a group last had records of several lanes

	moved []*tracker // sources among the group

	// Taken over by the sink and not yet settled.
	open     tally
	receipts []*Receipt
	reads    []readTime

	mu      sync.Mutex // guards what follows
	holding [LaneCount]int64
	time    timeSplit
}

func newCommitter(p *Pipeline, in *Channel) *committer {
	last := p.cfg.Stages[len(p.cfg.Stages)-1]
	c := &committer{
		p: p, in: in, sink: p.cfg.Sink, tries: newPatience(last.Retry, last.Breaker, p.cfg.OnWait),
		groupRecords: maxGroup, groupBytes: maxGroupBytes, hasty: true,
	}
	if s, ok := c.sink.(GroupSizer); ok {
		c.groupRecords, c.groupBytes = s.GroupSize()
		c.hasty = false
	}
	return c
}

// run feeds the sink until the channel is at its end.
func (c *committer) run(ctx context.Context) error {
	c.enter()
	for {
		err := c.next(ctx)
		if errors.Is(err, io.EOF) {
			return c.finish(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// next takes over one group.
func (c *committer) next(ctx context.Context) error {
	b, err := c.read(ctx)
	if b == nil {
		return err
	}
	records, bytes, most, least := 0, int64(0), b.lane, b.lane
	limit := c.limit()
	for b != nil {
		c.collect(b)
		most, least = min(most, b.lane), max(least, b.lane)
		records += b.Len()
		bytes += int64(b.rawBytes) + b.memory()
		if records >= limit || bytes >= c.groupBytes || c.hurry(records, least) ||
			c.hasty && most < least && records >= maxMixed {
			break
		}
		b, _ = c.in.TryRead()
	}
	if most < least {
		c.mixed = time.Now()
	}
	return c.commit(ctx)
}

// While urgent records come beside others, the groups of a GroupSizer are so much
// smaller: an urgent one waits for the group before it and for all of its own.
const (
	mixedShare = 8
	mixedFor   = time.Second
)

// limit is how many records the next group has at most.
func (c *committer) limit() int {
	if c.hasty || time.Since(c.mixed) >= mixedFor {
		return c.groupRecords
	}
	return max(c.groupRecords/mixedShare, min(c.groupRecords, maxGroup))
}

// hurry says whether a group of some records, of a lane at the least urgent, is
// work enough for now because a more urgent lane waits.
func (c *committer) hurry(records int, least Lane) bool {
	return c.hasty && !c.pace.within(records, urgentWork) && c.in.waitsAbove(least)
}

// commit hands the group to the sink.
func (c *committer) commit(ctx context.Context) error {
	c.group.Progress = c.progress()
	c.at(activityBusy)
	settled, err := c.write(ctx)
	c.at(activityIdle)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	c.release()
	if settled {
		c.settle()
	}
	return nil
}

// finish tells the sink how far the sources are that moved without it, and
// settles everything.
func (c *committer) finish(ctx context.Context) error {
	if c.p.moved.any() {
		if err := c.commit(ctx); err != nil {
			return err
		}
	}
	return c.flush(ctx)
}

// read waits for a batch. When none comes for a while and the sink has
// something unsettled, it flushes the sink and returns nothing.
func (c *committer) read(ctx context.Context) (*Batch, error) {
	if c.open.empty() {
		return c.in.Read(ctx)
	}
	soon, cancel := context.WithTimeout(ctx, flushIdle)
	defer cancel()
	b, err := c.in.Read(soon)
	if err != nil && ctx.Err() == nil && soon.Err() != nil {
		return nil, c.flush(ctx)
	}
	return b, err
}

func (c *committer) collect(b *Batch) {
	c.group.Batches = append(c.group.Batches, b)
	c.hold(b.lane, int64(b.open()))
}

// progress moves the sources on by the group and returns where they are then.
func (c *committer) progress() []Progress {
	c.moved = c.moved[:0]
	for _, b := range c.group.Batches {
		if b.intake == nil || b.intake.tracker == nil {
			continue
		}
		b.intake.tracker.advance(b)
		if !slices.Contains(c.moved, b.intake.tracker) {
			c.moved = append(c.moved, b.intake.tracker)
		}
	}
	c.moved = c.p.moved.take(c.moved)
	at := c.group.Progress[:0]
	for _, t := range c.moved {
		at = append(at, t.progress())
	}
	return at
}

// write calls the sink, and again with the same group for as long as its errors
// pass.
func (c *committer) write(ctx context.Context) (settled bool, err error) {
	records := 0
	for _, b := range c.group.Batches {
		records += b.Len()
	}
	err = c.call(ctx, func(ctx context.Context) (err error) {
		begun := time.Now()
		if settled, err = c.sink.Write(ctx, &c.group); err == nil {
			c.pace.note(records, time.Since(begun))
		}
		return err
	})
	return settled, err
}

// flush settles what the sink has taken over.
func (c *committer) flush(ctx context.Context) error {
	if err := c.call(ctx, c.sink.Flush); err != nil {
		return fmt.Errorf("sink: flush: %w", err)
	}
	c.settle()
	return nil
}

// call calls the sink; a panic of it is an error that ends the run, whatever it
// wraps.
func (c *committer) call(ctx context.Context, f func(context.Context) error) error {
	var crash error
	err := c.tries.until(ctx, func(ctx context.Context) (err error) {
		if p := panics.Try(func() { err = f(ctx) }); p != nil {
			crash = fmt.Errorf("panicked: %w", p.AsError())
			return nil
		}
		return err
	})
	return errors.Join(crash, err)
}

// release gives the group's memory back.
func (c *committer) release() {
	for i, b := range c.group.Batches {
		c.open.add(b)
		c.follow(b)
		if c.p.cfg.OnBatch != nil {
			c.p.cfg.OnBatch(b)
		}
		c.p.released(len(c.p.pools), b.Len())
		b.release()
		c.group.Batches[i] = nil
	}
	c.group.Batches = c.group.Batches[:0]
	c.p.wakePools()
}

// readTime is when a batch was framed.
type readTime struct {
	lane Lane
	at   time.Time
}

// follow remembers who wants to hear when the batch is settled.
func (c *committer) follow(b *Batch) {
	if c.p.cfg.Observer != nil {
		c.reads = append(c.reads, readTime{b.lane, b.read})
	}
	if b.intake == nil || b.intake.receipt == nil {
		return
	}
	r := b.intake.receipt
	r.take(b)
	if n := len(c.receipts); n == 0 || c.receipts[n-1] != r {
		c.receipts = append(c.receipts, r)
	}
}

// settle puts what has become durable into the ledger.
func (c *committer) settle() {
	c.p.ledger.settle(&c.open)
	c.open = tally{}
	for i, r := range c.receipts {
		r.settle()
		c.receipts[i] = nil
	}
	c.receipts = c.receipts[:0]
	for _, r := range c.reads {
		c.p.cfg.Observer.Settled(r.lane, time.Since(r.at))
	}
	c.reads = c.reads[:0]
	c.mu.Lock()
	c.holding = [LaneCount]int64{}
	c.mu.Unlock()
}

// enter starts the account of the committer's time.
func (c *committer) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time.enter(activityIdle)
}

// at says that the committer is now waiting for work, or in the sink.
func (c *committer) at(a activity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time.move(activityIdle+activityBusy-a, a)
}

// describe returns what the committer knows of the sink.
func (c *committer) describe() (s SinkStatus) {
	c.tries.describe(&s)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.time.settle()
	s.Busy, s.Idle = c.time.spent[activityBusy], c.time.spent[activityIdle]
	return s
}

func (c *committer) hold(lane Lane, n int64) {
	c.mu.Lock()
	c.holding[lane] += n
	c.mu.Unlock()
}

// held returns the records taken from the channel and not settled, by lane.
func (c *committer) held() [LaneCount]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.holding
}
