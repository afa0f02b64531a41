package pipeline

import (
	"slices"
	"sync"
)

// movedSources are trackers that have moved on without a batch that tells the
// sink: what was dropped, or blank.
type movedSources struct {
	mu       sync.Mutex // guards what follows
	trackers []*tracker
}

// add remembers a tracker until it is taken.
func (m *movedSources) add(t *tracker) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.trackers, t) {
		m.trackers = append(m.trackers, t)
	}
}

// take appends the trackers to list, each once.
func (m *movedSources) take(list []*tracker) []*tracker {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.trackers {
		if !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	m.trackers = m.trackers[:0]
	return list
}

func (m *movedSources) any() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.trackers) > 0
}
