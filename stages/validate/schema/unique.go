package schema

import "hash/maphash"

// unique says whether no two items of an array are equal. Time linear in the
// array's length, whatever the items: their hashes are seeded anew in each
// process.
func (r *run) unique(at uint32, count int) bool {
	s := r.room()
	table := s.takeTable(count)
	defer func() { s.canon = s.canon[:0] }()
	for i, end := at+1, r.nodes[at].Next; i < end; i = r.nodes[i].Next {
		start := len(s.canon)
		text := r.canonical(i)
		hash := maphash.Bytes(hashSeed, text)
		mask := uint64(len(table) - 1)
		h := hash
		for ; table[h&mask].inUse; h++ {
			if e := &table[h&mask]; e.hash == hash && string(s.canon[e.at:e.end]) == string(text) {
				return false
			}
		}
		table[h&mask] = entry{hash: hash, at: uint32(start), end: uint32(len(s.canon)), inUse: true}
	}
	return true
}
