package pipeline

// droppedError is the reason that dropped dead letters carry.
func droppedError(stage string, reason DropReason) *RecordError {
	what := map[DropReason]string{
		DropWrite:  "the lane was full and its full mode drops the newcomer (drop-write)",
		DropOldest: "the lane was full and its full mode drops what has waited longest (drop-oldest)",
		DropNewest: "the lane was full and its full mode drops what came last (drop-newest)",
	}
	return &RecordError{Stage: stage, Code: reason.Code(), Message: what[reason]}
}

// dropWaitingLocked drops one of the batches that wait, as the lane's full
// mode says; false when the mode has none to drop.
func (c *Channel) dropWaitingLocked(q *laneQueue) bool {
	b, ticket, reason := q.victim()
	if b == nil {
		return false
	}
	if c.dropLocked(q, b, reason) {
		q.count(b)
	} else {
		q.clear(ticket)
	}
	return true
}

// dropLocked drops a batch's live records, and says whether the batch must
// travel on, spent, for the dead letters in it.
func (c *Channel) dropLocked(q *laneQueue, b *Batch, reason DropReason) (travels bool) {
	live := b.Live()
	switch {
	case q.dropped == DropToDeadLetter:
		b.reject(0, b.Len(), c.faults[reason])
		b.spent = true
		return true
	case b.dead > 0:
		b.dropLive()
		b.spent = true
		c.onDrop(b, reason, live, false)
		return true
	}
	c.onDrop(b, reason, live, true)
	return false
}

// dropOne drops one batch of those that wait, for want of memory, as the lane's
// full mode says; false when that gives no memory back.
func (c *Channel) dropOne(lane Lane) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.lanes[lane]
	return q.dropped == DropToNowhere && c.dropWaitingLocked(q)
}
