package schema

import "hash/maphash"

// entry is a slot of the scratch's table: of members by key, or of items by
// their canonical text.
type entry struct {
	hash  uint64
	at    uint32 // node of the member, or where the item's text starts; see used
	end   uint32 // where the item's text ends
	inUse bool
}

// takeTable returns an empty table for n entries, at least half of it free.
func (s *scratch) takeTable(n int) []entry {
	size := 8
	for size < 2*n {
		size *= 2
	}
	if cap(s.table) < size {
		s.table = make([]entry, size)
	}
	s.table = s.table[:size]
	clear(s.table)
	return s.table
}

// overridden says whether a later member of the object has the key of the one
// at a node. The first answer of an object that has duplicates costs time
// linear in its members and finds them all. A no before that costs such time
// too, and ends the check of the object: who goes on calls markOverridden
// first.
func (r *run) overridden(object, at uint32) bool {
	if !r.isMarked(object) {
		if !r.comesAgain(object, at) {
			return false
		}
		r.markOverridden(object)
	}
	return r.dead[at>>6]>>(at&63)&1 != 0
}

// isMarked says whether the overridden members of an object are known.
func (r *run) isMarked(object uint32) bool {
	if r.scratch == nil || len(r.dead) == 0 {
		return false
	}
	known := r.dead[len(r.dead)/2:]
	return known[object>>6]>>(object&63)&1 != 0
}

// comesAgain says whether a key may come again behind a member: keys with
// escapes are taken for equal.
func (r *run) comesAgain(object, at uint32) bool {
	n := &r.nodes[at]
	key := r.src[n.KeyStart:n.KeyEnd]
	for i, end := n.Next, r.nodes[object].Next; i < end; i = r.nodes[i].Next {
		m := &r.nodes[i]
		if n.KeyEscaped() || m.KeyEscaped() || string(key) == string(r.src[m.KeyStart:m.KeyEnd]) {
			return true
		}
	}
	return false
}

// markOverridden marks the members of the object that are overridden and
// returns how many those are. Time linear in the object's length.
func (r *run) markOverridden(object uint32) int {
	s := r.room()
	r.mark(object)
	members := 0
	for i := object + 1; i < r.nodes[object].Next; i = r.nodes[i].Next {
		members++
	}
	table, marked := s.takeTable(members), 0
	for i := object + 1; i < r.nodes[object].Next; i = r.nodes[i].Next {
		e := r.slotOfKey(table, i)
		if e.inUse {
			s.dead[e.at>>6] |= 1 << (e.at & 63)
			marked++
		}
		e.at, e.inUse = i, true
	}
	return marked
}

// slotOfKey returns the entry of a member's key, or the free one for it, with
// the hash set.
func (r *run) slotOfKey(table []entry, at uint32) *entry {
	key, mark := r.pushKey(at)
	hash := maphash.Bytes(hashSeed, key)
	mask := uint64(len(table) - 1)
	for h := hash; ; h++ {
		e := &table[h&mask]
		if !e.inUse || e.hash == hash && r.compareKeys(e.at, at) == 0 {
			e.hash = hash
			r.pop(mark)
			return e
		}
	}
}

// mark notes that the overridden members of an object are known.
func (r *run) mark(object uint32) {
	s := r.room()
	words := (len(r.nodes) + 63) / 64
	if len(s.dead) == 0 {
		if cap(s.dead) < 2*words {
			s.dead = make([]uint64, 2*words)
		}
		s.dead = s.dead[:2*words]
	}
	s.dead[words+int(object>>6)] |= 1 << (object & 63)
}
