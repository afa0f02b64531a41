package pipeline

// droppedError is the reason that dropped dead letters carry.
func droppedError(stage string, reason DropReason) *RecordError {
	what := map[DropReason]string{
		DropWrite:  "the lane was full and its full mode gives up the newcomer (drop-write)",
		DropOldest: "the lane was full and its full mode gives up what has waited longest (drop-oldest)",
		DropNewest: "the lane was full and its full mode gives up what came last (drop-newest)",
	}
	return &RecordError{Stage: stage, Code: reason.Code(), Message: what[reason]}
}

// giveUpWaitingLocked gives up one of the batches that wait, as the lane's full
// mode says; false when the mode has none to give up.
func (c *Channel) giveUpWaitingLocked(q *laneQueue) bool {
	b, ticket, reason := q.give()
	if b == nil {
		return false
	}
	if c.giveUpLocked(q, b, reason) {
		q.count(b)
	} else {
		q.clear(ticket)
	}
	return true
}

// giveUpLocked drops a batch's live records, and says whether the batch must
// travel on, spent, for the dead letters in it.
func (c *Channel) giveUpLocked(q *laneQueue, b *Batch, reason DropReason) (travels bool) {
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

// takeOut gives up one batch of those that wait, for want of memory, as the lane's
// full mode says; false when that gives no memory back.
func (c *Channel) takeOut(lane Lane) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	q := &c.lanes[lane]
	return q.dropped == DropToNowhere && c.giveUpWaitingLocked(q)
}
