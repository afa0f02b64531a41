package pipeline

import (
	"maps"
	"sync"
	"time"
)

// ledger is the account of one run. Every term is counted where it happens,
// and all are read under the one lock, so that a picture of it always closes.
type ledger struct {
	mu     sync.Mutex // guards what follows
	lanes  [LaneCount]Counts
	stages [][LaneCount]Counts
	drops  [][LaneCount][DropReasonCount]int64 // by stage
	codes  map[Code]int64
	last   time.Time // when the newest batch was framed
	closed bool      // the run is over; a batch that an abandoned sink settles late is not counted
}

func newLedger(stages int) *ledger {
	return &ledger{stages: make([][LaneCount]Counts, stages), drops: make([][LaneCount][DropReasonCount]int64, stages), codes: map[Code]int64{}}
}

// accept counts a batch that enters the first channel.
func (l *ledger) accept(b *Batch) {
	n := int64(b.Len())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	c := &l.lanes[b.lane]
	c.Accepted += n
	c.InFlight += n
	l.last = b.read
	b.counted = counted{dead: b.dead, filtered: b.filtered}
	l.enterLocked(0, b.lane, int64(b.Live()))
}

// dropRated counts n records of a batch that a rate limit drops before the first
// channel.
func (l *ledger) dropRated(b *Batch, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.last = b.read
	for _, c := range []*Counts{&l.lanes[b.lane], &l.stages[0][b.lane]} {
		c.Accepted += int64(n)
		c.Dropped += int64(n)
	}
	l.drops[0][b.lane][DropRate] += int64(n)
}

// pass counts a batch that goes from one stage to the next.
func (l *ledger) pass(stage int, b *Batch) {
	dead, filtered := b.takeUncounted()
	live := int64(b.Live())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	c := &l.stages[stage][b.lane]
	c.Persisted += live
	c.Dead += dead
	c.Filtered += filtered
	c.InFlight -= live + dead + filtered
	l.enterLocked(stage+1, b.lane, live)
}

func (l *ledger) enterLocked(stage int, lane Lane, live int64) {
	c := &l.stages[stage][lane]
	c.Accepted += live
	c.InFlight += live
}

// drop counts records that a full mode drops in a stage's channel. rest are
// those of the batch that were filtered before, when it goes no further.
func (l *ledger) drop(stage int, lane Lane, reason DropReason, records, rest int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	c := &l.lanes[lane]
	c.Dropped += records
	c.Filtered += rest
	c.InFlight -= records + rest
	s := &l.stages[stage][lane]
	s.Dropped += records
	s.InFlight -= records
	l.drops[stage][lane][reason] += records
}

// settle counts what a sink has made durable.
func (l *ledger) settle(t *tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	last := len(l.stages) - 1
	for lane := range t.lanes {
		n := &t.lanes[lane]
		c := &l.lanes[lane]
		c.Persisted += n.live
		c.Dead += n.dead
		c.Filtered += n.filtered
		c.InFlight -= n.live + n.dead + n.filtered
		s := &l.stages[last][lane]
		s.Persisted += n.live
		s.Dead += n.stageDead
		s.Filtered += n.stageFiltered
		s.InFlight -= n.live + n.stageDead + n.stageFiltered
	}
	for code, n := range t.codes {
		l.codes[code] += n
	}
}

// left counts records that a hard stop leaves unfinished.
func (l *ledger) left(lane Lane, n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.lanes[lane].Left += n
	l.lanes[lane].InFlight -= n
}

// close ends the account: what stages still had under way they have left.
func (l *ledger) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for s := range l.stages {
		for lane := range l.stages[s] {
			c := &l.stages[s][lane]
			c.Left, c.InFlight = c.Left+c.InFlight, 0
		}
	}
}

func (l *ledger) snapshot() (Ledger, []stageCounts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := Ledger{Lanes: l.lanes, LastRecord: l.last, DeadByCode: maps.Clone(l.codes)}
	for _, c := range l.lanes {
		out.Counts.add(c)
	}
	stages := make([]stageCounts, len(l.stages))
	for i := range stages {
		stages[i] = stageCounts{l.stages[i], l.drops[i]}
	}
	return out, stages
}

// stageCounts are the terms of one stage.
type stageCounts struct {
	lanes [LaneCount]Counts
	drops [LaneCount][DropReasonCount]int64
}

func (c *Counts) add(o Counts) {
	c.Accepted += o.Accepted
	c.Persisted += o.Persisted
	c.Dead += o.Dead
	c.Dropped += o.Dropped
	c.Filtered += o.Filtered
	c.Left += o.Left
	c.InFlight += o.InFlight
}

// counted is how many of a batch's records stages have answered for.
type counted struct{ dead, filtered int }

// takeUncounted returns what died or was filtered since the last call.
func (b *Batch) takeUncounted() (dead, filtered int64) {
	dead, filtered = int64(b.dead-b.counted.dead), int64(b.filtered-b.counted.filtered)
	b.counted = counted{dead: b.dead, filtered: b.filtered}
	return dead, filtered
}

// tally sums batches that the sink has taken over, until they are settled.
type tally struct {
	lanes [LaneCount]struct {
		live, dead, filtered     int64
		stageDead, stageFiltered int64 // those that the last stage answers for
	}
	codes   map[Code]int64
	records int
}

func (t *tally) empty() bool { return t.records == 0 }

func (t *tally) add(b *Batch) {
	n := &t.lanes[b.lane]
	t.records += b.Len()
	dead, filtered := b.takeUncounted()
	n.live += int64(b.Live())
	n.dead += int64(b.dead)
	n.filtered += int64(b.filtered)
	n.stageDead += dead
	n.stageFiltered += filtered
	for r := range b.DeadRecords() {
		if t.codes == nil {
			t.codes = map[Code]int64{}
		}
		t.codes[r.err.Code]++
	}
}
