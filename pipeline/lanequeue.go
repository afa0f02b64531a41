package pipeline

import "time"

// laneQueue is one lane of a channel: the batches that wait, in order. A batch
// whose records have all died or been dropped is spent: it keeps its place in the
// order but takes no room, and no full mode drops it. Guarded by the channel's
// mutex.
type laneQueue struct {
	batches  ring[*Batch] // nil where one was taken out of the middle; never at either end
	first    int          // ticket of the oldest slot; the others' count on from it
	live     ring[int]    // tickets of the batches that are not spent, in order
	depth    int          // records waiting that take room
	waiting  int          // records waiting, those of spent batches too
	reserved int          // records that a sender has room for and has not put yet
	bytes    int64
	longest  time.Duration // the longest that a batch has waited

	capacity int // records
	full     FullMode
	dropped  DropTo
	maxWait  time.Duration // 0 for never overdue
}

// configure sets the bounds; what is beyond them already stays.
func (q *laneQueue) configure(cfg LaneConfig) {
	q.capacity, q.full, q.dropped, q.maxWait = cfg.Capacity, cfg.Full, cfg.Dropped, cfg.MaxWait
}

// drops says whether somebody is dropped when there is no room.
func (q *laneQueue) drops() bool { return q.full != FullWait }

func (q *laneQueue) empty() bool { return q.batches.len() == 0 }

// head returns the oldest batch; the lane must not be empty.
func (q *laneQueue) head() *Batch { return *q.batches.at(0) }

// fits says whether n more records may come in beside the taken ones. A batch
// larger than the lane is let into an empty one.
func (q *laneQueue) fits(taken, n int) bool { return taken == 0 || taken+n <= q.capacity }

// push puts a batch at the end.
func (q *laneQueue) push(b *Batch) {
	if !b.spent {
		q.live.push(q.first + q.batches.len())
	}
	q.count(b)
	q.batches.push(b)
}

// pop takes the oldest batch out.
func (q *laneQueue) pop(now time.Time) *Batch {
	b := q.head()
	q.longest = max(q.longest, now.Sub(b.queued))
	if !b.spent {
		q.live.pop()
	}
	q.discount(b)
	q.clear(q.first)
	return b
}

// victim chooses the batch that the full mode drops for a newcomer and takes
// it off the counts; nil when there is none, and in the modes that drop none
// that waits. The caller clears its slot, or counts it again when it is spent.
func (q *laneQueue) victim() (b *Batch, ticket int, reason DropReason) {
	if q.live.len() == 0 {
		return nil, 0, 0
	}
	switch q.full {
	case FullDropOldest:
		ticket, reason = q.live.pop(), DropOldest
	case FullDropNewest:
		ticket, reason = q.live.popNewest(), DropNewest
	default:
		return nil, 0, 0
	}
	b = *q.batches.at(ticket - q.first)
	q.discount(b)
	return b, ticket, reason
}

// clear empties a slot.
func (q *laneQueue) clear(ticket int) {
	*q.batches.at(ticket - q.first) = nil
	for q.batches.len() > 0 && *q.batches.at(0) == nil {
		q.batches.pop()
		q.first++
	}
	for n := q.batches.len(); n > 0 && *q.batches.at(n - 1) == nil; n-- {
		q.batches.popNewest()
	}
}

func (q *laneQueue) count(b *Batch) {
	q.depth += b.room()
	q.waiting += b.open()
	q.bytes += int64(b.rawBytes)
}

func (q *laneQueue) discount(b *Batch) {
	q.depth -= b.room()
	q.waiting -= b.open()
	q.bytes -= int64(b.rawBytes)
}

// overdue says whether the oldest batch has waited longer than it should.
func (q *laneQueue) overdue(now time.Time) bool {
	return q.maxWait > 0 && !q.empty() && now.Sub(q.head().queued) > q.maxWait
}
