package schema

import (
	"encoding/binary"
	"math/bits"
)

// keyTable finds a text among those of a schema: its property names, or the
// strings of an enum. A lookup reads the text's first and last eight bytes and
// compares whole words; it costs the same whatever the record, because only
// the schema decides which slots are full.
type keyTable struct {
	slots []slot // a power of two, half of them free
	shift uint8
	mult  uint64
	names []string
}

type slot struct {
	head uint64 // the text's first eight bytes, fewer where it is shorter
	size uint32
	name int32 // index into names, -1 for a free slot
}

// sizeFactor spreads texts that have the same words at both ends.
const sizeFactor = 0x9e3779b97f4a7c15

// newKeyTable makes a table of names, which must differ. Of some multipliers it
// takes the one with which the texts collide least.
func newKeyTable(names []string) *keyTable {
	size := 4
	for size < 2*len(names) {
		size *= 2
	}
	best, least := (*keyTable)(nil), 0
	mult := uint64(sizeFactor)
	for range 64 {
		t := &keyTable{slots: make([]slot, size), shift: uint8(64 - bits.TrailingZeros(uint(size))), mult: mult, names: names}
		probes := t.fill()
		if best == nil || probes < least {
			best, least = t, probes
		}
		if least == 0 {
			break
		}
		mult = mult*6364136223846793005 + 1442695040888963407 | 1
	}
	return best
}

// fill puts the names in and returns how many slots had to be passed over.
func (t *keyTable) fill() (probes int) {
	for i := range t.slots {
		t.slots[i].name = -1
	}
	for i, name := range t.names {
		text := []byte(name)
		head, h := t.hash(text, 0, len(text))
		for t.slots[h].name >= 0 {
			h = (h + 1) & uint64(len(t.slots)-1)
			probes++
		}
		t.slots[h] = slot{head: head, size: uint32(len(name)), name: int32(i)}
	}
	return probes
}

// hash returns the first word of the text at src[start:end] and its slot.
func (t *keyTable) hash(src []byte, start, end int) (head, slot uint64) {
	n := end - start
	h := uint64(n) * sizeFactor
	switch {
	case n > 8:
		head = binary.LittleEndian.Uint64(src[start:])
		h ^= bits.RotateLeft64(binary.LittleEndian.Uint64(src[end-8:]), 29)
	case start+8 <= len(src):
		// Bytes behind the text are there to be read, and cut off.
		head = binary.LittleEndian.Uint64(src[start:]) & (1<<(8*uint(n)) - 1)
	default:
		for i := range n {
			head |= uint64(src[start+i]) << (8 * uint(i))
		}
	}
	h = (h ^ head) * t.mult
	return head, h >> t.shift
}

// find returns the index of the name that is src[start:end], -1 when there is
// none.
func (t *keyTable) find(src []byte, start, end int) int {
	head, h := t.hash(src, start, end)
	n := end - start
	for {
		s := &t.slots[h&uint64(len(t.slots)-1)]
		if s.name < 0 {
			return -1
		}
		if s.head == head && int(s.size) == n && (n <= 8 || string(src[start+8:end]) == t.names[s.name][8:]) {
			return int(s.name)
		}
		h++
	}
}
