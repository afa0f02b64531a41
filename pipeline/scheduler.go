package pipeline

import "time"

// scheduler chooses the lane that a channel gives next. Weighted is deficit
// round robin (Shreedhar and Varghese, 1995) by records: each turn grants a
// lane its quantum, which is at least one full batch. Strict is the most urgent
// lane. Beside either, a lane whose oldest batch is overdue may have one of every
// ageShare picks, and no more than one of every ageShare records: a lane that is
// backlogged is always overdue. Guarded by the channel's mutex.
type scheduler struct {
	strict  bool
	quantum [LaneCount]int
	rounds

	ages     bool // some lane can become overdue
	ageShare int
	picks    int // since the last that age decided, at most ageShare-1
	earned   int // records picked otherwise, not yet used up by (ageShare-1) for each that age picked
}

// rounds is where the round robin stands.
type rounds struct {
	deficit [LaneCount]int
	turn    int
	granted bool // turn's quantum of this visit
}

// setAgeShare starts ageing with a pick in hand.
func (s *scheduler) setAgeShare(share int) {
	s.ageShare = share
	s.picks, s.earned = share-1, (share-1)*MaxBatchRecords
}

// next returns the lane to take from, or -1. A lane that is not eligible loses
// its turn, and what it had saved, unless nothing is eligible.
func (s *scheduler) next(lanes *[LaneCount]laneQueue, now time.Time, eligible func(Lane, *Batch) bool) int {
	if s.ages {
		if l := s.nextOverdue(lanes, now, eligible); l >= 0 {
			s.picks = 0
			s.earned -= (s.ageShare - 1) * lanes[l].head().Len()
			return l
		}
	}
	l := s.nextInTurn(lanes, eligible)
	if l >= 0 && s.ages {
		s.picks = min(s.picks+1, s.ageShare-1)
		s.earned = min(s.earned+lanes[l].head().Len(), (s.ageShare-1)*MaxBatchRecords)
	}
	return l
}

// nextOverdue returns the lane whose oldest batch came in first, of those that
// are overdue and may be taken from, or -1.
func (s *scheduler) nextOverdue(lanes *[LaneCount]laneQueue, now time.Time, eligible func(Lane, *Batch) bool) int {
	if s.picks < s.ageShare-1 {
		return -1
	}
	var refused [LaneCount]bool
	for {
		oldest := -1
		for l := range lanes {
			if !refused[l] && lanes[l].overdue(now) && (oldest < 0 || lanes[l].head().queued.Before(lanes[oldest].head().queued)) {
				oldest = l
			}
		}
		if oldest < 0 {
			return -1
		}
		head := lanes[oldest].head()
		if s.earned >= (s.ageShare-1)*head.Len() && eligible(Lane(oldest), head) {
			return oldest
		}
		refused[oldest] = true
	}
}

func (s *scheduler) nextInTurn(lanes *[LaneCount]laneQueue, eligible func(Lane, *Batch) bool) int {
	if s.strict {
		for l := range lanes {
			if q := &lanes[l]; !q.empty() && eligible(Lane(l), q.head()) {
				return l
			}
		}
		return -1
	}
	before := s.rounds
	for range LaneCount + 1 {
		q := &lanes[s.turn]
		if q.empty() {
			s.deficit[s.turn] = 0
			s.pass()
			continue
		}
		head := q.head()
		if s.deficit[s.turn] < head.Len() {
			if s.granted {
				s.pass()
				continue
			}
			s.deficit[s.turn] += s.quantum[s.turn]
			s.granted = true
		}
		if !eligible(Lane(s.turn), head) {
			s.deficit[s.turn] = 0
			s.pass()
			continue
		}
		s.deficit[s.turn] -= head.Len()
		return s.turn
	}
	s.rounds = before
	return -1
}

func (s *scheduler) pass() {
	s.turn = (s.turn + 1) % LaneCount
	s.granted = false
}
