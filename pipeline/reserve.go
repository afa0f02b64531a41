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
	if r.total == 0 || r.busy[lane] < r.kept[lane] {
		return true
	}
	shared := workers - r.total
	for l, n := range r.busy {
		shared -= max(0, n-r.kept[l])
	}
	return shared > 0
}
