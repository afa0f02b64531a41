package pipeline

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"strconv"
)

// DuplicateKeys finds objects that have a key twice. Keys are the same when
// they stand for the same text: "a" and "\u0061" are. The zero value is ready;
// it keeps its memory from record to record and is for one goroutine.
type DuplicateKeys struct {
	slots   []uint32 // hash table of an object's members, 0 for none
	decoded []byte   // the key being looked at, where it has an escape
	other   []byte   // the key it is compared with, likewise
	seed    maphash.Seed
}

// fewMembers is the number up to which an object's keys are compared with each
// other, and then only those whose first and last bytes agree.
const fewMembers = 16

// Find returns two members of one object that have the same key, the earlier
// one first; missing ones where there are none. Of several objects it is the
// one that begins first. Time linear in the record's size, whatever the keys.
func (d *DuplicateKeys) Find(root Value) (first, second Value) {
	if !root.Exists() {
		return Value{}, Value{}
	}
	nodes := root.nodes
	for at, end := root.at, nodes[root.at].Next; at < end; at++ {
		if nodes[at].Kind != KindObject || nodes[at].Next-at < 3 {
			continue
		}
		if one, other := d.few(root, at); other != 0 {
			return root.child(one), root.child(other)
		}
	}
	return Value{}, Value{}
}

// few looks at an object's members and hands over to many when there are too
// many of them.
func (d *DuplicateKeys) few(v Value, object uint32) (first, second uint32) {
	var seen [fewMembers]uint32
	n, keys := 0, keySet(0)
	for i, end := object+1, v.nodes[object].Next; i < end; i = v.nodes[i].Next {
		if n == fewMembers {
			return d.many(v, object)
		}
		key := d.key(&d.decoded, v, i)
		if bit := keyBit(key); !keys.mayHave(bit) {
			keys |= bit
		} else {
			for _, earlier := range seen[:n] {
				if d.same(v, earlier, key) {
					return earlier, i
				}
			}
		}
		seen[n] = i
		n++
	}
	return 0, 0
}

// many puts an object's members into a hash table. The hash has a seed, so that
// nobody can send keys that collide.
func (d *DuplicateKeys) many(v Value, object uint32) (first, second uint32) {
	const spare = 2
	n := 0
	for i, end := object+1, v.nodes[object].Next; i < end; i = v.nodes[i].Next {
		n++
	}
	if d.seed == (maphash.Seed{}) {
		d.seed = maphash.MakeSeed()
	}
	size := 1 << bits.Len(uint(spare*n))
	d.slots = slices.Grow(d.slots[:0], size)[:size]
	clear(d.slots)
	defer d.shrink()
	for i, end := object+1, v.nodes[object].Next; i < end; i = v.nodes[i].Next {
		key := d.key(&d.decoded, v, i)
		slot := maphash.Bytes(d.seed, key) & uint64(size-1)
		for ; d.slots[slot] != 0; slot = (slot + 1) & uint64(size-1) {
			if d.same(v, d.slots[slot], key) {
				return d.slots[slot], i
			}
		}
		d.slots[slot] = i
	}
	return 0, 0
}

// shrink gives up a table that one odd record made large.
func (d *DuplicateKeys) shrink() {
	if cap(d.slots) > 1<<16 {
		d.slots = nil
	}
}

// key returns what the key of a member stands for, in buf where it has an
// escape.
func (d *DuplicateKeys) key(buf *[]byte, v Value, member uint32) []byte {
	n := &v.nodes[member]
	key := v.src[n.KeyStart:n.KeyEnd]
	if n.flags&flagKeyEscaped == 0 {
		return key
	}
	*buf = appendUnescaped((*buf)[:0], key)
	return *buf
}

func (d *DuplicateKeys) same(v Value, member uint32, key []byte) bool {
	n := &v.nodes[member]
	if n.flags&flagKeyEscaped == 0 && int(n.KeyEnd-n.KeyStart) != len(key) {
		return false
	}
	return string(d.key(&d.other, v, member)) == string(key)
}

// Pointer returns the place of v in the text that it was scanned from, as a
// JSON Pointer (RFC 6901). Time linear in the size of the index.
func (v Value) Pointer() string {
	var p []byte
	for at := uint32(0); at < v.at; {
		inObject, index := v.nodes[at].Kind == KindObject, int64(0)
		for at++; v.nodes[at].Next <= v.at; at = v.nodes[at].Next {
			index++
		}
		if inObject {
			p = appendPointerToken(p, Value{v.src, v.nodes, at}.Key())
		} else {
			p = strconv.AppendInt(append(p, '/'), index, 10)
		}
	}
	return string(p)
}
