package pipeline

// reserve keeps workers of a pool for lanes: a lane may take a batch while it
// uses fewer workers than are kept for it, or while the lanes together, beyond
// what is kept for each, do not use up the rest. Guarded by the pool's mutex.
type reserve struct {
	kept  [LaneCount]int // workers that only the lane may use
	total int            // sum of kept
	busy  [LaneCount]int // workers that have a batch of the lane
}

func newReserve(lanes [LaneCount]LaneConfig) (r reserve) {
	for l, lane := range lanes {
		r.kept[l] = lane.Reserve
		r.total += lane.Reserve
	}
	return r
}

// allows says whether one more of so many workers may take a batch of the lane.
func (r *reserve) allows(lane Lane, workers int) bool {
	return r.total == 0 || r.busy[lane] < r.kept[lane] || r.shared(workers) > 0
}

// shared returns how many of so many workers are kept for no lane and not in use.
// Lanes share them by the schedule; what is kept for a lane is no part of that.
func (r *reserve) shared(workers int) int {
	n := workers - r.total
	for l, busy := range r.busy {
		n -= max(0, busy-r.kept[l])
	}
	return n
}
