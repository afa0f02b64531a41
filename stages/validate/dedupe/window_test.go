package dedupe

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// model is a window as a list.
type model struct {
	list   []entry
	count  int
	within time.Duration
}

func (m *model) add(key sum, now time.Duration) bool {
	m.list = slices.DeleteFunc(m.list, func(e entry) bool { return m.within > 0 && now-e.at > m.within })
	if slices.ContainsFunc(m.list, func(e entry) bool { return e.key == key }) {
		return false
	}
	if m.list = append(m.list, entry{key, now}); len(m.list) > m.count {
		m.list = m.list[1:]
	}
	return true
}

func TestWindowIsAListOfTheLastKeys(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		count := 1 + random.IntN(40)
		within := time.Duration(random.IntN(3)) * 50
		w, m := newWindow(count, within), &model{count: count, within: within}
		now := time.Duration(0)
		for step := range 4000 {
			now += time.Duration(random.IntN(3))
			// Few homes, so that keys stand in each other's way.
			key := sum{uint64(random.IntN(60)), uint64(random.IntN(8))}
			if got, want := w.add(key, now), m.add(key, now); got != want {
				t.Fatalf("seed %d, step %d, count %d, within %d: added %v, want %v", seed, step, count, within, got, want)
			}
			if w.len != len(m.list) {
				t.Fatalf("seed %d, step %d: %d keys, want %d", seed, step, w.len, len(m.list))
			}
		}
	}
}

func TestWindowHoldsAKeyForExactlyItsTime(t *testing.T) {
	w := newWindow(10, time.Minute)
	key := sum{1, 2}
	if !w.add(key, 0) || w.add(key, time.Minute) {
		t.Error("a key of just one minute is not there")
	}
	if !w.add(key, time.Minute+1) {
		t.Error("a key of more than a minute is still there")
	}
}

func TestWindowTakesTheMemoryItSays(t *testing.T) {
	for _, count := range []int{1, 2, 3, 1000, DefaultCount} {
		w := newWindow(count, 0)
		if n := 2 * count; len(w.table) < n || len(w.table) > 2*n {
			t.Errorf("count %d: %d places in the table", count, len(w.table))
		}
		if got, want := windowBytes(count), int64(len(w.ring)*24+len(w.table)*4); got != want {
			t.Errorf("count %d: says %d bytes, takes %d", count, got, want)
		}
	}
}
