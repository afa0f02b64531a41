package pipeline

// scheduler chooses the lane that a channel gives next. Weighted is deficit
// round robin (Shreedhar and Varghese, 1995) by records: each turn grants a
// lane its quantum, which is at least one full batch. Strict is the most urgent
// lane. Guarded by the channel's mutex.
type scheduler struct {
	strict  bool
	quantum [LaneCount]int
	deficit [LaneCount]int
	turn    int
	granted bool // turn's quantum of this visit
}

// next returns the lane to take from, or -1. A lane that is not eligible loses
// its turn, and what it had saved.
func (s *scheduler) next(lanes *[LaneCount]laneQueue, eligible func(Lane, *Batch) bool) int {
	if s.strict {
		for l := range lanes {
			if q := &lanes[l].batches; q.len() > 0 && eligible(Lane(l), *q.at(0)) {
				return l
			}
		}
		return -1
	}
	for range LaneCount + 1 {
		q := &lanes[s.turn].batches
		if q.len() == 0 {
			s.deficit[s.turn] = 0
			s.pass()
			continue
		}
		head := *q.at(0)
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
	return -1
}

func (s *scheduler) pass() {
	s.turn = (s.turn + 1) % LaneCount
	s.granted = false
}
