package pipeline

import "time"

// RateStatus says how the rate limits hold senders up. It is zero where there is
// no limit.
type RateStatus struct {
	Limited bool // there is a limit
	// Held is how long at least one sender has been waiting for a limit since the
	// pipeline was made, Free the rest of the time, pauses included.
	Held, Free time.Duration
	Lanes      [LaneCount]RateLaneStatus
}

// RateLaneStatus is one lane of RateStatus.
type RateLaneStatus struct {
	Waiting int           // senders held now
	Held    time.Duration // how long senders have been held, summed over them
}

// rateMeter measures how long senders are held. Guarded by the lock of its rates.
type rateMeter struct {
	status RateStatus
	total  int // senders held now
	paused bool
	last   time.Time
}

func (m *rateMeter) start(now time.Time) {
	m.last = now
	m.status.Limited = true
}

// pause says whether the run is paused, and holds the senders by itself.
func (m *rateMeter) pause(on bool, now time.Time) {
	m.settle(now)
	m.paused = on
}

// settle adds what has passed since the last change.
func (m *rateMeter) settle(now time.Time) {
	passed := now.Sub(m.last)
	m.last = now
	if m.total == 0 || m.paused {
		m.status.Free += passed
		return
	}
	m.status.Held += passed
	for l := range m.status.Lanes {
		lane := &m.status.Lanes[l]
		lane.Held += time.Duration(lane.Waiting) * passed
	}
}

func (m *rateMeter) enter(lane Lane, now time.Time) {
	m.settle(now)
	m.total++
	m.status.Lanes[lane].Waiting++
}

func (m *rateMeter) leave(lane Lane, now time.Time) {
	m.settle(now)
	m.total--
	m.status.Lanes[lane].Waiting--
}

// status returns what the limits have done so far.
func (r *rates) status() RateStatus {
	if r == nil {
		return RateStatus{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.meter.settle(time.Now())
	return r.meter.status
}
