package pipeline

import "time"

// maxWindowEntries bounds the memory of a sliding window: records that pass
// closer together than a window's share of it are counted at the time of the last
// of them, which lets no window have more than the limit.
const maxWindowEntries = 1 << 16

// slidingWindow is a limiter that lets at most limit records pass in any window
// of per. It remembers when what passed.
type slidingWindow struct {
	limit int
	per   time.Duration
	grain time.Duration // passages closer than this are one

	start  time.Time // what times are counted from; that of the first question
	passed ring[passage]
	n      int // records in passed
}

// passage is records that passed together.
type passage struct {
	first time.Duration // when the first did
	last  time.Duration // and the last, for which all of them count
	n     int
}

func newSlidingWindow(cfg RateConfig) *slidingWindow {
	w := &slidingWindow{limit: cfg.Limit, per: cfg.Per}
	if cfg.Limit > maxWindowEntries {
		w.grain = cfg.Per / maxWindowEntries
	}
	return w
}

// at returns the time since start, having forgotten what left the window.
func (w *slidingWindow) at(now time.Time) time.Duration {
	if w.start.IsZero() {
		w.start = now
	}
	at := now.Sub(w.start)
	for w.passed.len() > 0 && w.passed.at(0).last <= at-w.per {
		w.n -= w.passed.pop().n
	}
	return at
}

func (w *slidingWindow) permits(now time.Time) int {
	w.at(now)
	return w.limit - w.n
}

func (w *slidingWindow) take(now time.Time, n int) {
	if n == 0 {
		return
	}
	at := w.at(now)
	w.n += n
	if len := w.passed.len(); len > 0 {
		if newest := w.passed.at(len - 1); at-newest.first <= w.grain {
			newest.last, newest.n = at, newest.n+n
			return
		}
	}
	w.passed.push(passage{first: at, last: at, n: n})
}

func (w *slidingWindow) until(now time.Time, n int) time.Duration {
	at := w.at(now)
	missing := n - (w.limit - w.n)
	for i := 0; missing > 0; i++ {
		p := w.passed.at(i)
		if missing -= p.n; missing <= 0 {
			return p.last + w.per - at
		}
	}
	return 0
}
