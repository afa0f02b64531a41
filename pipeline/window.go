package pipeline

// window holds the batches that a pool has taken from one lane and not yet
// released to the next channel, in the order they were taken. A batch that is
// finished early waits here, not in a worker. Guarded by the pool's mutex.
type window struct {
	jobs ring[job]
	base int // ticket of the oldest job
}

type job struct {
	batch *Batch
	done  bool
}

// take puts a batch at the end and returns its ticket.
func (w *window) take(b *Batch) (ticket int) {
	w.jobs.push(job{batch: b})
	return w.base + w.jobs.len() - 1
}

// finish marks a batch as done.
func (w *window) finish(ticket int) { w.jobs.at(ticket - w.base).done = true }

// batch returns the batch with a ticket.
func (w *window) batch(ticket int) *Batch { return w.jobs.at(ticket - w.base).batch }

// release returns the oldest batch if it is done, else nil.
func (w *window) release() *Batch {
	if w.jobs.len() == 0 || !w.jobs.at(0).done {
		return nil
	}
	w.base++
	return w.jobs.pop().batch
}

// records returns how many records are held.
func (w *window) records() (n int64) {
	for i := range w.jobs.len() {
		n += int64(w.jobs.at(i).batch.open())
	}
	return n
}
