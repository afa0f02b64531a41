package pipeline

import "time"

// activity is what a worker is at.
type activity int

const (
	activityIdle    activity = iota // nothing to do
	activityBusy                    // running stage code
	activityBlocked                 // there is work, but no room for it further on, or the stage is paused
	activityCount
)

// timeSplit sums how long the workers of a pool have been at what. Guarded by
// the lock of whoever owns it.
type timeSplit struct {
	now   [activityCount]int // workers
	spent [activityCount]time.Duration
	last  time.Time
}

// settle adds what has passed since the last change.
func (s *timeSplit) settle() {
	now := time.Now()
	if !s.last.IsZero() {
		for a, n := range s.now {
			s.spent[a] += time.Duration(n) * now.Sub(s.last)
		}
	}
	s.last = now
}

// move takes a worker from one activity to another.
func (s *timeSplit) move(from, to activity) {
	if from == to {
		return
	}
	s.settle()
	s.now[from]--
	s.now[to]++
}

// enter adds a worker, leave takes one away.
func (s *timeSplit) enter(a activity) {
	s.settle()
	s.now[a]++
}

func (s *timeSplit) leave(a activity) {
	s.settle()
	s.now[a]--
}
