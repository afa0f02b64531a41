package ingest

import (
	"context"
	"slices"
	"sync"

	"sluice/pipeline"
)

// turnClass is whose share of the memory a body takes: its lane's, or that of
// the bodies whose lanes the rule decides.
type turnClass int

const (
	classByRule turnClass = pipeline.LaneCount
	turnClasses           = pipeline.LaneCount + 1
)

// turns is an account of memory that bodies wait for, each class in the order
// it came. A class owns a tenth; the other half is common, and goes to the most
// urgent class that waits for some of it. One turn alone can be larger than the
// account. Who holds a turn must not wait for another of the same account.
type turns struct {
	own, common int64

	mu      sync.Mutex // guards what follows
	used    [turnClasses]int64
	waiting [turnClasses][]*turn
}

// turn is one that waits.
type turn struct {
	n       int64
	granted chan struct{} // closed when it is
}

func newTurns(total int64) *turns {
	t := &turns{own: total / (2 * int64(turnClasses))}
	t.common = total - int64(turnClasses)*t.own
	return t
}

// acquire takes n bytes and waits for its turn; it returns the context's cause
// when that ends first. With a context that has ended it does not wait.
func (t *turns) acquire(ctx context.Context, class turnClass, n int64) error {
	if n == 0 {
		return nil
	}
	t.mu.Lock()
	ahead := false
	for more := range class {
		ahead = ahead || len(t.waiting[more]) > 0
	}
	if len(t.waiting[class]) == 0 && t.fitsLocked(class, n, ahead) {
		t.used[class] += n
		t.mu.Unlock()
		return nil
	}
	w := &turn{n: n, granted: make(chan struct{})}
	t.waiting[class] = append(t.waiting[class], w)
	t.mu.Unlock()
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
		t.giveUp(class, w)
		return context.Cause(ctx)
	}
}

// giveUp takes a turn back, granted meanwhile or not.
func (t *turns) giveUp(class turnClass, w *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.waiting[class], w); i >= 0 {
		t.waiting[class] = slices.Delete(t.waiting[class], i, i+1)
	} else {
		t.used[class] -= w.n
	}
	t.grantLocked()
}

// release gives n bytes back.
func (t *turns) release(class turnClass, n int64) {
	if n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used[class] -= n
	t.grantLocked()
}

// grantLocked lets in whose turn it is, the most urgent class first.
func (t *turns) grantLocked() {
	ahead := false
	for class := range turnClass(turnClasses) {
		for q := t.waiting[class]; len(q) > 0 && t.fitsLocked(class, q[0].n, ahead); q = t.waiting[class] {
			t.used[class] += q[0].n
			close(q[0].granted)
			t.waiting[class] = slices.Delete(q, 0, 1)
		}
		ahead = ahead || len(t.waiting[class]) > 0
	}
}

// fitsLocked says whether a class may have n bytes more. ahead says that a more
// urgent one waits, for which what is common is kept.
func (t *turns) fitsLocked(class turnClass, n int64, ahead bool) bool {
	if t.used[class]+n <= t.own {
		return true
	}
	if ahead {
		return false
	}
	common, total := int64(0), int64(0)
	for c, used := range t.used {
		total += used
		if turnClass(c) == class {
			used += n
		}
		common += max(0, used-t.own)
	}
	return common <= t.common || total == 0
}

// inUse returns the bytes that are taken.
func (t *turns) inUse() (n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, used := range t.used {
		n += used
	}
	return n
}
