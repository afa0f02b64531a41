package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// windowPerWorker times the number of workers is how many batches of one lane
// a pool may hold, taken and not yet released.
const windowPerWorker = 4

// pool runs one stage with a number of workers, between the channel before the
// stage and the next one. A worker takes a batch only when the next channel
// has room for it and the lane's window is open, so it never waits with a batch
// in its hand. Finished batches leave in the order they were taken, lane by
// lane.
type pool struct {
	p        *Pipeline
	index    int // of the stage
	name     string
	caller   caller
	in, next *Channel
	beyond   atomic.Int64 // records passed on and not yet released by the sink
	mayTake  func(Lane, *Batch) bool

	mu      sync.Mutex // guards what follows
	target  int        // workers wanted
	running int        // workers there are
	started bool       // by Run
	ending  bool       // the input is at its end or the run was cancelled
	holds   hold       // while not zero, workers finish what they hold and take nothing
	ended   error      // what the input ended with
	windows [LaneCount]window
	staff   reserve
	retries retries
	time    timeSplit
}

// task is a batch in a worker's hands.
type task struct {
	batch  *Batch
	ticket int    // in its lane's window
	trial  *trial // nil when it is new
	epoch  int    // of the breaker that admitted it
}

func newPool(p *Pipeline, index int, cfg StageConfig, in, next *Channel) *pool {
	w := &pool{p: p, index: index, name: cfg.Name, in: in, next: next, target: cfg.Workers, staff: newReserve(cfg.Lanes)}
	w.caller = caller{
		name: cfg.Name, stage: cfg.Stage, timeout: cfg.Timeout, retry: cfg.Retry, fallback: cfg.Fallback,
		breaker: newBreaker(cfg.Breaker, in.ready.notify),
	}
	w.mayTake = w.eligibleLocked
	next.onRoom = in.ready.notify
	return w
}

// resize changes the number of workers. In a run, new ones start at once and
// surplus ones end when they have finished what they hold.
func (w *pool) resize(ctx context.Context, workers int) error {
	if workers < 1 || workers > MaxWorkers {
		return fmt.Errorf("resize %s: %d workers; expected 1 to %d", w.name, workers, MaxWorkers)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if workers <= w.staff.total {
		return fmt.Errorf("resize %s: %d workers; expected more than the %d that its lanes reserve", w.name, workers, w.staff.total)
	}
	w.target = workers
	w.hireLocked(ctx)
	w.in.ready.notify() // a surplus worker that is idle must notice
	return nil
}

// start starts the first workers.
func (w *pool) start(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = true
	w.hireLocked(ctx)
}

func (w *pool) hireLocked(ctx context.Context) {
	for w.started && !w.ending && w.running < w.target {
		w.running++
		w.time.enter(activityIdle)
		w.p.crew.Go(func() { w.work(ctx) })
	}
}

// work is the loop of one worker. The last one out closes the next channel.
func (w *pool) work(ctx context.Context) {
	at := activityIdle
	for {
		k, err := w.take(ctx, &at)
		if err != nil {
			return
		}
		later, err := w.process(ctx, k)
		if err != nil {
			if ctx.Err() == nil {
				w.p.fail(fmt.Errorf("stage %s: %w", w.name, err))
			}
			w.leave(context.Cause(ctx), at)
			return
		}
		k.batch.charge.grow(k.batch.memory())
		if later != nil {
			w.park(k, later)
			continue
		}
		w.finish(k.batch.lane, k.ticket, &at)
		// Let the others run, of this stage and of those further on. A worker that
		// always finds a batch would keep its processor for the 10 ms of the Go
		// scheduler, and an urgent batch would wait that long at every stage.
		runtime.Gosched()
	}
}

// process runs the stage over a batch and tells the observer how long it took.
func (w *pool) process(ctx context.Context, k task) (later *trial, err error) {
	if k.batch.skips(w.index) {
		return nil, nil
	}
	observer := w.p.cfg.Observer
	if observer == nil {
		return w.caller.run(ctx, k.batch, k.trial, k.epoch)
	}
	start := time.Now()
	later, err = w.caller.run(ctx, k.batch, k.trial, k.epoch)
	observer.Processed(w.name, k.batch.lane, time.Since(start))
	return later, err
}

var errSurplus = errors.New("surplus worker")

// take waits for a batch that may be worked on. at is what the worker is at,
// and kept up to date. After an error the worker is off the books and ends.
func (w *pool) take(ctx context.Context, at *activity) (task, error) {
	for {
		k, err := w.tryTake(ctx, at)
		if k.batch != nil || err != nil {
			return k, err
		}
		select {
		case <-w.in.ready:
		case <-ctx.Done():
			err := context.Cause(ctx)
			w.leave(err, *at)
			return task{}, err
		}
	}
}

func (w *pool) tryTake(ctx context.Context, at *activity) (task, error) {
	w.mu.Lock()
	if w.running > w.target {
		w.running--
		w.time.leave(*at)
		w.mu.Unlock()
		w.in.ready.notify() // the wake-up was meant for a worker that stays
		return task{}, errSurplus
	}
	if ctx.Err() != nil {
		w.mu.Unlock()
		w.leave(context.Cause(ctx), *at)
		return task{}, context.Cause(ctx)
	}
	if k, ok := w.nextLocked(); ok {
		w.moveLocked(at, activityBusy)
		w.staff.busy[k.batch.lane]++
		w.mu.Unlock()
		return k, nil
	}
	var end error
	switch {
	case len(w.retries.waiting) > 0:
		w.moveLocked(at, activityBlocked)
	case w.ended != nil || w.in.empty():
		w.moveLocked(at, activityIdle)
		end = w.ended
	default:
		w.moveLocked(at, activityBlocked)
	}
	w.mu.Unlock()
	if end != nil {
		w.leave(end, *at)
	}
	return task{}, end
}

// nextLocked takes what is to be worked on now: what is due to be tried again
// before what is new. A probe of the breaker is a batch that has not failed
// before, if there is one, so that one bad record does not keep it open.
func (w *pool) nextLocked() (task, bool) {
	admits, probe := w.caller.breaker.ready()
	w.retries.held = !admits
	if admits && !probe {
		if k, ok := w.nextTrialLocked(probe); ok {
			return k, true
		}
	}
	if k, ok := w.nextBatchLocked(); ok {
		return k, true
	}
	if admits && probe {
		return w.nextTrialLocked(probe)
	}
	return task{}, false
}

func (w *pool) nextBatchLocked() (task, bool) {
	if w.ended != nil {
		return task{}, false // and takeIf would wake the workers to see it
	}
	b, err := w.takeBatchLocked()
	if b == nil {
		w.ended = err
		return task{}, false
	}
	k := task{batch: b, ticket: w.windows[b.lane].take(b), epoch: unadmitted}
	if b.Live() > 0 && !b.skips(w.index) {
		k.epoch = w.caller.breaker.admit()
	}
	return k, true
}

// takeBatchLocked takes a batch for a worker that is kept for its lane, outside the
// schedule and not charged to it, else by the schedule for one that is shared.
func (w *pool) takeBatchLocked() (*Batch, error) {
	for l := range w.staff.kept {
		if w.staff.busy[l] < w.staff.kept[l] {
			if b := w.in.takeLane(Lane(l), w.mayTake); b != nil {
				return b, nil
			}
		}
	}
	if w.staff.shared(w.target) <= 0 {
		return nil, nil
	}
	return w.in.takeIf(w.mayTake)
}

func (w *pool) moveLocked(at *activity, to activity) {
	w.time.move(*at, to)
	*at = to
}

// eligibleLocked says whether a lane's oldest batch may be taken by a worker that
// is there for it, and reserves its room in the next channel if so. Called with the
// locks of the pool and of its channel.
func (w *pool) eligibleLocked(lane Lane, b *Batch) bool {
	if w.holds != 0 {
		return false
	}
	if w.windows[lane].jobs.len() >= windowPerWorker*w.target {
		return false
	}
	if w.retries.lanes[lane] > 0 || w.retries.held && b.Live() > 0 {
		return false
	}
	if w.beyond.Load() > 0 && w.p.budget.overdrawn() {
		return false
	}
	ok, _ := w.next.tryReserve(lane, b.room())
	return ok
}

// finish hands on the batch, and those of its lane that waited for it.
func (w *pool) finish(lane Lane, ticket int, at *activity) {
	w.mu.Lock()
	w.moveLocked(at, activityBlocked) // waits for a processor
	w.staff.busy[lane]--
	win := &w.windows[lane]
	win.finish(ticket)
	for b := win.release(); b != nil; b = win.release() {
		w.beyond.Add(int64(b.Len()))
		if w.index < len(w.p.pools)-1 {
			w.p.ledger.pass(w.index, b)
		}
		w.next.putReserved(b)
	}
	w.mu.Unlock()
	w.in.ready.notify() // the window may have opened
}

// leave takes a worker off the books because there is nothing more to do.
func (w *pool) leave(cause error, at activity) {
	w.mu.Lock()
	w.time.leave(at)
	w.ending = true
	w.running--
	last := w.running == 0
	if last {
		w.retries.stop()
		w.caller.breaker.stop()
	}
	w.mu.Unlock()
	w.in.ready.notify()
	if last {
		w.next.Close(cause)
	}
}

// held returns the records in the pool's hands, by lane.
func (w *pool) held() (n [LaneCount]int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for l := range w.windows {
		n[l] = w.windows[l].records()
	}
	return n
}

// hold keeps the workers from taking anything for a reason, or lifts it.
func (w *pool) hold(why hold, on bool) {
	w.mu.Lock()
	if on {
		w.holds |= why
	} else {
		w.holds &^= why
	}
	w.mu.Unlock()
	w.in.ready.notify()
}

// describe fills in what the pool knows about itself.
func (w *pool) describe(s *StageStatus) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time.settle()
	s.Name, s.Workers, s.Paused = w.name, w.target, w.holds != 0
	s.Busy, s.Idle, s.Blocked = w.time.spent[activityBusy], w.time.spent[activityIdle], w.time.spent[activityBlocked]
	s.Breaker, s.ProbeIn = w.caller.breaker.state()
	w.describeRetriesLocked(s)
}

// busy says whether a worker is still there.
func (w *pool) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running > 0
}
