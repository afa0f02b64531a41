package pipeline

import (
	"slices"
	"time"
)

// retries are the batches of a pool that wait to be tried again. They keep their
// places in their lanes' windows and hold no worker. Guarded by the pool's mutex.
type retries struct {
	waiting []*trial       // in the order in which they failed
	lanes   [LaneCount]int // how many of waiting
	held    bool           // the breaker admits nothing now
	count   [LaneCount]int64
	last    error
}

// pick returns the trial to work on now, or -1: of those that are due the oldest
// of the most urgent lane or, for a probe, the one that failed first.
func (r *retries) pick(probe bool, may func(Lane) bool) int {
	best := -1
	now := time.Now()
	for i, t := range r.waiting {
		if t.due.After(now) || !may(t.lane) {
			continue
		}
		if best < 0 || !probe && t.before(r.waiting[best]) {
			best = i
		}
	}
	return best
}

func (t *trial) before(o *trial) bool {
	return t.lane < o.lane || t.lane == o.lane && t.ticket < o.ticket
}

func (r *retries) add(t *trial) {
	r.waiting = append(r.waiting, t)
	r.lanes[t.lane]++
	if t.err != nil {
		r.last = t.err
	}
}

func (r *retries) remove(i int) *trial {
	t := r.waiting[i]
	r.waiting = slices.Delete(r.waiting, i, i+1)
	r.lanes[t.lane]--
	return t
}

// stop ends the alarms.
func (r *retries) stop() {
	for _, t := range r.waiting {
		if t.alarm != nil {
			t.alarm.Stop()
		}
	}
}

// park puts a batch aside until its trial is due.
func (w *pool) park(k task, t *trial) {
	w.mu.Lock()
	t.ticket, t.alarm = k.ticket, nil
	w.staff.busy[t.lane]--
	w.retries.add(t)
	if wait := time.Until(t.due); wait > 0 {
		t.alarm = time.AfterFunc(wait, w.in.ready.notify)
	}
	w.mu.Unlock()
	w.in.ready.notify()
}

// nextTrialLocked takes a batch that is due to be tried again.
func (w *pool) nextTrialLocked(probe bool) (task, bool) {
	if len(w.retries.waiting) == 0 || w.holds != 0 {
		return task{}, false
	}
	i := w.retries.pick(probe, func(l Lane) bool { return w.staff.allows(l, w.target) })
	if i < 0 {
		return task{}, false
	}
	t := w.retries.remove(i)
	b := w.windows[t.lane].batch(t.ticket)
	w.retries.count[t.lane] += t.records(b)
	k := task{batch: b, ticket: t.ticket, trial: t, epoch: unadmitted}
	if b.liveFrom(b.cursor.from) {
		k.epoch = w.caller.breaker.admit()
	}
	w.in.ready.notify() // there may be more that is due, and the lane may go on
	return k, true
}

// liveFrom says whether one of the records from i on is live.
func (b *Batch) liveFrom(i int) bool {
	for ; i < len(b.records); i++ {
		if b.records[i].state == stateLive {
			return true
		}
	}
	return false
}

// describeRetriesLocked fills in what has been tried again and what is to be.
func (w *pool) describeRetriesLocked(s *StageStatus) {
	for l := range s.Lanes {
		s.Lanes[l].Retried = w.retries.count[l]
	}
	for _, t := range w.retries.waiting {
		lane := &s.Lanes[t.lane]
		wait := max(0, time.Until(t.due))
		if lane.Retrying == 0 || wait < lane.RetryIn {
			lane.RetryIn = wait
		}
		lane.Retrying += int64(w.windows[t.lane].batch(t.ticket).Len())
	}
	if w.retries.last != nil {
		s.LastError = w.retries.last.Error()
	}
}
