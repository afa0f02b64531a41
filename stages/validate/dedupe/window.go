package dedupe

import (
	"math/bits"
	"time"
	"unsafe"
)

// entry is a key that passed.
type entry struct {
	key sum
	at  time.Duration // since the window's beginning
}

// window is a set of keys in the order in which they came. The oldest leaves
// when there is no more room, or when it has been there for too long. Its
// memory is fixed: a ring of the keys, and a hash table (linear probing, at most
// half full) of places in the ring. It is not safe for several goroutines.
type window struct {
	ring   []entry
	oldest int
	len    int
	table  []uint32 // place in ring, counted from 1; 0 for none
	within time.Duration
}

func newWindow(count int, within time.Duration) *window {
	return &window{ring: make([]entry, count), table: make([]uint32, tableSize(count)), within: within}
}

func tableSize(count int) int { return 1 << bits.Len(uint(2*count-1)) }

func windowBytes(count int) int64 {
	return int64(count)*int64(unsafe.Sizeof(entry{})) + int64(tableSize(count))*int64(unsafe.Sizeof(uint32(0)))
}

// add puts a key in that comes at now and says whether it was not there. What
// was too old at now does not count. now never goes back.
func (w *window) add(key sum, now time.Duration) bool {
	w.expire(now)
	slot := w.home(key)
	for ; w.table[slot] != 0; slot = w.next(slot) {
		if w.ring[w.table[slot]-1].key == key {
			return false
		}
	}
	if w.len == len(w.ring) {
		w.drop()
		// What dropping moved may have made a place further up.
		for slot = w.home(key); w.table[slot] != 0; slot = w.next(slot) {
		}
	}
	at := w.oldest + w.len
	if at >= len(w.ring) {
		at -= len(w.ring)
	}
	w.ring[at] = entry{key, now}
	w.table[slot] = uint32(at + 1)
	w.len++
	return true
}

func (w *window) expire(now time.Duration) {
	if w.within <= 0 {
		return
	}
	for w.len > 0 && now-w.ring[w.oldest].at > w.within {
		w.drop()
	}
}

// drop takes out the oldest key. Those behind it in the table move up, so that
// each is found from its home without a gap (Knuth, volume 3, 6.4, algorithm R).
func (w *window) drop() {
	place := uint32(w.oldest + 1)
	gap := w.home(w.ring[w.oldest].key)
	for w.table[gap] != place {
		gap = w.next(gap)
	}
	mask := uint64(len(w.table) - 1)
	for slot := w.next(gap); w.table[slot] != 0; slot = w.next(slot) {
		home := w.home(w.ring[w.table[slot]-1].key)
		if (slot-home)&mask >= (slot-gap)&mask {
			w.table[gap] = w.table[slot]
			gap = slot
		}
	}
	w.table[gap] = 0
	if w.oldest++; w.oldest == len(w.ring) {
		w.oldest = 0
	}
	w.len--
}

func (w *window) home(key sum) uint64 { return key.lo & uint64(len(w.table)-1) }

func (w *window) next(slot uint64) uint64 { return (slot + 1) & uint64(len(w.table)-1) }
